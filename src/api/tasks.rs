//! What the server does in the background.

use super::Request;
use super::room_removal::Stage;
use super::tolerant::{Timestamp, or_default};
use serde::Deserialize;

/// What kind of task it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    DeleteRoom,
    PurgeHistory,
    Redact,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Action::DeleteRoom => "shutdown_and_purge_room",
            Action::PurgeHistory => "purge_history",
            Action::Redact => "redact_all_events",
        }
    }
}

/// `GET /_synapse/admin/v1/scheduled_tasks`: the tasks of this kind about a room or a user that
/// the server remembers, those included that have not begun; oldest first. Since Synapse 1.130.
pub fn about(resource: &str, action: Action) -> Request<Tasks> {
    Request::get("/_synapse/admin/v1/scheduled_tasks")
        .query("action_name", action.name())
        .query("resource_id", resource)
}

/// The answer of [`about`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Tasks {
    #[serde(default, deserialize_with = "or_default")]
    pub scheduled_tasks: Vec<Task>,
}

/// Something that the server does, has done or will do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Task {
    /// By this the endpoints of its kind know it.
    pub id: String,
    pub action: String,
    pub status: Stage,
    /// When its status was last changed.
    pub timestamp_ms: Timestamp,
    #[serde(default)]
    pub resource_id: Option<String>,
    #[serde(default)]
    pub error: Option<String>,
}
