//! Rooms.

use super::request::path;
use super::tolerant::{boolean, position};
use super::{Request, RoomId, UserId};
use serde::{Deserialize, Serialize};

/// `GET /_synapse/admin/v1/rooms`: one page of the rooms that this server knows, by name.
pub fn list(from: u64, limit: u64) -> Request<RoomPage> {
    Request::get("/_synapse/admin/v1/rooms")
        .query("from", from)
        .query("limit", limit.max(1))
}

/// One page of rooms.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RoomPage {
    pub rooms: Vec<Room>,
    #[serde(rename = "total_rooms")]
    pub total: u64,
    #[serde(default, deserialize_with = "position")]
    pub next_batch: Option<u64>,
}

/// A room, as the list has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Room {
    pub room_id: RoomId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub canonical_alias: Option<String>,
    #[serde(default)]
    pub joined_members: Option<u64>,
    #[serde(default)]
    pub joined_local_members: Option<u64>,
    #[serde(default, deserialize_with = "boolean")]
    pub public: bool,
}

/// `GET /_synapse/admin/v1/rooms/{room_id}`, of which only the avatar is read here: one of the
/// profile images that a deletion of media spares. 404 if unknown.
pub fn get(room: &RoomId) -> Request<RoomDetail> {
    Request::get(path(&["/_synapse/admin/v1/rooms", room.as_str()]))
}

/// The answer of [`get`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RoomDetail {
    #[serde(flatten)]
    pub room: Room,
    /// An mxc URI.
    #[serde(default)]
    pub avatar: Option<String>,
}

/// `POST /_synapse/admin/v1/join/{room_id_or_alias}`: a local user joins. Into a room that is
/// not public the administrator must be able to invite, else 403.
pub fn join(room_or_alias: &str, user: &UserId) -> Request<Joined> {
    #[derive(Serialize)]
    struct Body<'a> {
        user_id: &'a UserId,
    }
    Request::post(path(&["/_synapse/admin/v1/join", room_or_alias]))
        .json(&Body { user_id: user })
        .idempotent()
        // A join over federation may take minutes.
        .timeout_ms(180_000)
}

/// The answer of [`join`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Joined {
    pub room_id: RoomId,
}
