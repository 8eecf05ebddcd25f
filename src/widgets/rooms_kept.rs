//! The whole list of rooms, read once and kept for all pages that need it.

use crate::actions::touched::Log;
use crate::api::rooms::{self, ListRooms, Room};
use crate::api::{ApiError, RoomId};
use crate::lists::Reading;
use crate::lists::cached::{self, CachedKind, Keeper, OnProgress, Whole};
use crate::session::Client;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

thread_local! {
    static ROOMS: Keeper<Room> = Keeper::new(CachedKind {
        read,
        one,
        key: |room| room.room_id.as_str(),
        keep: |_, _| (),
        touched: Log::rooms_since,
    });
}

fn one(room: String) -> LocalBoxFuture<'static, Result<Option<Room>, ApiError>> {
    async move {
        let Some(room) = RoomId::parse(&room) else {
            return Ok(None);
        };
        let detail = ApiError::if_there(Client::get().send(rooms::get(&room)).await)?;
        Ok(detail.map(|detail| detail.room))
    }
    .boxed_local()
}

fn read(report: OnProgress) -> LocalBoxFuture<'static, Result<Vec<Room>, ApiError>> {
    async move {
        let client = Client::get().enduring();
        client
            .patient()
            .all_of(&ListRooms::default(), &*report)
            .await
    }
    .boxed_local()
}

/// All rooms of the server.
pub async fn whole_list(reading: &Reading) -> Result<Whole<Room>, ApiError> {
    cached::all(&ROOMS, reading).await
}
