//! Moving between rows without a mouse. The keys work while the focus is inside the list, so
//! they take nothing from the rest of the page.

use leptos::ev::KeyboardEvent;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// `j` and `k` or the arrows move, `Enter` opens, `Space` selects, `/` searches.
pub fn keys(event: KeyboardEvent) {
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
    match event.key().as_str() {
        "j" => step(&list, row.as_ref(), 1),
        "k" => step(&list, row.as_ref(), -1),
        "ArrowDown" if row.is_some() => step(&list, row.as_ref(), 1),
        "ArrowUp" if row.is_some() => step(&list, row.as_ref(), -1),
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

fn step(list: &Element, row: Option<&Element>, by: i32) {
    let next = match row {
        Some(row) if by > 0 => row.next_element_sibling(),
        Some(row) => row.previous_element_sibling(),
        None => list.query_selector("tbody tr").ok().flatten(),
    };
    focus::<()>(Ok(next));
}
