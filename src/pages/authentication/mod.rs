//! `#/authentication`: Matrix Authentication Service (MAS), where that keeps the accounts.
//!
//! | file | what |
//! |---|---|
//! | `overview` | which version stands where, how it is set up, how many there are of what |
//! | `sessions` | the sessions of everybody |
//! | `clients` | the programs that may ask people for access |
//! | `providers` | providers of single sign-on |
//! | [`links`] | the accounts of one of them, and whose they are |
//! | [`personal`] | tokens for scripts |
//! | `making` | a new one of these, and another token of one |
//! | `policy` | the data of the policy |
//! | `rows` | what the lists whose rows can be ended have in common: the menu of a row, the actions for the selected |
//! | `lacking` | why there is nothing to see |

mod clients;
mod lacking;
pub mod links;
mod making;
mod overview;
pub mod personal;
mod policy;
mod providers;
mod rows;
pub mod sessions;

use crate::address::route::Route;
use crate::api::server::{AtMas, Lack, MasAccess};
use crate::authentication::personal::TAB;
use crate::components::page::{PageHeader, skeleton};
use crate::components::tabs::{Tab, tabbed};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The tab of sessions, as the address names it.
pub const SESSIONS: &str = "sessions";
/// The tab of programs.
const CLIENTS: &str = "applications";
/// The tab of providers.
const PROVIDERS: &str = "providers";
/// The tab of the policy.
const POLICY: &str = "policy";

/// What the page knows of MAS.
#[derive(Clone, PartialEq)]
enum Standing {
    /// The homeserver keeps its accounts itself.
    None,
    Asking,
    Lacking(Lack),
    Known(MasAccess),
}

/// The page of Matrix Authentication Service.
pub fn view() -> Node {
    let session = Session::get();
    let standing = Memo::new(move |before: Option<&Standing>| {
        let server = session.capabilities();
        match (server.lack_of_mas(), server.at_mas) {
            // Asked anew after signing in again: what is typed, and a token that is shown this once, stay.
            (Some(Lack::MovedToMas), _) => match before {
                Some(known @ Standing::Known(_)) => known.clone(),
                _ => Standing::Asking,
            },
            (Some(lack), _) => Standing::Lacking(lack),
            (None, AtMas::Everything(access)) if server.delegated_auth => Standing::Known(access),
            (None, _) => Standing::None,
        }
    });
    view! {
        <PageHeader
            title=Signal::derive(t::nav_authentication)
            lead=Signal::derive(t::auth_lead)
        />
        {move || match standing.get() {
            Standing::None => lacking::not_there(),
            Standing::Asking => skeleton(8),
            Standing::Lacking(lack) => lacking::nothing(lack),
            Standing::Known(access) => tabs(access),
        }}
    }
    .into_node()
}

fn tabs(access: MasAccess) -> Node {
    let base = StoredValue::new(access.base.clone());
    let tabs = vec![
        Tab::new("", t::auth_overview, move || overview::tab(&access)),
        Tab::new(SESSIONS, t::auth_sessions, move || {
            sessions::tab(base.get_value())
        }),
        Tab::new(CLIENTS, t::auth_clients, move || {
            clients::tab(base.get_value())
        }),
        Tab::new(PROVIDERS, t::auth_providers, move || {
            providers::tab(base.get_value())
        }),
        Tab::new(TAB, t::auth_personal, move || {
            personal::tab(base.get_value())
        }),
        Tab::new(POLICY, t::auth_policy, move || {
            policy::tab(base.get_value())
        }),
    ];
    tabbed(&Route::Authentication, t::nav_authentication, tabs)
}
