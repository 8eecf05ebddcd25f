//! The choice of language and theme, on the log-in page and in the side navigation.

use crate::components::storage::Keep;
use crate::i18n::{Words, language, t};
use crate::ui::view;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Where the chosen theme is kept; `assets/boot.js` reads it too, before the first paint.
const THEME_KEY: &str = "synapse-admin.theme";

/// The themes, by the value of `data-theme`, with their names.
const THEMES: [(&str, Words); 3] = [
    ("system", t::theme_system),
    ("light", t::theme_light),
    ("dark", t::theme_dark),
];

fn theme() -> String {
    Keep::ThisBrowser
        .get(THEME_KEY)
        .unwrap_or_else(|| "system".to_owned())
}

fn choose_theme(theme: &str) {
    Keep::ThisBrowser.set(THEME_KEY, theme);
    if let Some(root) = document().document_element() {
        // Every element takes this attribute.
        let _ = root.set_attribute("data-theme", theme);
    }
}

/// The two choices.
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
                on:change=move |event| choose_theme(&event_target_value(&event))
            >
                {THEMES
                    .map(|(value, name)| {
                        view! {
                            <option value=value selected=theme() == value>
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
