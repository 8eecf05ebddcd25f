//! Tabs that share a session but no storage: a browser copies what a tab keeps when the tab is
//! duplicated. Who gets new tokens tells the others, or they would use a refresh token that is spent, or
//! ask for what has been done in one of them: signing in again.

use super::{Account, Session};
use serde::{Deserialize, Serialize};
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

/// The channel's name. Nobody but this origin's own pages can listen, which can read the storage too.
const NAME: &str = "synapse-admin.renewed";

thread_local! {
    static CHANNEL: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
}

#[derive(Serialize, Deserialize)]
struct Renewed {
    /// The access token that has been replaced.
    old: String,
    account: Account,
}

/// From now on hears of new tokens. Once for each tab.
pub fn listen() {
    if CHANNEL.with_borrow(Option::is_some) {
        return;
    }
    let Ok(channel) = BroadcastChannel::new(NAME) else {
        return;
    };
    let hear = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        let told = event.data().as_string();
        let told = told.and_then(|json| serde_json::from_str::<Renewed>(&json).ok());
        if let Some(Renewed { old, account }) = told {
            let is_shown = Session::get().goes_on(&old, account.clone());
            // A session that the tab does not show now is turned to another time.
            if !is_shown
                && Account::kept(&account.id()).is_some_and(|kept| kept.access_token == old)
            {
                account.keep();
            }
        }
    });
    channel.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    // Lives as long as the page.
    hear.forget();
    CHANNEL.set(Some(channel));
}

/// Tells the other tabs which account goes on where this token was used.
pub(super) fn tell(old: &str, account: &Account) {
    // Where somebody comes back from signing in, nobody has listened yet.
    listen();
    let renewed = Renewed {
        old: old.to_owned(),
        account: account.clone(),
    };
    CHANNEL.with_borrow(|channel| {
        if let Some(channel) = channel
            && let Ok(json) = serde_json::to_string(&renewed)
        {
            // Refused only for what cannot be copied.
            let _ = channel.post_message(&json.into());
        }
    });
}
