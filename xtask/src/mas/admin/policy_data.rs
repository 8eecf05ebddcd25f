//! Data that is merged over the configured policy's.

use super::super::state::Kind;
use super::super::time;
use super::convention::{Ask, Refusal, Told, just_set, one};
use serde::Deserialize;
use serde_json::{Value, json};

pub fn latest(ask: &Ask) -> Told {
    let state = ask.state();
    match state.all(Kind::Policy).last() {
        Some((id, data)) => Ok(one(200, Kind::Policy, id, data, "")),
        None => Err(Refusal::new(404, "No policy data found")),
    }
}

#[derive(Deserialize)]
struct New {
    data: Value,
}

/// What the default policy wants to be a list, and what an object.
const LISTS: [&str; 2] = ["admin_users", "admin_clients"];
const OBJECTS: [&str; 4] = ["client_registration", "registration", "emails", "requester"];

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Why it cannot be merged over what is configured.
fn problem(data: &Value) -> Option<String> {
    let wrong = |value: &Value, wanted: &str| {
        let title = format!("Cannot merge a {} into a {wanted}", kind_of(value));
        (kind_of(value) != wanted).then_some(title)
    };
    let Value::Object(fields) = data else {
        return wrong(data, "object");
    };
    fields.iter().find_map(|(name, value)| match name.as_str() {
        name if LISTS.contains(&name) => wrong(value, "array"),
        name if OBJECTS.contains(&name) => wrong(value, "object"),
        _ => None,
    })
}

pub fn create(ask: &Ask) -> Told {
    let new: New = ask.body()?;
    if let Some(problem) = problem(&new.data) {
        let title = "Failed to instanciate policy with the provided data";
        let titles = vec![title.into(), "invalid policy data".into(), problem];
        return Err(Refusal::Errors(400, titles));
    }
    let now = time::written(time::now());
    let made = json!({"created_at": now, "data": new.data});
    let id = ask.state().add(Kind::Policy, made.clone());
    Ok(one(
        201,
        Kind::Policy,
        &id,
        &just_set(&made, "created_at"),
        "",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_that_do_not_fit_are_said() {
        assert_eq!(
            problem(&json!({"admin_users": ["a"], "session_limit": null})),
            None
        );
        let said = problem(&json!({"admin_users": "x"}));
        assert_eq!(said.as_deref(), Some("Cannot merge a string into a array"));
        assert!(problem(&json!([])).is_some());
    }
}
