//! Removing what an account has written. The server does it in the background.

use super::request::path;
use super::tolerant::or_default;
use super::{Request, RoomId, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Which messages of a user are removed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Redaction {
    /// None for all rooms that the user is in, or banned from. A room that the server does not
    /// know fails everything.
    pub rooms: Vec<RoomId>,
    /// Everybody in the rooms can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many of the latest events of each room are looked at; the server's default is 1,000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Whether the administrator redacts in their own name, for which they need the power in
    /// each room; otherwise a local user does it themselves. Since Synapse 1.135.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub use_admin: Option<bool>,
}

/// `POST /_synapse/admin/v1/user/{user_id}/redact`: begins to remove messages (encrypted ones
/// since Synapse 1.131; neither stickers nor reactions nor polls) and joins. 400 `M_UNKNOWN` while a redaction of this user is under way.
/// Cannot be undone. Since Synapse 1.116.
pub fn start(user: &UserId, redaction: &Redaction) -> Request<Started> {
    Request::post(path(&["/_synapse/admin/v1/user", user.as_str(), "redact"])).json(redaction)
}

/// The answer of [`start`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Started {
    pub redact_id: String,
}

/// `GET /_synapse/admin/v1/user/redact_status/{redact_id}`. 404 for one that the server has
/// forgotten, which it does after a week. Since Synapse 1.116.
pub fn status(id: &str) -> Request<Redacting> {
    Request::get(path(&["/_synapse/admin/v1/user/redact_status", id]))
}

/// How far a redaction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RedactionStage {
    Scheduled,
    Active,
    #[serde(alias = "completed")]
    Complete,
    Failed,
    Cancelled,
    #[serde(other)]
    Unknown,
}

impl RedactionStage {
    /// Whether the server does nothing more about it.
    pub fn is_over(self) -> bool {
        matches!(
            self,
            RedactionStage::Complete | RedactionStage::Failed | RedactionStage::Cancelled
        )
    }
}

/// The answer of [`status`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Redacting {
    pub status: RedactionStage,
    /// Errors by event ID.
    #[serde(default, deserialize_with = "or_default")]
    pub failed_redactions: BTreeMap<String, String>,
    #[serde(default)]
    pub error: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages() {
        let read = |json: &str| serde_json::from_str::<Redacting>(json).unwrap();
        assert!(!read(r#"{"status":"active"}"#).status.is_over());
        assert!(!read(r#"{"status":"resting"}"#).status.is_over());
        let over = read(r#"{"status":"complete","failed_redactions":{"$e":"no power"}}"#);
        assert!(over.status.is_over());
        assert_eq!(over.failed_redactions["$e"], "no power");
    }
}
