//! What is filled in before an action.

use super::history;
use super::perform::Input;
use crate::api::room_removal::{Deletion, UpTo};
use crate::api::tolerant::Timestamp;
use crate::api::{EventId, RoomId};
use crate::components::field::{Check, DateTimeField, Field, Lines};
use crate::i18n::{Words, t};
use crate::operations::Fields;
use crate::pages::media::repository::filter::{date_problem, presets};
use crate::pages::rooms::account::{local_user, not_local, own};
use crate::rooms::actions::Action;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::room_field::{RoomChoice, room_access};
use leptos::prelude::*;
use std::rc::Rc;

/// The fields, and what they say when the action is confirmed.
type Filled = (Option<Fields>, Rc<dyn Fn() -> Input>);

/// What has to be filled in.
pub fn fields(action: Action, rooms: &Rc<[RoomId]>) -> Filled {
    match action {
        Action::Join => join(rooms),
        Action::PurgeHistory => purge(rooms),
        Action::Delete => delete(rooms.len()),
        Action::Block
        | Action::Unblock
        | Action::Publish
        | Action::Unpublish
        | Action::MakeMeAdmin
        | Action::QuarantineMedia
        | Action::DeleteMedia => (None, Rc::new(|| Input::None)),
    }
}

fn filled(
    view: impl Fn() -> Node + 'static,
    incomplete: Signal<bool>,
    input: impl Fn() -> Input + 'static,
) -> Filled {
    let fields = Fields {
        view: Rc::new(view),
        incomplete,
    };
    (Some(fields), Rc::new(input))
}

fn trimmed(value: RwSignal<String>) -> String {
    value.with_untracked(|text| text.trim().to_owned())
}

fn join(rooms: &Rc<[RoomId]>) -> Filled {
    let user = RwSignal::new(own());
    // Of several rooms each answers for itself.
    let room = match &rooms[..] {
        [room] => Some(RoomChoice::given(room)),
        _ => None,
    };
    let view = move || {
        view! {
            <Field
                label=t::room_act_join_field
                hint=Signal::derive(t::room_act_join_hint)
                value=user
                error=not_local(user)
                mono=true
            />
            {room.map(room_access)}
        }
        .into_node()
    };
    filled(
        view,
        Signal::derive(move || {
            user.with(|text| local_user(text).is_none()) || room.is_some_and(RoomChoice::is_closed)
        }),
        move || match local_user(&trimmed(user)) {
            Some(user) => Input::User(user),
            None => Input::None,
        },
    )
}

fn purge(rooms: &Rc<[RoomId]>) -> Filled {
    let at: RwSignal<Option<Timestamp>> = RwSignal::new(None);
    let event = RwSignal::new(String::new());
    // Events are of one room.
    let one = rooms.len() == 1;
    let local = RwSignal::new(false);
    let by_event = Memo::new(move |_| event.with(|text| !text.trim().is_empty()));
    // Up to an event the date means nothing, though it stays in its field.
    let up_to = Memo::new(move |_| match by_event.get() {
        true => event.with(|text| EventId::parse(text.trim()).map(UpTo::Event)),
        false => at.get().map(UpTo::Moment),
    });
    let wrong = Signal::derive(move || at.get().and_then(date_problem));
    let no_event = Signal::derive(move || {
        let wrong = by_event.get() && up_to.with(Option::is_none);
        wrong.then(t::room_purge_event_wrong)
    });
    let incomplete = Signal::derive(move || {
        let wrong = !by_event.get() && wrong.with(Option::is_some);
        wrong || up_to.with(Option::is_none)
    });
    let rooms = Rc::clone(rooms);
    let view = move || {
        let hint = move || match history::knows_own() {
            true => t::room_purge_local_hint(),
            false => t::room_purge_local_old(),
        };
        view! {
            <DateTimeField
                label=t::room_purge_before
                hint=Signal::derive(t::room_purge_before_hint)
                at
                error=wrong
                presets=presets()
                disabled=by_event
            />
            {one
                .then(|| {
                    view! {
                        <Field
                            label=t::room_purge_event
                            hint=Signal::derive(t::room_purge_event_hint)
                            value=event
                            error=no_event
                            mono=true
                        />
                    }
                })}
            <Check label=t::room_purge_local hint=Signal::derive(hint) value=local />
            {history::preview(Rc::clone(&rooms), up_to, local)}
        }
        .into_node()
    };
    filled(view, incomplete, move || {
        let local = local.get_untracked();
        let up_to = up_to.get_untracked();
        up_to.map_or(Input::None, |up_to| Input::History(up_to, local))
    })
}

/// Whether nothing is typed.
fn is_empty(value: RwSignal<String>) -> bool {
    value.with(|text| text.trim().is_empty())
}

/// What the server does with a text for the new room that is left empty.
fn left_empty(value: RwSignal<String>) -> Signal<Option<String>> {
    Signal::derive(move || is_empty(value).then(t::room_delete_needed))
}

fn delete(count: usize) -> Filled {
    let block = RwSignal::new(false);
    let purge = RwSignal::new(true);
    let force = RwSignal::new(false);
    let moving = RwSignal::new(false);
    // What is left empty, Synapse fills in: it would tell the members of illegal content.
    let given = |words: Words| RwSignal::new(words());
    let (name, message) = (
        given(t::room_delete_name_given),
        given(t::room_delete_message_given),
    );
    let creator = RwSignal::new(own());
    let replacement = move || {
        moving.get().then(|| {
            let hint = move || t::room_delete_creator_hint(count as u64);
            view! {
                <div class="sub-fields">
                    <Field
                        label=t::room_delete_creator
                        hint=Signal::derive(hint)
                        value=creator
                        error=not_local(creator)
                        mono=true
                    />
                    <Field label=t::room_delete_name value=name error=left_empty(name) />
                    <Lines
                        label=t::room_delete_message
                        value=message
                        error=left_empty(message)
                        rows=2
                    />
                </div>
            }
        })
    };
    let view = move || {
        view! {
            <Check label=t::room_delete_purge hint=Signal::derive(t::room_delete_purge_hint) value=purge />
            <Check
                label=t::room_delete_force
                hint=Signal::derive(t::room_delete_force_hint)
                value=force
                disabled=Signal::derive(move || !purge.get())
            />
            <Check label=t::room_delete_block hint=Signal::derive(t::room_delete_block_hint) value=block />
            <Check label=t::room_delete_move hint=Signal::derive(t::room_delete_move_hint) value=moving />
            {replacement}
        }
        .into_node()
    };
    let incomplete = Signal::derive(move || {
        let is_nobody = creator.with(|text| local_user(text).is_none());
        moving.get() && (is_nobody || is_empty(name) || is_empty(message))
    });
    filled(view, incomplete, move || {
        let text = |value: RwSignal<String>| {
            let text = trimmed(value);
            (moving.get_untracked() && !text.is_empty()).then_some(text)
        };
        Input::Deletion(Deletion {
            new_room_user_id: text(creator).as_deref().and_then(local_user),
            room_name: text(name),
            message: text(message),
            block: block.get_untracked(),
            purge: purge.get_untracked(),
            force_purge: purge.get_untracked() && force.get_untracked(),
        })
    })
}
