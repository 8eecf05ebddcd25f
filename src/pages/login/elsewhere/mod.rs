//! Signing in elsewhere: at an identity provider, or with Matrix Authentication Service. In a file of
//! its own, which is downloaded where the homeserver offers it, or somebody comes back from there.
//!
//! | file | what |
//! |---|---|
//! | [`ways`] | the buttons, for the form and for the dialog over a page |
//! | [`beside`] | doing it in a tab beside the page, which stays as it is |
//! | [`missing`] | what is missing for signing in with Matrix Authentication Service |
//! | [`back`] | whoever comes back |

mod back;
mod beside;
mod missing;
mod ways;

use super::attempt::Attempt;
use crate::api::login::Offers;
use crate::api::{HomeserverUrl, UserId};
use crate::components::part::Slot;
use crate::ui::Node;
use std::rc::Rc;

/// What is to be shown of signing in elsewhere.
#[derive(Clone)]
pub enum Elsewhere {
    /// The ways that a homeserver offers.
    Ways(Ways),
    /// Whoever comes back.
    Back,
}

/// The buttons of a form.
#[derive(Clone)]
pub struct Ways {
    pub offers: Offers,
    pub attempt: Attempt,
    /// What is wanted when a button is pressed; nothing if the form is not filled in.
    pub wanted: Rc<dyn Fn() -> Option<WantedSignIn>>,
    /// Whether the page stays, and it is done beside it.
    pub beside: bool,
}

/// What a person wants who signs in elsewhere.
pub struct WantedSignIn {
    pub homeserver: HomeserverUrl,
    pub stay_signed_in: bool,
    /// Only as this user.
    pub only: Option<UserId>,
}

/// What shows the ways to sign in elsewhere, in a file of its own.
pub static ELSEWHERE: Slot<Elsewhere> = Slot::new();

/// Shows what is asked for.
pub fn view(ask: Elsewhere) -> Node {
    match ask {
        Elsewhere::Ways(ways) => ways::view(ways),
        Elsewhere::Back => back::view(),
    }
}
