//! Ready filters for housekeeping: rooms that nobody needs, and rooms that cost most.

use super::question::tells_spaces;
use crate::address::route::Route;
use crate::i18n::t;
use crate::lists::presets::{self, View};
use crate::rooms::query::NEEDS;
use crate::ui::Node;

/// The links to the ready views of the list of rooms.
pub fn row() -> Node {
    let views = vec![
        View::new(t::room_view_all, ""),
        View::new(t::room_view_no_local, "local=false").resting_on(t::room_basis_no_local),
        View::new(t::room_view_empty, "empty_rooms=true").resting_on(t::room_basis_empty),
        View::new(t::room_forgotten_by_all, "forgotten=true&local=false")
            .resting_on(t::room_basis_forgotten),
        match tells_spaces() {
            true => View::new(t::room_view_quiet, "quiet=12&space=false&sort=last_event")
                .resting_on(t::room_basis_quiet),
            false => View::new(t::room_view_quiet, "quiet=12&sort=last_event")
                .resting_on(t::room_basis_quiet_old),
        },
        View::new(t::room_view_largest, "sort=state_events&dir=desc")
            .resting_on(t::room_basis_largest),
        View::new(
            t::room_view_database,
            "largest=true&sort=database_bytes&dir=desc",
        )
        .resting_on(t::room_basis_database),
        View::new(
            t::room_view_extremities,
            "extremities=10&sort=forward_extremities&dir=desc",
        )
        .resting_on(t::room_basis_extremities),
        View::new(t::room_view_published, "public_rooms=true").resting_on(t::room_basis_published),
        View::new(t::room_view_blocked, "blocked=true").resting_on(t::room_basis_blocked),
        View::new(t::room_view_spaces, "space=true").resting_on(t::room_basis_space_type),
        View::new(t::spaces_view_tree, Route::Spaces.to_string()),
    ];
    presets::row(Route::Rooms, t::room_views, NEEDS, views)
}
