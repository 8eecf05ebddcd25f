//! Where the person is, and going elsewhere. A route is what stands behind the `#`: `/users?page=2`.
//!
//! Nobody calls leptos_router's own `<A>`, `use_navigate` or `query_signal`: they know real paths
//! only, which [`crate::address::route`] explains.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use leptos_router::params::ParamsMap;
use wasm_bindgen::JsValue;

/// How a move shows in the browser's history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistoryStep {
    /// A new entry: the back button returns here.
    Push,
    /// In place of the current entry.
    Replace,
}

/// The route that stands behind the `#` now, with its query: begins with exactly one slash. Not
/// reactive.
pub fn current_route() -> String {
    let hash = window().location().hash().unwrap_or_default();
    let bare = hash.trim_start_matches('#').trim_start_matches('/');
    format!("/{bare}")
}

/// The current route without its query: `/users`. Reactive.
pub fn current_path() -> Memo<String> {
    use_location().pathname
}

/// The query of the current route, decoded. Reactive.
pub fn current_query() -> Memo<ParamsMap> {
    // `use_query_map` stops to follow when a route is left and opened again.
    use_location().query
}

/// Moves to a route such as `/users?page=2`.
pub fn navigate(route: &str, step: HistoryStep) {
    match step {
        HistoryStep::Push => {
            // Refused only for a detached document, and this one is shown.
            let _ = window().location().set_hash(&format!("#{route}"));
        }
        HistoryStep::Replace => {
            replace(route);
            // Replacing fires no event by itself.
            if let Ok(event) = web_sys::Event::new("hashchange") {
                let _ = window().dispatch_event(&event);
            }
        }
    }
}

/// Puts a route in the place of the current one, and tells nobody.
pub fn replace(route: &str) {
    if let Ok(history) = window().history() {
        // Refused only for another origin.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("#{route}")));
    }
}
