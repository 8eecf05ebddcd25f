//! The columns of the room directory.

use super::DirectoryEntry;
use crate::actions::plain;
use crate::api::ServerName;
use crate::api::directory::Published;
use crate::components::badge::{Tone, badge, tick};
use crate::components::nothing;
use crate::components::unknown;
use crate::i18n::rooms::join_rule;
use crate::i18n::{Words, format, t};
use crate::known::Why;
use crate::lists::Column;
use crate::rooms::directory::DirectoryOrder;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::pictures::avatar_of;
use std::rc::Rc;

/// Asks who is to join a room of another server's directory.
pub type Join = Rc<dyn Fn(&ServerName, &Published)>;

/// All columns, in their order.
pub fn columns(join: Join) -> Vec<Column> {
    let text = |of: &Option<String>| of.clone().unwrap_or_default();
    vec![
        Column::new("avatar", t::users_avatar, |_: &DirectoryEntry| {
            String::new()
        })
        .cell(|entry: &DirectoryEntry| {
            let room = &entry.room;
            avatar_of(
                room.room_id.as_str(),
                room.title(),
                room.avatar_url.as_deref(),
            )
        })
        .without_heading()
        .not_exported()
        .width(2.75),
        Column::new("name", t::room_name, move |entry: &DirectoryEntry| {
            text(&entry.room.name)
        })
        .cell(move |entry: &DirectoryEntry| title(entry, &join))
        .main()
        .sorted(DirectoryOrder::Name)
        .grow(11.0, 1.5),
        Column::new("topic", t::room_topic, move |entry: &DirectoryEntry| {
            text(&entry.room.topic)
        })
        .sorted(DirectoryOrder::Topic)
        .grow(9.0, 2.5),
        Column::new(
            "canonical_alias",
            t::room_alias,
            move |entry: &DirectoryEntry| text(&entry.room.canonical_alias),
        )
        .sorted(DirectoryOrder::Alias)
        .grow(11.0, 1.25),
        Column::new("room_id", t::room_id, |entry: &DirectoryEntry| {
            entry.room.room_id.to_string()
        })
        .copyable()
        .grow(12.0, 1.5)
        .hidden(),
        Column::new(
            "joined_members",
            t::room_members,
            |entry: &DirectoryEntry| {
                let members = entry.room.num_joined_members;
                members.map(|count| count.to_string()).unwrap_or_default()
            },
        )
        .cell(
            |entry: &DirectoryEntry| match entry.room.num_joined_members {
                Some(count) => format::number(count as f64).into_node(),
                None => unknown(Why::NoRecord),
            },
        )
        .number()
        .sorted(DirectoryOrder::Members)
        .width(7.0),
        Column::new("join_rules", t::room_join_rule, |entry: &DirectoryEntry| {
            entry.room.rule().to_owned()
        })
        .cell(|entry: &DirectoryEntry| join_rule(entry.room.rule()).into_node())
        .sorted(DirectoryOrder::JoinRule)
        .grow(7.0, 0.5)
        .hidden(),
        flag("world_readable", t::directory_readable, |entry| {
            entry.room.world_readable
        }),
        flag("guest_can_join", t::directory_guests, |entry| {
            entry.room.guest_can_join
        }),
        Column::new("room_type", t::room_type, move |entry: &DirectoryEntry| {
            text(&entry.room.room_type)
        })
        .cell(|entry: &DirectoryEntry| match entry.room.is_space() {
            true => badge(Tone::Neutral, t::room_space),
            false => entry
                .room
                .room_type
                .clone()
                .map_or_else(nothing, IntoNode::into_node),
        })
        .width(6.0)
        .hidden(),
    ]
}

/// The name; of a room without one, how else it is known. Where this server need not have the room,
/// it can be joined from there.
fn title(entry: &DirectoryEntry, join: &Join) -> Node {
    let title = entry.room.title().to_owned();
    let is_id = title == entry.room.room_id.as_str();
    let space = entry
        .room
        .is_space()
        .then(|| badge(Tone::Neutral, t::room_space));
    let mono = is_id.then_some("true");
    let shown = match &entry.server {
        None => view! {
            <span class="cell-text" data-mono=mono title=title.clone()>
                {title}
            </span>
        }
        .into_node(),
        Some(server) => {
            let (join, server, room) = (Rc::clone(join), server.clone(), entry.room.clone());
            let name = t::directory_join_one(&plain(&title));
            view! {
                <button
                    type="button"
                    class="text-button"
                    data-mono=mono
                    title=name.clone()
                    aria-label=name
                    on:click=move |_| join(&server, &room)
                >
                    {title}
                </button>
            }
            .into_node()
        }
    };
    view! { {shown} {space} }.into_node()
}

fn flag(id: &'static str, label: Words, of: fn(&DirectoryEntry) -> bool) -> Column {
    Column::new(id, label, move |entry: &DirectoryEntry| {
        of(entry).to_string()
    })
    .cell(move |entry: &DirectoryEntry| tick(of(entry)))
    .width(8.5)
}
