//! This server's room directory, and the addresses of rooms.

use super::request::path;
use super::tolerant::or_default;
use super::{Request, RoomAlias, RoomId};
use serde::{Deserialize, Serialize};

fn visibility_path(room: &RoomId) -> String {
    path(&["/_matrix/client/v3/directory/list/room", room.as_str()])
}

/// `GET /_matrix/client/v3/directory/list/room/{room_id}`: whether the room is published. 404 if
/// unknown.
pub fn visibility(room: &RoomId) -> Request<Visibility> {
    Request::get(visibility_path(room))
}

/// `PUT /_matrix/client/v3/directory/list/room/{room_id}`: publishes the room in the directory,
/// or takes it out. An administrator of the server need not be in it. 403 `M_FORBIDDEN` where the
/// configuration forbids it.
pub fn publish(room: &RoomId, published: bool) -> Request<serde_json::Value> {
    let visibility = if published { "public" } else { "private" };
    let body = Visibility {
        visibility: visibility.to_owned(),
    };
    Request::put(visibility_path(room), &body)
}

/// The answer of [`visibility`]: `public` or `private`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visibility {
    pub visibility: String,
}

/// `GET /_matrix/client/v3/rooms/{room_id}/aliases`: the local addresses of a room; an
/// administrator of the server need not be in it.
pub fn aliases(room: &RoomId) -> Request<Aliases> {
    Request::get(path(&[
        "/_matrix/client/v3/rooms",
        room.as_str(),
        "aliases",
    ]))
}

/// The answer of [`aliases`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Aliases {
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<String>,
}

fn alias_path(alias: &RoomAlias) -> String {
    path(&["/_matrix/client/v3/directory/room", alias.as_str()])
}

/// `PUT /_matrix/client/v3/directory/room/{room_alias}`: makes a local address lead to the room.
/// 409 `M_UNKNOWN` if it leads somewhere already.
pub fn add_alias(alias: &RoomAlias, room: &RoomId) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        room_id: &'a RoomId,
    }
    Request::put(alias_path(alias), &Body { room_id: room })
}

/// `DELETE /_matrix/client/v3/directory/room/{room_alias}`: the address leads nowhere any more.
/// 404 `M_NOT_FOUND` if it never did; 400 `M_EXCLUSIVE` for those of application services.
pub fn remove_alias(alias: &RoomAlias) -> Request<serde_json::Value> {
    Request::delete(alias_path(alias))
}
