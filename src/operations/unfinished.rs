//! What imports have left in this browser: a note in `localStorage`, so that whoever comes back is
//! reminded, and what is too old is erased. Who keeps the imports themselves is loaded only when
//! it is needed.

use crate::api::{HomeserverUrl, UserId};
use crate::browser::clock::now;
use crate::browser::storage::Keep;

/// When the oldest import that is kept is to be erased, in milliseconds since 1970.
const DUE: &str = "synapse-admin.imports-due";

/// How an import is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Rows are open: it can go on.
    Interrupted,
    /// It has ended, and its file is kept.
    File,
    /// It has ended, and its file and passwords are kept.
    Passwords,
}

impl Left {
    const ALL: [Left; 3] = [Left::Interrupted, Left::File, Left::Passwords];

    fn name(self) -> &'static str {
        match self {
            Left::Interrupted => "interrupted",
            Left::File => "file",
            Left::Passwords => "passwords",
        }
    }
}

fn key(user: &UserId, homeserver: &HomeserverUrl) -> String {
    format!("synapse-admin.unfinished.{homeserver} {user}")
}

/// Remembers what this administrator of this homeserver has left here.
pub fn remember(user: &UserId, homeserver: &HomeserverUrl, left: Option<Left>) {
    let key = key(user, homeserver);
    match left {
        Some(left) => {
            // Without storage nobody is reminded.
            Keep::ThisBrowser.set(&key, left.name());
        }
        None => Keep::ThisBrowser.remove(&key),
    }
}

/// What this administrator of this homeserver has left here.
pub fn left(user: &UserId, homeserver: &HomeserverUrl) -> Option<Left> {
    let kept = Keep::ThisBrowser.get(&key(user, homeserver))?;
    Left::ALL.into_iter().find(|left| left.name() == kept)
}

fn due() -> Option<i64> {
    Keep::ThisBrowser.get(DUE)?.parse().ok()
}

/// Remembers when the oldest import is to be erased, in milliseconds since 1970; whether that worked.
pub fn set_due(due: Option<i64>) -> bool {
    match due {
        Some(due) => Keep::ThisBrowser.set(DUE, &due.to_string()),
        None => {
            Keep::ThisBrowser.remove(DUE);
            true
        }
    }
}

/// Another import is to be erased then; whether somebody will know. Passwords that nobody knows of are not
/// to be kept.
pub fn due_at(ms: i64) -> bool {
    due().is_some_and(|due| due <= ms) || set_due(Some(ms))
}

/// Whether an import is too old to be kept, whoever it belongs to.
pub fn is_due() -> bool {
    due().is_some_and(|due| due < now().0)
}
