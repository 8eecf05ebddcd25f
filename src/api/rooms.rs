//! Rooms.

use super::request::path;
use super::tolerant::{boolean, position};
use super::{Request, RoomAlias, RoomId, UserId};
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

/// `GET /_matrix/client/v3/directory/room/{room_alias}`: which room an alias leads to. 404 if to
/// none; another server's alias is asked for there.
pub fn resolve(alias: &RoomAlias) -> Request<Resolved> {
    Request::get(path(&["/_matrix/client/v3/directory/room", alias.as_str()]))
}

/// The answer of [`resolve`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Resolved {
    pub room_id: RoomId,
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/messages`, of which only the membership events are
/// asked for: one page of who joined, left or changed their profile in a room, newest first
/// (from the oldest on, versions around 1.70 answer with nothing). Since Synapse 1.68.
pub fn member_history(room: &RoomId, from: Option<&str>) -> Request<MemberHistory> {
    Request::get(path(&[
        "/_synapse/admin/v1/rooms",
        room.as_str(),
        "messages",
    ]))
    .query("dir", "b")
    .query("limit", 1000)
    .query("filter", r#"{"types":["m.room.member"]}"#)
    .query_some("from", from)
}

/// One page of [`member_history`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct MemberHistory {
    pub chunk: Vec<MemberEvent>,
    /// Where the next page begins; `None` on the last.
    #[serde(default)]
    pub end: Option<String>,
}

/// A membership event, of which only the profile image is read.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MemberEvent {
    /// What a client wrote: anything at all.
    #[serde(default)]
    content: serde_json::Value,
}

impl MemberEvent {
    /// The profile image that the member had in the room.
    pub fn avatar_url(&self) -> Option<&str> {
        self.content.get("avatar_url")?.as_str()
    }
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/members`: who is in the room now, from all servers.
/// 404 if the server does not know the room.
pub fn members(room: &RoomId) -> Request<Members> {
    Request::get(path(&[
        "/_synapse/admin/v1/rooms",
        room.as_str(),
        "members",
    ]))
}

/// The answer of [`members`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Members {
    pub members: Vec<UserId>,
    pub total: u64,
}

/// `POST /_matrix/client/v3/rooms/{room_id}/leave`: whoever's token it is leaves the room. See
/// [`Request::with_token`].
pub fn leave(room: &RoomId) -> Request<serde_json::Value> {
    Request::post(path(&["/_matrix/client/v3/rooms", room.as_str(), "leave"]))
        .idempotent()
        .timeout_ms(180_000)
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
