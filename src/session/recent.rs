//! Homeservers that were signed in to from this browser, without secrets.

use super::Account;
use super::config::config_now;
use crate::address::remembered::{Remembered, read, with, write};
use crate::browser::storage::Keep;

/// The last one first.
const KEY: &str = "synapse-admin.servers";

fn kept() -> Vec<Remembered> {
    read(&Keep::ThisBrowser.get(KEY).unwrap_or_default())
}

fn keep(all: &[Remembered]) {
    match all {
        [] => Keep::ThisBrowser.remove(KEY),
        // Without storage nothing is remembered.
        all => drop(Keep::ThisBrowser.set(KEY, &write(all))),
    }
}

/// Whether any homeserver was signed in to. Cheap, for the log-in page.
pub fn are_any() -> bool {
    Keep::ThisBrowser.get(KEY).is_some()
}

/// The homeservers that may be signed in to again, the last one first.
pub fn all() -> Vec<Remembered> {
    let only = &config_now().homeservers;
    let mut all = kept();
    all.retain(|recent| only.is_empty() || only.contains(&recent.homeserver));
    all
}

/// Remembers the homeserver of whoever is signed in.
pub fn remember(account: &Account) {
    let newest = Remembered {
        name: account.user_id.server().to_string(),
        homeserver: account.homeserver.clone(),
    };
    let known = kept();
    if known.first() != Some(&newest) {
        keep(&with(known, newest));
    }
}

/// Forgets a homeserver that was signed in to.
pub fn forget(recent: &Remembered) {
    let mut all = kept();
    all.retain(|known| known != recent);
    keep(&all);
}
