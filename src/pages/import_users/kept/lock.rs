//! One tab at a time: a lock of the Web Locks API, which the browser takes away from a tab that
//! is closed or has crashed.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A lock; dropped, it is free.
pub struct Lock {
    release: Function,
}

impl Lock {
    /// Takes the lock of an import; `None` if another tab has it, or the browser knows no locks.
    pub async fn take(id: f64) -> Option<Self> {
        let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
        let request: Function = Reflect::get(&locks, &"request".into())
            .ok()?
            .dyn_into()
            .ok()?;
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &true.into()).ok()?;
        let taken = Promise::new(&mut |tell, _| {
            // Held as long as the promise that it answers with is open.
            let hold = Closure::once_into_js(move |lock: JsValue| -> JsValue {
                if lock.is_null() {
                    let _ = tell.call0(&JsValue::NULL);
                    return JsValue::UNDEFINED;
                }
                Promise::new(&mut |release, _| {
                    let _ = tell.call1(&JsValue::NULL, &release);
                })
                .into()
            });
            let name = name(id);
            let _ = request.call3(&locks, &name.into(), &options, &hold);
        });
        let release = JsFuture::from(taken).await.ok()?.dyn_into().ok()?;
        Some(Lock { release })
    }
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

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::NULL);
    }
}
