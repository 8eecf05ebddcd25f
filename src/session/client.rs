//! The one network client of the pages.

use super::refresh::{Renewal, is_accepted, is_unproven, refresh};
use super::wire::Wire;
use super::{Account, Session};
use crate::api::exchange::{Network, Patient};
use crate::api::{Answer, ApiError, Call, Request};
use crate::browser::clock::BrowserClock;
use crate::browser::clock::BrowserRandom;
use crate::browser::clock::now;
use crate::runner::stopwatch::waiting;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// How often one request gets other tokens without asking anybody. Once is what it takes, and once more where
/// another tab got some in the same moment. Matrix Authentication Service may go on refusing what the homeserver
/// takes, as long as that remembers it: every answer of the homeserver would prove the new token good, and the
/// next refusal ask for another, for ever.
const REFRESHES: u32 = 2;

/// Sends requests as the signed-in administrator.
///
/// A refused token is no error for those who ask: the request waits until the person has signed
/// in again, and is then sent with the new token. The server did nothing on the first try, so
/// this is safe for every request but those that hold for a moment: see [`Client::handing_back`].
#[derive(Clone, Copy)]
pub struct Client {
    session: Session,
    /// For whom it was made.
    tenure: u32,
    /// Whether what a refused token came to is handed back, instead of being sent again.
    hands_back: bool,
}

impl Client {
    /// The client of whoever is signed in. It sends nothing for whoever signs in after them.
    pub fn get() -> Self {
        let session = Session::get();
        Client {
            session,
            tenure: session.tenure(),
            hands_back: false,
        }
    }

    /// A client for which a refused token is an answer once there is another: for a request that holds only for
    /// a moment, and may be wrong by the time that the person has signed in again.
    pub fn handing_back(self) -> Self {
        Client {
            hands_back: true,
            ..self
        }
    }

    /// Sends a request with patience, as [`patiently`](crate::api::exchange::patiently) describes.
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

    /// Makes a refused token good again, in the way that disturbs the person least; `by_refresh`: for a refresh
    /// token, if there is one. False if there is no session any more.
    ///
    /// # Errors
    /// When who gives the tokens did not answer: nobody knows then whether the session is over. The
    /// refusal, where the page is about to be left in order to sign in again.
    async fn renew(&self, account: &Account, by_refresh: bool) -> Result<bool, ApiError> {
        // Whoever was refused right after gets nothing better that way.
        if by_refresh && !is_unproven(&account.access_token) {
            match refresh(self.session, account).await {
                Renewal::Done => return Ok(true),
                Renewal::NoAnswer(error) => return Err(error),
                Renewal::Over => {}
            }
        }
        self.session.renewed(&account.access_token).await
    }
}

impl Network for Client {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        async move {
            let mut refusals = 0;
            loop {
                let Some(account) = self.session.account_now() else {
                    return Err(ApiError::Cancelled);
                };
                let expires_soon = account.renew_at_ms.is_some_and(|at| at < now().0);
                // What holds for a moment does not wait for it.
                if expires_soon && account.refresh_token.is_some() && !self.hands_back {
                    // If this fails, the server's own answer says what is wrong.
                    refresh(self.session, &account).await;
                }
                let Some(account) = self.session.account_now() else {
                    return Err(ApiError::Cancelled);
                };
                if self.session.tenure() != self.tenure {
                    return Err(ApiError::Cancelled);
                }
                let wire = Wire {
                    homeserver: account.homeserver.clone(),
                    token: Some(account.access_token.clone()),
                };
                let answer = {
                    let _waits = waiting(&BrowserClock);
                    wire.exchange(call).await?
                };
                let refusal = (answer.status == 401).then(|| ApiError::from_answer(&answer));
                let locked = match refusal {
                    Some(ApiError::TokenRefused { locked, .. }) => Some(locked),
                    _ => None,
                };
                let ours = call.authorized && call.token.is_none();
                let Some(locked) = locked.filter(|_| ours) else {
                    if ours && (200..300).contains(&answer.status) {
                        is_accepted(&account.access_token);
                    }
                    return Ok(answer);
                };
                refusals += 1;
                // Whoever is locked gets nothing better for a refresh token.
                let by_refresh = !locked && refusals <= REFRESHES;
                if self.session.token_is(&account.access_token)
                    && !self.renew(&account, by_refresh).await?
                {
                    return Err(ApiError::Cancelled);
                }
                if self.hands_back {
                    return Ok(answer);
                }
            }
        }
        .boxed_local()
    }
}
