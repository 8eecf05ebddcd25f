//! Whose accounts belong to bridges, recognised by their IDs: some of each group of IDs that begin
//! alike are asked for, because no list of Synapse tells. Kept for the session.

use crate::api::users::{self, User};
use crate::api::{ApiError, UserId};
use crate::browser::navigation::current_query;
use crate::browser::only_one;
use crate::components::clipboard::copy_button;
use crate::i18n::t;
use crate::lists::Reading;
use crate::session::config::config;
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use crate::users::bridges::{Namespaces, groups};
use leptos::prelude::*;
use std::cell::Cell;
use std::collections::BTreeMap;

/// What has been found out.
#[derive(Clone, Default)]
struct Found {
    /// Whose session it was found in.
    owner: Option<String>,
    /// Of each prefix that has been asked about, whether an application service owns it.
    asked: BTreeMap<String, bool>,
    namespaces: Namespaces,
}

/// A handle: copies are the same.
#[derive(Clone, Copy)]
struct Recognised(RwSignal<Found>);

thread_local! {
    static RECOGNISED: Cell<Option<Recognised>> = const { Cell::new(None) };
}

fn recognised() -> RwSignal<Found> {
    only_one::get(&RECOGNISED, || Recognised(RwSignal::new(Found::default()))).0
}

/// Whether this account belongs to a bridge, as far as [`recognise`] has found. Not reactive.
pub fn is_recognised(user: &UserId) -> bool {
    recognised().with_untracked(|found| found.namespaces.contains(user))
}

/// Finds out which of these accounts, of which the server has no trace, belong to bridges. Each
/// group is asked about once in a session.
pub async fn recognise(all: &[User], reading: &Reading) -> Result<(), ApiError> {
    let found = recognised();
    let owner = Session::get().whose();
    if found.with_untracked(|found| found.owner != owner) {
        found.set(Found {
            owner,
            ..Found::default()
        });
    }
    let is_known = |user: &User| config().is_system_user(&user.name);
    let without_trace = all
        .iter()
        .filter(|user| user.last_seen_ts.is_none() && !user.is_guest && !is_known(user))
        .map(|user| &user.name);
    for group in groups(without_trace) {
        if found.with_untracked(|found| found.asked.contains_key(&group.prefix)) {
            continue;
        }
        let mut owned = true;
        for user in &group.samples {
            if reading.is_cancelled() {
                return Err(ApiError::Cancelled);
            }
            owned = owned && belongs_to_a_service(user).await?;
        }
        found.update(|found| {
            found.asked.insert(group.prefix.clone(), owned);
            if owned {
                found.namespaces.add(&group);
            }
        });
    }
    Ok(())
}

async fn belongs_to_a_service(user: &UserId) -> Result<bool, ApiError> {
    let client = Client::get();
    match client.patient().send(users::get(user)).await {
        Ok(detail) => Ok(detail.appservice_id.is_some()),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}

/// What was recognised, where the list leaves it out, with what to write into `config.json` so
/// that these accounts are protected everywhere.
pub fn offer() -> Node {
    let query = current_query();
    let found = recognised();
    let shown = Memo::new(move |_| {
        let asked = query.with(|query| query.get("system").is_some());
        asked && found.with(|found| !found.namespaces.is_empty())
    });
    (move || shown.get().then(|| panel(found))).into_node()
}

fn panel(found: RwSignal<Found>) -> Node {
    let names = move || {
        found.with(|found| {
            let prefixes = found.namespaces.prefixes().iter();
            prefixes
                .map(|prefix| format!("{prefix}…"))
                .collect::<Vec<_>>()
                .join(", ")
        })
    };
    let server = Session::get().server_name();
    let server = server.map(|server| server.to_string()).unwrap_or_default();
    let setting = move || {
        let patterns = found.with(|found| found.namespaces.patterns(&server));
        let patterns = serde_json::to_string(&patterns).unwrap_or_default();
        format!("\"asManagedUsers\": {patterns}")
    };
    let shown = setting.clone();
    view! {
        <details class="bridges-found">
            <summary>{move || t::users_bridges_found(&names())}</summary>
            <p>{t::users_bridges_protect}</p>
            <pre tabindex="0">{shown}</pre>
            {move || copy_button(setting(), Some(t::users_bridges_setting))}
        </details>
    }
    .into_node()
}
