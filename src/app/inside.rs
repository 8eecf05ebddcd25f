//! What a signed-in administrator sees: the frame and the current page in it.

use crate::address::route::Route;
use crate::api::exchange::Clock;
use crate::app::frame::Shell;
use crate::app::pages;
use crate::app::router::HashRouter;
use crate::browser::clock::BrowserClock;
use crate::browser::navigation::current_path;
use crate::components::progress::waiting;
use crate::session::{Session, learn, twins};
use crate::ui::{self, IntoNode, Node};
use futures_util::FutureExt;
use futures_util::future::select;
use leptos::either::Either;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The frame with the current page in it.
pub fn view() -> Node {
    twins::listen();
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
    let knows = Session::get().capabilities_now().is_complete();
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
        true => Either::Left(view! { <Current /> }),
        false => Either::Right(waiting()),
    }
}

/// The page of the route. It is made anew for another route, not for another query.
#[component]
fn Current() -> impl IntoView {
    let path = current_path();
    let route = Memo::new(move |_| path.with(|path| Route::parse(path)));
    move || pages::show(route.get()).into_node()
}
