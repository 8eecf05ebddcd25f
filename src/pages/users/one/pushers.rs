//! The tab "Pushers": where an account's notifications go.

use super::Shown;
use crate::api::pushers::{self, Pusher};
use crate::api::{ApiError, UserId};
use crate::i18n::t;
use crate::lists::{Column, List, ListPage, ListQuery, ListSpec, Source, arrange};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The tab with the pushers of a user.
pub fn tab(shown: Shown) -> Node {
    let user = shown.user.get_value();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let spec = ListSpec::new(
        "user-pushers",
        t::user_pushers,
        key,
        Source::here(move |query, _reading| load(user.clone(), query)),
    )
    .search(t::pushers_search)
    .empty("bell", t::pushers_empty, Some(t::pushers_empty_text))
    .column(
        Column::new("app", t::pushers_app, |row: &Pusher| {
            match row.app_display_name.as_deref() {
                None | Some("") => row.app_id.clone(),
                Some(name) => name.to_owned(),
            }
        })
        .main()
        .grow(9.0, 1.0),
    )
    .column(Column::new("kind", t::pushers_kind, |row: &Pusher| row.kind.clone()).width(5.5))
    .column(
        Column::new("device", t::pushers_device, move |row: &Pusher| {
            text(&row.device_display_name)
        })
        .grow(8.0, 1.0),
    )
    .column(
        Column::new("url", t::pushers_url, move |row: &Pusher| {
            text(&row.data.url)
        })
        .copyable()
        .grow(12.0, 2.0),
    )
    .column(
        Column::new("app_id", t::pushers_app_id, |row: &Pusher| {
            row.app_id.clone()
        })
        .hidden(),
    )
    .column(
        Column::new("pushkey", t::pushers_key, |row: &Pusher| {
            row.pushkey.clone()
        })
        .copyable()
        .grow(8.0, 1.0),
    )
    .column(Column::new("lang", t::pushers_lang, move |row: &Pusher| text(&row.lang)).width(5.5))
    .column(
        Column::new("enabled", t::pushers_enabled, |row: &Pusher| {
            match row.enabled {
                Some(true) => t::yes(),
                Some(false) => t::no(),
                None => String::new(),
            }
        })
        .width(5.5),
    );
    view! {
        <p class="tab-lead">{t::pushers_lead}</p>
        <List spec />
    }
    .into_node()
}

fn key(row: &Pusher) -> String {
    format!("{} {} {}", row.app_id, row.pushkey, row.kind)
}

async fn load(user: UserId, query: ListQuery) -> Result<ListPage, ApiError> {
    let found = Client::get().send(pushers::list(&user)).await?;
    let searched = |row: &Pusher| {
        format!(
            "{} {:?} {:?} {:?}",
            key(row),
            row.app_display_name,
            row.device_display_name,
            row.data.url
        )
    };
    let (page, total) = arrange(found.pushers, &query, searched, |(), a, b| {
        key(a).cmp(&key(b))
    });
    Ok(ListPage::new(page, total))
}
