//! Encryption with a key that stays in this browser: AES-GCM of WebCrypto. The key can be used by
//! this origin only, and no script can read it out. It lies in the browser's files beside what it
//! encrypts: whoever can read those can read both.

use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

/// How long the nonce is, in bytes; it stands before what is encrypted.
const NONCE: usize = 12;

/// A key.
pub struct Key(CryptoKey);

impl Key {
    /// Makes a new one.
    pub async fn new() -> Result<Self, String> {
        let algorithm = algorithm()?;
        set(&algorithm, "length", &256.into())?;
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        let made = subtle()?
            .generate_key_with_object(&algorithm, false, &uses)
            .map_err(|error| text(&error))?;
        Key::kept(wait(made).await?).ok_or_else(|| "no key".to_owned())
    }

    /// One that was kept.
    pub fn kept(value: JsValue) -> Option<Self> {
        value.dyn_into().ok().map(Key)
    }

    /// To be kept.
    pub fn value(&self) -> JsValue {
        self.0.clone().into()
    }

    /// Encrypts.
    pub async fn seal(&self, plain: &[u8]) -> Result<JsValue, String> {
        let mut nonce = [0; NONCE];
        window()
            .crypto()
            .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut nonce))
            .map_err(|error| text(&error))?;
        let sealed = subtle()?
            .encrypt_with_object_and_u8_array(&with(&nonce)?, &self.0, plain)
            .map_err(|error| text(&error))?;
        let sealed = Uint8Array::new(&wait(sealed).await?);
        let whole = Uint8Array::new_with_length(NONCE as u32 + sealed.length());
        whole.set(&Uint8Array::from(&nonce[..]), 0);
        whole.set(&sealed, NONCE as u32);
        Ok(whole.into())
    }

    /// Decrypts.
    pub async fn open(&self, sealed: &JsValue) -> Result<Vec<u8>, String> {
        let bytes = Uint8Array::new(sealed).to_vec();
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or("nothing there")?;
        let plain = subtle()?
            .decrypt_with_object_and_u8_array(&with(nonce)?, &self.0, sealed)
            .map_err(|error| text(&error))?;
        Ok(Uint8Array::new(&wait(plain).await?).to_vec())
    }
}

fn subtle() -> Result<SubtleCrypto, String> {
    let crypto = window().crypto().map_err(|error| text(&error))?;
    Ok(crypto.subtle())
}

fn algorithm() -> Result<Object, String> {
    let algorithm = Object::new();
    set(&algorithm, "name", &"AES-GCM".into())?;
    Ok(algorithm)
}

fn with(nonce: &[u8]) -> Result<Object, String> {
    let algorithm = algorithm()?;
    set(&algorithm, "iv", &Uint8Array::from(nonce))?;
    Ok(algorithm)
}

fn set(object: &Object, name: &str, value: &JsValue) -> Result<(), String> {
    Reflect::set(object, &name.into(), value)
        .map(|_| ())
        .map_err(|error| text(&error))
}

async fn wait(promise: js_sys::Promise) -> Result<JsValue, String> {
    JsFuture::from(promise).await.map_err(|error| text(&error))
}

/// An error of the browser, for people.
fn text(error: &JsValue) -> String {
    match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => format!("{error:?}"),
    }
}
