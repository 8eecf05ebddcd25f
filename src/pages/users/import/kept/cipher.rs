//! Encryption with a key that stays in this browser: AES-GCM of WebCrypto. The key can be used by
//! this origin only, and no script can read it out. It lies in the browser's files beside what it
//! encrypts: whoever can read those can read both.

use crate::import::save_error::SaveError;
use js_sys::{Array, Object, Reflect, Uint8Array};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

/// How long the nonce is, in bytes; it stands before what is encrypted.
const NONCE: usize = 12;

/// A key that encrypts what an import keeps; only this origin can use it.
pub struct Key(CryptoKey);

impl Key {
    /// Makes a new key.
    pub async fn new() -> Result<Self, SaveError> {
        let algorithm = algorithm()?;
        set(&algorithm, "length", &256.into())?;
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        let made = subtle()?
            .generate_key_with_object(&algorithm, false, &uses)
            .map_err(refused)?;
        Key::kept(wait(made).await?).ok_or_else(|| SaveError::Browser("no key".to_owned()))
    }

    /// The key that [`Key::value`] has given out.
    pub fn kept(value: JsValue) -> Option<Self> {
        value.dyn_into().ok().map(Key)
    }

    /// The key as IndexedDB stores it.
    pub fn value(&self) -> JsValue {
        self.0.clone().into()
    }

    /// Encrypts some bytes; the nonce stands before them.
    pub async fn seal(&self, plain: &[u8]) -> Result<JsValue, SaveError> {
        let mut nonce = [0; NONCE];
        window()
            .crypto()
            .and_then(|crypto| crypto.get_random_values_with_u8_array(&mut nonce))
            .map_err(refused)?;
        let sealed = subtle()?
            .encrypt_with_object_and_u8_array(&with(&nonce)?, &self.0, plain)
            .map_err(refused)?;
        let sealed = Uint8Array::new(&wait(sealed).await?);
        let whole = Uint8Array::new_with_length(NONCE as u32 + sealed.length());
        whole.set(&Uint8Array::from(&nonce[..]), 0);
        whole.set(&sealed, NONCE as u32);
        Ok(whole.into())
    }

    /// Decrypts what [`Key::seal`] has made.
    pub async fn open(&self, sealed: &JsValue) -> Result<Vec<u8>, SaveError> {
        let bytes = Uint8Array::new(sealed).to_vec();
        let (nonce, sealed) = bytes.split_at_checked(NONCE).ok_or(SaveError::NotSaved)?;
        let plain = subtle()?
            .decrypt_with_object_and_u8_array(&with(nonce)?, &self.0, sealed)
            .map_err(refused)?;
        Ok(Uint8Array::new(&wait(plain).await?).to_vec())
    }
}

fn subtle() -> Result<SubtleCrypto, SaveError> {
    let crypto = window().crypto().map_err(refused)?;
    Ok(crypto.subtle())
}

fn algorithm() -> Result<Object, SaveError> {
    let algorithm = Object::new();
    set(&algorithm, "name", &"AES-GCM".into())?;
    Ok(algorithm)
}

fn with(nonce: &[u8]) -> Result<Object, SaveError> {
    let algorithm = algorithm()?;
    set(&algorithm, "iv", &Uint8Array::from(nonce))?;
    Ok(algorithm)
}

fn set(object: &Object, name: &str, value: &JsValue) -> Result<(), SaveError> {
    Reflect::set(object, &name.into(), value)
        .map(|_| ())
        .map_err(refused)
}

async fn wait(promise: js_sys::Promise) -> Result<JsValue, SaveError> {
    JsFuture::from(promise).await.map_err(refused)
}

fn refused(error: JsValue) -> SaveError {
    SaveError::Browser(match error.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => format!("{error:?}"),
    })
}
