//! What was chosen last, in this browser, by this administrator.

use super::entry::{OnChosen, PaletteEntry, Picture};
use crate::browser::storage::Keep;
use crate::session::Session;
use serde_json::{Value, json};

/// How many are remembered.
const REMEMBERED: usize = 6;

fn key() -> Option<String> {
    let whose = Session::get().whose()?;
    Some(format!("synapse-admin.recent.{whose}"))
}

fn read() -> Vec<Value> {
    key()
        .and_then(|key| Keep::ThisBrowser.get(&key))
        .and_then(|kept| serde_json::from_str(&kept).ok())
        .unwrap_or_default()
}

/// The recent choices, the last one first.
pub fn entries() -> Vec<PaletteEntry> {
    read()
        .iter()
        .filter_map(|kept| {
            let text = |name: &str| kept.get(name).and_then(Value::as_str);
            let route = text("route").filter(|route| route.starts_with('/'))?;
            Some(PaletteEntry {
                picture: match text("icon")? {
                    "" => Picture::User,
                    icon => Picture::Icon(icon.to_owned().into()),
                },
                title: text("title")?.to_owned(),
                detail: text("detail").unwrap_or_default().to_owned(),
                act: OnChosen::Go(route.to_owned()),
            })
        })
        .collect()
}

/// Remembers a choice.
pub fn remember(entry: &PaletteEntry) {
    let (Some(key), OnChosen::Go(route)) = (key(), &entry.act) else {
        return;
    };
    let icon = match &entry.picture {
        Picture::Icon(icon) => icon,
        Picture::User => "",
    };
    let mut kept = read();
    kept.retain(|other| other.get("route").and_then(Value::as_str) != Some(route));
    kept.insert(
        0,
        json!({"icon": icon, "title": entry.title, "detail": entry.detail, "route": route}),
    );
    kept.truncate(REMEMBERED);
    // Without storage nothing is remembered.
    Keep::ThisBrowser.set(&key, &Value::from(kept).to_string());
}
