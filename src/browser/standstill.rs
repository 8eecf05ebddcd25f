//! Why what is under way does not go on, for whatever shows how far it is.

use super::only_one;
use leptos::prelude::*;
use std::cell::Cell;

/// Why it does not go on, in words. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Standstill(RwSignal<Option<String>>);

thread_local! {
    static STANDSTILL: Cell<Option<Standstill>> = const { Cell::new(None) };
}

impl Standstill {
    /// That of this tab.
    pub fn get() -> Self {
        only_one::get(&STANDSTILL, || Standstill(RwSignal::new(None)))
    }

    /// It does not go on, for this reason; `None` when it does.
    pub fn set(self, reason: Option<String>) {
        self.0.set(reason);
    }

    /// The reason, if it does not go on. Reactive.
    pub fn reason(self) -> Option<String> {
        self.0.get()
    }
}
