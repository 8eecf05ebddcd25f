//! These requests and answers against MAS itself: its own description of its admin API, and what a real one
//! has answered. Neither is ours to hand on, so both lie beside the repository, where there is one.

use super::*;
use crate::api::Answer;
use futures_util::FutureExt;

mod cases;
mod described;
mod recorded;
mod schema;

/// What lies beside the repository; `None` where it is missing, which is said.
fn beside_the_repository(name: &str) -> Option<serde_json::Value> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/reference");
    match std::fs::read_to_string(format!("{folder}/{name}")) {
        Ok(text) => Some(serde_json::from_str(&text).unwrap()),
        Err(_) => {
            eprintln!("Left out: {name} is not beside the repository.");
            None
        }
    }
}

#[test]
fn names_are_encoded() {
    let request = users::by_username("https://h.example/mas", "a/b");
    assert_eq!(
        request.call.path,
        "https://h.example/mas/api/admin/v1/users/by-username/a%2Fb"
    );
}

#[test]
fn what_has_ended_already_is_as_good_as_ended() {
    let id = cases::id();
    let json = r#"{"errors":[{"title":"Session is already finished"}]}"#;
    let error = |status| ApiError::from_answer(&Answer::new(status, "application/json", json));
    let finish = sessions::finish_oauth2("https://mas.example", &id).call;
    assert!(is_done_already(&finish, &error(400)));
    assert!(is_done_already(&finish, &error(404)));
    let revoke = personal::revoke("https://mas.example", &id).call;
    assert!(is_done_already(&revoke, &error(409)));
    // What is not there is not given back.
    let unrevoke = tokens::unrevoke("https://mas.example", &id).call;
    assert!(is_done_already(&unrevoke, &error(400)));
    assert!(!is_done_already(&unrevoke, &error(404)));
    assert_eq!(base_of(&unrevoke), Some("https://mas.example"));
    // Too weak a password is none that is set.
    let password = users::set_password("https://mas.example", &id, "1", false).call;
    assert!(!is_done_already(&password, &error(400)));
}

#[test]
fn a_provider_is_named_in_one_word() {
    let provider = |json: &str| -> upstream::Provider { serde_json::from_str(json).unwrap() };
    let made = r#""created_at":"2026-08-01T12:00:00Z""#;
    let company = provider(&format!(
        r#"{{"human_name":"Company log-in","issuer":"https://sso.example.org/realms/a",{made}}}"#
    ));
    for name in [
        "company-log-in",
        "CompanyLogIn",
        "oidc-company-log-in",
        "sso.example.orgrealmsa",
    ] {
        assert!(company.is_called(name), "{name}");
    }
    for name in ["company", "oidc-", "", "github"] {
        assert!(!company.is_called(name), "{name}");
    }
    let nameless = provider(&format!(
        r#"{{"human_name":"","brand_name":"github",{made}}}"#
    ));
    assert!(nameless.is_called("GitHub") && nameless.is_called("oidc-github"));
    assert!(!nameless.is_called(""));
}

#[test]
fn another_case_is_another_account() {
    let request = users::by_username("", "bob");
    let told = |name: &str| {
        let user = format!(r#"{{"username":"{name}","admin":false}}"#);
        let body = format!(
            r#"{{"data":{{"id":"{}","attributes":{user}}}}}"#,
            cases::id()
        );
        request.read(&Answer::new(200, "application/json", body))
    };
    let bob = |text: &str| crate::api::UserId::parse(text).unwrap();
    let known = |user: &str, name| users::of_user(&bob(user), told(name)).unwrap().is_some();
    assert!(known("@bob:b.org", "bob"));
    assert!(!known("@Bob:b.org", "bob"));
    assert!(known("@Bob:b.org", "Bob"));
    let missing = Answer::new(404, "", r#"{"errors":[{"title":"not found"}]}"#);
    assert_eq!(
        users::of_user(&bob("@bob:b.org"), request.read(&missing)),
        Ok(None)
    );
    let trouble = request.read(&Answer::new(500, "", r#"{"errors":[{"title":"x"}]}"#));
    assert!(users::of_user(&bob("@bob:b.org"), trouble).is_err());
    // So does whoever asks.
    let found = |user: &str| {
        let answer = async |request: crate::api::Request<_>| {
            assert!(
                request
                    .call
                    .path
                    .to_lowercase()
                    .ends_with("/by-username/bob")
            );
            told("bob")
        };
        users::find("", &bob(user), answer).now_or_never().unwrap()
    };
    assert!(found("@bob:b.org").unwrap().is_some());
    assert_eq!(found("@Bob:b.org"), Ok(None));
}

#[test]
fn exposed_or_not() {
    let told = |status, body: &str| is_exposed(&Answer::new(status, "application/json", body));
    assert!(told(
        400,
        r#"{"errors":[{"title":"Missing authorization header"}]}"#
    ));
    assert!(!told(404, r#"{"errors":[{"title":"Not found"}]}"#));
    assert!(!told(400, "<html>"));
    assert!(!told(400, r#"{"errcode":"M_UNKNOWN"}"#));
    assert!(!told(200, "{}"));
}
