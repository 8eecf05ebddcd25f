//! The forward extremities of a room: the events after which nothing has come yet. Many of them
//! make a room slow.

use super::rooms::room_path;
use super::tolerant::Timestamp;
use super::{Request, RoomId};
use serde::Deserialize;

/// `GET /_synapse/admin/v1/rooms/{room_id}/forward_extremities`. A room without any leads to an
/// error 500.
pub fn list(room: &RoomId) -> Request<Extremities> {
    Request::get(room_path(room, &["forward_extremities"]))
}

/// The answer of [`list`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Extremities {
    pub count: u64,
    pub results: Vec<Extremity>,
}

/// An event after which nothing has come yet.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Extremity {
    pub event_id: String,
    #[serde(default)]
    pub state_group: Option<i64>,
    #[serde(default)]
    pub depth: Option<i64>,
    #[serde(default)]
    pub received_ts: Option<Timestamp>,
}

/// `DELETE /_synapse/admin/v1/rooms/{room_id}/forward_extremities`: keeps only the newest. State
/// that only the others have is lost: bans, powers.
pub fn delete(room: &RoomId) -> Request<DeletedExtremities> {
    Request::delete(room_path(room, &["forward_extremities"]))
}

/// The answer of [`delete`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DeletedExtremities {
    pub deleted: u64,
}
