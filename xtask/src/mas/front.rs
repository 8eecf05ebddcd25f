//! Who answers which path, with the CORS headers that MAS sends, or without them.

use super::described::Described;
use super::state::{Kind, State};
use super::{admin, policy, tokens};
use crate::proxy::{self, forwarded};
use anyhow::{Context, Result};
use futures_util::FutureExt;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use hyper::{Method, Request, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An answer on its way out.
pub(super) type Answer = Response<Full<Bytes>>;

/// What the requests share.
pub(super) struct Shared {
    /// Where browsers find it, without a slash at the end.
    pub base: String,
    /// What Synapse shows when it asks about a token, and is shown when it is told of an account.
    pub secret: String,
    /// Where oidc-provider listens.
    provider: u16,
    /// What the homeserver calls itself that leaves its accounts to it, and its port on 127.0.0.1.
    homeserver: Mutex<Option<(String, u16)>>,
    /// What judges the answers of the admin API, where it is there.
    described: Option<Described>,
    book: Mutex<tokens::Book>,
    state: Mutex<State>,
}

/// A request, read.
pub(super) struct Asked {
    pub head: Parts,
    pub body: Bytes,
}

impl Asked {
    pub fn path(&self) -> &str {
        self.head.uri.path()
    }

    pub fn bearer(&self) -> Option<&str> {
        let header = self.head.headers.get("authorization")?.to_str().ok()?;
        header.strip_prefix("Bearer ")
    }

    /// The fields of a form.
    pub fn form(&self) -> Vec<(String, String)> {
        pairs(&String::from_utf8_lossy(&self.body))
    }
}

/// The fields of a form or a query.
pub(super) fn pairs(text: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(key, value)| (plain(key), plain(value)))
        .collect()
}

pub(super) fn field<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut found = fields.iter().filter(|(key, _)| key == name);
    found.next().map(|(_, value)| value.as_str())
}

pub(super) fn json_answer(status: u16, body: &Value) -> Answer {
    answer(status, "application/json", body.to_string())
}

pub(super) fn refusal(status: u16, error: &str, description: &str) -> Answer {
    let body = json!({"error": error, "error_description": description});
    json_answer(status, &body)
}

pub(super) fn answer(status: u16, content_type: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    let headers = answer.headers_mut();
    headers.insert("content-type", HeaderValue::from_static(content_type));
    answer
}

fn page(status: u16, title: &str) -> Answer {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>{title}</title>\
         <link rel=\"icon\" href=\"data:,\"><h1>{title}</h1></html>"
    );
    answer(status, "text/html; charset=utf-8", body)
}

impl Shared {
    /// Whether something judges the answers of the admin API.
    pub fn is_judged(&self) -> bool {
        self.described.is_some()
    }

    pub fn new(base: String, provider: u16, described: Option<Described>) -> Self {
        let secret = crate::synapse::random_bytes(16);
        Shared {
            base,
            secret: secret.iter().map(|byte| format!("{byte:02x}")).collect(),
            provider,
            homeserver: Mutex::default(),
            described,
            book: Mutex::default(),
            state: Mutex::default(),
        }
    }

    /// From now on it keeps the accounts of this homeserver.
    pub fn serve(&self, server_name: &str, port: u16) {
        *lock(&self.homeserver) = Some((server_name.to_owned(), port));
    }

    /// What the homeserver calls itself; empty before there is one.
    pub fn server_name(&self) -> String {
        let homeserver = lock(&self.homeserver);
        homeserver
            .as_ref()
            .map(|(name, _)| name.clone())
            .unwrap_or_default()
    }

    /// Where Synapse listens on 127.0.0.1, once there is one.
    pub fn synapse(&self) -> Option<u16> {
        lock(&self.homeserver).as_ref().map(|(_, port)| *port)
    }

    /// What has been noted of tokens.
    pub fn book(&self) -> MutexGuard<'_, tokens::Book> {
        lock(&self.book)
    }

    /// What it keeps.
    pub fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// Has oidc-provider answer.
    pub async fn forward(&self, asked: &Asked, body: Bytes) -> Answer {
        match forwarded(self.provider, &asked.head, body, false).await {
            Ok(answer) => answer,
            Err(_) => refusal(500, "server_error", "oidc-provider does not answer."),
        }
    }

    /// Asks oidc-provider what only the stand-in may.
    pub async fn internal(&self, what: &str, body: &Value) -> Result<Value> {
        let request = Request::post(format!("/internal/{what}"))
            .header("host", "127.0.0.1")
            .body(())?;
        let (head, ()) = request.into_parts();
        let body = Bytes::from(body.to_string());
        let answer = forwarded(self.provider, &head, body, false).await;
        let answer = answer.map_err(|_| anyhow::anyhow!("oidc-provider does not answer."))?;
        let status = answer.status();
        let text = answer.into_body().collect().await?.to_bytes();
        anyhow::ensure!(
            status.is_success(),
            "oidc-provider says: {}",
            String::from_utf8_lossy(&text)
        );
        serde_json::from_slice(&text).context("oidc-provider does not speak JSON.")
    }

    fn metadata(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.base);
        json!({
            "issuer": at("/"),
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/oauth2/token"),
            "registration_endpoint": at("/oauth2/registration"),
            "revocation_endpoint": at("/oauth2/revoke"),
            "introspection_endpoint": at("/oauth2/introspect"),
            "userinfo_endpoint": at("/oauth2/userinfo"),
            "jwks_uri": at("/oauth2/keys.json"),
            "scopes_supported": ["openid", "email"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "prompt_values_supported": ["login"],
            "account_management_uri": at("/account/"),
            "org.matrix.matrix-authentication-service.graphql_endpoint": at("/graphql"),
        })
    }
}

/// A test that panicked has nothing half done in here.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) async fn accept(listener: std::net::TcpListener, shared: Arc<Shared>) {
    // What has begun comes to its end when nobody waits for it any more: MAS does all of it or nothing.
    let answer = move |request| {
        let answering = tokio::spawn(handle(Arc::clone(&shared), request));
        answering.map(|told| {
            Ok::<_, Infallible>(told.unwrap_or_else(|_| page(500, "The stand-in has failed")))
        })
    };
    proxy::accept(listener, answer).await;
}

async fn handle(shared: Arc<Shared>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        return page(400, "Bad request");
    };
    let asked = Asked {
        head,
        body: body.to_bytes(),
    };
    let path = asked.path();
    let for_scripts = path == "/.well-known/openid-configuration"
        || path.starts_with("/oauth2/")
        || path.starts_with("/api/admin/v1/") && admin::is_routed(&shared, path)
        || path.starts_with("/_matrix/client/") && path.ends_with("/login");
    if !for_scripts {
        if path.starts_with("/api/") && !admin::is_known(path) {
            eprintln!("Not as MAS describes it: there is no {path}");
        }
        return for_people(&shared, &asked).await;
    }
    let mut answer = if asked.head.method == Method::OPTIONS {
        answer(200, "text/plain", String::new())
    } else {
        for_program(&shared, &asked).await
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "*"),
        (
            "access-control-allow-headers",
            "authorization,accept,content-type,x-requested-with",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.remove("access-control-expose-headers");
    let jobs = std::mem::take(&mut shared.state().jobs);
    if !jobs.is_empty() {
        tokio::spawn(async move { shared.work(jobs).await });
    }
    answer
}

async fn for_program(shared: &Shared, asked: &Asked) -> Answer {
    match (asked.head.method.as_str(), asked.path()) {
        ("GET", "/.well-known/openid-configuration") => json_answer(200, &shared.metadata()),
        ("POST", "/oauth2/introspect") => introspect(shared, asked).await,
        ("POST", "/oauth2/registration") => register(shared, asked).await,
        ("POST", "/oauth2/token") => tokens::token(shared, asked).await,
        ("POST", "/oauth2/revoke") => tokens::revoke(shared, asked).await,
        (_, path) if path.starts_with("/api/") => {
            let answer = admin::answer(shared, asked).await;
            judged(shared, asked, answer).await
        }
        ("GET", path) if path.ends_with("/login") => json_answer(
            200,
            &json!({"flows": [{
                "type": "m.login.sso",
                "oauth_aware_preferred": true,
                "org.matrix.msc3824.delegated_oidc_compatibility": true,
            }, {"type": "m.login.token"}]}),
        ),
        _ => answer(405, "text/plain", String::new()),
    }
}

/// The answer if it is one that MAS describes; else a failure that no test overlooks: a complaint in
/// the browser's console that nobody has allowed.
async fn judged(shared: &Shared, asked: &Asked, answer: Answer) -> Answer {
    let Some(described) = &shared.described else {
        return answer;
    };
    let (head, body) = answer.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes());
    let body = body.unwrap_or_default();
    let content_type = head.headers.get("content-type");
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default();
    // The document is of the newest version: an older one lacks some of what it describes.
    let is_newest = shared.state().settings.version == super::VERSION;
    let judged = match is_newest {
        true => described.judge(asked, head.status.as_u16(), content_type, &body),
        false => described.judge_request(asked),
    };
    match judged {
        Ok(()) => Answer::from_parts(head, Full::new(body)),
        Err(why) => {
            eprintln!("Not as MAS describes it: {why}");
            self::answer(500, "text/plain", why)
        }
    }
}

/// What Synapse asks.
async fn introspect(shared: &Shared, asked: &Asked) -> Answer {
    if asked.bearer() != Some(shared.secret.as_str()) {
        return refusal(401, "invalid_client", "The secret is another.");
    }
    let form = asked.form();
    let token = field(&form, "token").unwrap_or_default();
    let told = shared.introspected(token).await;
    shared.book().is_seen(token);
    json_answer(200, &told)
}

async fn register(shared: &Shared, asked: &Asked) -> Answer {
    let Ok(metadata) = serde_json::from_slice::<Value>(&asked.body) else {
        return refusal(400, "invalid_request", "The request is not JSON.");
    };
    if let Err(refused) = policy::registration(&metadata) {
        return refusal(400, refused.error, &refused.description);
    }
    let known = shared.book().clients.get(&metadata.to_string()).cloned();
    if let Some(known) = known {
        return json_answer(201, &known);
    }
    let made = shared.forward(asked, asked.body.clone()).await;
    let status = made.status().as_u16();
    let body = made.into_body().collect().await.map(|body| body.to_bytes());
    let told: Value = serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
    if status != 201 {
        return json_answer(status, &told);
    }
    let mut client = metadata.clone();
    for key in ["client_id", "client_id_issued_at"] {
        client[key] = told[key].clone();
    }
    // Somebody else may have registered with it meanwhile.
    let mut book = shared.book();
    let client = book.clients.entry(metadata.to_string()).or_insert(client);
    let id = client["client_id"].as_str().unwrap_or_default();
    let listed = admin::clients::attributes(id, client, false);
    shared.state().put(Kind::Client, id.to_owned(), listed);
    json_answer(201, client)
}

/// Pages that a browser goes to.
async fn for_people(shared: &Shared, asked: &Asked) -> Answer {
    let path = asked.path();
    if path == "/authorize"
        && let Some(dead_end) = dead_end(shared, asked)
    {
        return dead_end;
    }
    let is_page = ["/authorize", "/interaction/"];
    if !is_page.iter().any(|beginning| path.starts_with(beginning)) {
        return match path {
            "/account/" => page(200, "Your account"),
            _ => page(404, "Page not found"),
        };
    }
    let mut answer = shared.forward(asked, asked.body.clone()).await;
    let headers = answer.headers_mut();
    let to = headers.get("location").and_then(|to| to.to_str().ok());
    if let Some(to) = to.and_then(|to| HeaderValue::from_str(&led_to(to)).ok()) {
        headers.insert("location", to);
        *answer.status_mut() = StatusCode::SEE_OTHER;
    }
    answer
}

/// What MAS answers with a page from which nobody comes back.
fn dead_end(shared: &Shared, asked: &Asked) -> Option<Answer> {
    let query = pairs(asked.head.uri.query().unwrap_or_default());
    let of = |name| field(&query, name).unwrap_or_default();
    let registered = shared.book().redirects_of(of("client_id"));
    let Some(registered) = registered else {
        return Some(page(400, "could not find client"));
    };
    if !policy::redirects_to(&registered, of("redirect_uri")) {
        return Some(page(400, "redirect_uri is not allowed for this client"));
    }
    let no_state = of("state").is_empty();
    no_state.then(|| page(500, "Could not serialize back parameters"))
}

/// As MAS leads back: without the issuer, and with an empty fragment behind a query.
fn led_to(location: &str) -> String {
    let (before, separator, answer) = match location.split_once('#') {
        Some((before, answer)) => (before, '#', answer),
        None => match location.split_once('?') {
            Some((before, answer)) => (before, '?', answer),
            None => return location.to_owned(),
        },
    };
    if !answer.contains("state=") {
        return location.to_owned();
    }
    let kept: Vec<&str> = answer
        .split('&')
        .filter(|pair| !pair.starts_with("iss="))
        .collect();
    let end = if separator == '?' { "#" } else { "" };
    format!("{before}{separator}{}{end}", kept.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_as_with_mas() {
        let back = |to| led_to(to);
        assert_eq!(
            back("http://h/p/?code=a&state=b&iss=c"),
            "http://h/p/?code=a&state=b#"
        );
        assert_eq!(
            back("http://h/p/#code=a&state=b&iss=c"),
            "http://h/p/#code=a&state=b"
        );
        assert_eq!(back("/interaction/x"), "/interaction/x");
    }

    #[test]
    fn forms_are_read() {
        let fields = pairs("scope=a+b%3A*&x=");
        assert_eq!(field(&fields, "scope"), Some("a b:*"));
        assert_eq!(field(&fields, "x"), Some(""));
        assert_eq!(field(&fields, "y"), None);
    }
}
