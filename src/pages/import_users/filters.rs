//! What is shown of many rows: a choice, and the way to a line of the file.

use crate::components::long_table::Keys;
use crate::i18n::{Words, t};
use crate::ui::view;
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

/// The choice, and a field for a line. `go` gets the line.
pub fn filters(
    label: Words,
    wanted: RwSignal<String>,
    choices: Choices,
    go: Rc<dyn Fn(u32)>,
) -> AnyView {
    let line = RwSignal::new(String::new());
    let options = move || -> Vec<AnyView> {
        choices()
            .into_iter()
            .map(|(value, words)| {
                let chosen = wanted.with_untracked(|wanted| *wanted == value);
                view! { <option value=value selected=chosen>{words}</option> }.into_any()
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
                if let Ok(line) = line.with_untracked(|line| line.trim().parse()) {
                    go(line);
                }
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
        </div>
    }
    .into_any()
}
