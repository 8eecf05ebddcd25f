//! Who is signed in, to which homeserver, and with which rights.
//!
//! | file | what |
//! |---|---|
//! | [`account`] | the signed-in account and where it is kept |
//! | [`acting`] | access got with "Log in as", to be revoked |
//! | [`away`] | signing in elsewhere: what is kept meanwhile, what comes back |
//! | [`client`] | the one network client of the pages: token, patience, signing in again |
//! | [`config`] | what whoever deploys the panel decides |
//! | [`discover`] | from a server name to a homeserver URL |
//! | [`enduring`] | long readings that last through a time without a server |
//! | [`learn`] | what the server can do, asked once |
//! | [`lock`] | one tab at a time |
//! | `refresh` | new tokens for a refresh token |
//! | [`recent`] | homeservers that were signed in to, without secrets |
//! | [`sign_in`] | from a password or a token to an account that is surely an administrator's |
//! | [`sign_out`] | the end of a session, here and at its server |
//! | [`stream`] | files as they come, without a copy in our memory |
//! | [`turn`] | from one session to another, in this tab or in a new one |
//! | [`twins`] | tabs that share a session but no storage |
//! | [`unread`] | whether anybody is there whose answers the page may not read |
//! | [`wire`] | one request to one homeserver: `fetch` with a timeout |

pub mod account;
pub mod acting;
pub mod away;
pub mod client;
pub mod config;
pub mod discover;
pub mod enduring;
pub mod learn;
pub mod leave;
pub mod lock;
pub mod recent;
mod refresh;
pub mod sign_in;
pub mod sign_out;
pub mod stream;
pub mod turn;
pub mod twins;
pub mod unread;
pub mod wire;

pub use account::Account;
pub use client::Client;
pub use refresh::unsure_is_told_by;

use crate::api::server::Capabilities;
use crate::api::{ApiError, ServerName, UserId};
use crate::browser::only_one;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// The session of this tab. A handle: copies are the same session.
#[derive(Clone, Copy)]
pub struct Session {
    account: RwSignal<Option<Account>>,
    capabilities: RwSignal<Capabilities>,
    /// The token that the server refused, while somebody is asked to sign in again.
    refused: RwSignal<Option<String>>,
    /// Whose session it is or was last, and how many others' there have been before.
    tenure: StoredValue<(u32, String)>,
    /// Requests that wait until somebody has signed in again.
    waiting: StoredValue<Rc<RefCell<Vec<Waker>>>, LocalStorage>,
}

thread_local! {
    static SESSION: Cell<Option<Session>> = const { Cell::new(None) };
    /// Who hears that another tab has logged out of the session of this one.
    static END_HEARD_BY: Cell<Option<fn(Account)>> = const { Cell::new(None) };
}

/// From now on this one hears that another tab has logged out of the session of this one, which has ended
/// here as well: with the tokens that this tab had. For as long as the tab.
pub fn end_is_heard_by(hear: fn(Account)) {
    END_HEARD_BY.set(Some(hear));
}

impl Session {
    /// Takes up the session that an earlier page left behind, if there is one.
    fn restore() -> Self {
        let account = Account::restore();
        let whose = account.as_ref().map(Account::whose).unwrap_or_default();
        let session = Session {
            account: RwSignal::new(account),
            tenure: StoredValue::new((0, whose)),
            capabilities: RwSignal::new(Capabilities::default()),
            refused: RwSignal::new(None),
            waiting: StoredValue::new_local(Rc::default()),
        };
        // What this tab shows is not for whoever comes after a log-out in another one.
        window_event_listener(leptos::ev::storage, move |event| {
            let ended = account::ended(event.key(), event.new_value());
            let account = session.account_now();
            if let Some(account) = account.filter(|account| Some(account.id()) == ended) {
                session.end();
                if let Some(hear) = END_HEARD_BY.get() {
                    hear(account);
                }
            }
        });
        session
    }

    /// The session of this tab.
    pub fn get() -> Self {
        only_one::get(&SESSION, Session::restore)
    }

    /// Who is signed in. Reactive.
    pub fn account(&self) -> Option<Account> {
        self.account.get()
    }

    /// Whether somebody is signed in. Reactive, and changes only when that does.
    pub fn is_signed_in(&self) -> Memo<bool> {
        let account = self.account;
        Memo::new(move |_| account.with(Option::is_some))
    }

    /// Who is signed in, once, not reactive.
    pub fn account_now(&self) -> Option<Account> {
        self.account.get_untracked()
    }

    /// Whose session it is, and where, as one text: what belongs to one is not another's, not even
    /// if another server says that its user is called the same. Not reactive.
    pub fn whose(&self) -> Option<String> {
        self.account
            .with_untracked(|account| account.as_ref().map(Account::whose))
    }

    /// The administrator's user ID; not reactive.
    pub fn user_id(&self) -> Option<UserId> {
        self.account
            .with_untracked(|account| account.as_ref().map(|account| account.user_id.clone()))
    }

    /// The name of the homeserver that is administered; not reactive.
    pub fn server_name(&self) -> Option<ServerName> {
        self.user_id().map(|user| user.server())
    }

    /// What the server can do. Reactive.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities.get()
    }

    /// What the server can do, not reactive.
    pub fn capabilities_now(&self) -> Capabilities {
        self.capabilities.get_untracked()
    }

    /// What is made of that, without a copy of it all: for what is asked for each cell of a table.
    pub fn of_capabilities<T>(&self, make: impl FnOnce(&Capabilities) -> T) -> T {
        self.capabilities.with_untracked(make)
    }

    /// Whether a password set at the homeserver would open nothing: they are kept by Matrix
    /// Authentication Service, or elsewhere as the deployment says (`externalAuthProvider`), or
    /// the homeserver takes none. Reactive.
    pub fn has_external_auth(&self) -> bool {
        config::config().external_auth
            || self
                .capabilities
                .with(|server| server.delegated_auth || server.without_passwords)
    }

    /// See [`Session::has_external_auth`]; not reactive.
    pub fn has_external_auth_now(&self) -> bool {
        untrack(|| self.has_external_auth())
    }

    /// Learns what the server can do.
    pub fn set_capabilities(&self, capabilities: Capabilities) {
        if self
            .capabilities
            .with_untracked(|known| *known != capabilities)
        {
            self.capabilities.set(capabilities);
        }
    }

    /// Begins or renews the session. Requests that waited for it go on.
    pub fn begin(&self, account: Account) {
        let old = self.account_now();
        let goes_on = old.as_ref().is_some_and(|old| old.is_same(&account));
        account.keep();
        if !goes_on {
            account.turn_to();
            // Others stay signed in beside each other.
            if let Some(old) = old.filter(|old| old.whose() == account.whose()) {
                old.forget();
            }
        }
        self.refused.set(None);
        let whose = account.whose();
        self.tenure.update_value(|(number, last)| {
            if *last != whose {
                *number += 1;
                *last = whose;
            }
        });
        self.account.set(Some(account));
        self.ring();
    }

    /// Changes when the session becomes another person's: what was begun for one is not gone on with
    /// as the other.
    fn tenure(&self) -> u32 {
        self.tenure.with_value(|(number, _)| *number)
    }

    /// Goes on with another access token, if the session still is that of the old one.
    fn goes_on(&self, old_token: &str, account: Account) -> bool {
        let still = self.token_is(old_token);
        if still {
            self.begin(account);
        }
        still
    }

    /// Ends the session here. Requests that waited for it fail.
    pub fn end(&self) {
        if let Some(account) = self.account_now() {
            account.forget();
        }
        self.refused.set(None);
        self.account.set(None);
        self.ring();
    }

    /// Whether somebody must sign in again before requests can go on. Reactive.
    pub fn is_refused(&self) -> bool {
        self.refused.with(Option::is_some)
    }

    /// The server refused this token: asks to sign in again and waits until that is done (true)
    /// or given up (false).
    ///
    /// # Errors
    /// The refusal, where the page is about to be left for it.
    async fn renewed(&self, refused_token: &str) -> Result<bool, ApiError> {
        if self.token_is(refused_token) {
            self.refused.set(Some(refused_token.to_owned()));
        }
        let session = *self;
        let token = refused_token.to_owned();
        poll_fn(move |context| {
            if session.token_is(&token) && !leave::is_leaving() {
                session
                    .waiting
                    .with_value(|waiting| waiting.borrow_mut().push(context.waker().clone()));
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
        if self.token_is(refused_token) {
            return Err(ApiError::TokenRefused {
                soft_logout: false,
                locked: false,
                message: String::new(),
            });
        }
        Ok(self.account.with_untracked(Option::is_some))
    }

    fn token_is(&self, token: &str) -> bool {
        self.account.with_untracked(|account| {
            account
                .as_ref()
                .is_some_and(|account| account.access_token == token)
        })
    }

    fn ring(&self) {
        let wakers = self
            .waiting
            .with_value(|waiting| std::mem::take(&mut *waiting.borrow_mut()));
        for waker in wakers {
            waker.wake();
        }
    }
}
