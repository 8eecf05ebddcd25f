//! Ready filters for housekeeping: rooms that nobody needs, and rooms that cost most.

use crate::i18n::{Words, t};
use crate::router::{current_path, current_query};
use crate::ui::view;
use leptos::prelude::*;

/// Words and what stands in the address.
const VIEWS: [(Words, &str); 9] = [
    (t::room_view_all, ""),
    (t::room_view_empty, "?empty_rooms=true"),
    (t::room_view_no_local, "?local=false"),
    (t::room_view_quiet, "?quiet=12"),
    (t::room_view_largest, "?sort=state_events&dir=desc"),
    (t::room_view_database, "?largest=true"),
    (t::room_view_extremities, "?extremities=10"),
    (t::room_view_published, "?public_rooms=true"),
    (t::room_view_spaces, "?space=true"),
];

/// The links.
pub fn row() -> AnyView {
    let path = current_path();
    let query = current_query();
    let links = VIEWS
        .map(|(words, address)| {
            let here = move || {
                path.track();
                let parameters = address.trim_start_matches('?');
                query.with(|query| match parameters {
                    "" => VIEWS[1..].iter().all(|(_, other)| {
                        let other = other.trim_start_matches('?');
                        !other
                            .split('&')
                            .filter_map(|pair| pair.split_once('='))
                            .all(|(name, value)| query.get(name).as_deref() == Some(value))
                    }),
                    parameters => parameters
                        .split('&')
                        .filter_map(|pair| pair.split_once('='))
                        .all(|(name, value)| query.get(name).as_deref() == Some(value)),
                })
            };
            view! {
                <li>
                    <a
                        class="chip-link"
                        href=format!("#/rooms{address}")
                        target="_self"
                        aria-current=move || here().then_some("true")
                    >
                        {words}
                    </a>
                </li>
            }
            .into_any()
        })
        .into_iter()
        .collect::<Vec<_>>();
    view! {
        <nav class="chip-links" aria-label=t::room_views>
            <ul>{links}</ul>
        </nav>
    }
    .into_any()
}
