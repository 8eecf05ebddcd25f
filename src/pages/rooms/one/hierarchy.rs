//! The tab "Hierarchy": the rooms of a space as a tree, each level read when it is opened.
//! Spaces may contain each other; a branch ends where it would come back to itself.

use super::Shown;
use crate::api::rooms::{self, Child, HierarchyRoom};
use crate::api::server::Feature;
use crate::api::{ApiError, RoomId, events};
use crate::components::button::Button;
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::i18n::t;
use crate::pages::rooms::branch::{self, Branch};
use crate::rooms::hierarchy::Reached;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// So many pages of a level are read at a time: a thousand rooms.
const PAGES: usize = 20;

/// A room of a space.
#[derive(Clone)]
struct Entry {
    room: RoomId,
    /// `None` for one that this server cannot see into.
    detail: Option<HierarchyRoom>,
}

/// Some rooms of a space.
struct Part {
    entries: Vec<Entry>,
    /// Where to go on, if there is more.
    rest: Option<Reached>,
}

/// The tab with the tree of a space.
pub fn tab(shown: Shown) -> Node {
    let room = shown.id();
    view! {
        <div class="cards" data-wide="true">
            <Card title=Signal::derive(t::room_hierarchy)>{level(&room, Rc::new([room.clone()]))}</Card>
        </div>
    }
    .into_node()
}

/// What is in a space; `above` are the spaces on the way to it, and itself.
fn level(space: &RoomId, above: Rc<[RoomId]>) -> Node {
    part(space, above, Reached::default())
}

/// What is in a space beyond what has been read of it.
fn part(space: &RoomId, above: Rc<[RoomId]>, reached: Reached) -> Node {
    let is_first = reached == Reached::default();
    let (space, asked) = (space.clone(), space.clone());
    remote(
        RwSignal::new(0),
        move || {
            let (space, reached) = (asked.clone(), reached.clone());
            async move { children(&space, reached).await }
        },
        move |found: &Part| {
            if is_first && found.entries.is_empty() && found.rest.is_none() {
                return view! { <p>{t::room_hierarchy_none}</p> }.into_node();
            }
            let rows = found
                .entries
                .iter()
                .map(|entry| row(entry, Rc::clone(&above)))
                .collect_view();
            let rest = found.rest.clone();
            let rest = rest.map(|rest| more(space.clone(), Rc::clone(&above), rest));
            view! {
                <ul class="tree">{rows}</ul>
                {rest}
            }
            .into_node()
        },
    )
}

/// What has not been asked for, when somebody wants it.
fn more(space: RoomId, above: Rc<[RoomId]>, rest: Reached) -> Node {
    let count = rest.missing().len() as u64;
    let wanted = RwSignal::new(false);
    let body = move || match wanted.get() {
        true => part(&space, Rc::clone(&above), rest.clone()),
        false => view! {
            {(count > 0).then(|| view! { <p>{t::room_hierarchy_rest(count)}</p> })}
            <Button label=t::room_hierarchy_go_on on_press=move || wanted.set(true) />
        }
        .into_node(),
    };
    view! { <div class="tree-rest">{body}</div> }.into_node()
}

async fn children(space: &RoomId, mut reached: Reached) -> Result<Part, ApiError> {
    if Session::get()
        .capabilities_now()
        .lack(Feature::SpaceHierarchy)
        .is_some()
    {
        let entries = listed(space).await?;
        return Ok(Part {
            entries,
            rest: None,
        });
    }
    let mut entries = Vec::new();
    let until = reached.pages + PAGES;
    let mut may_be_forgotten = reached.next.is_some();
    while reached.pages < until {
        let asked = rooms::hierarchy(space, reached.next.as_deref());
        let page = match Client::get().send(asked).await {
            // The server knows for some minutes only where one was.
            Err(error) if may_be_forgotten && error.is_errcode("M_INVALID_PARAM") => {
                may_be_forgotten = false;
                reached.restart();
                continue;
            }
            page => page?,
        };
        may_be_forgotten = false;
        let new = reached.take(space, page);
        entries.extend(new.into_iter().map(|room| Entry {
            room: room.room_id.clone(),
            detail: Some(room),
        }));
        if reached.next.is_none() {
            let hidden = reached.missing().into_iter();
            entries.extend(hidden.map(|room| Entry { room, detail: None }));
            return Ok(Part {
                entries,
                rest: None,
            });
        }
    }
    Ok(Part {
        entries,
        rest: Some(reached),
    })
}

/// The same from the state of the space, for servers that lack the hierarchy: names are looked
/// up one by one.
async fn listed(space: &RoomId) -> Result<Vec<Entry>, ApiError> {
    let client = Client::get();
    let state = client.send(events::state(space, None)).await?;
    let mut branches = Vec::new();
    for event in state.state {
        let child = Child {
            state_key: event.state_key.unwrap_or_default(),
            content: event.content,
        };
        let Some(room) = child.room().filter(|_| event.kind == "m.space.child") else {
            continue;
        };
        let detail = match client.send(rooms::get(&room)).await {
            Ok(found) => Some(HierarchyRoom {
                room_id: room.clone(),
                name: found.room.name,
                topic: found.topic,
                canonical_alias: found.room.canonical_alias,
                avatar_url: found.avatar,
                num_joined_members: found.room.joined_members,
                room_type: found.room.room_type,
                join_rule: found.room.join_rules,
                children_state: Vec::new(),
            }),
            Err(error) if error.is_not_found() => None,
            Err(error) => return Err(error),
        };
        branches.push(Entry { room, detail });
    }
    Ok(branches)
}

fn row(entry: &Entry, above: Rc<[RoomId]>) -> Node {
    let room = entry.room.clone();
    let Some(detail) = &entry.detail else {
        return branch::unknown(&room, Vec::new());
    };
    let title = [&detail.name, &detail.canonical_alias]
        .into_iter()
        .flatten()
        .map(|text| text.trim())
        .find(|text| !text.is_empty())
        .unwrap_or(room.as_str())
        .to_owned();
    let line = Branch {
        room: room.clone(),
        title,
        members: detail.num_joined_members,
        marks: Vec::new(),
    };
    let is_space = detail.room_type.as_deref() == Some("m.space");
    let is_loop = is_space && above.contains(&room);
    if !is_space || is_loop {
        return branch::leaf(line, is_loop);
    }
    let way: Rc<[RoomId]> = above.iter().cloned().chain([room.clone()]).collect();
    branch::space(line, false, Rc::new(move || level(&room, Rc::clone(&way))))
}
