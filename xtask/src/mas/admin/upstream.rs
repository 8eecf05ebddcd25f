//! Upstream identity providers, and which of their accounts belong to whom.

use super::super::state::Kind;
use super::super::time;
use super::convention::{Ask, Id, Refusal, Told, found, just_set, nothing, one, user};
use super::list::{List, has_part, is_asked};
use serde::Deserialize;
use serde_json::{Value, json};

pub fn providers(ask: &Ask) -> Told {
    let mut list = List::read(ask, Kind::Provider)?;
    let enabled = list.flag("enabled", 3)?;
    Ok(list.answer(|_, provider| is_asked(enabled, provider["disabled_at"].is_null())))
}

pub fn provider(ask: &Ask, id: &str) -> Told {
    let provider = found(&ask.state(), Kind::Provider, id, "Provider not found")?;
    Ok(one(200, Kind::Provider, id, &provider, ""))
}

pub fn links(ask: &Ask) -> Told {
    let mut list = List::read(ask, Kind::Link)?;
    let user = list.id("user", 0, Kind::User, "User ID")?;
    let provider = list.id("provider", 0, Kind::Provider, "Provider ID")?;
    let subject = list.text("subject", 0)?;
    let name = list.text("human-account-name", 22)?;
    Ok(list.answer(|_, link| {
        let has = |field: &str, wanted: Option<&str>| wanted.is_none_or(|one| link[field] == one);
        has("user_id", user.as_deref())
            && has("provider_id", provider.as_deref())
            && has("subject", subject)
            && has_part(&link["human_account_name"], name)
    }))
}

fn title(id: &str) -> String {
    format!("Upstream OAuth 2.0 Link ID {id} not found")
}

pub fn link(ask: &Ask, id: &str) -> Told {
    let link = found(&ask.state(), Kind::Link, id, &title(id))?;
    Ok(one(200, Kind::Link, id, &link, ""))
}

#[derive(Deserialize)]
struct New {
    user_id: Id,
    provider_id: Id,
    subject: String,
    human_account_name: Option<String>,
}

/// What MAS keeps of a link.
pub fn attributes(provider: &str, subject: &str, user: Option<&str>, name: Option<&str>) -> Value {
    json!({
        "created_at": time::written(time::now()),
        "provider_id": provider,
        "subject": subject,
        "user_id": user,
        "human_account_name": name,
    })
}

pub fn create(ask: &Ask) -> Told {
    let new: New = ask.body()?;
    let (user_id, provider) = (new.user_id.0, new.provider_id.0);
    let mut state = ask.state();
    user(&state, &user_id)?;
    let no_provider = format!("Upstream OAuth 2.0 Provider ID {provider} not found");
    found(&state, Kind::Provider, &provider, &no_provider)?;
    let known = {
        let mut all = state.all(Kind::Link);
        let known = all.find(|(_, link)| {
            link["provider_id"] == provider.as_str() && link["subject"] == new.subject.as_str()
        });
        known.map(|(id, link)| (id.clone(), link.clone()))
    };
    let Some((id, mut link)) = known else {
        let name = new.human_account_name.as_deref();
        let link = attributes(&provider, &new.subject, Some(&user_id), name);
        let id = state.add(Kind::Link, link.clone());
        return Ok(one(
            201,
            Kind::Link,
            &id,
            &just_set(&link, "created_at"),
            "",
        ));
    };
    if !link["user_id"].is_null() {
        let title = format!(
            "Upstream Oauth 2.0 Provider ID {provider} with subject {} is already linked to a user",
            new.subject
        );
        return Err(Refusal::new(409, title));
    }
    link["user_id"] = user_id.into();
    state.put(Kind::Link, id.clone(), link.clone());
    Ok(one(200, Kind::Link, &id, &link, ""))
}

pub fn delete(ask: &Ask, id: &str) -> Told {
    match ask.state().remove(Kind::Link, id) {
        true => Ok(nothing()),
        false => Err(Refusal::new(404, title(id))),
    }
}
