//! What passwords are good for on this server.

use super::desk::Desk;
use crate::api::server::Capabilities;
use crate::api::{login, mas};
use crate::import::plan::Passwords;
use crate::session::config::config;
use crate::session::{Client, Session, learn};
use leptos::prelude::*;

/// What a password of a new account is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordUse {
    /// Its owner logs in with it.
    LogIn,
    /// As far as the deployment says (`externalAuthProvider`) nobody logs in with it: none is made up.
    Elsewhere,
    /// Nobody can log in with it: none is made up, and those of a file are not sent.
    Off,
}

/// Whether passwords are made up.
pub fn generates(passwords: Passwords) -> bool {
    matches!(
        passwords,
        Passwords::GenerateMissing | Passwords::GenerateAll
    )
}

/// What passwords are good for. A server that does not say is taken for one where people log in with them.
pub async fn learn_passwords(desk: Desk) -> PasswordUse {
    // That somebody else keeps them is said where nothing was asked, which costs nothing to ask again: Matrix
    // Authentication Service may have been away.
    let known = desk.password_use.get_untracked();
    if let Some(known) = known.filter(|known| *known != PasswordUse::Elsewhere) {
        return known;
    }
    let Ok(server) = learn::capabilities().await else {
        return PasswordUse::LogIn;
    };
    let found = find_out(&server).await;
    let _ = desk.password_use.try_set(found);
    found.unwrap_or(PasswordUse::LogIn)
}

async fn find_out(server: &Capabilities) -> Option<PasswordUse> {
    let of = |is_on| match is_on {
        true => PasswordUse::LogIn,
        false => PasswordUse::Off,
    };
    if let Some(access) = server.mas() {
        let told = Client::get().send(mas::site_config(&access.base)).await;
        return told.ok().map(|told| of(told.password_login_enabled));
    }
    if server.without_passwords {
        return Some(PasswordUse::Off);
    }
    // Nothing of an account is sent to a service that this session may not administer.
    if server.delegated_auth || config().external_auth {
        return Some(PasswordUse::Elsewhere);
    }
    let flows = Client::get().send(login::flows()).await;
    flows.ok().map(|flows| of(flows.offers("m.login.password")))
}

/// Whether what is handed out has passwords on it: not where nobody logs in with one.
pub fn are_handed_out() -> bool {
    let session = Session::get();
    session.of_capabilities(|server| server.mas().is_some()) || !session.has_external_auth_now()
}
