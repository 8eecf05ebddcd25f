//! The question before an action: whom it hits, whom it leaves out, what has to be filled in.

use super::perform::{self, Input};
use super::{survey, words};
use crate::api::redact::Redaction;
use crate::api::users::User;
use crate::api::{RoomId, UserId};
use crate::components::field::{Check, Field, Lines};
use crate::components::toast::Toasts;
use crate::i18n::{format, t};
use crate::operations::{Confirmation, Fields, Operations, Proposal};
use crate::pages::gather::Gatherer;
use crate::pages::users::is_system;
use crate::session::Session;
use crate::ui::view;
use crate::user_actions::{self, Action, Hit};
use crate::weight::Weight;
use leptos::prelude::*;
use std::rc::Rc;

/// How many of the users are named.
const NAMED: usize = 5;

/// The server's own limit of messages per room.
const REDACTED: &str = "1000";

/// Asks, and does it once confirmed. `on_change` is called when something may have changed;
/// `on_start` when it begins.
pub fn propose(
    gatherer: Gatherer,
    action: Action,
    accounts: &[User],
    on_start: Rc<dyn Fn()>,
    on_change: Rc<dyn Fn()>,
) {
    let Some(own) = Session::get().user_id() else {
        return;
    };
    let hit = user_actions::hit(action, accounts, &own, &is_system);
    if hit.users.is_empty() {
        let mut text = t::act_nobody();
        for (words, _) in left_out(&hit) {
            text.push(' ');
            text.push_str(&words);
            text.push('.');
        }
        return Toasts::get().info(text);
    }
    if !survey::is_due(action) {
        return ask(action, &hit, Vec::new(), on_start, on_change);
    }
    let users: Rc<[UserId]> = hit.users.clone().into();
    gatherer.wait(
        move |reading| async move { survey::facts(action, &users, &reading).await },
        move |facts| ask(action, &hit, facts, on_start, on_change),
    );
}

/// Whom it leaves out, in words and numbers.
fn left_out(hit: &Hit) -> Vec<(String, String)> {
    let number = |count: usize| format::number(count as f64);
    let mut facts = Vec::new();
    if hit.unchanged > 0 {
        facts.push((t::act_fact_unchanged(), number(hit.unchanged)));
    }
    if hit.own {
        let own = Session::get().user_id();
        facts.push((
            t::act_fact_own(),
            own.map(|own| own.to_string()).unwrap_or_default(),
        ));
    }
    if hit.system > 0 {
        facts.push((t::act_fact_system(), number(hit.system)));
    }
    facts
}

fn ask(
    action: Action,
    hit: &Hit,
    surveyed: Vec<(String, String)>,
    on_start: Rc<dyn Fn()>,
    on_change: Rc<dyn Fn()>,
) {
    let users: Rc<[UserId]> = hit.users.clone().into();
    let count = users.len() as u64;
    let mut names: Vec<&str> = users.iter().take(NAMED).map(UserId::as_str).collect();
    if users.len() > NAMED {
        names.push("…");
    }
    let mut facts = vec![(
        t::act_fact_users(),
        match users.len() {
            1 => names.join(""),
            _ => format!("{}: {}", format::number(count as f64), names.join(", ")),
        },
    )];
    if hit.admins > 0 {
        facts.push((t::act_fact_admins(), format::number(hit.admins as f64)));
    }
    facts.extend(surveyed);
    facts.extend(left_out(hit));
    let (fields, input) = fields(action);
    let confirmation = match (action.weight(), &users[..]) {
        (Weight::Irreversible, [user]) => Confirmation::Type(user.to_string()),
        (Weight::Irreversible, _) => Confirmation::Type(count.to_string()),
        _ => Confirmation::Click,
    };
    let title = words::title(action, count);
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence: words::sentence(action)(),
        facts,
        action: title,
        danger: action.weight() == Weight::Irreversible,
        confirmation,
        fields,
        run: Rc::new(move || {
            on_start();
            perform::start(action, &users, input(), Rc::clone(&on_change));
        }),
    });
}

/// The room IDs in a text, or what in it is none.
fn rooms_of(text: &str) -> Result<Vec<RoomId>, String> {
    let words = text.split_whitespace();
    words
        .map(|word| RoomId::parse(word).ok_or_else(|| word.to_owned()))
        .collect()
}

/// What has to be filled in, and what it says when it is.
fn fields(action: Action) -> (Option<Fields>, Rc<dyn Fn() -> Input>) {
    let text = |value: RwSignal<String>| value.with_untracked(|text| text.trim().to_owned());
    match action {
        Action::Notice => {
            let message = RwSignal::new(String::new());
            let view =
                move || view! { <Lines label=t::act_notice_field value=message /> }.into_any();
            let incomplete = Signal::derive(move || message.with(|text| text.trim().is_empty()));
            (
                Some(Fields {
                    view: Rc::new(view),
                    incomplete,
                }),
                Rc::new(move || Input::Text(text(message))),
            )
        }
        Action::Join => {
            let room = RwSignal::new(String::new());
            let view = move || {
                view! {
                    <Field
                        label=t::act_join_field
                        hint=Signal::derive(t::act_join_hint)
                        value=room
                        mono=true
                    />
                }
                .into_any()
            };
            let incomplete = Signal::derive(move || {
                room.with(|room| !room.trim().starts_with(['!', '#']) || room.trim().len() < 2)
            });
            (
                Some(Fields {
                    view: Rc::new(view),
                    incomplete,
                }),
                Rc::new(move || Input::Text(text(room))),
            )
        }
        Action::Redact => {
            let reason = RwSignal::new(String::new());
            let limit = RwSignal::new(REDACTED.to_owned());
            let rooms = RwSignal::new(String::new());
            let no_room = Signal::derive(move || {
                let wrong = rooms.with(|text| rooms_of(text).err());
                wrong.map(|text| t::act_redact_rooms_wrong(&text))
            });
            let wrong = Signal::derive(move || {
                let number = limit.with(|limit| limit.trim().parse::<u64>());
                (!matches!(number, Ok(1..))).then(t::act_redact_limit_wrong)
            });
            let view = move || {
                view! {
                    <Field
                        label=t::act_redact_reason
                        hint=Signal::derive(t::act_redact_reason_hint)
                        value=reason
                    />
                    <Field
                        label=t::act_redact_limit
                        hint=Signal::derive(t::act_redact_limit_hint)
                        value=limit
                        error=wrong
                    />
                    <Lines
                        label=t::act_redact_rooms
                        hint=Signal::derive(t::act_redact_rooms_hint)
                        value=rooms
                        error=no_room
                        mono=true
                        rows=2
                    />
                }
                .into_any()
            };
            (
                Some(Fields {
                    view: Rc::new(view),
                    incomplete: Signal::derive(move || {
                        wrong.with(Option::is_some) || no_room.with(Option::is_some)
                    }),
                }),
                Rc::new(move || {
                    Input::Redaction(Redaction {
                        rooms: rooms.with_untracked(|text| rooms_of(text).unwrap_or_default()),
                        reason: Some(text(reason)).filter(|reason| !reason.is_empty()),
                        limit: text(limit).parse().ok(),
                        ..Redaction::default()
                    })
                }),
            )
        }
        Action::Reactivate => {
            let server = Session::get().capabilities_now();
            let needed = !server.since(99);
            let elsewhere = untrack(|| Session::get().has_external_auth());
            let wanted = RwSignal::new(!elsewhere);
            let view = move || {
                let hint = move || match needed {
                    true => format!(
                        "{} {}",
                        t::act_password_each_hint(),
                        t::act_password_needed()
                    ),
                    false => t::act_password_each_hint(),
                };
                view! {
                    <Check
                        label=t::act_password_each
                        hint=Signal::derive(hint)
                        value=wanted
                        disabled=needed
                    />
                }
                .into_any()
            };
            let fields = (!elsewhere).then(|| Fields {
                view: Rc::new(view),
                incomplete: Signal::stored(false),
            });
            (
                fields,
                Rc::new(move || Input::Passwords(wanted.get_untracked())),
            )
        }
        _ => (None, Rc::new(|| Input::None)),
    }
}
