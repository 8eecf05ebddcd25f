//! What is printed and handed out: a card for each new user who has a password.

use super::passwords::are_handed_out;
use super::results::FileResults;
use crate::browser::clock::Breath;
use crate::i18n::t;
use crate::import::columns::ImportColumn;
use crate::session::Session;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;
use web_sys::Element;

/// The element that holds the cards; the style sheet prints nothing else while it is there.
const ID: &str = "import-sheets";

/// Whether there is anything to hand out.
pub fn any(results: &FileResults) -> bool {
    (0..results.plan.rows.len()).any(|row| has_card(results, row))
}

fn has_card(results: &FileResults, row: usize) -> bool {
    results.is_created(row) && results.password(row).is_some() && are_handed_out()
}

/// Prints the cards. They are in the page only while the browser prints.
pub fn print(results: &Rc<FileResults>) {
    let results = Rc::clone(results);
    spawn_local(async move { print_all(&results).await });
}

async fn print_all(results: &FileResults) {
    remove();
    let mut breath = Breath::begin();
    let homeserver = Session::get()
        .account_now()
        .map(|account| account.homeserver.to_string())
        .unwrap_or_default();
    let Some(sheets) = element("div", "sheets", "") else {
        return;
    };
    sheets.set_id(ID);
    for row in (0..results.plan.rows.len()).filter(|row| has_card(results, *row)) {
        let (Some(user), Some(password)) = (results.user(row), results.password(row)) else {
            continue;
        };
        let name = results.rows.table(|table| {
            table
                .field(row, ImportColumn::DisplayName)
                .trim()
                .to_owned()
        });
        let lines = [
            (t::import_column_name(), name),
            (t::import_sheet_homeserver(), homeserver.clone()),
            (t::import_column_user(), user.to_string()),
            (t::import_column_password(), password.to_owned()),
        ];
        if add_card(&sheets, &lines).is_none() {
            return;
        }
        breath.take().await;
    }
    let Some(body) = document().body() else {
        return;
    };
    if body.append_child(&sheets).is_err() {
        return;
    }
    let printed = window_event_listener_untyped("afterprint", |_| remove());
    let _ = window().print();
    // Where printing does not block, they are still needed; where it does, this is long past.
    set_timeout(
        move || {
            printed.remove();
            remove();
        },
        std::time::Duration::from_secs(300),
    );
}

fn add_card(sheets: &Element, lines: &[(String, String)]) -> Option<()> {
    let card = add(sheets, "section", "sheet", "")?;
    add(&card, "h2", "", &t::import_sheet_welcome())?;
    let list = add(&card, "dl", "", "")?;
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        add(&list, "dt", "", name)?;
        add(&list, "dd", "", value)?;
    }
    Some(())
}

fn add(parent: &Element, tag: &str, class: &str, text: &str) -> Option<Element> {
    let child = element(tag, class, text)?;
    parent.append_child(&child).ok()?;
    Some(child)
}

fn element(tag: &str, class: &str, text: &str) -> Option<Element> {
    let element = document().create_element(tag).ok()?;
    element.set_class_name(class);
    element.set_text_content(Some(text));
    Some(element)
}

fn remove() {
    if let Some(sheets) = document().get_element_by_id(ID) {
        sheets.remove();
    }
}
