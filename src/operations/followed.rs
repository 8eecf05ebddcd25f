//! Changes that the server carries out in the background: it answers with an ID and tells how far
//! it is when asked. Which ones were begun is kept in this browser, and they are followed again
//! after a reload. The server forgets them after a while, which is said.

use super::activity::{Recorded, TOUCHED};
use super::job::{Job, Report};
use super::targets::LEFT_OUT;
use super::{Deed, TargetJob, report};
use crate::api::ApiError;
use crate::api::exchange::Clock;
use crate::api::tolerant::Timestamp;
use crate::components::download::dated;
use crate::components::storage::Keep;
use crate::i18n::{Words, reasons, t};
use crate::runner::Step;
use crate::session::Session;
use crate::session::browser::{BrowserClock, now};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::rc::Rc;

/// How long to wait before the server is asked for the first time, in milliseconds, and how much
/// longer each time after.
const FIRST_MS: u64 = 300;
const LONGER: f64 = 1.5;

/// The longest wait, in milliseconds.
const LONGEST_MS: u64 = 10_000;

/// The server forgets after a week, in milliseconds; a day more, to be told so.
const KEPT_MS: i64 = 8 * 24 * 60 * 60 * 1000;

/// What is said of one that is over.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Whether the server has done it.
    pub complete: bool,
    /// What the report says: `complete`, `failed`, `cancelled`.
    pub outcome: &'static str,
    /// What the report says in the columns behind that: one line at least.
    pub lines: Vec<Vec<String>>,
    /// How many things did not work although it is complete.
    pub troubles: usize,
}

/// How far one is; `None` while the server works.
pub type Look = Result<Option<Ended>, ApiError>;

/// A kind of change.
pub struct Kind {
    /// Its name in the browser's storage.
    pub key: &'static str,
    /// The title of those that an earlier page has begun.
    pub followed: Words,
    /// The name of the report's file.
    pub file: &'static str,
    /// The columns of the report behind target and outcome.
    pub columns: &'static [&'static str],
    /// Asks the server about one.
    pub look: for<'a> fn(&'a Recorded, &'a str) -> LocalBoxFuture<'a, Look>,
    /// What is to be said if there were troubles.
    pub troubles: fn(u64) -> String,
}

/// Begins one, by its number, and answers with the server's ID of it; or [`Step::Done`] where
/// there is nothing to do, [`Step::LeftOut`] where it must not be done.
pub type Begin =
    Rc<dyn for<'a> Fn(usize, &'a Recorded) -> LocalBoxFuture<'a, Result<String, Step>>>;

/// One that the server has begun.
#[derive(Clone, Debug, PartialEq)]
struct Begun {
    at: Timestamp,
    id: String,
    target: String,
}

thread_local! {
    /// The kinds that this page follows already.
    static FOLLOWED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

fn follows(key: &'static str) -> bool {
    FOLLOWED.with_borrow_mut(|keys| {
        let known = keys.contains(&key);
        if !known {
            keys.push(key);
        }
        known
    })
}

fn place(key: &str) -> Option<String> {
    let whose = Session::get().whose()?;
    Some(format!("synapse-admin.{key}.{whose}"))
}

/// One line each: when, which, what.
fn kept(key: &str) -> Vec<Begun> {
    let line = |line: &str| {
        let mut parts = line.splitn(3, ' ');
        Some(Begun {
            at: Timestamp(parts.next()?.parse().ok()?),
            id: parts.next()?.to_owned(),
            target: parts.next()?.to_owned(),
        })
    };
    let text = place(key).and_then(|key| Keep::ThisBrowser.get(&key));
    let oldest = now().0 - KEPT_MS;
    let all = text.unwrap_or_default();
    let all = all.lines().filter_map(line);
    all.filter(|begun| begun.at.0 > oldest).collect()
}

/// Whether an earlier page has begun changes of the kind with this key that are not known to
/// have ended. Not a part of [`Kind`], so that asking does not download what carries them out.
pub fn is_kept(key: &str) -> bool {
    !kept(key).is_empty()
}

impl Kind {
    fn keep(&self, all: &[Begun]) {
        let Some(key) = place(self.key) else {
            return;
        };
        if all.is_empty() {
            return Keep::ThisBrowser.remove(&key);
        }
        let line = |begun: &Begun| format!("{} {} {}", begun.at.0, begun.id, begun.target);
        let lines: Vec<String> = all.iter().map(line).collect();
        // Without storage a reload loses sight of it, and the server goes on.
        Keep::ThisBrowser.set(&key, &lines.join("\n"));
    }

    fn forget(&self, id: &str) {
        let mut all = kept(self.key);
        all.retain(|begun| begun.id != id);
        self.keep(&all);
    }

    /// Follows what an earlier page has begun.
    pub fn go_on(&'static self) {
        let begun = kept(self.key);
        if begun.is_empty() || follows(self.key) {
            return;
        }
        let names = begun.iter().map(|begun| begun.target.clone()).collect();
        let ids = begun.into_iter().map(|begun| Some(begun.id)).collect();
        self.job((self.followed)(), names, ids, None).start();
    }

    /// Begins it for these, as `begin` does, and follows it. Start the job that this returns.
    pub fn begin(&'static self, title: String, names: Vec<String>, begin: Begin) -> TargetJob {
        follows(self.key);
        let ids = vec![None; names.len()];
        self.job(title, names, ids, Some(begin))
    }

    fn job(
        &'static self,
        title: String,
        names: Vec<String>,
        ids: Vec<Option<String>>,
        begin: Option<Begin>,
    ) -> TargetJob {
        let targets: Rc<[String]> = names.clone().into();
        let ids = Rc::new(RefCell::new(ids));
        let ended: Rc<RefCell<Vec<Option<Ended>>>> = Rc::new(RefCell::new(vec![None; names.len()]));
        let deed: Deed = {
            let (targets, ended) = (Rc::clone(&targets), Rc::clone(&ended));
            Rc::new(move |number, network, _turn| {
                let (ids, ended) = (Rc::clone(&ids), Rc::clone(&ended));
                let (target, begin) = (targets[number].clone(), begin.clone());
                let about = target.clone();
                async move {
                    let known = ids.borrow()[number].clone();
                    let id = match (known, begin) {
                        (Some(id), _) => id,
                        (None, Some(begin)) => match begin(number, network).await {
                            Ok(id) => {
                                ids.borrow_mut()[number] = Some(id.clone());
                                let mut all = kept(self.key);
                                all.push(Begun {
                                    at: now(),
                                    id: id.clone(),
                                    target,
                                });
                                self.keep(&all);
                                id
                            }
                            Err(step) => {
                                let outcome = match step {
                                    Step::Done => Some(("nothing to do", String::new())),
                                    Step::LeftOut(reason) => {
                                        Some((LEFT_OUT, reasons::words(reason)))
                                    }
                                    _ => None,
                                };
                                if let Some((outcome, why)) = outcome {
                                    let mut line = vec![String::new(); self.columns.len()];
                                    if let Some(last) = line.last_mut() {
                                        *last = why;
                                    }
                                    ended.borrow_mut()[number] = Some(Ended {
                                        complete: true,
                                        outcome,
                                        lines: vec![line],
                                        ..Ended::default()
                                    });
                                }
                                return step;
                            }
                        },
                        (None, None) => return Step::Failed(ApiError::Cancelled),
                    };
                    let over = match self.watch(network, &id).await {
                        Ok(over) => over,
                        Err(error) => return Step::from_error(error),
                    };
                    self.forget(&id);
                    TOUCHED.with_borrow_mut(|log| log.note_end(&about));
                    let complete = over.complete;
                    let error = failure(&over);
                    ended.borrow_mut()[number] = Some(over);
                    if complete {
                        Step::Done
                    } else {
                        // Trying it again begins it anew.
                        ids.borrow_mut()[number] = None;
                        Step::Failed(error)
                    }
                }
                .boxed_local()
            })
        };
        let told = Rc::clone(&ended);
        TargetJob::doing(title, names, deed)
            .one_by_one()
            .on_end(move |job| self.sum_up(job, &told.borrow()))
            .reporting(move || self.report(&targets, &ended.borrow()))
    }

    /// Waits until it is over.
    async fn watch(&self, network: &Recorded, id: &str) -> Result<Ended, ApiError> {
        let mut wait = FIRST_MS;
        loop {
            BrowserClock.sleep(wait).await;
            match (self.look)(network, id).await {
                Ok(Some(over)) => return Ok(over),
                Ok(None) => {}
                Err(error) if error.is_not_found() => {
                    return Ok(Ended {
                        complete: true,
                        outcome: FORGOTTEN,
                        ..Ended::default()
                    });
                }
                Err(error) => return Err(error),
            }
            wait = ((wait as f64 * LONGER) as u64).min(LONGEST_MS);
        }
    }

    fn sum_up(&self, job: &Job, ended: &[Option<Ended>]) {
        let troubles: usize = ended.iter().flatten().map(|ended| ended.troubles).sum();
        if troubles > 0 {
            job.set_result((self.troubles)(troubles as u64));
        } else if ended.iter().flatten().any(|over| over.outcome == FORGOTTEN) {
            job.set_result(t::followed_forgotten());
        }
    }

    fn report(&self, targets: &[String], ended: &[Option<Ended>]) -> Report {
        let empty = vec![String::new(); self.columns.len()];
        let rows = targets.iter().zip(ended).flat_map(|(target, over)| {
            let (outcome, lines) = match over {
                Some(over) => (over.outcome, over.lines.clone()),
                None => ("open", Vec::new()),
            };
            let lines = match lines.is_empty() {
                true => vec![empty.clone()],
                false => lines,
            };
            lines.into_iter().map(move |line| {
                let mut row = vec![target.clone(), outcome.to_owned()];
                row.extend(line);
                row
            })
        });
        let mut header = vec!["target", "outcome"];
        header.extend(self.columns);
        Report {
            file_name: dated(self.file, "csv"),
            csv: report::csv(&header, rows),
        }
    }
}

/// The outcome of what the server does not remember: it is over, nobody knows how it ended.
const FORGOTTEN: &str = "forgotten by the server";

/// Why one has failed, as far as the server tells.
fn failure(over: &Ended) -> ApiError {
    let message = over.lines.first().and_then(|line| line.last());
    ApiError::Matrix {
        status: 200,
        errcode: over.outcome.to_uppercase(),
        message: message.cloned().unwrap_or_default(),
    }
}
