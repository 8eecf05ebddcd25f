//! Registered OAuth clients.

use super::super::state::Kind;
use super::convention::{Ask, Told, found, one};
use super::list::{List, has_part, is_asked};
use serde_json::{Value, json};

/// What MAS keeps of a client that registered with this metadata.
pub fn attributes(id: &str, metadata: &Value, is_static: bool) -> Value {
    let list = |key: &str, without: &[&str]| match &metadata[key] {
        Value::Array(all) => json!(all),
        _ => json!(without),
    };
    json!({
        "client_id": id,
        "client_name": metadata["client_name"],
        "client_uri": metadata["client_uri"],
        "logo_uri": metadata["logo_uri"],
        "redirect_uris": list("redirect_uris", &[]),
        "grant_types": list("grant_types", &["authorization_code"]),
        "is_static": is_static,
    })
}

pub fn list(ask: &Ask) -> Told {
    let mut list = List::read(ask, Kind::Client)?;
    let kind = list.one_of("client-kind", 20, &["dynamic", "static"])?;
    let name = list.text("client-name", 20)?;
    let uri = list.text("client-uri", 20)?;
    let grant = list.text("grant-type", 20)?;
    let active = list.flag("has-active-sessions", 20)?;
    let in_use: Vec<Value> = {
        let state = ask.state();
        let open = state.all(Kind::OAuth);
        open.filter(|(_, one)| one["finished_at"].is_null())
            .map(|(_, one)| one["client_id"].clone())
            .collect()
    };
    Ok(list.answer(|id, client| {
        let grants = client["grant_types"].as_array();
        is_asked(
            kind.map(|kind| kind == "static"),
            client["is_static"] == true,
        ) && has_part(&client["client_name"], name)
            && has_part(&client["client_uri"], uri)
            && grant
                .is_none_or(|grant| grants.is_some_and(|all| all.iter().any(|one| one == grant)))
            && is_asked(active, in_use.iter().any(|one| one == id))
    }))
}

pub fn get(ask: &Ask, id: &str) -> Told {
    let title = format!("OAuth 2.0 client ID {id} not found");
    let client = found(&ask.state(), Kind::Client, id, &title)?;
    Ok(one(200, Kind::Client, id, &client, ""))
}
