//! For how long a server was waited for. What we wait by ourselves says nothing of what a question costs it:
//! because it has asked for patience, or until somebody has signed in again.

use crate::api::exchange::Clock;
use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;

thread_local! {
    /// Of the work that is going on at this moment.
    static PRESENT: RefCell<Option<Rc<Stopwatch>>> = const { RefCell::new(None) };
}

/// The time in which at least one answer was waited for.
#[derive(Default)]
struct Stopwatch {
    waits: Cell<u32>,
    since_ms: Cell<u64>,
    ms: Cell<u64>,
}

/// Does this work, and says for how many milliseconds of it a server was waited for.
pub async fn timed<T>(work: impl Future<Output = T>) -> (T, u64) {
    let watch: Rc<Stopwatch> = Rc::default();
    let mut work = pin!(work);
    let done = poll_fn(|context| {
        let before = PRESENT.replace(Some(Rc::clone(&watch)));
        let polled = work.as_mut().poll(context);
        PRESENT.set(before);
        polled
    })
    .await;
    (done, watch.ms.get())
}

/// A server is waited for, as long as what this returns is kept.
pub fn waiting(clock: &dyn Clock) -> ServerWait<'_> {
    let watch = PRESENT.with_borrow(Clone::clone);
    if let Some(watch) = &watch {
        if watch.waits.get() == 0 {
            watch.since_ms.set(clock.now_ms());
        }
        watch.waits.set(watch.waits.get() + 1);
    }
    ServerWait { watch, clock }
}

/// See [`waiting`].
pub struct ServerWait<'a> {
    watch: Option<Rc<Stopwatch>>,
    clock: &'a dyn Clock,
}

impl Drop for ServerWait<'_> {
    fn drop(&mut self) {
        let Some(watch) = &self.watch else { return };
        watch.waits.set(watch.waits.get() - 1);
        if watch.waits.get() == 0 {
            let took = self.clock.now_ms().saturating_sub(watch.since_ms.get());
            watch.ms.set(watch.ms.get() + took);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::exchange::{Network, Patient};
    use crate::api::{Answer, ApiError, Call, Request};
    use crate::runner::simulation::{SimClock, SimRandom};
    use futures_util::FutureExt;
    use futures_util::future::{LocalBoxFuture, join};

    /// Takes half a second for each answer, of which the first so many ask for ten seconds of patience.
    struct Strict {
        clock: SimClock,
        limits: Cell<u32>,
    }

    impl Network for Strict {
        fn exchange<'a>(&'a self, _: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            async move {
                let _waits = waiting(&self.clock);
                self.clock.sleep(500).await;
                let left = self.limits.get();
                self.limits.set(left.saturating_sub(1));
                Ok(match left {
                    0 => Answer::new(200, "", "[]"),
                    _ => Answer {
                        retry_after_ms: Some(10_000),
                        ..Answer::new(429, "", r#"{"errcode":"M_LIMIT_EXCEEDED"}"#)
                    },
                })
            }
            .boxed_local()
        }
    }

    #[test]
    fn only_the_time_of_the_answers_counts_and_that_once() {
        let clock = SimClock::default();
        let server = Strict {
            clock: clock.clone(),
            limits: Cell::new(1),
        };
        let random = SimRandom::new(1);
        let patient = Patient {
            network: &server,
            clock: &clock,
            random: &random,
        };
        let ask = || async move {
            let asked = patient.send(Request::<Vec<u8>>::get("/anything"));
            asked.await.unwrap();
        };
        let ((_, alone), beside) =
            clock.run(60_000, join(timed(ask()), async { timed(ask()).await.1 }));
        assert_eq!(clock.now_ms(), 11_000, "one of them has waited");
        assert_eq!((alone, beside), (1_000, 500));
        // Two answers at the same time are waited for at the same time.
        let both = clock.run(60_000, timed(async { join(ask(), ask()).await }));
        assert_eq!(both.1, 500);
        // What nobody times is nobody's.
        clock.run(60_000, ask());
        assert_eq!(clock.run(60_000, timed(async {})).1, 0);
    }
}
