//! What the list does not tell of rooms: when something last happened in each, how many forward
//! extremities it has, how much of the database it takes. The first two are asked room by room,
//! for those who want to know, and kept for the session.

use super::whole_list;
use crate::actions::touched::Log;
use crate::api::events::{self, Walk};
use crate::api::rooms::{self, Room};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId, extremities, statistics};
use crate::browser::clock::now;
use crate::lists::Reading;
use crate::lists::cached::{self, Survey};
use crate::session::Client;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;

/// How long one room may take to answer, in milliseconds: a single one that hangs must not hold up
/// the rest.
const PATIENCE_MS: u32 = 15_000;

/// What is known of a room beyond the list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    /// When something last happened in it.
    pub last_event: Option<Timestamp>,
    pub extremities: Option<u64>,
    /// Bytes in the database, as PostgreSQL estimates.
    pub bytes: Option<u64>,
}

thread_local! {
    static KNOWN: RefCell<HashMap<RoomId, Known>> = RefCell::default();
    static LAST_EVENTS: Survey<Option<Timestamp>> = Survey::new(last_event, Log::rooms_since);
    static FORGOTTEN: Survey<bool> = Survey::new(is_forgotten, Log::rooms_since);
    static EXTREMITIES: Survey<u64> = Survey::new(count_extremities, Log::rooms_since);
}

/// What has been found out about a room.
pub fn known(room: &RoomId) -> Known {
    KNOWN.with_borrow(|known| known.get(room).copied().unwrap_or_default())
}

fn note(room: &RoomId, change: impl FnOnce(&mut Known)) {
    KNOWN.with_borrow_mut(|known| change(known.entry(room.clone()).or_default()));
}

/// The sort keys of what is found out here. No server knows them.
pub mod order {
    pub const LAST_EVENT: &str = "last_event";
    pub const EXTREMITIES: &str = "forward_extremities";
    pub const DATABASE: &str = "database_bytes";
}

/// What a room is sorted by, if it is by one of [`order`].
fn place(key: &str, room: &Room) -> Option<u64> {
    let known = known(&room.room_id);
    match key {
        order::LAST_EVENT => known.last_event.map(|at| at.0.max(0) as u64),
        order::EXTREMITIES => known.extremities,
        order::DATABASE => known.bytes,
        _ => None,
    }
}

/// Whether this is one of [`order`].
pub fn is_order(key: &str) -> bool {
    [order::LAST_EVENT, order::EXTREMITIES, order::DATABASE].contains(&key)
}

/// Which of two rooms comes first by one of [`order`]; those of which it is not known come last.
pub fn compare(key: &str, descending: bool, a: &Room, b: &Room) -> Ordering {
    let by_place = match (place(key, a), place(key, b)) {
        (Some(a), Some(b)) if descending => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    };
    by_place.then_with(|| a.room_id.cmp(&b.room_id))
}

/// The rooms that a survey finds.
pub struct Found {
    pub rooms: Vec<Room>,
    /// What people call those of which the server said nothing.
    pub silent: Vec<String>,
    /// When the oldest of the answers came.
    pub since: Timestamp,
}

/// When the server received what came last into a room, whatever date it bears: of its forward
/// extremities one is that. `None` where the server does not tell.
fn last_event(room: String) -> LocalBoxFuture<'static, Result<Option<Timestamp>, ApiError>> {
    async move {
        let Some(room) = RoomId::parse(&room) else {
            return Ok(None);
        };
        let asked = extremities::list(&room).timeout_ms(PATIENCE_MS);
        match Client::get().send(asked).await {
            Ok(found) => {
                let received = found.results.iter().filter_map(|one| one.received_ts);
                if let Some(last) = received.max() {
                    return Ok(Some(last));
                }
            }
            // A room without any leads to an error of the server's.
            Err(ApiError::Matrix { .. }) => {}
            Err(error) => return Err(error),
        }
        let walk = Walk {
            backwards: true,
            limit: 1,
            ..Default::default()
        };
        let asked = events::messages(&room, &walk).timeout_ms(PATIENCE_MS);
        let page = match Client::get().send(asked).await {
            Ok(page) => page,
            Err(ApiError::Matrix { .. } | ApiError::Unsupported { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(page.chunk.first().and_then(|event| event.received(now())))
    }
    .boxed_local()
}

/// When something last happened in a room, asked just now.
pub async fn last_event_now(room: &RoomId) -> Result<Option<Timestamp>, ApiError> {
    last_event(room.to_string()).await
}

fn is_forgotten(room: String) -> LocalBoxFuture<'static, Result<bool, ApiError>> {
    async move {
        let Some(room) = RoomId::parse(&room) else {
            return Ok(false);
        };
        let asked = rooms::get(&room).timeout_ms(PATIENCE_MS);
        Ok(Client::get().send(asked).await?.forgotten)
    }
    .boxed_local()
}

/// Those of the rooms that everybody here has left and forgotten: nobody of this server can read
/// them any more.
pub async fn forgotten(among: Vec<Room>, reading: &Reading) -> Result<Found, ApiError> {
    let found = cached::survey(&FORGOTTEN, ids(&among), reading).await?;
    let mut forgotten = Vec::new();
    let mut silent = Vec::new();
    for room in among {
        match found.known.get(room.room_id.as_str()) {
            Some(true) => forgotten.push(room),
            Some(false) => {}
            None => silent.push(room.title().to_owned()),
        }
    }
    Ok(Found {
        rooms: forgotten,
        silent,
        since: found.since,
    })
}

fn count_extremities(room: String) -> LocalBoxFuture<'static, Result<u64, ApiError>> {
    async move {
        let Some(room) = RoomId::parse(&room) else {
            return Ok(0);
        };
        let asked = extremities::list(&room).timeout_ms(PATIENCE_MS);
        match Client::get().send(asked).await {
            Ok(found) => Ok(found.count),
            // A room without any leads to an error of the server's.
            Err(ApiError::Matrix { .. }) => Ok(0),
            Err(error) => Err(error),
        }
    }
    .boxed_local()
}

fn ids(rooms: &[Room]) -> Vec<String> {
    rooms.iter().map(|room| room.room_id.to_string()).collect()
}

/// Those of the rooms in which nothing has happened since a moment.
pub async fn quiet_since(
    moment: Timestamp,
    among: Vec<Room>,
    reading: &Reading,
) -> Result<Found, ApiError> {
    let found = cached::survey(&LAST_EVENTS, ids(&among), reading).await?;
    let last = |room: &Room| found.known.get(room.room_id.as_str()).copied().flatten();
    let mut quiet = Vec::new();
    let mut silent = Vec::new();
    for room in among {
        let last = last(&room);
        note(&room.room_id, |known| known.last_event = last);
        match last {
            Some(last) if last.0 < moment.0 => quiet.push(room),
            Some(_) => {}
            None => silent.push(room.title().to_owned()),
        }
    }
    Ok(Found {
        rooms: quiet,
        silent,
        since: found.since,
    })
}

/// Those of the rooms with at least so many forward extremities.
pub async fn with_extremities(
    least: u64,
    among: Vec<Room>,
    reading: &Reading,
) -> Result<Found, ApiError> {
    let found = cached::survey(&EXTREMITIES, ids(&among), reading).await?;
    let mut many = Vec::new();
    let mut silent = Vec::new();
    for room in among {
        let count = found.known.get(room.room_id.as_str()).copied();
        note(&room.room_id, |known| known.extremities = count);
        match count {
            Some(count) if count >= least => many.push(room),
            Some(_) => {}
            None => silent.push(room.title().to_owned()),
        }
    }
    Ok(Found {
        rooms: many,
        silent,
        since: found.since,
    })
}

/// The rooms that take most of the database, the largest first; `None` if the server does not
/// tell.
pub async fn largest(reading: &Reading) -> Result<Option<Vec<Room>>, ApiError> {
    let found = match Client::get().send(statistics::largest_rooms()).await {
        Ok(found) => found,
        Err(ApiError::Matrix { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let whole = whole_list(reading).await?;
    let of = |room: &RoomId| whole.items.iter().find(|of| of.room_id == *room);
    Ok(Some(
        found
            .rooms
            .iter()
            .filter_map(|size| {
                note(&size.room_id, |known| {
                    known.bytes = Some(size.estimated_size)
                });
                of(&size.room_id).cloned()
            })
            .collect(),
    ))
}
