//! Who is signed in, at the end of the navigation: it opens the homeservers that are signed in to
//! (`app/servers/`), which come in a part of their own.

use super::log_out::log_out;
use crate::app::parts;
use crate::browser::only_one;
use crate::components::dialog::Dialog;
use crate::components::icon::icon;
use crate::i18n::t;
use crate::session::Session;
use crate::ui::view;
use leptos::prelude::*;
use std::cell::Cell;

/// Whether the homeservers are shown. A handle: copies are the same.
#[derive(Clone, Copy)]
struct ServersOpen {
    open: RwSignal<bool>,
}

thread_local! {
    static SERVERS: Cell<Option<ServersOpen>> = const { Cell::new(None) };
}

impl ServersOpen {
    /// The one of this tab.
    fn get() -> Self {
        only_one::get(&SERVERS, || ServersOpen {
            open: RwSignal::new(false),
        })
    }
}

/// Shows the homeservers.
pub fn show_servers() {
    ServersOpen::get().open.set(true);
}

/// Shows the page again.
pub fn hide_servers() {
    ServersOpen::get().open.set(false);
}

/// Who is signed in, and the way out.
#[component]
pub fn SignedIn() -> impl IntoView {
    let session = Session::get();
    let user = move || session.account().map(|account| account.user_id.to_string());
    view! {
        <div class="signed-in">
            <button
                type="button"
                class="signed-in-user"
                title=user
                aria-haspopup="dialog"
                on:pointerenter=move |_| parts::SERVERS.fetch()
                on:click=|_| show_servers()
            >
                {icon("server")}
                <span>{user}</span>
                <span class="visually-hidden">{t::servers_open}</span>
            </button>
            <button class="icon-button" aria-label=t::log_out title=t::log_out on:click=move |_| log_out()>
                {icon("log-out")}
            </button>
        </div>
    }
}

/// The homeservers that are signed in to, and those that were.
#[component]
pub fn ServersDialog() -> impl IntoView {
    let open = ServersOpen::get().open;
    // It does not stay open for whoever signs in next.
    on_cleanup(move || open.set(false));
    view! {
        <Dialog open title=t::servers_title>
            {parts::SERVERS.view(())}
        </Dialog>
    }
}
