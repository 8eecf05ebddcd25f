//! What a signed-in administrator sees: the frame and the route table.

use crate::api::exchange::Clock;
use crate::app::frame::Shell;
use crate::app::parts;
use crate::app::router::{HashRouter, Step, navigate};
use crate::browser::clock::BrowserClock;
use crate::components::progress::waiting;
use crate::pages::activity;
use crate::pages::users::list;
use crate::session::{Session, learn};
use crate::ui::{self, Node};
use futures_util::FutureExt;
use futures_util::future::select;
use leptos::either::Either;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::path;
use wasm_bindgen_futures::spawn_local;

/// The frame with the current page in it.
pub fn view() -> Node {
    ui::component(view! {
        <HashRouter>
            <Shell>
                <Pages />
            </Shell>
        </HashRouter>
    })
}

/// How long a page waits to learn what the server can do, in milliseconds. What it shows without
/// knowing may be more than the server can.
const PATIENCE_MS: u64 = 3_000;

/// The current page. After a reload the server is asked first what it can do, or a page would
/// offer what an old server lacks.
#[component]
fn Pages() -> impl IntoView {
    let knows = !Session::get().capabilities_now().version_text.is_empty();
    let ready = RwSignal::new(knows);
    if !knows {
        spawn_local(async move {
            let asked = learn::capabilities().boxed_local();
            let _ = select(asked, BrowserClock.sleep(PATIENCE_MS)).await;
            // Somebody may have signed out meanwhile.
            let _ = ready.try_set(true);
        });
    }
    move || match ready.get() {
        true => Either::Left(view! { <Routes /> }),
        false => Either::Right(waiting()),
    }
}

/// The route table. Pages are erased at this border, so that the router is not compiled anew
/// for each of them.
#[component]
fn Routes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| parts::UNKNOWN.view().into_any()>
            <Route path=path!("/") view=|| go("/users") />
            <Route path=path!("/login") view=|| go("/users") />
            <Route path=path!("/users") view=|| list::view().into_any() />
            <Route path=path!("/users/:id") view=|| parts::USER.view().into_any() />
            <Route path=path!("/rooms") view=|| parts::ROOMS.view().into_any() />
            <Route path=path!("/rooms/:id") view=|| parts::ROOM.view().into_any() />
            <Route path=path!("/events/:id") view=|| parts::EVENT.view().into_any() />
            <Route path=path!("/create_user") view=|| parts::CREATE_USER.view().into_any() />
            <Route path=path!("/import_users") view=|| parts::IMPORT_USERS.view().into_any() />
            <Route path=path!("/media") view=|| parts::MEDIA.view().into_any() />
            <Route path=path!("/media/:server/:id") view=|| parts::FILE.view().into_any() />
            <Route path=path!("/activity") view=|| activity::view().into_any() />
            // Not as the fallback, whose owner the router ends with the next address.
            <Route path=path!("/*any") view=|| parts::UNKNOWN.view().into_any() />
        </FlatRoutes>
    }
}

/// Sends whoever comes here elsewhere.
fn go(route: &'static str) -> AnyView {
    navigate(route, Step::Replace);
    ().into_any()
}
