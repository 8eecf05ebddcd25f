//! Whose wish holds where several jobs change one and the same thing: the last. One that has to wait, as the
//! server wants, would otherwise be sent after the one that was to come after it.

use super::Fate;
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};
use std::future::poll_fn;
use std::task::{Poll, Waker};

/// What the jobs of a tab are to change, each thing by its name.
#[derive(Default)]
pub struct Wishes(RefCell<AllWishes>);

#[derive(Default)]
struct AllWishes {
    count: u64,
    things: HashMap<String, Wished>,
}

/// What is wished of one thing.
#[derive(Default)]
struct Wished {
    /// The wishes that have not met their end, by their numbers.
    open: BTreeSet<u64>,
    /// The number of the last of those that came to pass, as far as one knows; 0 if none did.
    came_to_pass: u64,
    /// Whether one of them is being sent.
    is_changing: bool,
    waiting: Vec<Waker>,
}

impl Wished {
    /// The number of the wish that holds.
    fn last(&self) -> u64 {
        let open = self.open.last().copied().unwrap_or_default();
        open.max(self.came_to_pass)
    }
}

impl Wishes {
    /// One more wish of these things; its number. Each is ended once, by [`Wishes::ended`].
    pub fn add(&self, things: &[String]) -> u64 {
        let mut all = self.0.borrow_mut();
        all.count += 1;
        let number = all.count;
        for thing in things {
            let wished = all.things.entry(thing.clone()).or_default();
            wished.open.insert(number);
        }
        number
    }

    /// Waits until nobody changes one of these things. What this returns is kept for as long as the change
    /// takes; `None` if something else has been wished of one of them since.
    pub async fn turn<'a>(&'a self, things: &'a [String], number: u64) -> Option<WishTurn<'a>> {
        poll_fn(|context| {
            let mut all = self.0.borrow_mut();
            let last = |thing| all.things.get(thing).map(Wished::last);
            if things.iter().any(|thing| last(thing) != Some(number)) {
                return Poll::Ready(None);
            }
            let busy = things.iter().find(|thing| all.things[*thing].is_changing);
            if let Some(wished) = busy.and_then(|thing| all.things.get_mut(thing)) {
                wished.waiting.push(context.waker().clone());
                return Poll::Pending;
            }
            for thing in things {
                let wished = all.things.entry(thing.clone());
                wished.or_default().is_changing = true;
            }
            Poll::Ready(Some(()))
        })
        .await
        .map(|()| WishTurn {
            wishes: self,
            things,
        })
    }

    /// The wish of this number has met its end. One that never came to pass leaves the one before it standing.
    pub fn ended(&self, things: &[String], number: u64, fate: &Fate) {
        let mut all = self.0.borrow_mut();
        for thing in things {
            let Some(wished) = all.things.get_mut(thing) else {
                continue;
            };
            wished.open.remove(&number);
            if !matches!(fate, Fate::NotDone | Fate::Failed(_)) {
                wished.came_to_pass = wished.came_to_pass.max(number);
            }
            if wished.open.is_empty() {
                all.things.remove(thing);
            }
        }
    }
}

/// What a request to this path changes, of which these are parts; all of it where there are none.
pub fn fields(path: &str, parts: &[String]) -> Vec<String> {
    match parts {
        [] => vec![path.to_owned()],
        parts => parts.iter().map(|part| format!("{path} {part}")).collect(),
    }
}

/// Things are being changed; see [`Wishes::turn`].
pub struct WishTurn<'a> {
    wishes: &'a Wishes,
    things: &'a [String],
}

impl Drop for WishTurn<'_> {
    fn drop(&mut self) {
        let mut all = self.wishes.0.borrow_mut();
        let mut waiting = Vec::new();
        for thing in self.things {
            if let Some(wished) = all.things.get_mut(thing) {
                wished.is_changing = false;
                waiting.append(&mut wished.waiting);
            }
        }
        // A waker may run code at once.
        drop(all);
        waiting.into_iter().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ApiError;
    use crate::api::exchange::Clock;
    use crate::runner::simulation::{SimClock, SimRandom};
    use crate::runner::{Fate, Limits, Reason, Run, Step, Turn, Work, run};
    use futures_util::FutureExt;
    use futures_util::future::{LocalBoxFuture, join};

    fn things(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_changes_other_fields_is_another_wish() {
        let wishes = Wishes::default();
        let of = |parts: &[&str]| fields("/tokens/abc", &things(parts));
        assert_eq!(of(&[]), ["/tokens/abc"]);
        let [uses, expiry, both] = [&["uses"][..], &["expiry"], &["uses", "expiry"]].map(of);
        let holds = |things: &[String], number| {
            let turn = wishes.turn(things, number).now_or_never();
            turn.map(|turn| turn.is_some())
        };
        let [first, second] = [&uses, &expiry].map(|things| wishes.add(things));
        assert_eq!(holds(&uses, first), Some(true));
        assert_eq!(holds(&expiry, second), Some(true));
        let third = wishes.add(&both);
        assert_eq!(holds(&uses, first), Some(false));
        assert_eq!(holds(&expiry, second), Some(false));
        // It waits for whoever changes one of its fields.
        wishes.ended(&uses, first, &Fate::Done);
        assert_eq!(holds(&both, third), Some(true));
        let fourth = wishes.add(&uses);
        let turn = wishes.turn(&uses, fourth).now_or_never().flatten();
        assert!(turn.is_some());
        let fifth = wishes.add(&both);
        assert_eq!(holds(&both, fifth), None);
        drop(turn);
        assert_eq!(holds(&both, fifth), Some(true));
        // Of what was wished of two, one is wished otherwise: that it did not come to pass is said.
        let sixth = wishes.add(&expiry);
        assert_eq!(holds(&both, fifth), Some(false));
        assert_eq!(holds(&expiry, sixth), Some(true));
    }

    /// Makes a value its own, which takes a second for each answer of these, the last ever after.
    struct Setting<'a> {
        clock: &'a SimClock,
        wishes: &'a Wishes,
        things: Vec<String>,
        number: u64,
        wanted: u64,
        answers: RefCell<Vec<Step>>,
        value: &'a RefCell<Vec<u64>>,
    }

    impl Work for Setting<'_> {
        fn attempt<'a>(&'a self, _: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                let _turn = match turn
                    .after(self.wishes.turn(&self.things, self.number))
                    .await
                {
                    Ok(Some(turn)) => turn,
                    Ok(None) => return Step::LeftOut(Reason::Replaced),
                    Err(held) => return held,
                };
                self.clock.sleep(1_000).await;
                let answer = self.answers.borrow_mut().pop().unwrap_or(Step::Done);
                if answer == Step::Done {
                    self.value.borrow_mut().push(self.wanted);
                }
                answer
            }
            .boxed_local()
        }

        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }

        fn settled(&self, _: usize, fate: &Fate) {
            self.wishes.ended(&self.things, self.number, fate);
        }
    }

    /// What the value was made where the first of two is answered so, and the second is wished after so many
    /// milliseconds; and what has become of the first.
    fn two(answers: Vec<Step>, later_ms: u64) -> (Vec<u64>, Option<Fate>) {
        let (value, [first, second]) = two_of([answers, Vec::new()], later_ms, false);
        assert_eq!(second, Some(Fate::Done));
        (value, first)
    }

    /// The same, and what has become of both; the second may be cancelled five seconds after it was wished.
    fn two_of(
        answers: [Vec<Step>; 2],
        later_ms: u64,
        is_cancelled: bool,
    ) -> (Vec<u64>, [Option<Fate>; 2]) {
        let [answers, then] = answers;
        let (clock, random) = (SimClock::default(), SimRandom::new(1));
        let (wishes, value) = (Wishes::default(), RefCell::default());
        let setting = |wanted, answers| Setting {
            clock: &clock,
            wishes: &wishes,
            things: things(&["it"]),
            number: wishes.add(&things(&["it"])),
            wanted,
            answers: RefCell::new(answers),
            value: &value,
        };
        let jobs = [0, 1].map(|_| Run::new(vec![0], Limits::default()));
        clock.run(3_600_000, async {
            let first = setting(1, answers);
            let first = run(&jobs[0], &first, &clock, &random);
            let second = async {
                clock.sleep(later_ms).await;
                let second = setting(2, then);
                let person = async {
                    clock.sleep(5_000).await;
                    if is_cancelled {
                        jobs[1].cancel();
                    }
                };
                join(run(&jobs[1], &second, &clock, &random), person).await;
            };
            join(first, second).await;
        });
        assert!(wishes.0.borrow().things.is_empty());
        (value.into_inner(), [0, 1].map(|n| jobs[n].fate(0)))
    }

    fn limited() -> Step {
        Step::Again(ApiError::RateLimited {
            retry_after_ms: Some(20_000),
            message: String::new(),
        })
    }

    #[test]
    fn what_never_came_to_pass_leaves_the_wish_before_it() {
        let cancelled = two_of([vec![limited()], vec![limited()]], 5_000, true);
        let [done, not_done] = [Fate::Done, Fate::NotDone].map(Some);
        assert_eq!(cancelled, (vec![1], [done.clone(), not_done]));
        let refused = Step::Failed(ApiError::Cancelled);
        let refused = two_of([vec![limited()], vec![refused]], 5_000, false);
        let failed = Some(Fate::Failed(ApiError::Cancelled));
        assert_eq!(refused, (vec![1], [done, failed]));
        // Who does not know whether it did leaves it be.
        let lost = Step::Unknown(ApiError::Cancelled);
        let (value, fates) = two_of([vec![limited()], vec![lost]], 5_000, false);
        assert_eq!(value, [0; 0]);
        assert_eq!(fates[0], Some(Fate::LeftOut(Reason::Replaced)));
    }

    #[test]
    fn whoever_waits_for_the_turn_of_another_hears_pause_and_cancel() {
        let clock = SimClock::default();
        let wishes = Wishes::default();
        let value = RefCell::default();
        let setting = Setting {
            clock: &clock,
            wishes: &wishes,
            things: things(&["it"]),
            number: wishes.add(&things(&["it"])),
            wanted: 2,
            answers: RefCell::default(),
            value: &value,
        };
        let job = Run::new(vec![0], Limits::default());
        let heard_ms = clock.run(3_600_000, async {
            // Somebody is at it, and takes long.
            let busy = wishes.turn(&setting.things, setting.number).await;
            let person = async {
                clock.sleep(1_000).await;
                job.pause();
                clock.sleep(1_000).await;
                assert_eq!(job.progress(clock.now_ms()).in_flight, 0);
                job.resume(clock.now_ms());
                clock.sleep(1_000).await;
                assert_eq!(job.progress(clock.now_ms()).in_flight, 1);
                job.cancel();
            };
            let random = SimRandom::new(1);
            join(run(&job, &setting, &clock, &random), person).await;
            drop(busy);
            clock.now_ms()
        });
        assert_eq!(heard_ms, 3_000);
        assert_eq!(job.fate(0), Some(Fate::NotDone));
        assert_eq!(value.into_inner(), [0; 0]);
    }

    #[test]
    fn the_last_wish_holds_whoever_had_to_wait() {
        let replaced = Some(Fate::LeftOut(Reason::Replaced));
        // It waits when the other is wished, which is done by then, or while it is being done.
        assert_eq!(two(vec![limited()], 5_000), (vec![2], replaced.clone()));
        assert_eq!(two(vec![limited()], 20_500), (vec![2], replaced));
        // What is being sent is waited for.
        assert_eq!(two(Vec::new(), 500), (vec![1, 2], Some(Fate::Done)));
        // What is over is no matter.
        assert_eq!(two(Vec::new(), 5_000), (vec![1, 2], Some(Fate::Done)));
    }
}
