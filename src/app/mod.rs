//! The whole app: who is not signed in sees the log-in page, who is sees the inside.
//!
//! | file | what |
//! |---|---|
//! | [`inside`] | the frame and the current page in it |
//! | [`pages`] | what each route shows |
//! | [`frame`] | what stands around every page |
//! | [`palette`] | finding anything by a key |
//! | [`parts`] | what comes in files of its own, when it is needed |
//! | [`router`] | routes behind the `#` |
//! | [`servers`] | the homeservers that are signed in to, and those that were |
//! | [`styles`] | the styles of the inside, which come with it |
//! | [`unknown`] | what an address shows that leads to no page |

pub mod frame;
pub mod inside;
pub mod jobs_left;
pub mod pages;
pub mod palette;
pub mod parts;
pub mod router;
pub mod servers;
pub mod styles;
pub mod unknown;

use crate::operations::unfinished;
use crate::pages::login::{LoginPage, elsewhere};
use crate::session::Session;
use crate::session::away::Return;
use crate::session::config::config;
use crate::ui::{IntoNode, view};
use futures_util::FutureExt;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The app: the log-in page, or what a signed-in administrator sees.
#[component]
pub fn App() -> impl IntoView {
    let closed = Memo::new(|_| config().closed.is_some());
    let signed_in = Session::get().is_signed_in();
    // Whoever types is about to sign in.
    let typing = window_event_listener(leptos::ev::input, |_| parts::fetch_for_login());
    on_cleanup(move || typing.remove());
    if signed_in.get_untracked() {
        parts::fetch_first_page();
    }
    let coming = Return::get().brought;
    if coming.with_untracked(Option::is_some) {
        parts::fetch_for_login();
    }
    let comes_back = Memo::new(move |_| coming.with(Option::is_some));
    if unfinished::is_due() {
        spawn_local(parts::OLD_IMPORTS.call(()).map(drop));
    }
    view! {
        {move || {
            // What restricts and protects is not known: this is no time to work, either.
            if closed.get() {
                parts::CLOSED.view_alone(())
            } else if comes_back.get() {
                parts::ELSEWHERE.view_alone(elsewhere::Elsewhere::Back)
            } else if signed_in.get() {
                parts::INSIDE.view_alone(())
            } else {
                view! { <LoginPage /> }.into_node()
            }
        }}
    }
}

/// Starts the app in the page that loaded it.
pub fn start() {
    use crate::i18n::language;

    parts::fill_slots();
    std::panic::set_hook(Box::new(|info| {
        web_sys::console::error_1(&info.to_string().into());
    }));
    wasm_bindgen_futures::spawn_local(async {
        let language = language::preferred();
        // Without its file a language is not spoken; English is always there.
        let _ = futures_util::join!(language::speak(&language), crate::session::config::load());
        if let Some(splash) = leptos::prelude::document().get_element_by_id("splash") {
            splash.remove();
        }
        leptos::mount::mount_to_body(App);
    });
}
