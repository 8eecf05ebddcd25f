//! What is chosen and remembered in this browser.

use crate::browser::letters;
use crate::browser::storage::Keep;
use crate::components::button::Button;
use crate::components::field::Switch;
use crate::i18n::{Words, t};
use crate::lists::Density;
use crate::ui::{IntoNode, Node, view};
use crate::widgets::pictures::PROFILE_PICTURES;
use leptos::html;
use leptos::prelude::*;

/// Whether lists have low rows.
pub fn rows() -> Node {
    let compact = RwSignal::new(Density::restore() == Density::Compact);
    let change = move |wanted: bool| {
        compact.set(wanted);
        match wanted {
            true => Density::Compact.keep(),
            false => Density::Comfortable.keep(),
        }
    };
    view! { <Switch label=Signal::derive(t::settings_compact) value=compact on_change=change /> }
        .into_node()
}

/// Whether lists have pictures of users and rooms.
pub fn faces() -> Node {
    let shown = RwSignal::new(Keep::ThisBrowser.get(PROFILE_PICTURES).as_deref() != Some("off"));
    let change = move |wanted: bool| {
        shown.set(wanted);
        Keep::ThisBrowser.set(PROFILE_PICTURES, if wanted { "on" } else { "off" });
    };
    view! {
        <Switch
            label=Signal::derive(t::settings_faces)
            hint=Signal::derive(t::settings_faces_hint)
            value=shown
            on_change=change
        />
    }
    .into_node()
}

/// Whether letters alone do something.
pub fn letters() -> Node {
    let on = RwSignal::new(letters::are_on());
    let change = move |wanted: bool| {
        on.set(wanted);
        letters::switch(wanted);
    };
    view! {
        <Switch
            label=Signal::derive(t::settings_letters)
            hint=Signal::derive(t::settings_letters_hint)
            value=on
            on_change=change
        />
    }
    .into_node()
}

/// What is remembered, by what its keys begin with.
const REMEMBERED: [(&[&str], Words); 3] = [
    (
        &["synapse-admin.list-columns.", "synapse-admin.list-order."],
        t::settings_columns,
    ),
    (&["synapse-admin.recent."], t::settings_recent),
    (&["synapse-admin.dashboard."], t::settings_figures),
];

/// What this browser remembers, each with a button to have it forget it, or that there is nothing.
pub fn kept() -> Node {
    let rows: Vec<Node> = REMEMBERED.into_iter().map(one).collect();
    view! {
        <p>{t::settings_kept_text}</p>
        <div class="action-rows">{rows}</div>
    }
    .into_node()
}

fn one((beginnings, words): (&'static [&'static str], Words)) -> Node {
    let keys = move || -> Vec<String> {
        let whole = |beginning: &'static str| {
            let keys = Keep::ThisBrowser.keys(beginning);
            keys.into_iter().map(move |key| format!("{beginning}{key}"))
        };
        beginnings.iter().copied().flat_map(whole).collect()
    };
    let is_empty = RwSignal::new(keys().is_empty());
    let row: NodeRef<html::Div> = NodeRef::new();
    let forget = move || {
        for key in keys() {
            Keep::ThisBrowser.remove(&key);
        }
        is_empty.set(true);
        // The button that had it is gone.
        if let Some(row) = row.get_untracked() {
            let _ = row.focus();
        }
    };
    let button = move || {
        let label = Signal::derive(move || t::settings_forget(&words()));
        (!is_empty.get()).then(|| view! { <Button label icon="trash" on_press=forget /> })
    };
    view! {
        <div class="action-row" node_ref=row tabindex="-1">
            <div class="action-text">
                <strong>{words}</strong>
                <p role="status">{move || is_empty.get().then(t::settings_nothing)}</p>
            </div>
            {button}
        </div>
    }
    .into_node()
}
