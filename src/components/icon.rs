//! Icons: symbols of `assets/icons.svg`, which the browser fetches once.

use crate::ui::{IntoNode, Node, view};

/// An icon by its name in the sprite. It says nothing to a screen reader: the words beside it do.
pub fn icon(name: &str) -> Node {
    let href = format!("./icons.svg#{name}");
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use href=href />
        </svg>
    }
    .into_node()
}

/// An eye, struck through or not. Its lines stand here and not in the sprite, because it is the
/// only icon of the log-in page, which then needs one file less.
pub fn eye(struck_through: bool) -> Node {
    let lines = if struck_through {
        "M8.2 5.2A8.7 8.7 0 0 1 10 5c3.5 0 6.3 1.7 8 5a10 10 0 0 1-2 2.7M12.9 14.5c-.9.3-1.9.5-2.9.5\
         -3.5 0-6.3-1.7-8-5a9.8 9.8 0 0 1 3.5-3.9M8.3 8.3a2.4 2.4 0 0 0 3.4 3.4M3 3l14 14"
    } else {
        "M2 10c1.7-3.3 4.5-5 8-5s6.3 1.7 8 5c-1.7 3.3-4.5 5-8 5s-6.3-1.7-8-5z\
         M12.4 10a2.4 2.4 0 1 1-4.8 0a2.4 2.4 0 1 1 4.8 0z"
    };
    view! {
        <svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">
            <path
                d=lines
                fill="none"
                stroke="currentColor"
                stroke-width="1.5"
                stroke-linecap="round"
                stroke-linejoin="round"
            />
        </svg>
    }
    .into_node()
}
