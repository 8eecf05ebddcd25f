//! What an address shows that leads to no page: that there is none, or that this part of other
//! panels is not there yet, with what is there instead.

use crate::address::identifier::{Kind, kind};
use crate::address::legacy::{Missing, Part, missing};
use crate::address::route::Route;
use crate::components::button::ButtonLink;
use crate::components::clipboard::copy_button;
use crate::components::empty::Empty;
use crate::components::page::PageHeader;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The page at this path.
pub fn view(path: String) -> Node {
    let asked = missing(&path);
    let title = asked
        .as_ref()
        .map_or(t::not_found_title as Words, |asked| name(asked.part).0);
    view! {
        <PageHeader title=Signal::derive(title) />
        {asked.map_or_else(nowhere, not_yet)}
    }
    .into_node()
}

fn nowhere() -> Node {
    view! {
        <Empty picture="search" title=t::not_found_lead text=t::not_found_text>
            <ButtonLink to=Route::Users.to_string() label=t::nav_users icon="users" />
        </Empty>
    }
    .into_node()
}

fn name(part: Part) -> (Words, &'static str) {
    match part {
        Part::Statistics => (t::nav_statistics, "chart"),
    }
}

fn not_yet(missing: Missing) -> Node {
    let (_, picture) = name(missing.part);
    let user = match missing.id.as_deref().map(kind) {
        Some(Kind::User(user)) => Some(user),
        _ => None,
    };
    let id = missing.id.map(|id| {
        view! {
            <p class="asked-for">
                <code>{id.clone()}</code>
                {copy_button(id, None)}
            </p>
        }
    });
    let user = user.map(|user| {
        let to = Route::user(&user).to_string();
        view! { <ButtonLink to label=Signal::stored(user.to_string()) icon="user" /> }
    });
    view! {
        <Empty picture title=t::not_yet_title text=t::not_yet_text>
            {id}
            {user}
            <ButtonLink to=Route::Users.to_string() label=t::nav_users icon="users" />
            <ButtonLink to=Route::Media.to_string() label=t::nav_media icon="media" />
        </Empty>
    }
    .into_node()
}
