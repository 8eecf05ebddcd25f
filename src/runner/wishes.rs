//! Whose wish holds where several jobs change one and the same thing: the last. One that has to wait, as the
//! server wants, would otherwise be sent after the one that was to come after it.

use std::cell::RefCell;
use std::collections::HashMap;
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
    /// The number of the last wish.
    last: u64,
    /// How many wishes have not met their end.
    open: usize,
    /// Whether one of them is being sent.
    is_changing: bool,
    waiting: Vec<Waker>,
}

impl Wishes {
    /// One more wish of this thing; its number. Each is ended once, by [`Wishes::ended`].
    pub fn add(&self, thing: &str) -> u64 {
        let mut all = self.0.borrow_mut();
        all.count += 1;
        let number = all.count;
        let wished = all.things.entry(thing.to_owned()).or_default();
        wished.last = number;
        wished.open += 1;
        number
    }

    /// Waits until nobody changes this thing. What this returns is kept for as long as the change takes; `None`
    /// if something else has been wished since.
    pub async fn turn(&self, thing: &str, number: u64) -> Option<WishTurn<'_>> {
        poll_fn(|context| {
            let mut all = self.0.borrow_mut();
            let Some(wished) = all.things.get_mut(thing) else {
                return Poll::Ready(None);
            };
            if wished.last != number {
                return Poll::Ready(None);
            }
            if wished.is_changing {
                wished.waiting.push(context.waker().clone());
                return Poll::Pending;
            }
            wished.is_changing = true;
            Poll::Ready(Some(()))
        })
        .await
        .map(|()| WishTurn {
            wishes: self,
            thing: thing.to_owned(),
        })
    }

    /// A wish has met its end.
    pub fn ended(&self, thing: &str) {
        let mut all = self.0.borrow_mut();
        if let Some(wished) = all.things.get_mut(thing) {
            wished.open -= 1;
            if wished.open == 0 {
                all.things.remove(thing);
            }
        }
    }
}

/// A thing is being changed; see [`Wishes::turn`].
pub struct WishTurn<'a> {
    wishes: &'a Wishes,
    thing: String,
}

impl Drop for WishTurn<'_> {
    fn drop(&mut self) {
        let mut all = self.wishes.0.borrow_mut();
        let wished = all.things.get_mut(&self.thing);
        let waiting = wished.map(|wished| {
            wished.is_changing = false;
            std::mem::take(&mut wished.waiting)
        });
        // A waker may run code at once.
        drop(all);
        waiting.into_iter().flatten().for_each(Waker::wake);
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

    /// Makes a value its own, which takes a second for each answer of these, the last ever after.
    struct Setting<'a> {
        clock: &'a SimClock,
        wishes: &'a Wishes,
        number: u64,
        wanted: u64,
        answers: RefCell<Vec<Step>>,
        value: &'a RefCell<Vec<u64>>,
    }

    impl Work for Setting<'_> {
        fn attempt<'a>(&'a self, _: usize, _: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                let Some(_turn) = self.wishes.turn("it", self.number).await else {
                    return Step::LeftOut(Reason::Replaced);
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

        fn settled(&self, _: usize, _: &Fate) {
            self.wishes.ended("it");
        }
    }

    /// What the value was made where the first of two is answered so, and the second is wished after so many
    /// milliseconds; and what has become of the first.
    fn two(answers: Vec<Step>, later_ms: u64) -> (Vec<u64>, Option<Fate>) {
        let (clock, random) = (SimClock::default(), SimRandom::new(1));
        let (wishes, value) = (Wishes::default(), RefCell::default());
        let setting = |wanted, answers| Setting {
            clock: &clock,
            wishes: &wishes,
            number: wishes.add("it"),
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
                let second = setting(2, Vec::new());
                run(&jobs[1], &second, &clock, &random).await;
            };
            join(first, second).await;
        });
        assert_eq!(jobs[1].fate(0), Some(Fate::Done));
        assert!(wishes.0.borrow().things.is_empty());
        (value.into_inner(), jobs[0].fate(0))
    }

    #[test]
    fn the_last_wish_holds_whoever_had_to_wait() {
        let limited = Step::Again(ApiError::RateLimited {
            retry_after_ms: Some(20_000),
            message: String::new(),
        });
        let replaced = Some(Fate::LeftOut(Reason::Replaced));
        // It waits when the other is wished, which is done by then, or while it is being done.
        assert_eq!(
            two(vec![limited.clone()], 5_000),
            (vec![2], replaced.clone())
        );
        assert_eq!(two(vec![limited], 20_500), (vec![2], replaced));
        // What is being sent is waited for.
        assert_eq!(two(Vec::new(), 500), (vec![1, 2], Some(Fate::Done)));
        // What is over is no matter.
        assert_eq!(two(Vec::new(), 5_000), (vec![1, 2], Some(Fate::Done)));
    }
}
