//! Progress, with its words.

use crate::browser::standstill::Standstill;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// A bar. `done` goes from 0 to 1; `None` moves without an end in sight. `text` stands above it
/// and is its name; why it does not go on, if it does not, stands below.
#[component]
pub fn Progress(
    #[prop(into)] done: Signal<Option<f64>>,
    #[prop(into)] text: Signal<String>,
    /// Announces the words to screen readers as they change; use it for one bar at a time.
    #[prop(optional)]
    announce: bool,
) -> impl IntoView {
    let id = super::ids::fresh("progress");
    view! {
        <div class="progress">
            <span
                class="progress-text"
                id=id.clone()
                aria-live=announce.then_some("polite")
            >
                {text}
            </span>
            <progress
                class="progress-bar"
                max="1"
                value=move || done.get().map(|part| part.clamp(0.0, 1.0).to_string())
                aria-labelledby=id
            ></progress>
            <span class="progress-standstill" role="status">
                {move || Standstill::get().reason()}
            </span>
        </div>
    }
}

/// Something is being loaded, and it is not known how much of it there is. Appears after a
/// moment only: what is there at once should not flash.
pub fn waiting() -> Node {
    view! {
        <p class="waiting" role="status">
            {t::loading}
        </p>
    }
    .into_node()
}
