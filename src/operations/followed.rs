//! Changes that the server carries out in the background: it answers with an ID and tells how far
//! it is when asked. Which ones were begun is kept in this browser, and they are followed again
//! after a reload. The server forgets them after a while, which is said.

use super::activity::{Recorded, TOUCHED};
use super::acts::{self, Act};
use super::carried::know_the_server;
use super::errands::{self, Kept};
use super::job::{Job, JobReport, SaidSoFar};
use super::targets::outcome;
use super::{OnTarget, TargetJob, report};
use crate::api::ApiError;
use crate::api::exchange::Clock;
use crate::browser::clock::{BrowserClock, now};
use crate::browser::download::dated;
use crate::components::toast::Toasts;
use crate::i18n::{Words, t};
use crate::runner::{Fate, Step, Turn, Unbegun};
use crate::session::Session;
use crate::session::lock::Lock;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::window;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How long to wait before the server is asked for the first time, in milliseconds, and how much
/// longer each time after.
const FIRST_MS: u64 = 300;
const LONGER: f64 = 1.5;

/// The longest wait, in milliseconds.
const LONGEST_MS: u64 = 10_000;

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

/// How far one is.
pub enum Look {
    /// The server works: with what it has done so far, in a few words, where it tells.
    UnderWay(Option<String>),
    Over(Ended),
}

/// A kind of change.
pub struct FollowedKind {
    /// Its name in the browser's storage.
    pub key: &'static str,
    /// The title of those that an earlier page has begun.
    pub followed: Words,
    /// The name of the report's file.
    pub file: &'static str,
    /// The columns of the report behind target and outcome: the last says why it did not work.
    pub columns: &'static [&'static str],
    /// Asks the server about one.
    pub look: for<'a> fn(&'a Recorded, &'a str) -> LocalBoxFuture<'a, Result<Look, ApiError>>,
    /// What is to be done once one is over, by its target: whether it worked or not, or is forgotten.
    pub over: fn(&str),
    /// What is to be said if there were troubles.
    pub troubles: fn(u64) -> String,
    /// The same change of these targets again, which an earlier page has not begun; `None` if the
    /// order does not read.
    pub again: fn(&str, &[String]) -> Option<Act>,
}

/// Begins one, by its number, and answers with the server's ID of it; or [`Step::LeftOut`] where it
/// must not be done, or there is nothing to do. Right before it tells the server to begin it waits for
/// [`Turn::goes_on`], as [`Tries::begin`] does.
///
/// [`Tries::begin`]: crate::runner::once::Tries::begin
pub type Begin = Rc<
    dyn for<'a> Fn(usize, &'a Recorded, &'a Turn<'a>) -> LocalBoxFuture<'a, Result<String, Step>>,
>;

/// What is to be done to the targets of a kind, as text that [`FollowedKind::again`] reads after a reload.
pub type Order = String;

/// Where a job is among its targets.
#[derive(Default)]
struct Place {
    /// Where those are kept that are still to be begun.
    kept: Option<Kept>,
    /// Other tabs leave them alone as long as this one is there.
    lock: Option<Lock>,
    unbegun: Unbegun,
}

impl Place {
    /// Is about to begin these, of which a reload is to lose none.
    fn begin(at: &Rc<RefCell<Self>>, numbers: Vec<usize>, kept: Option<Kept>) {
        if let Some(kept) = kept.clone() {
            let at = Rc::clone(at);
            spawn_local(async move {
                let lock = Lock::take(kept.lock(), true).await;
                let mut at = at.borrow_mut();
                // It may be over meanwhile, or be tried again.
                let now = at.kept.as_ref().map(Kept::lock);
                if now == Some(kept.lock()) {
                    at.lock = lock;
                }
            });
        }
        *at.borrow_mut() = Place {
            kept,
            lock: None,
            unbegun: Unbegun::new(numbers),
        };
    }

    /// This one need not be begun any more.
    fn passes(&mut self, number: usize) {
        let first = self.unbegun.passes(number);
        if let Some(kept) = &self.kept {
            kept.is_at(first);
        }
    }

    /// Whether a reload loses nothing. Where browsers have no locks, nobody takes up what is kept.
    fn is_kept(&self) -> bool {
        self.unbegun.is_empty() || (self.kept.is_some() && window().is_secure_context())
    }
}

thread_local! {
    /// Those that this page follows, by the server's ID.
    static FOLLOWED: RefCell<HashSet<String>> = RefCell::default();
}

/// Whether an earlier page has begun changes of the kind with this key that are not known to
/// have ended, or has not begun all that it was told to. Not a part of [`FollowedKind`], so that asking
/// does not download what carries them out.
pub fn is_kept(key: &str) -> bool {
    !errands::begun(key).is_empty() || !Kept::all(key).is_empty()
}

/// The targets of changes of the kind with this key that have been begun and are not known to have
/// ended, in whichever tab.
pub fn under_way(key: &str) -> HashSet<String> {
    let begun = errands::begun(key).into_iter();
    begun.map(|begun| begun.target).collect()
}

impl FollowedKind {
    /// Follows what an earlier page has begun, and offers to go on with what it has not.
    pub fn go_on(&'static self) {
        let mut begun = errands::begun(self.key);
        FOLLOWED.with_borrow(|followed| begun.retain(|begun| !followed.contains(&begun.id)));
        if !begun.is_empty() {
            let names = begun.iter().map(|begun| begun.target.clone()).collect();
            let ids = begun.into_iter().map(|begun| Some(begun.id)).collect();
            self.job((self.followed)(), names, ids, None).start();
        }
        for kept in Kept::all(self.key) {
            spawn_local(self.take_up(kept));
        }
    }

    /// Offers to go on with what an earlier page has not begun, unless another tab is at it.
    async fn take_up(&'static self, kept: Kept) {
        let whose = Session::get().whose();
        let Some(_lock) = Lock::take(kept.lock(), false).await else {
            return;
        };
        let mut left = kept.left();
        if let Some(rest) = &mut left {
            // Begun after one that had to wait.
            let begun = errands::begun(self.key);
            rest.targets
                .retain(|target| begun.iter().all(|begun| begun.target != *target));
        }
        // It is asked about each as much as before. Whoever signs in meanwhile has nothing to do with it.
        know_the_server().await;
        if Session::get().whose() != whose {
            return;
        }
        let again = left
            .filter(|rest| !rest.targets.is_empty())
            .and_then(|rest| Some(((self.again)(&rest.order, &rest.targets)?, rest)));
        // The job keeps them anew, or nobody can do anything with them.
        kept.forget();
        let Some((act, rest)) = again else { return };
        let job = acts::start(act, Rc::new(|| ()));
        job.pause();
        job.set_result(t::followed_rest_text());
        let count = rest.targets.len() as u64;
        Toasts::get().info_with(
            t::followed_rest(count, &rest.title),
            t::followed_go_on(),
            move || job.resume(),
        );
    }

    /// Begins it for these, as `begin` does, and follows it. Start the job that this returns.
    pub fn begin(
        &'static self,
        title: String,
        names: Vec<String>,
        order: &str,
        begin: Begin,
    ) -> TargetJob {
        let ids = vec![None; names.len()];
        self.job(title, names, ids, Some((order.to_owned(), begin)))
    }

    fn job(
        &'static self,
        title: String,
        names: Vec<String>,
        ids: Vec<Option<String>>,
        begin: Option<(Order, Begin)>,
    ) -> TargetJob {
        let (order, begin) = begin.unzip();
        let at: Rc<RefCell<Place>> = Rc::default();
        let targets: Rc<[String]> = names.clone().into();
        let begun_before: Vec<usize> = (0..ids.len()).filter(|n| ids[*n].is_some()).collect();
        let ids = Rc::new(RefCell::new(ids));
        let ended: Rc<RefCell<Vec<Option<Ended>>>> = Rc::new(RefCell::new(vec![None; names.len()]));
        let so_far: Rc<Cell<Option<SaidSoFar>>> = Rc::default();
        let deed: OnTarget = {
            let (targets, ended) = (Rc::clone(&targets), Rc::clone(&ended));
            let (ids, at) = (Rc::clone(&ids), Rc::clone(&at));
            let so_far = Rc::clone(&so_far);
            let is_one = targets.len() == 1;
            Rc::new(move |number, network, turn| {
                let (ids, ended) = (Rc::clone(&ids), Rc::clone(&ended));
                let (target, begin) = (targets[number].clone(), begin.clone());
                let about = target.clone();
                let (at, so_far) = (Rc::clone(&at), Rc::clone(&so_far));
                async move {
                    let known = ids.borrow()[number].clone();
                    let id = match (known, begin) {
                        (Some(id), _) => id,
                        (None, Some(begin)) => match begin(number, network, &turn).await {
                            Ok(id) => {
                                network.is_begun();
                                ids.borrow_mut()[number] = Some(id.clone());
                                errands::keep(self.key, &id, &target);
                                FOLLOWED.with_borrow_mut(|all| all.insert(id.clone()));
                                at.borrow_mut().passes(number);
                                id
                            }
                            Err(step) => {
                                if !matches!(step, Step::Again(_) | Step::Held) {
                                    at.borrow_mut().passes(number);
                                }
                                return step;
                            }
                        },
                        (None, None) => return Step::Failed(ApiError::Cancelled),
                    };
                    let say = |words: Option<String>| {
                        let words = words.map(|words| match is_one {
                            true => words,
                            false => format!("{about}: {words}"),
                        });
                        if let Some(so_far) = so_far.get() {
                            so_far.say(words);
                        }
                    };
                    let over = self.watch(network, &id, &say).await;
                    say(None);
                    let over = match over {
                        Ok(over) => over,
                        Err(error) if error.is_not_found() => {
                            self.is_over(&id, &about);
                            ended.borrow_mut()[number] = Some(Ended {
                                outcome: FORGOTTEN,
                                ..Ended::default()
                            });
                            return Step::Unknown(error);
                        }
                        Err(error) => return Step::from_error(error),
                    };
                    self.is_over(&id, &about);
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
        let mine = Rc::clone(&ids);
        let beginning = {
            let (at, targets, title) = (Rc::clone(&at), Rc::clone(&targets), title.clone());
            let ended = Rc::clone(&ended);
            move |numbers: &[usize]| {
                for number in numbers {
                    ended.borrow_mut()[*number] = None;
                }
                let ids = ids.borrow();
                let followed = numbers.iter().filter_map(|number| ids[*number].clone());
                FOLLOWED.with_borrow_mut(|all| all.extend(followed));
                let Some(order) = &order else { return };
                let mut open = numbers.to_vec();
                open.retain(|number| ids[*number].is_none());
                let names: Vec<String> = open.iter().map(|n| targets[*n].clone()).collect();
                let kept = self.keep(&title, order, &names);
                if kept.is_none() && !names.is_empty() {
                    Toasts::get().info(t::followed_not_kept(&title));
                }
                Place::begin(&at, open, kept);
            }
        };
        let place = Rc::clone(&at);
        TargetJob::doing(title, names, deed)
            .one_by_one()
            .on_start(move |job| so_far.set(Some(job.so_far())))
            .unsure_of(begun_before.into_iter())
            .on_begin(beginning)
            .kept_while(move || place.borrow().is_kept())
            .on_end(move |job| {
                self.sum_up(job, &told.borrow());
                // Whoever signs in next may follow what is still under way.
                FOLLOWED.with_borrow_mut(|all| {
                    for id in mine.borrow().iter().flatten() {
                        all.remove(id);
                    }
                });
                // What was not done now, the person has seen; what ended with their session, they have
                // not: it is offered when they come back.
                let Place { kept, .. } = at.take();
                if let Some(kept) = kept.filter(|_| job.is_of_this_session()) {
                    kept.forget();
                }
            })
            .reporting(move |fates| self.report(&targets, &ended.borrow(), fates))
    }

    /// Follows one that a job of another kind has begun, with the server's ID of it, to its end. It
    /// is kept meanwhile, so that a page that is loaded anew goes on following it.
    ///
    /// # Errors
    ///
    /// What asking ends with; not found if the server has forgotten it.
    pub async fn follow(
        &'static self,
        network: &Recorded,
        id: &str,
        target: &str,
    ) -> Result<Ended, ApiError> {
        errands::keep(self.key, id, target);
        FOLLOWED.with_borrow_mut(|all| all.insert(id.to_owned()));
        let over = self.watch(network, id, &|_| ()).await;
        let is_forgotten = over.as_ref().is_err_and(ApiError::is_not_found);
        if over.is_ok() || is_forgotten {
            self.is_over(id, target);
        }
        FOLLOWED.with_borrow_mut(|all| all.remove(id));
        over
    }

    /// Keeps those that are about to be begun, if there are any.
    fn keep(&self, title: &str, order: &str, names: &[String]) -> Option<Kept> {
        let name = format!("{} {}", now().0, names.join(" ").len());
        let kept = || Kept::begin(self.key, &name, title, order, names);
        (!names.is_empty()).then(kept).flatten()
    }

    /// Nothing is to be followed any more, and what is known of its target may be another now.
    fn is_over(&self, id: &str, target: &str) {
        errands::forget(self.key, id);
        TOUCHED.with_borrow_mut(|log| log.note_end(target));
        (self.over)(target);
    }

    /// Waits until it is over, and says what the server has done so far. What it has forgotten is not found.
    async fn watch(
        &self,
        network: &Recorded,
        id: &str,
        say: &dyn Fn(Option<String>),
    ) -> Result<Ended, ApiError> {
        let mut wait = FIRST_MS;
        loop {
            BrowserClock.sleep(wait).await;
            match (self.look)(network, id).await? {
                Look::Over(over) => return Ok(over),
                Look::UnderWay(words) => say(words),
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

    /// What has become of each: in the words of the server, or else as the job knows it, with the reason
    /// in the last column.
    fn report(
        &self,
        targets: &[String],
        ended: &[Option<Ended>],
        fates: &[Option<Fate>],
    ) -> JobReport {
        let known = ended.iter().zip(fates);
        let rows = targets
            .iter()
            .zip(known)
            .flat_map(|(target, (over, fate))| {
                let (outcome, why) = match over {
                    Some(over) => (over.outcome, String::new()),
                    None => outcome(fate.as_ref()),
                };
                let lines = over.iter().flat_map(|over| over.lines.clone());
                let mut lines: Vec<Vec<String>> = lines.collect();
                if lines.is_empty() {
                    let mut line = vec![String::new(); self.columns.len() - 1];
                    line.push(why);
                    lines.push(line);
                }
                lines.into_iter().map(move |line| {
                    let mut row = vec![target.clone(), outcome.to_owned()];
                    row.extend(line);
                    row
                })
            });
        let mut header = vec!["target", "outcome"];
        header.extend(self.columns);
        JobReport {
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
