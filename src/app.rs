//! Providers and the route table: the whole app on one screen.

use crate::components::toast::{ToastStack, Toasts};
use crate::i18n::t;
use crate::operations::{Activity, Jobs, Operations};
use crate::pages::activity::ActivityPage;
use crate::pages::import_users::ImportPage;
use crate::pages::import_users::desk::Desk;
use crate::pages::login::LoginPage;
use crate::pages::media::MediaPage;
use crate::pages::shell::Shell;
use crate::pages::user::UserPage;
use crate::pages::users::UsersPage;
use crate::router::{HashRouter, Step, navigate};
use crate::session::Session;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Route};
use leptos_router::path;

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    let session = Session::restore();
    Activity::provide();
    Toasts::provide();
    Jobs::provide(session);
    Operations::provide();
    Desk::provide(session);
    let signed_in = session.is_signed_in();
    view! {
        <HashRouter>
            {move || {
                if signed_in.get() {
                    view! { <Shell><Routes /></Shell> }.into_any()
                } else {
                    view! { <LoginPage /> }.into_any()
                }
            }}
            <ToastStack />
        </HashRouter>
    }
}

/// The route table. Pages are erased at this border, so that the router is not compiled anew
/// for each of them.
#[component]
fn Routes() -> impl IntoView {
    view! {
        <FlatRoutes fallback=|| view! { <NotFound /> }.into_any()>
            <Route path=path!("/") view=|| go("/users") />
            <Route path=path!("/login") view=|| go("/users") />
            <Route path=path!("/users") view=|| UsersPage().into_any() />
            <Route path=path!("/users/:id") view=|| UserPage().into_any() />
            <Route path=path!("/import_users") view=|| ImportPage().into_any() />
            <Route path=path!("/media") view=|| MediaPage().into_any() />
            <Route path=path!("/activity") view=|| ActivityPage().into_any() />
        </FlatRoutes>
    }
}

/// Sends whoever comes here elsewhere.
fn go(route: &'static str) -> AnyView {
    navigate(route, Step::Replace);
    ().into_any()
}

/// What an unknown address shows.
#[component]
fn NotFound() -> impl IntoView {
    view! {
        <h1>{t::not_found_title}</h1>
        <p>{t::not_found_text}</p>
        <p><a href="#/users" target="_self">{t::nav_users}</a></p>
    }
}
