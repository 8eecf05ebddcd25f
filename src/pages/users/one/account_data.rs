//! The tab "Account data": what clients keep at the server for an account, as JSON that can be
//! read.

use super::Shown;
use crate::api::account_data::{self, AccountData, Contents};
use crate::components::empty::Empty;
use crate::components::field::Field;
use crate::components::json::json_entry;
use crate::components::remote::remote;
use crate::i18n::{format, t};
use crate::session::Client;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use serde_json::Value;
use std::rc::Rc;

/// So many contents are listed.
const LISTED: usize = 200;

/// The tab with the account data of a user.
pub fn tab(shown: Shown) -> Node {
    let user = shown.user.get_value();
    let search = RwSignal::new(String::new());
    let content = remote(
        RwSignal::new(0),
        move || {
            let user = user.clone();
            async move { Client::get().send(account_data::get(&user)).await }
        },
        move |answered: &account_data::Answered| found(&answered.account_data, search),
    );
    view! {
        <p class="tab-lead">{t::account_data_lead}</p>
        {content}
    }
    .into_node()
}

/// One type of account data with its content.
struct Entry {
    /// Empty for what belongs to no room.
    room: String,
    kind: String,
    json: Rc<str>,
}

fn entries(data: &AccountData) -> Vec<Entry> {
    let of = |room: &str, contents: &Contents| {
        let entry = |(kind, content): (&String, &Value)| Entry {
            room: room.to_owned(),
            kind: kind.clone(),
            json: serde_json::to_string_pretty(content)
                .unwrap_or_default()
                .into(),
        };
        contents.iter().map(entry).collect::<Vec<_>>()
    };
    let mut all = of("", &data.global);
    for (room, contents) in &data.rooms {
        all.extend(of(room, contents));
    }
    all
}

fn found(data: &AccountData, search: RwSignal<String>) -> Node {
    let all: Rc<[Entry]> = entries(data).into();
    if all.is_empty() {
        return view! { <Empty picture="database" title=t::account_data_empty /> }.into_node();
    }
    let list = move || {
        let term = search.with(|search| search.trim().to_lowercase());
        let matching: Vec<&Entry> = all
            .iter()
            .filter(|entry| {
                term.is_empty()
                    || entry.kind.to_lowercase().contains(&term)
                    || entry.room.to_lowercase().contains(&term)
                    || entry.json.to_lowercase().contains(&term)
            })
            .collect();
        let left = matching.len().saturating_sub(LISTED);
        let rows = matching.into_iter().take(LISTED).map(one).collect_view();
        view! {
            <div class="json-list">{rows}</div>
            {(left > 0)
                .then(|| view! { <p>{t::account_data_left(&format::number(left as f64))}</p> })}
        }
        .into_node()
    };
    view! {
        <section class="card">
            <Field label=t::account_data_search value=search kind="search" />
            {list}
        </section>
    }
    .into_node()
}

fn one(entry: &Entry) -> Node {
    let (kind, room, json) = (
        entry.kind.clone(),
        entry.room.clone(),
        Rc::clone(&entry.json),
    );
    let summary = view! {
        <code>{kind}</code>
        {(!room.is_empty()).then(|| view! { <small>{room.clone()}</small> })}
    }
    .into_node();
    json_entry(
        summary,
        t::account_data_content,
        move || Rc::clone(&json),
        None,
    )
}
