//! Ending a session: here at once, and at its server, which may not hear of it. A token that the person
//! has brought is theirs to keep: only on their word is it revoked.

use super::account::OAuth;
use super::refresh::renewed;
use super::sign_in::look_at;
use super::wire::Wire;
use super::{Account, Session};
use crate::api::exchange::send_once;
use crate::api::oauth::{self, TokenKind, Tokens};
use crate::api::server::Capabilities;
use crate::api::{ApiError, HomeserverUrl, login};

/// Ends a session in this browser, and leaves its access token as it is: it was brought, and is good
/// elsewhere.
pub fn leave_session(account: &Account) {
    let session = Session::get();
    if session
        .account_now()
        .is_some_and(|shown| shown.is_same(account))
    {
        session.end();
    }
    account.forget();
    account.tell_end();
}

/// Ends the session, here at once. False if its server has not said that it has ended there as well.
pub fn sign_out(session: Session) -> impl Future<Output = bool> {
    let account = session.account_now();
    session.end();
    if let Some(account) = &account {
        account.tell_end();
    }
    async move {
        match account {
            Some(account) => revoke(&account, &session.capabilities_now()).await,
            None => true,
        }
    }
}

/// Ends what Matrix Authentication Service has granted, with all its tokens. False if it has not said
/// so.
pub(super) async fn end_grant(homeserver: &HomeserverUrl, by: &OAuth, tokens: &Tokens) -> bool {
    let Some(endpoint) = &by.revocation_endpoint else {
        return false;
    };
    let wire = Wire {
        homeserver: homeserver.clone(),
        token: None,
    };
    let (token, kind) = match &tokens.refresh_token {
        Some(token) => (token, TokenKind::Refresh),
        None => (&tokens.access_token, TokenKind::Access),
    };
    let request = oauth::revoke(endpoint, &by.client_id, token, kind);
    wire.patient().send(request).await.is_ok()
}

/// Ends a session that this tab does not show. False if its server has not said that it has ended
/// there as well.
pub async fn sign_out_of(account: &Account) -> bool {
    account.forget();
    account.tell_end();
    let server = match account.refresh_token {
        // How it is renewed depends on the version.
        Some(_) => look_at(&account.homeserver).await.ok(),
        None => None,
    };
    let server = server.map(|info| info.capabilities).unwrap_or_default();
    revoke(account, &server).await
}

/// Ends the session of this account at the server; it has not been brought. If the server cannot be
/// reached, the tokens are at least forgotten here, and the answer is false.
pub async fn revoke(account: &Account, server: &Capabilities) -> bool {
    if let Some(by) = &account.oauth {
        let tokens = Tokens {
            access_token: account.access_token.clone(),
            refresh_token: account.refresh_token.clone(),
            expires_in: None,
            scope: None,
        };
        return end_grant(&account.homeserver, by, &tokens).await;
    }
    let wire = |token| Wire {
        homeserver: account.homeserver.clone(),
        token,
    };
    let log_out = async |token: &str| {
        let wire = wire(Some(token.to_owned()));
        send_once(&wire, login::logout()).await
    };
    let ended = match log_out(&account.access_token).await {
        Err(ApiError::TokenRefused { locked: false, .. }) => account.refresh_token.as_ref(),
        other => return other.is_ok(),
    };
    // The session may live on although this token of it is gone.
    let Some(refresh_token) = ended else {
        return true;
    };
    match renewed(&wire(None), refresh_token, server).await {
        Ok(fresh) => log_out(&fresh.access_token).await.is_ok(),
        Err(error) => matches!(
            error,
            ApiError::TokenRefused { .. } | ApiError::Matrix { status: 403, .. }
        ),
    }
}

/// Whether logging out cannot revoke the token that was brought for this session: Matrix Authentication Service
/// has given it, and revokes it among its own sessions only.
pub fn outlasts_log_out(account: &Account, server: &Capabilities) -> bool {
    account.is_personal() || server.delegated_auth
}

/// What has become of a token that was brought and was to be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BroughtToken {
    /// It is good for nothing any more.
    Revoked,
    /// Its server has not said so.
    Unsure,
    /// It [outlasts](outlasts_log_out) logging out.
    StaysValid,
}

/// Revokes the token that was brought for this session, unless logging out does not do that there.
pub async fn revoke_brought(account: &Account, known: Capabilities) -> BroughtToken {
    let server = match known.version_text.is_empty() {
        // Right after a reload.
        true => look_at(&account.homeserver).await.ok(),
        false => None,
    };
    let server = server.map_or(known, |info| info.capabilities);
    if outlasts_log_out(account, &server) {
        return BroughtToken::StaysValid;
    }
    let wire = Wire {
        homeserver: account.homeserver.clone(),
        token: Some(account.access_token.clone()),
    };
    // Where nobody knows who keeps the accounts, a refusal says nothing.
    let is_known = !server.version_text.is_empty();
    match send_once(&wire, login::logout()).await {
        Ok(_) => BroughtToken::Revoked,
        Err(error) if is_known && login::is_gone(&error) => BroughtToken::Revoked,
        Err(_) => BroughtToken::Unsure,
    }
}
