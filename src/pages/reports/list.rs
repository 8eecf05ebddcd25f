//! `#/reports`: what people have reported, a tab for each kind that the server tells of.

use super::{REPORTS, kept, route};
use crate::address::route::Route;
use crate::api::encode::encoded;
use crate::api::{ApiError, RoomId, UserId};
use crate::browser::clock::{iso, now};
use crate::browser::navigation::current_route;
use crate::components::badge::{Tone, badge};
use crate::components::empty::Empty;
use crate::components::nothing;
use crate::components::page::PageHeader;
use crate::components::questions::Questions;
use crate::components::tabs::{Tab, tabbed};
use crate::components::time::date_time;
use crate::i18n::features::why_not;
use crate::i18n::{Words, format, t};
use crate::lists::{
    AnsweredBy, Column, Defaults, Filter, FilterKind, List, ListPage, ListQuery, ListSpec, Reading,
    Source,
};
use crate::reports::query::{Asked, Question, ReportOrder};
use crate::reports::{Report, ReportKind};
use crate::session::{Session, learn};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::menu;
use crate::widgets::actions::things::Things;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The filters, as the address names them.
mod filter {
    pub const REPORTER: &str = "reporter";
    pub const ACCUSED: &str = "accused";
    pub const ROOM: &str = "room";
}

/// The tab, as the address names it, and that of the reports of users.
const TAB: &str = "tab";
const USERS: &str = "users";

/// What the lists show when the address says nothing.
fn defaults() -> Defaults {
    Defaults {
        sort: ReportOrder::Received.key(),
        descending: true,
        ..Default::default()
    }
}

/// The question of a list, as it stands in the address.
pub fn asked_in(address: &str) -> Question {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    of_query(&ListQuery::parse(query, &defaults()))
}

/// The part of an address behind `?` without what does not decide which reports there are in which
/// order: the page and its size, the tab.
pub fn narrowed_by(address: &str) -> String {
    let query = address.split_once('?').map_or("", |(_, query)| query);
    let defaults = defaults();
    let mut query = ListQuery::parse(query, &defaults);
    query.page = 1;
    query.size = defaults.size;
    query.set(TAB, "");
    query.to_query(&defaults)
}

/// Where the list stands that such a part of an address narrows.
pub fn list_of(kind: ReportKind, narrowed: &str) -> String {
    let tab = match kind {
        ReportKind::Events => String::new(),
        ReportKind::Users => format!("{TAB}={USERS}"),
    };
    let parts = [tab.as_str(), narrowed];
    let parts = parts.into_iter().filter(|part| !part.is_empty());
    Route::Reports.at(&parts.collect::<Vec<_>>().join("&"))
}

/// Where all reports about somebody stand.
pub fn about(kind: ReportKind, user: &UserId) -> String {
    let narrowed = format!("{}={}", filter::ACCUSED, encoded(user.as_str()));
    list_of(kind, &narrowed)
}

/// The page of reports.
pub fn view() -> Node {
    let changed = RwSignal::new(0);
    let refreshed = RwSignal::new(0);
    let tab = |id, label, kind| {
        let tab = Tab::new(id, label, move || tab(kind, changed, refreshed));
        tab.counted(open(kind, changed, refreshed))
    };
    let tabs = vec![
        tab("", t::reports_events, ReportKind::Events),
        tab(USERS, t::reports_users, ReportKind::Users),
    ];
    view! {
        <PageHeader title=Signal::derive(t::nav_reports) lead=Signal::derive(t::reports_lead) />
        {tabbed(&Route::Reports, t::reports_tabs, tabs)}
    }
    .into_node()
}

/// How many reports of a kind are open, once the server has told; asked anew when one of these changes.
fn open(kind: ReportKind, changed: RwSignal<u32>, refreshed: RwSignal<u32>) -> Signal<Option<u64>> {
    let count = RwSignal::new(None);
    let questions = Questions::new();
    Effect::new(move |_| {
        changed.track();
        refreshed.track();
        let mine = questions.ask();
        spawn_local(async move {
            // What it was is not what it is.
            let found = kept::open(kind).await.unwrap_or_default();
            // It may have been asked again meanwhile, or the page been left.
            if questions.is_last(mine) {
                count.set(found);
            }
        });
    });
    count.into()
}

fn tab(kind: ReportKind, changed: RwSignal<u32>, refreshed: RwSignal<u32>) -> Node {
    let server = Session::get().capabilities_now();
    if let Some(lack) = kind.needs().and_then(|feature| server.lack(feature)) {
        let text = Signal::stored(why_not(lack));
        return view! { <Empty picture="flag" title=t::reports_too_old text /> }.into_node();
    }
    let id = match kind {
        ReportKind::Events => "event-reports",
        ReportKind::Users => "user-reports",
    };
    let mut spec = ListSpec::new(
        id,
        t::nav_reports,
        |report: &Report| report.id.to_string(),
        Source::server_or_here(move |query, reading| {
            if reading.is_refresh() {
                refreshed.update(|refreshed| *refreshed += 1);
            }
            answered(kind, query, reading)
        }),
    )
    .defaults(defaults())
    .search(t::reports_search)
    .filter(of_user(filter::ACCUSED, t::report_accused))
    .filter(of_user(filter::REPORTER, t::report_reporter))
    // From there one goes on in this list, as it is narrowed and sorted now.
    .link(move |report: &Report| route(kind, report.id).at(&narrowed_by(&current_route())))
    .empty("flag", t::reports_empty, Some(t::reports_empty_text))
    .reload(changed)
    .bulk(move |picked| {
        menu::bar(picked, changed, |reports: Vec<Report>, _| {
            Things::of(&REPORTS, reports)
        })
    });
    if kind == ReportKind::Events {
        let room = Filter::new(filter::ROOM, t::report_room, FilterKind::Text);
        spec = spec.filter(room.reading(|text| RoomId::parse(text.trim()).is_some()));
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
        .sorted(ReportOrder::Accused)
        .grow(15.5, 1.5),
        Column::new("reason", t::report_reason, |report: &Report| {
            report.reason.clone().unwrap_or_default()
        })
        .sorted(ReportOrder::Reason)
        .grow(9.0, 2.0),
        Column::new("reporter", t::report_reporter, |report: &Report| {
            report.reporter.to_string()
        })
        .sorted(ReportOrder::Reporter)
        .grow(10.0, 1.0),
        Column::new("received_ts", t::report_received, |report: &Report| {
            iso(report.received)
        })
        .cell(|report: &Report| date_time(report.received))
        .sorted(ReportOrder::Received)
        .grow(12.0, 0.5),
    ];
    if kind == ReportKind::Events {
        let room = Column::new("room", t::report_room, |report: &Report| {
            report.room_title().unwrap_or_default().to_owned()
        });
        columns.insert(2, room.sorted(ReportOrder::Room).grow(9.0, 1.0));
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
            .sorted(ReportOrder::Score)
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

/// A filter by somebody's ID.
fn of_user(id: &'static str, label: Words) -> Filter {
    let filter = Filter::new(id, label, FilterKind::Text);
    filter.reading(|text| UserId::parse(text.trim()).is_some())
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
        order_by: ReportOrder::parse(&query.sort),
        descending: query.descending,
        from: query.from(),
        limit: query.size,
    }
}

/// Who answers a question of the list.
async fn answered(
    kind: ReportKind,
    query: ListQuery,
    reading: Reading,
) -> Result<AnsweredBy, ApiError> {
    let question = of_query(&query);
    let server = learn::capabilities().await?;
    if let Some(asked) = question.for_server(kind, &server) {
        let sort = move |found: &mut Vec<Report>| question.sort(found);
        return Ok(match asked {
            Asked::Events(asked) => AnsweredBy::server(asked, reading, Report::from, sort),
            Asked::Users(asked) => AnsweredBy::server(asked, reading, Report::from, sort),
        });
    }
    let whole = kept::all(kind, &reading).await?;
    let read = format::relative(whole.read_at, now());
    let count = format::number(whole.items.len() as f64);
    let note = t::reports_note_here(&count, &read);
    Ok(here(&question, &whole.items, note))
}

fn here(question: &Question, among: &[Report], note: String) -> AnsweredBy {
    let (page, total) = question.answer(among);
    AnsweredBy::Here(ListPage::new(page, total).with_note(note))
}
