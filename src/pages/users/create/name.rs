//! The name of a new account: whether it can be had, as it is typed.

use crate::api::exchange::Clock;
use crate::api::{ApiError, UserId, users};
use crate::browser::clock::BrowserClock;
use crate::components::questions::Questions;
use crate::i18n::errors::explain;
use crate::i18n::t;
use crate::session::{Client, Session};
use leptos::prelude::*;
use std::error::Error;
use std::fmt;
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
    /// Why the name cannot be had, for people.
    Refused(String),
}

impl Availability {
    /// Why the name cannot be had, if so.
    pub fn problem(self) -> Option<String> {
        match self {
            Availability::Refused(problem) => Some(problem),
            _ => None,
        }
    }
}

/// Why a text cannot be the name of a new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameProblem {
    Missing,
    /// Characters that Synapse does not allow, or too many of them.
    Characters,
    /// Nobody is signed in any more, so there is no server.
    SignedOut,
}

impl NameProblem {
    /// What is wrong, for the person who typed it.
    pub fn sentence(self) -> String {
        match self {
            NameProblem::Missing => t::create_name_missing(),
            NameProblem::Characters => t::create_name_characters(),
            NameProblem::SignedOut => String::new(),
        }
    }
}

impl fmt::Display for NameProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NameProblem::Missing => "no name was typed",
            NameProblem::Characters => "not a localpart that Synapse allows",
            NameProblem::SignedOut => "nobody is signed in",
        })
    }
}

impl Error for NameProblem {}

/// The user ID that an account of this name has on this server.
pub fn user_of(name: &str) -> Result<UserId, NameProblem> {
    let Some(server) = Session::get().server_name() else {
        return Err(NameProblem::SignedOut);
    };
    if name.is_empty() {
        return Err(NameProblem::Missing);
    }
    let bare = name.strip_prefix('@').unwrap_or(name);
    let bare = bare.strip_suffix(&format!(":{server}")).unwrap_or(bare);
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "=_-./+".contains(c);
    if !bare.chars().all(allowed) {
        return Err(NameProblem::Characters);
    }
    UserId::parse(&format!("@{bare}:{server}")).ok_or(NameProblem::Characters)
}

/// What the server has against a name.
pub fn refusal(errcode: &str, name: &str) -> Option<String> {
    Some(match errcode {
        "M_USER_IN_USE" => t::create_name_taken(name),
        "M_EXCLUSIVE" => t::create_name_reserved(name),
        "M_INVALID_USERNAME" if name.starts_with('_') => t::import_bad_id_underscore(),
        "M_INVALID_USERNAME" => t::create_name_characters(),
        _ => return None,
    })
}

/// Follows what is typed.
pub fn watch(name: RwSignal<String>) -> RwSignal<Availability> {
    let availability = RwSignal::new(Availability::Unknown);
    let questions = Questions::new();
    Effect::new(move |_| {
        let typed = name.with(|name| name.trim().to_owned());
        let mine = questions.ask();
        if typed.is_empty() {
            return availability.set(Availability::Unknown);
        }
        let user = match user_of(&typed) {
            Ok(user) => user,
            Err(problem) => {
                return availability.set(Availability::Refused(problem.sentence()));
            }
        };
        availability.set(Availability::Asking);
        spawn_local(async move {
            BrowserClock.sleep(QUIET_MS).await;
            // Something else has been typed, or the page was left.
            if !questions.is_last(mine) {
                return;
            }
            let answer = Client::get()
                .send(users::is_available(user.localpart()))
                .await;
            if !questions.is_last(mine) {
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
