//! The tab "State": what is set in the room now, one line for each event.

use super::Shown;
use super::line::{Around, line};
use crate::api::events::{self, Event, MEMBER, StateEvents};
use crate::components::empty::Empty;
use crate::components::field::Field;
use crate::components::remote::remote;
use crate::i18n::events::sentence;
use crate::i18n::t;
use crate::listing::sort::sort_by;
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

/// So many lines are shown at once.
const LISTED: usize = 200;

/// The tab with the state of a room.
pub fn tab(shown: Shown) -> Node {
    let room = shown.id();
    let search = RwSignal::new(String::new());
    let kind = RwSignal::new(String::new());
    let limit = RwSignal::new(LISTED);
    let removed = RwSignal::<HashMap<String, Event>>::default();
    // What the room is called, and who is in it, may have stood in what was removed.
    Effect::new(move |before: Option<()>| {
        removed.track();
        if before.is_some() {
            shown.refresh();
        }
    });
    let around = Around {
        names: shown.names,
        sought: Signal::stored(None),
        removed,
    };
    remote(
        shown.changed,
        move || {
            shown.names.ask();
            let room = room.clone();
            async move { Client::get().send(events::state(&room, None)).await }
        },
        move |found: &StateEvents| list(shown, found.state.clone(), (search, kind, limit), around),
    )
}

fn list(
    shown: Shown,
    mut all: Vec<Event>,
    (search, kind, limit): (RwSignal<String>, RwSignal<String>, RwSignal<usize>),
    around: Around,
) -> Node {
    // What is set of the room itself, then its members.
    let is_member = |event: &Event| event.kind == MEMBER;
    sort_by(&mut all, |a, b| {
        let by_kind = is_member(a).cmp(&is_member(b));
        let by_kind = by_kind.then_with(|| a.kind.cmp(&b.kind));
        by_kind.then_with(|| a.state_key.cmp(&b.state_key))
    });
    let kinds: BTreeSet<&str> = all.iter().map(|event| event.kind.as_str()).collect();
    let kinds: Vec<String> = kinds.into_iter().map(str::to_owned).collect();
    let total = all.len() as u64;
    let all: Rc<[Event]> = all.into();
    let names = shown.names;
    let rows = move || {
        let term = search.with(|search| search.trim().to_lowercase());
        let wanted = kind.get();
        let fits = |event: &&Event| {
            event.kind.contains(wanted.trim())
                && (term.is_empty() || text_of(event, names).contains(&term))
        };
        let matching: Vec<&Event> = all.iter().filter(fits).collect();
        let room = shown.id();
        let left = matching.len().saturating_sub(limit.get());
        if matching.is_empty() {
            return view! { <Empty picture="search" title=t::list_no_match /> }.into_node();
        }
        let lines = matching
            .into_iter()
            .take(limit.get())
            .map(|event| line(event, &room, around))
            .collect_view();
        view! {
            <ul class="events">{lines}</ul>
            {(left > 0)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button"
                            on:click=move |_| limit.update(|limit| *limit += LISTED)
                        >
                            {t::room_state_more(left as u64)}
                        </button>
                    }
                })}
        }
        .into_node()
    };
    view! {
        <section class="card">
            <div class="form-row">
                <Field label=t::room_state_search value=search kind="search" />
                <Field
                    label=t::room_state_kind
                    hint=Signal::derive(move || t::room_state_all(total))
                    value=kind
                    mono=true
                    suggestions=kinds
                />
            </div>
            {rows}
        </section>
    }
    .into_node()
}

/// The text of a state event that the search looks at.
fn text_of(event: &Event, names: super::names::Names) -> String {
    let words = sentence(event, &|user| names.name(user)).unwrap_or_default();
    let key = event.state_key.as_deref().unwrap_or_default();
    format!(
        "{}\n{key}\n{}\n{words}\n{}",
        event.kind, event.sender, event.content
    )
    .to_lowercase()
}
