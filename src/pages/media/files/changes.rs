//! What has happened to files, for whoever keeps a list of them.

use crate::api::UserId;
use crate::api::media::MediaFile;
use crate::browser::only_one;
use crate::media::FileChange;
use crate::media::changes::{self, FileLog};
use leptos::prelude::{RwSignal, Update};
use std::cell::{Cell, RefCell};

thread_local! {
    /// `None` as long as nobody keeps one.
    static LOG: RefCell<Option<FileLog>> = const { RefCell::new(None) };
    static NEWS: Cell<Option<RwSignal<u32>>> = const { Cell::new(None) };
}

/// Notes what the server has done.
pub fn record(change: FileChange) {
    let is_news = LOG.with_borrow_mut(|log| log.as_mut().is_some_and(|log| log.note(change)));
    if is_news {
        news().update(|news| *news += 1);
    }
}

/// Whether anybody keeps a list.
pub fn are_kept() -> bool {
    LOG.with_borrow(Option::is_some)
}

/// Counts how often there was something to take after nothing was.
pub fn news() -> RwSignal<u32> {
    only_one::get(&NEWS, || RwSignal::new(0))
}

/// Takes what has been noted since the last call; from the first call on it is noted.
pub fn take() -> Vec<FileChange> {
    LOG.with_borrow_mut(|log| log.get_or_insert_default().take())
}

/// Forgets what has been taken, once no list is being read.
pub fn trim() {
    LOG.with_borrow_mut(|log| log.get_or_insert_default().trim());
}

/// Where a reading begins: what happens from now on its answer may not know.
pub fn position() -> usize {
    LOG.with_borrow(|log| log.as_ref().map_or(0, FileLog::position))
}

/// Brings the list of an account's files up to date that began to be read there. Whether it has to be
/// read once more.
pub fn catch_up(user: &UserId, files: &mut Vec<MediaFile>, began: usize) -> bool {
    LOG.with_borrow(|log| {
        let meanwhile = log.as_ref().map_or(&[][..], |log| log.since(began));
        changes::catch_up(user, files, meanwhile)
    })
}
