//! What has happened to files.

use super::file::Fingerprint;
use crate::api::UserId;

/// What has happened to files since they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileChange {
    /// Deleted.
    Gone(String),
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
