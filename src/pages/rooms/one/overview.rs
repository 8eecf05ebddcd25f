//! The tab "Overview": all that the server keeps of a room.

use super::Shown;
use crate::address::route::Route;
use crate::api::rooms::{Blocked, Room, RoomDetail};
use crate::api::server::Feature;
use crate::api::{RoomId, UserId};
use crate::components::identifier::identifier;
use crate::components::link::link;
use crate::components::page::{Card, fact, facts};
use crate::components::{nothing, unknown};
use crate::i18n::rooms::{guest_access, history_visibility, join_rule};
use crate::i18n::{Words, format, t};
use crate::known::{Known, Why};
use crate::pages::rooms::list::type_of;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The tab with the overview of a room.
pub fn tab(shown: Shown) -> Node {
    let rows = move |of: fn(&RoomDetail) -> Vec<Node>| {
        move || shown.detail().map(|detail| facts(of(&detail)))
    };
    let blocked = move || {
        let words = match shown.blocked.get() {
            None => "…".into_node(),
            Some(Known::Is(blocked)) if blocked.block => blocked_words(&blocked).into_node(),
            Some(Known::Is(_)) => t::no().into_node(),
            Some(Known::Unknown(why)) => unknown(why),
        };
        facts(vec![fact(t::room_blocked, words)])
    };
    view! {
        <div class="cards">
            <Card title=Signal::derive(t::room_card_room)>{rows(about)}</Card>
            <Card title=Signal::derive(t::room_card_access)>{rows(access)} {blocked}</Card>
            <Card title=Signal::derive(t::user_card_use)>{rows(usage)}</Card>
        </div>
    }
    .into_node()
}

/// That it is blocked, and by whom.
pub fn blocked_words(blocked: &Blocked) -> String {
    match blocked.user_id.as_deref() {
        Some(user) => t::room_blocked_by(user),
        None => t::room_blocked_yes(),
    }
}

fn text(value: Option<&str>) -> Node {
    match value.map(str::trim) {
        None | Some("") => nothing(),
        Some(value) => view! { <bdi class="long-text">{value.to_owned()}</bdi> }.into_node(),
    }
}

fn named(value: Option<&str>) -> Node {
    match value {
        None | Some("") => nothing(),
        Some(value) => identifier(value),
    }
}

fn yes_no(value: bool) -> Node {
    let words: Words = if value { t::yes } else { t::no };
    view! { <span>{words}</span> }.into_node()
}

fn number(value: Option<u64>) -> Node {
    value.map_or_else(
        || unknown(Why::NoRecord),
        |value| format::number(value as f64).into_node(),
    )
}

/// What the state of a room says, where the server has anything of that.
fn told(room: &Room, label: Words, shown: &dyn Fn() -> Node) -> Node {
    let value = match room.has_statistics() {
        true => shown(),
        false => unknown(Why::NoRecord),
    };
    fact(label, value)
}

fn about(detail: &RoomDetail) -> Vec<Node> {
    let room = &detail.room;
    let told = |label, shown: &dyn Fn() -> Node| told(room, label, shown);
    let creator = match room.creator.as_deref() {
        None | Some("") => nothing(),
        Some(creator) => match UserId::parse(creator) {
            Some(user) => link(&Route::user(&user).to_string(), "", creator.to_owned()).into_node(),
            None => text(Some(creator)),
        },
    };
    let mut rows = vec![
        told(t::room_name, &|| text(room.name.as_deref())),
        told(t::room_topic, &|| text(detail.topic.as_deref())),
        fact(t::room_id, identifier(room.room_id.as_str())),
        told(t::room_alias, &|| named(room.canonical_alias.as_deref())),
        told(t::room_type, &|| type_of(room)),
        fact(t::room_creator, creator),
        fact(t::room_version, text(room.version.as_deref())),
        told(t::users_avatar, &|| named(detail.avatar.as_deref())),
    ];
    if detail.tombstoned {
        let replacement = detail.replacement_room.as_deref().unwrap_or_default();
        let place = match RoomId::parse(replacement) {
            Some(room) => {
                link(&Route::room(&room).to_string(), "", replacement.to_owned()).into_node()
            }
            None => text(Some(replacement)),
        };
        rows.push(fact(t::room_replacement, place));
    }
    rows
}

fn access(detail: &RoomDetail) -> Vec<Node> {
    let room = &detail.room;
    let told = |label, shown: &dyn Fn() -> Node| told(room, label, shown);
    let rule = |value: &Option<String>, words: fn(&str) -> String| match value.as_deref() {
        None | Some("") => nothing(),
        Some(value) => words(value).into_node(),
    };
    vec![
        told(t::room_join_rule, &|| rule(&room.join_rules, join_rule)),
        told(t::room_guests, &|| rule(&room.guest_access, guest_access)),
        told(t::room_history, &|| {
            rule(&room.history_visibility, history_visibility)
        }),
        told(t::room_encryption, &|| match room.encryption.as_deref() {
            None | Some("") => yes_no(false),
            Some(algorithm) => text(Some(algorithm)),
        }),
        told(t::room_federated, &|| yes_no(room.federatable)),
        fact(t::room_published, yes_no(room.public)),
    ]
}

fn usage(detail: &RoomDetail) -> Vec<Node> {
    let room = &detail.room;
    let members = Route::room(&room.room_id).tab("members");
    let state = Route::room(&room.room_id).tab("state");
    let linked = |route: String, value: Option<u64>| match value {
        None => unknown(Why::NoRecord),
        Some(value) => link(&route, "", format::number(value as f64)).into_node(),
    };
    vec![
        fact(t::room_members, linked(members, room.joined_members)),
        fact(t::room_local_members, number(room.joined_local_members)),
        fact(t::room_devices, number(detail.joined_local_devices)),
        fact(t::room_fact_state_events, linked(state, room.state_events)),
        fact(
            t::room_forgotten,
            match Session::get()
                .capabilities_now()
                .has(Feature::ForgottenRooms)
            {
                true => yes_no(detail.forgotten),
                false => unknown(Why::TooOld),
            },
        ),
    ]
}
