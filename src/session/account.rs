//! The signed-in account and where it is kept.

use crate::api::{HomeserverUrl, UserId};
use crate::browser::clock::now;
use crate::browser::storage::Keep;
use serde::{Deserialize, Serialize};

/// Under this key, in `sessionStorage` or by choice in `localStorage`.
const KEY: &str = "synapse-admin.session";

/// Under this key a tab tells the others which session it has logged out.
const ENDED: &str = "synapse-admin.ended";

/// A signed-in administrator: user ID, homeserver, token and device.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub user_id: UserId,
    pub homeserver: HomeserverUrl,
    pub access_token: String,
    #[serde(default)]
    pub device_id: Option<String>,
    #[serde(default)]
    pub refresh_token: Option<String>,
    /// When the access token is to be renewed, in milliseconds since 1970.
    #[serde(default)]
    pub renew_at_ms: Option<i64>,
    /// Whether the person wants to stay signed in after the tab is closed.
    #[serde(default)]
    pub stay_signed_in: bool,
}

/// How long before its end an access token is renewed, in milliseconds, unless it is short-lived.
const RENEW_BEFORE_MS: u64 = 20_000;

impl Account {
    /// When an access token is to be renewed that expires after so many milliseconds from now.
    pub fn renew_at(expires_in_ms: u64) -> i64 {
        let wait = expires_in_ms - RENEW_BEFORE_MS.min(expires_in_ms / 3);
        now().0.saturating_add_unsigned(wait)
    }

    /// The account that an earlier page of this tab left, else the one of this browser that was
    /// signed in to last. With the newest tokens: another tab may have got new ones.
    pub fn restore() -> Option<Self> {
        let mut shared = shared();
        let tab = Keep::ThisTab.get(KEY);
        match tab.as_deref() {
            Some(tab) => serde_json::from_str(tab).ok().or_else(|| {
                let which: Which = serde_json::from_str(tab).ok()?;
                shared.into_iter().find(|account| account.which() == which)
            }),
            None if shared.is_empty() => None,
            None => {
                let account = shared.swap_remove(0);
                // From here on this tab is theirs, whoever signs in elsewhere.
                account.note();
                Some(account)
            }
        }
    }

    /// Keeps the account where the person wants it, and only there. What other tabs keep stays.
    pub fn keep(&self) {
        let mut all = shared();
        let at = all.iter().position(|account| account.is_same(self));
        let old = at.map(|at| all.remove(at));
        if self.stay_signed_in {
            all.insert(at.unwrap_or(0), self.clone());
        }
        if self.stay_signed_in || old.is_some() {
            share(&all);
        }
        self.note();
    }

    /// Removes the account from the browser.
    pub fn forget(&self) {
        Keep::ThisTab.remove(KEY);
        let mut all = shared();
        let before = all.len();
        all.retain(|account| !account.is_same(self));
        if all.len() < before {
            share(&all);
        }
    }

    /// Notes whose tab this is: with the token only if it is kept nowhere else.
    fn note(&self) {
        let json = if self.stay_signed_in {
            serde_json::to_string(&self.which())
        } else {
            serde_json::to_string(self)
        };
        if let Ok(json) = json {
            Keep::ThisTab.set(KEY, &json);
        }
    }

    /// Whether both are the same session, perhaps with other tokens.
    pub fn is_same(&self, other: &Account) -> bool {
        self.which() == other.which()
    }

    fn which(&self) -> Which {
        Which {
            user_id: self.user_id.clone(),
            homeserver: self.homeserver.clone(),
            device_id: self.device_id.clone(),
        }
    }

    /// Tells the other tabs that this session has been logged out.
    pub fn tell_end(&self) {
        if let Ok(json) = serde_json::to_string(&self.which()) {
            // They hear of the change; nothing is to stay.
            Keep::ThisBrowser.set(ENDED, &json);
            Keep::ThisBrowser.remove(ENDED);
        }
    }

    /// Whether what has changed in the browser's storage is another tab's word that this session
    /// has been logged out.
    pub fn is_ended_by(&self, key: Option<String>, value: Option<String>) -> bool {
        key.as_deref() == Some(ENDED)
            && value.is_some_and(|json| serde_json::from_str(&json).ok() == Some(self.which()))
    }
}

/// Which session an account is: at a server a device is one.
#[derive(PartialEq, Serialize, Deserialize)]
struct Which {
    user_id: UserId,
    homeserver: HomeserverUrl,
    device_id: Option<String>,
}

/// The accounts that stay signed in when their tabs are closed, the one signed in last first.
fn shared() -> Vec<Account> {
    let json = Keep::ThisBrowser.get(KEY).unwrap_or_default();
    serde_json::from_str(&json).unwrap_or_else(|_| {
        // Earlier versions knew one only.
        let one: Option<Account> = serde_json::from_str(&json).ok();
        one.into_iter().collect()
    })
}

fn share(all: &[Account]) {
    match serde_json::to_string(all) {
        Ok(json) if !all.is_empty() => {
            Keep::ThisBrowser.set(KEY, &json);
        }
        _ => Keep::ThisBrowser.remove(KEY),
    }
}
