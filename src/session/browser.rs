//! The browser's clock and random numbers.

use crate::api::exchange::{Clock, Random};
use crate::api::tolerant::Timestamp;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use js_sys::{Date, Promise};
use leptos::prelude::window;
use wasm_bindgen_futures::JsFuture;

/// Time, as the browser tells it.
#[derive(Clone, Copy)]
pub struct BrowserClock;

/// The current time.
pub fn now() -> Timestamp {
    Timestamp(Date::now() as i64)
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
        let promise = Promise::new(&mut |resolve, _| {
            let ms = i32::try_from(ms).unwrap_or(i32::MAX);
            let _ = window().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
        });
        JsFuture::from(promise).map(|_| ()).boxed_local()
    }
}

/// The browser's cryptographic random numbers.
#[derive(Clone, Copy)]
pub struct BrowserRandom;

impl Random for BrowserRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // The browser takes at most 65,536 bytes at once; nobody asks for more here.
        if let Ok(crypto) = window().crypto() {
            let _ = crypto.get_random_values_with_u8_array(bytes);
        }
    }
}
