//! The columns of the file in sight: the first values of each, what it is taken for, and a choice
//! of everything that it can be.

use super::checking;
use super::desk::Desk;
use crate::browser::storage::Keep;
use crate::components::badge::{Tone, badge_text};
use crate::components::page::Card;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::import::columns::{Column, Role};
use crate::import::matching::{How, Match};
use crate::import::table::Table;
use crate::ui::view;
use leptos::prelude::*;

/// What the columns of files with the same header were taken for.
const KEY: &str = "import-columns";
/// How many headers are remembered.
const REMEMBERED: usize = 30;
/// What stands for a column that is left out.
const LEFT_OUT: &str = "-";

/// The card; nothing before there is a table.
pub fn columns(desk: Desk) -> AnyView {
    (move || {
        desk.reading.track();
        let Some(rows) = desk.rows() else {
            return ().into_any();
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
        .into_any()
    })
    .into_any()
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

fn value(role: Role) -> &'static str {
    match role {
        Role::Column(column) => column.name(),
        Role::Ignored | Role::Unknown => LEFT_OUT,
    }
}

fn role(value: &str) -> Role {
    let column = Column::ALL.iter().find(|column| column.name() == value);
    column.map_or(Role::Ignored, |column| Role::Column(*column))
}

fn column(desk: Desk, found: Match) -> AnyView {
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
        .into_any()
    };
    let mut options = vec![option(LEFT_OUT, t::import_columns_leave_out())];
    options.extend(Column::ALL.map(|column| option(column.name(), words::column(column))));
    let values = move || {
        let found = now()?;
        // Nobody who looks over the shoulder is to see passwords.
        let hidden = found.role == Role::Column(Column::Password);
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
                How::Known if found.is_left_out() => (Tone::Neutral, t::import_columns_ours()),
                How::Known => return None,
                How::Likely => (Tone::Warning, t::import_columns_likely()),
                How::Unrecognised => (Tone::Warning, t::import_columns_unknown()),
                How::Twice { first: at } => (Tone::Warning, t::import_columns_twice(&first(at))),
                How::Chosen => (Tone::Neutral, t::import_columns_chosen()),
                How::Remembered => (Tone::Neutral, t::import_columns_remembered()),
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
            <span class="import-column-mark">{mark}</span>
        </li>
    }
    .into_any()
}

/// The header of a table in one text.
fn key(table: &Table) -> String {
    let names = table.headers.iter().map(|header| header.name.as_str());
    names.collect::<Vec<_>>().join("\u{1f}")
}

/// What is remembered, newest first: header and columns.
fn remembered() -> Vec<(String, String)> {
    let text = Keep::ThisBrowser.get(KEY).unwrap_or_default();
    let lines = text
        .split('\n')
        .filter_map(|line| line.split_once('\u{1e}'));
    lines
        .map(|(key, roles)| (key.to_owned(), roles.to_owned()))
        .collect()
}

/// Takes the columns for what they were in an earlier file with the same header.
pub fn recall(table: &mut Table) {
    // A table without a header is like every other one.
    if table.header.is_none() {
        return;
    }
    let wanted = key(table);
    let found = remembered().into_iter().find(|(key, _)| *key == wanted);
    if let Some((_, roles)) = found {
        let roles: Vec<Role> = roles.split(' ').map(role).collect();
        table.remember(&roles);
    }
}

/// Remembers what the columns are taken for; no values.
pub fn keep(table: &Table) {
    if table.header.is_none() {
        return;
    }
    let wanted = key(table);
    if wanted.contains(['\n', '\u{1e}']) {
        return;
    }
    let roles = table.headers.iter().map(|header| value(header.role));
    let roles = roles.collect::<Vec<_>>().join(" ");
    let mut all = remembered();
    all.retain(|(key, _)| *key != wanted);
    all.insert(0, (wanted, roles));
    all.truncate(REMEMBERED);
    let lines = all.iter().map(|(key, roles)| format!("{key}\u{1e}{roles}"));
    Keep::ThisBrowser.set(KEY, &lines.collect::<Vec<_>>().join("\n"));
}
