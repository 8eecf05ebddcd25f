//! Ready filters for housekeeping: rooms that nobody needs, and rooms that cost most.

use crate::i18n::t;
use crate::pages::ready::{self, View};
use crate::session::Session;
use leptos::prelude::*;

/// The links to the ready views of the list of rooms.
pub fn row() -> AnyView {
    let views = vec![
        View::new(t::room_view_all, ""),
        View::new(t::room_view_no_local, "local=false").resting_on(t::room_basis_no_local),
        View::new(t::room_forgotten_by_all, "forgotten=true&local=false")
            .resting_on(t::room_basis_forgotten),
        View::new(t::room_view_quiet, "quiet=12&space=false&sort=last_event")
            .resting_on(t::room_basis_quiet),
        View::new(t::room_view_largest, "sort=state_events&dir=desc"),
        View::new(
            t::room_view_database,
            "largest=true&sort=database_bytes&dir=desc",
        )
        .resting_on(t::room_basis_database),
        View::new(
            t::room_view_extremities,
            "extremities=10&sort=forward_extremities&dir=desc",
        ),
        View::new(t::room_view_published, "public_rooms=true").resting_on(t::room_basis_published),
        match Session::get().capabilities_now().since(64) {
            true => View::new(t::room_view_spaces, "space=true"),
            false => View::new(t::room_view_spaces, "space=true").resting_on(t::room_basis_spaces),
        },
    ];
    ready::row("/rooms", t::room_views, views)
}
