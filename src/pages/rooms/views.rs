//! Ready filters for housekeeping: rooms that nobody needs, and rooms that cost most.

use crate::i18n::{Words, t};
use crate::pages::ready;
use leptos::prelude::*;

/// Words and what stands in the address.
const VIEWS: [(Words, &str); 9] = [
    (t::room_view_all, ""),
    (t::room_view_empty, "empty_rooms=true"),
    (t::room_view_no_local, "local=false"),
    (t::room_view_quiet, "quiet=12"),
    (t::room_view_largest, "sort=state_events&dir=desc"),
    (t::room_view_database, "largest=true"),
    (t::room_view_extremities, "extremities=10"),
    (t::room_view_published, "public_rooms=true"),
    (t::room_view_spaces, "space=true"),
];

/// The links.
pub fn row() -> AnyView {
    let views = VIEWS.map(|(words, address)| (words, address.to_owned()));
    ready::row("/rooms", t::room_views, views.into())
}
