//! From one session to another: in this tab, which is loaded anew, so that nothing of one server's is
//! in memory when the other's page begins; or in a new tab, beside what goes on here.

use super::Account;
use super::account::{leave, leave_in};
use crate::api::HomeserverUrl;
use crate::browser::navigation::{current_route, replace};
use crate::browser::storage::Keep;
use leptos::prelude::window;
use wasm_bindgen::JsValue;

/// Before whose it is: the page that the tab showed of a session when it was turned to another.
const PLACE: &str = "synapse-admin.place ";

/// Which homeserver was chosen, for the log-in page that is shown next.
const CHOSEN: &str = "synapse-admin.chosen";

const LOGIN: &str = "/login";

/// Where a tab is turned to.
#[derive(Clone, PartialEq)]
pub enum TurnTarget {
    /// A session that is there.
    Session(Box<Account>),
    /// The log-in page, with this homeserver if one was chosen.
    LogIn(Option<HomeserverUrl>),
}

/// Turns this tab. `from` is whose page it shows now; it is come back to.
pub fn here(target: &TurnTarget, from: Option<&Account>) {
    if let Some(from) = from {
        Keep::ThisTab.set(&format!("{PLACE}{}", from.whose()), &current_route());
    }
    let route = match target {
        TurnTarget::Session(account) => {
            account.turn_to();
            Keep::ThisTab.get(&format!("{PLACE}{}", account.whose()))
        }
        TurnTarget::LogIn(chosen) => {
            leave();
            if let Some(chosen) = chosen {
                Keep::ThisTab.set(CHOSEN, chosen.as_str());
            }
            Some(LOGIN.to_owned())
        }
    };
    replace(route.as_deref().unwrap_or("/"));
    // Refused only where the page is being left already.
    let _ = window().location().reload();
}

/// Opens a new tab for it; false if the browser opens none, or keeps no session for one.
pub fn beside(target: &TurnTarget) -> bool {
    let Ok(Some(tab)) = window().open_with_url_and_target("", "_blank") else {
        return false;
    };
    let storage = tab.session_storage().ok().flatten();
    // It has begun with a copy of all that this tab keeps, tokens included.
    if let Some(storage) = &storage {
        let _ = storage.clear();
    }
    let route = match (target, &storage) {
        (TurnTarget::Session(account), Some(storage)) => {
            account.move_to(storage);
            let place = storage.get_item(&format!("{PLACE}{}", account.whose()));
            place.ok().flatten()
        }
        (TurnTarget::Session(_), None) => {
            let _ = tab.close();
            return false;
        }
        (TurnTarget::LogIn(chosen), storage) => {
            if let Some(storage) = storage {
                leave_in(storage);
                if let Some(chosen) = chosen {
                    let _ = storage.set_item(CHOSEN, chosen.as_str());
                }
            }
            Some(LOGIN.to_owned())
        }
    };
    let href = window().location().href().unwrap_or_default();
    let page = href.split(['#', '?']).next().unwrap_or_default();
    let route = route.as_deref().unwrap_or("/");
    // The tabs have nothing to say to each other.
    let _ = tab.set_opener(&JsValue::NULL);
    tab.location().replace(&format!("{page}#{route}")).is_ok()
}

/// The homeserver that was chosen for the log-in page, once.
pub fn chosen() -> Option<HomeserverUrl> {
    let chosen = Keep::ThisTab.get(CHOSEN)?;
    Keep::ThisTab.remove(CHOSEN);
    HomeserverUrl::parse(&chosen).ok()
}
