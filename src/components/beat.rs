//! Asking anew now and then what somebody looks at, and never while the last question is under way, nor
//! so often that the server would have little else to do.

use crate::api::exchange::Clock;
use crate::browser::clock::BrowserClock;
use leptos::prelude::*;
use std::future::Future;
use std::time::Duration;

/// How often what is shown is asked for anew.
const AGAIN: Duration = Duration::from_secs(10);

/// How many times as long as an answer took nothing is asked after it.
const REST: u64 = 9;

/// For how long nothing is asked at most, in milliseconds: what took very long may have waited for
/// something else than the server's work.
const LONGEST_REST_MS: u64 = 120_000;

/// Says when what is shown is to be asked for anew: now and then while the page is looked at, unless
/// an answer is still waited for. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Beat {
    /// Changes when it is time. Whoever has changed something changes it as well.
    pub changed: RwSignal<u32>,
    /// How many answers are waited for.
    under_way: StoredValue<u32>,
    /// Until when nothing is asked.
    rests_until: StoredValue<u64>,
}

impl Beat {
    /// Beats as long as its owner is there, whenever `is_due` says so.
    pub fn new(is_due: impl Fn() -> bool + 'static) -> Self {
        let beat = Beat {
            changed: RwSignal::new(0),
            under_way: StoredValue::new(0),
            rests_until: StoredValue::new(0),
        };
        let timer = set_interval_with_handle(
            move || {
                // Asked again, a question that takes longer than this would never be answered.
                let waits = beat.under_way.try_get_value() != Some(0);
                let until = beat.rests_until.try_get_value();
                let rests = until.is_none_or(|until| BrowserClock.now_ms() < until);
                if !waits && !rests && !document().hidden() && is_due() {
                    beat.changed.update(|changed| *changed += 1);
                }
            },
            AGAIN,
        );
        on_cleanup(move || {
            if let Ok(timer) = timer {
                timer.clear();
            }
        });
        beat
    }

    /// Waits for an answer; there is no beat until it is there, or is not waited for any more.
    pub async fn until<T>(self, answered: impl Future<Output = T>) -> T {
        let _waits = Waits::new(self.under_way);
        let began = BrowserClock.now_ms();
        let answer = answered.await;
        let now = BrowserClock.now_ms();
        let rest = (now.saturating_sub(began) * REST).min(LONGEST_REST_MS);
        // The page may have been left.
        let _ = self.rests_until.try_set_value(now + rest);
        answer
    }
}

/// Counts one answer that is waited for, as long as it lives.
struct Waits(StoredValue<u32>);

impl Waits {
    fn new(under_way: StoredValue<u32>) -> Self {
        // The page may have been left.
        let _ = under_way.try_update_value(|waits| *waits += 1);
        Waits(under_way)
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        // The page may have been left.
        let _ = self.0.try_update_value(|waits| *waits -= 1);
    }
}
