//! A wait that is shown as it passes.

use crate::api::exchange::Clock;
use crate::browser::clock::BrowserClock;
use crate::i18n::format;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// A countdown; copies are the same one.
#[derive(Clone, Copy)]
pub struct Countdown {
    ends_at_ms: RwSignal<u64>,
    now_ms: RwSignal<u64>,
}

impl Countdown {
    /// One that does not run.
    pub fn new() -> Self {
        Countdown {
            ends_at_ms: RwSignal::new(0),
            now_ms: RwSignal::new(0),
        }
    }

    /// Runs for so many milliseconds from now.
    pub fn start(self, ms: u64) {
        let now = BrowserClock.now_ms();
        self.now_ms.set(now);
        self.ends_at_ms.set(now + ms);
        spawn_local(async move {
            // The page may be left meanwhile, and its signals with it.
            while self
                .ends_at_ms
                .try_get_untracked()
                .is_some_and(|end| BrowserClock.now_ms() < end)
            {
                BrowserClock.sleep(250).await;
                if self.now_ms.try_set(BrowserClock.now_ms()).is_some() {
                    return;
                }
            }
        });
    }

    /// Whether it runs. Reactive.
    pub fn is_running(self) -> bool {
        self.now_ms.get() < self.ends_at_ms.get()
    }

    /// What is left, in words, while it runs. Reactive.
    pub fn left(self) -> Option<String> {
        let (now, end) = (self.now_ms.get(), self.ends_at_ms.get());
        (now < end).then(|| format::duration(end - now))
    }
}

impl Default for Countdown {
    fn default() -> Self {
        Self::new()
    }
}
