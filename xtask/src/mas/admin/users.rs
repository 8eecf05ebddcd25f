//! Users.

use super::super::front::json_answer;
use super::super::state::{Job, Kind, State};
use super::super::time;
use super::convention::{Ask, BASE, Refusal, Told, just_set, nothing, one, resource, user};
use super::list::{List, is_asked};
use serde::Deserialize;
use serde_json::{Value, json};

/// Passwords that are shorter count as weak, where the server does not take any.
const WEAK_BELOW: usize = 8;

/// What MAS keeps of a new user.
pub fn attributes(localpart: &str, created_at: &str, admin: bool) -> Value {
    json!({
        "username": localpart,
        "created_at": created_at,
        "locked_at": null,
        "deactivated_at": null,
        "admin": admin,
        "legacy_guest": false,
    })
}

pub fn list(ask: &Ask) -> Told {
    let mut list = List::read(ask, Kind::User)?;
    let admin = list.flag("admin", 0)?;
    let guest = list.flag("legacy-guest", 3)?;
    let search = list.text("search", 3)?;
    let status = list.one_of("status", 0, &["active", "locked", "deactivated"])?;
    let clients = list.ids("active-oauth2-client", 20, Kind::Client, "Client ID")?;
    let with_oauth = list.flag("has-active-oauth2-session", 20)?;
    let with_compat = list.flag("has-active-compat-session", 20)?;
    let (oauth, compat) = {
        let state = ask.state();
        (active(&state, Kind::OAuth), active(&state, Kind::Compat))
    };
    let has = |sessions: &[Value], id: &str| sessions.iter().any(|one| one["user_id"] == id);
    Ok(list.answer(|id, user| {
        let name = user["username"].as_str().unwrap_or_default();
        let (locked, gone) = (
            !user["locked_at"].is_null(),
            !user["deactivated_at"].is_null(),
        );
        let of_client = |session: &Value| {
            session["user_id"] == id && clients.iter().any(|client| session["client_id"] == *client)
        };
        is_asked(admin, user["admin"] == true)
            && is_asked(guest, user["legacy_guest"] == true)
            && search.is_none_or(|search| is_like(name, &format!("%{search}%")))
            && match status {
                Some("active") => !locked && !gone,
                Some("locked") => locked,
                Some(_) => gone,
                None => true,
            }
            && (clients.is_empty() || oauth.iter().any(of_client))
            && is_asked(with_oauth, has(&oauth, id))
            && is_asked(with_compat, has(&compat, id))
    }))
}

fn active(state: &State, kind: Kind) -> Vec<Value> {
    let all = state.all(kind);
    all.filter(|(_, one)| one[kind.end()].is_null())
        .map(|(_, one)| one.clone())
        .collect()
}

/// SQL's `ILIKE`: `%` is any text, `_` any letter.
fn is_like(text: &str, pattern: &str) -> bool {
    fn from(text: &[char], pattern: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('%', rest)) => (0..=text.len()).any(|at| from(&text[at..], rest)),
            Some((letter, rest)) => match text.split_first() {
                Some((first, others)) => (*letter == '_' || letter == first) && from(others, rest),
                None => false,
            },
        }
    }
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    from(&letters(text), &letters(pattern))
}

pub fn get(ask: &Ask, id: &str) -> Told {
    let user = user(&ask.state(), id)?;
    Ok(one(200, Kind::User, id, &user, ""))
}

pub fn by_username(ask: &Ask, name: &str) -> Told {
    let state = ask.state();
    let Some((id, user)) = state.user_named(name) else {
        return Err(Refusal::new(
            404,
            format!("User with username {name:?} not found"),
        ));
    };
    let path = format!("{BASE}users/by-username/{name}");
    let data = resource(Kind::User, id, user);
    Ok(json_answer(
        200,
        &json!({"data": data, "links": {"self": path}}),
    ))
}

#[derive(Deserialize)]
struct New {
    username: String,
    #[serde(default)]
    skip_homeserver_check: bool,
    displayname: Option<String>,
    avatar_url: Option<String>,
}

pub async fn create(ask: &Ask<'_>) -> Told {
    let new: New = ask.body()?;
    let name = new.username.as_str();
    if ask.state().user_named(name).is_some() {
        return Err(Refusal::new(409, "User already exists"));
    }
    if !is_valid(name) {
        return Err(Refusal::new(400, "Username is not valid"));
    }
    let shared = ask.shared;
    let unreachable = |error: anyhow::Error| {
        Refusal::Errors(
            500,
            vec!["Failed to query homeserver".into(), error.to_string()],
        )
    };
    let free = shared.is_free(name).await.map_err(unreachable)?;
    if !free && !new.skip_homeserver_check {
        return Err(Refusal::new(409, "Username is reserved by the homeserver"));
    }
    let mut told = json!({ "localpart": name });
    if ask.knows(18) {
        let given = [
            ("set_displayname", new.displayname),
            ("set_avatar_url", new.avatar_url),
        ];
        for (key, value) in given {
            if let Some(value) = value {
                told[key] = value.into();
            }
        }
    }
    shared
        .tell("provision_user", &told)
        .await
        .map_err(unreachable)?;
    let now = time::written(time::now());
    let user = attributes(name, &now, false);
    let id = ask.state().add(Kind::User, user.clone());
    shared.tell_provider(&id).await;
    Ok(one(
        201,
        Kind::User,
        &id,
        &just_set(&user, "created_at"),
        "",
    ))
}

/// MAS' own rule of names.
fn is_valid(name: &str) -> bool {
    let good = |letter: u8| {
        letter.is_ascii_lowercase() || letter.is_ascii_digit() || b"=_-./+".contains(&letter)
    };
    (1..=255).contains(&name.len()) && name.bytes().all(good) && !name.starts_with('_')
}

#[derive(Deserialize)]
struct Password {
    password: String,
    skip_password_check: Option<bool>,
}

pub fn set_password(ask: &Ask, id: &str) -> Told {
    let sent: Password = ask.body()?;
    let state = ask.state();
    if !state.settings.passwords {
        return Err(Refusal::new(403, "Password auth is disabled"));
    }
    user(&state, id)?;
    let weak = sent.password.chars().count() < WEAK_BELOW && state.settings.complexity > 0;
    if weak && sent.skip_password_check != Some(true) {
        return Err(Refusal::new(400, "Password is too weak"));
    }
    Ok(nothing())
}

#[derive(Deserialize)]
struct Admin {
    admin: bool,
}

pub async fn set_admin(ask: &Ask<'_>, id: &str) -> Told {
    let sent: Admin = ask.body()?;
    let changed = change(ask, id, |user| user["admin"] = sent.admin.into())?;
    ask.shared.tell_provider(id).await;
    Ok(one(200, Kind::User, id, &changed, "set-admin"))
}

pub async fn lock(ask: &Ask<'_>, id: &str) -> Told {
    let now = time::written(time::now());
    let changed = change(ask, id, |user| {
        if user["locked_at"].is_null() {
            user["locked_at"] = now.into();
        }
    })?;
    ask.state().jobs.push(Job::Provision(id.to_owned()));
    ask.shared.tell_provider(id).await;
    Ok(one(
        200,
        Kind::User,
        id,
        &just_set(&changed, "locked_at"),
        "lock",
    ))
}

pub async fn unlock(ask: &Ask<'_>, id: &str) -> Told {
    let changed = change(ask, id, |user| user["locked_at"] = Value::Null)?;
    ask.state().jobs.push(Job::Provision(id.to_owned()));
    ask.shared.tell_provider(id).await;
    Ok(one(200, Kind::User, id, &changed, "unlock"))
}

#[derive(Default, Deserialize)]
struct Deactivation {
    #[serde(default)]
    skip_erase: bool,
}

pub async fn deactivate(ask: &Ask<'_>, id: &str) -> Told {
    let sent: Deactivation = ask.body_if_any()?;
    let now = time::written(time::now());
    let changed = change(ask, id, |user| {
        if user["deactivated_at"].is_null() {
            user["deactivated_at"] = now.into();
        }
    })?;
    ask.state().jobs.push(Job::Deactivate {
        user: id.to_owned(),
        // Older versions cannot leave it out.
        erase: !(sent.skip_erase && ask.minor > 0),
    });
    ask.shared.tell_provider(id).await;
    Ok(one(
        200,
        Kind::User,
        id,
        &just_set(&changed, "deactivated_at"),
        "deactivate",
    ))
}

pub async fn reactivate(ask: &Ask<'_>, id: &str) -> Told {
    user(&ask.state(), id)?;
    let name = ask.state().localpart(id).unwrap_or_default();
    let told = json!({ "localpart": name });
    let asked = ask.shared.tell("reactivate_user", &told).await;
    asked.map_err(|error| {
        Refusal::Errors(
            500,
            vec!["Failed to reactivate user".into(), error.to_string()],
        )
    })?;
    let changed = change(ask, id, |user| user["deactivated_at"] = Value::Null)?;
    ask.shared.tell_provider(id).await;
    Ok(one(200, Kind::User, id, &changed, "reactivate"))
}

fn change(ask: &Ask, id: &str, change: impl FnOnce(&mut Value)) -> Result<Value, Refusal> {
    let mut state = ask.state();
    let mut changed = user(&state, id)?;
    change(&mut changed);
    state.put(Kind::User, id.to_owned(), changed.clone());
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_searched_as_sql_does() {
        assert!(is_like("user19", "%u%r_9%"));
        assert!(is_like("Anna", "%NN%"));
        assert!(!is_like("anna", "%a&b%"));
        assert!(is_like("", "%%"));
    }

    #[test]
    fn names_have_mas_own_rule() {
        for good in ["a", "a=b", "slash/in", "1.+-_"] {
            assert!(is_valid(good), "{good}");
        }
        for bad in ["", "_a", "A", "a b", "ü", &"a".repeat(256)] {
            assert!(!is_valid(bad), "{bad}");
        }
    }
}
