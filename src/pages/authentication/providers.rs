//! Providers of single sign-on behind MAS, and which of their accounts is whose here.

use super::PROVIDERS;
use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::mas::upstream::{self as api, Link, Provider};
use crate::api::mas::{Resource, Ulid};
use crate::browser::clock::iso;
use crate::browser::navigation::current_query;
use crate::components::badge::{Tone, badge, tick};
use crate::components::button::ButtonLink;
use crate::components::nothing;
use crate::components::time::date_time;
use crate::i18n::{Words, t};
use crate::lists::newest::{self, AskedOfMas, Feed};
use crate::lists::{
    Column, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Reading, Source, arrange,
};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::mas_names as names;
use leptos::prelude::*;

/// What the address names the provider whose links are shown.
const PROVIDER: &str = "provider";
/// The filter by the name that a provider has for an account.
const SUBJECT: &str = "subject";

type Row = Resource<Provider>;

/// The tab: the providers, or the links of the one that the address names.
pub fn tab(base: String) -> Node {
    let query = current_query();
    let chosen = Memo::new(move |_| {
        let named = query.with(|query| query.get(PROVIDER));
        named.and_then(|id| Ulid::parse(&id))
    });
    (move || match chosen.get() {
        Some(provider) => links(base.clone(), provider),
        None => providers(base.clone()),
    })
    .into_node()
}

fn at(query: &str) -> String {
    Route::Authentication.at(&format!("tab={PROVIDERS}{query}"))
}

fn name(provider: &Provider, id: &Ulid) -> String {
    [&provider.human_name, &provider.brand_name, &provider.issuer]
        .into_iter()
        .flatten()
        .find(|name| !name.trim().is_empty())
        .cloned()
        .unwrap_or_else(|| id.to_string())
}

fn providers(base: String) -> Node {
    let spec = ListSpec::new(
        "mas-providers",
        t::auth_providers,
        |row: &Row| row.id.to_string(),
        Source::here(move |query, reading| load(base.clone(), query, reading)),
    )
    .search(t::auth_providers_search)
    .link(|row: &Row| at(&format!("&{PROVIDER}={}", row.id)))
    .empty("shield", t::auth_providers_empty, None)
    .column(
        Column::new("name", t::auth_provider_name, |row: &Row| {
            name(&row.attributes, &row.id)
        })
        .main()
        .grow(10.0, 1.5),
    )
    .column(
        Column::new("issuer", t::auth_provider_issuer, |row: &Row| {
            row.attributes.issuer.clone().unwrap_or_default()
        })
        .grow(10.0, 1.5),
    )
    .column(Column::new("brand", t::auth_provider_brand, |row: &Row| {
        row.attributes.brand_name.clone().unwrap_or_default()
    }))
    .column(
        Column::new("state", t::auth_state, |row: &Row| state(row)()).cell(|row: &Row| {
            let tone = match row.attributes.disabled_at {
                Some(_) => Tone::Neutral,
                None => Tone::Good,
            };
            badge(tone, state(row))
        }),
    )
    .column(
        Column::new("token", t::auth_provider_token, |row: &Row| {
            match row.attributes.registration_token_required {
                Some(true) => t::yes(),
                Some(false) => t::no(),
                None => String::new(),
            }
        })
        .cell(|row: &Row| {
            let required = row.attributes.registration_token_required;
            required.map_or_else(nothing, tick)
        }),
    );
    view! { <List spec /> }.into_node()
}

fn state(row: &Row) -> Words {
    match row.attributes.disabled_at {
        Some(_) => t::auth_provider_disabled,
        None => t::auth_provider_enabled,
    }
}

async fn load(base: String, query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    let client = Client::get().enduring();
    let ask = |want: &_| api::providers(&base, None, want);
    let report = |done, of| reading.progress(done, of);
    let found = client.patient().all_of_mas(ask, &report).await?;
    let text = |row: &Row| {
        let issuer = row.attributes.issuer.as_deref().unwrap_or_default();
        format!("{}\n{issuer}", name(&row.attributes, &row.id))
    };
    let (page, total) = arrange(found, &query, text, |(), a, b| a.id.cmp(&b.id));
    Ok(ListPage::new(page, total))
}

/// A link as a row.
#[derive(Clone)]
struct Linked {
    id: Ulid,
    link: Link,
    /// The localpart of whose it is, once that has been looked up.
    whose: Option<String>,
}

fn links(base: String, provider: Ulid) -> Node {
    let of_rows = base.clone();
    let spec = ListSpec::new(
        "mas-links",
        t::auth_links_label,
        |row: &Linked| row.id.to_string(),
        newest::source(
            move |query| std::future::ready(asked(base.clone(), provider.clone(), &query)),
            move |rows| complete(of_rows.clone(), rows),
        ),
    )
    .filter(Filter::new(SUBJECT, t::auth_link_subject, FilterKind::Text))
    .empty("link", t::auth_links_empty, None)
    .column(
        Column::new("account", t::auth_link_account, |row: &Linked| {
            let name = row.link.human_account_name.clone();
            name.unwrap_or_else(|| row.link.subject.clone())
        })
        .main()
        .grow(10.0, 1.5),
    )
    .column(
        Column::new("subject", t::auth_link_subject, |row: &Linked| {
            row.link.subject.clone()
        })
        .copyable()
        .grow(10.0, 1.0),
    )
    .column(
        Column::new("user", t::auth_whose, |row: &Linked| {
            names::whose_text(row.whose.as_deref(), row.link.user_id.as_ref())
        })
        .cell(|row: &Linked| names::whose(row.whose.as_deref(), row.link.user_id.as_ref()))
        .grow(10.0, 1.5),
    )
    .column(
        Column::new("created_at", t::auth_created, |row: &Linked| {
            iso(row.link.created_at.0)
        })
        .cell(|row: &Linked| date_time(row.link.created_at.0))
        .grow(10.0, 0.5),
    );
    view! {
        <div class="tab-actions">
            <ButtonLink to=at("") label=t::auth_links_back />
        </div>
        <List spec />
    }
    .into_node()
}

fn asked(base: String, provider: Ulid, query: &ListQuery) -> Result<AskedOfMas<Linked>, ApiError> {
    let filter = api::LinkFilter {
        user: None,
        provider: Some(provider),
        subject: query.get(SUBJECT).map(str::to_owned),
    };
    Ok(AskedOfMas::one(Feed::new(
        move |want| api::links(&base, &filter, want),
        |found| Linked {
            id: found.id,
            link: found.attributes,
            whose: None,
        },
    )))
}

async fn complete(base: String, mut rows: Vec<Linked>) -> Vec<Linked> {
    let ids = rows.iter().filter_map(|row| row.link.user_id.clone());
    let users = names::users(&base, ids).await;
    for row in &mut rows {
        row.whose = row
            .link
            .user_id
            .as_ref()
            .and_then(|id| users.get(id).cloned());
    }
    rows
}
