//! The browser's clock and random numbers.

use crate::api::exchange::{Clock, Random};
use crate::api::tolerant::Timestamp;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use js_sys::{Date, Function, Promise};
use leptos::prelude::{document, window};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Time, as the browser tells it.
#[derive(Clone, Copy)]
pub struct BrowserClock;

/// The current time of the browser's clock.
pub fn now() -> Timestamp {
    Timestamp(Date::now() as i64)
}

/// A month of the browser's calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Month {
    /// `2026-11`.
    pub name: String,
    /// The first day, and the moment at which it begins.
    pub first: (String, Timestamp),
    /// The last day.
    pub last: String,
    /// The first day of the next month.
    pub next: String,
}

/// This month and those before it, so many in all, the oldest first.
pub fn months(count: i32) -> Vec<Month> {
    let today = Date::new_0();
    let (year, month) = (today.get_full_year() as i32, today.get_month() as i32);
    (0..count)
        .rev()
        .map(|back| {
            let count = year * 12 + month - back;
            let (year, month) = (count.div_euclid(12) as u32, count.rem_euclid(12));
            let start = Date::new_with_year_month_day(year, month, 1);
            Month {
                name: format!("{year}-{:02}", month + 1),
                first: (day_name(&start), Timestamp(start.get_time() as i64)),
                last: day_name(&Date::new_with_year_month_day(year, month + 1, 0)),
                next: day_name(&Date::new_with_year_month_day(year, month + 1, 1)),
            }
        })
        .collect()
}

/// The day so many days ago, as addresses have it, and the moment at which it begins.
pub fn day_before(days: i32) -> (String, Timestamp) {
    let today = Date::new_0();
    let day = today.get_date() as i32 - days;
    let year = today.get_full_year();
    let start = Date::new_with_year_month_day(year, today.get_month() as i32, day);
    (day_name(&start), Timestamp(start.get_time() as i64))
}

/// The day of a date in the person's time zone: `2026-11-28`.
fn day_name(date: &Date) -> String {
    let (year, month) = (date.get_full_year(), date.get_month() + 1);
    format!("{year:04}-{month:02}-{:02}", date.get_date())
}

/// A time as files have it.
pub fn iso(at: Timestamp) -> String {
    let date = Date::new(&(at.0 as f64).into());
    if date.get_time().is_nan() {
        at.0.to_string()
    } else {
        date.to_iso_string().into()
    }
}

impl Clock for BrowserClock {
    fn now_ms(&self) -> u64 {
        // Only where a page is being torn down is there no performance object.
        window()
            .performance()
            .map_or(0.0, |performance| performance.now()) as u64
    }

    fn wall_ms(&self) -> i64 {
        now().0
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        let mut timer = None;
        let promise = Promise::new(&mut |ring, _| {
            let ms = i32::try_from(ms).unwrap_or(i32::MAX);
            let id = window().set_timeout_with_callback_and_timeout_and_arguments_0(&ring, ms);
            timer = id.ok().map(|id| Timer { id, ring });
        });
        async move {
            let _timer = timer;
            let _ = JsFuture::from(promise).await;
        }
        .boxed_local()
    }
}

/// A timer of the browser. Every request has one for its timeout: those that nobody waits for any
/// more must not pile up.
struct Timer {
    id: i32,
    ring: Function,
}

impl Drop for Timer {
    fn drop(&mut self) {
        window().clear_timeout_with_handle(self.id);
        // Or else what waits for the promise would never be freed.
        let _ = self.ring.call0(&JsValue::NULL);
    }
}

/// The browser's cryptographic random numbers.
#[derive(Clone, Copy)]
pub struct BrowserRandom;

impl Random for BrowserRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // The browser takes at most 65,536 bytes at once; nobody asks for more here.
        let filled = window()
            .crypto()
            .and_then(|crypto| crypto.get_random_values_with_u8_array(bytes));
        // Passwords are made of these: none at all is better than one that can be guessed.
        assert!(filled.is_ok(), "The browser gives no random numbers.");
    }
}

/// Lets the browser breathe now and then during long computations.
pub struct Breath {
    since_ms: u64,
}

impl Breath {
    /// Begins to count the time since the page last had a turn.
    pub fn begin() -> Self {
        Breath {
            since_ms: BrowserClock.now_ms(),
        }
    }

    /// Breathes if it is time; says whether it did.
    pub async fn take(&mut self) -> bool {
        // A hidden tab is woken once a second only, and nobody waits for a frame.
        let longest = if document().hidden() { 400 } else { 12 };
        if BrowserClock.now_ms() - self.since_ms < longest {
            return false;
        }
        BrowserClock.sleep(0).await;
        self.since_ms = BrowserClock.now_ms();
        true
    }
}
