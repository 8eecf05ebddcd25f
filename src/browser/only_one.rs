//! Things of which a tab has one: its session, its jobs, its messages.
//!
//! Leptos' context is found only while a component is made, not in what runs later: a click, an
//! answer that comes in. These are found everywhere. Each is made when it is first asked for,
//! so that what nobody uses needs not be downloaded, and stays as long as the tab.

use leptos::prelude::Owner;
use std::cell::{Cell, OnceCell};
use std::thread::LocalKey;

/// The place of the only one.
pub type OnlyOne<T> = LocalKey<Cell<Option<T>>>;

thread_local! {
    /// Owns their signals and effects: not the page that happens to ask first.
    static HOUSE: OnceCell<Owner> = const { OnceCell::new() };
}

/// Takes the handle; the first call makes it.
pub fn get<T: Copy>(place: &'static OnlyOne<T>, make: fn() -> T) -> T {
    place.get().unwrap_or_else(|| {
        let house = HOUSE.with(|house| house.get_or_init(|| Owner::new_root(None)).clone());
        let only = house.with(make);
        place.set(Some(only));
        only
    })
}
