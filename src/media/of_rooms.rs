//! Which files rooms have, as far as the server can tell: those that messages name which are not encrypted.

use super::summary::Sum;
use crate::api::exchange::Patient;
use crate::api::media::{self, RoomMedia};
use crate::api::{ApiError, MxcUri, RoomId, rooms};
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

/// Asks which files a room has. Of a room that the server does not know it says that it has none: where
/// there are none, it is asked whether it knows it.
///
/// # Errors
///
/// What one of the requests ends with.
pub async fn files_of_room(server: Patient<'_>, room: &RoomId) -> Result<FilesOfRoom, ApiError> {
    let found = server.send(media::of_room(room)).await?;
    let is_empty = found.local.is_empty() && found.remote.is_empty();
    if is_empty && ApiError::if_there(server.send(rooms::get(room)).await)?.is_none() {
        return Ok(FilesOfRoom::NoSuchRoom);
    }
    Ok(FilesOfRoom::Has(local_ids(&found)))
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
}

#[cfg(test)]
mod tests {
    use super::*;
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
}
