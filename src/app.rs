//! Providers and the route table: the whole app on one screen.

use crate::i18n::t;
use leptos::prelude::*;

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    view! { <main><h1>{t::error_cancelled}</h1></main> }
}
