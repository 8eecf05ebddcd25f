//! Which rooms the next actions are about. The chunk is downloaded later than the page that
//! shows it, and takes no arguments: this is where they are left.

use crate::api::rooms::Room;
use crate::components::list::Picked;
use leptos::prelude::*;
use std::cell::Cell;

/// A room, and whether it is blocked.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    pub room: Room,
    /// `None` until it is known.
    pub blocked: Option<bool>,
}

/// What it is about.
#[derive(Clone, Copy)]
pub enum Subject {
    /// The selected rooms of a list, which is read anew when `changed` counts up.
    Picked {
        picked: Picked,
        changed: RwSignal<u32>,
    },
    /// The room of a page, which is read anew when `changed` is called.
    One {
        known: Signal<Option<Known>>,
        changed: Callback<()>,
    },
}

thread_local! {
    static SUBJECT: Cell<Option<Subject>> = const { Cell::new(None) };
}

/// Says which rooms the actions are about.
pub fn set(subject: Subject) {
    SUBJECT.set(Some(subject));
}

/// What was named last.
pub(super) fn get() -> Option<Subject> {
    SUBJECT.get()
}
