//! `#/destinations`: the servers that this one has had something to send to.

use super::{SERVERS, failing, retried, whole};
use crate::address::route::Route;
use crate::api::ApiError;
use crate::api::federation::Destination;
use crate::browser::clock::{iso, now};
use crate::components::badge::{Tone, badge_text};
use crate::components::nothing;
use crate::components::page::PageHeader;
use crate::components::time::{date_time, time};
use crate::federation::health::{Health, Next};
use crate::federation::query::{DestinationOrder, Question};
use crate::i18n::{format, t};
use crate::listing::needs::Needs;
use crate::lists::presets::{self, View};
use crate::lists::{
    AnsweredBy, Column, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Reading,
    Source,
};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::menu;
use crate::widgets::actions::things::Things;
use leptos::prelude::*;

/// The filter by reachability, as the address names it.
pub const FAILING: &str = "failing";

/// The page of other servers.
pub fn view() -> Node {
    let changed = RwSignal::new(0);
    let views = vec![
        View::new(t::federation_view_all, ""),
        View::new(t::federation_view_failing, "failing=true&sort=failure_ts")
            .resting_on(t::federation_basis_failing),
    ];
    let spec = ListSpec::new(
        "destinations",
        t::nav_federation,
        |server: &Destination| server.name.to_string(),
        Source::server_or_here(answered),
    )
    .defaults(Defaults {
        sort: DestinationOrder::Name.key(),
        ..Default::default()
    })
    .search(t::federation_search)
    .filter(Filter::new(
        FAILING,
        t::federation_filter,
        FilterKind::YesNo,
    ))
    .link(|server: &Destination| link(server))
    .empty("globe", t::federation_empty, Some(t::federation_empty_text))
    .reload(changed)
    .bulk(move |picked| {
        menu::bar(picked, changed, |servers: Vec<Destination>, _| {
            Things::of(&SERVERS, servers)
        })
    })
    .columns(columns());
    view! {
        <PageHeader
            title=Signal::derive(t::nav_federation)
            lead=Signal::derive(t::federation_lead)
        />
        {presets::row(Route::Federation, t::federation_views, Needs::default(), views)}
        {failing::section(changed)}
        <List spec />
    }
    .into_node()
}

fn link(server: &Destination) -> String {
    Route::Destination {
        name: server.name.to_string(),
    }
    .to_string()
}

/// The state of a server as a mark.
pub fn health_mark(server: &Destination) -> Node {
    let health = retried::health(server);
    let tone = match health {
        Health::Reachable => Tone::Good,
        Health::Untried => Tone::Neutral,
        Health::Retried => Tone::Accent,
        Health::Failing { .. } => Tone::Warning,
    };
    badge_text(tone, health.word())
}

fn columns() -> Vec<Column> {
    vec![
        Column::new(
            "destination",
            t::federation_server,
            |server: &Destination| server.name.to_string(),
        )
        .main()
        .copyable()
        .sorted(DestinationOrder::Name)
        .grow(12.0, 2.0),
        Column::new("health", t::federation_health, |server: &Destination| {
            retried::health(server).word()
        })
        .cell(health_mark)
        .grow(8.0, 0.5),
        Column::new("failure_ts", t::federation_since, |server: &Destination| {
            server.failure_ts.map(iso).unwrap_or_default()
        })
        .cell(|server: &Destination| server.failure_ts.map_or_else(nothing, date_time))
        .sorted(DestinationOrder::FailingSince)
        .grow(12.0, 0.5),
        Column::new(
            "retry_last_ts",
            t::federation_last_try,
            |server: &Destination| server.retry_last_ts.map(iso).unwrap_or_default(),
        )
        .cell(|server: &Destination| server.retry_last_ts.map_or_else(nothing, time))
        .sorted(DestinationOrder::LastTry)
        .grow(8.0, 0.5),
        Column::new(
            "next_try",
            t::federation_next_try,
            |server: &Destination| match retried::health(server) {
                Health::Failing {
                    next: Next::At(at), ..
                } => iso(at),
                _ => String::new(),
            },
        )
        .cell(next_try)
        .grow(12.0, 1.0),
        Column::new(
            "retry_interval",
            t::federation_wait,
            |server: &Destination| server.retry_interval.to_string(),
        )
        .cell(|server: &Destination| match server.retry_interval {
            0 => nothing(),
            wait => format::duration(wait).into_node(),
        })
        .sorted(DestinationOrder::Wait)
        .hidden(),
    ]
}

/// When a server is tried again.
pub fn next_try(server: &Destination) -> Node {
    match retried::health(server) {
        Health::Failing {
            next: Next::At(at), ..
        } => date_time(at),
        Health::Failing {
            next: Next::WhenNeeded,
            ..
        } => (t::federation_next_due as fn() -> String).into_node(),
        Health::Reachable | Health::Untried | Health::Retried => nothing(),
    }
}

fn of_query(query: &ListQuery) -> Question {
    Question {
        search: query.search.clone(),
        failing: query.boolean(FAILING),
        order_by: DestinationOrder::parse(&query.sort),
        descending: query.descending,
        from: query.from(),
        limit: query.size,
    }
}

/// Who answers a question of the list.
async fn answered(query: ListQuery, reading: Reading) -> Result<AnsweredBy, ApiError> {
    let question = of_query(&query);
    if let Some(asked) = question.for_server() {
        let sort = move |found: &mut Vec<Destination>| question.sort(found);
        return Ok(AnsweredBy::server(asked, reading, |server| server, sort));
    }
    let whole = whole::all(&reading).await?;
    let read = format::relative(whole.read_at, now());
    let count = format::number(whole.items.len() as f64);
    let (page, total) = question.answer(&whole.items, &retried::is_waited_for);
    let note = t::federation_note_here(&count, &read);
    Ok(AnsweredBy::Here(ListPage::new(page, total).with_note(note)))
}
