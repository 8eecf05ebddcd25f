//! All reports of a kind, read once: for questions that the server cannot answer, and for going from
//! one report to the next.
//!
//! Of a report nothing changes but that it is dismissed: what we have dismissed is left out, and the
//! list is not read again for that. What others have reported or dismissed meanwhile shows in how many
//! there are and which is the newest, which is asked before one of them is shown among the others.

use crate::actions::touched::Touched;
use crate::api::ApiError;
use crate::api::reports::{self, ListEventReports, ListUserReports};
use crate::browser::clock::now;
use crate::lists::Reading;
use crate::lists::cached::{self, Keeper, Whole};
use crate::reports::query::{OpenReports, Question};
use crate::reports::{Alike, Report, ReportKind, query};
use crate::session::{Client, Session, learn};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::RwSignal;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Tells a report from all others: its number alone is given again by a server that has forgotten the
/// newest of them.
type Mark = (ReportKind, u64, i64);

fn mark(report: &Report) -> Mark {
    (report.kind(), report.id, report.received.0)
}

thread_local! {
    static EVENTS: Keeper<Report> = Keeper::new(how(|report| read(ReportKind::Events, report)));
    static USERS: Keeper<Report> = Keeper::new(how(|report| read(ReportKind::Users, report)));
    /// How many the server counted that it did not list.
    static UNLISTED: RefCell<HashMap<ReportKind, u64>> = RefCell::default();
    /// Those that the server has forgotten for us.
    static DISMISSED: RefCell<HashSet<Mark>> = RefCell::default();
}

type Read = LocalBoxFuture<'static, Result<Vec<Report>, ApiError>>;

fn how(read: fn(cached::OnProgress) -> Read) -> cached::CachedKind<Report> {
    cached::CachedKind {
        read,
        // Never asked, since nothing is touched.
        one: |_| async { Ok(None) }.boxed_local(),
        key: |_| "",
        keep: |_, _| (),
        touched: |_, _| Touched::None,
    }
}

fn read(kind: ReportKind, report: cached::OnProgress) -> Read {
    async move {
        let client = Client::get().enduring();
        query::read_all(client.patient(), kind, &*report).await
    }
    .boxed_local()
}

/// How many of a kind are open; `None` if the server does not have them.
pub async fn open(kind: ReportKind) -> Result<Option<u64>, ApiError> {
    let server = learn::capabilities().await?;
    if kind.needs().is_some_and(|feature| !server.has(feature)) {
        return Ok(None);
    }
    Ok(Some(head(kind).await?.total))
}

/// How many of a kind the server has, and the newest of them.
async fn head(kind: ReportKind) -> Result<OpenReports, ApiError> {
    let client = Client::get();
    Ok(match kind {
        ReportKind::Events => {
            let one = ListEventReports {
                limit: 1,
                ..Default::default()
            };
            let page = client.send(reports::events(&one)).await?;
            OpenReports::new(page.total, page.event_reports.into_iter().map(Report::from))
        }
        ReportKind::Users => {
            let one = ListUserReports {
                limit: 1,
                ..Default::default()
            };
            let page = client.send(reports::users(&one)).await?;
            OpenReports::new(page.total, page.user_reports.into_iter().map(Report::from))
        }
    })
}

/// The server has forgotten this one.
pub fn dismissed(report: &Report) {
    DISMISSED.with_borrow_mut(|all| all.insert(mark(report)));
}

/// Whether the server has forgotten this one, as far as this tab knows.
pub fn is_dismissed(report: &Report) -> bool {
    DISMISSED.with_borrow(|all| all.contains(&mark(report)))
}

/// All of a kind that are left, oldest first.
pub async fn all(kind: ReportKind, reading: &Reading) -> Result<Whole<Report>, ApiError> {
    let whole = match kind {
        ReportKind::Events => cached::all(&EVENTS, reading).await?,
        ReportKind::Users => cached::all(&USERS, reading).await?,
    };
    Ok(Whole {
        items: left(whole.items),
        read_at: whole.read_at,
    })
}

fn left(all: Rc<[Report]>) -> Rc<[Report]> {
    DISMISSED.with_borrow(|dismissed| {
        let is_left = |report: &&Report| !dismissed.contains(&mark(report));
        match all.iter().all(|report| is_left(&report)) {
            true => Rc::clone(&all),
            false => all.iter().filter(is_left).cloned().collect(),
        }
    })
}

/// How many have been read, of how many.
pub type ReadSoFar = RwSignal<Option<(u64, Option<u64>)>>;

/// A report among the others.
pub struct Surroundings {
    /// All of its kind that are left, oldest first.
    pub all: Rc<[Report]>,
    /// Those that the list shows from which somebody came, in its order.
    pub listed: Vec<Report>,
    /// Where it stands among these.
    pub place: usize,
    /// Whether it stands in that list. If not, these are all, the newest first.
    pub is_of_list: bool,
}

/// Where a report stands.
pub enum Place {
    Among(Surroundings),
    /// It is not there any more; where the next one is that stood behind it, if it was known.
    Gone(Option<(u64, bool)>),
}

/// The report with this number among those that a question finds, or among all where the question
/// does not find it. What has come meanwhile is read, or all again where others are gone.
/// How far that is shows in `so_far`.
pub async fn around(
    kind: ReportKind,
    id: u64,
    question: &Question,
    so_far: ReadSoFar,
) -> Result<Place, ApiError> {
    let asked_at = now();
    let whole = all(kind, &Reading::shown_by(so_far, false)).await?;
    let found = standing(&whole.items, id, question);
    // What has just been read is as the server has it.
    let is_fresh = whole.read_at >= asked_at;
    let head = match is_fresh {
        true => None,
        false => Some(head(kind).await?),
    };
    let unlisted = || UNLISTED.with_borrow(|unlisted| unlisted.get(&kind).copied());
    let Some(head) = head.filter(|head| !head.is_of(&whole.items, unlisted().unwrap_or_default()))
    else {
        return Ok(found.map_or(Place::Gone(None), Place::Among));
    };
    let later = later(kind, &whole.items, &head, unlisted().unwrap_or_default()).await?;
    let all = match later {
        Some(all) => all,
        None => all(kind, &Reading::shown_by(so_far, true)).await?.items,
    };
    UNLISTED.with_borrow_mut(|unlisted| {
        unlisted.insert(kind, head.total.saturating_sub(all.len() as u64));
    });
    if let Some(found) = standing(&all, id, question) {
        return Ok(Place::Among(found));
    }
    Ok(Place::Gone(found.and_then(|was| {
        let left: HashSet<Mark> = all.iter().map(mark).collect();
        let mut later = was.listed.iter().skip(was.place + 1);
        let next = later.find(|report| left.contains(&mark(report)))?;
        Some((next.id, was.is_of_list))
    })))
}

/// Those that are known and what has come after them, if that is all there is: where people report all the
/// time, the whole list would be read for each of them.
async fn later(
    kind: ReportKind,
    known: &[Report],
    head: &OpenReports,
    unlisted: u64,
) -> Result<Option<Rc<[Report]>>, ApiError> {
    if head.total <= known.len() as u64 + unlisted {
        return Ok(None);
    }
    let (client, asked_for) = (Client::get(), Session::get().whose());
    let found = query::read_later(client.patient(), kind, known).await?;
    let Some(found) = found.filter(|found| head.is_of(found, unlisted)) else {
        return Ok(None);
    };
    let found: Rc<[Report]> = found.into();
    let keeper = match kind {
        ReportKind::Events => &EVENTS,
        ReportKind::Users => &USERS,
    };
    cached::hold(keeper, asked_for, Rc::clone(&found));
    Ok(Some(found))
}

/// The reports of the other kind about the same person that are left, as the server has them now.
pub async fn of_the_other_kind(report: &Report) -> Result<Vec<Report>, ApiError> {
    let other = report.kind().other();
    let server = learn::capabilities().await?;
    let is_lacking = other.needs().is_some_and(|feature| !server.has(feature));
    let Some(accused) = report.accused().filter(|_| !is_lacking) else {
        return Ok(Vec::new());
    };
    let client = Client::get();
    let asked = query::about(other, accused);
    let mut found = query::read_matching(client.patient(), &asked, &|_, _| ()).await?;
    found.retain(|other| Alike::Accused.holds(report, other) && !is_dismissed(other));
    Ok(found)
}

fn standing(all: &Rc<[Report]>, id: u64, question: &Question) -> Option<Surroundings> {
    let questions = [(question, true), (&Question::newest_first(), false)];
    questions.into_iter().find_map(|(asked, is_of_list)| {
        let listed = asked.answer_whole(all);
        let place = listed.iter().position(|report| report.id == id)?;
        Some(Surroundings {
            all: Rc::clone(all),
            listed,
            place,
            is_of_list,
        })
    })
}
