//! Which rooms are blocked. Synapse has no list of them and tells it room by room, so what was
//! blocked from this browser is remembered here, by its ID and nothing else.

use crate::actions::touched::Log;
use crate::api::rooms::{self, Blocked};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId};
use crate::browser::clock::now;
use crate::browser::storage::Keep;
use crate::known::Known;
use crate::lists::Reading;
use crate::lists::cached::{self, Survey, Surveyed};
use crate::operations::followed::under_way;
use crate::rooms::blocked::BlockedRooms;
use crate::session::{Client, Session};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::collections::HashSet;

/// Where deletions of rooms are kept that the server carries out.
pub const DELETIONS: &str = "room-deletions";

/// Whether a room is blocked, and when that was asked.
#[derive(Clone)]
pub struct BlockAnswer {
    pub blocked: Blocked,
    pub asked: Timestamp,
}

thread_local! {
    static BLOCKED: Survey<BlockAnswer> = Survey::new(ask, Log::rooms_since);
}

fn ask(room: String) -> LocalBoxFuture<'static, Result<BlockAnswer, ApiError>> {
    async move {
        let asked = now();
        match RoomId::parse(&room) {
            Some(room) => {
                let blocked = Client::get().send(rooms::is_blocked(&room)).await?;
                Ok(BlockAnswer { blocked, asked })
            }
            None => Err(ApiError::Cancelled),
        }
    }
    .boxed_local()
}

/// Asks of each of these whether it is blocked, unless that is known.
///
/// # Errors
///
/// As [`cached::survey`] has them.
pub async fn of(rooms: Vec<String>, reading: &Reading) -> Result<Surveyed<BlockAnswer>, ApiError> {
    cached::survey(&BLOCKED, rooms, reading).await
}

/// Whether a room is blocked, as far as that has been asked and still holds.
pub fn told(room: &RoomId) -> Known<bool> {
    cached::told(&BLOCKED, room.as_str()).map(|told| told.blocked.block)
}

/// Forgets what has been asked, so that it is asked anew.
pub fn ask_anew() {
    cached::forget(&BLOCKED);
}

/// Whether a room is blocked, asked just now.
pub async fn is_blocked_now(room: &RoomId) -> Result<bool, ApiError> {
    Ok(ask(room.to_string()).await?.blocked.block)
}

/// Whose rooms they are: an administrator of a homeserver.
pub fn owner() -> Option<String> {
    let account = Session::get().account_now()?;
    Some(format!("{} {}", account.homeserver, account.user_id))
}

fn key() -> Option<String> {
    Some(format!("synapse-admin.blocked-rooms.{}", owner()?))
}

fn kept() -> BlockedRooms {
    let kept = key().and_then(|key| Keep::ThisBrowser.get(&key));
    BlockedRooms::parse(&kept.unwrap_or_default())
}

/// The rooms that have been blocked from this browser, the newest first.
pub fn remembered() -> Vec<RoomId> {
    kept().rooms()
}

fn keep(rooms: &BlockedRooms) {
    let Some(key) = key() else {
        return;
    };
    let text = rooms.text();
    match text.is_empty() {
        true => Keep::ThisBrowser.remove(&key),
        // Without storage nothing is remembered, and the server still knows.
        false => {
            Keep::ThisBrowser.set(&key, &text);
        }
    }
}

fn change(change: impl FnOnce(&mut BlockedRooms)) {
    let mut rooms = kept();
    change(&mut rooms);
    keep(&rooms);
}

/// Remembers a room that has just been blocked, or may have been. Whether it is is asked when it is
/// shown.
pub fn remember(room: &RoomId) {
    change(|rooms| rooms.remember(std::slice::from_ref(room), now()));
}

/// Remembers a room that a deletion blocks which the server has just begun, or has in its queue.
pub fn await_block(room: &RoomId) {
    change(|rooms| rooms.await_block(room, now()));
}

/// The deletion of a room has come to its end, whichever that is.
pub fn settle(room: &RoomId) {
    change(|rooms| rooms.settle(room, now()));
}

/// Which of these are about to be blocked: the deletion that blocks them is under way.
pub fn due(rooms: &[RoomId]) -> HashSet<RoomId> {
    let kept = kept();
    let under_way = under_way(DELETIONS);
    let due = rooms
        .iter()
        .filter(|room| kept.is_due(room) && under_way.contains(room.as_str()));
    due.cloned().collect()
}

/// Forgets rooms that are not blocked any more, as these answers have it. What is left is still
/// remembered.
pub fn forget(told: &Surveyed<BlockAnswer>) -> Vec<RoomId> {
    let before = kept();
    let mut still = before.clone();
    let under_way = under_way(DELETIONS);
    let open_at = |room: &RoomId| {
        let told = told.known.get(room.as_str())?;
        (!told.blocked.block).then_some(told.asked)
    };
    still.forget(open_at, |room| under_way.contains(room.as_str()));
    if still != before {
        keep(&still);
    }
    still.rooms()
}
