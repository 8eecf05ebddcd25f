//! What can be done on the page of a report with the keyboard.

use crate::browser::letters;
use leptos::ev;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;

/// A letter, and what it does.
pub type Shortcut = (char, Rc<dyn Fn()>);

/// Listens to these letters as long as the page is there, unless somebody types or is asked something, or
/// wants no letters.
pub fn listen(keys: Vec<Shortcut>) {
    if !letters::are_on() {
        return;
    }
    let keys = StoredValue::new_local(keys);
    let listener = window_event_listener(ev::keydown, move |event| {
        let is_plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let busy = "input, textarea, select, dialog, [popover]";
        let is_typing = target.is_some_and(|target| target.closest(busy).ok().flatten().is_some());
        let asked = document().query_selector("dialog:modal").ok().flatten();
        if !is_plain || is_typing || asked.is_some() {
            return;
        }
        let pressed = letters::letter(&event);
        let act = keys.with_value(|keys| {
            let found = keys.iter().find(|(key, _)| pressed == Some(*key));
            found.map(|(_, act)| Rc::clone(act))
        });
        if let Some(act) = act {
            event.prevent_default();
            act();
        }
    });
    on_cleanup(move || listener.remove());
}
