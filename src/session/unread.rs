//! Whether anybody is there whose answers the page may not read. A browser says the same of a server that is down
//! and of answers without CORS headers, but for a request whose answer nobody wants to read.

use super::wire::AbortOnDrop;
use crate::api::exchange::Clock;
use crate::api::{Call, HomeserverUrl};
use crate::browser::clock::BrowserClock;
use futures_util::future::{Either, select};
use gloo_net::http::Request;
use js_sys::Reflect;
use std::pin::pin;
use web_sys::{AbortController, ReferrerPolicy, RequestCredentials, RequestInit};

/// How long an answer is waited for, in milliseconds: somebody waits to be told what is wrong.
const PATIENCE_MS: u64 = 5_000;

/// Whether something answers this request, whatever it says. It is sent without token and cookies.
pub async fn is_answered(homeserver: &HomeserverUrl, call: &Call) -> bool {
    let guard = AbortOnDrop(AbortController::new().ok());
    let init = RequestInit::new();
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init.set_signal(guard.0.as_ref().map(AbortController::signal).as_ref());
    // By name: a function of its own would be in the download of the log-in page.
    let is_set = Reflect::set(&init, &"mode".into(), &"no-cors".into());
    let url = call.url(homeserver);
    let request = web_sys::Request::new_with_str_and_init(&url, &init);
    let (Ok(true), Ok(request)) = (is_set, request) else {
        return false;
    };
    let answer = pin!(Request::from(request).send());
    match select(answer, BrowserClock.sleep(PATIENCE_MS)).await {
        Either::Left((answer, _)) => answer.is_ok(),
        Either::Right(_) => false,
    }
}
