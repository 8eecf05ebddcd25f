//! One request to one homeserver: `fetch` with a timeout, cancelled when nobody waits for it.

use super::config::{Credentials, config_now};
use crate::api::exchange::{Clock, Network, Patient, wait_asked_ms};
use crate::api::origin::{is_same_origin, origin};
use crate::api::request::Body;
use crate::api::{Answer, ApiError, Call, HomeserverUrl, Method};
use crate::browser::clock::{BrowserClock, BrowserRandom};
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, select};
use gloo_net::http::{RequestBuilder, Response};
use web_sys::{AbortController, AbortSignal, ReferrerPolicy, RequestCredentials};

/// A connection to a homeserver, perhaps with a token.
#[derive(Clone)]
pub struct Wire {
    pub homeserver: HomeserverUrl,
    pub token: Option<String>,
}

/// Aborts the request when dropped with a controller: nobody waits for its answer any more.
pub(super) struct AbortOnDrop(pub Option<AbortController>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        if let Some(controller) = &self.0 {
            controller.abort();
        }
    }
}

/// Whether cookies go with it. A homeserver that allows every origin, as Synapse does, is closed
/// to pages that send some from elsewhere.
fn credentials(call: &Call) -> RequestCredentials {
    // The well-known file is at another address, and for everybody.
    if !call.path.starts_with('/') {
        return RequestCredentials::Omit;
    }
    match config_now().credentials {
        Credentials::SameOrigin => RequestCredentials::SameOrigin,
        Credentials::Include => RequestCredentials::Include,
        Credentials::Omit => RequestCredentials::Omit,
    }
}

impl Wire {
    /// This connection as pure code takes it.
    pub fn patient(&self) -> Patient<'_> {
        Patient {
            network: self,
            clock: &BrowserClock,
            random: &BrowserRandom,
        }
    }

    /// Sends a request; the body of what comes back has not been read.
    pub(super) async fn open(
        &self,
        call: &Call,
        signal: Option<&AbortSignal>,
    ) -> Result<Response, ApiError> {
        let url = call.url(&self.homeserver);
        let unreachable = |error: gloo_net::Error| ApiError::Unreachable {
            url: url.split('?').next().unwrap_or_default().to_owned(),
            detail: error.to_string(),
        };
        let mut request = RequestBuilder::new(&url)
            .method(match call.method {
                Method::Get => gloo_net::http::Method::GET,
                Method::Post => gloo_net::http::Method::POST,
                Method::Put => gloo_net::http::Method::PUT,
                Method::Delete => gloo_net::http::Method::DELETE,
            })
            .credentials(credentials(call))
            .referrer_policy(ReferrerPolicy::NoReferrer)
            .abort_signal(signal);
        let token = call.token.as_ref().map(|token| &token.0);
        if let Some(token) = token.or(self.token.as_ref()).filter(|_| call.authorized) {
            request = request.header("Authorization", &format!("Bearer {token}"));
        }
        let request = match &call.body {
            Body::None => request.build(),
            Body::Json(json) => request
                .header("Content-Type", "application/json")
                .body(json.as_str()),
            Body::File {
                content_type,
                bytes,
            } => request
                .header("Content-Type", content_type)
                .body(js_sys::Uint8Array::from(bytes.as_slice())),
        };
        request
            .map_err(unreachable)?
            .send()
            .await
            .map_err(unreachable)
    }

    async fn fetch(&self, call: &Call, signal: Option<AbortSignal>) -> Result<Answer, ApiError> {
        let response = self.open(call, signal.as_ref()).await?;
        self.read(call, response).await
    }

    /// Reads all of what has come back.
    pub(super) async fn read(&self, call: &Call, response: Response) -> Result<Answer, ApiError> {
        let url = call.url(&self.homeserver);
        let unreachable = |error: gloo_net::Error| ApiError::Unreachable {
            url: url.split('?').next().unwrap_or_default().to_owned(),
            detail: error.to_string(),
        };
        let headers = response.headers();
        let date = |text: &str| {
            let ms = js_sys::Date::parse(text);
            (!ms.is_nan()).then_some(ms as i64)
        };
        Ok(Answer {
            status: response.status(),
            content_type: headers.get("content-type").unwrap_or_default(),
            retry_after_ms: headers
                .get("retry-after")
                .and_then(|text| wait_asked_ms(&text, BrowserClock.wall_ms(), date)),
            moved_to: response
                .redirected()
                .then(|| origin(&response.url()).to_owned())
                .filter(|origin| !is_same_origin(&url, origin)),
            body: response.binary().await.map_err(unreachable)?,
        })
    }
}

impl Network for Wire {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let mut guard = AbortOnDrop(AbortController::new().ok());
            let timeout = BrowserClock.sleep(u64::from(call.timeout_ms));
            let signal = guard.0.as_ref().map(AbortController::signal);
            let answer = Box::pin(self.fetch(call, signal));
            match select(answer, timeout).await {
                Either::Left((answer, _)) => {
                    guard.0 = None;
                    answer
                }
                Either::Right(_) => Err(ApiError::TimedOut {
                    after_ms: call.timeout_ms,
                }),
            }
        }
        .boxed_local()
    }
}
