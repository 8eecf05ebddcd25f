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
use crate::ui::{IntoNode, view};
use crate::users::actions::Action;
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

/// What has to be filled in before this is done to them, and what it says when it is.
pub fn fields(action: Action, users: &UserIds) -> Filled {
    let text = |value: RwSignal<String>| value.with_untracked(|text| text.trim().to_owned());
    match action {
        Action::Notice => notice::fields(),
        Action::LogOutIdle => idle::fields(users),
        Action::EraseAll => everything::fields(),
        Action::Join => {
            let choice = RoomChoice::none();
            (
                Some(Fields {
                    view: Rc::new(move || room_field(choice)),
                    incomplete: Signal::derive(move || choice.room().is_none()),
                }),
                Rc::new(move || untrack(|| choice.room()).map(Input::Room)),
            )
        }
        Action::Redact => {
            let reason = RwSignal::new(String::new());
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
            (
                Some(Fields {
                    view: Rc::new(view),
                    incomplete: Signal::derive(move || {
                        wrong.with(Option::is_some) || no_room.with(Option::is_some)
                    }),
                }),
                Rc::new(move || {
                    let redaction = Redaction {
                        rooms: rooms.with_untracked(|text| rooms_of(text).unwrap_or_default()),
                        reason: Some(text(reason)).filter(|reason| !reason.is_empty()),
                        limit: text(limit).parse().ok(),
                        ..Redaction::default()
                    };
                    Some(Input::Redaction(redaction, past.get_untracked()))
                }),
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
        Action::Lock
        | Action::Unlock
        | Action::Suspend
        | Action::Unsuspend
        | Action::ShadowBan
        | Action::LiftShadowBan
        | Action::MakeAdmin
        | Action::TakeAdmin
        | Action::Approve
        | Action::QuarantineMedia
        | Action::DeleteMedia
        | Action::LogOut
        | Action::Deactivate
        | Action::Erase => (None, Rc::new(|| Some(Input::None))),
    }
}
