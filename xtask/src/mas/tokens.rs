//! Codes, refresh tokens and revocation, where MAS differs from oidc-provider.

use super::front::{Answer, Asked, Shared, field, json_answer, refusal};
use super::state::{Job, Kind, device_of};
use super::time;
use http_body_util::BodyExt;
use hyper::body::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

/// For how long a code that is used again only answers that it was used; afterwards the session that
/// it made ends.
const CODE_GRACE: Duration = Duration::from_secs(20);

const INVALID_GRANT: &str = "The provided access grant is invalid, expired, or revoked.";

/// What the layer in front has seen.
#[derive(Default)]
pub(super) struct Book {
    /// Registered clients by their metadata: the same metadata is the same client.
    pub clients: HashMap<String, Value>,
    /// When a code was exchanged.
    codes: HashMap<String, Instant>,
    /// The tokens that took a refresh token's place.
    replaced: HashMap<String, Pair>,
    access: HashSet<String>,
    refresh: HashSet<String>,
    /// Access tokens that Synapse has asked about.
    seen: HashSet<String>,
}

#[derive(Clone)]
struct Pair {
    access: String,
    refresh: String,
}

impl Book {
    /// Synapse has asked about this token.
    pub fn is_seen(&mut self, token: &str) {
        self.seen.insert(token.to_owned());
    }

    /// Where a client may be answered; `None` if nobody registered it.
    pub fn redirects_of(&self, client_id: &str) -> Option<Vec<String>> {
        let client = self
            .clients
            .values()
            .find(|one| one["client_id"] == client_id)?;
        let all = client["redirect_uris"].as_array()?;
        Some(
            all.iter()
                .filter_map(|uri| Some(uri.as_str()?.to_owned()))
                .collect(),
        )
    }

    /// The refresh token that is good where this one was sent: itself, or the one that took its place
    /// if that was never used, as when an answer was lost. `None` if it is over.
    fn usable(&self, token: &str) -> Option<String> {
        let Some(pair) = self.replaced.get(token) else {
            return Some(token.to_owned());
        };
        if self.seen.contains(&pair.access) || self.replaced.contains_key(&pair.refresh) {
            return None;
        }
        Some(pair.refresh.clone())
    }
}

/// `POST /oauth2/token`.
pub(super) async fn token(shared: &Shared, asked: &Asked) -> Answer {
    let mut form = asked.form();
    let of = |name| field(&form, name).unwrap_or_default().to_owned();
    if of("client_id").is_empty() {
        return refusal(400, "invalid_request", "No credentials were presented");
    }
    let sent = match of("grant_type").as_str() {
        "authorization_code" => {
            if of("code_verifier").is_empty() {
                return refusal(
                    400,
                    "invalid_request",
                    "The request is missing a parameter.",
                );
            }
            let code = of("code");
            let used = shared.book().codes.get(&code).copied();
            if used.is_some_and(|at| at.elapsed() >= CODE_GRACE) {
                end(shared, &code).await;
            }
            if used.is_some_and(|at| at.elapsed() < CODE_GRACE) {
                return refusal(400, "invalid_grant", INVALID_GRANT);
            }
            code
        }
        "refresh_token" => {
            let sent = of("refresh_token");
            let Some(usable) = shared.book().usable(&sent) else {
                return refusal(400, "invalid_grant", INVALID_GRANT);
            };
            for (name, value) in &mut form {
                if name == "refresh_token" {
                    value.clone_from(&usable);
                }
            }
            sent
        }
        _ => return refusal(400, "unsupported_grant_type", "There is no such grant."),
    };
    let answer = shared.forward(asked, encoded(&form)).await;
    let status = answer.status().as_u16();
    let body = answer
        .into_body()
        .collect()
        .await
        .map(|body| body.to_bytes());
    let mut told: Value = serde_json::from_slice(&body.unwrap_or_default()).unwrap_or_default();
    let error = told["error"].as_str().unwrap_or_default().to_owned();
    match (status, error.as_str()) {
        (200, _) => {
            sort_scope(&mut told);
            note(shared, &sent, &told);
            if !list(shared, asked, &sent, &told).await {
                return refusal(500, "server_error", "Synapse has not made the device.");
            }
            let mut answer = json_answer(200, &told);
            let no_store = hyper::header::HeaderValue::from_static("no-store");
            answer.headers_mut().insert("cache-control", no_store);
            answer
        }
        (_, "invalid_grant") => refusal(400, "invalid_grant", INVALID_GRANT),
        (_, "invalid_scope") => refusal(403, "invalid_scope", "The scope is not allowed."),
        (_, "unauthorized_client") => refusal(401, "unauthorized_client", "Not this client."),
        _ => json_answer(status, &told),
    }
}

/// MAS tells scopes in alphabetical order.
fn sort_scope(told: &mut Value) {
    let scope = told["scope"].as_str().unwrap_or_default().to_owned();
    let mut scopes: Vec<&str> = scope.split(' ').collect();
    scopes.sort_unstable();
    told["scope"] = scopes.join(" ").into();
}

fn note(shared: &Shared, sent: &str, told: &Value) {
    let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    let pair = Pair {
        access: text("access_token"),
        refresh: text("refresh_token"),
    };
    let mut book = shared.book();
    book.access.insert(pair.access.clone());
    book.refresh.insert(pair.refresh.clone());
    if book.refresh.contains(sent) {
        book.replaced.insert(sent.to_owned(), pair);
    } else {
        book.codes.insert(sent.to_owned(), Instant::now());
    }
}

/// Puts a new session among those that the admin API lists, or says that its tokens are new. Whether
/// Synapse has its device.
async fn list(shared: &Shared, asked: &Asked, sent: &str, told: &Value) -> bool {
    let text = |key: &str| told[key].as_str().unwrap_or_default().to_owned();
    let pair = [text("access_token"), text("refresh_token")];
    let known = shared.state().tokens.get(sent).cloned();
    if let Some(session) = known.filter(|_| shared.book().refresh.contains(sent)) {
        let mut state = shared.state();
        for token in pair {
            state.tokens.insert(token, session.clone());
        }
        return true;
    }
    let about = json!({"token": pair[0]});
    let about = shared.internal("introspect", &about).await;
    let about = about.unwrap_or_default();
    let localpart = about["username"].as_str().unwrap_or_default();
    let scope = text("scope");
    {
        let mut state = shared.state();
        let user = state.user_named(localpart).map(|(id, _)| id.clone());
        let browser = user.as_ref().and_then(|user| {
            let all = state.of(Kind::Browser, "user_id", user);
            let mut open = all.into_iter().rev();
            open.find(|id| {
                let session = state.get(Kind::Browser, id);
                session.is_some_and(|session| session["finished_at"].is_null())
            })
        });
        let agent = asked.head.headers.get("user-agent");
        let now = time::written(time::now());
        let session = state.add(
            Kind::OAuth,
            json!({
                "created_at": now,
                "finished_at": null,
                "user_id": user,
                "user_session_id": browser,
                "client_id": about["client_id"],
                "scope": scope,
                "user_agent": agent.and_then(|agent| agent.to_str().ok()),
                "last_active_at": now,
                "last_active_ip": "127.0.0.1",
                "human_name": null,
            }),
        );
        if let Some(grant) = about["grant"].as_str() {
            state.grants.insert(session.clone(), grant.to_owned());
        }
        for token in pair.into_iter().chain([sent.to_owned()]) {
            state.tokens.insert(token, session.clone());
        }
    }
    match device_of(&scope) {
        Some(device) => {
            let body = json!({"localpart": localpart, "device_id": device});
            shared.tell("upsert_device", &body).await.is_ok()
        }
        None => true,
    }
}

/// The session that this token or code belongs to has ended.
async fn end(shared: &Shared, token: &str) {
    let grant = {
        let mut state = shared.state();
        let Some(session) = state.tokens.get(token).cloned() else {
            return;
        };
        state.end(Kind::OAuth, &session);
        let user = state.get(Kind::OAuth, &session);
        if let Some(user) = user.and_then(|session| session["user_id"].as_str()) {
            let user = user.to_owned();
            state.jobs.push(Job::Devices(user));
        }
        state.grants.get(&session).cloned()
    };
    if let Some(grant) = grant {
        shared.end_grant(&grant).await;
    }
}

/// `POST /oauth2/revoke`: a hint that does not fit ends nothing.
pub(super) async fn revoke(shared: &Shared, asked: &Asked) -> Answer {
    let form = asked.form();
    let of = |name| field(&form, name).unwrap_or_default();
    if of("client_id").is_empty() {
        return refusal(400, "invalid_request", "No credentials were presented");
    }
    let token = of("token");
    let fits = {
        let book = shared.book();
        match of("token_type_hint") {
            "access_token" => book.access.contains(token),
            "refresh_token" => book.refresh.contains(token),
            _ => true,
        }
    };
    if !fits {
        return super::front::answer(200, "text/plain", String::new());
    }
    let answer = shared.forward(asked, asked.body.clone()).await;
    if answer.status().is_success() {
        end(shared, token).await;
    }
    answer
}

fn encoded(form: &[(String, String)]) -> Bytes {
    let text = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let pairs: Vec<String> = form
        .iter()
        .map(|(key, value)| format!("{}={}", text(key), text(value)))
        .collect();
    Bytes::from(pairs.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_answer_is_forgiven_until_its_tokens_are_used() {
        let mut book = Book::default();
        let pair = |access: &str, refresh: &str| Pair {
            access: access.into(),
            refresh: refresh.into(),
        };
        assert_eq!(book.usable("r1").as_deref(), Some("r1"));
        book.replaced.insert("r1".into(), pair("a2", "r2"));
        assert_eq!(book.usable("r1").as_deref(), Some("r2"));
        book.is_seen("a2");
        assert_eq!(book.usable("r1"), None);
        assert_eq!(book.usable("r2").as_deref(), Some("r2"));
        book.replaced.insert("r2".into(), pair("a3", "r3"));
        assert_eq!(book.usable("r1"), None);
    }
}
