//! Providers of single sign-on behind MAS; each leads to its [`links`].

use super::{PROVIDERS, links};
use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::mas::upstream::{self as api, Provider};
use crate::api::mas::{Resource, Ulid};
use crate::browser::navigation::current_query;
use crate::components::badge::{Tone, badge, tick};
use crate::components::nothing;
use crate::i18n::{Words, t};
use crate::lists::{Column, List, ListPage, ListQuery, ListSpec, Reading, Source, arrange};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// What the address names the provider whose links are shown.
const PROVIDER: &str = "provider";

type Row = Resource<Provider>;

/// The tab: the providers, or the links of the one that the address names.
pub fn tab(base: String) -> Node {
    let query = current_query();
    let chosen = Memo::new(move |_| {
        let named = query.with(|query| query.get(PROVIDER));
        named.and_then(|id| Ulid::parse(&id))
    });
    (move || match chosen.get() {
        Some(provider) => links::list(base.clone(), provider),
        None => providers(base.clone()),
    })
    .into_node()
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
    .link(|row: &Row| {
        let query = format!("tab={PROVIDERS}&{PROVIDER}={}", row.id);
        Route::Authentication.at(&query)
    })
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
