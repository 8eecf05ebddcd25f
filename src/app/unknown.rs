//! What an address shows that leads to no page: that there is none, or that this part of other
//! panels is not there yet, with what is there instead.

use crate::address::identifier::{Kind, kind};
use crate::address::legacy::{Missing, Part, missing};
use crate::address::route;
use crate::app::router::current_route;
use crate::components::button::ButtonLink;
use crate::components::clipboard::copy_button;
use crate::components::empty::Empty;
use crate::components::page::PageHeader;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use leptos::ev;
use leptos::prelude::*;

/// The page. Going from one such address to another is no change of page to the router.
pub fn view() -> Node {
    let asked = RwSignal::new(missing(&current_route()));
    let listener = window_event_listener(ev::hashchange, move |_| {
        asked.set(missing(&current_route()));
    });
    on_cleanup(move || listener.remove());
    let title = move || match asked.with(|asked| asked.as_ref().map(|asked| asked.part)) {
        Some(part) => name(part).0(),
        None => t::not_found_title(),
    };
    view! {
        <PageHeader title=Signal::derive(title) />
        {move || match asked.get() {
            Some(asked) => not_yet(asked),
            None => nowhere(),
        }}
    }
    .into_node()
}

fn nowhere() -> Node {
    view! {
        <Empty picture="search" title=t::not_found_lead text=t::not_found_text>
            <ButtonLink to="/users" label=t::nav_users icon="users" />
        </Empty>
    }
    .into_node()
}

fn name(part: Part) -> (Words, &'static str) {
    match part {
        Part::RegistrationTokens => (t::nav_registration_tokens, "key"),
        Part::Federation => (t::nav_federation, "globe"),
        Part::Reports => (t::nav_reports, "flag"),
        Part::Statistics => (t::nav_statistics, "chart"),
        Part::Tasks => (t::nav_tasks, "tasks"),
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
        let to = route::of_user(&user, "");
        view! { <ButtonLink to label=Signal::stored(user.to_string()) icon="user" /> }
    });
    view! {
        <Empty picture title=t::not_yet_title text=t::not_yet_text>
            {id}
            {user}
            <ButtonLink to="/users" label=t::nav_users icon="users" />
            <ButtonLink to="/media" label=t::nav_media icon="media" />
        </Empty>
    }
    .into_node()
}
