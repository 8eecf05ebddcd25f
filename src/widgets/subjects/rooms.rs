//! Which rooms actions are about, and the part of the app that shows what can be done to them.

use crate::api::RoomId;
use crate::api::rooms::Room;
use crate::components::part::Slot;
use crate::known::Known;
use crate::lists::{Picked, Row};
use crate::ui::Node;
use leptos::prelude::*;

/// A room, and what else is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownRoom {
    pub room: Room,
    /// Whether it is blocked; `None` until it is known.
    pub blocked: Option<bool>,
    /// Whether this server has the room; not known if it did not say. What it does not have can be
    /// blocked, and nothing else.
    pub is_here: Known<bool>,
}

impl KnownRoom {
    /// A room of this server, of which nobody has asked yet whether it is blocked.
    pub fn of(room: Room) -> Self {
        KnownRoom {
            room,
            blocked: None,
            is_here: Known::Is(true),
        }
    }

    /// A room by its ID, of which this has been found out; `None` if the server does not have it.
    pub fn found(id: &RoomId, found: &Known<Option<Room>>, blocked: Option<bool>) -> Self {
        let room = found.clone().value().flatten();
        KnownRoom {
            is_here: found.clone().map(|room| room.is_some()),
            room: room.unwrap_or_else(|| Room::unknown(id.clone())),
            blocked,
        }
    }
}

/// What it is about.
#[derive(Clone, Copy)]
pub enum Subject {
    /// The selected rooms of the list of rooms, which is read anew when `changed` counts up. What
    /// its question no longer finds right before is left out.
    Listed {
        picked: Picked,
        changed: RwSignal<u32>,
    },
    /// The selected rows of another list, seen as the rooms that they are.
    Picked {
        picked: Picked,
        changed: RwSignal<u32>,
        see: fn(&Row) -> KnownRoom,
    },
    /// The room of a page, which is read anew when `changed` is called.
    One {
        known: Signal<Option<KnownRoom>>,
        changed: Callback<()>,
    },
}

/// The actions on these; on none, what an earlier page has begun is followed and nothing is shown.
pub static ACTIONS: Slot<Option<Subject>> = Slot::new();

/// What can be done to these, once its part is there.
pub fn menu(subject: Subject) -> Node {
    ACTIONS.part().view(Some(subject))
}
