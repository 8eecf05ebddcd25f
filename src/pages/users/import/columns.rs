//! The columns of the file in sight: the first values of each, what it is taken for, and a choice
//! of everything that it can be.

use super::checking;
use super::desk::Desk;
use super::memory::{LEFT_OUT, role, value};
use crate::components::badge::{Tone, badge_text};
use crate::components::page::Card;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::{HeaderRole, ImportColumn};
use crate::import::matching::{Match, MatchedBy};
use crate::import::table::Table;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The card; nothing before there is a table.
pub fn columns(desk: Desk) -> Node {
    (move || {
        desk.reading.track();
        let Some(rows) = desk.rows() else {
            return ().into_node();
        };
        let columns = rows
            .table(Table::matching)
            .into_iter()
            .filter(|found| !found.name.is_empty() || !found.values.is_empty())
            .map(|found| column(desk, found))
            .collect_view();
        view! {
            <Card title=Signal::derive(t::import_columns)>
                <p class="import-note">{t::import_columns_hint}</p>
                <p role="status">{move || summary(desk)}</p>
                <ul class="import-columns">{columns}</ul>
            </Card>
        }
        .into_node()
    })
    .into_node()
}

/// How many columns are left out, and how many are a guess.
fn summary(desk: Desk) -> Option<String> {
    desk.reading.assigned.track();
    let matching = desk.rows()?.table(Table::matching);
    let open = matching.iter().filter(|found| found.is_open());
    let (left_out, guessed): (Vec<_>, Vec<_>) = open.partition(|found| found.is_left_out());
    let names = |of: &[&Match]| {
        let names: Vec<String> = of.iter().map(|found| name(found)).collect();
        names.join(", ")
    };
    let mut sentences = Vec::new();
    if !left_out.is_empty() {
        let count = left_out.len() as u64;
        sentences.push(t::import_columns_left_out(count, &names(&left_out)));
    }
    if !guessed.is_empty() {
        let count = guessed.len() as u64;
        sentences.push(t::import_columns_guessed(count, &names(&guessed)));
    }
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// The header, or the number of the column.
fn name(found: &Match) -> String {
    match found.name.as_str() {
        "" => t::import_columns_number(&(found.index + 1).to_string()),
        name => name.to_owned(),
    }
}

fn column(desk: Desk, found: Match) -> Node {
    let index = found.index;
    let now = move || {
        desk.reading.assigned.track();
        desk.rows()?.table(|table| table.matched(index))
    };
    // Asked for every entry of every choice: no values are looked for.
    let is = move |choice: &'static str| {
        desk.reading.assigned.track();
        desk.rows().is_some_and(|rows| {
            rows.table(|table| {
                let header = table.headers.get(index);
                header.is_some_and(|header| value(header.role) == choice)
            })
        })
    };
    let option = |choice: &'static str, label: String| {
        view! {
            <option value=choice selected=move || is(choice)>
                {label}
            </option>
        }
        .into_node()
    };
    let mut options = vec![option(LEFT_OUT, t::import_columns_leave_out())];
    options.extend(ImportColumn::ALL.map(|column| option(column.name(), words::column(column))));
    let values = move || {
        let found = now()?;
        // Nobody who looks over the shoulder is to see passwords.
        let hidden = found.role == HeaderRole::Column(ImportColumn::Password);
        let values = found.values.iter().map(|value| match hidden {
            true => "•••••".to_owned(),
            false => value.clone(),
        });
        let values = values.map(|value| view! { <li><bdi>{value}</bdi></li> });
        Some(values.collect_view())
    };
    let mark = move || {
        now().and_then(|found| {
            let first = |index: usize| {
                let first = desk.rows();
                let first = first.and_then(|rows| rows.table(|table| table.matched(index)));
                first.map_or(String::new(), |found| name(&found))
            };
            let (tone, text) = match found.how {
                _ if found.values.is_empty() => (Tone::Neutral, t::import_columns_empty()),
                MatchedBy::Known if found.is_left_out() => {
                    (Tone::Neutral, t::import_columns_ours())
                }
                MatchedBy::Known => return None,
                MatchedBy::Likely => (Tone::Warning, t::import_columns_likely()),
                MatchedBy::Unrecognised => (Tone::Warning, t::import_columns_unknown()),
                MatchedBy::Twice { first: at } => {
                    (Tone::Warning, t::import_columns_twice(&first(at)))
                }
                MatchedBy::Chosen => (Tone::Neutral, t::import_columns_chosen()),
                MatchedBy::Remembered => (Tone::Neutral, t::import_columns_remembered()),
            };
            Some(badge_text(tone, text))
        })
    };
    let title = name(&found);
    let label = t::import_columns_label(&title);
    view! {
        <li>
            <div class="import-column">
                <strong>
                    <bdi>{title}</bdi>
                </strong>
                <ul>{values}</ul>
            </div>
            <select
                class="select"
                aria-label=label
                on:change=move |event| {
                    checking::assign(desk, index, role(&event_target_value(&event)));
                }
            >
                {options}
            </select>
            <span>{mark}</span>
        </li>
    }
    .into_node()
}
