use super::*;
use crate::api::exchange::{Clock, Network, Random};
use crate::api::{Answer, Call, HomeserverUrl};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use serde_json::{Value, json};
use std::cell::RefCell;

/// What a real MAS, and Synapse before it, answered.
fn recorded(group: &str) -> Vec<Value> {
    let text = include_str!("../../../tests/files/mas-oauth-answers.json");
    let all: Vec<Value> = serde_json::from_str(text).unwrap();
    all.into_iter()
        .filter(|answer| answer["group"] == group)
        .collect()
}

fn answer(recorded: &Value) -> Answer {
    let status = recorded["status"].as_u64().unwrap() as u16;
    let body = match &recorded["body"] {
        Value::Null => String::new(),
        body => body.to_string(),
    };
    Answer::new(status, "application/json", body)
}

#[test]
fn answers_of_the_token_endpoint_are_read() {
    let request = redeem("https://m.example/oauth2/token", "c", "code", "r", "v");
    let (mut tokens, mut refusals) = (0, 0);
    for recorded in recorded("token").into_iter().chain(recorded("refresh")) {
        if recorded["path"] != "/oauth2/token" {
            continue;
        }
        match read(&request, &answer(&recorded)) {
            Ok(read) => {
                assert_eq!(read.expires_in, Some(300));
                assert!(read.refresh_token.is_some());
                let scope = read.scope.unwrap();
                assert!(scope.contains("urn:matrix:client:api:*"), "{scope}");
                tokens += 1;
            }
            Err(OAuthError::Refused(refusal)) => {
                assert_eq!(recorded["body"]["error"], refusal.error);
                refusals += 1;
            }
            Err(other) => panic!("{}: {other}", recorded["name"]),
        }
    }
    assert!(tokens > 8 && refusals > 12, "{tokens} {refusals}");
}

#[test]
fn trouble_ends_no_session() {
    let over = |status, body: &str| {
        let request = refresh("https://m.example/t", "c", "r");
        let answer = Answer::new(status, "application/json", body);
        read(&request, &answer).err().unwrap().is_final()
    };
    assert!(over(400, r#"{"error":"invalid_grant"}"#));
    assert!(over(401, r#"{"error":"invalid_client"}"#));
    assert!(!over(500, r#"{"error":"server_error"}"#));
    assert!(!over(502, "<html>"));
    assert!(!over(200, "<html>"));
}

#[test]
fn what_registration_answers_is_read() {
    let metadata = client("https://h.example/synapse-admin/", None).unwrap();
    let request = register("https://m.example/oauth2/registration", &metadata);
    for recorded in recorded("registration") {
        let told = read(&request, &answer(&recorded));
        assert_eq!(
            told.is_ok(),
            recorded["status"] == 201,
            "{}",
            recorded["name"]
        );
    }
    // What was sent then, without the three optional addresses.
    let mut sent = recorded("registration")[0]["request_json"].clone();
    for optional in ["logo_uri", "policy_uri", "tos_uri"] {
        sent.as_object_mut().unwrap().remove(optional);
    }
    assert_eq!(serde_json::to_value(&metadata).unwrap(), sent);
}

#[test]
fn where_a_panel_may_stand() {
    let told = |page, about| {
        client(page, about).map(|client| {
            (
                client.application_type,
                client.client_uri,
                client.redirect_uris[0].clone(),
            )
        })
    };
    let of = |kind, about: &str, redirect: &str| Ok((kind, about.to_owned(), redirect.to_owned()));
    assert_eq!(
        told("https://h.example/a/index.html?x=1#/login", None),
        of("web", "https://h.example/a/", "https://h.example/a/")
    );
    assert_eq!(
        told("http://127.0.0.1:8080/synapse-admin/#/login", None),
        of("native", PLACEHOLDER, "http://127.0.0.1/synapse-admin/")
    );
    assert_eq!(
        told("http://[::1]:8080/", Some("https://panel.example/")),
        of("native", "https://panel.example/", "http://[::1]/")
    );
    assert_eq!(told("http://h.example/", None), Err(Unfit::Plain));
    assert_eq!(told("https://h.example/a%20b/", None), Err(Unfit::Path));
    assert_eq!(
        redirect_uri("https://h.example/x/?a#/b"),
        "https://h.example/x/"
    );
}

#[test]
fn the_metadata_of_a_real_one() {
    let recorded = &recorded("discovery")[0]["body"];
    let metadata: Metadata = serde_json::from_value(recorded.clone()).unwrap();
    assert!(metadata.answers_in_fragment());
    assert_eq!(metadata.mas().as_deref(), Some("{mas}"));
    assert!(
        metadata.unencrypted().is_some(),
        "placeholders are not https"
    );
    assert!(metadata.registration_endpoint.is_some());
    let least = json!({"issuer": "i", "authorization_endpoint": "a", "token_endpoint": "t"});
    let least: Metadata = serde_json::from_value(least).unwrap();
    assert!(!least.answers_in_fragment());
    assert_eq!(least.mas(), None);
}

#[test]
fn nothing_secret_is_shown() {
    let request = refresh("https://m.example/t", "c", "mar_secret");
    let server = HomeserverUrl::parse("https://hs.example").unwrap();
    assert!(!request.call.as_curl(&server).contains("mar_secret"));
}

/// A homeserver that answers only what is in here.
struct Told {
    answers: Vec<(&'static str, Value)>,
    asked: RefCell<Vec<String>>,
}

impl Network for Told {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        self.asked.borrow_mut().push(call.path.clone());
        let found = self.answers.iter().find(|(path, _)| call.path == *path);
        let answer = match found {
            Some((_, body)) => Answer::new(200, "application/json", body.to_string()),
            None => Answer::new(
                404,
                "application/json",
                r#"{"errcode":"M_UNRECOGNIZED","error":"?"}"#,
            ),
        };
        async move { Ok(answer) }.boxed_local()
    }
}

struct Still;

impl Clock for Still {
    fn now_ms(&self) -> u64 {
        0
    }

    fn wall_ms(&self) -> i64 {
        0
    }

    fn sleep(&self, _: u64) -> LocalBoxFuture<'static, ()> {
        async {}.boxed_local()
    }
}

impl Random for Still {
    fn fill(&self, _: &mut [u8]) {}
}

#[test]
fn it_is_found_by_all_ways() {
    const ISSUER: &str = "/_matrix/client/unstable/org.matrix.msc2965/auth_issuer";
    const CONFIGURATION: &str = "https://mas.example/.well-known/openid-configuration";
    const WELL_KNOWN: &str = "https://h.example/.well-known/matrix/client";
    let metadata = json!({
        "issuer": "https://mas.example/",
        "authorization_endpoint": "https://mas.example/authorize",
        "token_endpoint": "https://mas.example/oauth2/token",
    });
    let authentication = json!({
        "org.matrix.msc2965.authentication": {"issuer": "https://mas.example/", "account": "x"}
    });
    let issuer = json!({"issuer": "https://mas.example/"});
    let domain = ServerName::parse("h.example").unwrap();
    let found = |answers: Vec<(&'static str, Value)>| {
        let network = Told {
            answers,
            asked: RefCell::default(),
        };
        let ask = Patient {
            network: &network,
            clock: &Still,
            random: &Still,
        };
        let found = find(ask, Some(&domain)).now_or_never().unwrap().unwrap();
        (found.is_some(), network.asked.into_inner().len())
    };
    let v1 = "/_matrix/client/v1/auth_metadata";
    let unstable = "/_matrix/client/unstable/org.matrix.msc2965/auth_metadata";
    assert_eq!(found(vec![(v1, metadata.clone())]), (true, 1));
    assert_eq!(found(vec![(unstable, metadata.clone())]), (true, 2));
    assert_eq!(
        found(vec![(ISSUER, issuer), (CONFIGURATION, metadata.clone())]),
        (true, 4)
    );
    assert_eq!(
        found(vec![
            (WELL_KNOWN, authentication),
            (CONFIGURATION, metadata)
        ]),
        (true, 5)
    );
    assert_eq!(found(vec![(v1, json!({"issuer": 7}))]), (false, 4));
    let script = json!({
        "issuer": "https://mas.example/",
        "authorization_endpoint": "javascript:alert(1)",
        "token_endpoint": "https://mas.example/oauth2/token",
    });
    assert_eq!(found(vec![(v1, script)]), (false, 4));
}
