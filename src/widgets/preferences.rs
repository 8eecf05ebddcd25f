//! The choice of language and theme, on the log-in page and in the side navigation.

use crate::browser::only_one;
use crate::browser::storage::Keep;
use crate::i18n::{Words, language, t};
use crate::ui::view;
use leptos::prelude::*;
use std::cell::Cell;
use wasm_bindgen_futures::spawn_local;

/// Where the chosen theme is kept; `assets/boot.js` reads it too, before the first paint.
const THEME_KEY: &str = "synapse-admin.theme";

/// The themes, by the value of `data-theme`, with their names.
pub const THEMES: [(&str, Words); 3] = [
    ("system", t::theme_system),
    ("light", t::theme_light),
    ("dark", t::theme_dark),
];

thread_local! {
    static THEME: Cell<Option<RwSignal<String>>> = const { Cell::new(None) };
}

fn theme() -> RwSignal<String> {
    only_one::get(&THEME, || {
        let kept = Keep::ThisBrowser.get(THEME_KEY);
        RwSignal::new(kept.unwrap_or_else(|| "system".to_owned()))
    })
}

/// Shows this theme from now on, and remembers it.
pub fn choose_theme(theme_name: &str) {
    theme().set(theme_name.to_owned());
    Keep::ThisBrowser.set(THEME_KEY, theme_name);
    if let Some(root) = document().document_element() {
        // Every element takes this attribute.
        let _ = root.set_attribute("data-theme", theme_name);
    }
}

/// The choice of language and of theme.
#[component]
pub fn Preferences() -> impl IntoView {
    let failed = RwSignal::new(false);
    let speak = move |event: leptos::ev::Event| {
        let tag = event_target_value(&event);
        spawn_local(async move {
            failed.set(language::choose(&tag).await.is_err());
        });
    };
    view! {
        <div class="preferences">
            <select
                class="select"
                aria-label=t::preferences_language
                prop:value=language::current
                on:change=speak
            >
                {t::LANGUAGES
                    .iter()
                    .map(|tag| {
                        let name = language::name(tag);
                        view! {
                            <option value=*tag selected=move || language::current() == *tag>
                                {name}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <select
                class="select"
                aria-label=t::preferences_theme
                prop:value=theme()
                on:change=move |event| choose_theme(&event_target_value(&event))
            >
                {THEMES
                    .map(|(value, name)| {
                        view! {
                            <option value=value selected=move || theme().get() == value>
                                {name}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
            <p class="field-error" role="alert" hidden=move || !failed.get()>
                {t::preferences_language_failed}
            </p>
        </div>
    }
}
