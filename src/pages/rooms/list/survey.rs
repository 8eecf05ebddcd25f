//! What the list does not tell of rooms: when something last happened in each, how many forward
//! extremities it has, how much of the database it takes. The first two are asked room by room,
//! for those who want to know, and kept for the session.

use crate::actions::touched::{Log, Touched};
use crate::api::events::{self, Walk};
use crate::api::rooms::{self, Room};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId, extremities, statistics};
use crate::browser::clock::now;
use crate::known::{Known, Wanted, Why};
use crate::lists::Reading;
use crate::lists::cached::{self, Survey};
use crate::operations::activity::TOUCHED;
use crate::pages::rooms::blocks;
use crate::rooms::query::DATABASE_BYTES;
use crate::session::Client;
use crate::sort_keys;
use crate::widgets::rooms_kept::whole_list;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::collections::HashMap;

/// How long one room may take to answer, in milliseconds: a single one that hangs must not hold up
/// the rest.
const PATIENCE_MS: u32 = 15_000;

/// What is known of a room beyond the list.
#[derive(Clone, Copy, Debug)]
pub struct RoomFacts {
    /// When the server received what came last into it.
    pub last_event: Known<Timestamp>,
    pub extremities: Known<u64>,
    /// Bytes in the database, as PostgreSQL estimates.
    pub bytes: Known<u64>,
    /// Whether everybody here has left and forgotten it.
    pub forgotten: Known<bool>,
    /// Whether local users are kept from joining.
    pub blocked: Known<bool>,
}

/// What the server said of the rooms that take most of its database, and the moment (of [`Log`]) of
/// which that tells.
#[derive(Default)]
struct Largest {
    moment: u64,
    bytes: HashMap<RoomId, u64>,
}

thread_local! {
    static LARGEST: RefCell<Largest> = RefCell::default();
    static LAST_EVENTS: Survey<Option<Timestamp>> = Survey::new(last_event, Log::rooms_since);
    static FORGOTTEN: Survey<bool> = Survey::new(is_forgotten, Log::rooms_since);
    static EXTREMITIES: Survey<Option<u64>> = Survey::new(count_extremities, Log::rooms_since);
}

/// What has been found out about a room, as long as no change of ours may have changed it.
pub fn facts_of(room: &RoomId) -> RoomFacts {
    RoomFacts {
        last_event: last_event_of(room),
        extremities: extremities_of(room),
        bytes: bytes_of(room),
        forgotten: cached::told(&FORGOTTEN, room.as_str()),
        blocked: blocks::told(room),
    }
}

/// Forgets what has been found out about rooms.
pub fn forget() {
    cached::forget(&LAST_EVENTS);
    cached::forget(&FORGOTTEN);
    cached::forget(&EXTREMITIES);
    blocks::ask_anew();
    LARGEST.take();
}

fn or_no_record<V>(told: Known<Option<V>>) -> Known<V> {
    match told {
        Known::Is(value) => Known::or(value, Why::NoRecord),
        Known::Unknown(why) => Known::Unknown(why),
    }
}

fn last_event_of(room: &RoomId) -> Known<Timestamp> {
    or_no_record(cached::told(&LAST_EVENTS, room.as_str()))
}

fn extremities_of(room: &RoomId) -> Known<u64> {
    or_no_record(cached::told(&EXTREMITIES, room.as_str()))
}

fn bytes_of(room: &RoomId) -> Known<u64> {
    LARGEST.with_borrow_mut(|Largest { moment, bytes }| {
        let (touched, now) = TOUCHED.with_borrow(|log| (log.rooms_since(*moment), log.moment()));
        *moment = now;
        match touched {
            Touched::None => {}
            Touched::These(ids) => {
                bytes.retain(|room, _| !ids.iter().any(|id| id == room.as_str()))
            }
            Touched::Any => bytes.clear(),
        }
        Known::or(bytes.get(room).copied(), Why::NotAsked)
    })
}

sort_keys! {
    /// What rooms can be sorted by that is found out here. No server knows these keys.
    SurveyOrder {
        LastEvent: "last_event",
        Extremities: "forward_extremities",
        Database: DATABASE_BYTES,
    }
}

impl SurveyOrder {
    fn place(self, room: &RoomId) -> Known<u64> {
        match self {
            SurveyOrder::LastEvent => last_event_of(room).map(|at| at.0.max(0) as u64),
            SurveyOrder::Extremities => extremities_of(room),
            SurveyOrder::Database => bytes_of(room),
        }
    }

    /// Which of two of these rooms comes first; those of which it is not known come last.
    pub fn among(self, rooms: &[Room], descending: bool) -> impl Fn(&Room, &Room) -> Ordering {
        // Looked up once for each room, not for each two that are compared.
        let place = |room: &Room| (room.room_id.clone(), self.place(&room.room_id));
        let places: HashMap<RoomId, Known<u64>> = rooms.iter().map(place).collect();
        move |a, b| {
            let by_place = places[&a.room_id].compare(&places[&b.room_id], descending);
            by_place.then_with(|| a.room_id.cmp(&b.room_id))
        }
    }
}

/// The rooms that a survey finds.
pub struct FoundRooms {
    pub rooms: Vec<Room>,
    /// What people call those of which the server said nothing.
    pub silent: Vec<String>,
    /// When the oldest of the answers came.
    pub since: Timestamp,
}

impl FoundRooms {
    /// What is left of it, and who did not say, here or there.
    pub fn narrowed(self, left: FoundRooms) -> FoundRooms {
        let mut silent = self.silent;
        silent.extend(left.silent);
        FoundRooms {
            rooms: left.rooms,
            silent,
            since: Timestamp(self.since.0.min(left.since.0)),
        }
    }
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

/// Whether it is forgotten, asked just now.
pub async fn forgotten_now(room: &RoomId) -> Result<bool, ApiError> {
    is_forgotten(room.to_string()).await
}

/// Those of the rooms of which this is so: whether everybody here has left and forgotten them, so
/// that nobody of this server can read them any more.
pub async fn forgotten(
    wanted: Wanted,
    among: Vec<Room>,
    reading: &Reading,
) -> Result<FoundRooms, ApiError> {
    let found = cached::survey(&FORGOTTEN, ids(&among), reading).await?;
    let known = |room: &Room| {
        let known = found.known.get(room.room_id.as_str()).copied();
        let known = Known::or(known, Why::Silent);
        (wanted.finds(known), known.value().is_none())
    };
    Ok(those(among, found.since, &known))
}

/// Those of the rooms that are blocked, or are not.
pub async fn blocked(
    wanted: bool,
    among: Vec<Room>,
    reading: &Reading,
) -> Result<FoundRooms, ApiError> {
    let found = blocks::of(ids(&among), reading).await?;
    let known = |room: &Room| {
        let blocked = found.known.get(room.room_id.as_str());
        let blocked = blocked.map(|told| told.blocked.block);
        let blocked = Known::or(blocked, Why::Silent);
        (blocked == Known::Is(wanted), blocked.value().is_none())
    };
    Ok(those(among, found.since, &known))
}

/// The rooms that are found, as `look` says of each: whether it is, and whether the server did not
/// say.
fn those(among: Vec<Room>, since: Timestamp, look: &dyn Fn(&Room) -> (bool, bool)) -> FoundRooms {
    let mut rooms = Vec::new();
    let mut silent = Vec::new();
    for room in among {
        match look(&room) {
            (true, _) => rooms.push(room),
            (false, true) => silent.push(room.title().to_owned()),
            (false, false) => {}
        }
    }
    FoundRooms {
        rooms,
        silent,
        since,
    }
}

/// How many forward extremities a room has. `None` where the server does not tell.
fn count_extremities(room: String) -> LocalBoxFuture<'static, Result<Option<u64>, ApiError>> {
    async move {
        let Some(room) = RoomId::parse(&room) else {
            return Ok(None);
        };
        let asked = extremities::list(&room).timeout_ms(PATIENCE_MS);
        match Client::get().send(asked).await {
            Ok(found) => Ok(Some(found.count)),
            // A room without any that it can tell of leads to an error of the server's.
            Err(ApiError::Matrix { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
    .boxed_local()
}

fn ids(rooms: &[Room]) -> Vec<String> {
    rooms.iter().map(|room| room.room_id.to_string()).collect()
}

/// What is asked of when something last happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quiet {
    /// Before this moment, and not since.
    Since(Timestamp),
    /// Nobody knows when.
    Unknown,
}

impl Quiet {
    /// Whether this is what is asked for.
    pub fn finds(self, last: Known<Timestamp>) -> bool {
        match (self, last) {
            (Quiet::Since(moment), Known::Is(last)) => last.0 < moment.0,
            (Quiet::Unknown, Known::Unknown(_)) => true,
            _ => false,
        }
    }
}

/// Those of the rooms in which nothing has happened for so long.
pub async fn quiet(
    wanted: Quiet,
    among: Vec<Room>,
    reading: &Reading,
) -> Result<FoundRooms, ApiError> {
    let found = cached::survey(&LAST_EVENTS, ids(&among), reading).await?;
    let known = |room: &Room| {
        let last = match found.known.get(room.room_id.as_str()) {
            Some(last) => Known::or(*last, Why::NoRecord),
            None => Known::Unknown(Why::Silent),
        };
        (wanted.finds(last), last.value().is_none())
    };
    Ok(those(among, found.since, &known))
}

fn are_so_many(least: Option<u64>, count: Known<u64>) -> bool {
    match (least, count) {
        (Some(least), Known::Is(count)) => count >= least,
        (None, Known::Unknown(_)) => true,
        _ => false,
    }
}

/// Whether a room still is one of those that [`with_extremities`] finds.
pub async fn has_extremities_now(room: &RoomId, least: Option<u64>) -> Result<bool, ApiError> {
    let count = count_extremities(room.to_string()).await?;
    Ok(are_so_many(least, Known::or(count, Why::NoRecord)))
}

/// Those of the rooms with at least so many forward extremities; without a number, those of which
/// nobody knows how many they have.
pub async fn with_extremities(
    least: Option<u64>,
    among: Vec<Room>,
    reading: &Reading,
) -> Result<FoundRooms, ApiError> {
    let found = cached::survey(&EXTREMITIES, ids(&among), reading).await?;
    let known = |room: &Room| {
        let asked = found.known.get(room.room_id.as_str());
        let count = match asked {
            Some(count) => Known::or(*count, Why::NoRecord),
            None => Known::Unknown(Why::Silent),
        };
        // Of rooms that nobody here is in any more the server never tells.
        (are_so_many(least, count), asked.is_none())
    };
    Ok(those(among, found.since, &known))
}

/// The rooms that take most of the database, the largest first; `None` if the server does not
/// tell.
pub async fn largest(reading: &Reading) -> Result<Option<Vec<Room>>, ApiError> {
    let moment = TOUCHED.with_borrow(Log::moment);
    let found = match Client::get().send(statistics::largest_rooms()).await {
        Ok(found) => found,
        Err(ApiError::Matrix { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let sizes = found.rooms.iter();
    let sizes = sizes.map(|size| (size.room_id.clone(), size.estimated_size));
    LARGEST.set(Largest {
        moment,
        bytes: sizes.collect(),
    });
    let whole = whole_list(reading).await?;
    let of = |room: &RoomId| whole.items.iter().find(|of| of.room_id == *room);
    let rooms = found.rooms.iter();
    let rooms = rooms.filter_map(|size| of(&size.room_id).cloned());
    Ok(Some(rooms.collect()))
}
