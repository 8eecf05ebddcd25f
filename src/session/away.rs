//! Signing in elsewhere, at an identity provider or with Matrix Authentication Service: what the
//! browser keeps while somebody is away for it, and what they bring back.
//!
//! Nobody else can send somebody here with a session of theirs: what is brought is used only if this
//! very tab, or one that waits for it, has asked for it, which a random value shows that only they
//! know. It is used once.

use crate::api::encode::push_encoded;
use crate::api::exchange::Random;
use crate::api::{HomeserverUrl, UserId};
use crate::browser::clock::{BrowserRandom, now};
use crate::browser::only_one;
use crate::browser::storage::Keep;
use crate::i18n::errors::Explained;
use js_sys::{Reflect, global};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use wasm_bindgen::JsValue;

/// Before the random value, in `sessionStorage`, which outlives the way through other addresses and
/// belongs to one tab.
const KEY: &str = "synapse-admin.away.";

/// Under this name `assets/boot.js` leaves what it has taken out of the address.
const BROUGHT: &str = "synapseAdminBrought";

/// For how long what was asked for is waited for, in milliseconds. The servers' own limits, minutes,
/// begin later: with what they send back.
const PATIENCE_MS: i64 = 60 * 60 * 1000;

/// How the person signs in elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SignInPlace {
    /// By single sign-on at the identity provider of this ID; empty where the server is to choose.
    Sso { provider: String },
    /// By OAuth 2.0 with Matrix Authentication Service. `extra` is what has to be remembered for it,
    /// as JSON; empty before it is known.
    OAuth { extra: String },
}

/// What somebody is away for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Away {
    pub place: SignInPlace,
    pub homeserver: HomeserverUrl,
    /// The page that is wanted afterwards.
    pub route: String,
    pub stay_signed_in: bool,
    /// Whose interrupted session is to go on, if that is what is wanted.
    pub only: Option<UserId>,
    /// The homeserver that may have the secret over plain `http`.
    pub plain: Option<HomeserverUrl>,
    /// Since when, in milliseconds since 1970.
    pub since_ms: i64,
}

impl Away {
    /// Keeps it in this tab under a random value, which comes back with the answer. False if the
    /// browser keeps nothing: then there is no point in leaving.
    pub fn keep(&self, key: &str) -> bool {
        // Whoever turned round halfway has left theirs.
        for old in Keep::ThisTab.keys(KEY) {
            let name = format!("{KEY}{old}");
            let text = Keep::ThisTab.get(&name).unwrap_or_default();
            if serde_json::from_str(&text).map_or(true, |away: Away| away.is_late()) {
                Keep::ThisTab.remove(&name);
            }
        }
        serde_json::to_string(self)
            .is_ok_and(|json| Keep::ThisTab.set(&format!("{KEY}{key}"), &json))
    }

    /// Takes what this tab keeps under a random value. It is there once.
    pub fn take(key: &str) -> Option<Self> {
        let name = format!("{KEY}{key}");
        let json = Keep::ThisTab.get(&name)?;
        Keep::ThisTab.remove(&name);
        serde_json::from_str(&json).ok()
    }

    /// Whether it was so long ago that nobody waits for it any more.
    pub fn is_late(&self) -> bool {
        let age = now().0 - self.since_ms;
        !(0..PATIENCE_MS).contains(&age)
    }
}

/// Before whose it is: what was typed on a page that they had to leave in order to sign in again.
const TYPED: &str = "synapse-admin.typed ";

/// Keeps what was typed, as JSON, until they are back.
pub fn keep_typed(whose: &str, json: &str) {
    // A browser that keeps nothing would not have come here.
    Keep::ThisTab.set(&format!("{TYPED}{whose}"), json);
}

/// Takes what they had typed. It is there once, and goes with their session.
pub fn take_typed(whose: &str) -> Option<String> {
    let key = format!("{TYPED}{whose}");
    let json = Keep::ThisTab.get(&key)?;
    Keep::ThisTab.remove(&key);
    Some(json)
}

/// A random value that nobody can guess: 43 letters, digits, `-` and `_`.
pub fn random_key() -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bytes = [0; 43];
    BrowserRandom.fill(&mut bytes);
    let letter = |byte: u8| char::from(LETTERS[usize::from(byte % 64)]);
    bytes.into_iter().map(letter).collect()
}

/// The address of the panel, to which people are sent back: without query, fragment and
/// `index.html`, the same for everybody, whatever page they are on.
pub fn page_address() -> String {
    let location = window().location();
    let path = location.pathname().unwrap_or_default();
    let origin = location.origin().unwrap_or_default();
    format!("{origin}{}", path.trim_end_matches("index.html"))
}

/// The address of the panel with the random value in its query, for single sign-on, which has no
/// other place for it.
pub fn page_address_with(key: &str) -> String {
    let mut address = format!("{}?sso=", page_address());
    push_encoded(&mut address, key);
    address
}

/// Who has just come back, if somebody has. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Return {
    /// What they have brought, as [`Brought`](crate::address::brought::Brought) reads it, until it is used.
    pub brought: RwSignal<Option<String>>,
    /// Why it was of no use, and to which homeserver it was to be.
    pub failed: RwSignal<Option<(Explained, Option<HomeserverUrl>)>>,
}

thread_local! {
    static RETURN: Cell<Option<Return>> = const { Cell::new(None) };
}

impl Return {
    /// The one of this tab.
    pub fn get() -> Self {
        only_one::get(&RETURN, || {
            let name = JsValue::from(BROUGHT);
            let text = Reflect::get(&global(), &name)
                .ok()
                .and_then(|text| text.as_string());
            // A secret is not left lying about.
            let _ = Reflect::set(&global(), &name, &JsValue::UNDEFINED);
            Return {
                brought: RwSignal::new(text),
                failed: RwSignal::new(None),
            }
        })
    }
}
