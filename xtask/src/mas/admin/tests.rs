//! The admin API without a server around it: oidc-provider and Synapse are one that agrees to all.

use super::super::front::{Asked, Shared, answer as said};
use super::super::state::Kind;
use super::super::time;
use super::{convention::BASE, personal, users};
use crate::{proxy, root, serve};
use http_body_util::BodyExt;
use hyper::body::Bytes;
use hyper::{Request, body::Incoming};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::convert::Infallible;

/// What no address may have as it is.
const AWKWARD: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'[').add(b']').add(b'`');

/// One that knows `root`, an administrator, by this ID; and the token of that.
fn stand_in(root: &str) -> (Shared, String) {
    let listener = serve::listen(0).unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(proxy::accept(
        listener,
        |request: Request<Incoming>| async move {
            // What Synapse has an account of that MAS does not know.
            let taken = request.uri().query() == Some("localpart=taken");
            let (status, body) = if taken { (400, "{}") } else { (200, "{}") };
            Ok::<_, Infallible>(said(status, "application/json", body.into()))
        },
    ));
    let shared = Shared::new("http://127.0.0.1:1".into(), port, None);
    shared.serve("test.localhost", port);
    let token = {
        let mut state = shared.state();
        let now = time::written(time::now());
        state.put(
            Kind::User,
            root.into(),
            users::attributes("root", &now, true),
        );
        let session = personal::attributes(root, root, "Test", "urn:mas:admin", None);
        let session = state.add(Kind::Personal, session);
        personal::new_token(&mut state, &session)
    };
    (shared, token)
}

const ROOT: &str = "01M8FYKN687MB8JA957DKDGKM5";

struct Sent<'a> {
    method: &'a str,
    target: &'a str,
    token: &'a str,
    json: Option<&'a str>,
}

async fn send(shared: &Shared, sent: Sent<'_>) -> (u16, Value) {
    let target = utf8_percent_encode(sent.target, AWKWARD).to_string();
    let mut request = Request::builder().method(sent.method).uri(target);
    if !sent.token.is_empty() {
        request = request.header("authorization", format!("Bearer {}", sent.token));
    }
    if sent.json.is_some() {
        request = request.header("content-type", "application/json");
    }
    let (head, ()) = request.body(()).unwrap().into_parts();
    let body = Bytes::from(sent.json.unwrap_or_default().to_owned());
    let answer = super::answer(shared, &Asked { head, body }).await;
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let text = String::from_utf8_lossy(&body).into_owned();
    let jobs = std::mem::take(&mut shared.state().jobs);
    for job in jobs {
        shared.run(&job).await.unwrap();
    }
    (status, serde_json::from_str(&text).unwrap_or(json!(text)))
}

async fn get(shared: &Shared, token: &str, below: &str) -> (u16, Value) {
    let target = format!("{BASE}{below}");
    let sent = Sent {
        method: "GET",
        target: &target,
        token,
        json: None,
    };
    send(shared, sent).await
}

async fn post(shared: &Shared, token: &str, below: &str, body: &str) -> (u16, Value) {
    let target = format!("{BASE}{below}");
    let sent = Sent {
        method: "POST",
        target: &target,
        token,
        json: Some(body),
    };
    send(shared, sent).await
}

fn names(told: &Value) -> Vec<&str> {
    let all = told["data"].as_array().unwrap().iter();
    all.map(|one| one["attributes"]["username"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn pages_go_both_ways() {
    let (shared, token) = stand_in(ROOT);
    for number in 1..=11 {
        let body = format!(r#"{{"username":"user{number:02}"}}"#);
        assert_eq!(post(&shared, &token, "users", &body).await.0, 201);
    }
    let (_, all) = get(&shared, &token, "users").await;
    assert_eq!(names(&all).len(), 10);
    assert_eq!(names(&all)[1], "user01");
    assert_eq!(all["meta"]["count"], 12);
    let next = all["links"]["next"].as_str().unwrap();
    let (_, rest) = get(&shared, &token, next.strip_prefix(BASE).unwrap()).await;
    assert_eq!(names(&rest), ["user10", "user11"]);
    assert!(rest["links"]["next"].is_null());
    let (_, newest) = get(&shared, &token, "users?page[last]=2").await;
    assert_eq!(names(&newest), ["user10", "user11"]);
    let before = newest["data"][0]["meta"]["page"]["cursor"]
        .as_str()
        .unwrap();
    let older = format!("users?page[last]=3&page[before]={before}&count=false");
    let (_, older) = get(&shared, &token, &older).await;
    assert_eq!(names(&older), ["user07", "user08", "user09"]);
    assert!(older["meta"].is_null() && older["links"]["prev"].is_string());
    let (_, count) = get(&shared, &token, "users?count=only&filter[search]=R1").await;
    assert_eq!(count["meta"]["count"], 2);
    assert!(count["data"].is_null());
}

#[tokio::test]
async fn names_that_the_homeserver_has_are_refused() {
    let (shared, token) = stand_in(ROOT);
    let taken = r#"{"username":"taken"}"#;
    assert_eq!(post(&shared, &token, "users", taken).await.0, 409);
    let anyway = r#"{"username":"taken","skip_homeserver_check":true}"#;
    assert_eq!(post(&shared, &token, "users", anyway).await.0, 201);
}

#[tokio::test]
async fn passwords_are_weak_or_off() {
    let (shared, token) = stand_in(ROOT);
    let path = format!("users/{ROOT}/set-password");
    let weak = r#"{"password":"short"}"#;
    assert_eq!(post(&shared, &token, &path, weak).await.0, 400);
    let anyway = r#"{"password":"short","skip_password_check":true}"#;
    assert_eq!(post(&shared, &token, &path, anyway).await.0, 204);
    shared.state().settings.passwords = false;
    assert_eq!(post(&shared, &token, &path, anyway).await.0, 403);
}

#[tokio::test]
async fn a_locked_or_deactivated_account_has_no_token() {
    let (shared, token) = stand_in(ROOT);
    let (_, made) = post(&shared, &token, "users", r#"{"username":"other"}"#).await;
    let other = made["data"]["id"].as_str().unwrap().to_owned();
    let email = json!({"user_id": other, "email": "other@test.localhost"}).to_string();
    assert_eq!(post(&shared, &token, "user-emails", &email).await.0, 201);
    let body = json!({
        "actor_user_id": other, "human_name": "Script", "scope": "urn:matrix:client:api:*",
    });
    let (_, made) = post(&shared, &token, "personal-sessions", &body.to_string()).await;
    let script = made["data"]["attributes"]["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let told = shared.introspected(&script).await;
    assert_eq!(
        (told["active"].clone(), told["username"].clone()),
        (json!(true), json!("other"))
    );
    post(&shared, &token, &format!("users/{other}/lock"), "{}").await;
    assert_eq!(shared.introspected(&script).await["active"], false);
    post(&shared, &token, &format!("users/{other}/unlock"), "{}").await;
    assert_eq!(shared.introspected(&script).await["active"], true);
    post(&shared, &token, &format!("users/{other}/deactivate"), "{}").await;
    assert_eq!(shared.introspected(&script).await["active"], false);
    let (_, emails) = get(&shared, &token, "user-emails").await;
    assert_eq!(emails["meta"]["count"], 0);
    let (_, gone) = get(&shared, &token, "users?filter[status]=deactivated").await;
    assert_eq!(names(&gone), ["other"]);
}

#[tokio::test]
async fn an_old_version_lacks_what_is_newer() {
    let (shared, token) = stand_in(ROOT);
    let path = |below: &str| format!("{BASE}{below}");
    assert!(super::is_routed(&shared, &path("personal-sessions")));
    shared.state().settings.version = "v1.4.0".into();
    for below in ["personal-sessions", "oauth2-clients", "nonsense"] {
        assert!(!super::is_routed(&shared, &path(below)), "{below}");
    }
    assert!(super::is_routed(&shared, &path("users")));
    let (status, told) = get(
        &shared,
        &token,
        "users?filter[has-active-compat-session]=true",
    )
    .await;
    assert_eq!((status, names(&told)), (200, vec!["root"]));
    let (_, told) = get(&shared, &token, "version").await;
    assert_eq!(told["version"], "v1.4.0");
}

/// Plays the requests that were sent to a real MAS, and compares statuses, errors and which fields
/// there are.
#[tokio::test]
async fn it_answers_as_a_real_mas_did() {
    let path = root().join("../shared/reference/mas-answers.json");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("Left out: the answers of a real MAS are not beside the repository.");
        return;
    };
    let all: Vec<Value> = serde_json::from_str(&text).unwrap();
    let (shared, token) = stand_in(ROOT);
    {
        let mut state = shared.state();
        let now = time::written(time::now());
        state.settings.complexity = 0;
        for (id, name) in [
            ("01M8FYKNFAD6777AHAKX8HHCXZ", "anna"),
            ("01M8FYKNPPJQC2YB834XXFQCS0", "user1"),
            ("01M8FYKQHWY3SZFHW0PM4WKTEK", "user8"),
        ] {
            state.put(Kind::User, id.into(), users::attributes(name, &now, false));
        }
    }
    seed(&shared, &all);
    let mut ids = BTreeMap::<String, String>::new();
    let mut compared = 0;
    let mut wrong = Vec::new();
    for one in &all {
        let (name, group) = (
            one["name"].as_str().unwrap(),
            one["group"].as_str().unwrap(),
        );
        let target = one["path"].as_str().unwrap_or_default();
        if one["token"] != true || !target.starts_with(BASE) || is_left_out(group, name) {
            continue;
        }
        let renamed = |text: &str| {
            let all = ids.iter();
            all.fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
        };
        let sent = match (&one["request_json"], &one["request_text"]) {
            (Value::Null, Value::String(text))
                if !one["request_headers"]["Content-Type"].is_null() =>
            {
                Some(text.clone())
            }
            (Value::Null, _) => None,
            (json, _) => Some(renamed(&json.to_string())),
        };
        let target = renamed(&target.replace("%25", "%2525"));
        let sent = Sent {
            method: one["method"].as_str().unwrap(),
            target: &target,
            token: &token,
            json: sent.as_deref(),
        };
        let (status, told) = send(&shared, sent).await;
        let wants = &one["body"];
        if let (Some(real), Some(ours)) =
            (wants["data"]["id"].as_str(), told["data"]["id"].as_str())
        {
            ids.insert(real.to_owned(), ours.to_owned());
        }
        let refused = ids
            .iter()
            .fold(wants.to_string(), |text, (from, to)| text.replace(from, to));
        let fits = one["status"] == status
            && match status {
                400.. if wants.is_object() => {
                    serde_json::from_str(&refused).is_ok_and(|refused: Value| refused == told)
                }
                400.. => told.is_string(),
                _ => has_the_fields(wants, &told),
            };
        compared += 1;
        if !fits {
            wrong.push(format!(
                "{group}, {name}: {status} {told}\n  instead of {} {wants}",
                one["status"]
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {compared}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(compared > 80, "only {compared} compared");
}

/// Has what a real MAS had before, as far as it is told of completely.
fn seed(shared: &Shared, all: &[Value]) {
    let mut state = shared.state();
    let kinds = [Kind::Client, Kind::Browser, Kind::OAuth, Kind::Compat];
    for body in all.iter().map(|one| &one["body"]) {
        let listed = body["data"].as_array().into_iter().flatten();
        for one in listed.chain([&body["data"]]) {
            let mut kinds = kinds.iter().filter(|kind| one["type"] == kind.name());
            if let (Some(kind), false) = (kinds.next(), one["attributes"].is_null()) {
                let mut attributes = one["attributes"].clone();
                if !attributes["finished_at"].is_null() {
                    attributes["finished_at"] = Value::Null;
                }
                let id = one["id"].as_str().unwrap().to_owned();
                state.put(*kind, id, attributes);
            }
        }
    }
}

/// Whether there is each field of a real answer, and in attributes none beside them.
fn has_the_fields(real: &Value, ours: &Value) -> bool {
    match (real, ours) {
        (Value::Object(real), Value::Object(ours)) => real.iter().all(|(name, value)| {
            // There were more of some.
            let is_next = name == "next" || name == "prev";
            let ours = ours.get(name);
            is_next
                || ours.is_some_and(|ours| match name.as_str() {
                    // One of a list is as good as another.
                    "data" if value.is_array() => true,
                    _ => has_the_fields(value, ours),
                })
        }),
        (Value::Null, _) | (_, Value::Null) => true,
        (real, ours) => std::mem::discriminant(real) == std::mem::discriminant(ours),
    }
}

fn is_left_out(group: &str, name: &str) -> bool {
    // Other tokens than an administrator's good one.
    let token = [
        "refresh",
        "revoke",
        "tokens refused",
        "token",
        "synapse behind mas",
    ];
    // They are not told in the order in which they were asked.
    let order = ["user-emails one", "latest, none yet"];
    token.contains(&group)
        || order.contains(&name)
        || name.contains("not the owner")
        || name.contains("revoked personal token")
        || name.contains("compatibility token")
        || name.contains("its token at MAS")
}
