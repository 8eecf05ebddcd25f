//! Runs the requests of [`synapse_admin::api`] without a browser.
//!
//! Every request has a connection of its own: nothing is shared between runtimes, so each test
//! may have its own, and what a server or proxy does to one connection hits one request.

use futures_util::future::{Either, LocalBoxFuture, select};
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::pin::pin;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use synapse_admin::api::exchange::{Clock, Network, Random, wait_asked_ms};
use synapse_admin::api::request::Body;
use synapse_admin::api::{Answer, ApiError, Call, HomeserverUrl, Request};
use tokio::net::TcpStream;

/// A client of one homeserver over plain `http`.
#[derive(Clone, Debug)]
pub struct Client {
    homeserver: HomeserverUrl,
    token: Option<String>,
}

impl Client {
    /// A client without a token.
    pub fn new(homeserver: HomeserverUrl) -> Self {
        Client {
            homeserver,
            token: None,
        }
    }

    /// The same with an access token.
    pub fn with_token(&self, token: impl Into<String>) -> Self {
        Client {
            homeserver: self.homeserver.clone(),
            token: Some(token.into()),
        }
    }

    /// The same homeserver reached at another address, for example through a proxy.
    pub fn at(&self, homeserver: HomeserverUrl) -> Self {
        Client {
            homeserver,
            token: self.token.clone(),
        }
    }

    /// Whom it talks to.
    pub fn homeserver(&self) -> &HomeserverUrl {
        &self.homeserver
    }

    /// The access token.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Sends a request once and reads its answer.
    pub async fn run<T>(&self, request: &Request<T>) -> Result<T, ApiError> {
        request.read(&self.answer(&request.call).await?)
    }

    /// Sends a request once; the answer as it came, and what it decodes to.
    pub async fn run_raw<T>(
        &self,
        request: &Request<T>,
    ) -> Result<(Answer, Result<T, ApiError>), ApiError> {
        let answer = self.answer(&request.call).await?;
        let value = request.read(&answer);
        Ok((answer, value))
    }

    /// Sends a call once. An answer of any status is an `Ok`.
    pub async fn answer(&self, call: &Call) -> Result<Answer, ApiError> {
        let limit = Duration::from_millis(u64::from(call.timeout_ms));
        match tokio::time::timeout(limit, self.exchange_once(call)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(ApiError::TimedOut {
                after_ms: call.timeout_ms,
            }),
        }
    }

    async fn exchange_once(&self, call: &Call) -> Result<Answer, ApiError> {
        let url = call.url(&self.homeserver);
        let unreachable = |detail: &dyn std::fmt::Display| ApiError::Unreachable {
            url: url.clone(),
            detail: detail.to_string(),
        };
        let Some(rest) = url.strip_prefix("http://") else {
            return Err(unreachable(&"only http is spoken here"));
        };
        let (authority, target) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let address = match authority.rsplit_once(':') {
            Some((_, port)) if port.bytes().all(|b| b.is_ascii_digit()) => authority.to_owned(),
            _ => format!("{authority}:80"),
        };
        let mut request = hyper::Request::builder()
            .method(call.method.as_str())
            .uri(if target.is_empty() { "/" } else { target })
            .header("Host", authority);
        let token = call.token.as_ref().map(|token| &token.0);
        if let (true, Some(token)) = (call.authorized, token.or(self.token.as_ref())) {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let (content_type, bytes) = match &call.body {
            Body::None => (None, Bytes::new()),
            Body::Json(json) => (Some("application/json"), Bytes::from(json.clone())),
            Body::File {
                content_type,
                bytes,
            } => (Some(content_type.as_str()), Bytes::from(bytes.clone())),
        };
        if let Some(content_type) = content_type {
            // Said even for an empty file, as browsers do.
            request = request
                .header("Content-Type", content_type)
                .header("Content-Length", bytes.len());
        }
        let request = request
            .body(Full::new(bytes))
            .map_err(|error| unreachable(&error))?;

        let stream = TcpStream::connect(&address)
            .await
            .map_err(|error| unreachable(&error))?;
        // Small requests must not wait for each other's acknowledgement.
        let _ = stream.set_nodelay(true);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
            .await
            .map_err(|error| unreachable(&error))?;
        let exchange = async {
            let response = sender.send_request(request).await?;
            let status = response.status().as_u16();
            let content_type = response
                .headers()
                .get("content-type")
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned();
            let wait = response.headers().get("retry-after");
            let wait = wait
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned);
            let body = response.into_body().collect().await?.to_bytes();
            Ok::<_, hyper::Error>(Answer {
                retry_after_ms: wait.and_then(|text| wait_asked_ms(&text, 0, |_| None)),
                ..Answer::new(status, &content_type, body)
            })
        };
        // The connection does the work; it ends on its own when the other side closes.
        match select(pin!(exchange), pin!(connection)).await {
            Either::Left((outcome, _)) => outcome,
            Either::Right((Ok(()), exchange)) => exchange.await,
            Either::Right((Err(error), _)) => Err(error),
        }
        .map_err(|error| unreachable(&error))
    }
}

impl Network for Client {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        Box::pin(self.answer(call))
    }
}

/// The clock of this machine, for [`synapse_admin::api::exchange`].
#[derive(Clone, Copy, Debug)]
pub struct RealClock(Instant);

impl Default for RealClock {
    fn default() -> Self {
        RealClock(Instant::now())
    }
}

impl Clock for RealClock {
    fn now_ms(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn wall_ms(&self) -> i64 {
        wall_ms()
    }

    fn sleep(&self, ms: u64) -> LocalBoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(ms)))
    }
}

/// Milliseconds since 1970, UTC.
pub fn wall_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}

/// Chance from the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct RealRandom;

impl Random for RealRandom {
    fn fill(&self, bytes: &mut [u8]) {
        let random = crate::synapse::random_bytes(bytes.len());
        bytes.copy_from_slice(&random);
    }
}

/// The fields of an answer that its type does not read, as `users[].approved`.
///
/// Found by trying: a field is read if another value in its place decodes to something else, or
/// not at all.
pub fn unread_fields<T: PartialEq>(request: &Request<T>, answer: &Answer) -> Vec<String> {
    let Ok(document) = serde_json::from_slice::<Value>(&answer.body) else {
        return Vec::new();
    };
    let Ok(expected) = request.read(answer) else {
        return Vec::new();
    };
    let mut places = Vec::new();
    collect_places(&document, &mut Vec::new(), &mut places);
    let mut unread = Vec::new();
    for place in places {
        let mut changed = document.clone();
        if let Some(value) = at(&mut changed, &place) {
            // No field of ours has this type.
            *value = serde_json::json!([{"\u{1}": [[]]}]);
        }
        let changed = Answer {
            body: changed.to_string().into_bytes(),
            ..answer.clone()
        };
        if request.read(&changed).is_ok_and(|value| value == expected) {
            unread.push(shown(&place));
        }
    }
    // What lies below an unread field is unread as well, and says nothing new.
    unread.sort();
    let all = unread.clone();
    unread.retain(|field| {
        !all.iter().any(|other| {
            field != other && field.starts_with(other.as_str()) && {
                let rest = &field[other.len()..];
                rest.starts_with('.') || rest.starts_with('[')
            }
        })
    });
    unread
}

#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Index(usize),
}

fn shown(place: &[Step]) -> String {
    let mut out = String::new();
    for step in place {
        match step {
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Step::Index(_) => out.push_str("[]"),
        }
    }
    out
}

/// The first place of every kind of field.
fn collect_places(value: &Value, here: &mut Vec<Step>, places: &mut Vec<Vec<Step>>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                here.push(Step::Key(key.clone()));
                let name = shown(here);
                if !places.iter().any(|place| shown(place) == name) {
                    places.push(here.clone());
                }
                collect_places(value, here, places);
                here.pop();
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                here.push(Step::Index(index));
                collect_places(value, here, places);
                here.pop();
            }
        }
        _ => {}
    }
}

fn at<'a>(value: &'a mut Value, place: &[Step]) -> Option<&'a mut Value> {
    place.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapse_admin::api::users::UserPage;

    #[test]
    fn fields_that_a_type_does_not_read() {
        let request = Request::<UserPage>::get("/x");
        let answer = Answer::new(
            200,
            "application/json",
            br#"{"users":[{"name":"@a:b","admin":true},
                {"name":"@b:b","shoe":{"size":43},"locked":false}],"total":2,"more":1}"#,
        );
        assert_eq!(unread_fields(&request, &answer), ["more", "users[].shoe"]);
    }
}
