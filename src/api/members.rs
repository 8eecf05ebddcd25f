//! Who may stay in a room: changed by somebody who is in it and has the power.

use super::request::path;
use super::{Request, RoomId, UserId};
use serde::Serialize;
use serde_json::Value;

fn change(room: &RoomId, what: &str, user: &UserId, reason: Option<&str>) -> Request<Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        user_id: &'a UserId,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    }
    let body = Body {
        user_id: user,
        reason,
    };
    Request::post(path(&["/_matrix/client/v3/rooms", room.as_str(), what]))
        .json(&body)
        .idempotent()
        .timeout_ms(180_000)
}

/// `POST /_matrix/client/v3/rooms/{room_id}/kick`: takes somebody out of the room, who may come back
/// where anybody may. 403 if they are not in it, or if whoever's token it is is not in it or lacks the
/// power.
pub fn kick(room: &RoomId, user: &UserId, reason: Option<&str>) -> Request<Value> {
    change(room, "kick", user, reason)
}

/// `POST /_matrix/client/v3/rooms/{room_id}/ban`: somebody cannot come back, and is taken out if they
/// are in it. 403 if whoever's token it is is not in the room or lacks the power.
pub fn ban(room: &RoomId, user: &UserId, reason: Option<&str>) -> Request<Value> {
    change(room, "ban", user, reason)
}
