//! New tokens for a refresh token: once for all who ask, in all tabs, and only as long as the
//! session is the one that was asked for.
//!
//! Synapse takes a refresh token once: who comes second with it is refused, or makes the first
//! one's tokens worthless.

use super::lock::Lock;
use super::sign_in::revoke;
use super::wire::Wire;
use super::{Account, Session};
use crate::api::exchange::{Clock, patiently};
use crate::api::login;
use crate::browser::clock::BrowserClock;
use crate::browser::clock::BrowserRandom;
use futures_util::FutureExt;
use futures_util::future::{Either, LocalBoxFuture, Shared, select};
use std::cell::RefCell;
use wasm_bindgen_futures::spawn_local;

type Refreshing = Shared<LocalBoxFuture<'static, bool>>;

/// The beginning of the name of the lock that the tabs of a session share.
const LOCK: &str = "synapse-admin-refresh";

/// How long another tab is waited for, in milliseconds: the browser may have put it to sleep in
/// the middle.
const LOCK_WAIT_MS: u64 = 15_000;

/// How long what another tab has stored may take to be seen here, in milliseconds.
const STORED_MS: u64 = 150;

thread_local! {
    /// The access token that is being replaced.
    static UNDER_WAY: RefCell<Option<(String, Refreshing)>> = const { RefCell::new(None) };
    /// An access token that was got this way and that the server has not accepted yet.
    static UNPROVEN: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Replaces the access token of this account, which is or was the session's. False if the server
/// will not, or if there is no such session any more.
pub(super) async fn refresh(session: Session, account: &Account) -> bool {
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

async fn replace(session: Session, account: Account) -> bool {
    let id = account.id();
    let _lock = lock(&id).await;
    // Browsers pass what a tab has stored on to the others a moment later than the lock.
    BrowserClock.sleep(STORED_MS).await;
    let old = &account.access_token;
    if !session.token_is(old) {
        return false;
    }
    let is_kept = || Account::kept(&id);
    let kept = is_kept();
    // Another tab that shares the session may have done it already.
    if let Some(kept) = &kept
        && kept.access_token != *old
    {
        return session.goes_on(old, kept.clone());
    }
    let Some(refresh_token) = account.refresh_token.clone() else {
        return false;
    };
    let request = login::refresh(&refresh_token, &session.capabilities_now());
    let wire = Wire {
        homeserver: account.homeserver.clone(),
        token: None,
    };
    let answer = patiently(&wire, &BrowserClock, &BrowserRandom, &request.call).await;
    let Ok(fresh) = answer.and_then(|answer| request.read(&answer)) else {
        return false;
    };
    let fresh = Account {
        access_token: fresh.access_token,
        refresh_token: fresh.refresh_token.or(Some(refresh_token)),
        renew_at_ms: fresh.expires_in_ms.map(Account::renew_at),
        ..account.clone()
    };
    UNPROVEN.set(Some(fresh.access_token.clone()));
    if session.token_is(old) {
        let ended_in_another_tab = kept.is_some() && is_kept().is_none();
        if !ended_in_another_tab {
            return session.goes_on(old, fresh);
        }
        session.end();
    }
    // Somebody has logged out meanwhile: what comes too late undoes nothing.
    revoke(&fresh, &session.capabilities_now()).await;
    false
}
