//! What the server can do, for those who cannot ask a question before they know.

use super::sign_in::look_at;
use super::wire::Wire;
use super::{Account, Client, Session};
use crate::api::authorization::MAS_ADMIN;
use crate::api::exchange::Network;
use crate::api::mas::MasVersion;
use crate::api::server::{self, AtMas, Capabilities, MasAccess};
use crate::api::{ApiError, mas, oauth, users};
use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, Shared};
use std::cell::RefCell;

type Asking = Shared<LocalBoxFuture<'static, Result<Capabilities, ApiError>>>;

thread_local! {
    /// In whose session it is asked.
    static ASKING: RefCell<Option<(String, Asking)>> = const { RefCell::new(None) };
    /// In whose session Matrix Authentication Service has been asked in vain, and where.
    static SILENT: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
    /// Whose server has been asked whether accounts wait for approval, and whether they do.
    static APPROVALS: RefCell<Option<(String, bool)>> = const { RefCell::new(None) };
}

/// What the server can do. After a reload it has to be asked again, which happens once, whoever
/// wants to know.
pub async fn capabilities() -> Result<Capabilities, ApiError> {
    let session = Session::get();
    let known = session.capabilities_now();
    if known.is_complete() {
        return Ok(known);
    }
    let Some(account) = session.account_now() else {
        return Err(ApiError::Cancelled);
    };
    let whose = account.whose();
    let is_theirs = |(of, _): &(String, Asking)| *of == whose;
    let under_way = ASKING.with_borrow(|under_way| under_way.clone().filter(is_theirs));
    let (_, asking) = under_way.unwrap_or_else(|| {
        let ask = async move {
            let mut found = match known.version_text.is_empty() {
                true => look_at(&account.homeserver).await?.capabilities,
                false => known,
            };
            // Whoever has signed in by OAuth 2.0 has done so at Matrix Authentication Service, whatever could be
            // asked right now.
            found.delegated_auth |= account.oauth.is_some();
            if found.delegated_auth {
                found.at_mas = at_mas(&account).await;
            }
            Ok(found)
        };
        let asking = (whose.clone(), ask.boxed_local().shared());
        ASKING.set(Some(asking.clone()));
        asking
    });
    let answer = asking.await;
    ASKING.with_borrow_mut(|under_way| drop(under_way.take_if(|asking| is_theirs(asking))));
    // Another server may be shown by now, of which this says nothing.
    if session.whose().as_ref() != Some(&whose) {
        return Err(ApiError::Cancelled);
    }
    if let Ok(capabilities) = &answer {
        session.set_capabilities(capabilities.clone());
    }
    answer
}

/// What this session may do at Matrix Authentication Service, which keeps the accounts.
///
/// Whether its admin API can be reached from here is not known before it has answered: where it is not exposed, a
/// browser sees the same as where nothing is there.
async fn at_mas(account: &Account) -> AtMas {
    let base = match base_of_mas(account).await {
        Ok(base) => base,
        Err(lack) => return lack,
    };
    match version_of_mas(account, &base).await {
        Ok(told) => AtMas::Everything(MasAccess {
            base,
            version: told.parsed(),
            version_text: told.version,
        }),
        Err(ApiError::Cancelled) => AtMas::NotAsked,
        Err(ApiError::NotAdmin { .. } | ApiError::TokenRefused { .. }) => AtMas::NotGranted,
        Err(_) => {
            SILENT.set(Some((account.whose(), base)));
            AtMas::Silent
        }
    }
}

/// Where Matrix Authentication Service was asked that is [`AtMas::Silent`] for this session.
pub fn silent_mas() -> Option<String> {
    let whose = Session::get().whose();
    SILENT.with_borrow(|known| {
        let known = known.as_ref().filter(|(of, _)| Some(of) == whose.as_ref());
        known.map(|(_, base)| base.clone())
    })
}

/// Where Matrix Authentication Service stands for this session, or why it may do nothing there. A token that was
/// brought comes with no word of that, so the homeserver is asked, which has been given that token already.
async fn base_of_mas(account: &Account) -> Result<String, AtMas> {
    if let Some(by) = &account.oauth {
        if !by.grants(MAS_ADMIN) {
            return Err(AtMas::NotGranted);
        }
        return by.mas().map(str::to_owned).ok_or(AtMas::NotFound);
    }
    let anonymous = Wire {
        homeserver: account.homeserver.clone(),
        token: None,
    };
    let domain = account.user_id.server();
    let told = oauth::find(anonymous.patient(), Some(&domain)).await;
    let metadata = told.ok().flatten().ok_or(AtMas::NotFound)?;
    // The token is not to go where everybody on the way could read it.
    if account.homeserver.is_https() && metadata.unencrypted().is_some() {
        return Err(AtMas::NotFound);
    }
    metadata.mas().ok_or(AtMas::NotFound)
}

async fn version_of_mas(account: &Account, base: &str) -> Result<MasVersion, ApiError> {
    let request = mas::version(base);
    if account.oauth.is_some() {
        return Client::get().send(request).await;
    }
    // That MAS does not take a token with which the homeserver is content is no reason to sign in again.
    let wire = Wire {
        homeserver: account.homeserver.clone(),
        token: Some(account.access_token.clone()),
    };
    request.read(&wire.exchange(&request.call).await?)
}

/// Asks once more what this session may do at Matrix Authentication Service, for whoever has been told that it
/// cannot be reached.
pub async fn ask_mas_again() {
    let session = Session::get();
    let mut known = session.capabilities_now();
    known.at_mas = AtMas::NotAsked;
    session.set_capabilities(known);
    // What it comes to is told by the capabilities.
    let _ = capabilities().await;
}

/// [`capabilities`] of a server that says its version: an error where it does not, for what must not
/// take it for another.
pub async fn of_its_version() -> Result<Capabilities, ApiError> {
    let known = capabilities().await?;
    if !known.version_text.is_empty() {
        return Ok(known);
    }
    Client::get().send(server::version()).await?;
    capabilities().await
}

/// Whether new accounts wait for approval on this server (MSC3866). Where they do not, it passes over
/// the filter by approval and finds everybody; some old versions say of everybody all the same
/// whether they are approved. Only the detail of an account tells: it has that word where approval
/// is in use, and nowhere else. Asked once, of the account that asks.
pub async fn approvals() -> Result<bool, ApiError> {
    let server = capabilities().await?;
    let session = Session::get();
    let (Some(whose), Some(user)) = (session.whose(), session.user_id()) else {
        return Err(ApiError::Cancelled);
    };
    if !server.since(69) {
        return Ok(false);
    }
    let known = APPROVALS.with_borrow(|known| known.clone().filter(|(of, _)| *of == whose));
    if let Some((_, approves)) = known {
        return Ok(approves);
    }
    let own = Client::get().send(users::get(&user)).await?;
    let approves = own.user.approved.is_some();
    APPROVALS.set(Some((whose, approves)));
    Ok(approves)
}
