//! Which rooms actions are about, and the part of the app that shows what can be done to them.

use crate::api::rooms::Room;
use crate::components::part::Slot;
use crate::lists::Picked;
use leptos::prelude::*;

/// A room, and whether it is blocked.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownRoom {
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
        known: Signal<Option<KnownRoom>>,
        changed: Callback<()>,
    },
}

/// The actions on these; on none, what an earlier page has begun is followed and nothing is shown.
pub static ACTIONS: Slot<Option<Subject>> = Slot::new();
