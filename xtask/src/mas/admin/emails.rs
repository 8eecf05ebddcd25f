//! Users' e-mail addresses.

use super::super::state::{Job, Kind};
use super::super::time;
use super::convention::{Ask, Id, Refusal, Told, found, just_set, nothing, one, user};
use super::list::{List, is_asked};
use serde::Deserialize;
use serde_json::json;

pub fn list(ask: &Ask) -> Told {
    let mut list = List::read(ask, Kind::Email)?;
    let user = list.id("user", 0, Kind::User, "User ID")?;
    let address = list.text("email", 0)?;
    Ok(list.answer(|_, email| {
        let has = email["email"].as_str().unwrap_or_default();
        is_asked(
            user.as_deref(),
            email["user_id"].as_str().unwrap_or_default(),
        ) && address.is_none_or(|address| address.eq_ignore_ascii_case(has))
    }))
}

fn title(id: &str) -> String {
    format!("User email ID {id} not found")
}

pub fn get(ask: &Ask, id: &str) -> Told {
    let email = found(&ask.state(), Kind::Email, id, &title(id))?;
    Ok(one(200, Kind::Email, id, &email, ""))
}

#[derive(Deserialize)]
struct New {
    user_id: Id,
    email: String,
}

pub fn create(ask: &Ask) -> Told {
    let new: New = ask.body()?;
    let (id, address) = (new.user_id.0, new.email);
    let mut state = ask.state();
    user(&state, &id)?;
    let wrong = |why: &str| {
        let title = format!("Email {address:?} is not valid");
        Refusal::Errors(400, vec![title, why.to_owned()])
    };
    match address.split_once('@') {
        None => return Err(wrong("Missing domain or user")),
        Some((name, _)) if name.is_empty() || name.contains(' ') => {
            return Err(wrong("Invalid user"));
        }
        Some((_, domain)) if domain.is_empty() || domain.contains(['@', ' ']) => {
            return Err(wrong("Invalid domain"));
        }
        Some(_) => {}
    }
    let is_taken = state.all(Kind::Email).any(|(_, one)| {
        let has = one["email"].as_str().unwrap_or_default();
        has.eq_ignore_ascii_case(&address)
    });
    if is_taken {
        return Err(Refusal::new(
            409,
            format!("User email {address:?} already in use"),
        ));
    }
    let now = time::written(time::now());
    let email = json!({"created_at": now, "user_id": id, "email": address});
    let made = state.add(Kind::Email, email.clone());
    state.jobs.push(Job::Provision(id));
    Ok(one(
        201,
        Kind::Email,
        &made,
        &just_set(&email, "created_at"),
        "",
    ))
}

pub fn delete(ask: &Ask, id: &str) -> Told {
    let mut state = ask.state();
    let email = found(&state, Kind::Email, id, &title(id))?;
    state.remove(Kind::Email, id);
    let user = email["user_id"].as_str().unwrap_or_default().to_owned();
    state.jobs.push(Job::Provision(user));
    Ok(nothing())
}
