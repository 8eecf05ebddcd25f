//! Tokens to register with.

use super::super::state::{Kind, State};
use super::super::time;
use super::convention::{Ask, Refusal, Told, found, just_set, one, present};
use super::list::{List, is_asked};
use crate::synapse::random_bytes;
use serde::Deserialize;
use serde_json::{Value, json};

/// MAS keeps it in 31 bits.
const MOST: u32 = i32::MAX.unsigned_abs();

/// Whether it lets somebody in, which is reckoned anew each time.
fn is_valid(token: &Value) -> bool {
    let left = token["usage_limit"].as_u64();
    let left = left.is_none_or(|limit| token["times_used"].as_u64() < Some(limit));
    token["revoked_at"].is_null() && !is_expired(token) && left
}

fn is_expired(token: &Value) -> bool {
    let at = token["expires_at"].as_str().and_then(time::read);
    at.is_some_and(|at| at <= time::now())
}

/// Reckons anew which ones let somebody in.
fn refresh(state: &mut State) {
    let all: Vec<String> = state
        .all(Kind::Registration)
        .map(|(id, _)| id.clone())
        .collect();
    for id in all {
        if let Some(token) = state.get_mut(Kind::Registration, &id) {
            token["valid"] = is_valid(token).into();
        }
    }
}

pub fn list(ask: &Ask) -> Told {
    refresh(&mut ask.state());
    let mut list = List::read(ask, Kind::Registration)?;
    let used = list.flag("used", 0)?;
    let revoked = list.flag("revoked", 0)?;
    let expired = list.flag("expired", 0)?;
    let valid = list.flag("valid", 0)?;
    Ok(list.answer(|_, token| {
        is_asked(used, token["times_used"] != 0)
            && is_asked(revoked, !token["revoked_at"].is_null())
            && is_asked(expired, is_expired(token))
            && is_asked(valid, is_valid(token))
    }))
}

fn by_id(state: &mut State, id: &str) -> Result<Value, Refusal> {
    refresh(state);
    let title = format!("Registration token with ID {id} not found");
    found(state, Kind::Registration, id, &title)
}

pub fn get(ask: &Ask, id: &str) -> Told {
    let token = by_id(&mut ask.state(), id)?;
    Ok(one(200, Kind::Registration, id, &token, ""))
}

#[derive(Deserialize)]
struct New {
    token: Option<String>,
    usage_limit: Option<u32>,
    expires_at: Option<Moment>,
}

/// A time in a body.
#[derive(Clone, Copy)]
struct Moment(i64);

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Moment, D::Error> {
        let text = String::deserialize(from)?;
        let read = time::read(&text).map(Moment);
        read.ok_or_else(|| serde::de::Error::custom("input contains invalid characters"))
    }
}

impl Moment {
    fn written(self) -> Value {
        time::written(self.0).into()
    }
}

fn check(limit: Option<u32>) -> Result<(), Refusal> {
    match limit.is_some_and(|limit| limit > MOST) {
        true => Err(Refusal::Errors(
            500,
            vec![
                "Invalid database operation".into(),
                "out of range integral type conversion attempted".into(),
            ],
        )),
        false => Ok(()),
    }
}

/// What MAS keeps of a new one.
pub fn attributes(token: &str, limit: Option<u32>, expires_at: Option<i64>) -> Value {
    let mut made = json!({
        "token": token,
        "valid": true,
        "usage_limit": limit,
        "times_used": 0,
        "created_at": time::written(time::now()),
        "last_used_at": null,
        "expires_at": expires_at.map(time::written),
        "revoked_at": null,
    });
    made["valid"] = is_valid(&made).into();
    made
}

pub fn create(ask: &Ask) -> Told {
    let new: New = ask.body()?;
    let token = new.token.unwrap_or_else(|| letters(12));
    let mut state = ask.state();
    if state
        .all(Kind::Registration)
        .any(|(_, one)| one["token"] == token.as_str())
    {
        let title = "A registration token with the same token already exists";
        return Err(Refusal::new(409, title));
    }
    check(new.usage_limit)?;
    let made = attributes(&token, new.usage_limit, new.expires_at.map(|at| at.0));
    let id = state.add(Kind::Registration, made.clone());
    Ok(one(
        201,
        Kind::Registration,
        &id,
        &just_set(&made, "created_at"),
        "",
    ))
}

/// Random letters and digits.
pub fn letters(length: usize) -> String {
    const LETTERS: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let letter = |byte: u8| LETTERS[usize::from(byte) % LETTERS.len()] as char;
    random_bytes(length).into_iter().map(letter).collect()
}

/// What is left out stays, what is null goes.
#[derive(Deserialize)]
struct Change {
    #[serde(default, deserialize_with = "present")]
    usage_limit: Option<Option<u32>>,
    #[serde(default, deserialize_with = "present")]
    expires_at: Option<Option<Moment>>,
}

pub fn put(ask: &Ask, id: &str) -> Told {
    let change: Change = ask.body()?;
    let mut state = ask.state();
    let mut token = by_id(&mut state, id)?;
    if let Some(limit) = change.usage_limit {
        check(limit)?;
        token["usage_limit"] = limit.into();
    }
    if let Some(at) = change.expires_at {
        token["expires_at"] = at.map_or(Value::Null, Moment::written);
    }
    token["valid"] = is_valid(&token).into();
    state.put(Kind::Registration, id.to_owned(), token.clone());
    Ok(one(200, Kind::Registration, id, &token, ""))
}

pub fn revoke(ask: &Ask, id: &str) -> Told {
    let now = time::written(time::now());
    set_revoked(ask, id, now.into(), "already revoked", "revoke")
}

pub fn unrevoke(ask: &Ask, id: &str) -> Told {
    set_revoked(ask, id, Value::Null, "not revoked", "unrevoke")
}

fn set_revoked(ask: &Ask, id: &str, to: Value, already: &str, action: &str) -> Told {
    let mut state = ask.state();
    let mut token = by_id(&mut state, id)?;
    if token["revoked_at"].is_null() == to.is_null() {
        let title = format!("Registration token with ID {id} is {already}");
        return Err(Refusal::new(400, title));
    }
    token["revoked_at"] = to;
    token["valid"] = is_valid(&token).into();
    state.put(Kind::Registration, id.to_owned(), token.clone());
    Ok(one(
        200,
        Kind::Registration,
        id,
        &just_set(&token, "revoked_at"),
        action,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn null_is_not_left_out() {
        let read = |text: &str| serde_json::from_str::<Change>(text).unwrap();
        assert!(read("{}").usage_limit.is_none());
        assert_eq!(read(r#"{"usage_limit":null}"#).usage_limit, Some(None));
        assert_eq!(read(r#"{"usage_limit":3}"#).usage_limit, Some(Some(3)));
    }

    #[test]
    fn a_token_lets_in_until_it_is_used_up_or_over() {
        assert!(is_valid(&attributes("a", None, None)));
        assert!(is_valid(&attributes("a", Some(1), None)));
        assert!(!is_valid(&attributes("a", Some(0), None)));
        assert!(!is_valid(&attributes("a", None, Some(0))));
    }
}
