//! The columns of the list of blocked rooms.

use super::{BlockedOrder, Entry};
use crate::components::badge::{Tone, badge};
use crate::components::{nothing, unknown};
use crate::i18n::t;
use crate::known::Known;
use crate::lists::Column;
use crate::ui::{IntoNode, Node, view};

/// All columns, in their order.
pub fn columns() -> Vec<Column> {
    vec![
        Column::new("name", t::room_name, Entry::title)
            .cell(title)
            .main()
            .sorted(BlockedOrder::Name)
            .grow(12.0, 2.0),
        Column::new("room_id", t::room_id, |entry: &Entry| {
            entry.room.to_string()
        })
        .copyable()
        .grow(12.0, 1.5),
        Column::new("blocked", t::room_blocked, |entry: &Entry| {
            flag(entry.is_blocked())
        })
        .cell(|entry: &Entry| match entry.blocked.clone() {
            Known::Is(blocked) if blocked.block => badge(Tone::Bad, t::room_blocked),
            Known::Is(_) if entry.is_due => badge(Tone::Warning, t::blocked_due),
            Known::Is(_) => badge(Tone::Neutral, t::blocked_not),
            Known::Unknown(why) => unknown(why),
        })
        .sorted(BlockedOrder::Blocked)
        .width(8.0),
        Column::new("blocked_by", t::blocked_by, |entry: &Entry| {
            let blocked = entry.blocked.clone().value();
            blocked.and_then(|of| of.user_id).unwrap_or_default()
        })
        .grow(9.0, 1.0),
        Column::new("here", t::blocked_here, |entry: &Entry| {
            flag(entry.is_here())
        })
        .cell(here)
        .sorted(BlockedOrder::Here)
        .grow(8.0, 0.5),
        Column::new("from", t::blocked_from, |entry: &Entry| {
            match entry.is_pasted {
                true => t::blocked_from_paste(),
                false => t::blocked_from_browser(),
            }
        })
        .grow(7.0, 0.5)
        .hidden(),
    ]
}

fn flag(value: Known<bool>) -> String {
    let value = value.value();
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn title(entry: &Entry) -> Node {
    let title = entry.title();
    let is_id = title == entry.room.as_str();
    view! {
        <span class="cell-text" data-mono=is_id.then_some("true") title=title.clone()>
            {title}
        </span>
    }
    .into_node()
}

/// Whether this server has the room, and how many people are in it.
fn here(entry: &Entry) -> Node {
    match entry.here.clone() {
        Known::Is(None) => badge(Tone::Neutral, t::blocked_unknown_here),
        Known::Is(Some(room)) => match room.joined_members {
            Some(count) => t::room_hierarchy_members(count).into_node(),
            None => nothing(),
        },
        Known::Unknown(why) => unknown(why),
    }
}
