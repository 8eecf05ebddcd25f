//! How far the server has come with its background updates since it was last asked, on whichever page.

use crate::api::ApiError;
use crate::api::background_updates::{self, Status, UpdatesSeen};
use crate::api::exchange::Clock;
use crate::browser::clock::BrowserClock;
use crate::session::{Client, Session};
use std::cell::RefCell;

thread_local! {
    /// Whose they are, and what was answered last.
    static SEEN: RefCell<(Option<String>, UpdatesSeen)> = RefCell::default();
}

/// How it is, and for how many milliseconds it has been so.
///
/// # Errors
///
/// What asking ends with.
pub async fn updates() -> Result<(Status, u64), ApiError> {
    let status = Client::get().send(background_updates::status()).await?;
    let whose = Session::get().whose();
    let stands_ms = SEEN.with_borrow_mut(|(owner, seen)| {
        if *owner != whose {
            (*owner, *seen) = (whose, UpdatesSeen::default());
        }
        seen.note(&status, BrowserClock.now_ms())
    });
    Ok((status, stands_ms))
}
