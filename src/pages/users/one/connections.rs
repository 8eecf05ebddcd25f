//! The tab "Connections": from where an account has been used.

use super::Shown;
use crate::api::whois::{self, Connection};
use crate::api::{ApiError, UserId};
use crate::browser::clock::iso;
use crate::components::time::time_or_never;
use crate::i18n::t;
use crate::known::{Known, Why};
use crate::lists::{Column, Defaults, List, ListPage, ListQuery, ListSpec, Source, arrange_known};
use crate::session::Client;
use crate::sort_keys;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::cmp::Ordering;

/// The tab with the connections of a user.
pub fn tab(shown: Shown) -> Node {
    let user = shown.user.get_value();
    let spec = ListSpec::new(
        "user-connections",
        t::user_connections,
        key,
        Source::here(move |query, _reading| load(user.clone(), query)),
    )
    .defaults(Defaults {
        sort: ConnectionOrder::LastSeen.key(),
        descending: true,
        ..Default::default()
    })
    .search(t::connections_search)
    .empty(
        "globe",
        t::connections_empty,
        Some(t::connections_empty_text),
    )
    .column(
        Column::new("ip", t::devices_ip, |row: &Connection| {
            row.ip.clone().unwrap_or_default()
        })
        .main()
        .sorted(ConnectionOrder::Ip)
        .copyable()
        .grow(10.0, 1.0),
    )
    .column(
        Column::new("last_seen", t::users_last_seen, |row: &Connection| {
            row.last_seen.map(iso).unwrap_or_default()
        })
        .cell(|row: &Connection| time_or_never(row.last_seen))
        .sorted(ConnectionOrder::LastSeen)
        .grow(8.0, 0.5),
    )
    .column(
        Column::new("user_agent", t::devices_agent, |row: &Connection| {
            row.user_agent.clone().unwrap_or_default()
        })
        .sorted(ConnectionOrder::Agent)
        .grow(12.0, 2.5),
    );
    view! {
        <p class="tab-lead">{t::connections_lead}</p>
        <List spec />
    }
    .into_node()
}

fn key(row: &Connection) -> String {
    format!("{:?} {:?} {:?}", row.ip, row.last_seen, row.user_agent)
}

async fn load(user: UserId, query: ListQuery) -> Result<ListPage, ApiError> {
    let found = Client::get().send(whois::get(&user)).await?;
    let (page, total) = arrange_known(found.connections(), &query, key, compare);
    Ok(ListPage::new(page, total))
}

sort_keys! {
    /// What the list of connections can be sorted by.
    ConnectionOrder {
        Ip: "ip",
        LastSeen: "last_seen",
        Agent: "agent",
    }
}

fn compare(key: ConnectionOrder, a: &Connection, b: &Connection, descending: bool) -> Ordering {
    let seen = |row: &Connection| Known::or(row.last_seen, Why::NoRecord);
    let told = |text: &Option<String>| Known::or(text.clone(), Why::NoRecord);
    match key {
        ConnectionOrder::Ip => told(&a.ip).compare(&told(&b.ip), descending),
        ConnectionOrder::Agent => told(&a.user_agent).compare(&told(&b.user_agent), descending),
        ConnectionOrder::LastSeen => seen(a).compare(&seen(b), descending),
    }
}
