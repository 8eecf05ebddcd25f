//! Personal sessions and their tokens.

use super::super::sessions::PERSONAL;
use super::super::state::{Job, Kind, State, device_of};
use super::super::time;
use super::convention::{Ask, Id, Refusal, Told, found, just_set, one};
use super::list::{List, lies};
use super::registration::letters;
use super::sessions::{has_scopes, is_scope};
use serde::Deserialize;
use serde_json::{Value, json};

pub fn list(ask: &Ask) -> Told {
    let mut list = List::read(ask, Kind::Personal)?;
    let owner = list.id("owner_user", 5, Kind::User, "User ID")?;
    let client = list.id("owner_client", 5, Kind::Client, "Client ID")?;
    let actor = list.id("actor_user", 5, Kind::User, "User ID")?;
    let scopes = list.texts("scope", 5);
    if let Some(wrong) = scopes.iter().find(|scope| !is_scope(scope)) {
        let title = format!("Invalid scope {wrong:?} in filter parameters");
        return Err(Refusal::new(400, title));
    }
    let status = list.one_of("status", 5, &["active", "revoked"])?;
    let before = list.date("expires_before", 5)?;
    let after = list.date("expires_after", 5)?;
    let expires = list.flag("expires", 5)?;
    Ok(list.answer(|_, session| {
        let has = |field: &str, id: &Option<String>| {
            id.as_ref().is_none_or(|id| session[field] == id.as_str())
        };
        has("owner_user_id", &owner)
            && has("owner_client_id", &client)
            && has("actor_user_id", &actor)
            && has_scopes(session, &scopes)
            && status.is_none_or(|status| (status == "active") == session["revoked_at"].is_null())
            && lies(&session["expires_at"], after, before)
            && expires.is_none_or(|expires| expires != session["expires_at"].is_null())
    }))
}

pub fn get(ask: &Ask, id: &str) -> Told {
    let session = found(
        &ask.state(),
        Kind::Personal,
        id,
        "Personal session not found",
    )?;
    Ok(one(200, Kind::Personal, id, &session, ""))
}

/// What MAS keeps of a new one.
pub fn attributes(
    owner: &str,
    actor: &str,
    name: &str,
    scope: &str,
    seconds: Option<u32>,
) -> Value {
    let now = time::now();
    let mut scopes: Vec<&str> = scope.split(' ').collect();
    scopes.sort_unstable();
    json!({
        "created_at": time::written(now),
        "revoked_at": null,
        "owner_user_id": owner,
        "owner_client_id": null,
        "actor_user_id": actor,
        "human_name": name,
        "scope": scopes.join(" "),
        "last_active_at": null,
        "last_active_ip": null,
        "expires_at": expiry(seconds),
    })
}

fn expiry(seconds: Option<u32>) -> Value {
    let at = seconds.map(|seconds| time::now() + i64::from(seconds) * time::SECOND);
    at.map(time::written).into()
}

/// Gives a session a new token; the old one is dead.
pub fn new_token(state: &mut State, session: &str) -> String {
    let token = format!("{PERSONAL}{}_{}", letters(30), letters(6));
    let old = state.personal.iter().filter(|(_, of)| *of == session);
    let old: Vec<String> = old.map(|(token, _)| token.clone()).collect();
    state.replaced.extend(old);
    state.personal.insert(token.clone(), session.to_owned());
    token
}

#[derive(Deserialize)]
struct New {
    actor_user_id: Id,
    human_name: String,
    scope: String,
    expires_in: Option<u32>,
}

pub async fn create(ask: &Ask<'_>) -> Told {
    let new: New = ask.body()?;
    if !new.scope.split(' ').all(is_scope) {
        return Err(Refusal::new(400, "Invalid scope"));
    }
    let actor = new.actor_user_id.0;
    let user = found(&ask.state(), Kind::User, &actor, "User not found")?;
    if !user["deactivated_at"].is_null() {
        return Err(Refusal::new(410, "User is not active"));
    }
    tell_of_device(ask, &new.scope, &user["username"]).await?;
    let made = attributes(
        &ask.caller,
        &actor,
        &new.human_name,
        &new.scope,
        new.expires_in,
    );
    let mut state = ask.state();
    let id = state.add(Kind::Personal, made.clone());
    let mut told = just_set(&made, "created_at");
    told["access_token"] = new_token(&mut state, &id).into();
    Ok(one(201, Kind::Personal, &id, &told, ""))
}

async fn tell_of_device(ask: &Ask<'_>, scope: &str, localpart: &Value) -> Result<(), Refusal> {
    let Some(device) = device_of(scope) else {
        return Ok(());
    };
    let body = json!({"localpart": localpart, "device_id": device});
    let told = ask.shared.tell("upsert_device", &body).await;
    told.map_err(|error| {
        Refusal::Errors(
            500,
            vec!["Failed to provision device".into(), error.to_string()],
        )
    })
}

#[derive(Deserialize)]
struct Lifetime {
    expires_in: Option<u32>,
}

pub fn regenerate(ask: &Ask, id: &str) -> Told {
    let sent: Lifetime = ask.body()?;
    let mut state = ask.state();
    let mut session = found(&state, Kind::Personal, id, "Session not found")?;
    if session["owner_user_id"] != ask.caller.as_str() {
        return Err(Refusal::new(403, "Session does not belong to you"));
    }
    if !session["revoked_at"].is_null() {
        return Err(Refusal::new(422, "Session not valid"));
    }
    session["expires_at"] = expiry(sent.expires_in);
    state.put(Kind::Personal, id.to_owned(), session.clone());
    session["access_token"] = new_token(&mut state, id).into();
    Ok(one(201, Kind::Personal, id, &session, "regenerate"))
}

pub fn revoke(ask: &Ask, id: &str) -> Told {
    let mut state = ask.state();
    let mut session = found(&state, Kind::Personal, id, "Personal session not found")?;
    if !session["revoked_at"].is_null() {
        let title = format!("Personal session with ID {id} is already revoked");
        return Err(Refusal::new(409, title));
    }
    session["revoked_at"] = time::written(time::now()).into();
    // That was the token's.
    session["expires_at"] = Value::Null;
    state.put(Kind::Personal, id.to_owned(), session.clone());
    if let Some(actor) = session["actor_user_id"].as_str() {
        state.jobs.push(Job::Devices(actor.to_owned()));
    }
    let session = just_set(&session, "revoked_at");
    Ok(one(200, Kind::Personal, id, &session, "revoke"))
}
