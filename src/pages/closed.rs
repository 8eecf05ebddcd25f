//! What is there in place of the whole app while nobody knows what `config.json` restricts.

use crate::components::failure::failure;
use crate::i18n::config::closed;
use crate::i18n::t;
use crate::session::config::{config, load};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// What is shown instead of the log-in page while `config.json` cannot be read.
pub fn view() -> Node {
    let retry = UnsyncCallback::new(|()| spawn_local(load()));
    view! {
        <main class="login">
            <div class="login-card">
                <img class="login-logo" src="./logo.svg" alt="" width="48" height="48" />
                <h1>{t::app_name}</h1>
                {move || config().closed.as_ref().map(|why| failure(closed(why), Some(retry)))}
            </div>
        </main>
    }
    .into_node()
}
