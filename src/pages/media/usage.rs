//! Who has uploaded how much: a table, and the totals above it.

use crate::api::ApiError;
use crate::api::statistics::{self, ListMediaUsers, MediaUser, order};
use crate::components::list::{Column, Defaults, List, ListPage, ListSpec};
use crate::components::page::Stat;
use crate::i18n::{format, t};
use crate::listing::ListQuery;
use crate::places;
use crate::roster::{term, whole_id};
use crate::session::Client;
use crate::ui::view;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How many users are read at a time for the totals.
const PAGE: u64 = 1000;

const ORDERS: [&str; 4] = [order::USER, order::DISPLAY_NAME, order::COUNT, order::SIZE];

/// Users, files, bytes.
type Totals = RwSignal<Option<[u64; 3]>>;

/// The table. `changed` counts what was deleted.
pub fn usage(changed: RwSignal<u32>) -> AnyView {
    let totals: Totals = RwSignal::new(None);
    Effect::new(move |_| {
        changed.track();
        spawn_local(async move {
            // The table tells what is wrong.
            if let Ok(sum) = sum_up().await {
                let _ = totals.try_set(Some(sum));
            }
        });
    });
    let spec = ListSpec::new("media-users", t::media_usage, key, |query, _reading| {
        load(query)
    })
    .defaults(Defaults {
        sort: order::SIZE,
        descending: true,
        ..Default::default()
    })
    .search(t::media_usage_search)
    .column(
        Column::new("user_id", t::media_column_owner, key)
            .main()
            .sorted(order::USER)
            .grow(14.0, 2.0),
    )
    .column(
        Column::new("displayname", t::users_name, |row: &MediaUser| {
            row.displayname.clone().unwrap_or_default()
        })
        .sorted(order::DISPLAY_NAME)
        .grow(9.0, 1.5),
    )
    .column(
        Column::new("media_count", t::user_files, |row: &MediaUser| {
            row.media_count.to_string()
        })
        .cell(|row: &MediaUser| format::number(row.media_count as f64).into_any())
        .sorted(order::COUNT)
        .number(),
    )
    .column(
        Column::new("media_length", t::user_bytes, |row: &MediaUser| {
            row.media_length.unwrap_or(0).to_string()
        })
        .cell(|row: &MediaUser| format::bytes(row.media_length.unwrap_or(0)).into_any())
        .sorted(order::SIZE)
        .number(),
    )
    .link(|row: &MediaUser| match &row.user_id {
        Some(user) => places::of_user(user, "media"),
        None => "/media".to_owned(),
    })
    .empty("media", t::media_usage_empty, None)
    .reload(changed);
    view! {
        {stats(totals)}
        <List spec />
    }
    .into_any()
}

fn key(row: &MediaUser) -> String {
    match &row.user_id {
        Some(user) => user.to_string(),
        None => t::media_usage_nobody(),
    }
}

fn stats(totals: Totals) -> AnyView {
    let shown = move |index: usize, words: fn(u64) -> String| {
        Signal::derive(move || match totals.get() {
            Some(totals) => words(totals[index]),
            None => "…".to_owned(),
        })
    };
    let number = |value: u64| format::number(value as f64);
    view! {
        <div class="stats">
            <Stat label=t::user_bytes value=shown(2, format::bytes) />
            <Stat label=t::user_files value=shown(1, number) />
            <Stat label=t::media_usage_users value=shown(0, number) />
        </div>
    }
    .into_any()
}

async fn load(query: ListQuery) -> Result<ListPage, ApiError> {
    let question = ListMediaUsers {
        from: query.from(),
        limit: query.size,
        search: Some(local(&query.search)),
        order_by: ORDERS.into_iter().find(|order| *order == query.sort),
        descending: query.descending,
    };
    let page = Client::get()
        .send(statistics::media_by_user_sorted(&question))
        .await?;
    Ok(ListPage::new(page.users, page.total))
}

/// The server searches localparts and names: of a whole ID, its localpart is what to ask for.
fn local(search: &str) -> String {
    let term = term(search);
    match whole_id(search) {
        Some(_) => term.split(':').next().unwrap_or_default().to_owned(),
        None => term.to_owned(),
    }
}

async fn sum_up() -> Result<[u64; 3], ApiError> {
    let mut totals = [0; 3];
    let mut from = Some(0);
    while let Some(at) = from {
        let page = Client::get()
            .send(statistics::media_by_user(at, PAGE))
            .await?;
        from = page.next_token.filter(|next| *next > at);
        totals[0] = page.total;
        for user in page.users {
            totals[1] += user.media_count;
            totals[2] += user.media_length.unwrap_or(0);
        }
    }
    Ok(totals)
}
