//! What is shown of many rows: a choice, and the way to a line of the file.

use super::checked::Checked;
use crate::components::long_table::Keys;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// Makes the entries of the choice: value and words. They may become more, but those that are
/// there keep their places.
pub type Choices = Rc<dyn Fn() -> Vec<(String, String)>>;

/// The key of a place: row and column from 0. In the order of the file.
pub fn key(row: usize, column: Option<usize>) -> u64 {
    (row as u64) << 16 | column.map_or(0, |column| column as u64 + 1)
}

/// The opposite of [`key`].
pub fn place(key: u64) -> (usize, Option<usize>) {
    let column = (key & 0xFFFF) as usize;
    ((key >> 16) as usize, column.checked_sub(1))
}

/// The keys of some rows.
pub fn keys(rows: impl Iterator<Item = usize>) -> Keys {
    rows.map(|row| key(row, None)).collect()
}

/// The words when a line is not there: with the line and the last one; with the line and the
/// next one that is; with the line alone, where none follows.
#[derive(Clone, Copy)]
pub struct Missing {
    pub next: fn(&str, &str) -> String,
    pub none: fn(&str) -> String,
}

/// Goes to a line among the keys that are shown, or to the next after it. What is to be said if
/// it is not the line that was asked for.
pub fn go_to(
    rows: &Checked,
    keys: &[u64],
    line: u32,
    goal: RwSignal<Option<u64>>,
    missing: Missing,
) -> Option<String> {
    let asked = line.to_string();
    let (last, row) = rows.table(|table| {
        let last = table.rows().len().checked_sub(1).map(|row| table.line(row));
        (last.unwrap_or_default(), table.rows().at_line(line))
    });
    let Some(row) = row else {
        return Some(t::import_jump_beyond(&last.to_string(), &asked));
    };
    let at = keys.partition_point(|shown| *shown < key(row, None));
    let Some(next) = keys.get(at) else {
        return Some((missing.none)(&asked));
    };
    goal.set(Some(*next));
    let found = rows.table(|table| table.line(place(*next).0));
    (found != line).then(|| (missing.next)(&asked, &found.to_string()))
}

/// The choice, and a field for a line. `go` gets the line, and says what is to be said.
pub fn filters(
    label: Words,
    wanted: RwSignal<String>,
    choices: Choices,
    go: Rc<dyn Fn(u32) -> Option<String>>,
) -> Node {
    let line = RwSignal::new(String::new());
    let answer = RwSignal::new(String::new());
    let options = move || -> Vec<Node> {
        choices()
            .into_iter()
            .map(|(value, words)| {
                let chosen = wanted.with_untracked(|wanted| *wanted == value);
                view! { <option value=value selected=chosen>{words}</option> }.into_node()
            })
            .collect()
    };
    view! {
        <div class="import-filters">
            <label>
                <span>{label}</span>
                <select class="select" on:change=move |event| wanted.set(event_target_value(&event))>
                    {options}
                </select>
            </label>
            <form on:submit=move |event| {
                event.prevent_default();
                let asked = line.with_untracked(|line| line.trim().parse());
                answer.set(match asked {
                    Ok(line) => go(line).unwrap_or_default(),
                    Err(_) => String::new(),
                });
            }>
                <label>
                    <span>{t::import_jump}</span>
                    <input
                        class="input"
                        type="number"
                        min="1"
                        step="1"
                        inputmode="numeric"
                        on:input=move |event| line.set(event_target_value(&event))
                    />
                </label>
            </form>
            <p class="import-note" role="status">{answer}</p>
        </div>
    }
    .into_node()
}
