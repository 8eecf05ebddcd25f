//! Why there is nothing to see of Matrix Authentication Service.

use crate::api::server::Lack;
use crate::components::button::{Button, ButtonKind};
use crate::components::empty::Empty;
use crate::i18n::t;
use crate::session::learn;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The homeserver keeps its accounts itself.
pub fn not_there() -> Node {
    view! { <Empty picture="shield" title=t::auth_none text=Signal::derive(t::auth_none_text) /> }
        .into_node()
}

/// This session may do nothing there, why, and what can be done about it.
pub fn nothing(lack: Lack) -> Node {
    let (title, text) = match (lack, learn::silent_mas()) {
        (Lack::MasNotGranted, _) => (t::auth_not_granted(), t::auth_not_granted_text()),
        (Lack::MasSilent, Some(base)) => (t::auth_silent(&base), t::auth_silent_text(&base)),
        _ => (t::auth_not_found(), t::auth_not_found_text()),
    };
    // Once it is known, the page shows something else.
    let again = || spawn_local(learn::ask_mas_again());
    view! {
        <Empty picture="shield" title=Signal::stored(title) text=Signal::stored(text)>
            <Button
                label=t::auth_ask_again
                icon="refresh"
                kind=ButtonKind::Primary
                on_press=again
            />
        </Empty>
    }
    .into_node()
}
