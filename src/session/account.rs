//! The signed-in account and where it is kept.

use crate::api::{HomeserverUrl, UserId};
use crate::components::storage::Keep;
use serde::{Deserialize, Serialize};

/// Under this key, in `sessionStorage` or by choice in `localStorage`.
const KEY: &str = "synapse-admin.session";

/// A signed-in administrator.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub user_id: UserId,
    pub homeserver: HomeserverUrl,
    pub access_token: String,
    #[serde(default)]
    pub device_id: Option<String>,
    #[serde(default)]
    pub refresh_token: Option<String>,
    /// When the access token expires, in milliseconds since 1970.
    #[serde(default)]
    pub expires_at_ms: Option<i64>,
    /// Whether the person wants to stay signed in after the tab is closed.
    #[serde(default)]
    pub stay_signed_in: bool,
}

impl Account {
    /// The account that an earlier page of this tab, or by choice of this browser, left.
    pub fn restore() -> Option<Self> {
        [Keep::ThisTab, Keep::ThisBrowser]
            .into_iter()
            .find_map(|place| serde_json::from_str(&place.get(KEY)?).ok())
    }

    /// Keeps the account where the person wants it, and only there.
    pub fn keep(&self) {
        Self::forget();
        let place = if self.stay_signed_in {
            Keep::ThisBrowser
        } else {
            Keep::ThisTab
        };
        if let Ok(json) = serde_json::to_string(self) {
            place.set(KEY, &json);
        }
    }

    /// Removes the account from the browser.
    pub fn forget() {
        Keep::ThisTab.remove(KEY);
        Keep::ThisBrowser.remove(KEY);
    }
}
