//! One tab at a time: a lock of the Web Locks API, which the browser takes away from a tab that
//! is closed or has crashed.

use js_sys::{Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// A lock; dropped, it is free.
pub struct Lock {
    release: Function,
}

impl Lock {
    /// Takes a lock. If another tab has it, waits for it or not, as is wanted. `None` if it is
    /// not to be had, or the browser knows no locks.
    pub async fn take(name: &str, wait: bool) -> Option<Self> {
        let locks = Reflect::get(&window().navigator(), &"locks".into()).ok()?;
        let request: Function = Reflect::get(&locks, &"request".into())
            .ok()?
            .dyn_into()
            .ok()?;
        let options = Object::new();
        Reflect::set(&options, &"ifAvailable".into(), &(!wait).into()).ok()?;
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
            let _ = request.call3(&locks, &name.into(), &options, &hold);
        });
        let release = JsFuture::from(taken).await.ok()?.dyn_into().ok()?;
        Some(Lock { release })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.release.call0(&JsValue::NULL);
    }
}
