//! A world without waiting: a clock that jumps, chance that repeats itself, and a computer with
//! so many cores at the end of so long a line. Whole histories run in microseconds.

use crate::api::exchange::{Clock, Random};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use proptest::prelude::ProptestConfig;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

/// How many random histories a property of whole jobs is tried with, and how; more of them by `cargo xtask fuzz`.
pub fn histories() -> ProptestConfig {
    let wanted = std::env::var("PROPTEST_CASES").ok();
    let cases = wanted.and_then(|wanted| wanted.parse().ok()).unwrap_or(300);
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases)
    }
}

/// Time that passes only when everybody waits for it.
#[derive(Clone, Default)]
pub struct SimClock {
    inner: Rc<ClockInner>,
}

#[derive(Default)]
struct ClockInner {
    now: Cell<u64>,
    count: Cell<u64>,
    sleepers: RefCell<BTreeMap<(u64, u64), Option<Waker>>>,
}

impl Clock for SimClock {
    fn now_ms(&self) -> u64 {
        self.inner.now.get()
    }

    fn wall_ms(&self) -> i64 {
        1_700_000_000_000 + self.now_ms() as i64
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        let inner = self.inner.clone();
        let key = (inner.now.get().saturating_add(ms), inner.count.get());
        inner.count.set(key.1 + 1);
        inner.sleepers.borrow_mut().insert(key, None);
        let guard = Sleeper { inner, key };
        poll_fn(move |context| {
            let mut sleepers = guard.inner.sleepers.borrow_mut();
            match sleepers.get_mut(&guard.key) {
                None => Poll::Ready(()),
                Some(waker) => {
                    *waker = Some(context.waker().clone());
                    Poll::Pending
                }
            }
        })
        .boxed_local()
    }
}

struct Sleeper {
    inner: Rc<ClockInner>,
    key: (u64, u64),
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.inner.sleepers.borrow_mut().remove(&self.key);
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl SimClock {
    /// Runs a future to its end; time jumps to the next sleeper whenever nobody has anything to
    /// do. Panics if everybody waits and nobody sleeps, or after `limit_ms`.
    pub fn run<T>(&self, limit_ms: u64, future: impl Future<Output = T>) -> T {
        let mut future = pin!(future);
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(flag.clone());
        let mut context = Context::from_waker(&waker);
        loop {
            while flag.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
                    return value;
                }
            }
            let next = self.inner.sleepers.borrow_mut().pop_first();
            let Some(((at, _), waker)) = next else {
                panic!("everybody waits, and nothing will ever happen");
            };
            assert!(at <= limit_ms, "still at work after {limit_ms} ms");
            self.inner.now.set(self.inner.now.get().max(at));
            match waker {
                Some(waker) => waker.wake(),
                // Created and never asked: nobody to wake.
                None => continue,
            }
        }
    }
}

/// Chance that repeats itself for the same seed (SplitMix64).
#[derive(Clone)]
pub struct SimRandom {
    state: Rc<Cell<u64>>,
}

impl SimRandom {
    pub fn new(seed: u64) -> Self {
        SimRandom {
            state: Rc::new(Cell::new(seed)),
        }
    }

    pub fn next(&self) -> u64 {
        let state = self.state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.state.set(state);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// True so many times in a hundred.
    pub fn percent(&self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

impl Random for SimRandom {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.next() as u8;
        }
    }
}

/// A computer that does one thing per core at a time, at the end of a line.
pub struct Computer {
    free_at: RefCell<Vec<u64>>,
    /// One way, in milliseconds.
    pub line_ms: u64,
}

impl Computer {
    pub fn new(cores: usize, line_ms: u64) -> Self {
        Computer {
            free_at: RefCell::new(vec![0; cores]),
            line_ms,
        }
    }

    /// Hands in work of `ms` now; answers how long until the result is back.
    pub fn takes(&self, now: u64, ms: u64) -> u64 {
        let mut free_at = self.free_at.borrow_mut();
        let core = free_at.iter_mut().min().expect("a core");
        *core = (*core).max(now + self.line_ms) + ms;
        *core + self.line_ms - now
    }
}
