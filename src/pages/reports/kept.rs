//! All reports of a kind, read once: for questions that the server cannot answer, and for going from
//! one report to the next.
//!
//! Of a report nothing changes but that it is dismissed, and of that the server's own answer tells: what
//! we have dismissed is left out, and the list is not read again.

use crate::actions::touched::Touched;
use crate::api::ApiError;
use crate::api::reports::{self, ListEventReports, ListUserReports};
use crate::lists::Reading;
use crate::lists::cached::{self, Keeper, Whole};
use crate::reports::query::Question;
use crate::reports::{Report, ReportKind, query};
use crate::session::{Client, learn};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::collections::HashSet;
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
    async move { query::read_all(Client::get().patient(), kind, &*report).await }.boxed_local()
}

/// How many of a kind are open; `None` if the server does not have them.
pub async fn open(kind: ReportKind) -> Result<Option<u64>, ApiError> {
    let server = learn::capabilities().await?;
    if kind.needs().is_some_and(|feature| !server.has(feature)) {
        return Ok(None);
    }
    let client = Client::get();
    let total = match kind {
        ReportKind::Events => {
            let one = ListEventReports {
                limit: 1,
                ..Default::default()
            };
            client.send(reports::events(&one)).await?.total
        }
        ReportKind::Users => {
            let one = ListUserReports {
                limit: 1,
                ..Default::default()
            };
            client.send(reports::users(&one)).await?.total
        }
    };
    Ok(Some(total))
}

/// The server has forgotten this one.
pub fn dismissed(report: &Report) {
    DISMISSED.with_borrow_mut(|all| all.insert(mark(report)));
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

/// The report with this number among those that a question finds, or among all where the question
/// does not find it; read again if it is not among those that are kept.
pub async fn around(
    kind: ReportKind,
    id: u64,
    question: &Question,
) -> Result<Option<Surroundings>, ApiError> {
    for reading in [Reading::alone(), Reading::anew()] {
        let all = all(kind, &reading).await?.items;
        for (asked, is_of_list) in [(question, true), (&Question::newest_first(), false)] {
            let listed = asked.answer_whole(&all);
            if let Some(place) = listed.iter().position(|report| report.id == id) {
                return Ok(Some(Surroundings {
                    all,
                    listed,
                    place,
                    is_of_list,
                }));
            }
        }
    }
    Ok(None)
}
