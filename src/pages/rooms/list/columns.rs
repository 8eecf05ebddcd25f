//! The columns of the list of rooms.

use super::question::{filter, tells_spaces};
use super::survey::{RoomFacts, SurveyOrder, facts_of};
use crate::api::rooms::Room;
use crate::browser::clock::now;
use crate::browser::navigation::current_query;
use crate::components::avatar::avatar;
use crate::components::badge::{Tone, badge, badge_text, tick};
use crate::components::nothing;
use crate::components::time::time;
use crate::components::unknown;
use crate::i18n::rooms::{guest_access, history_visibility, join_rule, room_type};
use crate::i18n::{Words, format, t};
use crate::known::{Known, Why};
use crate::lists::Column;
use crate::rooms::query::{self, DATABASE_BYTES, RoomOrder};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::pictures::listed_room_avatar;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// All columns, in their order.
pub fn columns() -> Vec<Column> {
    let query = current_query();
    let text =
        |of: fn(&Room) -> &Option<String>| move |room: &Room| of(room).clone().unwrap_or_default();
    vec![
        Column::new("avatar", t::users_avatar, |_: &Room| String::new())
            .cell(move |room: &Room| picture(room, query))
            .without_heading()
            .not_exported()
            .width(2.75),
        Column::new("name", t::room_name, text(|room| &room.name))
            .cell(title)
            .main()
            .sorted(RoomOrder::Name)
            .grow(12.5, 2.0),
        Column::new(
            "canonical_alias",
            t::room_alias,
            text(|r| &r.canonical_alias),
        )
        .sorted(RoomOrder::Alias)
        .grow(9.0, 1.5),
        Column::new("room_id", t::room_id, |room: &Room| {
            room.room_id.to_string()
        })
        .copyable()
        .grow(12.0, 1.5)
        .hidden(),
        number("joined_members", t::room_members, query::members).sorted(RoomOrder::Members),
        number(
            "joined_local_members",
            t::room_members_here,
            query::local_members,
        )
        .sorted(RoomOrder::LocalMembers),
        number(
            "state_events",
            t::room_fact_state_events,
            query::state_events,
        )
        .sorted(RoomOrder::StateEvents),
        Column::new("marks", t::room_marks, |_: &Room| String::new())
            .cell(marks)
            .not_exported()
            .width(11.0),
        Column::new("version", t::room_version, text(|room| &room.version))
            .sorted(RoomOrder::Version)
            .width(6.0)
            .hidden(),
        Column::new("creator", t::room_creator, text(|room| &room.creator))
            .sorted(RoomOrder::Creator)
            .grow(9.0, 1.0)
            .hidden(),
        Column::new("encryption", t::room_encrypted, text(|r| &r.encryption))
            .cell(|room: &Room| tick(room.encryption.is_some()))
            .sorted(RoomOrder::Encryption)
            .width(6.5)
            .hidden(),
        flag("federatable", t::room_federated, |room| room.federatable)
            .sorted(RoomOrder::Federatable),
        flag("public", t::room_published, |room| room.public).sorted(RoomOrder::Public),
        rule(
            "join_rules",
            t::room_join_rule,
            |r| &r.join_rules,
            join_rule,
        )
        .sorted(RoomOrder::JoinRules),
        rule(
            "guest_access",
            t::room_guests,
            |r| &r.guest_access,
            guest_access,
        )
        .sorted(RoomOrder::GuestAccess),
        rule(
            "history_visibility",
            t::room_history,
            |r| &r.history_visibility,
            history_visibility,
        )
        .sorted(RoomOrder::HistoryVisibility),
        found("last_event", t::room_last_event, |facts| {
            facts.last_event.map(|last| last.0.to_string())
        })
        .cell(|room: &Room| match facts_of(&room.room_id).last_event {
            Known::Is(at) => time(at),
            Known::Unknown(why) => unknown(why),
        })
        .sorted(SurveyOrder::LastEvent),
        found("forward_extremities", t::room_extremities, |facts| {
            facts.extremities.map(|count| count.to_string())
        })
        .sorted(SurveyOrder::Extremities),
        found(DATABASE_BYTES, t::room_fact_database, |facts| {
            facts.bytes.map(|bytes| bytes.to_string())
        })
        .sorted(SurveyOrder::Database),
        found("forgotten", t::room_forgotten, |facts| {
            facts.forgotten.map(|forgotten| forgotten.to_string())
        })
        .cell(|room: &Room| match facts_of(&room.room_id).forgotten {
            Known::Is(forgotten) => tick(forgotten),
            Known::Unknown(why) => unknown(why),
        }),
        found("blocked", t::room_blocked, |facts| {
            facts.blocked.map(|blocked| blocked.to_string())
        })
        .cell(|room: &Room| match facts_of(&room.room_id).blocked {
            Known::Is(blocked) => tick(blocked),
            Known::Unknown(why) => unknown(why),
        }),
        Column::new("room_type", t::room_type, text(|room| &room.room_type))
            .cell(type_of)
            .width(7.0)
            .hidden(),
    ]
}

/// What it was made as: a room, a space, or what else; not known where the server is too old to tell.
pub fn type_of(room: &Room) -> Node {
    match room.room_type.as_deref() {
        None if !tells_spaces() => unknown(Why::TooOld),
        kind => view! { <bdi>{room_type(kind)}</bdi> }.into_node(),
    }
}

/// The name; of a room without one, how else it is known.
fn title(room: &Room) -> Node {
    let named = room
        .name
        .as_deref()
        .is_some_and(|name| !name.trim().is_empty());
    let title = room.title().to_owned();
    view! {
        <span class="cell-text" data-mono=(!named).then_some("true") title=title.clone()>
            {title}
        </span>
    }
    .into_node()
}

/// What is out of the ordinary, and what has been found out about the room.
fn marks(room: &Room) -> Node {
    let facts = facts_of(&room.room_id);
    let found = [
        facts
            .last_event
            .map(|last| t::room_mark_last(&format::relative(last, now()))),
        facts.extremities.map(t::room_mark_extremities),
        facts
            .bytes
            .map(|bytes| t::room_mark_bytes(&format::bytes(bytes))),
    ];
    let found = found.into_iter().filter_map(Known::value);
    let marks: Vec<Node> = [
        (room.is_space(), Tone::Neutral, t::room_space as Words),
        (room.public, Tone::Accent, t::room_published),
        (room.encryption.is_some(), Tone::Good, t::room_encrypted),
        (room.joined_members == Some(0), Tone::Warning, t::room_empty),
        (facts.blocked == Known::Is(true), Tone::Bad, t::room_blocked),
    ]
    .into_iter()
    .filter(|(is, ..)| *is)
    .map(|(_, tone, label)| badge(tone, label))
    .chain(found.map(|words| badge_text(Tone::Neutral, words)))
    .collect();
    if marks.is_empty() {
        return nothing();
    }
    view! { <span class="marks">{marks}</span> }.into_node()
}

/// What has been found out about the room; nothing in a file as long as it is not known.
fn found(id: &'static str, label: Words, of: fn(RoomFacts) -> Known<String>) -> Column {
    Column::new(id, label, move |room: &Room| {
        let text = of(facts_of(&room.room_id)).value();
        text.unwrap_or_default()
    })
    .cell(move |room: &Room| match of(facts_of(&room.room_id)) {
        Known::Is(text) => text.into_node(),
        Known::Unknown(why) => unknown(why),
    })
    .width(8.0)
    .hidden()
}

fn number(id: &'static str, label: Words, of: fn(&Room) -> Known<u64>) -> Column {
    Column::new(id, label, move |room: &Room| {
        let number = of(room).value();
        number.map(|number| number.to_string()).unwrap_or_default()
    })
    .cell(move |room: &Room| match of(room) {
        Known::Is(number) => format::number(number as f64).into_node(),
        Known::Unknown(why) => unknown(why),
    })
    .number()
    .width(7.0)
}

/// The questions about rooms that nobody uses. Showing their pictures would count as a use of these.
const ABOUT_AGE: [&str; 4] = [
    filter::QUIET,
    filter::FORGOTTEN,
    filter::EMPTY,
    filter::LOCAL,
];

fn picture(room: &Room, query: Memo<ParamsMap>) -> Node {
    let asks = |query: &ParamsMap| ABOUT_AGE.iter().any(|name| query.get(name).is_some());
    match query.with_untracked(asks) {
        true => avatar(room.title(), room.room_id.as_str(), None),
        false => listed_room_avatar(&room.room_id, room.title(), room.joined_members),
    }
}

fn flag(id: &'static str, label: Words, of: fn(&Room) -> bool) -> Column {
    Column::new(id, label, move |room: &Room| of(room).to_string())
        .cell(move |room: &Room| tick(of(room)))
        .width(6.5)
        .hidden()
}

fn rule(
    id: &'static str,
    label: Words,
    of: fn(&Room) -> &Option<String>,
    words: fn(&str) -> String,
) -> Column {
    Column::new(id, label, move |room: &Room| {
        of(room).clone().unwrap_or_default()
    })
    .cell(move |room: &Room| match of(room).as_deref() {
        None | Some("") => nothing(),
        Some(rule) => words(rule).into_node(),
    })
    .width(9.0)
    .hidden()
}
