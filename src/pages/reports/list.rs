//! `#/reports`: what people have reported, a tab for each kind that the server tells of.

use super::{REPORTS, known, route};
use crate::address::route::Route;
use crate::api::{ApiError, RoomId, UserId};
use crate::browser::clock::iso;
use crate::components::badge::{Tone, badge};
use crate::components::empty::Empty;
use crate::components::nothing;
use crate::components::page::PageHeader;
use crate::components::tabs::{Tab, tabbed};
use crate::components::time::date_time;
use crate::i18n::features::why_not;
use crate::i18n::{format, t};
use crate::lists::{
    Column, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Reading, Source,
};
use crate::reports::query::{self, Asked, Question, order};
use crate::reports::{Report, ReportKind};
use crate::session::{Client, Session, learn};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::menu;
use crate::widgets::actions::things::Things;
use leptos::prelude::*;

/// The filters, as the address names them.
mod filter {
    pub const REPORTER: &str = "reporter";
    pub const ACCUSED: &str = "accused";
    pub const ROOM: &str = "room";
}

/// The keys by which rows are ordered.
const ORDERS: [&str; 6] = [
    order::RECEIVED,
    order::REPORTER,
    order::ACCUSED,
    order::ROOM,
    order::REASON,
    order::SCORE,
];

/// The page of reports.
pub fn view() -> Node {
    let tabs = vec![
        Tab::new("", t::reports_events, || tab(ReportKind::Events)),
        Tab::new("users", t::reports_users, || tab(ReportKind::Users)),
    ];
    view! {
        <PageHeader title=Signal::derive(t::nav_reports) lead=Signal::derive(t::reports_lead) />
        {tabbed(&Route::Reports, t::reports_tabs, tabs)}
    }
    .into_node()
}

fn tab(kind: ReportKind) -> Node {
    let server = Session::get().capabilities_now();
    if let Some(lack) = kind.needs().and_then(|feature| server.lack(feature)) {
        let text = Signal::stored(why_not(lack));
        return view! { <Empty picture="flag" title=t::reports_too_old text /> }.into_node();
    }
    let changed = RwSignal::new(0);
    // Whoever comes back from a report may have dismissed it.
    known::forget();
    let id = match kind {
        ReportKind::Events => "event-reports",
        ReportKind::Users => "user-reports",
    };
    let mut spec = ListSpec::new(
        id,
        t::nav_reports,
        |report: &Report| report.id.to_string(),
        Source::paged(
            move |query, reading| page(kind, query, reading),
            move |query, reading| all(kind, query, reading),
        ),
    )
    .defaults(Defaults {
        sort: order::RECEIVED,
        descending: true,
        ..Default::default()
    })
    .search(t::reports_search)
    .filter(Filter::new(
        filter::ACCUSED,
        t::report_accused,
        FilterKind::Text,
    ))
    .filter(Filter::new(
        filter::REPORTER,
        t::report_reporter,
        FilterKind::Text,
    ))
    .link(move |report: &Report| route(kind, report.id).to_string())
    .empty("flag", t::reports_empty, Some(t::reports_empty_text))
    .reload(changed)
    .bulk(move |picked| {
        menu::bar(picked, changed, |reports: Vec<Report>, _| {
            Things::of(&REPORTS, reports)
        })
    });
    if kind == ReportKind::Events {
        spec = spec.filter(Filter::new(filter::ROOM, t::report_room, FilterKind::Text));
    }
    for column in columns(kind) {
        spec = spec.column(column);
    }
    view! { <List spec /> }.into_node()
}

fn columns(kind: ReportKind) -> Vec<Column> {
    let text = |value: Option<&UserId>| value.map(ToString::to_string).unwrap_or_default();
    let mut columns = vec![
        Column::new("accused", t::report_accused, move |report: &Report| {
            text(report.accused())
        })
        .cell(accused)
        .main()
        .sorted(order::ACCUSED)
        .grow(11.0, 1.5),
        Column::new("reason", t::report_reason, |report: &Report| {
            report.reason.clone().unwrap_or_default()
        })
        .sorted(order::REASON)
        .grow(11.0, 2.0),
        Column::new("reporter", t::report_reporter, |report: &Report| {
            report.reporter.to_string()
        })
        .sorted(order::REPORTER)
        .grow(10.0, 1.0),
        Column::new("received_ts", t::report_received, |report: &Report| {
            iso(report.received)
        })
        .cell(|report: &Report| date_time(report.received))
        .sorted(order::RECEIVED)
        .grow(9.0, 0.5),
    ];
    if kind == ReportKind::Events {
        let room = Column::new("room", t::report_room, |report: &Report| {
            report.room_title().unwrap_or_default().to_owned()
        });
        columns.insert(2, room.sorted(order::ROOM).grow(9.0, 1.0));
        columns.push(
            Column::new("event_id", t::report_event, |report: &Report| {
                report.event().map(ToString::to_string).unwrap_or_default()
            })
            .copyable()
            .hidden(),
        );
        columns.push(
            Column::new("score", t::report_score, |report: &Report| {
                report
                    .score
                    .map(|score| score.to_string())
                    .unwrap_or_default()
            })
            .sorted(order::SCORE)
            .number()
            .hidden(),
        );
    }
    columns
}

fn accused(report: &Report) -> Node {
    let Some(user) = report.accused() else {
        return nothing();
    };
    let own = report
        .is_about_oneself()
        .then(|| badge(Tone::Neutral, t::report_self));
    view! {
        <span class="marks">
            <span class="cell-text">{user.to_string()}</span>
            {own}
        </span>
    }
    .into_node()
}

fn of_query(query: &ListQuery) -> Question {
    let user = |name| query.get(name).and_then(|text| UserId::parse(text.trim()));
    Question {
        search: query.search.clone(),
        reporter: user(filter::REPORTER),
        accused: user(filter::ACCUSED),
        room: query
            .get(filter::ROOM)
            .and_then(|text| RoomId::parse(text.trim())),
        event: None,
        reasoned: None,
        // What the address makes up is not asked for.
        order_by: ORDERS.into_iter().find(|order| *order == query.sort),
        descending: query.descending,
        from: query.from(),
        limit: query.size,
    }
}

/// Whether a filter has something that is no ID: then nothing can match.
fn is_impossible(query: &ListQuery, question: &Question) -> bool {
    let is_set = |name| query.get(name).is_some_and(|text| !text.trim().is_empty());
    (is_set(filter::REPORTER) && question.reporter.is_none())
        || (is_set(filter::ACCUSED) && question.accused.is_none())
        || (is_set(filter::ROOM) && question.room.is_none())
}

/// Where the answer to a question is.
enum Way {
    Server(Asked),
    Here(Vec<Report>),
}

async fn way(kind: ReportKind, query: &ListQuery, reading: &Reading) -> Result<Way, ApiError> {
    let question = of_query(query);
    if is_impossible(query, &question) {
        return Ok(Way::Here(Vec::new()));
    }
    let server = learn::capabilities().await?;
    if let Some(asked) = question.for_server(kind, &server) {
        return Ok(Way::Server(asked));
    }
    let client = Client::get();
    let report = |done, of| reading.progress(done, Some(of));
    Ok(Way::Here(
        query::read_all(client.patient(), kind, &report).await?,
    ))
}

fn here(query: &ListQuery, among: &[Report]) -> ListPage {
    let count = format::number(among.len() as f64);
    let page = of_query(query).answer(among);
    ListPage::new(page.reports, page.total).with_note(t::reports_note_here(&count))
}

async fn page(kind: ReportKind, query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    match way(kind, &query, &reading).await? {
        Way::Here(among) => Ok(here(&query, &among)),
        Way::Server(asked) => {
            let client = Client::get();
            let page = query::read_page(client.patient(), &asked).await?;
            Ok(ListPage::new(page.reports, page.total))
        }
    }
}

async fn all(kind: ReportKind, query: ListQuery, reading: Reading) -> Result<ListPage, ApiError> {
    match way(kind, &query, &reading).await? {
        Way::Here(among) => Ok(here(&query, &among)),
        Way::Server(asked) => {
            let client = Client::get();
            let report = |done, of| reading.progress(done, Some(of));
            let mut found = query::read_matching(client.patient(), &asked, &report).await?;
            of_query(&query).sort(&mut found);
            Ok(ListPage::all(found))
        }
    }
}
