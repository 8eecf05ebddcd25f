//! Changes that must never run twice at once: what is not known to have ended is not sent again,
//! the server is asked what came of it.
//!
//! Which request is of what kind:
//!
//! | | sent again after a lost answer | requests |
//! |---|---|---|
//! | the same twice, even at once | by itself | whatever sets a state: locks, rights, names, limits, quarantine, protection, blocks, aliases, bans; deleting sessions, devices, files by ID |
//! | the second time refused | once the server has said that it has not come to pass (the check of the job) | removing members, lifting bans |
//! | the same twice, but not at once | never before it is known to be over: [`once`] | deactivating, erasing |
//! | begins something in the background | not if the server has it among its tasks: [`Tries::begin`] | deleting rooms, removing history and messages |
//! | twice is more than once | never by itself: it is unknown, the person decides | notices, sessions made by "Log in as", new devices |

use super::{Step, Turn};
use crate::api::exchange::{Clock, Network};
use crate::api::{ApiError, Call};
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::collections::HashMap;

/// How long to wait before the server is asked for the first time, in milliseconds, how much
/// longer each time after, and at most.
const FIRST_MS: u64 = 1_000;
const LONGER: f64 = 1.5;
const LONGEST_MS: u64 = 15_000;

/// For how long the server is asked, in milliseconds. Synapse takes minutes for an account with
/// very many devices; after this it is taken to have given up, and the item fails.
const PATIENCE_MS: u64 = 600_000;

/// The error of the request whose answer was lost, for as long as nobody knows what came of it:
/// [`ApiError::Cancelled`] while the answer may come yet, as a page that is left does not hear it.
pub type Lost = RefCell<Option<ApiError>>;

/// Sends a change, unless an earlier try of it may still be under way. After a lost answer `came`
/// asks the server whether it has come to pass, again and again, and the job says that the server
/// is still at it.
pub async fn once<'a>(
    call: &Call,
    lost: &Lost,
    network: &dyn Network,
    clock: &dyn Clock,
    turn: &Turn<'_>,
    came: &dyn Fn() -> LocalBoxFuture<'a, Result<bool, ApiError>>,
) -> Step {
    if lost.borrow().is_none() {
        lost.replace(Some(ApiError::Cancelled));
        let answer = network.exchange(call).await;
        lost.take();
        let error = match answer {
            Ok(answer) => match ApiError::of(&answer) {
                None => return Step::Done,
                Some(error) => error,
            },
            Err(error) => error,
        };
        if !error.may_be_under_way() {
            return Step::from_error(error);
        }
        lost.replace(Some(error));
    }
    let _shown = turn.server_is_at_it();
    let began_ms = clock.now_ms();
    let mut wait = FIRST_MS;
    loop {
        clock.sleep(wait).await;
        if turn.is_over() || !turn.clear().await {
            return Step::Again(lost.borrow().clone().unwrap_or(ApiError::Cancelled));
        }
        match came().await {
            Ok(true) => {
                lost.take();
                return Step::Done;
            }
            Ok(false) => {}
            Err(error) => return Step::from_error(error),
        }
        if clock.now_ms().saturating_sub(began_ms) > PATIENCE_MS {
            return Step::Failed(lost.take().unwrap_or(ApiError::Cancelled));
        }
        wait = ((wait as f64 * LONGER) as u64).min(LONGEST_MS);
    }
}

/// The IDs of what the server has begun for a target and remembers, oldest first; `None` where
/// it cannot be asked.
pub type RememberedIds = Option<Vec<String>>;

/// Asks the server something, as often as need be.
pub type Asks<'a, T> = &'a dyn Fn() -> LocalBoxFuture<'a, Result<T, ApiError>>;

/// What is remembered between the tries of things that the server does in the background: by
/// item what there was before the first try whose answer may be lost.
#[derive(Default)]
pub struct Tries(RefCell<HashMap<usize, RememberedIds>>);

impl Tries {
    /// Has the server begin something, and answers with its ID of it. After a lost answer it is
    /// not begun again if there is one that was not there before.
    ///
    /// # Errors
    ///
    /// What becomes of the item; [`Step::Held`] if by the time that it would be begun nobody wants it now.
    pub async fn begin(
        &self,
        item: usize,
        turn: &Turn<'_>,
        known: Asks<'_, RememberedIds>,
        send: Asks<'_, String>,
    ) -> Result<String, Step> {
        let found = known().await.map_err(Step::from_error)?;
        let before = self.0.borrow().get(&item).cloned();
        if let (Some(Some(before)), Some(found)) = (&before, &found)
            && let Some(ours) = found.iter().rev().find(|id| !before.contains(id))
        {
            self.0.borrow_mut().remove(&item);
            return Ok(ours.clone());
        }
        // What is remembered stays so: it may come to pass yet.
        turn.goes_on().await?;
        self.0.borrow_mut().remove(&item);
        let was_lost = before.is_some();
        let before = before.unwrap_or(found);
        let can_tell = before.is_some();
        let error = match send().await {
            Ok(id) => return Ok(id),
            Err(error) => error,
        };
        let is_lost = error.may_be_under_way();
        // Who says no, or "later", says nothing of the same that was sent before.
        if is_lost || was_lost {
            self.0.borrow_mut().insert(item, before);
        }
        // Where nobody can tell, nobody but a person sends it again.
        Err(match (is_lost, can_tell) {
            (true, true) => Step::Again(error),
            (true, false) => Step::Unknown(error),
            (false, _) => Step::from_error(error),
        })
    }

    /// Whether the answer to a try of this item was lost, and nobody has found out what came of it.
    pub fn is_unsure(&self, item: usize) -> bool {
        self.0.borrow().contains_key(&item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{Answer, Method, Request, UserId, users};
    use crate::runner::simulation::{SimClock, SimRandom};
    use crate::runner::{self, Fate, Limits, Run, Work};
    use futures_util::FutureExt;
    use std::cell::Cell;
    use std::rc::Rc;

    /// A server that takes its time to deactivate, behind something that does not wait so long.
    struct Slow {
        clock: SimClock,
        takes_ms: Option<u64>,
        begun: RefCell<Vec<u64>>,
        answer: Option<Answer>,
        lost: Lost,
        most_at_it: Cell<usize>,
        job: RefCell<Option<Run>>,
    }

    impl Slow {
        fn is_done(&self) -> bool {
            let over = |begun: &u64| {
                self.takes_ms
                    .is_some_and(|takes| begun + takes <= self.clock.now_ms())
            };
            self.begun.borrow().iter().any(over)
        }
    }

    impl Network for Slow {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            async move {
                if call.method == Method::Get {
                    self.clock.sleep(5).await;
                    let at_it = self
                        .job
                        .borrow()
                        .as_ref()
                        .map_or(0, |job| job.progress(self.clock.now_ms()).at_server);
                    self.most_at_it.set(self.most_at_it.get().max(at_it));
                    return Ok(Answer::new(
                        200,
                        "",
                        if self.is_done() { "true" } else { "false" },
                    ));
                }
                self.begun.borrow_mut().push(self.clock.now_ms());
                let is_known = self.lost.borrow().is_some();
                assert!(
                    is_known,
                    "whoever leaves now does not know that it was sent"
                );
                self.clock.sleep(60_000).await;
                match &self.answer {
                    Some(answer) => Ok(answer.clone()),
                    None => Err(ApiError::TimedOut { after_ms: 60_000 }),
                }
            }
            .boxed_local()
        }
    }

    impl Work for Slow {
        fn attempt<'a>(&'a self, _item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                let user = UserId::parse("@jane:example.org").unwrap();
                let call = users::deactivate(&user, false).call;
                let came = || {
                    let request = Request::<bool>::get("/done");
                    async move {
                        let answer = self.exchange(&request.call).await?;
                        request.read(&answer)
                    }
                    .boxed_local()
                };
                once(&call, &self.lost, self, &self.clock, &turn, &came).await
            }
            .boxed_local()
        }

        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
    }

    fn history(takes_ms: Option<u64>, answer: Option<Answer>, retry: bool) -> (Rc<Slow>, Fate) {
        let server = Rc::new(Slow {
            clock: SimClock::default(),
            takes_ms,
            begun: RefCell::default(),
            answer,
            lost: Lost::default(),
            most_at_it: Cell::new(0),
            job: RefCell::default(),
        });
        let mut fate = None;
        for _ in 0..=usize::from(retry) {
            let job = Run::new(vec![0], Limits::default());
            server.job.replace(Some(job.clone()));
            let random = SimRandom::new(1);
            let work = runner::run(&job, &*server, &server.clock, &random);
            server.clock.run(10_000_000, work);
            fate = job.fate(0);
        }
        (server, fate.unwrap())
    }

    #[test]
    fn a_slow_deactivation_is_sent_once_and_waited_for() {
        let gateway = Answer::new(504, "text/html", "<html>504 Gateway Time-out");
        for answer in [None, Some(gateway)] {
            let (server, fate) = history(Some(300_000), answer, false);
            assert_eq!(fate, Fate::Done);
            assert_eq!(server.begun.borrow().len(), 1);
            assert_eq!(server.most_at_it.get(), 1);
        }
    }

    #[test]
    fn what_never_comes_to_pass_fails_and_is_sent_again_by_a_person_alone() {
        let (server, fate) = history(None, None, false);
        assert_eq!(fate, Fate::Failed(ApiError::TimedOut { after_ms: 60_000 }));
        assert_eq!(server.begun.borrow().len(), 1);
        let (server, _) = history(None, None, true);
        assert_eq!(server.begun.borrow().len(), 2);
    }

    /// Begins one thing, whatever comes of it.
    struct Beginning<'a> {
        tries: &'a Tries,
        known: Asks<'a, RememberedIds>,
        send: Asks<'a, String>,
        came: RefCell<Option<Result<String, Step>>>,
    }

    impl Work for Beginning<'_> {
        fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                let begun = self.tries.begin(item, &turn, self.known, self.send).await;
                self.came.replace(Some(begun));
                Step::Done
            }
            .boxed_local()
        }

        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
    }

    /// What comes back of a request that begins something.
    #[derive(Clone, Copy)]
    enum Back {
        Id,
        Nothing,
        SlowDown,
    }

    /// A server with tasks: which it knows, and what it does with the next requests. `press` is what a
    /// person does while it is asked which it knows.
    fn begun(
        tries: &Tries,
        tasks: &RefCell<Vec<&'static str>>,
        can_tell: bool,
        (arrives, back): (Option<&'static str>, Back),
        press: fn(&Run),
    ) -> Result<String, Step> {
        let job = Run::new(vec![0], Limits::default());
        let known = || {
            press(&job);
            let ids = tasks.borrow().iter().map(|id| (*id).to_owned()).collect();
            async move { Ok(can_tell.then_some(ids)) }.boxed_local()
        };
        let send = || {
            tasks.borrow_mut().extend(arrives);
            async move {
                match (arrives, back) {
                    (Some(id), Back::Id) => Ok(id.to_owned()),
                    (_, Back::SlowDown) => Err(ApiError::RateLimited {
                        retry_after_ms: Some(1),
                        message: String::new(),
                    }),
                    _ => Err(ApiError::TimedOut { after_ms: 60_000 }),
                }
            }
            .boxed_local()
        };
        let work = Beginning {
            tries,
            known: &known,
            send: &send,
            came: RefCell::default(),
        };
        let (clock, random) = (SimClock::default(), SimRandom::new(1));
        clock.run(1_000, runner::run(&job, &work, &clock, &random));
        work.came.take().unwrap()
    }

    #[test]
    fn what_was_begun_is_found_again_and_not_begun_twice() {
        let lost = |step: Result<String, Step>| matches!(step, Err(Step::Again(_)));
        let begun = |tries: &Tries, tasks: &RefCell<_>, can_tell, arrives, back| {
            begun(tries, tasks, can_tell, (arrives, back), |_| ())
        };
        let (tries, tasks) = (Tries::default(), RefCell::new(vec!["old"]));
        // It arrived, and is over by now or not: it is found either way.
        assert!(lost(begun(
            &tries,
            &tasks,
            true,
            Some("ours"),
            Back::Nothing
        )));
        assert!(tries.is_unsure(0));
        let again = begun(&tries, &tasks, true, Some("second"), Back::Id);
        assert_eq!(again, Ok("ours".to_owned()));
        assert_eq!(*tasks.borrow(), ["old", "ours"]);

        // It never arrived: it is sent again, however often.
        let (tries, tasks) = (Tries::default(), RefCell::new(vec!["old"]));
        assert!(lost(begun(&tries, &tasks, true, None, Back::Nothing)));
        assert!(lost(begun(&tries, &tasks, true, None, Back::Nothing)));
        let again = begun(&tries, &tasks, true, Some("ours"), Back::Id);
        assert_eq!(again, Ok("ours".to_owned()));
        assert!(!tries.is_unsure(0));

        // "Later" to the second says nothing of the first, which arrives at last.
        let (tries, tasks) = (Tries::default(), RefCell::new(vec!["old"]));
        assert!(lost(begun(&tries, &tasks, true, None, Back::Nothing)));
        assert!(lost(begun(&tries, &tasks, true, None, Back::SlowDown)));
        assert!(tries.is_unsure(0));
        tasks.borrow_mut().push("ours");
        let again = begun(&tries, &tasks, true, Some("second"), Back::Id);
        assert_eq!(again, Ok("ours".to_owned()));
        assert_eq!(*tasks.borrow(), ["old", "ours"]);

        // Nobody can tell: a person decides.
        let (tries, tasks) = (Tries::default(), RefCell::new(vec![]));
        let lost = begun(&tries, &tasks, false, Some("ours"), Back::Nothing);
        assert!(matches!(lost, Err(Step::Unknown(_))));
    }

    #[test]
    fn nothing_is_begun_that_is_cancelled_or_paused_before_it_is_sent() {
        for press in [Run::cancel, Run::pause] {
            let (tries, tasks) = (Tries::default(), RefCell::new(vec!["old"]));
            let held = begun(&tries, &tasks, true, (Some("ours"), Back::Id), press);
            assert_eq!((held, tries.is_unsure(0)), (Err(Step::Held), false));
            assert_eq!(*tasks.borrow(), ["old"]);

            // Of a lost one it stays known which were there before it.
            let lost = begun(&tries, &tasks, true, (None, Back::Nothing), |_| ());
            assert!(matches!(lost, Err(Step::Again(_))));
            let held = begun(&tries, &tasks, true, (Some("second"), Back::Id), press);
            assert_eq!((held, tries.is_unsure(0)), (Err(Step::Held), true));
            // What has arrived after all is followed, which sends nothing.
            tasks.borrow_mut().push("ours");
            let found = begun(&tries, &tasks, true, (Some("second"), Back::Id), press);
            assert_eq!((found, tries.is_unsure(0)), (Ok("ours".to_owned()), false));
            assert_eq!(*tasks.borrow(), ["old", "ours"]);
        }
    }

    #[test]
    fn an_answer_is_an_answer() {
        let (server, fate) = history(None, Some(Answer::new(200, "", "{}")), false);
        assert_eq!((fate, server.begun.borrow().len()), (Fate::Done, 1));
        let no = r#"{"errcode":"M_FORBIDDEN","error":"no"}"#;
        let (server, fate) = history(None, Some(Answer::new(403, "", no)), false);
        assert!(matches!(fate, Fate::Failed(_)));
        assert_eq!(server.begun.borrow().len(), 1);
        // A page with a success is none.
        let (server, fate) = history(Some(90_000), Some(Answer::new(200, "", "<html>")), false);
        assert_eq!((fate, server.begun.borrow().len()), (Fate::Done, 1));
    }
}
