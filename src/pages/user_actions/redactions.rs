//! Removing messages. The server does it in the background and tells how far it is for a week:
//! what was begun is kept in this browser, and followed again after a reload.

use crate::api::exchange::Clock;
use crate::api::redact::{self, Redaction, Stage};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, UserId};
use crate::components::download::dated;
use crate::components::storage::Keep;
use crate::i18n::t;
use crate::operations::job::Report;
use crate::operations::{Deed, Recorded, TargetJob, report};
use crate::runner::Step;
use crate::session::Session;
use crate::session::browser::{BrowserClock, now};
use futures_util::FutureExt;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// How often the server is asked, in milliseconds.
const ASK_EVERY_MS: u64 = 2_000;

/// The server forgets after a week, in milliseconds; a day more, to be told so.
const KEPT_MS: i64 = 8 * 24 * 60 * 60 * 1000;

/// A removal that the server has begun.
#[derive(Clone, Debug, PartialEq)]
struct Begun {
    user: UserId,
    id: String,
    at: Timestamp,
}

fn key(admin: &UserId) -> String {
    format!("synapse-admin.redactions.{admin}")
}

/// One line each: when, which, whose.
fn read(text: &str) -> Vec<Begun> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        Some(Begun {
            at: Timestamp(parts.next()?.parse().ok()?),
            id: parts.next()?.to_owned(),
            user: UserId::parse(parts.next()?)?,
        })
    };
    text.lines().filter_map(line).collect()
}

fn kept() -> Vec<Begun> {
    let Some(admin) = Session::get().user_id() else {
        return Vec::new();
    };
    let text = Keep::ThisBrowser.get(&key(&admin)).unwrap_or_default();
    let oldest = now().0 - KEPT_MS;
    let mut all = read(&text);
    all.retain(|begun| begun.at.0 > oldest);
    all
}

fn keep(all: &[Begun]) {
    let Some(admin) = Session::get().user_id() else {
        return;
    };
    if all.is_empty() {
        return Keep::ThisBrowser.remove(&key(&admin));
    }
    let lines: Vec<String> = all
        .iter()
        .map(|begun| format!("{} {} {}", begun.at.0, begun.id, begun.user))
        .collect();
    // Without storage a reload loses sight of it, and the server goes on.
    Keep::ThisBrowser.set(&key(&admin), &lines.join("\n"));
}

/// Whether an earlier page has begun some that are not known to have ended.
pub fn is_kept() -> bool {
    !kept().is_empty()
}

thread_local! {
    /// Followed by this page already.
    static FOLLOWED: Cell<bool> = const { Cell::new(false) };
}

/// Follows what an earlier page has begun.
pub fn go_on() {
    let begun = kept();
    if begun.is_empty() || FOLLOWED.replace(true) {
        return;
    }
    let users: Rc<[UserId]> = begun.iter().map(|begun| begun.user.clone()).collect();
    let ids = begun.into_iter().map(|begun| Some(begun.id)).collect();
    follow(t::act_redact_followed(), &users, ids, None);
}

/// Begins it for these users, and follows it.
pub fn start(title: String, users: &Rc<[UserId]>, reason: Option<String>, limit: Option<u64>) {
    FOLLOWED.set(true);
    let redaction = Redaction {
        reason,
        limit,
        ..Default::default()
    };
    follow(title, users, vec![None; users.len()], Some(redaction));
}

/// What the server said of one that is over.
#[derive(Clone, Default)]
struct Ended {
    failed: BTreeMap<String, String>,
    stage: Option<Stage>,
    /// The server does not know it any more.
    forgotten: bool,
}

fn follow(
    title: String,
    users: &Rc<[UserId]>,
    ids: Vec<Option<String>>,
    redaction: Option<Redaction>,
) {
    let names = users.iter().map(UserId::to_string).collect();
    let ids = Rc::new(RefCell::new(ids));
    let ended: Rc<RefCell<Vec<Ended>>> = Rc::new(RefCell::new(vec![Ended::default(); users.len()]));
    let redaction = Rc::new(redaction);
    let deed: Deed = {
        let (users, ended) = (Rc::clone(users), Rc::clone(&ended));
        Rc::new(move |number, network, _turn| {
            let (user, ids) = (users[number].clone(), Rc::clone(&ids));
            let (ended, redaction) = (Rc::clone(&ended), Rc::clone(&redaction));
            async move {
                let known = ids.borrow()[number].clone();
                let id = match (known, &*redaction) {
                    (Some(id), _) => id,
                    (None, Some(redaction)) => match begin(network, &user, redaction).await {
                        Ok(id) => {
                            ids.borrow_mut()[number] = Some(id.clone());
                            id
                        }
                        Err(step) => return step,
                    },
                    (None, None) => return Step::Failed(ApiError::Cancelled),
                };
                match watch(network, &id).await {
                    Ok(over) => {
                        forget(&id);
                        let stage = over.stage;
                        ended.borrow_mut()[number] = over;
                        match stage {
                            Some(Stage::Complete) => Step::Done,
                            _ => Step::Failed(ApiError::Cancelled),
                        }
                    }
                    Err(error) if error.is_not_found() => {
                        forget(&id);
                        ended.borrow_mut()[number].forgotten = true;
                        Step::Done
                    }
                    Err(error) => Step::from_error(error),
                }
            }
            .boxed_local()
        })
    };
    let told = Rc::clone(&ended);
    let owners = Rc::clone(users);
    TargetJob::doing(title, names, deed)
        .on_end(move |job| {
            let failed: usize = told.borrow().iter().map(|ended| ended.failed.len()).sum();
            if failed > 0 {
                job.set_result(t::act_redact_failed_events(failed as u64));
            } else if told.borrow().iter().any(|ended| ended.forgotten) {
                job.set_result(t::act_redact_forgotten());
            }
        })
        .reporting(move || {
            let ended = ended.borrow();
            let rows = owners.iter().zip(&*ended).flat_map(|(user, ended)| {
                let outcome = match ended.stage {
                    _ if ended.forgotten => "forgotten by the server",
                    Some(Stage::Complete) => "complete",
                    Some(Stage::Failed) => "failed",
                    Some(Stage::Cancelled) => "cancelled",
                    _ => "open",
                };
                let first = [
                    user.to_string(),
                    outcome.to_owned(),
                    String::new(),
                    String::new(),
                ];
                let failed = ended.failed.iter().map(|(event, why)| {
                    [
                        user.to_string(),
                        "failed".to_owned(),
                        event.clone(),
                        why.clone(),
                    ]
                });
                std::iter::once(first).chain(failed).collect::<Vec<_>>()
            });
            Report {
                file_name: dated("removed-messages", "csv"),
                csv: report::csv(&["user", "outcome", "event", "error"], rows),
            }
        })
        .start();
}

/// Begins it, and writes down which it is.
async fn begin(network: &Recorded, user: &UserId, redaction: &Redaction) -> Result<String, Step> {
    match network.send(redact::start(user, redaction)).await {
        Ok(started) => {
            let mut all = kept();
            all.push(Begun {
                user: user.clone(),
                id: started.redact_id.clone(),
                at: now(),
            });
            keep(&all);
            Ok(started.redact_id)
        }
        // The server refuses a second one for the same user while the first is under way, so
        // sending it again does no harm.
        Err(error) => Err(Step::from_error(error)),
    }
}

/// Waits until it is over.
async fn watch(network: &Recorded, id: &str) -> Result<Ended, ApiError> {
    loop {
        let answer = network.send(redact::status(id)).await?;
        if answer.status.is_over() {
            return Ok(Ended {
                failed: answer.failed_redactions,
                stage: Some(answer.status),
                forgotten: false,
            });
        }
        BrowserClock.sleep(ASK_EVERY_MS).await;
    }
}

fn forget(id: &str) {
    let mut all = kept();
    all.retain(|begun| begun.id != id);
    keep(&all);
}
