//! Icons: symbols of `assets/icons.svg`, which the browser fetches once.

use leptos::prelude::*;

/// An icon by its name in the sprite. It says nothing to a screen reader: the words beside it do.
pub fn icon(name: &str) -> AnyView {
    let href = format!("./icons.svg#{name}");
    view! {
        <svg class="icon" aria-hidden="true" focusable="false">
            <use_ href=href />
        </svg>
    }
    .into_any()
}
