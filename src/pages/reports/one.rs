//! `#/reports/7`, `#/user_reports/7`: one report, with what was reported as it stands now, and what
//! can be done about it.

use super::{REPORTS, known, route};
use crate::address::route::Route;
use crate::api::events::{self, Event};
use crate::api::users::{self, User, UserDetail};
use crate::api::{ApiError, UserId, reports};
use crate::browser::navigation::{HistoryStep, current_route, navigate};
use crate::components::button::{Button, ButtonKind, ButtonLink};
use crate::components::empty::Empty;
use crate::components::json::json_content;
use crate::components::link::link;
use crate::components::notice::Notice;
use crate::components::page::{Card, PageHeader, fact, facts};
use crate::components::remote::remote;
use crate::components::time::date_time;
use crate::i18n::events::sentence;
use crate::i18n::{Words, format, t};
use crate::pages::rooms::one::line::event_route;
use crate::pages::users::subject::{ACTIONS, Subject};
use crate::reports::evidence::files;
use crate::reports::{Alike, Evidence, Report, ReportKind};
use crate::session::config::is_system;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::propose::propose;
use crate::widgets::actions::things::Things;
use crate::widgets::gather::Gatherer;
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;

/// A report, as far as there is one.
struct Seen {
    report: Report,
    /// `None` if the server has the event no more.
    event: Option<(Event, Evidence)>,
    /// All of its kind, newest first, and its place among them.
    all: Rc<[Report]>,
    place: usize,
}

/// The page of the report with this number, as it stands in the address.
pub fn view((kind, id): (ReportKind, String)) -> Node {
    let title = id.clone();
    let content = match id.parse::<u64>() {
        Ok(id) => {
            let gatherer = Gatherer::new();
            view! {
                {remote(
                    RwSignal::new(0),
                    move || ask(kind, id),
                    move |seen: &Option<Rc<Seen>>| match seen {
                        Some(seen) => report(kind, seen, gatherer),
                        None => gone(),
                    },
                )}
                {gatherer.view()}
            }
            .into_node()
        }
        Err(_) => gone(),
    };
    view! {
        <PageHeader
            title=Signal::derive(move || t::report_title(&title))
            back=Route::Reports
        />
        {content}
    }
    .into_node()
}

fn gone() -> Node {
    view! {
        <Empty picture="flag" title=t::report_gone text=t::report_gone_text>
            <ButtonLink to=Route::Reports.to_string() label=t::report_to_list />
        </Empty>
    }
    .into_node()
}

async fn ask(kind: ReportKind, id: u64) -> Result<Option<Rc<Seen>>, ApiError> {
    let all = known::all(kind, id).await?;
    let Some(place) = all.iter().position(|report| report.id == id) else {
        return Ok(None);
    };
    let report = all[place].clone();
    let event = match kind {
        ReportKind::Events => event_of(&report).await?,
        ReportKind::Users => None,
    };
    Ok(Some(Rc::new(Seen {
        report,
        event,
        all,
        place,
    })))
}

/// The event as it was sent, and what is left of it in its room.
async fn event_of(report: &Report) -> Result<Option<(Event, Evidence)>, ApiError> {
    let client = Client::get();
    let sent = match client.send(reports::event(report.id)).await {
        Ok(detail) => detail.event,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error),
    };
    let (Some(room), Some(id)) = (report.room(), report.event()) else {
        return Ok(None);
    };
    // Without an answer nobody knows whether it has been redacted.
    let now = client.send(events::context(room, id, 0)).await.ok();
    let redacted = now.map(|found| found.event.is_redacted());
    let evidence = Evidence::of(&sent, redacted);
    let event = Event {
        event_id: id.to_string(),
        ..sent
    };
    Ok(Some((event, evidence)))
}

fn report(kind: ReportKind, seen: &Rc<Seen>, gatherer: Gatherer) -> Node {
    let report = &seen.report;
    let neighbour = |place: Option<usize>| {
        place
            .and_then(|place| seen.all.get(place))
            .map(|report| route(kind, report.id).to_string())
    };
    let next = neighbour(Some(seen.place + 1));
    let previous = neighbour(seen.place.checked_sub(1));
    let here = route(kind, report.id).to_string();
    let shown = Rc::clone(seen);
    let dismiss: Rc<dyn Fn(Vec<Report>)> = Rc::new(move |reports| {
        let (here, after) = (here.clone(), after(kind, &shown, &reports));
        let on_change = Rc::new(move || {
            known::forget();
            // The person may have gone on by themselves.
            if current_route() == here {
                navigate(&after, HistoryStep::Replace);
            }
        });
        let reports = Things::of(&REPORTS, reports);
        propose(gatherer, 0, &reports, Rc::new(|| ()), on_change);
    });
    keys(next.clone(), previous.clone(), {
        let (dismiss, report) = (Rc::clone(&dismiss), report.clone());
        Rc::new(move || dismiss(vec![report.clone()]))
    });
    let place = t::report_place(
        &format::number(seen.all.len() as f64),
        &format::number((seen.place + 1) as f64),
    );
    view! {
        <div class="report-steps">
            <span class="report-place">{place}</span>
            {previous
                .map(|route| {
                    view! { <ButtonLink to=route label=t::report_previous icon="chevron-left" /> }
                })}
            {next
                .map(|route| {
                    view! { <ButtonLink to=route label=t::report_next icon="chevron-right" /> }
                })}
        </div>
        <div class="cards" data-wide="true">
            {what_was_said(seen, &dismiss)} {what_was_reported(seen)} {who_was_reported(report)}
        </div>
        <p class="field-hint">{t::report_keys}</p>
    }
    .into_node()
}

/// The page to go to once these are dismissed: the next report that is left, or the one before, or
/// the list.
fn after(kind: ReportKind, seen: &Seen, dismissed: &[Report]) -> String {
    let is_left = |report: &&Report| dismissed.iter().all(|gone| gone.id != report.id);
    let later = seen.all.iter().skip(seen.place + 1).find(is_left);
    let before = || seen.all.iter().take(seen.place).rev().find(is_left);
    later.or_else(before).map_or_else(
        || Route::Reports.to_string(),
        |left| route(kind, left.id).to_string(),
    )
}

/// `J` and `K` go on and back, `D` dismisses, unless somebody types or is asked something.
fn keys(next: Option<String>, previous: Option<String>, dismiss: Rc<dyn Fn()>) {
    let dismiss = StoredValue::new_local(dismiss);
    let listener = window_event_listener(ev::keydown, move |event| {
        let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let busy = "input, textarea, select, dialog, [popover]";
        let is_typing = target.is_some_and(|target| target.closest(busy).ok().flatten().is_some());
        let asked = document().query_selector("dialog:modal").ok().flatten();
        if !is_plain || is_typing || asked.is_some() {
            return;
        }
        let go = |route: &Option<String>| {
            if let Some(route) = route {
                navigate(route, HistoryStep::Replace);
            }
        };
        match event.key().as_str() {
            "j" | "J" => go(&next),
            "k" | "K" => go(&previous),
            "d" | "D" => {
                event.prevent_default();
                let dismiss = dismiss.get_value();
                dismiss();
            }
            _ => {}
        }
    });
    on_cleanup(move || listener.remove());
}

fn person(user: &UserId) -> Node {
    let own = Session::get().server_name();
    match own.is_some_and(|own| own == user.server()) {
        true => link(&Route::user(user).to_string(), "", user.to_string()),
        false => view! { <bdi>{user.to_string()}</bdi> }.into_node(),
    }
}

fn what_was_said(seen: &Rc<Seen>, dismiss: &Rc<dyn Fn(Vec<Report>)>) -> Node {
    let report = &seen.report;
    let mut rows = vec![
        fact(t::report_received, date_time(report.received)),
        fact(t::report_reporter, person(&report.reporter)),
    ];
    if let Some(accused) = report.accused() {
        rows.push(fact(t::report_accused, person(accused)));
    }
    if let (Some(room), Some(title)) = (report.room(), report.room_title()) {
        let to = link(&Route::room(room).to_string(), "", title.to_owned());
        rows.push(fact(t::report_room, to));
    }
    if let Some(score) = report.score {
        let score = t::report_score_hint(&format::number(score as f64));
        rows.push(fact(t::report_score, score));
    }
    let reason = report.reason.clone();
    let reason = match reason {
        Some(reason) => {
            view! { <blockquote class="report-reason"><bdi>{reason}</bdi></blockquote> }.into_node()
        }
        None => ().into_node(),
    };
    let only = {
        let (dismiss, report) = (Rc::clone(dismiss), report.clone());
        move || dismiss(vec![report.clone()])
    };
    let others: Vec<Node> = [
        (Alike::Event, t::report_others_event as fn(u64) -> String),
        (Alike::Accused, t::report_others_accused),
        (Alike::Room, t::report_others_room),
    ]
    .into_iter()
    .filter_map(|(alike, words)| {
        let all = alike.of(report, &seen.all);
        let (count, dismiss) = (all.len() as u64, Rc::clone(dismiss));
        (count > 1).then(|| {
            view! {
                <Button
                    label=Signal::derive(move || words(count))
                    on_press=move || dismiss(all.clone())
                />
            }
            .into_node()
        })
    })
    .collect();
    let buttons = view! {
        <div class="report-actions">
            <Button label=t::report_dismiss icon="check" kind=ButtonKind::Primary on_press=only />
            {others}
        </div>
    }
    .into_node();
    view! { <Card title=Signal::derive(t::report_reason)>{reason} {facts(rows)} {buttons}</Card> }
        .into_node()
}

fn what_was_reported(seen: &Rc<Seen>) -> Node {
    let report = &seen.report;
    if report.kind() == ReportKind::Users {
        return ().into_node();
    }
    let content = match &seen.event {
        None => view! { <Notice>{t::report_event_gone}</Notice> }.into_node(),
        Some((event, evidence)) => evidence_of(report, event, *evidence),
    };
    view! { <Card title=Signal::derive(t::report_what)>{content}</Card> }.into_node()
}

fn evidence_of(report: &Report, event: &Event, evidence: Evidence) -> Node {
    let state: Option<Words> = match evidence {
        Evidence::Standing => None,
        Evidence::Redacted => Some(t::report_redacted),
        Evidence::Emptied => Some(t::report_emptied),
        Evidence::Encrypted => Some(t::report_encrypted),
    };
    let said = {
        let event = event.clone();
        move || sentence(&event, &str::to_owned).unwrap_or_else(|| event.kind.clone())
    };
    // A picture is shown on the page of its file, to whoever goes there.
    let files: Vec<Node> = files(event)
        .iter()
        .map(|uri| {
            let to = link(&Route::file(uri).to_string(), "", uri.to_string());
            view! { <li>{to}</li> }.into_node()
        })
        .collect();
    let files = (!files.is_empty()).then(|| {
        view! {
            <h3>{t::report_files}</h3>
            <ul class="plain-list">{files}</ul>
        }
    });
    let around = report.room().map(|room| {
        let to = event_route(room, &event.event_id);
        view! { <ButtonLink to label=t::ev_context icon="rooms" /> }
    });
    let json = serde_json::to_string_pretty(event).unwrap_or_default();
    view! {
        <p class="event-line">{said}</p>
        {state.map(|words| view! { <p class="field-warning">{words}</p> })}
        {files}
        <div class="report-actions">{around}</div>
        <details>
            <summary>{t::ev_json}</summary>
            {json_content(t::ev_json, &json)}
        </details>
    }
    .into_node()
}

/// What can be done to whom a report is about, if they belong to this server.
fn who_was_reported(report: &Report) -> Node {
    let Some(user) = report.accused().cloned() else {
        return ().into_node();
    };
    let own = Session::get().server_name();
    if own.is_none_or(|own| own != user.server()) {
        let text = t::report_foreign(user.as_str());
        return view! { <Notice>{text}</Notice> }.into_node();
    }
    let detail: RwSignal<Option<UserDetail>> = RwSignal::new(None);
    let load = {
        let user = user.clone();
        move || {
            let user = user.clone();
            spawn_local(async move {
                if let Ok(found) = Client::get().send(users::get(&user)).await {
                    // The page may have been left.
                    let _ = detail.try_set(Some(found));
                }
            });
        }
    };
    load();
    let known: Signal<Option<User>> =
        Signal::derive(move || detail.get().map(|detail| detail.user));
    let bridged = {
        let user = user.clone();
        Signal::derive(move || {
            let served = detail.with(|detail| {
                let of = detail
                    .as_ref()
                    .and_then(|detail| detail.appservice_id.as_ref());
                of.is_some()
            });
            served || is_system(&user)
        })
    };
    let subject = Subject::One {
        user: known,
        bridged,
        changed: Callback::new(move |()| load()),
    };
    let name = user.to_string();
    view! {
        <Card title=Signal::derive(move || t::report_who(&name))>
            {ACTIONS.part().view(Some(subject))}
        </Card>
    }
    .into_node()
}
