//! The largest rooms: in the database, by members, by state.

use super::chart::{Chart, Entry, charts};
use crate::address::route::Route;
use crate::api::rooms::{self, ListRooms, Room, order};
use crate::api::server::Feature;
use crate::api::{ApiError, RoomId, statistics};
use crate::components::bars::{Bar, BarDirection};
use crate::components::remote::remote;
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::session::{Client, learn};
use crate::ui::Node;
use futures_util::future::join_all;
use leptos::prelude::*;

/// How many rooms are named.
const NAMED: u64 = 10;

/// The largest rooms.
struct Largest {
    /// With their bytes, or why the server does not tell.
    database: Result<Vec<(RoomId, String, u64)>, String>,
    members: Vec<Room>,
    state: Vec<Room>,
}

/// The tab of rooms: the largest by members, state and database.
pub fn tab() -> Node {
    remote(RwSignal::new(0), read, show)
}

async fn read() -> Result<Largest, ApiError> {
    Ok(Largest {
        database: database().await?,
        members: by(order::MEMBERS).await?,
        state: by(order::STATE_EVENTS).await?,
    })
}

async fn by(key: &'static str) -> Result<Vec<Room>, ApiError> {
    let question = ListRooms {
        limit: NAMED,
        order_by: Some(key),
        descending: true,
        ..ListRooms::default()
    };
    Ok(Client::get().send(rooms::list(&question)).await?.rooms)
}

async fn database() -> Result<Result<Vec<(RoomId, String, u64)>, String>, ApiError> {
    let capabilities = learn::capabilities().await?;
    if let Some(lack) = capabilities.lack(Feature::LargestRooms) {
        return Ok(Err(why_not(lack)));
    }
    let client = Client::get();
    let found = match client.send(statistics::largest_rooms()).await {
        Ok(found) => found.rooms,
        // It has another database, or has gathered no statistics of it.
        Err(ApiError::Matrix { .. }) => return Ok(Err(t::room_note_largest_unknown())),
        Err(error) => return Err(error),
    };
    let named = found.into_iter().map(async |room| {
        // What has no name, or is gone, goes by its ID.
        let detail = client.send(rooms::get(&room.room_id)).await;
        let title = match detail {
            Ok(detail) => detail.room.title().to_owned(),
            Err(_) => room.room_id.to_string(),
        };
        (room.room_id, title, room.estimated_size)
    });
    Ok(Ok(join_all(named).await))
}

fn entry(room: &RoomId, title: &str, value: u64, shown: String) -> Entry {
    Entry {
        name: room.to_string(),
        bar: Bar {
            label: title.to_owned(),
            value: value as f64,
            title: format!("{title}: {shown}"),
            shown,
            to: Route::room(room).to_string(),
            is_current: false,
        },
    }
}

fn chart(title: Words, entries: Vec<Entry>, note: Option<String>) -> Chart {
    Chart {
        title,
        way: BarDirection::Across,
        entries,
        more: Vec::new(),
        note,
    }
}

fn show(largest: &Largest) -> Node {
    let of = |rooms: &[Room], value: fn(&Room) -> Option<u64>| -> Vec<Entry> {
        let counted = rooms.iter().filter_map(|room| Some((room, value(room)?)));
        counted
            .map(|(room, value)| {
                let shown = format::number(value as f64);
                entry(&room.room_id, room.title(), value, shown)
            })
            .collect()
    };
    let (database, note) = match &largest.database {
        Ok(rooms) => (rooms.as_slice(), t::statistics_database_note()),
        Err(why) => (&[][..], why.clone()),
    };
    let database = database
        .iter()
        .map(|(room, title, bytes)| entry(room, title, *bytes, format::bytes(*bytes)));
    let all = vec![
        chart(
            t::statistics_rooms_members,
            of(&largest.members, |room| room.joined_members),
            None,
        ),
        chart(
            t::statistics_rooms_state,
            of(&largest.state, |room| room.state_events),
            None,
        ),
        chart(t::statistics_rooms_database, database.collect(), Some(note)),
    ];
    charts("statistics-rooms", all)
}
