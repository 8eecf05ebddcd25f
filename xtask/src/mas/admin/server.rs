//! What the server says of itself.

use super::super::front::json_answer;
use super::convention::{Ask, Told};
use serde_json::json;

pub fn version(ask: &Ask) -> Told {
    let version = ask.state().settings.version.clone();
    Ok(json_answer(200, &json!({ "version": version })))
}

pub fn site_config(ask: &Ask) -> Told {
    let settings = ask.state().settings.clone();
    let mut told = json!({
        "server_name": ask.shared.server_name(),
        "password_login_enabled": settings.passwords,
        "password_registration_enabled": false,
        "password_registration_email_required": false,
        "password_registration_token_required": false,
        "registration_token_required": false,
        "email_change_allowed": true,
        "displayname_change_allowed": true,
        "password_change_allowed": settings.passwords,
        "account_recovery_allowed": false,
        "account_deactivation_allowed": true,
        "captcha_enabled": false,
        "minimum_password_complexity": settings.complexity,
    });
    if !ask.knows(19)
        && let Some(fields) = told.as_object_mut()
    {
        fields.remove("password_registration_token_required");
    }
    Ok(json_answer(200, &told))
}
