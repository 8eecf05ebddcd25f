//! Which files rooms have, as far as the server can tell: those that messages name which are not encrypted.

use super::deletion::is_about_one;
use super::summary::Sum;
use crate::api::exchange::Patient;
use crate::api::media::{self, RoomMedia};
use crate::api::{ApiError, MxcUri, RoomId, ServerName, rooms};
use crate::i18n::t;
use crate::runner::hopeless::Failures;
use std::collections::HashSet;
use std::rc::Rc;

/// Media IDs.
pub type MediaIds = Rc<HashSet<String>>;

/// What is known of the files of a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesOfRoom {
    NotAsked,
    /// The server knows no such room: it was purged, or its ID is mistyped.
    NoSuchRoom,
    Has(MediaIds),
}

/// The files of this server that the messages of a room name.
pub fn local_ids(found: &RoomMedia) -> MediaIds {
    let ids = found.local.iter().filter_map(|uri| MxcUri::parse(uri));
    Rc::new(ids.map(|uri| uri.media_id).collect())
}

/// The media that messages of a room name; `None` where the server knows no such room. Of such a room it says
/// that it has none: where there are none, it is asked whether it knows it.
///
/// # Errors
///
/// What one of the requests ends with.
pub async fn media_of_room(
    server: Patient<'_>,
    room: &RoomId,
) -> Result<Option<RoomMedia>, ApiError> {
    let found = media_asked_once(server, room).await?;
    let is_empty = found.local.is_empty() && found.remote.is_empty();
    if is_empty && ApiError::if_there(server.send(rooms::get(room)).await)?.is_none() {
        return Ok(None);
    }
    Ok(Some(found))
}

/// Where a proxy has given up waiting for a room, the server would begin anew each time that it is asked
/// again.
async fn media_asked_once(server: Patient<'_>, room: &RoomId) -> Result<RoomMedia, ApiError> {
    let mut once = media::of_room(room);
    once.call.idempotent = false;
    match server.send(once).await {
        Err(error) if error.is_no_answer() && !error.is_too_slow() => {
            server.send(media::of_room(room)).await
        }
        answer => answer,
    }
}

/// What messages of rooms name, each file once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct MediaOfRooms {
    /// Files of this server, in the order of the rooms.
    pub local: Vec<MxcUri>,
    /// How many there are of other servers.
    pub elsewhere: usize,
    /// How many rooms could not be read: one that is broken, or too large, is no reason to know nothing of the
    /// others.
    pub unread: usize,
    /// Rooms that the server does not know: what they had nobody can tell.
    pub not_known: Vec<RoomId>,
}

/// Asks what these rooms have, one after another. `report` hears how many have been looked at. Dropping the
/// future cancels it.
///
/// # Errors
///
/// What ends it for a reason that is about more than one room.
pub async fn media_of_rooms(
    server: Patient<'_>,
    which: &[RoomId],
    own: &ServerName,
    report: &dyn Fn(u64),
) -> Result<MediaOfRooms, ApiError> {
    let mut all = MediaOfRooms::default();
    let (mut seen, mut elsewhere) = (HashSet::new(), HashSet::new());
    let mut failures = Failures::default();
    for (done, room) in (0..).zip(which) {
        report(done);
        let files = match media_of_room(server, room).await {
            Ok(files) => files,
            Err(error) if is_about_one(&error) && !failures.are_hopeless(&error) => {
                all.unread += 1;
                continue;
            }
            Err(error) => return Err(error),
        };
        failures.end();
        let Some(files) = files else {
            all.not_known.push(room.clone());
            continue;
        };
        let local = files.local.iter().filter_map(|uri| MxcUri::parse(uri));
        let local = local.filter(|uri| uri.server == *own);
        all.local
            .extend(local.filter(|uri| seen.insert(uri.clone())));
        elsewhere.extend(files.remote);
    }
    all.elsewhere = elsewhere.len();
    Ok(all)
}

/// Asks which files a room has.
///
/// # Errors
///
/// As [`media_of_room`].
pub async fn files_of_room(server: Patient<'_>, room: &RoomId) -> Result<FilesOfRoom, ApiError> {
    let found = media_of_room(server, room).await?;
    Ok(found.map_or(FilesOfRoom::NoSuchRoom, |found| {
        FilesOfRoom::Has(local_ids(&found))
    }))
}

/// How much the files of a room are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomWeight {
    Exactly(Sum),
    /// There may be more: in lists that have not been read, or in messages that are encrypted.
    AtLeast(Sum),
    /// Of encrypted messages the server knows no files.
    NotKnown,
}

impl RoomWeight {
    /// Of a room whose messages name so many files, of which so much was found in lists; all lists or some.
    pub fn of(named: usize, found: Sum, is_encrypted: bool, are_all_read: bool) -> Self {
        let is_all = are_all_read || found.files >= named as u64;
        match is_encrypted {
            true if named == 0 => RoomWeight::NotKnown,
            false if is_all => RoomWeight::Exactly(found),
            _ => RoomWeight::AtLeast(found),
        }
    }

    /// How much was found, if that says anything.
    pub fn sum(self) -> Option<Sum> {
        match self {
            RoomWeight::Exactly(sum) | RoomWeight::AtLeast(sum) => Some(sum),
            RoomWeight::NotKnown => None,
        }
    }

    /// A number of it in words: "at least" so much, where there may be more.
    pub fn told(self, number: String) -> String {
        match self {
            RoomWeight::AtLeast(_) => t::at_least(&number),
            RoomWeight::Exactly(_) | RoomWeight::NotKnown => number,
        }
    }
}

/// Whether nothing can be missing in what was found of rooms: all lists have been read, and no file is in none
/// of them, of which any room may have it.
pub fn can_be_exact(are_lists_read: bool, out_of_reach: Sum) -> bool {
    are_lists_read && out_of_reach.files == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Call;
    use crate::runner::answering::asked;
    use futures_util::FutureExt;
    use serde_json::{Value, json};

    fn of_room(says: &dyn Fn(bool) -> Result<Value, u16>) -> Result<FilesOfRoom, ApiError> {
        asked(&|call| says(call.path.ends_with("/media")), |server| {
            async move {
                let room = RoomId::parse("!a:b.org").unwrap();
                files_of_room(server, &room).await
            }
            .boxed_local()
        })
    }

    #[test]
    fn a_room_that_the_server_does_not_know_is_not_one_without_files() {
        let nothing = || Ok(json!({"local": [], "remote": []}));
        let unknown = of_room(&|is_media| match is_media {
            true => nothing(),
            false => Err(404),
        });
        assert_eq!(unknown, Ok(FilesOfRoom::NoSuchRoom));
        let empty = of_room(&|is_media| match is_media {
            true => nothing(),
            false => Ok(json!({"room_id": "!a:b.org"})),
        });
        assert_eq!(empty, Ok(FilesOfRoom::Has(MediaIds::default())));
        let fails = of_room(&|is_media| match is_media {
            true => nothing(),
            false => Err(403),
        });
        assert!(fails.is_err(), "nobody has said that there is none");
        // What has files is there.
        let full = of_room(&|is_media| match is_media {
            true => Ok(json!({"local": ["mxc://b.org/x"], "remote": []})),
            false => Err(404),
        });
        let ids = HashSet::from(["x".to_owned()]);
        assert_eq!(full, Ok(FilesOfRoom::Has(Rc::new(ids))));
    }

    #[test]
    fn rooms_that_are_not_known_or_fail_are_not_rooms_without_files() {
        let says = |call: &Call| match call.path.as_str() {
            path if path.contains("broken") => Err(500),
            path if path.contains("purged") => match path.ends_with("/media") {
                true => Ok(json!({"local": [], "remote": []})),
                false => Err(404),
            },
            path if path.contains("empty") => match path.ends_with("/media") {
                true => Ok(json!({"local": [], "remote": []})),
                false => Ok(json!({"room_id": "!empty:b.org"})),
            },
            _ => Ok(json!({
                "local": ["mxc://b.org/x", "mxc://b.org/x", "mxc://old.org/y"],
                "remote": ["mxc://c.org/z", "mxc://c.org/z"],
            })),
        };
        let found = asked(&says, |server| {
            async move {
                let room = |name: &str| RoomId::parse(&format!("!{name}:b.org")).unwrap();
                let which = ["full", "broken", "purged", "empty", "again"].map(room);
                let own = ServerName::parse("b.org").unwrap();
                media_of_rooms(server, &which, &own, &|_| ()).await
            }
            .boxed_local()
        });
        let all = MediaOfRooms {
            local: vec![MxcUri::parse("mxc://b.org/x").unwrap()],
            elsewhere: 1,
            unread: 1,
            not_known: vec![RoomId::parse("!purged:b.org").unwrap()],
        };
        assert_eq!(found, Ok(all));
    }

    #[test]
    fn a_weight_is_a_number_only_where_nothing_can_be_missing() {
        let sum = |files| Sum { files, bytes: 9 };
        let of = RoomWeight::of;
        assert_eq!(of(2, sum(2), false, false), RoomWeight::Exactly(sum(2)));
        assert_eq!(of(3, sum(2), false, false), RoomWeight::AtLeast(sum(2)));
        // Deleted since.
        assert_eq!(of(3, sum(2), false, true), RoomWeight::Exactly(sum(2)));
        assert_eq!(of(0, sum(0), false, false), RoomWeight::Exactly(sum(0)));
        assert_eq!(of(0, sum(0), true, true), RoomWeight::NotKnown);
        assert_eq!(of(2, sum(2), true, true), RoomWeight::AtLeast(sum(2)));
    }

    #[test]
    fn what_may_be_more_is_told_as_at_least() {
        let told = |are_read, out_of_reach: u64| {
            let out_of_reach = Sum {
                files: out_of_reach,
                bytes: 0,
            };
            let found = Sum { files: 2, bytes: 9 };
            let are_all_read = can_be_exact(are_read, out_of_reach);
            RoomWeight::of(3, found, false, are_all_read).told("9 B".to_owned())
        };
        assert_eq!(told(true, 0), "9 B");
        // Lists are still being read, were stopped, or have failed.
        assert_eq!(told(false, 0), "at least 9 B");
        // What is in no list may be in this room.
        assert_eq!(told(true, 1), "at least 9 B");
        let of_encrypted = RoomWeight::of(2, Sum { files: 2, bytes: 9 }, true, true);
        assert_eq!(of_encrypted.told("9 B".to_owned()), "at least 9 B");
    }
}
