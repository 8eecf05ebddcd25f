//! Whether somebody has left something unfinished in this browser, to be reminded of it after
//! signing in. Who keeps the unfinished things is loaded only when it is needed; this is a note
//! in `localStorage`.

use crate::api::UserId;
use crate::components::storage::Keep;

fn key(user: &UserId) -> String {
    format!("synapse-admin.unfinished.{user}")
}

/// Remembers whether this administrator has unfinished imports here.
pub fn remember(user: &UserId, unfinished: bool) {
    match unfinished {
        true => {
            // Without storage nobody is reminded.
            Keep::ThisBrowser.set(&key(user), "import");
        }
        false => Keep::ThisBrowser.remove(&key(user)),
    }
}

/// Whether this administrator had unfinished imports here.
pub fn is_there(user: &UserId) -> bool {
    Keep::ThisBrowser.get(&key(user)).is_some()
}
