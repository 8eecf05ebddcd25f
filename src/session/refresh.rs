//! New tokens for a refresh token: once for all who ask, in all tabs, and only as long as the
//! session is the one that was asked for.
//!
//! Synapse, and Matrix Authentication Service, take a refresh token once: who comes second with it is
//! refused, or makes the first one's tokens worthless.

use super::lock::Lock;
use super::sign_out::revoke;
use super::wire::Wire;
use super::{Account, Session, twins};
use crate::api::exchange::{Clock, Network};
use crate::api::login::{self, Refreshed};
use crate::api::server::Capabilities;
use crate::api::{Answer, ApiError, Call, HomeserverUrl, Request, oauth};
use crate::browser::clock::BrowserClock;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};
use std::cell::{Cell, RefCell};
use wasm_bindgen_futures::spawn_local;

/// What became of a token that was to be replaced.
#[derive(Clone)]
pub(super) enum Renewal {
    /// There is another one.
    Done,
    /// The server will not, or there is no such session any more.
    Over,
    /// Nobody knows: who gives the tokens did not answer, or is in trouble.
    NoAnswer(ApiError),
}

/// Tells the person that a session may live on at this server.
pub type TellUnsure = fn(&HomeserverUrl);

type Refreshing = Shared<LocalBoxFuture<'static, Renewal>>;

/// The beginning of the name of the lock that the tabs of a session share.
const LOCK: &str = "synapse-admin-refresh";

/// How long another tab is waited for, in milliseconds: the browser may have put it to sleep in
/// the middle.
const LOCK_WAIT_MS: u64 = 15_000;

/// How long what another tab has stored may take to be seen here, in milliseconds.
const STORED_MS: u64 = 150;

/// How long after a lost answer is asked again, in milliseconds.
const AGAIN_MS: u64 = 500;

thread_local! {
    /// The access token that is being replaced.
    static UNDER_WAY: RefCell<Option<(String, Refreshing)>> = const { RefCell::new(None) };
    /// An access token that was got this way and that the server has not accepted yet.
    static UNPROVEN: RefCell<Option<String>> = const { RefCell::new(None) };
    /// An access token in whose place the server has refused to give another.
    static OVER: RefCell<Option<String>> = const { RefCell::new(None) };
    /// Who is told of a session that may live on.
    static UNSURE: Cell<Option<TellUnsure>> = const { Cell::new(None) };
}

/// From now on this one tells of sessions that were to end too late for whoever has logged out, and of
/// which the server has not said that they have. For as long as the tab.
pub fn unsure_is_told_by(tell: TellUnsure) {
    UNSURE.set(Some(tell));
}

/// Ends a session that the tab does not show any more, and tells the person where its server does not say
/// that it has ended.
pub(super) async fn end_behind(account: &Account, server: &Capabilities) {
    if !revoke(account, server).await
        && let Some(tell) = UNSURE.get()
    {
        tell(&account.homeserver);
    }
}

/// Replaces the access token of this account, which is or was the session's.
pub(super) async fn refresh(session: Session, account: &Account) -> Renewal {
    if OVER.with_borrow(|over| over.as_ref() == Some(&account.access_token)) {
        return Renewal::Over;
    }
    let replaces = |under_way: &Option<(String, Refreshing)>| match under_way {
        Some((token, refreshing)) if *token == account.access_token => Some(refreshing.clone()),
        _ => None,
    };
    let refreshing = UNDER_WAY.with_borrow(replaces).unwrap_or_else(|| {
        let refreshing = replace(session, account.clone()).boxed_local().shared();
        UNDER_WAY.set(Some((account.access_token.clone(), refreshing.clone())));
        // It comes to its end even if those who asked go away.
        let to_the_end = refreshing.clone();
        spawn_local(async move {
            to_the_end.await;
            UNDER_WAY.take();
        });
        refreshing
    });
    refreshing.await
}

/// The server has accepted this access token.
pub(super) fn is_accepted(token: &str) {
    UNPROVEN.with_borrow_mut(|unproven| {
        if unproven.as_deref() == Some(token) {
            *unproven = None;
        }
    });
}

/// Whether this access token was got for a refresh token, and has never been accepted: then
/// another one would not be better.
pub(super) fn is_unproven(token: &str) -> bool {
    UNPROVEN.with_borrow(|unproven| unproven.as_deref() == Some(token))
}

/// The lock that all tabs of this session share; `None` if it does not come.
async fn lock(session: &str) -> Option<Lock> {
    let name = format!("{LOCK} {session}");
    let taking = async move { Lock::take(&name, true).await }.boxed_local();
    match select(taking, BrowserClock.sleep(LOCK_WAIT_MS)).await {
        Either::Left((lock, _)) => lock,
        Either::Right((_, taking)) => {
            // Once it comes it is given back.
            spawn_local(taking.map(drop));
            None
        }
    }
}

/// Tokens, whoever gives them.
struct Fresh {
    access_token: String,
    refresh_token: Option<String>,
    expires_in_ms: Option<u64>,
    /// What is granted now, if it says so.
    scope: Option<String>,
}

/// Sends it, and once more after a lost answer, no longer: whoever waits for it is patient already.
async fn once_more(wire: &Wire, call: &Call) -> Result<Answer, ApiError> {
    match wire.exchange(call).await {
        Ok(answer) if answer.status < 500 => Ok(answer),
        _ => {
            BrowserClock.sleep(AGAIN_MS).await;
            wire.exchange(call).await
        }
    }
}

/// What a homeserver gives for a refresh token.
pub(super) async fn renewed(
    wire: &Wire,
    refresh_token: &str,
    server: &Capabilities,
) -> Result<Refreshed, ApiError> {
    let ask =
        async |request: Request<Refreshed>| request.read(&once_more(wire, &request.call).await?);
    login::refreshed(refresh_token, server, ask).await
}

/// Asks for new tokens.
async fn ask(session: Session, account: &Account, refresh_token: &str) -> Result<Fresh, Renewal> {
    let wire = Wire {
        homeserver: account.homeserver.clone(),
        token: None,
    };
    if let Some(by) = &account.oauth {
        let request = oauth::refresh(&by.token_endpoint, &by.client_id, refresh_token);
        let answer = once_more(&wire, &request.call).await;
        let answer = answer.map_err(Renewal::NoAnswer)?;
        let fresh = oauth::read(&request, &answer).map_err(|error| match error {
            error if error.is_final() => Renewal::Over,
            error => Renewal::NoAnswer(ApiError::Unreachable {
                url: by.token_endpoint.clone(),
                detail: error.to_string(),
            }),
        })?;
        return Ok(Fresh {
            access_token: fresh.access_token,
            refresh_token: fresh.refresh_token,
            expires_in_ms: fresh.expires_in.map(|seconds| seconds.saturating_mul(1000)),
            scope: fresh.scope,
        });
    }
    let fresh = renewed(&wire, refresh_token, &session.capabilities_now()).await;
    let fresh = fresh.map_err(|error| match login::ends_session(&error) {
        true => Renewal::Over,
        false => Renewal::NoAnswer(error),
    })?;
    Ok(Fresh {
        access_token: fresh.access_token,
        refresh_token: fresh.refresh_token,
        expires_in_ms: fresh.expires_in_ms,
        scope: None,
    })
}

async fn replace(session: Session, account: Account) -> Renewal {
    let id = account.id();
    let _lock = lock(&id).await;
    // Browsers pass what a tab has stored on to the others a moment later than the lock.
    BrowserClock.sleep(STORED_MS).await;
    let old = &account.access_token;
    if !session.token_is(old) {
        return Renewal::Over;
    }
    let is_kept = || Account::kept(&id);
    let kept = is_kept();
    let goes_on = |account| match session.goes_on(old, account) {
        true => Renewal::Done,
        false => Renewal::Over,
    };
    // Another tab that shares the session may have done it already.
    if let Some(kept) = &kept
        && kept.access_token != *old
    {
        return goes_on(kept.clone());
    }
    let Some(refresh_token) = account.refresh_token.clone() else {
        return Renewal::Over;
    };
    let fresh = match ask(session, &account, &refresh_token).await {
        Ok(fresh) => fresh,
        Err(renewal) => {
            if matches!(renewal, Renewal::Over) {
                OVER.set(Some(old.clone()));
            }
            return renewal;
        }
    };
    let mut oauth = account.oauth.clone();
    if let (Some(by), Some(scope)) = (&mut oauth, fresh.scope) {
        by.scope = scope;
    }
    let fresh = Account {
        access_token: fresh.access_token,
        refresh_token: fresh.refresh_token.or(Some(refresh_token)),
        renew_at_ms: fresh.expires_in_ms.map(Account::renew_at),
        oauth,
        ..account.clone()
    };
    UNPROVEN.set(Some(fresh.access_token.clone()));
    if session.token_is(old) {
        let ended_in_another_tab = kept.is_some() && is_kept().is_none();
        if !ended_in_another_tab {
            twins::tell(old, &fresh);
            return goes_on(fresh);
        }
        session.end();
    }
    // Somebody has logged out meanwhile: what comes too late undoes nothing.
    end_behind(&fresh, &session.capabilities_now()).await;
    Renewal::Over
}
