//! What has been put into quarantine, and taken out.

use super::Request;
use super::tolerant::{boolean, or_default};
use super::{MxcUri, ServerName};
use serde::Deserialize;

/// `GET /_synapse/admin/v1/media/quarantine_changes`: up to a hundred changes after a position, 0
/// for the first of all, oldest first. The server writes them down since Synapse 1.152, as well as
/// it can: one may be missing or stand there twice. 400 `M_INVALID_PARAM` for a position that it
/// has never been at. Since Synapse 1.152.
pub fn changes(from: u64) -> Request<Changes> {
    Request::get("/_synapse/admin/v1/media/quarantine_changes").query("from", from)
}

/// The answer of [`changes`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Changes {
    #[serde(default, deserialize_with = "or_default")]
    pub changes: Vec<QuarantineChange>,
    /// Where the next ones begin; there are none yet if this was asked for.
    pub next_batch: u64,
}

/// A file that was put into quarantine or taken out.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct QuarantineChange {
    pub origin: ServerName,
    pub media_id: String,
    #[serde(deserialize_with = "boolean")]
    pub quarantined: bool,
}

impl QuarantineChange {
    /// The file; `None` if it has an ID that no file can have.
    pub fn file(&self) -> Option<MxcUri> {
        MxcUri::parse(&format!("mxc://{}/{}", self.origin, self.media_id))
    }
}
