//! What has happened to files.

use super::file::{Fingerprint, StoredFile};
use crate::api::UserId;

/// A file that is deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoneFile {
    pub media_id: String,
    /// Whose it was, where that is known, and how large, where that is: the statistics may count it although
    /// its list has not been read.
    pub of: Option<(UserId, Option<u64>)>,
}

impl GoneFile {
    /// Of which the server has said the ID only.
    pub fn id(media_id: String) -> Self {
        GoneFile { media_id, of: None }
    }

    /// This file, of which it is known that it was there until now.
    pub fn of(file: &StoredFile) -> Self {
        // What has not been uploaded yet is known to be nothing.
        let bytes = file.bytes.or(file.is_pending.then_some(0));
        GoneFile {
            media_id: file.uri.media_id.clone(),
            of: file.owner.clone().map(|owner| (owner, bytes)),
        }
    }
}

/// What has happened to files since they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// Deleted.
    Gone(GoneFile),
    /// Quarantined by somebody, or by nobody any more.
    Quarantined(String, Option<UserId>),
    /// All files of this content are quarantined by somebody, but for protected ones; or none is any more.
    QuarantinedContent(Fingerprint, Option<UserId>),
    /// Protected from quarantine, or no longer.
    Protected(String, bool),
    /// All files of an account are deleted.
    NoneLeft(UserId),
    /// Files of an account may be deleted or changed, with others of the same content: which, nobody has
    /// said.
    Unsure(UserId),
    /// A file may be deleted or changed, with others of the same content: nobody has said.
    UnsureFile(String),
    /// Files of this content may be changed, as it is that of a file of which nobody has said.
    UnsureContent(Fingerprint),
}
