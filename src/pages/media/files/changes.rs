//! What has happened to files, for whoever keeps a list of them.

use crate::browser::only_one;
use crate::media::FileChange;
use leptos::prelude::{RwSignal, Update};
use std::cell::{Cell, RefCell};

thread_local! {
    /// What has not been taken, in order. `None` as long as nobody keeps a list.
    static LOG: RefCell<Option<Vec<FileChange>>> = const { RefCell::new(None) };
    static NEWS: Cell<Option<RwSignal<u32>>> = const { Cell::new(None) };
}

/// Notes what the server has done.
pub fn record(change: FileChange) {
    let is_news = LOG.with_borrow_mut(|log| {
        log.as_mut().is_some_and(|log| {
            log.push(change);
            log.len() == 1
        })
    });
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
    LOG.with_borrow_mut(|log| std::mem::take(log.get_or_insert_default()))
}
