//! The part of MAS' admin API that is here. [`Described`](super::described::Described) judges its answers.

use super::front::{Answer, Asked, Shared, json_answer};
use serde_json::{Value, json};

/// The version that the stand-in answers as.
pub(super) const VERSION: &str = "v1.22.0";

fn errors(status: u16, title: &str) -> Answer {
    json_answer(status, &json!({"errors": [{ "title": title }]}))
}

/// Answers `/api/admin/v1/…`.
pub(super) async fn answer(shared: &Shared, asked: &Asked) -> Answer {
    let Some(token) = asked.bearer() else {
        return errors(400, "Missing authorization header");
    };
    let told = shared.introspected(token).await;
    if told["active"] != true {
        return errors(401, "Access token expired");
    }
    let scope = told["scope"].as_str().unwrap_or_default();
    if !scope.split(' ').any(|scope| scope == "urn:mas:admin") {
        return errors(401, "Missing urn:mas:admin scope");
    }
    let path = asked.path().trim_start_matches("/api/admin/v1/");
    let segments: Vec<&str> = path.split('/').collect();
    match (asked.head.method.as_str(), segments.as_slice()) {
        ("GET", ["version"]) => json_answer(200, &json!({ "version": VERSION })),
        ("GET", ["site-config"]) => json_answer(200, &site_config(shared)),
        ("GET", ["users", "by-username", name]) => match user(shared, name) {
            Some(user) => json_answer(200, &user),
            None => errors(404, &format!("User with username {name:?} not found")),
        },
        // MAS may have it; nobody is to take this for its answer.
        _ => errors(501, "The stand-in has no such path"),
    }
}

fn site_config(shared: &Shared) -> Value {
    json!({
        "server_name": shared.server_name(),
        "password_login_enabled": true,
        "password_registration_enabled": false,
        "password_registration_email_required": false,
        "password_registration_token_required": false,
        "registration_token_required": false,
        "email_change_allowed": true,
        "displayname_change_allowed": true,
        "password_change_allowed": true,
        "account_recovery_allowed": false,
        "account_deactivation_allowed": true,
        "captcha_enabled": false,
        "minimum_password_complexity": 3,
    })
}

fn user(shared: &Shared, name: &str) -> Option<Value> {
    let admins = shared.admins();
    let all = &admins.0;
    let known = all.iter().find(|known| known.eq_ignore_ascii_case(name))?;
    // IDs are ordered by time, and have 26 characters.
    let number = all.iter().position(|one| one == known)?;
    let id = format!("01JSTANDN{number:017}");
    let itself = format!("/api/admin/v1/users/{id}");
    let asked = format!("/api/admin/v1/users/by-username/{known}");
    Some(json!({
        "data": {
            "type": "user",
            "id": id,
            "attributes": {
                "username": known,
                "created_at": "2026-01-01T00:00:00Z",
                "locked_at": null,
                "deactivated_at": null,
                "admin": admins.1.contains(known),
                "legacy_guest": false,
            },
            "links": {"self": itself},
        },
        "links": {"self": asked},
    }))
}
