//! What an address shows that leads to no page.

use crate::address::route::Route;
use crate::components::button::ButtonLink;
use crate::components::empty::Empty;
use crate::components::page::PageHeader;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The page of an address that leads nowhere.
pub fn view() -> Node {
    view! {
        <PageHeader title=Signal::derive(t::not_found_title) />
        <Empty picture="search" title=t::not_found_lead text=t::not_found_text>
            <ButtonLink to=Route::Users.to_string() label=t::nav_users icon="users" />
        </Empty>
    }
    .into_node()
}
