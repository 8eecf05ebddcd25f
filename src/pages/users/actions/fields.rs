//! What is filled in before an action.

use super::perform::Input;
use super::targets::UserIds;
use super::{everything, idle, notice, redactions};
use crate::api::RoomId;
use crate::api::redact::Redaction;
use crate::api::server::Feature;
use crate::components::badge::Tone;
use crate::components::field::{Check, Field, Lines};
use crate::components::notice::Notice;
use crate::i18n::features::why_not;
use crate::i18n::t;
use crate::operations::Fields;
use crate::pages::users::at_mas::passwords_are_off;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use crate::users::actions::Action;
use crate::widgets::reason_field::WrittenReason;
use crate::widgets::room_field::{RoomChoice, room_field};
use leptos::prelude::*;
use std::rc::Rc;

/// The server's own limit of messages per room.
const REDACTED: &str = "1000";

/// The room IDs in a text, or what in it is none.
fn rooms_of(text: &str) -> Result<Vec<RoomId>, String> {
    let words = text.split_whitespace();
    words
        .map(|word| RoomId::parse(word).ok_or_else(|| word.to_owned()))
        .collect()
}

/// The fields, and what they say when the action is confirmed.
pub type Filled = (Option<Fields>, Rc<dyn Fn() -> Option<Input>>);

/// What is shown to be filled in, whether something is missing, and what it says when the action is
/// confirmed.
pub fn filled(
    view: impl Fn() -> Node + 'static,
    incomplete: Signal<bool>,
    input: impl Fn() -> Option<Input> + 'static,
) -> Filled {
    let fields = Fields {
        view: Rc::new(view),
        incomplete,
    };
    (Some(fields), Rc::new(input))
}

/// What has to be filled in before this is done to them, and what it says when it is.
pub fn fields(action: Action, users: &UserIds) -> Filled {
    match action {
        Action::Notice => notice::fields(),
        Action::LogOutIdle => idle::fields(users),
        Action::EraseAll => everything::fields(),
        Action::Join => {
            let choice = RoomChoice::none();
            filled(
                move || room_field(choice),
                Signal::derive(move || choice.room().is_none()),
                move || untrack(|| choice.room()).map(Input::Room),
            )
        }
        Action::Redact => {
            let reason = WrittenReason::none();
            let limit = RwSignal::new(REDACTED.to_owned());
            let rooms = RwSignal::new(String::new());
            let server = Session::get().capabilities_now();
            let lack = server.lack(Feature::Memberships);
            let past = RwSignal::new(lack.is_none());
            let no_room = Signal::derive(move || {
                let wrong = rooms.with(|text| rooms_of(text).err());
                wrong.map(|text| t::act_redact_rooms_wrong(&text))
            });
            let wrong = Signal::derive(move || {
                let number = limit.with(|limit| limit.trim().parse::<u64>());
                (!matches!(number, Ok(1..))).then(t::act_redact_limit_wrong)
            });
            let view = move || {
                let left = redactions::left_by_server();
                view! {
                    {left.map(|left| view! { <Notice tone=Tone::Warning>{left}</Notice> })}
                    {reason.view()}
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
                    <Check
                        label=t::act_redact_past
                        hint=Signal::derive(move || match lack {
                            Some(lack) => why_not(lack),
                            None => t::act_redact_past_hint(),
                        })
                        value=past
                        disabled=Signal::derive(move || {
                            lack.is_some() || rooms.with(|text| !text.trim().is_empty())
                        })
                    />
                }
                .into_node()
            };
            filled(
                view,
                Signal::derive(move || {
                    wrong.with(Option::is_some) || no_room.with(Option::is_some)
                }),
                move || {
                    let redaction = Redaction {
                        rooms: rooms.with_untracked(|text| rooms_of(text).unwrap_or_default()),
                        reason: reason.text(),
                        limit: limit.with_untracked(|limit| limit.trim().parse().ok()),
                        ..Redaction::default()
                    };
                    Some(Input::Redaction(redaction, past.get_untracked()))
                },
            )
        }
        Action::Reactivate => {
            let server = Session::get().capabilities_now();
            // It insists where it takes passwords, whatever the deployment says of them.
            let needed = !server.since(99) && !server.delegated_auth && !server.without_passwords;
            let at_mas = server.mas().is_some();
            let elsewhere = Session::get().has_external_auth_now() && !needed && !at_mas;
            // At MAS they keep the one they had.
            let wanted = RwSignal::new(!elsewhere && !at_mas);
            let off = match at_mas {
                true => passwords_are_off(),
                false => RwSignal::new(false),
            };
            let view = move || {
                let hint = move || match needed {
                    _ if off.get() => t::act_password_off(),
                    _ if at_mas => t::act_password_each_mas(),
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
                        disabled=Signal::derive(move || needed || off.get())
                    />
                }
                .into_node()
            };
            let fields = (!elsewhere).then(|| Fields {
                view: Rc::new(view),
                incomplete: Signal::stored(false),
            });
            (
                fields,
                Rc::new(move || {
                    let wanted = wanted.get_untracked() && !off.get_untracked();
                    Some(Input::Passwords(wanted))
                }),
            )
        }
        // Carrying out has an arm for each that would need more.
        _ => (None, Rc::new(|| Some(Input::None))),
    }
}
