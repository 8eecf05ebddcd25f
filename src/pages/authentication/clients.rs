//! The programs that may ask people for access, since MAS 1.20.

use super::SESSIONS;
use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::mas::Ulid;
use crate::api::mas::clients::{self as api, OAuthClient};
use crate::api::server::Feature;
use crate::components::badge::{Tone, badge};
use crate::components::empty::Empty;
use crate::i18n::features::why_not;
use crate::i18n::{Words, t};
use crate::lists::newest::{self, AskedOfMas, Feed};
use crate::lists::{Column, Filter, FilterKind, List, ListQuery, ListSpec};
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The filters, as the address names them.
mod filter {
    pub const KIND: &str = "kind";
    pub const ACTIVE: &str = "active";
}

/// The values of the filter by kind.
mod kind {
    pub const STATIC: &str = "static";
    pub const DYNAMIC: &str = "dynamic";
}

/// A program as a row.
#[derive(Clone)]
struct Application {
    id: Ulid,
    client: OAuthClient,
}

impl Application {
    fn name(&self) -> String {
        let name = self.client.client_name.as_deref().map(str::trim);
        let name = name.filter(|name| !name.is_empty());
        name.unwrap_or(&self.client.client_id).to_owned()
    }
}

/// The tab of programs at the MAS that stands at `base`.
pub fn tab(base: String) -> Node {
    let lack = Session::get()
        .capabilities_now()
        .lack(Feature::OAuthClients);
    if let Some(lack) = lack {
        let text = Signal::stored(why_not(lack));
        return view! { <Empty picture="shield" title=t::auth_clients_lacking text /> }.into_node();
    }
    let kinds = vec![
        (kind::STATIC, t::auth_client_static as Words),
        (kind::DYNAMIC, t::auth_client_dynamic),
    ];
    let spec = ListSpec::new(
        "mas-applications",
        t::auth_clients,
        |row: &Application| row.id.to_string(),
        newest::source(
            move |query| std::future::ready(asked(base.clone(), &query)),
            std::future::ready,
        ),
    )
    .search(t::auth_clients_search)
    .filter(Filter::new(
        filter::KIND,
        t::auth_kind,
        FilterKind::Choice(kinds),
    ))
    .filter(Filter::new(
        filter::ACTIVE,
        t::auth_client_active,
        FilterKind::YesNo,
    ))
    .link(|row: &Application| {
        Route::Authentication.at(&format!("tab={SESSIONS}&client={}", row.id))
    })
    .empty("shield", t::auth_clients_empty, None)
    .columns(columns());
    view! { <List spec /> }.into_node()
}

fn asked(base: String, query: &ListQuery) -> Result<AskedOfMas<Application>, ApiError> {
    let name = query.search.trim();
    let filter = api::ClientFilter {
        name: (!name.is_empty()).then(|| name.to_owned()),
        is_static: match query.get(filter::KIND) {
            Some(kind::STATIC) => Some(true),
            Some(kind::DYNAMIC) => Some(false),
            _ => None,
        },
        has_active_sessions: query.boolean(filter::ACTIVE),
    };
    Ok(AskedOfMas::one(Feed::new(
        move |want| api::list(&base, &filter, want),
        |found| Application {
            id: found.id,
            client: found.attributes,
        },
    )))
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("name", t::auth_client_name, Application::name)
            .main()
            .grow(10.0, 1.5),
        Column::new("uri", t::auth_client_uri, |row: &Application| {
            row.client.client_uri.clone().unwrap_or_default()
        })
        .grow(10.0, 1.5),
        Column::new("kind", t::auth_kind, |row: &Application| {
            kind_words(row.client.is_static)()
        })
        .cell(|row: &Application| badge(Tone::Neutral, kind_words(row.client.is_static)))
        .grow(8.0, 0.5),
        Column::new(
            "redirect_uris",
            t::auth_client_redirects,
            |row: &Application| row.client.redirect_uris.join(" "),
        )
        .grow(10.0, 1.5),
        Column::new("grant_types", t::auth_client_grants, |row: &Application| {
            row.client.grant_types.join(" ")
        })
        .grow(10.0, 1.0),
        Column::new("client_id", t::auth_client_id, |row: &Application| {
            row.client.client_id.clone()
        })
        .copyable()
        .hidden(),
    ]
}

fn kind_words(is_static: bool) -> Words {
    match is_static {
        true => t::auth_client_static,
        false => t::auth_client_dynamic,
    }
}
