//! Copying with one click.

use super::icon::icon;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen_futures::{JsFuture, spawn_local};

/// How long a button says that it has copied.
const SHOWN: Duration = Duration::from_millis(1600);

/// Puts a text on the clipboard; whether that worked. Browsers allow it on secure pages only.
pub async fn copy(text: &str) -> bool {
    let navigator = window().navigator();
    let present = js_sys::Reflect::get(&navigator, &"clipboard".into())
        .is_ok_and(|clipboard| !clipboard.is_undefined());
    present
        && JsFuture::from(navigator.clipboard().write_text(text))
            .await
            .is_ok()
}

/// What became of a press.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    None,
    Copied,
    Failed,
}

/// A small button that copies `text`. `what` says what that is, for the button's name: an
/// identifier may be hard to listen to.
pub fn copy_button(text: String, what: Option<Words>) -> Node {
    let outcome = RwSignal::new(Outcome::None);
    let press = move |event: leptos::ev::MouseEvent| {
        event.stop_propagation();
        let text = text.clone();
        spawn_local(async move {
            let result = if copy(&text).await {
                Outcome::Copied
            } else {
                Outcome::Failed
            };
            // The button may be gone by now.
            if outcome.try_set(result).is_none() {
                set_timeout(
                    move || {
                        let _ = outcome.try_set(Outcome::None);
                    },
                    SHOWN,
                );
            }
        });
    };
    let name = move || match (outcome.get(), what) {
        (Outcome::None, Some(what)) => t::copy_what(&what()),
        (Outcome::None, None) => t::copy(),
        (Outcome::Copied, _) => t::copied(),
        (Outcome::Failed, _) => t::copy_failed(),
    };
    view! {
        <button type="button" class="copy-button" aria-label=name title=name on:click=press>
            {move || icon(match outcome.get() {
                Outcome::None => "copy",
                Outcome::Copied => "check",
                Outcome::Failed => "x",
            })}
        </button>
    }
    .into_node()
}
