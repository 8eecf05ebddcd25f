//! What is typed into the forms of a page, over leaving the page for a while: every field of every form
//! and dialog, found by its label, so that none has to take part by itself. Passwords and files are
//! not among it, nor what is typed to confirm, nor switches, which take effect at once.

use super::toast::Toasts;
use crate::api::exchange::Clock;
use crate::browser::clock::BrowserClock;
use crate::browser::navigation::current_route;
use crate::i18n::t;
use js_sys::Reflect;
use leptos::prelude::{document, window_event_listener_untyped};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Element, Event, HtmlInputElement};

/// The fields that are kept: those of `components::field`. A file cannot be put back.
const FIELDS: &str = ".field input:enabled:not([type=password], [type=file], [id^=confirm]), \
    .field textarea:enabled, .field select:enabled, .check input:enabled:not([role=switch])";

/// How often it is looked whether fields have come in which something was typed, in milliseconds.
const BEAT: u64 = 100;

/// So many looks in vain, once nothing is loading any more, are enough until somebody does something.
const LOOKS: u32 = 50;

/// What is loading.
const LOADING: &str = "[aria-busy=true], .skeleton";

/// Fields in which secrets are typed, shown or not.
const SECRETS: &str = ".input-group:has([aria-pressed]) input";

/// Marks what a person has changed.
const MARK: &str = "data-typed";

/// The forms of signing in, which are not part of the work.
const SIGN_IN: &str = "form[novalidate]";

/// What was typed into a field.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct TypedField {
    /// The title of its dialog, if it is in one.
    dialog: Option<String>,
    label: String,
    /// Which of those of this label.
    number: usize,
    value: String,
}

/// What was typed into the forms of a page.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub struct TypedForms {
    path: String,
    fields: Vec<TypedField>,
    /// The titles of the dialogs that open again by themselves.
    opens: Vec<String>,
    /// Whether there was a secret, which is not kept.
    has_secrets: bool,
}

#[derive(Default)]
struct Waiting {
    typed: Option<TypedForms>,
    is_told: bool,
    /// How many looks are left. While there are any, somebody is looking.
    looks: u32,
}

thread_local! {
    static WAITING: RefCell<Waiting> = RefCell::default();
}

fn path() -> String {
    let route = current_route();
    route.split('?').next().unwrap_or_default().to_owned()
}

fn all(selector: &str) -> Vec<Element> {
    let Ok(found) = document().query_selector_all(selector) else {
        return Vec::new();
    };
    let elements = (0..found.length()).filter_map(|number| found.get(number));
    elements.filter_map(|node| node.dyn_into().ok()).collect()
}

fn within(element: &Element, selector: &str) -> Option<Element> {
    element.closest(selector).ok().flatten()
}

fn text(element: Option<Element>) -> String {
    // By name: a function of its own would be in the download of the log-in page.
    let text = element.and_then(|element| Reflect::get(&element, &"textContent".into()).ok());
    let text = text.and_then(|text| text.as_string());
    text.unwrap_or_default().trim().to_owned()
}

/// An `input`; the others have the same `value`.
fn as_input(field: &Element) -> &HtmlInputElement {
    field.unchecked_ref()
}

fn is_check(field: &Element) -> bool {
    matches!(as_input(field).type_().as_str(), "checkbox" | "radio")
}

fn value(field: &Element) -> String {
    match is_check(field) {
        true => as_input(field).checked().to_string(),
        false => as_input(field).value(),
    }
}

/// The fields that are there, each with its dialog, its label and its number.
fn fields() -> Vec<(Element, Option<String>, String, usize)> {
    let mut found: Vec<(Element, Option<String>, String, usize)> = Vec::new();
    for field in all(FIELDS) {
        let is_secret = field.matches(SECRETS).unwrap_or(true);
        if is_secret || within(&field, SIGN_IN).is_some() {
            continue;
        }
        let dialog = within(&field, "dialog")
            .map(|dialog| text(dialog.query_selector(".dialog-title").ok().flatten()));
        let label = match within(&field, ".check") {
            Some(label) => Some(label),
            None => within(&field, ".field")
                .and_then(|frame| frame.query_selector("label").ok().flatten()),
        };
        let label = text(label);
        let same = found.iter();
        let same = same.filter(|(_, of, called, _)| *of == dialog && *called == label);
        let number = same.count();
        found.push((field, dialog, label, number));
    }
    found
}

/// From now on it is noticed which fields a person changes. For as long as the tab.
pub fn watch() {
    let _ = window_event_listener_untyped("input", |event: Event| {
        let target = event.target().and_then(|target| target.dyn_into().ok());
        if let Some(field) = target.map(|field: Element| field) {
            // Fails only for a name that is none.
            let _ = field.set_attribute(MARK, "");
        }
    });
    // A form that is opened later.
    for name in ["click", "focusin"] {
        let _ = window_event_listener_untyped(name, |_| look());
    }
}

/// What is typed now, if anything: of a page what a person has changed, of an open dialog all.
pub fn take() -> Option<TypedForms> {
    let fields: Vec<TypedField> = fields()
        .into_iter()
        .filter(|(field, dialog, ..)| dialog.is_some() || field.has_attribute(MARK))
        .map(|(field, dialog, label, number)| TypedField {
            dialog,
            label,
            number,
            value: value(&field),
        })
        .collect();
    let opens = all("dialog:has([data-reopens]) .dialog-title");
    let is_secret = |field: &Element| within(field, SIGN_IN).is_none() && field.has_attribute(MARK);
    let has_secrets = all(SECRETS).iter().any(is_secret);
    (has_secrets || !fields.is_empty()).then(|| TypedForms {
        path: path(),
        fields,
        opens: opens.into_iter().map(|title| text(Some(title))).collect(),
        has_secrets,
    })
}

/// Puts back what was typed before the page was left, each text as soon as its field is there.
pub fn put_back(typed: TypedForms) {
    WAITING.replace(Waiting {
        typed: Some(typed),
        ..Waiting::default()
    });
    look();
}

/// Looks for the fields until all are found or none comes any more.
fn look() {
    let begins = WAITING.with_borrow_mut(|waiting| {
        let is_waiting = waiting.typed.is_some();
        let begins = is_waiting && waiting.looks == 0;
        if is_waiting {
            waiting.looks = LOOKS;
        }
        begins
    });
    if !begins {
        return;
    }
    spawn_local(async {
        while WAITING.with_borrow(|waiting| waiting.looks) > 0 && !place() {
            BrowserClock.sleep(BEAT).await;
            if all(LOADING).is_empty() {
                WAITING.with_borrow_mut(|waiting| waiting.looks = waiting.looks.saturating_sub(1));
            }
        }
        WAITING.with_borrow_mut(|waiting| waiting.looks = 0);
    });
}

/// Whether something was typed into the dialog of this title, which is to open then. Such a dialog has
/// `data-reopens`.
pub fn reopens(title: &str) -> bool {
    WAITING.with_borrow(|waiting| {
        let typed = waiting.typed.as_ref();
        typed.is_some_and(|typed| {
            let mut dialogs = typed.fields.iter().map(|field| field.dialog.as_deref());
            typed.path == path() && dialogs.any(|dialog| dialog == Some(title))
        })
    })
}

/// Puts back what can be; whether nothing is left to wait for.
fn place() -> bool {
    let Some(mut typed) = WAITING.with_borrow_mut(|waiting| waiting.typed.take()) else {
        return true;
    };
    // Whoever goes elsewhere has left it.
    if typed.path != path() {
        return true;
    }
    if document()
        .query_selector("main h1")
        .ok()
        .flatten()
        .is_some()
    {
        tell(&typed);
    }
    let mut placed = Vec::new();
    for (field, dialog, label, number) in fields() {
        let of = |typed: &TypedField| {
            typed.dialog == dialog && typed.label == label && typed.number == number
        };
        if let Some(at) = typed.fields.iter().position(of) {
            placed.push((field, typed.fields.remove(at).value));
        }
    }
    let is_done = WAITING.with_borrow_mut(|waiting| {
        let is_done = waiting.is_told && typed.fields.is_empty();
        waiting.typed = (!is_done).then_some(typed);
        is_done
    });
    for (field, text) in placed {
        put(&field, &text);
    }
    is_done
}

/// Types it, as far as the program can tell.
fn put(field: &Element, text: &str) {
    if value(field) == text {
        return;
    }
    match is_check(field) {
        true => as_input(field).set_checked(text == "true"),
        false => as_input(field).set_value(text),
    }
    // Fails only for a name that is none.
    let _ = field.set_attribute(MARK, "");
    for name in ["input", "change"] {
        if let Ok(event) = Event::new(name) {
            // Fails only for an event that is under way.
            let _ = field.dispatch_event(&event);
        }
    }
}

/// Says what does not come back by itself, once.
fn tell(typed: &TypedForms) {
    let dialogs = WAITING.with_borrow_mut(|waiting| {
        if std::mem::replace(&mut waiting.is_told, true) {
            return None;
        }
        let mut dialogs: Vec<String> = Vec::new();
        for dialog in typed.fields.iter().filter_map(|field| field.dialog.clone()) {
            if !typed.opens.contains(&dialog) && !dialogs.contains(&dialog) {
                dialogs.push(dialog);
            }
        }
        Some(dialogs)
    });
    let Some(dialogs) = dialogs else { return };
    let toasts = Toasts::get();
    for title in dialogs {
        toasts.info(t::typed_dialog(&title));
    }
    if typed.has_secrets {
        toasts.info(t::typed_secrets());
    }
}
