//! One tab at a time for each import.

use crate::session::lock::Lock;
use js_sys::{Array, Function, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::JsCast;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

/// Takes the lock of an import; `None` if another tab has it, or the browser knows no locks.
pub async fn take(id: f64) -> Option<Lock> {
    Lock::take(&name(id), false).await
}

/// Which of these imports some tab has the lock of.
pub async fn held(ids: &[f64]) -> Vec<bool> {
    let names: Vec<String> = held_names().await.unwrap_or_default();
    ids.iter().map(|id| names.contains(&name(*id))).collect()
}

async fn held_names() -> Option<Vec<String>> {
    let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
    let query: Function = Reflect::get(&locks, &"query".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let asked: Promise = query.call0(&locks).ok()?.dyn_into().ok()?;
    let answer = JsFuture::from(asked).await.ok()?;
    let held: Array = Reflect::get(&answer, &"held".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let name = |lock: JsValue| Reflect::get(&lock, &"name".into()).ok()?.as_string();
    Some(held.iter().filter_map(name).collect())
}

fn name(id: f64) -> String {
    format!("synapse-admin-import-{id}")
}
