//! A proxy in front of a real Synapse that makes bad weather, as a test orders.
//!
//! It forwards everything, notes every request, and lets faults happen by [`Rule`]. It runs on
//! a thread of its own until it is dropped.
//!
//! ```no_run
//! # use xtask::proxy::{Fault, Proxy, Rule};
//! # fn main() -> anyhow::Result<()> {
//! let proxy = Proxy::start(8008)?;
//! // The third and fourth creation of a user are told to wait.
//! proxy.add(
//!     Rule::new("PUT", "/_synapse/admin/v2/users/*", Fault::rate_limited(Some(200)))
//!         .after(2)
//!         .times(2),
//! );
//! // … point the browser at proxy.url() …
//! assert_eq!(proxy.count("PUT", "/_synapse/admin/v2/users/*"), 10);
//! # Ok(())
//! # }
//! ```

use crate::serve::{Settled, Site};
use crate::synapse::free_port;
use crate::world::Chance;
use anyhow::{Context, Result};
use futures_util::future::select;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use synapse_admin::api::HomeserverUrl;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// How often it is looked whether what is held may go on.
const LOOKED: Duration = Duration::from_millis(10);

/// What happens to a request instead of, or besides, being forwarded.
#[derive(Clone, Debug, PartialEq)]
pub enum Fault {
    /// It is forwarded after a while.
    Delay(Duration),
    /// It is forwarded once the rules that hold something have been taken away.
    Held,
    /// It is forwarded, and answered once the rules that hold something have been taken away: the answer
    /// is from before.
    AnswerHeld,
    /// It is not forwarded; this is the answer.
    Answer {
        status: u16,
        content_type: &'static str,
        body: String,
        /// The `Retry-After` header.
        retry_after: Option<String>,
    },
    /// It is forwarded, but the answer is another: the server has done it and says otherwise.
    AnswerAfter {
        status: u16,
        content_type: &'static str,
        body: String,
    },
    /// 504 at once, as from a proxy that does not wait so long; it is forwarded once its rule is gone, and
    /// nobody hears the server's answer.
    Late,
    /// The connection is closed without an answer; the server never hears of it.
    DropBefore,
    /// The connection is closed without an answer, after the server has done it.
    DropAfter,
    /// There is never an answer; the server never hears of it.
    Hang,
    /// It is forwarded and answered, but without CORS headers: a browser may not read it.
    StripCors,
    /// It is forwarded without its `Authorization` header.
    StripAuthorization,
}

impl Fault {
    /// 429 `M_LIMIT_EXCEEDED`, with the wait that is asked for, if any.
    pub fn rate_limited(retry_after_ms: Option<u64>) -> Self {
        let wait = retry_after_ms.map_or(String::new(), |ms| format!(r#","retry_after_ms":{ms}"#));
        Fault::matrix(
            429,
            &format!(r#"{{"errcode":"M_LIMIT_EXCEEDED","error":"Too Many Requests"{wait}}}"#),
        )
    }

    /// 429 as a proxy says it: HTML, with the wait in seconds, or whatever stands in its
    /// `Retry-After` header.
    pub fn slow_down(retry_after: &str) -> Self {
        Fault::Answer {
            status: 429,
            content_type: "text/html",
            body: "<html><head><title>429 Too Many Requests</title></head></html>".to_owned(),
            retry_after: Some(retry_after.to_owned()),
        }
    }

    /// 404 as a proxy says it that knows no server behind it.
    pub fn no_route() -> Self {
        Fault::Answer {
            status: 404,
            content_type: "text/plain",
            body: "404 page not found\n".to_owned(),
            retry_after: None,
        }
    }

    /// 500 as Synapse says it.
    pub fn server_error() -> Self {
        Fault::matrix(
            500,
            r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#,
        )
    }

    /// 502 as a web server in front of Synapse says it: HTML.
    pub fn bad_gateway() -> Self {
        Fault::html(
            502,
            "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
        )
    }

    /// 504 as a web server in front of Synapse says it, after Synapse has done it all the same.
    pub fn gave_up_waiting() -> Self {
        Fault::AnswerAfter {
            status: 504,
            content_type: "text/html",
            body: "<html><head><title>504 Gateway Time-out</title></head></html>".to_owned(),
        }
    }

    /// 401: the token has been revoked.
    pub fn token_revoked() -> Self {
        Fault::matrix(
            401,
            r#"{"errcode":"M_UNKNOWN_TOKEN","error":"Invalid access token passed.","soft_logout":false}"#,
        )
    }

    /// 200 with a web page where JSON is expected.
    pub fn web_page() -> Self {
        Fault::html(200, "<!doctype html><title>Welcome</title><p>It works!</p>")
    }

    /// A JSON answer.
    pub fn matrix(status: u16, body: &str) -> Self {
        Fault::Answer {
            status,
            content_type: "application/json",
            body: body.to_owned(),
            retry_after: None,
        }
    }

    /// An HTML answer.
    pub fn html(status: u16, body: &str) -> Self {
        Fault::Answer {
            status,
            content_type: "text/html",
            body: body.to_owned(),
            retry_after: None,
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Fault::Delay(_) => "delay",
            Fault::Held => "held",
            Fault::AnswerHeld => "answer held",
            Fault::Answer { .. } => "answer",
            Fault::AnswerAfter { .. } => "answer after",
            Fault::Late => "late",
            Fault::DropBefore => "drop before",
            Fault::DropAfter => "drop after",
            Fault::Hang => "hang",
            Fault::StripCors => "strip CORS",
            Fault::StripAuthorization => "strip authorization",
        }
    }
}

/// Which requests a fault happens to. The first rule that applies to a request is taken.
#[derive(Debug)]
pub struct Rule {
    method: String,
    pattern: String,
    fault: Fault,
    cors: bool,
    skip: u64,
    every: u64,
    left: Option<u64>,
    chance: Option<(f64, Chance)>,
    seen: u64,
}

impl Rule {
    /// Every request with this method and path.
    ///
    /// The method `*` is any but `OPTIONS`: preflights go through unless meant. In the path,
    /// which is compared decoded, `*` stands for anything; a pattern with `?` is compared with
    /// the query, others without.
    pub fn new(method: &str, pattern: &str, fault: Fault) -> Self {
        Rule {
            method: method.to_owned(),
            pattern: pattern.to_owned(),
            fault,
            cors: true,
            skip: 0,
            every: 1,
            left: None,
            chance: None,
            seen: 0,
        }
    }

    /// Only so many times.
    pub fn times(mut self, times: u64) -> Self {
        self.left = Some(times);
        self
    }

    /// Not to the first so many.
    pub fn after(mut self, requests: u64) -> Self {
        self.skip = requests;
        self
    }

    /// Only to every nth, beginning with the nth.
    pub fn every(mut self, nth: u64) -> Self {
        self.every = nth.max(1);
        self
    }

    /// Only with this probability, from 0 to 1; the same seed chooses the same requests.
    pub fn with_probability(mut self, probability: f64, seed: u64) -> Self {
        self.chance = Some((probability, Chance::new(seed)));
        self
    }

    /// An answer of ours comes without CORS headers, as from many a proxy.
    pub fn without_cors(mut self) -> Self {
        self.cors = false;
        self
    }

    /// Whether it happens to this request; counts it.
    fn applies(&mut self, method: &str, target: &str) -> bool {
        if !matches(&self.method, &self.pattern, method, target) || self.left == Some(0) {
            return false;
        }
        self.seen += 1;
        let chosen = self.seen > self.skip
            && (self.seen - self.skip).is_multiple_of(self.every)
            && self.chance.as_mut().is_none_or(|(probability, chance)| {
                (chance.next() >> 11) as f64 / ((1_u64 << 53) as f64) < *probability
            });
        if chosen && let Some(left) = &mut self.left {
            *left -= 1;
        }
        chosen
    }
}

/// A request that came by.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub method: String,
    /// Path and query as sent, percent-encoded.
    pub target: String,
    /// When it came and was answered, in milliseconds since the proxy began; `None` while it is
    /// under way.
    pub began_ms: u64,
    pub ended_ms: Option<u64>,
    /// What the client got; `None` if nothing.
    pub status: Option<u16>,
    /// Bytes of the request's body.
    pub body_bytes: usize,
    /// The request's body.
    pub body: Vec<u8>,
    /// Whether it went to the server.
    pub forwarded: bool,
    /// What was done to it.
    pub fault: Option<&'static str>,
}

impl Seen {
    /// The path without query, decoded.
    pub fn path(&self) -> String {
        decoded(self.target.split('?').next().unwrap_or_default())
    }
}

#[derive(Default)]
struct Book {
    rules: Vec<(u64, Rule)>,
    last_rule: u64,
    seen: Vec<Seen>,
    /// How many entries were forgotten: entries are known by their number.
    forgotten: usize,
}

struct Shared {
    upstream: Mutex<u16>,
    /// What is served beside the homeserver, under the same origin.
    site: Option<Settled>,
    began: Instant,
    book: Mutex<Book>,
}

impl Shared {
    fn book(&self) -> MutexGuard<'_, Book> {
        // A test that panicked has nothing half done in here.
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now_ms(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn note(&self, number: usize, write: impl FnOnce(&mut Seen)) {
        let mut book = self.book();
        let index = number.checked_sub(book.forgotten);
        if let Some(entry) = index.and_then(|index| book.seen.get_mut(index)) {
            write(entry);
        }
    }
}

/// A running proxy. Stops when dropped.
pub struct Proxy {
    shared: Arc<Shared>,
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Names a rule, to take it away again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleId(u64);

impl Proxy {
    /// A proxy on a free port of 127.0.0.1, before the server at a port of 127.0.0.1.
    pub fn start(upstream: u16) -> Result<Self> {
        Self::start_with(upstream, None)
    }

    /// The same, with the panel at the homeserver's own origin. Requests for the panel are
    /// neither noted nor subject to rules.
    pub fn start_beside(upstream: u16, site: Site) -> Result<Self> {
        Self::start_with(upstream, Some(site.settled()?))
    }

    fn start_with(upstream: u16, site: Option<Settled>) -> Result<Self> {
        // Never one that another proxy has had: a browser may keep something of it.
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, free_port()?))
            .context("No free port on 127.0.0.1.")?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let shared = Arc::new(Shared {
            upstream: Mutex::new(upstream),
            site,
            began: Instant::now(),
            book: Mutex::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let ours = Arc::clone(&shared);
        let thread = thread::spawn(move || {
            let answer = move |request| handle(Arc::clone(&ours), request);
            let accepting = pin!(accept(listener, answer));
            runtime.block_on(select(accepting, stopped));
        });
        Ok(Proxy {
            shared,
            port,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Where it listens, as a homeserver.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The same as a value of the API.
    pub fn homeserver(&self) -> HomeserverUrl {
        HomeserverUrl::parse(&self.url()).expect("our own URL parses")
    }

    /// From now on another server is behind it.
    pub fn set_upstream(&self, port: u16) {
        let mut upstream = self.shared.upstream.lock();
        *upstream.as_deref_mut().expect("nobody panics with it") = port;
    }

    /// Adds a rule after those that are there.
    pub fn add(&self, rule: Rule) -> RuleId {
        let mut book = self.shared.book();
        book.last_rule += 1;
        let id = book.last_rule;
        book.rules.push((id, rule));
        RuleId(id)
    }

    /// Takes a rule away. Requests that already suffer from it go on suffering.
    pub fn remove(&self, id: RuleId) {
        self.shared.book().rules.retain(|(other, _)| *other != id.0);
    }

    /// Takes all rules away.
    pub fn clear_rules(&self) {
        self.shared.book().rules.clear();
    }

    /// Everything that came by since the start or [`Proxy::forget`], preflights included.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.book().seen.clone()
    }

    /// What came by with this method and path, patterns as in [`Rule::new`].
    pub fn seen_of(&self, method: &str, pattern: &str) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|entry| matches(method, pattern, &entry.method, &entry.target));
        seen
    }

    /// How many requests came by with this method and path, patterns as in [`Rule::new`].
    pub fn count(&self, method: &str, pattern: &str) -> usize {
        self.seen_of(method, pattern).len()
    }

    /// Whether all that came by with this method and path, patterns as in [`Rule::new`], has been answered.
    pub fn is_answered(&self, method: &str, pattern: &str) -> bool {
        let seen = self.seen_of(method, pattern);
        seen.iter().all(|seen| seen.ended_ms.is_some())
    }

    /// Everything but `GET`, `HEAD` and preflights: what can change something.
    pub fn changes(&self) -> Vec<Seen> {
        let mut seen = self.seen();
        seen.retain(|entry| !matches!(entry.method.as_str(), "GET" | "HEAD" | "OPTIONS"));
        seen
    }

    /// How many requests with this method and path were under way at once, at most.
    pub fn most_at_once(&self, method: &str, pattern: &str) -> usize {
        let seen = self.seen_of(method, pattern);
        seen.iter()
            .map(|one| {
                let is_under_way = |other: &&Seen| {
                    other.began_ms <= one.began_ms
                        && other.ended_ms.is_none_or(|end| end > one.began_ms)
                };
                seen.iter().filter(is_under_way).count()
            })
            .max()
            .unwrap_or(0)
    }

    /// Forgets what came by.
    pub fn forget(&self) {
        let mut book = self.shared.book();
        book.forgotten += book.seen.len();
        book.seen.clear();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // Fails only when the thread is gone already.
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Answers each connection by `handle`, for ever.
pub(crate) async fn accept<F, A, E>(listener: std::net::TcpListener, handle: F)
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<Full<Bytes>>, E>> + Send,
    E: std::error::Error + Send + Sync + 'static,
{
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file descriptors, perhaps: not for long.
            tokio::time::sleep(Duration::from_millis(10)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let service = service_fn(handle.clone());
        tokio::spawn(async move {
            // An error is a connection that ended badly, often because we wanted it to.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Why a connection ends without an answer.
#[derive(Debug)]
pub(crate) struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("dropped on purpose")
    }
}

impl std::error::Error for Dropped {}

/// Notes the end of a request, even when the client goes away before.
struct Entry {
    shared: Arc<Shared>,
    number: usize,
}

impl Drop for Entry {
    fn drop(&mut self) {
        let now_ms = self.shared.now_ms();
        self.shared
            .note(self.number, |seen| seen.ended_ms = Some(now_ms));
    }
}

/// Waits until the rule that holds something has been taken away. Another that holds as well, and came
/// since, holds what comes since.
async fn let_go(shared: &Shared, held_by: u64) {
    let is_held = || shared.book().rules.iter().any(|(id, _)| *id == held_by);
    while is_held() {
        tokio::time::sleep(LOOKED).await;
    }
}

async fn handle(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Dropped> {
    if let Some(site) = &shared.site
        && request.uri().path().starts_with(site.prefix())
    {
        return Ok(site.answer(&request));
    }
    let began_ms = shared.now_ms();
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Dropped)?.to_bytes();
    let method = head.method.as_str().to_owned();
    let target = head
        .uri
        .path_and_query()
        .map_or("/".to_owned(), |target| target.as_str().to_owned());

    let (number, fault) = {
        let mut book = shared.book();
        let fault = book.rules.iter_mut().find_map(|(id, rule)| {
            rule.applies(&method, &target)
                .then(|| (*id, rule.fault.clone(), rule.cors))
        });
        let number = book.forgotten + book.seen.len();
        book.seen.push(Seen {
            method,
            target,
            began_ms,
            ended_ms: None,
            status: None,
            body_bytes: body.len(),
            body: body.to_vec(),
            forwarded: false,
            fault: fault.as_ref().map(|(_, fault, _)| fault.name()),
        });
        (number, fault)
    };
    let entry = Entry {
        shared: Arc::clone(&shared),
        number,
    };

    let strips = matches!(fault, Some((_, Fault::StripAuthorization, _)));
    let forward = || async {
        let port = *shared
            .upstream
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        shared.note(number, |seen| seen.forwarded = true);
        forwarded(port, &head, body.clone(), strips).await
    };
    let (rule, fault, cors) = match fault {
        Some((rule, fault, cors)) => (rule, Some(fault), cors),
        None => (0, None, true),
    };
    let response = match fault {
        None | Some(Fault::StripAuthorization) => forward().await?,
        Some(Fault::Delay(wait)) => {
            tokio::time::sleep(wait).await;
            forward().await?
        }
        Some(Fault::Held) => {
            let_go(&shared, rule).await;
            forward().await?
        }
        Some(Fault::AnswerHeld) => {
            let response = forward().await?;
            let_go(&shared, rule).await;
            response
        }
        Some(Fault::Answer {
            status,
            content_type,
            body,
            retry_after,
        }) => {
            let mut response = injected(status, content_type, body, cors);
            if let Some(value) = retry_after.and_then(|text| HeaderValue::from_str(&text).ok()) {
                response.headers_mut().insert("retry-after", value);
            }
            response
        }
        Some(Fault::AnswerAfter {
            status,
            content_type,
            body,
        }) => {
            forward().await?;
            injected(status, content_type, body, cors)
        }
        Some(Fault::Late) => {
            let shared = Arc::clone(&shared);
            let (head, body) = (head.clone(), body.clone());
            tokio::spawn(async move {
                let_go(&shared, rule).await;
                let port = *shared
                    .upstream
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                shared.note(number, |seen| seen.forwarded = true);
                let _ = forwarded(port, &head, body, false).await;
            });
            let page = "<html><head><title>504 Gateway Time-out</title></head></html>";
            injected(504, "text/html", page.to_owned(), cors)
        }
        Some(Fault::DropBefore) => return Err(Dropped),
        Some(Fault::DropAfter) => {
            forward().await?;
            return Err(Dropped);
        }
        Some(Fault::Hang) => std::future::pending().await,
        Some(Fault::StripCors) => {
            let mut response = forward().await?;
            let names: Vec<HeaderName> = response
                .headers()
                .keys()
                .filter(|name| name.as_str().starts_with("access-control-"))
                .cloned()
                .collect();
            for name in names {
                response.headers_mut().remove(name);
            }
            response
        }
    };
    shared.note(entry.number, |seen| {
        seen.status = Some(response.status().as_u16());
    });
    Ok(response)
}

/// Headers that concern one connection only, or that we set ourselves.
const NOT_FORWARDED: [&str; 5] = [
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
    "upgrade",
];

/// What the server at a port of this machine answers.
pub(crate) async fn forwarded(
    port: u16,
    head: &hyper::http::request::Parts,
    body: Bytes,
    without_authorization: bool,
) -> Result<Response<Full<Bytes>>, Dropped> {
    let exchange = async {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .parse()?;
        copy_headers(&head.headers, request.headers_mut());
        if without_authorization {
            request.headers_mut().remove("authorization");
        }
        if !body.is_empty() || !matches!(head.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
            request
                .headers_mut()
                .insert("content-length", HeaderValue::from(body.len()));
        }
        let (answer, body) = sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = answer.status;
        copy_headers(&answer.headers, response.headers_mut());
        Ok::<_, Box<dyn std::error::Error + Send + Sync>>(response)
    };
    // The server is gone: so is the connection.
    exchange.await.map_err(|_| Dropped)
}

fn copy_headers(from: &HeaderMap, to: &mut HeaderMap) {
    for (name, value) in from {
        if !NOT_FORWARDED.contains(&name.as_str()) {
            to.append(name, value.clone());
        }
    }
}

fn injected(
    status: u16,
    content_type: &'static str,
    body: String,
    cors: bool,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() =
        hyper::StatusCode::from_u16(status).unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    if cors {
        // As Synapse sends them.
        for (name, value) in [
            ("access-control-allow-origin", "*"),
            (
                "access-control-allow-methods",
                "GET, HEAD, POST, PUT, DELETE, OPTIONS",
            ),
            (
                "access-control-allow-headers",
                "X-Requested-With, Content-Type, Authorization, Date",
            ),
            (
                "access-control-expose-headers",
                "Synapse-Trace-Id, Server, Retry-After",
            ),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Whether a request is meant; see [`Rule::new`].
fn matches(method_pattern: &str, pattern: &str, method: &str, target: &str) -> bool {
    let is_method = match method_pattern {
        "*" => method != "OPTIONS",
        one => one.eq_ignore_ascii_case(method),
    };
    let text = if pattern.contains('?') {
        target
    } else {
        target.split('?').next().unwrap_or_default()
    };
    is_method && glob(pattern.as_bytes(), decoded(text).as_bytes())
}

/// Whether a text is like a pattern in which `*` stands for anything.
fn glob(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| glob(rest, &text[skipped..])),
        Some((letter, rest)) => text.first() == Some(letter) && glob(rest, &text[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::Client;
    use std::io::{Read, Write};
    use std::sync::atomic::{AtomicU64, Ordering};
    use synapse_admin::api::{ApiError, Request as ApiRequest};

    #[test]
    fn patterns() {
        assert!(matches("*", "*", "GET", "/x?y=1"));
        assert!(!matches("*", "*", "OPTIONS", "/x"));
        assert!(matches("options", "/x", "OPTIONS", "/x"));
        assert!(matches("PUT", "/users/@a:*", "PUT", "/users/%40a%3Ab?x=1"));
        assert!(!matches("PUT", "/users", "PUT", "/users/%40a"));
        assert!(matches("GET", "/x?*from=10", "GET", "/x?a=b&from=10"));
    }

    #[test]
    fn rules_choose() {
        let fates =
            |mut rule: Rule| -> Vec<bool> { (0..8).map(|_| rule.applies("GET", "/x")).collect() };
        let rule = || Rule::new("GET", "/x", Fault::Hang);
        let which = |fates: Vec<bool>| -> Vec<usize> {
            fates
                .iter()
                .enumerate()
                .filter(|(_, hit)| **hit)
                .map(|(i, _)| i)
                .collect()
        };
        assert_eq!(which(fates(rule().times(2))), [0, 1]);
        assert_eq!(which(fates(rule().after(3).times(2))), [3, 4]);
        assert_eq!(which(fates(rule().every(3))), [2, 5]);
        let chosen = which(fates(rule().with_probability(0.5, 1)));
        assert_eq!(chosen, which(fates(rule().with_probability(0.5, 1))));
        assert!(!chosen.is_empty() && chosen.len() < 8);
        assert_eq!(
            which(fates(rule().with_probability(0.0, 1))),
            [] as [usize; 0]
        );
    }

    /// A server that answers every request with how many it has had.
    fn counting_server() -> (u16, Arc<AtomicU64>) {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let count = Arc::new(AtomicU64::new(0));
        let ours = Arc::clone(&count);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer);
                let number = ours.fetch_add(1, Ordering::SeqCst) + 1;
                let body = number.to_string();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        (port, count)
    }

    #[tokio::test]
    async fn faults_happen_as_ordered() {
        let (port, served) = counting_server();
        let proxy = Proxy::start(port).unwrap();
        let client = Client::new(proxy.homeserver());
        let request = ApiRequest::<u64>::get("/n");
        let served = || served.load(Ordering::SeqCst);
        assert_eq!(client.run(&request).await, Ok(1));

        proxy.add(Rule::new("GET", "/n", Fault::rate_limited(Some(7))).times(1));
        let limited = client.run(&request).await.unwrap_err();
        assert!(matches!(
            limited,
            ApiError::RateLimited {
                retry_after_ms: Some(7),
                ..
            }
        ));
        assert_eq!(served(), 1);

        proxy.add(Rule::new("*", "*", Fault::DropBefore).times(1));
        let dropped = client.run(&request).await.unwrap_err();
        assert!(
            matches!(dropped, ApiError::Unreachable { .. }),
            "{dropped:?}"
        );
        assert_eq!(served(), 1);

        proxy.add(Rule::new("*", "*", Fault::DropAfter).times(1));
        let dropped = client.run(&request).await.unwrap_err();
        assert!(
            matches!(dropped, ApiError::Unreachable { .. }),
            "{dropped:?}"
        );
        assert_eq!(served(), 2);

        let hanging = proxy.add(Rule::new("*", "*", Fault::Hang));
        let impatient = request.clone().timeout_ms(5_000);
        let hung = client.run(&impatient).await.unwrap_err();
        assert_eq!(hung, ApiError::TimedOut { after_ms: 5_000 });
        // It hears of it, and that nobody waits any more, in its own time.
        let has_ended = |entry: &Seen| entry.ended_ms.is_some();
        let begun = Instant::now();
        while proxy.count("*", "*") < 5 || !proxy.seen().iter().all(has_ended) {
            assert!(begun.elapsed() < Duration::from_secs(60), "it never ends");
            tokio::time::sleep(LOOKED).await;
        }
        proxy.remove(hanging);

        proxy.add(Rule::new("*", "*", Fault::bad_gateway()).times(1));
        let gateway = client.run(&request).await.unwrap_err();
        assert!(matches!(gateway, ApiError::NotMatrix { status: 502, .. }));

        proxy.add(Rule::new("*", "*", Fault::Delay(Duration::from_millis(50))).times(1));
        let begun = Instant::now();
        assert_eq!(client.run(&request).await, Ok(3));
        assert!(begun.elapsed() >= Duration::from_millis(50));

        proxy.add(Rule::new("*", "*", Fault::Held));
        let let_go = async {
            while proxy.count("*", "*") < 8 && begun.elapsed() < Duration::from_secs(60) {
                tokio::time::sleep(LOOKED).await;
            }
            assert_eq!(served(), 3);
            proxy.clear_rules();
        };
        let (held, ()) = tokio::join!(client.run(&request), let_go);
        assert_eq!(held, Ok(4));
        assert_eq!(proxy.most_at_once("*", "*"), 1);

        proxy.add(Rule::new("*", "*", Fault::AnswerHeld).times(1));
        let answered_meanwhile = async {
            while served() < 5 {
                tokio::time::sleep(LOOKED).await;
            }
            let other = client.run(&request).await;
            proxy.clear_rules();
            other
        };
        let both = tokio::join!(client.run(&request), answered_meanwhile);
        assert_eq!(both, (Ok(5), Ok(6)));

        let seen = proxy.seen();
        assert_eq!(seen.len(), 10);
        assert_eq!(proxy.count("GET", "/n"), 10);
        assert_eq!(seen.iter().filter(|entry| entry.forwarded).count(), 6);
        assert_eq!(seen[1].status, Some(429));
        assert_eq!((seen[2].status, seen[2].fault), (None, Some("drop before")));
        assert!(proxy.changes().is_empty());
        proxy.forget();
        assert!(proxy.seen().is_empty());
    }
}
