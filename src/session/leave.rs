//! Leaving the page in order to sign in again in the same tab: who has something that is to be there
//! again afterwards keeps it then.

use super::Session;
use crate::api::exchange::Clock;
use crate::browser::clock::BrowserClock;
use js_sys::Reflect;
use leptos::prelude::{untrack, window_event_listener_untyped};
use std::cell::{Cell, RefCell};

/// Who keeps something while the page is left.
#[derive(Clone, Copy)]
pub struct PageKeeper {
    /// What would be lost all the same, in the words of the page.
    pub lost: fn() -> Vec<String>,
    /// Begins nothing new: the page is about to be left.
    pub hold: fn(),
    /// Keeps what there is.
    pub keep: fn(),
    /// The person has turned round, and the page is there as it was: what was kept is forgotten, and
    /// what was held goes on.
    pub back: fn(),
}

thread_local! {
    static KEEPERS: RefCell<Vec<PageKeeper>> = const { RefCell::new(Vec::new()) };
    static IS_LEAVING: Cell<bool> = const { Cell::new(false) };
}

fn keepers() -> Vec<PageKeeper> {
    KEEPERS.with_borrow(Clone::clone)
}

/// Whether the page is about to be left. Requests do not wait then until somebody has signed in again: they
/// end with the server's refusal.
pub(super) fn is_leaving() -> bool {
    IS_LEAVING.get()
}

/// From now on this one is asked. For as long as the tab.
pub fn ask(keeper: PageKeeper) {
    KEEPERS.with_borrow_mut(|all| all.push(keeper));
}

/// What would be lost if the page were left now.
pub fn lost() -> Vec<String> {
    untrack(|| {
        keepers()
            .iter()
            .flat_map(|keeper| (keeper.lost)())
            .collect()
    })
}

/// Keeps all that is to be there again. The page is to be left right after.
pub async fn keep() {
    let all = keepers();
    all.iter().for_each(|keeper| (keeper.hold)());
    // What waits for the session is known not to have been carried out: it is begun anew afterwards.
    IS_LEAVING.set(true);
    Session::get().ring();
    BrowserClock.sleep(0).await;
    all.iter().for_each(|keeper| (keeper.keep)());
    IS_LEAVING.set(false);
    // For as long as the page, which is about to go; some browsers keep it for the way back.
    let _ = window_event_listener_untyped("pageshow", |event| {
        // By name: a function of its own would be in the download of the log-in page.
        let persisted = Reflect::get(&event, &"persisted".into());
        if persisted.is_ok_and(|persisted| persisted.is_truthy()) {
            keepers().iter().for_each(|keeper| (keeper.back)());
        }
    });
}
