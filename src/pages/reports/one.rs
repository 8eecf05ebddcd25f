//! `#/reports/7`, `#/user_reports/7`: one report, with what was reported as it stands now, and what
//! can be done about it.

use super::kept::{Place, ReadSoFar, Surroundings};
use super::keys::{self, Shortcut};
use super::shown::{self, Near, ReportedFiles};
use super::subjects::{to_the_account, where_it_was, who_was_reported};
use super::{REPORTS, kept, list, route};
use crate::actions::About;
use crate::address::route::Route;
use crate::api::events::{self, Event};
use crate::api::{ApiError, RoomId, UserId, reports, rooms};
use crate::browser::letters;
use crate::browser::navigation::{HistoryStep, current_route, navigate};
use crate::components::button::{Button, ButtonKind, ButtonLink};
use crate::components::empty::Empty;
use crate::components::link::link;
use crate::components::notice::Notice;
use crate::components::page::{Card, PageHeader, fact, facts};
use crate::components::progress::Progress;
use crate::components::remote::remote;
use crate::components::time::date_time;
use crate::i18n::{format, t};
use crate::media::StoredFile;
use crate::media::actions::{Action as FileAction, spared};
use crate::pages::media::files::{Shelf, actions};
use crate::pages::rooms::one::MemberTargets;
use crate::pages::rooms::one::removal::{self, Said};
use crate::reports::actions::DISMISS;
use crate::reports::{Alike, Evidence, Report, ReportKind};
use crate::rooms::members::Action;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::widgets::actions::lacking;
use crate::widgets::actions::propose::propose;
use crate::widgets::actions::things::Things;
use crate::widgets::gather::Gatherer;
use futures_util::future::{join, join3};
use leptos::prelude::*;
use std::rc::Rc;

/// How many events are shown around the one that was reported: half of them before it.
const NEAR: u64 = 6;

/// A report, as far as there is one.
struct Seen {
    report: Report,
    /// `None` if the server has the event no more.
    event: Option<(Event, Evidence)>,
    /// What was said around it, as far as the server has told.
    near: Near,
    /// Whether nobody of this server is in the room any more.
    is_left: bool,
    around: Surroundings,
    /// The reports of the other kind about the same person; `None` where nobody knows.
    elsewhere: Option<Vec<Report>>,
    /// What narrows and sorts the list that one came from, as it stands in the address.
    narrowed: String,
}

/// What there is of a report.
enum Found {
    Seen(Rc<Seen>),
    /// Somebody else has dismissed it, or it never was; where the next one is.
    Gone(Option<String>),
}

/// What the parts of the page share. A handle: copies are the same.
#[derive(Clone, Copy)]
struct Page {
    gatherer: Gatherer,
    /// Counts what is done about the event.
    changed: RwSignal<u32>,
    files: ReportedFiles,
    shelf: Shelf,
    /// How far the reading of the other reports is.
    so_far: ReadSoFar,
}

impl Page {
    fn new() -> Self {
        let files = ReportedFiles::new();
        Page {
            gatherer: Gatherer::new(),
            changed: RwSignal::new(0),
            files,
            shelf: Shelf::new(files.changed),
            so_far: RwSignal::new(None),
        }
    }
}

/// The page of the report with this number, as it stands in the address.
pub fn view((kind, id): (ReportKind, String)) -> Node {
    let title = id.clone();
    let content = match id.parse::<u64>() {
        Ok(id) => {
            let page = Page::new();
            view! {
                {reading(page.so_far)}
                {remote(
                    page.changed,
                    move || ask(kind, id, page.so_far),
                    move |found: &Found| match found {
                        Found::Seen(seen) => report(kind, seen, page),
                        Found::Gone(next) => gone(next.clone()),
                    },
                )}
                {page.gatherer.view()}
                {page.shelf.dialogs()}
            }
            .into_node()
        }
        Err(_) => gone(None),
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

fn gone(next: Option<String>) -> Node {
    keys::listen(vec![('j', go(next.clone()))]);
    view! {
        <Empty picture="flag" title=t::report_gone text=t::report_gone_text>
            {next
                .map(|route| {
                    view! { <ButtonLink to=route label=t::report_next icon="chevron-right" /> }
                })}
            <ButtonLink to=Route::Reports.to_string() label=t::report_to_list />
        </Empty>
    }
    .into_node()
}

/// Of how many reports how many have been read, where the whole list has to be.
fn reading(so_far: ReadSoFar) -> Node {
    let is_shown = Memo::new(move |_| so_far.with(Option::is_some));
    let part = move || {
        let (done, of) = so_far.get()?;
        Some(done as f64 / of.filter(|of| *of > 0)? as f64)
    };
    let words = move || match so_far.get() {
        Some((done, Some(of))) => {
            t::list_reading_of(&format::number(done as f64), &format::number(of as f64))
        }
        _ => t::loading(),
    };
    let bar = move || {
        view! { <Progress done=Signal::derive(part) text=Signal::derive(words) announce=true /> }
    };
    (move || is_shown.get().then(bar)).into_node()
}

async fn ask(kind: ReportKind, id: u64, so_far: ReadSoFar) -> Result<Found, ApiError> {
    let address = current_route();
    let question = list::asked_in(&address);
    let narrowed = |is_of_list| match is_of_list {
        true => list::narrowed_by(&address),
        false => String::new(),
    };
    let around = kept::around(kind, id, &question, so_far).await;
    // The page may have been left.
    let _ = so_far.try_set(None);
    let around = match around? {
        Place::Among(around) => around,
        Place::Gone(next) => {
            let next = next.map(|(next, is_of_list)| route(kind, next).at(&narrowed(is_of_list)));
            return Ok(Found::Gone(next));
        }
    };
    let report = around.listed[around.place].clone();
    let narrowed = narrowed(around.is_of_list);
    let told = told(&report);
    let left = async {
        match report.room() {
            Some(room) => is_left(room).await,
            None => false,
        }
    };
    let (told, is_left, elsewhere) = join3(told, left, kept::of_the_other_kind(&report)).await;
    let (event, near) = match told? {
        Told::Event(event, evidence, near) => (Some((event, evidence)), near),
        Told::NoEvent => (None, Near::default()),
        Told::NoReport => {
            kept::dismissed(&report);
            let next = around.listed.get(around.place + 1);
            let next = next.map(|next| route(kind, next.id).at(&narrowed));
            return Ok(Found::Gone(next));
        }
    };
    Ok(Found::Seen(Rc::new(Seen {
        event,
        near,
        is_left,
        elsewhere: elsewhere.ok(),
        report,
        around,
        narrowed,
    })))
}

/// What the server tells of what was reported.
enum Told {
    /// The event as it was sent, what is left of it in its room, and what was said around it there.
    Event(Event, Evidence, Near),
    /// The report is not about an event, or the server has that no more.
    NoEvent,
    /// The server has the report no more.
    NoReport,
}

async fn told(report: &Report) -> Result<Told, ApiError> {
    let client = Client::get();
    let (Some(room), Some(id)) = (report.room(), report.event()) else {
        let there = client.send(reports::user(report.id)).await;
        let is_gone = there.is_err_and(|error| error.is_not_found());
        return Ok(if is_gone {
            Told::NoReport
        } else {
            Told::NoEvent
        });
    };
    // Without an answer nobody knows whether it has been redacted.
    let now = client.send(events::context(room, id, NEAR));
    let (sent, now) = join(client.send(reports::event(report.id)), now).await;
    let sent = match sent {
        Ok(detail) => detail.event,
        // It does not tell a report that is gone from one whose event is gone, but by the event.
        Err(error) if error.is_not_found() => {
            return Ok(match now.is_ok() {
                true => Told::NoReport,
                false => Told::NoEvent,
            });
        }
        Err(error) => return Err(error),
    };
    let (redacted, near) = match now {
        Ok(found) => (Some(found.event.is_redacted()), Near::of(found)),
        Err(_) => (None, Near::default()),
    };
    let evidence = Evidence::of(&sent, redacted);
    let event = Event {
        event_id: id.to_string(),
        ..sent
    };
    Ok(Told::Event(event, evidence, near))
}

/// Whether nobody of this server is in a room any more. The count may stand still, so who is in it is
/// asked as well.
async fn is_left(room: &RoomId) -> bool {
    let client = Client::get();
    match client.send(rooms::get(room)).await {
        Ok(found) if found.room.joined_local_members == Some(0) => {}
        _ => return false,
    }
    let own = Session::get().server_name();
    let members = client.send(rooms::members(room)).await;
    members.is_ok_and(|found| {
        let mut members = found.members.iter();
        !members.any(|user| Some(user.server()) == own)
    })
}

fn report(kind: ReportKind, seen: &Rc<Seen>, page: Page) -> Node {
    let report = &seen.report;
    let neighbour = |place: Option<usize>| {
        place
            .and_then(|place| seen.around.listed.get(place))
            .map(|report| route(kind, report.id).at(&seen.narrowed))
    };
    let next = neighbour(Some(seen.around.place + 1));
    let previous = neighbour(seen.around.place.checked_sub(1));
    let here = current_route();
    let shown = Rc::clone(seen);
    let dismiss: Rc<dyn Fn(Vec<Report>)> = Rc::new(move |reports| {
        let (here, shown) = (here.clone(), Rc::clone(&shown));
        let after = after(kind, &shown, &reports);
        let on_change = Rc::new(move || {
            // Where it is still open, the person is still at it; or has gone on by themselves.
            if kept::is_dismissed(&shown.report) && current_route() == here {
                navigate(&after, HistoryStep::Replace);
            }
        });
        let reports = Things::of(&REPORTS, reports);
        propose(page.gatherer, 0, &reports, Rc::new(|| ()), on_change);
    });
    let deeds = deeds(seen, page);
    let mut listened: Vec<Shortcut> = vec![
        ('j', go(next.clone())),
        ('k', go(previous.clone())),
        ('a', Rc::new(to_the_account)),
        ('d', {
            let (dismiss, report) = (Rc::clone(&dismiss), report.clone());
            Rc::new(move || dismiss(vec![report.clone()]))
        }),
    ];
    if seen.event.is_some() {
        let veil = page.files.is_veiled;
        listened.push(('v', Rc::new(move || veil.update(|is| *is = !*is))));
        listened.push(('q', Rc::new(move || quarantine(page))));
    }
    for deed in &deeds {
        listened.push((deed.key, Rc::clone(&deed.press)));
    }
    keys::listen(listened);
    let place = t::report_place(
        &format::number(seen.around.listed.len() as f64),
        &format::number((seen.around.place + 1) as f64),
    );
    let list = (!seen.narrowed.is_empty()).then(|| {
        let to = list::list_of(kind, &seen.narrowed);
        link(&to, "", t::report_of_list())
    });
    let words = match kind {
        ReportKind::Events => t::report_keys as fn() -> String,
        ReportKind::Users => t::report_keys_user,
    };
    view! {
        <div class="report-steps">
            <span class="report-place">{place} " " {list}</span>
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
            {what_was_said(seen, &dismiss)} {what_was_reported(seen, page, &deeds)}
        </div>
        {letters::are_on().then(|| view! { <p class="field-hint report-keys">{words}</p> })}
        {who_was_reported(report)}
        {where_it_was(report)}
    }
    .into_node()
}

/// Leads to another report, if there is one.
fn go(route: Option<String>) -> Rc<dyn Fn()> {
    Rc::new(move || {
        if let Some(route) = &route {
            navigate(route, HistoryStep::Replace);
        }
    })
}

/// Something that can be done about the event, and its key.
struct Deed {
    about: &'static About,
    key: char,
    press: Rc<dyn Fn()>,
}

/// What can be done about the event, in its room.
fn deeds(seen: &Rc<Seen>, page: Page) -> Vec<Deed> {
    let report = &seen.report;
    let (Some((event, evidence)), Some(room), Some(id)) =
        (&seen.event, report.room(), report.event())
    else {
        return Vec::new();
    };
    let Some(sender) = UserId::parse(&event.sender).filter(|_| !seen.is_left) else {
        return Vec::new();
    };
    let is_redacted = matches!(evidence, Evidence::Redacted | Evidence::Emptied);
    let removed = removal::about(Said {
        room: room.clone(),
        room_title: report.room_title().unwrap_or_default().to_owned(),
        event: id.clone(),
        sender: sender.to_string(),
        words: shown::words(event),
        is_redacted,
    });
    let members = MemberTargets::in_sight(room.clone(), sender);
    let event = (!is_redacted).then_some((removed, 0, 'r'));
    event
        .into_iter()
        .chain([
            (Rc::clone(&members), Action::Remove as usize, 'x'),
            (members, Action::Ban as usize, 'b'),
        ])
        .map(|(targets, action, key)| {
            let about = targets.about(action);
            let press = move || {
                let again = Rc::new(move || {
                    // The page may have been left.
                    let _ = page.changed.try_update(|changed| *changed += 1);
                });
                propose(page.gatherer, action, &targets, Rc::new(|| ()), again);
            };
            Deed {
                about,
                key,
                press: Rc::new(press),
            }
        })
        .collect()
}

/// Quarantines the files of the event.
fn quarantine(page: Page) {
    change_files(page, FileAction::Quarantine);
}

fn change_files(page: Page, action: FileAction) {
    let files: Rc<[StoredFile]> = page.files.known.get_untracked().into();
    if !files.is_empty() {
        actions::start(action, page.shelf, files, None);
    }
}

/// The buttons for the files of the event, once the server has told of them.
fn file_buttons(page: Page) -> Node {
    let button = move |action: FileAction| {
        let can = page
            .files
            .known
            .with(|files| files.iter().any(|file| spared(action, file).is_none()));
        can.then(|| {
            view! {
                <Button
                    label=action.about().label
                    icon=action.about().icon
                    on_press=move || change_files(page, action)
                />
            }
            .into_node()
        })
    };
    view! {
        {move || button(FileAction::Quarantine)}
        {move || button(FileAction::Unquarantine)}
    }
    .into_node()
}

/// The page to go to once these are dismissed: the next report that is left, or the one before, or
/// the list.
fn after(kind: ReportKind, seen: &Seen, dismissed: &[Report]) -> String {
    let is_left = |report: &&Report| {
        let mut others = dismissed.iter().filter(|gone| gone.kind() == kind);
        others.all(|gone| gone.id != report.id)
    };
    let Surroundings { listed, place, .. } = &seen.around;
    let later = listed.iter().skip(place + 1).find(is_left);
    let before = || listed.iter().take(*place).rev().find(is_left);
    later.or_else(before).map_or_else(
        || list::list_of(kind, &seen.narrowed),
        |left| route(kind, left.id).at(&seen.narrowed),
    )
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
        let line = |kind: ReportKind, count: usize| {
            let words = match kind {
                ReportKind::Events => t::report_about_messages(count as u64),
                ReportKind::Users => t::report_about_person(count as u64),
            };
            view! { <div>{link(&list::about(kind, accused), "", words)}</div> }
        };
        let alike = Alike::Accused.of(report, &seen.around.all).len();
        let alike = (alike > 1).then(|| line(report.kind(), alike));
        let elsewhere = seen.elsewhere.as_ref().map_or(0, Vec::len);
        let elsewhere = (elsewhere > 0).then(|| line(report.kind().other(), elsewhere));
        let whom = view! { {person(accused)} {alike} {elsewhere} }.into_node();
        rows.push(fact(t::report_accused, whom));
    }
    if let (Some(room), Some(title)) = (report.room(), report.room_title()) {
        let to = link(&Route::room(room).to_string(), "", title.to_owned());
        rows.push(fact(t::report_room, to));
    }
    if let Some(event) = report.event() {
        let to = link(&Route::event(event).to_string(), "", event.to_string());
        rows.push(fact(t::report_event, to));
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
    let lack = lacking(&DISMISS);
    let is_lacking = lack.is_some();
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
        let mut all = alike.of(report, &seen.around.all);
        if alike == Alike::Accused {
            // Not all are known where nobody knows of the others.
            all.extend(seen.elsewhere.clone()?);
        }
        let (count, dismiss) = (all.len() as u64, Rc::clone(dismiss));
        (count > 1).then(|| {
            view! {
                <Button
                    label=Signal::derive(move || words(count))
                    disabled=is_lacking
                    on_press=move || dismiss(all.clone())
                />
            }
            .into_node()
        })
    })
    .collect();
    let buttons = view! {
        <div class="report-actions">
            <Button
                label=t::report_dismiss
                icon="check"
                kind=ButtonKind::Primary
                disabled=is_lacking
                on_press=only
            />
            {others}
        </div>
        {lack.map(|why| view! { <p class="field-hint">{why}</p> })}
    }
    .into_node();
    view! { <Card title=Signal::derive(t::report_reason)>{reason} {facts(rows)} {buttons}</Card> }
        .into_node()
}

fn what_was_reported(seen: &Rc<Seen>, page: Page, deeds: &[Deed]) -> Node {
    let report = &seen.report;
    if report.kind() == ReportKind::Users {
        return ().into_node();
    }
    let content = match &seen.event {
        None => view! { <Notice>{t::report_event_gone}</Notice> }.into_node(),
        Some((event, evidence)) => {
            let buttons: Vec<Node> = deeds.iter().map(deed_button).collect();
            let nothing = seen
                .is_left
                .then(|| view! { <Notice>{t::report_gone_room}</Notice> });
            let below = view! {
                {nothing}
                <div class="report-actions">{buttons} {file_buttons(page)}</div>
            }
            .into_node();
            shown::evidence(report, event, *evidence, &seen.near, page.files, below)
        }
    };
    view! { <Card title=Signal::derive(t::report_what)>{content}</Card> }.into_node()
}

fn deed_button(deed: &Deed) -> Node {
    let about = deed.about;
    let press = Rc::clone(&deed.press);
    let kind = match about.is_grave() {
        true => ButtonKind::Danger,
        false => ButtonKind::Secondary,
    };
    view! { <Button label=about.label icon=about.icon kind on_press=move || press() /> }.into_node()
}
