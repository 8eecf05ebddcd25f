//! The tab "Hierarchy": the rooms of a space as a tree, each level read when it is opened.
//! Spaces may contain each other; a branch ends where it would come back to itself.

use super::Shown;
use crate::api::rooms::{self, Child, HierarchyRoom};
use crate::api::server::Feature;
use crate::api::{ApiError, RoomId, events};
use crate::components::page::Card;
use crate::components::remote::remote;
use crate::i18n::t;
use crate::pages::rooms::branch::{self, Branch};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::collections::HashSet;
use std::rc::Rc;

/// So many pages of a level are read at most; spaces with thousands of rooms are rare.
const PAGES: usize = 20;

/// A room of a space.
#[derive(Clone)]
struct Entry {
    room: RoomId,
    /// `None` for one that this server cannot see into.
    detail: Option<HierarchyRoom>,
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
    let space = space.clone();
    remote(
        RwSignal::new(0),
        move || {
            let space = space.clone();
            async move { children(&space).await }
        },
        move |found: &Vec<Entry>| {
            if found.is_empty() {
                return view! { <p>{t::room_hierarchy_none}</p> }.into_node();
            }
            let rows = found
                .iter()
                .map(|entry| row(entry, Rc::clone(&above)))
                .collect_view();
            view! { <ul class="tree">{rows}</ul> }.into_node()
        },
    )
}

async fn children(space: &RoomId) -> Result<Vec<Entry>, ApiError> {
    if Session::get()
        .capabilities_now()
        .lack(Feature::SpaceHierarchy)
        .is_some()
    {
        return listed(space).await;
    }
    let mut from: Option<String> = None;
    let mut listed: Vec<RoomId> = Vec::new();
    let mut known: Vec<HierarchyRoom> = Vec::new();
    for _ in 0..PAGES {
        let page = Client::get()
            .send(rooms::hierarchy(space, from.as_deref()))
            .await?;
        for room in page.rooms {
            if room.room_id == *space {
                listed.extend(room.children_state.iter().filter_map(Child::room));
            } else {
                known.push(room);
            }
        }
        match page.next_batch {
            Some(next) => from = Some(next),
            None => break,
        }
    }
    let mut seen: HashSet<RoomId> = HashSet::new();
    let mut branches: Vec<Entry> = known
        .into_iter()
        .filter(|room| seen.insert(room.room_id.clone()))
        .map(|room| Entry {
            room: room.room_id.clone(),
            detail: Some(room),
        })
        .collect();
    let hidden = listed.into_iter().filter(|room| seen.insert(room.clone()));
    branches.extend(hidden.map(|room| Entry { room, detail: None }));
    Ok(branches)
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
