//! Whom actions are about, and the part of the app that shows what can be done to them.

use crate::api::UserId;
use crate::api::users::User;
use crate::components::part::Slot;
use crate::lists::{Picked, Row};
use crate::ui::Node;
use crate::users::standing::AccountStanding;
use leptos::prelude::*;

/// Whom it is about.
#[derive(Clone, Copy)]
pub enum Subject {
    /// The selected users of the list of users, which is read anew when `changed` counts up. Whom its
    /// question no longer finds right before is left out.
    Listed {
        picked: Picked,
        changed: RwSignal<u32>,
    },
    /// The accounts that the selected rows of another list are about, if they are about any. How these
    /// stand is looked up first.
    Picked {
        picked: Picked,
        changed: RwSignal<u32>,
        see: fn(&Row) -> Option<UserId>,
    },
    /// The account of a page, which is read anew when `changed` is called.
    One {
        user: Signal<Option<User>>,
        /// Whether it belongs to an application service.
        bridged: Signal<bool>,
        /// What is known of how it stands.
        standing: Signal<AccountStanding>,
        changed: Callback<()>,
    },
}

/// The actions on these; on none, what an earlier page has begun is followed and nothing is shown.
pub static ACTIONS: Slot<Option<Subject>> = Slot::new();

/// What can be done to these, once its part is there.
pub fn menu(subject: Subject) -> Node {
    ACTIONS.part().view(Some(subject))
}
