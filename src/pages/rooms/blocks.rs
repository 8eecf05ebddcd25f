//! Which rooms are blocked. Synapse has no list of them and tells it room by room, so what was
//! blocked from this browser is remembered here, by its ID and nothing else.

use crate::actions::touched::Log;
use crate::api::rooms::{self, Blocked};
use crate::api::{ApiError, RoomId};
use crate::browser::storage::Keep;
use crate::lists::Reading;
use crate::lists::cached::{self, Survey, Surveyed};
use crate::session::{Client, Session};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// So many are remembered; the oldest are forgotten first.
const REMEMBERED: usize = 5_000;

thread_local! {
    static BLOCKED: Survey<Blocked> = Survey::new(ask, Log::rooms_since);
}

fn ask(room: String) -> LocalBoxFuture<'static, Result<Blocked, ApiError>> {
    async move {
        match RoomId::parse(&room) {
            Some(room) => Client::get().send(rooms::is_blocked(&room)).await,
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
pub async fn of(rooms: Vec<String>, reading: &Reading) -> Result<Surveyed<Blocked>, ApiError> {
    cached::survey(&BLOCKED, rooms, reading).await
}

/// Whether a room is blocked, asked just now.
pub async fn is_blocked_now(room: &RoomId) -> Result<bool, ApiError> {
    Ok(ask(room.to_string()).await?.block)
}

/// Whose rooms they are: an administrator of a homeserver.
pub fn owner() -> Option<String> {
    let account = Session::get().account_now()?;
    Some(format!("{} {}", account.homeserver, account.user_id))
}

fn key() -> Option<String> {
    Some(format!("synapse-admin.blocked-rooms.{}", owner()?))
}

/// The rooms that have been blocked from this browser, the newest first.
pub fn remembered() -> Vec<RoomId> {
    let kept = key().and_then(|key| Keep::ThisBrowser.get(&key));
    let kept = kept.unwrap_or_default();
    kept.lines().filter_map(RoomId::parse).collect()
}

fn keep(rooms: &[RoomId]) {
    let Some(key) = key() else {
        return;
    };
    let ids: Vec<&str> = rooms.iter().take(REMEMBERED).map(RoomId::as_str).collect();
    match ids.is_empty() {
        true => Keep::ThisBrowser.remove(&key),
        // Without storage nothing is remembered, and the server still knows.
        false => {
            Keep::ThisBrowser.set(&key, &ids.join("\n"));
        }
    }
}

/// Remembers rooms that are about to be blocked. Whether they are is asked when they are shown.
pub fn remember(rooms: &[RoomId]) {
    let mut all = rooms.to_vec();
    all.extend(
        remembered()
            .into_iter()
            .filter(|room| !rooms.contains(room)),
    );
    keep(&all);
}

/// Forgets rooms that are not blocked any more.
pub fn forget(is_over: impl Fn(&RoomId) -> bool) {
    let all = remembered();
    let still: Vec<RoomId> = all.iter().filter(|room| !is_over(room)).cloned().collect();
    if still.len() < all.len() {
        keep(&still);
    }
}
