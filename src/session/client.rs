//! The one network client of the pages.

use super::browser::{BrowserClock, BrowserRandom, now};
use super::wire::Wire;
use super::{Account, Session};
use crate::api::exchange::{Network, Patient, patiently};
use crate::api::{Answer, ApiError, Call, Request, login};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// Sends requests as the signed-in administrator.
///
/// A refused token is no error for those who ask: the request waits until the person has signed
/// in again, and is then sent with the new token. The server did nothing on the first try, so
/// this is safe for every request.
#[derive(Clone, Copy)]
pub struct Client {
    session: Session,
}

/// How long before its end an access token is renewed, in milliseconds.
const RENEW_BEFORE_MS: i64 = 20_000;

impl Client {
    /// The client of this app.
    pub fn get() -> Self {
        Client {
            session: Session::get(),
        }
    }

    /// Sends a request with patience, as [`patiently`] describes.
    pub async fn send<T>(self, request: Request<T>) -> Result<T, ApiError> {
        self.patient().send(request).await
    }

    /// This client as pure code takes it.
    pub fn patient(&self) -> Patient<'_> {
        Patient {
            network: self,
            clock: &BrowserClock,
            random: &BrowserRandom,
        }
    }

    /// Gets new tokens for the refresh token; false if the server will not.
    async fn refresh(&self, account: &Account) -> bool {
        let Some(refresh_token) = &account.refresh_token else {
            return false;
        };
        let request = login::refresh(refresh_token, &self.session.capabilities_now());
        let wire = Wire {
            homeserver: account.homeserver.clone(),
            token: None,
        };
        let answer = patiently(&wire, &BrowserClock, &BrowserRandom, &request.call).await;
        let Ok(fresh) = answer.and_then(|answer| request.read(&answer)) else {
            return false;
        };
        self.session.begin(Account {
            access_token: fresh.access_token,
            refresh_token: fresh
                .refresh_token
                .or_else(|| account.refresh_token.clone()),
            expires_at_ms: fresh.expires_in_ms.map(|ms| now().0 + ms as i64),
            ..account.clone()
        });
        true
    }

    /// Makes a refused or nearly expired token good again, in the way that disturbs the person
    /// least. False if there is no session any more.
    async fn renew(&self, account: &Account) -> bool {
        // Another tab that shares the session may have done it already.
        if let Some(kept) = Account::restore()
            && kept.user_id == account.user_id
            && kept.access_token != account.access_token
        {
            self.session.begin(kept);
            return true;
        }
        self.refresh(account).await || self.session.renewed(&account.access_token).await
    }
}

impl Network for Client {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            loop {
                let Some(account) = self.session.account_now() else {
                    return Err(ApiError::Cancelled);
                };
                let expires_soon = account
                    .expires_at_ms
                    .is_some_and(|at| at - RENEW_BEFORE_MS < now().0);
                if expires_soon && account.refresh_token.is_some() {
                    // If this fails, the server's own answer says what is wrong.
                    self.refresh(&account).await;
                }
                let Some(account) = self.session.account_now() else {
                    return Err(ApiError::Cancelled);
                };
                let wire = Wire {
                    homeserver: account.homeserver.clone(),
                    token: Some(account.access_token.clone()),
                };
                let answer = wire.exchange(call).await?;
                let refused = answer.status == 401
                    && matches!(
                        ApiError::from_answer(&answer),
                        ApiError::TokenRefused { .. }
                    );
                if !refused || !call.authorized || call.token.is_some() {
                    return Ok(answer);
                }
                let still_ours = self
                    .session
                    .account_now()
                    .is_some_and(|current| current.access_token == account.access_token);
                if still_ours && !self.renew(&account).await {
                    return Err(ApiError::Cancelled);
                }
            }
        }
        .boxed_local()
    }
}
