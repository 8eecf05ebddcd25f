//! What has happened to files, for whoever keeps a list of them.

use crate::media::FileChange;
use std::cell::RefCell;

thread_local! {
    /// `None` as long as nobody keeps one.
    static CHANGES: RefCell<Option<Vec<FileChange>>> = const { RefCell::new(None) };
}

/// Notes what the server has done.
pub fn record(change: FileChange) {
    CHANGES.with_borrow_mut(|changes| {
        if let Some(changes) = changes {
            changes.push(change);
        }
    });
}

/// Takes what has been noted since the last call; from the first call on it is noted.
pub fn take() -> Vec<FileChange> {
    CHANGES.with_borrow_mut(|changes| changes.replace(Vec::new()).unwrap_or_default())
}
