//! The signed-in accounts and where they are kept: a key each, for homeserver, user and device. So
//! two tabs never write the same, and several homeservers are signed in to beside each other.
//!
//! A tab shows one of them, and notes which. Its token lies in the tab's `sessionStorage`, or by
//! choice in `localStorage`, where every tab of this browser finds it.

use crate::api::{HomeserverUrl, UserId, authorization};
use crate::browser::clock::now;
use crate::browser::storage::Keep;
use serde::{Deserialize, Serialize};
use web_sys::Storage;

/// Before the ID of the session, in either storage. Alone it is the key of earlier versions.
const KEY: &str = "synapse-admin.session";

/// Under this key a tab notes whose it is; empty if it has been left for the log-in page.
const TAB: &str = "synapse-admin.tab";

/// Under this key the browser notes which session was looked at last: a new tab shows it too.
const LAST: &str = "synapse-admin.last";

/// Under this key a tab tells the others which session it has logged out.
const ENDED: &str = "synapse-admin.ended";

/// What it takes to renew and to end tokens that the homeserver has not given itself.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OAuth {
    /// Who has given them, as its metadata says.
    pub issuer: String,
    pub client_id: String,
    pub token_endpoint: String,
    /// `None` if they cannot be ended there.
    #[serde(default)]
    pub revocation_endpoint: Option<String>,
    /// Where the person sees and ends their sessions, if anywhere.
    #[serde(default)]
    pub account_management_uri: Option<String>,
    /// What was granted, separated by spaces.
    #[serde(default)]
    pub scope: String,
}

impl OAuth {
    /// Where Matrix Authentication Service stands, without a slash at the end: see
    /// [`Metadata::mas`](crate::api::oauth::Metadata::mas).
    pub fn mas(&self) -> Option<&str> {
        self.token_endpoint.strip_suffix("/oauth2/token")
    }

    /// Whether this scope was granted.
    pub fn grants(&self, scope: &str) -> bool {
        authorization::grants(&self.scope, scope)
    }
}

/// A signed-in administrator: user ID, homeserver, token and device.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Account {
    pub user_id: UserId,
    pub homeserver: HomeserverUrl,
    /// Empty only where an earlier version noted which session a tab shows.
    #[serde(default)]
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
    /// Who renews and ends the tokens, if that is not the homeserver itself.
    #[serde(default)]
    pub oauth: Option<OAuth>,
    /// Whether the person has brought the access token, and may want to keep it.
    #[serde(default)]
    pub brought: bool,
}

/// How long before its end an access token is renewed, in milliseconds, unless it is short-lived.
const RENEW_BEFORE_MS: u64 = 30_000;

impl Account {
    /// When an access token is to be renewed that expires after so many milliseconds from now.
    pub fn renew_at(expires_in_ms: u64) -> i64 {
        let wait = expires_in_ms - RENEW_BEFORE_MS.min(expires_in_ms / 3);
        now().0.saturating_add_unsigned(wait)
    }

    /// The account that this tab shows; a new tab shows the one that was last looked at. With the
    /// newest tokens: another tab may have got new ones.
    pub fn restore() -> Option<Self> {
        take_over();
        if let Some(id) = Keep::ThisTab.get(TAB) {
            return Self::kept(&id);
        }
        let last = Keep::ThisBrowser.get(LAST);
        let last = last.and_then(|id| Self::kept(&id));
        let account = last.or_else(|| kept_in(Keep::ThisBrowser).into_iter().next())?;
        // From here on this tab is theirs, whoever signs in elsewhere.
        account.turn_to();
        Some(account)
    }

    /// The session with this ID, as it is kept now.
    pub fn kept(id: &str) -> Option<Self> {
        let key = format!("{KEY} {id}");
        let json = Keep::ThisTab
            .get(&key)
            .or_else(|| Keep::ThisBrowser.get(&key))?;
        serde_json::from_str(&json).ok()
    }

    /// Whether the browser keeps it. Where it keeps nothing, the session ends with the page.
    pub fn is_kept(&self) -> bool {
        Self::kept(&self.id()).is_some()
    }

    /// Those who are signed in, as far as this tab knows.
    pub fn all() -> Vec<Self> {
        let mut all = kept_in(Keep::ThisTab);
        all.extend(kept_in(Keep::ThisBrowser));
        all
    }

    /// Keeps the account where the person wants it, and only there. What else is kept stays.
    pub fn keep(&self) {
        let id = self.id();
        let key = format!("{KEY} {id}");
        let Ok(json) = serde_json::to_string(self) else {
            return;
        };
        if self.stay_signed_in && Keep::ThisBrowser.set(&key, &json) {
            Keep::ThisTab.remove(&key);
        } else {
            Keep::ThisTab.set(&key, &json);
            Keep::ThisBrowser.remove(&key);
        }
    }

    /// From now on this tab shows this account, also after a reload.
    pub fn turn_to(&self) {
        Keep::ThisTab.set(TAB, &self.id());
        self.is_looked_at();
    }

    /// A tab that is opened from now on shows this account as well, if every tab finds it.
    pub fn is_looked_at(&self) {
        if self.stay_signed_in {
            Keep::ThisBrowser.set(LAST, &self.id());
        }
    }

    /// Removes the account from the browser.
    pub fn forget(&self) {
        let id = self.id();
        forget(&id);
        if Keep::ThisTab.get(TAB).as_ref() == Some(&id) {
            leave();
        }
        if Keep::ThisBrowser.get(LAST).as_ref() == Some(&id) {
            Keep::ThisBrowser.remove(LAST);
        }
    }

    /// Whether the token is that of a personal session of Matrix Authentication Service.
    pub fn is_personal(&self) -> bool {
        self.oauth.is_none() && self.access_token.starts_with("mpt_")
    }

    /// Whether both are the same session, perhaps with other tokens.
    pub fn is_same(&self, other: &Account) -> bool {
        self.id() == other.id()
    }

    /// Which session it is: at a homeserver a device is one.
    pub fn id(&self) -> String {
        let device = self.device_id.as_deref().unwrap_or_default();
        format!("{} {device}", self.whose())
    }

    /// Whose session it is, and where, as one text.
    pub fn whose(&self) -> String {
        format!("{} {}", self.user_id, self.homeserver)
    }

    /// Gives the session to a tab that has just been opened, whose `sessionStorage` this is: what this
    /// tab alone keeps of it moves there.
    pub fn move_to(&self, storage: &Storage) {
        for key in keys_of(&self.whose()) {
            if let Some(value) = Keep::ThisTab.get(&key)
                && storage.set_item(&key, &value).is_ok()
            {
                Keep::ThisTab.remove(&key);
            }
        }
        // Without it the tab shows the one that was looked at last.
        let _ = storage.set_item(TAB, &self.id());
    }

    /// Tells the other tabs that this session has been logged out.
    pub fn tell_end(&self) {
        // They hear of the change; nothing is to stay.
        Keep::ThisBrowser.set(ENDED, &self.id());
        Keep::ThisBrowser.remove(ENDED);
    }
}

/// Whether somebody is signed in, as far as this tab knows, whom it does not show.
pub fn is_anybody_kept() -> bool {
    [Keep::ThisTab, Keep::ThisBrowser]
        .iter()
        .any(|keep| !keep.keys(&format!("{KEY} ")).is_empty())
}

/// The tab shows nobody any more, also after a reload: who is still signed in is turned to by
/// choice.
pub fn leave() {
    Keep::ThisTab.set(TAB, "");
}

/// A tab that has just been opened, whose `sessionStorage` this is, shows the log-in page.
pub fn leave_in(storage: &Storage) {
    let _ = storage.set_item(TAB, "");
}

/// The session that another tab has logged out, if that is what the change of the browser's storage
/// says. It is forgotten here as well.
pub fn ended(key: Option<String>, value: Option<String>) -> Option<String> {
    let id = value.filter(|id| key.as_deref() == Some(ENDED) && !id.is_empty())?;
    forget(&id);
    Some(id)
}

fn forget(id: &str) {
    let key = format!("{KEY} {id}");
    Keep::ThisTab.remove(&key);
    Keep::ThisBrowser.remove(&key);
    // User and homeserver have no spaces in them.
    let end = id.match_indices(' ').nth(1).map_or(id.len(), |(at, _)| at);
    let whose = &id[..end];
    let place = format!("{KEY} {whose} ");
    let goes_on = |keep: Keep| !keep.keys(&place).is_empty();
    if !goes_on(Keep::ThisTab) && !goes_on(Keep::ThisBrowser) {
        // What the tab keeps for them, the activity log for example, ends with their last session.
        for key in keys_of(whose) {
            Keep::ThisTab.remove(&key);
        }
    }
}

/// The keys under which the tab keeps something of theirs. One address may begin like another.
fn keys_of(whose: &str) -> Vec<String> {
    let name = format!(" {whose} ");
    let mut keys = Keep::ThisTab.keys("");
    keys.retain(|key| format!("{key} ").contains(&name));
    keys
}

fn kept_in(place: Keep) -> Vec<Account> {
    let keys = place.keys(KEY).into_iter();
    let json = keys.filter_map(|rest| place.get(&format!("{KEY}{rest}")));
    json.filter_map(|json| serde_json::from_str(&json).ok())
        .collect()
}

/// Takes over what earlier versions have kept: one key for all of a browser, and in the tab the
/// session itself.
fn take_over() {
    for (place, note) in [(Keep::ThisBrowser, LAST), (Keep::ThisTab, TAB)] {
        let Some(json) = place.get(KEY) else { continue };
        place.remove(KEY);
        let all: Vec<Account> = serde_json::from_str(&json)
            .or_else(|_| serde_json::from_str(&json).map(|one| vec![one]))
            .unwrap_or_default();
        // The one that was signed in to last stood first.
        for account in all.iter().rev() {
            if !account.access_token.is_empty() {
                account.keep();
            }
            place.set(note, &account.id());
        }
    }
}
