//! Moving between rows without a mouse. The keys work while the focus is inside the list, so
//! they take nothing from the rest of the page.

use super::state::ListState;
use crate::browser::letters::letter;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// How many rows `PageUp` and `PageDown` move.
const PAGE: i64 = 10;

/// `j` and `k` or the arrows move by one row, `PageUp` and `PageDown` by ten, `Home` and `End` to
/// the first and the last; `Enter` opens, `Space` selects, `/` searches.
pub fn keys(state: ListState, event: KeyboardEvent) {
    if event.default_prevented() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let element = |target: Option<web_sys::EventTarget>| {
        target.and_then(|target| target.dyn_into::<Element>().ok())
    };
    let (Some(target), Some(list)) = (element(event.target()), element(event.current_target()))
    else {
        return;
    };
    let inside = |selector: &str| target.closest(selector).ok().flatten();
    if inside("input:not([type=checkbox]), textarea, select, dialog, [popover]").is_some() {
        return;
    }
    let row = inside("tbody tr");
    let on_row = row.as_ref() == Some(&target);
    let letter = letter(&event).map(String::from);
    match letter.unwrap_or_else(|| event.key()).as_str() {
        "j" => step(state, &list, row.as_ref(), 1),
        "k" => step(state, &list, row.as_ref(), -1),
        "ArrowDown" if row.is_some() => step(state, &list, row.as_ref(), 1),
        "ArrowUp" if row.is_some() => step(state, &list, row.as_ref(), -1),
        "PageDown" if row.is_some() => step(state, &list, row.as_ref(), PAGE),
        "PageUp" if row.is_some() => step(state, &list, row.as_ref(), -PAGE),
        "Home" if row.is_some() => step(state, &list, row.as_ref(), i64::MIN),
        "End" if row.is_some() => step(state, &list, row.as_ref(), i64::MAX),
        "Enter" if on_row => press(&target, "a.row-link"),
        " " if on_row => press(&target, "input[type=checkbox]"),
        "/" => focus(list.query_selector("[data-list-search]")),
        _ => return,
    }
    event.prevent_default();
}

fn focus<E>(element: Result<Option<Element>, E>) {
    let element = element.ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // Cannot fail for an element in the page.
        let _ = element.focus();
    }
}

fn press(row: &Element, selector: &str) {
    let element = row.query_selector(selector).ok().flatten();
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// From a row to another, which may not be in the page yet.
fn step(state: ListState, list: &Element, row: Option<&Element>, by: i64) {
    let number = |element: &Element, name: &str| element.get_attribute(name)?.parse::<i64>().ok();
    let last = state.rows.with_untracked(Vec::len) as i64 - 1;
    let index = match row {
        // The headings are the first row.
        Some(row) => number(row, "aria-rowindex").map(|index| index - 2),
        None => {
            // The row with the focus went out of sight.
            let frame = list.query_selector("[data-left]:focus").ok().flatten();
            frame.and_then(|frame| number(&frame, "data-left"))
        }
    };
    match index {
        Some(index) => {
            let next = index.saturating_add(by).clamp(0, last.max(0));
            state.goal.set(Some(next as u64));
        }
        None => focus(list.query_selector("tbody tr[aria-rowindex]")),
    }
}
