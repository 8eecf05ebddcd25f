//! Removing rooms and their history. The server does both in the background.

use super::request::path;
use super::tolerant::{Timestamp, or_default};
use super::{EventId, Request, RoomId, UserId};
use serde::{Deserialize, Serialize};

/// How [`delete`] removes a room.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Deletion {
    /// A local user who makes a new room, into which all local members are moved; local aliases
    /// lead there afterwards. Anybody may join it, from other servers as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_room_user_id: Option<UserId>,
    /// The new room's name. Without one, or an empty one, Synapse calls it "Content Violation Notification".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_name: Option<String>,
    /// The first message in the new room. Without one, or an empty one, Synapse says that sharing illegal
    /// content is not permitted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Local users cannot join again, not even over federation.
    pub block: bool,
    /// All traces in the database go. Media files stay.
    pub purge: bool,
    /// Even if some local user could not be removed.
    pub force_purge: bool,
}

/// `DELETE /_synapse/admin/v2/rooms/{room_id}`: begins to remove the room from this server; local
/// members leave it. Members from elsewhere keep it. 400 `M_UNKNOWN` while a removal of this room
/// is under way. Cannot be undone, and not be stopped.
pub fn delete(room: &RoomId, deletion: &Deletion) -> Request<DeletionBegun> {
    let path = path(&["/_synapse/admin/v2/rooms", room.as_str()]);
    let mut request = Request::delete(path).json(deletion);
    // A second one would make a second new room.
    request.call.idempotent = false;
    request
}

/// The answer of [`delete`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DeletionBegun {
    pub delete_id: String,
}

/// `GET /_synapse/admin/v2/rooms/delete_status/{delete_id}`. 404 `M_NOT_FOUND` for one that the
/// server has forgotten: after a week, before Synapse 1.93 after a day or a restart.
pub fn deletion(id: &str) -> Request<Deleting> {
    Request::get(path(&["/_synapse/admin/v2/rooms/delete_status", id]))
}

/// `GET /_synapse/admin/v2/rooms/{room_id}/delete_status`: all removals of this room that the
/// server remembers. 404 `M_NOT_FOUND` if none, and for a moment after [`delete`].
pub fn deletions(room: &RoomId) -> Request<Deletions> {
    Request::get(path(&[
        "/_synapse/admin/v2/rooms",
        room.as_str(),
        "delete_status",
    ]))
}

/// The answer of [`deletions`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Deletions {
    pub results: Vec<Deleting>,
}

/// How far something is that the server does in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemovalStage {
    Scheduled,
    Active,
    /// Before Synapse 1.93.
    ShuttingDown,
    /// Before Synapse 1.93.
    Purging,
    Complete,
    Failed,
    Cancelled,
    #[serde(other)]
    Unknown,
}

impl RemovalStage {
    /// Its name among the server's tasks; `None` for those that only old versions have.
    pub fn name(self) -> Option<&'static str> {
        match self {
            RemovalStage::Scheduled => Some("scheduled"),
            RemovalStage::Active => Some("active"),
            RemovalStage::Complete => Some("complete"),
            RemovalStage::Failed => Some("failed"),
            RemovalStage::Cancelled => Some("cancelled"),
            RemovalStage::ShuttingDown | RemovalStage::Purging | RemovalStage::Unknown => None,
        }
    }

    /// Whether the server does nothing more about it.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            RemovalStage::Complete | RemovalStage::Failed | RemovalStage::Cancelled
        )
    }
}

/// How far a removal is.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Deleting {
    pub status: RemovalStage,
    /// Before Synapse 1.93 only in [`deletions`].
    #[serde(default)]
    pub delete_id: Option<String>,
    /// `None` until something has happened.
    #[serde(default, deserialize_with = "or_default")]
    pub shutdown_room: Option<Shutdown>,
    /// Before Synapse 1.93, when it has failed.
    #[serde(default)]
    pub error: Option<String>,
}

/// What a removal has done so far.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Shutdown {
    #[serde(default, deserialize_with = "or_default")]
    pub kicked_users: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub failed_to_kick_users: Vec<String>,
    /// Those that lead to the new room now.
    #[serde(default, deserialize_with = "or_default")]
    pub local_aliases: Vec<String>,
    #[serde(default)]
    pub new_room_id: Option<String>,
}

/// Up to where [`purge_history`] removes.
#[derive(Clone, Debug, PartialEq)]
pub enum UpTo {
    Event(EventId),
    Moment(Timestamp),
}

/// `POST /_synapse/admin/v1/purge_history/{room_id}`: begins to remove what was said before a
/// moment or an event; state and the last message stay. Without `local` only what came from
/// other servers, but Synapse 1.155 and older remove all, except in rooms of version 1 and 2.
/// 404 `M_NOT_FOUND` if there is nothing so old as the moment, or no such event; 400 for an event
/// of another room. Cannot be undone.
pub fn purge_history(room: &RoomId, up_to: &UpTo, local: bool) -> Request<Purging> {
    #[derive(Serialize)]
    struct Body<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        purge_up_to_event_id: Option<&'a EventId>,
        #[serde(skip_serializing_if = "Option::is_none")]
        purge_up_to_ts: Option<Timestamp>,
        delete_local_events: bool,
    }
    let (event, moment) = match up_to {
        UpTo::Event(event) => (Some(event), None),
        UpTo::Moment(moment) => (None, Some(*moment)),
    };
    Request::post(path(&["/_synapse/admin/v1/purge_history", room.as_str()]))
        .json(&Body {
            purge_up_to_event_id: event,
            purge_up_to_ts: moment,
            delete_local_events: local,
        })
        .timeout_ms(180_000)
}

/// The answer of [`purge_history`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Purging {
    pub purge_id: String,
}

/// `GET /_synapse/admin/v1/purge_history_status/{purge_id}`. 404 `M_NOT_FOUND` for one that the
/// server has forgotten, as with [`deletion`].
pub fn purge_status(id: &str) -> Request<PurgeStatus> {
    Request::get(path(&["/_synapse/admin/v1/purge_history_status", id]))
}

/// The answer of [`purge_status`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PurgeStatus {
    pub status: RemovalStage,
    #[serde(default)]
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_words() {
        let read = |json: &str| serde_json::from_str::<Deleting>(json).unwrap();
        assert!(
            !read(r#"{"status":"shutting_down","shutdown_room":{}}"#)
                .status
                .is_over()
        );
        assert!(
            !read(r#"{"status":"resting","shutdown_room":null}"#)
                .status
                .is_over()
        );
        let over = read(
            r#"{"status":"complete","delete_id":"x","shutdown_room":{"kicked_users":["@a:b"],
                "failed_to_kick_users":[],"local_aliases":null,"new_room_id":null}}"#,
        );
        assert!(over.status.is_over());
        assert_eq!(over.shutdown_room.unwrap().kicked_users, ["@a:b"]);
    }
}
