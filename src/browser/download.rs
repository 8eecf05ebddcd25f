//! Saving something as a file.

use js_sys::Array;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// How long the browser may take to fetch what it saves.
const KEPT: Duration = Duration::from_secs(60);

/// Saves a text in UTF-8.
pub fn save_text(file_name: &str, media_type: &str, text: &str) {
    let parts = Array::of1(&text.into());
    save_parts(file_name, media_type, &parts);
}

fn save_parts(file_name: &str, media_type: &str, parts: &JsValue) {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let Ok(blob) = Blob::new_with_str_sequence_and_options(parts, &options) else {
        return;
    };
    save_blob(file_name, &blob);
}

/// Saves a blob, such as a media file.
pub fn save_blob(file_name: &str, blob: &Blob) {
    let Ok(url) = Url::create_object_url_with_blob(blob) else {
        return;
    };
    let link = document()
        .create_element("a")
        .ok()
        .and_then(|element| element.dyn_into::<HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&url);
        link.set_download(file_name);
        link.click();
    }
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        KEPT,
    );
}

/// A name with today's date, such as `users-2026-11-23.csv`.
pub fn dated(stem: &str, ending: &str) -> String {
    let date: String = js_sys::Date::new_0().to_iso_string().into();
    let day = date.get(..10).unwrap_or_default();
    format!("{stem}-{day}.{ending}")
}
