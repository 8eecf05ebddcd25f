//! What a signed-in administrator sees: the frame and the route table.

use crate::chunks;
use crate::pages::shell::Shell;
use crate::pages::{activity, users};
use crate::router::{HashRouter, Step, navigate};
use crate::ui::{self, Node};
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::path;

/// The frame with the current page in it.
pub fn view() -> Node {
    ui::component(view! {
        <HashRouter>
            <Shell>
                <Routes />
            </Shell>
        </HashRouter>
    })
}

/// The route table. Pages are erased at this border, so that the router is not compiled anew
/// for each of them.
#[component]
fn Routes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| chunks::UNKNOWN.view().into_any()>
            <Route path=path!("/") view=|| go("/users") />
            <Route path=path!("/login") view=|| go("/users") />
            <Route path=path!("/users") view=|| users::view().into_any() />
            <Route path=path!("/users/:id") view=|| chunks::USER.view().into_any() />
            <Route path=path!("/create_user") view=|| chunks::CREATE_USER.view().into_any() />
            <Route path=path!("/import_users") view=|| chunks::IMPORT_USERS.view().into_any() />
            <Route path=path!("/media") view=|| chunks::MEDIA.view().into_any() />
            <Route path=path!("/activity") view=|| activity::view().into_any() />
            // Not as the fallback, whose owner the router ends with the next address.
            <Route path=path!("/*any") view=|| chunks::UNKNOWN.view().into_any() />
        </FlatRoutes>
    }
}

/// Sends whoever comes here elsewhere.
fn go(route: &'static str) -> AnyView {
    navigate(route, Step::Replace);
    ().into_any()
}
