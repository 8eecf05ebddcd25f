//! Which language is spoken, and the sentences of it.

use super::t;
use crate::browser::storage::Keep;
use js_sys::{Array, JSON, Object, Reflect};
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};

/// Where the person's choice is kept.
const STORAGE_KEY: &str = "synapse-admin.language";

/// A language other than English, loaded: the values of its file in key order, each a text or
/// an object of plural forms.
#[derive(Clone)]
struct Catalogue {
    tag: String,
    values: Option<Array>,
    /// What it lacks.
    gaps: &'static [(usize, bool)],
}

thread_local! {
    // Wasm in a page has one thread; JavaScript values are not `Send`.
    static CURRENT: RwSignal<Catalogue, LocalStorage> =
        RwSignal::new_local(Catalogue { tag: "en".to_owned(), values: None, gaps: &[] });
}

fn with<T>(read: impl FnOnce(&Catalogue) -> T) -> T {
    CURRENT.with(|current| current.with(read))
}

/// The tag of the current language: `de`. Reactive.
pub fn current() -> String {
    with(|catalogue| catalogue.tag.clone())
}

/// A sentence in the current language, unless that is English or lacks it. Reactive.
pub(super) fn translated(index: usize, category: &str) -> Option<String> {
    with(|catalogue| {
        let place = super::place(catalogue.gaps, index)?;
        let value = catalogue.values.as_ref()?.get(place as u32);
        if let Some(text) = value.as_string() {
            return Some(text);
        }
        let form = |name: &str| {
            Reflect::get(&value, &JsValue::from_str(name))
                .ok()?
                .as_string()
        };
        form(category).or_else(|| form("other"))
    })
}

/// The language to begin with: what the person chose here before, else the first of the
/// browser's languages that we speak, else English.
pub fn preferred() -> String {
    let wanted = window().navigator().languages();
    Keep::ThisBrowser
        .get(STORAGE_KEY)
        .into_iter()
        .chain(wanted.iter().filter_map(|tag| tag.as_string()))
        .find_map(|tag| {
            let base = tag
                .split('-')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            t::LANGUAGES.contains(&base.as_str()).then_some(base)
        })
        .unwrap_or_else(|| "en".to_owned())
}

/// Speaks another language from now on and remembers it. If its file cannot be loaded, the
/// language stays as it is.
pub async fn choose(tag: &str) -> Result<(), gloo_net::Error> {
    speak(tag).await?;
    Keep::ThisBrowser.set(STORAGE_KEY, tag);
    Ok(())
}

/// Speaks another language from now on.
pub async fn speak(tag: &str) -> Result<(), gloo_net::Error> {
    let values = if tag == "en" {
        None
    } else {
        Some(load(tag).await?)
    };
    let gaps = t::UNTRANSLATED.iter().find(|(lacking, _)| *lacking == tag);
    CURRENT.with(|current| {
        current.set(Catalogue {
            tag: tag.to_owned(),
            values,
            gaps: gaps.map_or(&[], |(_, gaps)| gaps),
        })
    });
    if let Some(root) = document().document_element() {
        let direction = if matches!(tag, "ar" | "fa" | "he" | "ur") {
            "rtl"
        } else {
            "ltr"
        };
        // Every element takes these two attributes.
        let _ = root.set_attribute("lang", tag);
        let _ = root.set_attribute("dir", direction);
    }
    Ok(())
}

async fn load(tag: &str) -> Result<Array, gloo_net::Error> {
    let url = format!("./i18n/{tag}.json?v={}", t::VERSION);
    let wanted = t::INTEGRITY.iter().find(|(other, _)| *other == tag);
    let text = gloo_net::http::Request::get(&url)
        .integrity(wanted.map_or("", |(_, sum)| sum))
        .send()
        .await?
        .text()
        .await?;
    let parsed = JSON::parse(&text).map_err(|_| gloo_net::Error::GlooError(url))?;
    // The keys stand in the same order in every language: the build checks it.
    Ok(Object::values(parsed.unchecked_ref::<Object>()))
}

/// The name of a language in itself, for the choice of language.
pub fn name(tag: &str) -> &str {
    match tag {
        "en" => "English",
        "de" => "Deutsch",
        other => other,
    }
}
