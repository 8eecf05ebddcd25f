//! What the list does not tell of rooms: when something last happened in each, how many forward
//! extremities it has, how much of the database it takes. The first two are asked room by room,
//! for those who want to know, and kept for the session.

use crate::api::events::{self, Walk};
use crate::api::exchange::Patient;
use crate::api::rooms::Room;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId, extremities, statistics};
use crate::components::list::Reading;
use crate::pages::whole::{self, Keeper, Report};
use crate::room_list;
use crate::session::Client;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, StreamExt};
use std::cell::RefCell;
use std::collections::HashMap;

/// So many rooms are asked about at a time.
const AT_ONCE: usize = 4;

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
    static LAST_EVENTS: Keeper<(Room, Option<Timestamp>)> = Keeper::new(|report| {
        read(report, |server, room| last_event(server, room).boxed_local())
    });
    static EXTREMITIES: Keeper<(Room, u64)> = Keeper::new(|report| {
        read(report, |server, room| count_extremities(server, room).boxed_local())
    });
}

/// What has been found out about a room.
pub fn known(room: &RoomId) -> Known {
    KNOWN.with_borrow(|known| known.get(room).copied().unwrap_or_default())
}

fn note(room: &RoomId, change: impl FnOnce(&mut Known)) {
    KNOWN.with_borrow_mut(|known| change(known.entry(room.clone()).or_default()));
}

/// Asks something about a room.
type Ask<T> = for<'a> fn(Patient<'a>, &'a RoomId) -> LocalBoxFuture<'a, Result<T, ApiError>>;

/// Asks it about every room. `report` hears of how many it is known.
fn read<T: 'static>(
    report: Report,
    ask: Ask<T>,
) -> LocalBoxFuture<'static, Result<Vec<(Room, T)>, ApiError>> {
    async move {
        let client = Client::get();
        let rooms = room_list::read_all(client.patient(), &|_, _| ()).await?;
        let of = rooms.len() as u64;
        let mut answers = stream::iter(rooms)
            .map(|room| {
                let client = Client::get();
                async move {
                    let answer = ask(client.patient(), &room.room_id).await;
                    (room, answer)
                }
            })
            .buffer_unordered(AT_ONCE);
        let mut all = Vec::new();
        while let Some((room, answer)) = answers.next().await {
            all.push((room, answer?));
            report(all.len() as u64, of);
        }
        Ok(all)
    }
    .boxed_local()
}

async fn last_event(server: Patient<'_>, room: &RoomId) -> Result<Option<Timestamp>, ApiError> {
    let walk = Walk {
        backwards: true,
        limit: 1,
        ..Default::default()
    };
    match server.send(events::messages(room, &walk)).await {
        Ok(page) => Ok(page.chunk.first().map(|event| event.origin_server_ts)),
        // Of a broken room it is not known.
        Err(ApiError::Matrix { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn count_extremities(server: Patient<'_>, room: &RoomId) -> Result<u64, ApiError> {
    match server.send(extremities::list(room)).await {
        Ok(found) => Ok(found.count),
        // A room without any leads to an error of the server's.
        Err(ApiError::Matrix { .. }) => Ok(0),
        Err(error) => Err(error),
    }
}

/// All rooms in which nothing has happened since a moment. Those of which that is not known are
/// not among them.
pub async fn quiet_since(moment: Timestamp, reading: &Reading) -> Result<Vec<Room>, ApiError> {
    let whole = whole::all(&LAST_EVENTS, reading).await?;
    let quiet = whole.items.iter().filter(|(room, last)| {
        note(&room.room_id, |known| known.last_event = *last);
        last.is_some_and(|last| last.0 < moment.0)
    });
    Ok(quiet.map(|(room, _)| room.clone()).collect())
}

/// All rooms with at least so many forward extremities.
pub async fn with_extremities(least: u64, reading: &Reading) -> Result<Vec<Room>, ApiError> {
    let whole = whole::all(&EXTREMITIES, reading).await?;
    let many = whole.items.iter().filter(|(room, count)| {
        note(&room.room_id, |known| known.extremities = Some(*count));
        *count >= least
    });
    Ok(many.map(|(room, _)| room.clone()).collect())
}

/// The rooms that take most of the database, the largest first; `None` if the server does not
/// tell.
pub async fn largest(reading: &Reading) -> Result<Option<Vec<Room>>, ApiError> {
    let found = match Client::get().send(statistics::largest_rooms()).await {
        Ok(found) => found,
        Err(ApiError::Matrix { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let whole = super::whole_list(reading).await?;
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
