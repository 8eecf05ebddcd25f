//! The name of a new account: whether it can be had, as it is typed.

use crate::api::exchange::Clock;
use crate::api::{ApiError, UserId, users};
use crate::browser::clock::BrowserClock;
use crate::i18n::errors::explain;
use crate::i18n::t;
use crate::session::{Client, Session};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How long nobody must have typed before the server is asked, in milliseconds.
const QUIET_MS: u64 = 300;

/// Whether a name can be had.
#[derive(Clone, Debug, PartialEq)]
pub enum Availability {
    /// Nothing has been typed.
    Unknown,
    Asking,
    Free,
    /// Why not.
    Refused(String),
}

impl Availability {
    /// Why not.
    pub fn problem(self) -> Option<String> {
        match self {
            Availability::Refused(problem) => Some(problem),
            _ => None,
        }
    }
}

/// The user ID of that name on this server; or what is wrong with the name.
pub fn user_of(name: &str) -> Result<UserId, String> {
    let Some(server) = Session::get().server_name() else {
        return Err(String::new());
    };
    if name.is_empty() {
        return Err(t::create_name_missing());
    }
    let bare = name.strip_prefix('@').unwrap_or(name);
    let bare = bare.strip_suffix(&format!(":{server}")).unwrap_or(bare);
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "=_-./+".contains(c);
    if !bare.chars().all(allowed) {
        return Err(t::create_name_characters());
    }
    UserId::parse(&format!("@{bare}:{server}")).ok_or_else(t::create_name_characters)
}

/// What the server has against a name.
pub fn refusal(errcode: &str, name: &str) -> Option<String> {
    Some(match errcode {
        "M_USER_IN_USE" => t::create_name_taken(name),
        "M_EXCLUSIVE" => t::create_name_reserved(name),
        "M_INVALID_USERNAME" => t::create_name_characters(),
        _ => return None,
    })
}

/// Follows what is typed.
pub fn watch(name: RwSignal<String>) -> RwSignal<Availability> {
    let availability = RwSignal::new(Availability::Unknown);
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let typed = name.with(|name| name.trim().to_owned());
        asked.update_value(|asked| *asked += 1);
        let mine = asked.get_value();
        if typed.is_empty() {
            return availability.set(Availability::Unknown);
        }
        let user = match user_of(&typed) {
            Ok(user) => user,
            Err(problem) => return availability.set(Availability::Refused(problem)),
        };
        availability.set(Availability::Asking);
        spawn_local(async move {
            BrowserClock.sleep(QUIET_MS).await;
            // Something else has been typed, or the page was left.
            if asked.try_get_value() != Some(mine) {
                return;
            }
            let answer = Client::get()
                .send(users::is_available(user.localpart()))
                .await;
            if asked.try_get_value() != Some(mine) {
                return;
            }
            availability.set(match answer {
                Ok(_) => Availability::Free,
                Err(ApiError::Matrix {
                    errcode, message, ..
                }) => Availability::Refused(refusal(&errcode, user.localpart()).unwrap_or(message)),
                Err(error) => Availability::Refused(explain(&error).sentence),
            });
        });
    });
    availability
}
