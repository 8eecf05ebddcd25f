//! Who has uploaded how much, as the server sums it up.

use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::statistics::{self, ListMediaUsers, MediaUser, order};
use crate::components::unknown;
use crate::i18n::{format, t};
use crate::known::{Known, Why};
use crate::listing::blank::Blank;
use crate::listing::search::is_sure;
use crate::listing::sort::sort_by;
use crate::listing::{ListQuery, Search};
use crate::lists::blank;
use crate::lists::{Column, Defaults, List, ListPage, ListSpec, Reading, Source, typed};
use crate::media::deletion;
use crate::media::uploads::by_size;
use crate::session::Client;
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use crate::users::query::{term, whole_id};
use crate::widgets::subjects::users::{Subject, menu};
use leptos::prelude::*;
use std::cmp::Ordering;

sort_keys! {
    /// What the list of those who have uploaded something can be sorted by.
    UploaderOrder {
        User: order::USER,
        DisplayName: order::DISPLAY_NAME,
        Files: order::COUNT,
        Size: order::SIZE,
    }
}

/// The table. `changed` counts what was deleted, and what was done to those in it.
pub fn usage(changed: RwSignal<u32>) -> Node {
    let source = Source::paged(page, all);
    let spec = ListSpec::new("media-users", t::media_usage, key, source)
        .defaults(Defaults {
            sort: UploaderOrder::Size.key(),
            descending: true,
            ..Default::default()
        })
        .search(t::media_usage_search)
        .column(
            Column::new("user_id", t::media_column_owner, key)
                .main()
                .sorted(UploaderOrder::User)
                .grow(14.0, 2.0),
        )
        .column(
            Column::new("displayname", t::users_name, |row: &MediaUser| {
                row.displayname.clone().unwrap_or_default()
            })
            .sorted(UploaderOrder::DisplayName)
            .grow(9.0, 1.5),
        )
        .column(
            Column::new("media_count", t::user_files, |row: &MediaUser| {
                row.media_count.to_string()
            })
            .cell(|row: &MediaUser| format::number(row.media_count as f64).into_node())
            .sorted(UploaderOrder::Files)
            .number(),
        )
        .column(
            Column::new("media_length", t::user_bytes, |row: &MediaUser| {
                let bytes = length(row).value();
                bytes.map(|bytes| bytes.to_string()).unwrap_or_default()
            })
            .cell(|row: &MediaUser| match length(row) {
                Known::Is(bytes) => format::bytes(bytes).into_node(),
                Known::Unknown(why) => unknown(why),
            })
            .sorted(UploaderOrder::Size)
            .number(),
        )
        .link(|row: &MediaUser| match &row.user_id {
            Some(user) => Route::user(user).tab("media"),
            None => Route::Media.to_string(),
        })
        .empty(
            "media",
            t::media_usage_empty,
            Some(t::media_usage_empty_text),
        )
        .bulk(move |picked| {
            menu(Subject::Picked {
                picked,
                changed,
                see: |row| typed::<MediaUser>(row).user_id.clone(),
            })
        })
        .reload(changed);
    view! { <List spec /> }.into_node()
}

/// How many bytes somebody has: of uploads that have only been begun the server tells none.
fn length(row: &MediaUser) -> Known<u64> {
    Known::or(row.media_length, Why::NoRecord)
}

fn key(row: &MediaUser) -> String {
    match &row.user_id {
        Some(user) => user.to_string(),
        None => t::media_usage_nobody(),
    }
}

async fn page(query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    let Some(plain) = for_server(&query.search).await else {
        let found = matching(&query, None, &reading).await?;
        let total = found.len() as u64;
        let page = found.into_iter().skip(query.from() as usize);
        return Ok(ListPage::new(
            page.take(query.size as usize).collect(),
            total,
        ));
    };
    let key = UploaderOrder::parse(&query.sort);
    let question = ListMediaUsers {
        from: query.from(),
        limit: query.size,
        search: Some(plain),
        order_by: key.map(UploaderOrder::key),
        descending: query.descending,
        until: None,
    };
    let client = Client::get();
    let page = match key {
        Some(UploaderOrder::Size) => by_size(client.patient(), &question).await?,
        _ => {
            let asked = statistics::media_by_user_sorted(&question);
            client.send(asked).await?
        }
    };
    Ok(ListPage::new(page.users, page.total))
}

async fn all(query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    let search = for_server(&query.search).await;
    Ok(ListPage::all(matching(&query, search, &reading).await?))
}

/// The search in the words of the server, unless it goes beyond them: the server takes one term, of
/// plain letters, and PostgreSQL tells upper and lower case apart in it, which people do not.
async fn for_server(search: &str) -> Option<String> {
    let search = Search::parse(search);
    let plain = search.plain().map(local)?;
    if !plain.is_ascii() || !is_sure(&plain) {
        return None;
    }
    let has_case = plain.contains(|c: char| c.is_ascii_alphabetic());
    let is_sqlite = async || blank::of_server().await == Some(Blank::First);
    (!has_case || is_sqlite().await).then_some(plain)
}

/// Everybody whom the question finds, read by ID: other orders change while people upload. What the
/// server is not `asked` is searched for here.
async fn matching(
    query: &ListQuery,
    asked: Option<String>,
    reading: &Reading,
) -> Result<Vec<MediaUser>, ApiError> {
    let client = Client::get().enduring();
    let report = |done, of| reading.progress(done, Some(of));
    let search = Search::parse(&query.search);
    let mut found = deletion::owners(client.patient(), asked.as_deref(), &report).await?;
    if asked.is_none() {
        found.retain(|row| {
            let name = row.displayname.as_deref().unwrap_or_default();
            search.finds_in(&format!("{}\n{name}", key(row)))
        });
    }
    let name = |row: &MediaUser| row.displayname.as_ref().map(|name| name.to_lowercase());
    let key = UploaderOrder::parse(&query.sort).unwrap_or(UploaderOrder::User);
    let turned = |order: Ordering| match query.descending {
        true => order.reverse(),
        false => order,
    };
    sort_by(&mut found, |a, b| {
        let order = match key {
            UploaderOrder::Size => length(a).compare(&length(b), query.descending),
            UploaderOrder::DisplayName => turned(name(a).cmp(&name(b))),
            UploaderOrder::Files => turned(a.media_count.cmp(&b.media_count)),
            UploaderOrder::User => turned(a.user_id.cmp(&b.user_id)),
        };
        order.then_with(|| a.user_id.cmp(&b.user_id))
    });
    Ok(found)
}

/// The server searches localparts and names: of a whole ID, its localpart is what to ask for.
fn local(search: &str) -> String {
    let term = term(search);
    match whole_id(search) {
        Some(_) => term.split(':').next().unwrap_or_default().to_owned(),
        None => term.to_owned(),
    }
}
