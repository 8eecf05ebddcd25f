//! An event, as a line that reads; its JSON one click away.

use super::names::Names;
use super::removal::{self, Said};
use crate::address::route::Route;
use crate::api::events::{self, Event};
use crate::api::tame::CUT;
use crate::api::{EventId, RoomId, UserId};
use crate::components::badge::{Tone, badge};
use crate::components::button::Button;
use crate::components::json::json_entry;
use crate::components::link::link;
use crate::components::one_thing;
use crate::components::time::date_time;
use crate::i18n::events::sentence;
use crate::i18n::t;
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::propose::propose;
use crate::widgets::gather::Gatherer;
use crate::widgets::pictures::avatar_of;
use leptos::prelude::*;
use std::collections::HashMap;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// What the line of an event knows around it.
#[derive(Clone, Copy)]
pub struct Around {
    pub names: Names,
    /// The event that was looked for, marked.
    pub sought: Signal<Option<String>>,
    /// What is left of those that have been removed here, by their ID: their lines say so where they
    /// stand.
    pub removed: RwSignal<HashMap<String, Event>>,
}

/// An event as a line that reads, with its JSON one click away.
pub fn line(event: &Event, room: &RoomId, around: Around) -> Node {
    let names = around.names;
    let shown = {
        let event = event.clone();
        Memo::new(move |_| {
            let left = |removed: &HashMap<_, Event>| removed.get(&event.event_id).cloned();
            around.removed.with(left).unwrap_or_else(|| event.clone())
        })
    };
    let said = move || {
        shown.with(|event| {
            let sentence = sentence(event, &|user| names.name(user));
            match sentence {
                Some(sentence) => view! { <bdi class="event-words">{sentence}</bdi> }.into_node(),
                None => view! {
                    <bdi class="event-words">
                        {names.name(&event.sender)} ": " <code>{event.kind.clone()}</code>
                    </bdi>
                }
                .into_node(),
            }
        })
    };
    let sender = event.sender.clone();
    let picture = move || {
        let person = names.person(&sender).unwrap_or_default();
        let name = match person.name.as_str() {
            "" => sender.as_str(),
            name => name,
        };
        avatar_of(&sender, name, person.picture.as_deref())
    };
    let json = move || shown.with(|event| serde_json::to_string_pretty(event).unwrap_or_default());
    let marks = move || {
        let (is_redacted, is_state) =
            shown.with(|event| (event.is_redacted(), event.state_key.is_some()));
        [
            (
                is_redacted,
                Tone::Warning,
                t::ev_mark_removed as crate::i18n::Words,
            ),
            (is_state, Tone::Neutral, t::room_state),
            (json().contains(CUT), Tone::Warning, t::ev_mark_cut),
        ]
        .into_iter()
        .filter(|(is, ..)| *is)
        .map(|(_, tone, words)| badge(tone, words))
        .collect_view()
    };
    let summary = view! {
        {picture}
        <span class="event-line">{said}</span>
        <span>{marks}</span>
        <span class="event-time">{date_time(event.origin_server_ts)}</span>
    }
    .into_node();
    let more: Rc<dyn Fn() -> Node> = {
        let room = room.clone();
        Rc::new(move || shown.with(|event| tools(event, &room, around)))
    };
    let id = event.event_id.clone();
    let sought = around.sought;
    let marked = Memo::new(move |_| sought.with(|sought| sought.as_deref() == Some(id.as_str())));
    view! {
        <li class="event" data-sought=move || marked.get().then_some("true")>
            {json_entry(summary, t::ev_json, move || json().into(), Some(more))}
        </li>
    }
    .into_node()
}

/// What can be done with it.
fn tools(event: &Event, room: &RoomId, around: Around) -> Node {
    let id = event.event_id.clone();
    let context = event_route(room, &id);
    let sender = UserId::parse(&event.sender).map(|user| Route::user(&user).to_string());
    let can_be_removed = !event.is_redacted() && EventId::parse(&id).is_some();
    let (room, event) = (room.clone(), event.clone());
    view! {
        <div class="event-tools">
            {link(&context, "button", t::ev_context)}
            {sender.map(|sender| link(&sender, "button", t::ev_sender))}
            {can_be_removed
                .then(|| {
                    view! {
                        <Button
                            label=t::ev_remove
                            icon="trash"
                            kind=crate::components::button::ButtonKind::Danger
                            on_press=move || remove(&event, &room, around)
                        />
                    }
                })}
        </div>
    }
    .into_node()
}

/// Where an event is shown among those around it.
pub fn event_route(room: &RoomId, event: &str) -> String {
    let route = Route::room(room).tab("messages");
    format!("{route}&event={}", crate::api::encode::encoded(event))
}

/// Asks, and removes its content for everybody.
fn remove(event: &Event, room: &RoomId, around: Around) {
    let Some(id) = EventId::parse(&event.event_id) else {
        return;
    };
    let names = around.names;
    let said = untrack(|| sentence(event, &|user| names.name(user)));
    let targets = removal::about(Said {
        room: room.clone(),
        room_title: String::new(),
        event: id.clone(),
        sender: event.sender.clone(),
        words: said.unwrap_or_else(|| event.kind.clone()),
        is_redacted: event.is_redacted(),
    });
    let room = room.clone();
    let again = move || spawn_local(read_again(room.clone(), id.clone(), around));
    propose(Gatherer::new(), 0, &targets, Rc::new(|| ()), Rc::new(again));
}

/// Shows what is left of an event that has been removed, where it stands.
async fn read_again(room: RoomId, id: EventId, around: Around) {
    match Client::get().send(events::context(&room, &id, 0)).await {
        // It may have failed.
        Ok(found) if !found.event.is_redacted() => {}
        Ok(found) => keep_focus(|| {
            // The page may have been left.
            let _ = around.removed.try_update(|removed| {
                removed.insert(id.to_string(), found.event);
            });
        }),
        Err(error) => one_thing::tell_stale(&error, room.as_str()),
    }
}

/// Does something that may take away the button that has the focus: the line it belongs to has it then.
fn keep_focus(change: impl FnOnce()) {
    let focused = || document().active_element();
    let near = |element: web_sys::Element, selector: &str| element.closest(selector).ok().flatten();
    let entry = focused().and_then(|element| near(element, "details"));
    change();
    request_animation_frame(move || {
        // Without a home the body has it.
        let is_lost = focused().and_then(|now| near(now, "body *")).is_none();
        let line = entry.and_then(|entry| entry.query_selector("summary").ok().flatten());
        let line = line.and_then(|line| line.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(line) = line.filter(|_| is_lost) {
            let _ = line.focus();
        }
    });
}
