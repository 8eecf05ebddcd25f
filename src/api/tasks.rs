//! What the server does in the background.

use super::Request;
use super::room_removal::RemovalStage;
use super::tolerant::{Timestamp, or_default};
use serde::Deserialize;
use serde_json::Value;

/// What kind of task it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskAction {
    DeleteRoom,
    /// To forget a room that everybody here has left. About a room.
    PurgeRoom,
    PurgeHistory,
    Redact,
    /// To take a new name or image of a user to their rooms. Since Synapse 1.150.
    UpdateProfile,
    /// To forget the messages for a device that is gone. About the device.
    DeleteDeviceMessages,
}

impl TaskAction {
    const ALL: [TaskAction; 6] = [
        TaskAction::DeleteRoom,
        TaskAction::PurgeRoom,
        TaskAction::PurgeHistory,
        TaskAction::Redact,
        TaskAction::UpdateProfile,
        TaskAction::DeleteDeviceMessages,
    ];

    /// The name in Synapse's words.
    pub fn name(self) -> &'static str {
        match self {
            TaskAction::DeleteRoom => "shutdown_and_purge_room",
            TaskAction::PurgeRoom => "purge_room",
            TaskAction::PurgeHistory => "purge_history",
            TaskAction::Redact => "redact_all_events",
            TaskAction::UpdateProfile => "update_join_states",
            TaskAction::DeleteDeviceMessages => "delete_device_messages",
        }
    }

    /// What a name means; `None` for one that only the server or a module knows.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// `GET /_synapse/admin/v1/scheduled_tasks`: the tasks of this kind about a room or a user that
/// the server remembers, those included that have not begun; oldest first. Since Synapse 1.130.
pub fn about(resource: &str, action: TaskAction) -> Request<Tasks> {
    Request::get("/_synapse/admin/v1/scheduled_tasks")
        .query("action_name", action.name())
        .query("resource_id", resource)
}

/// Which tasks [`list`] answers with. `None` is no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListTasks {
    /// In Synapse's words, as [`TaskAction::name`] has them.
    pub action: Option<String>,
    /// The ID of the room, user or device that it is about, all of it.
    pub resource: Option<String>,
    /// One of those that Synapse 1.93 and newer have.
    pub status: Option<RemovalStage>,
    /// Only those whose status was last changed until then, or that are to begin until then.
    pub until: Option<Timestamp>,
}

/// `GET /_synapse/admin/v1/scheduled_tasks`: the tasks that the server remembers, oldest first, all
/// at once. Busy servers have very many of [`TaskAction::DeleteDeviceMessages`] and
/// [`TaskAction::UpdateProfile`]. Those that have ended are kept for a week. 400 `M_INVALID_PARAM`
/// for a status that this version does not know, before Synapse 1.160 an error 500. Since Synapse
/// 1.130.
pub fn list(query: &ListTasks) -> Request<Tasks> {
    let status = query.status.and_then(RemovalStage::name);
    Request::get("/_synapse/admin/v1/scheduled_tasks")
        .query_some("action_name", query.action.as_deref())
        .query_some("resource_id", query.resource.as_deref())
        .query_some("status", status)
        // What it is called before Synapse 1.146.
        .query_some("job_status", status)
        .query_some("max_timestamp", query.until.map(|until| until.0))
}

/// The answer of [`about`] and [`list`].
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
    /// In Synapse's words, see [`TaskAction::from_name`].
    pub action: String,
    pub status: RemovalStage,
    /// When its status was last changed; for one that has not begun, when it is to begin.
    pub timestamp_ms: Timestamp,
    #[serde(default)]
    pub resource_id: Option<String>,
    /// What has come of it, or as far as it has got: each kind of task has its own.
    #[serde(default)]
    pub result: Option<Value>,
    #[serde(default)]
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_there_and_back() {
        for action in TaskAction::ALL {
            assert_eq!(TaskAction::from_name(action.name()), Some(action));
        }
        assert_eq!(TaskAction::from_name("of_a_module"), None);
    }
}
