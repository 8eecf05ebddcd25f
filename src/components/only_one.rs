//! Things of which a page has one: its session, its jobs, its messages.
//!
//! Leptos' context is found only while a component is made, not in what runs later: a click, an
//! answer that comes in. These are found everywhere.

use std::cell::Cell;
use std::thread::LocalKey;

/// The place of the only one.
pub type Place<T> = LocalKey<Cell<Option<T>>>;

/// Puts it in its place, before anything asks for it.
pub fn provide<T: Copy>(place: &'static Place<T>, value: T) -> T {
    place.set(Some(value));
    value
}

/// Takes the handle.
pub fn get<T: Copy>(place: &'static Place<T>) -> T {
    place
        .get()
        .expect("provided by the app before any page is made")
}
