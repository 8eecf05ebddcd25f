//! The addresses of pages that belong to one thing.

use crate::api::encode::encoded;
use crate::api::{MxcUri, RoomId, UserId};

/// The route of a user's page, as people write it: `/users/@jane:example.org`. `tab` is empty
/// for the first.
pub fn of_user(user: &UserId, tab: &str) -> String {
    place("users", user.as_str(), tab)
}

/// The route of a room's page: `/rooms/!abc:example.org`. `tab` is empty for the first.
pub fn of_room(room: &RoomId, tab: &str) -> String {
    place("rooms", room.as_str(), tab)
}

/// The route of a file's page: `/media/example.org/abc`.
pub fn of_file(uri: &MxcUri) -> String {
    let server = encoded(uri.server.as_str()).replace("%3A", ":");
    format!("/media/{server}/{}", uri.media_id)
}

/// The address of a page from an identifier as it stands in an address; `folder` is `users` or
/// `rooms`.
pub fn place(folder: &str, id: &str, tab: &str) -> String {
    let id = encoded(id)
        .replace("%40", "@")
        .replace("%21", "!")
        .replace("%3A", ":");
    match tab {
        "" => format!("/{folder}/{id}"),
        tab => format!("/{folder}/{id}?tab={tab}"),
    }
}
