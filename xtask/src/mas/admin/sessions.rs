//! Sessions: of old clients, of OAuth clients, of browsers.

use super::super::state::{Job, Kind};
use super::super::time;
use super::convention::{Ask, Refusal, Told, found, just_set, one};
use super::list::{List, is_asked, lies};
use serde_json::Value;

/// The four dates that sessions can be filtered by.
struct Dates([Option<i64>; 4]);

impl Dates {
    fn read(list: &mut List) -> Result<Dates, Refusal> {
        let mut all = [None; 4];
        let names = [
            "created-before",
            "created-after",
            "last-active-before",
            "last-active-after",
        ];
        for (date, name) in all.iter_mut().zip(names) {
            *date = list.date(name, 20)?;
        }
        Ok(Dates(all))
    }

    fn keep(&self, session: &Value) -> bool {
        let Dates([made_before, made_after, used_before, used_after]) = self;
        lies(&session["created_at"], *made_after, *made_before)
            && lies(&session["last_active_at"], *used_after, *used_before)
    }
}

fn has(session: &Value, field: &str, id: Option<&String>) -> bool {
    id.is_none_or(|id| session[field] == id.as_str())
}

pub fn list(ask: &Ask, kind: Kind) -> Told {
    let mut list = List::read(ask, kind)?;
    let user = list.id("user", 0, Kind::User, "User ID")?;
    let mut clients = Vec::new();
    let mut client_kind = None;
    if kind == Kind::OAuth {
        // One before 1.20, any number since.
        clients = list.ids("client", 0, Kind::Client, "Client ID")?;
        client_kind = list.one_of("client-kind", 0, &["dynamic", "static"])?;
    }
    let mut browser = None;
    if kind != Kind::Browser {
        browser = list.id("user-session", 0, Kind::Browser, "User session ID")?;
    }
    let mut scopes = Vec::new();
    if kind == Kind::OAuth {
        scopes = list.texts("scope", 0);
        if let Some(wrong) = scopes.iter().find(|scope| !is_scope(scope)) {
            let title = format!("Invalid scope {wrong:?} in filter parameters");
            return Err(Refusal::new(400, title));
        }
    }
    let status = list.one_of("status", 0, &["active", "finished"])?;
    let dates = Dates::read(&mut list)?;
    let fixed: Vec<String> = {
        let state = ask.state();
        let all = state.all(Kind::Client);
        all.filter(|(_, client)| client["is_static"] == true)
            .map(|(id, _)| id.clone())
            .collect()
    };
    Ok(list.answer(|_, session| {
        let client = session["client_id"].as_str().unwrap_or_default();
        let is_fixed = fixed.iter().any(|id| id == client);
        has(session, "user_id", user.as_ref())
            && has(session, "user_session_id", browser.as_ref())
            && (clients.is_empty() || clients.iter().any(|id| id == client))
            && is_asked(client_kind.map(|kind| kind == "static"), is_fixed)
            && has_scopes(session, &scopes)
            && is_asked(
                status.map(|status| status == "active"),
                session["finished_at"].is_null(),
            )
            && dates.keep(session)
    }))
}

/// Whether a session has each of these scopes.
pub fn has_scopes(session: &Value, wanted: &[&str]) -> bool {
    let scope = session["scope"].as_str().unwrap_or_default();
    wanted
        .iter()
        .all(|wanted| scope.split(' ').any(|has| has == *wanted))
}

/// Whether this may be one scope.
pub fn is_scope(text: &str) -> bool {
    let good = |letter: u8| matches!(letter, 0x21 | 0x23..=0x5B | 0x5D..=0x7E);
    !text.is_empty() && text.bytes().all(good)
}

/// What MAS calls one of these in its errors.
fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Compat => "Compatibility session",
        Kind::OAuth => "OAuth 2.0 session",
        _ => "User session",
    }
}

pub fn get(ask: &Ask, kind: Kind, id: &str) -> Told {
    let title = format!("{} ID {id} not found", title(kind));
    let session = found(&ask.state(), kind, id, &title)?;
    Ok(one(200, kind, id, &session, ""))
}

pub async fn finish(ask: &Ask<'_>, kind: Kind, id: &str) -> Told {
    let (session, grant) = {
        let mut state = ask.state();
        let not_found = format!("{} ID {id} not found", title(kind));
        let mut session = found(&state, kind, id, &not_found)?;
        if !session["finished_at"].is_null() {
            let title = format!("{} with ID {id} is already finished", title(kind));
            return Err(Refusal::new(400, title));
        }
        session["finished_at"] = time::written(time::now()).into();
        state.put(kind, id.to_owned(), session.clone());
        if kind != Kind::Browser
            && let Some(user) = session["user_id"].as_str()
        {
            state.jobs.push(Job::Devices(user.to_owned()));
        }
        (session, state.grants.get(id).cloned())
    };
    if let Some(grant) = grant {
        ask.shared.end_grant(&grant).await;
    }
    let session = just_set(&session, "finished_at");
    Ok(one(200, kind, id, &session, "finish"))
}
