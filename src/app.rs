//! The whole app: who is not signed in sees the log-in page, who is sees the inside.

use crate::chunks;
use crate::operations::unfinished;
use crate::pages::login::LoginPage;
use crate::session::Session;
use crate::session::config::config;
use crate::ui::{IntoNode, view};
use leptos::prelude::*;

/// The app: the log-in page, or what a signed-in administrator sees.
#[component]
pub fn App() -> impl IntoView {
    let closed = Memo::new(|_| config().closed.is_some());
    let signed_in = Session::get().is_signed_in();
    // Whoever types is about to sign in.
    let typing = window_event_listener(leptos::ev::input, |_| chunks::fetch_for_login());
    on_cleanup(move || typing.remove());
    if unfinished::is_due() {
        chunks::OLD_IMPORTS.run();
    }
    view! {
        {move || {
            // What restricts and protects is not known: this is no time to work, either.
            if closed.get() {
                chunks::CLOSED.view_alone()
            } else if signed_in.get() {
                chunks::INSIDE.view_alone()
            } else {
                view! { <LoginPage /> }.into_node()
            }
        }}
    }
}
