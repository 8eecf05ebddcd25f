//! The styles of the inside, which come with it: the log-in page does without.

use crate::components::part::PartMissing;
use js_sys::{Function, Promise, Reflect, global};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Under this name `assets/boot.js` has the function that loads them, which it calls itself for
/// whoever is signed in already.
const LOADER: &str = "synapseAdminStyles";

/// Waits until they apply. Calling it again is cheap, and after a failure another try.
pub async fn load() -> Result<(), PartMissing> {
    styles().await.map(drop).map_err(|_| PartMissing)
}

async fn styles() -> Result<JsValue, JsValue> {
    let loader: Function = Reflect::get(&global(), &LOADER.into())?.dyn_into()?;
    let promise: Promise = loader.call0(&JsValue::UNDEFINED)?.dyn_into()?;
    JsFuture::from(promise).await
}
