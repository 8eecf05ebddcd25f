//! Whom the next actions are about. The chunk is downloaded later than the page that shows it,
//! and takes no arguments: this is where they are left.

use crate::api::users::User;
use crate::components::list::Picked;
use leptos::prelude::*;
use std::cell::Cell;

/// Whom it is about.
#[derive(Clone, Copy)]
pub enum Subject {
    /// The selected users of a list, which is read anew when `changed` counts up.
    Picked {
        picked: Picked,
        changed: RwSignal<u32>,
    },
    /// The account of a page, which is read anew when `changed` is called.
    One {
        user: Signal<Option<User>>,
        /// Whether it belongs to an application service.
        bridged: Signal<bool>,
        changed: Callback<()>,
    },
}

thread_local! {
    static SUBJECT: Cell<Option<Subject>> = const { Cell::new(None) };
}

/// Says which accounts the actions are about.
pub fn set(subject: Subject) {
    SUBJECT.set(Some(subject));
}

/// Who was named last.
pub(super) fn get() -> Option<Subject> {
    SUBJECT.get()
}
