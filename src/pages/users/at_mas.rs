//! One account where Matrix Authentication Service (MAS) keeps it: who it is there, its sessions, its password.

use super::held;
use crate::api::exchange::{Network, send_once};
use crate::api::mas::personal::{self, PersonalFilter};
use crate::api::mas::resource::{Slice, Want};
use crate::api::mas::sessions::{self, SessionFilter};
use crate::api::mas::users::{self, MasUser};
use crate::api::mas::{self, MasPage, Resource, Ulid};
use crate::api::{ApiError, Request, UserId};
use crate::i18n::features::why_not;
use crate::runner::{Step, Turn};
use crate::session::{Client, learn};
use crate::users::sessions::{HeldSession, SessionKind};
use leptos::prelude::*;
use serde::de::DeserializeOwned;
use wasm_bindgen_futures::spawn_local;

/// The kinds of sessions in the order in which they end: first those of browsers, so that nobody signs in with one
/// meanwhile.
const IN_ORDER: [SessionKind; 3] = [SessionKind::Browser, SessionKind::App, SessionKind::Login];

/// So many sessions are read with one request.
const SESSIONS_AT_ONCE: u32 = 100;

/// An account of MAS.
#[derive(Clone)]
pub struct MasAccount {
    /// Where MAS stands.
    pub base: String,
    pub id: Ulid,
    /// How it was when it was looked up.
    pub user: MasUser,
}

/// Who keeps an account.
#[derive(Clone)]
pub enum KeptBy {
    /// The homeserver.
    Homeserver,
    /// MAS would, and does not know it: only the homeserver does.
    UnknownToMas,
    Mas(MasAccount),
}

impl KeptBy {
    /// How MAS has it, if MAS was asked; `None` within if it does not know it.
    pub fn at_mas(&self) -> Option<Option<&MasUser>> {
        match self {
            KeptBy::Homeserver => None,
            KeptBy::UnknownToMas => Some(None),
            KeptBy::Mas(account) => Some(Some(&account.user)),
        }
    }
}

/// Asks who keeps an account: MAS where it keeps the accounts, at one request.
///
/// # Errors
/// Where MAS keeps the accounts, and this session may not administer them there, [`ApiError::Unsupported`]: what the
/// homeserver would do stops nobody.
pub async fn look_up(user: &UserId, network: &dyn Network) -> Result<KeptBy, ApiError> {
    let server = learn::capabilities().await?;
    if !server.delegated_auth {
        return Ok(KeptBy::Homeserver);
    }
    let Some(access) = server.mas() else {
        return Err(ApiError::Unsupported {
            status: 404,
            message: server.lack_of_mas().map(why_not).unwrap_or_default(),
        });
    };
    let base = access.base.as_str();
    let found = users::find(base, user, |request| send_once(network, request)).await?;
    Ok(match found {
        None => KeptBy::UnknownToMas,
        Some(found) => KeptBy::Mas(MasAccount {
            base: base.to_owned(),
            id: found.id,
            user: found.attributes,
        }),
    })
}

/// Some of an account's sessions of one kind.
struct Part {
    sessions: Vec<HeldSession>,
    /// What the next are asked for with.
    after: Option<String>,
    /// How many there are on the whole, if that was asked.
    count: Option<u64>,
}

impl Part {
    async fn read<T: DeserializeOwned>(
        request: Request<MasPage<T>>,
        network: &dyn Network,
    ) -> Result<Self, ApiError>
    where
        HeldSession: From<Resource<T>>,
    {
        let page = send_once(network, request).await?;
        Ok(Part {
            after: page.after(),
            count: page.count(),
            sessions: page.data.into_iter().map(HeldSession::from).collect(),
        })
    }
}

/// An account's sessions that have not ended, those of apps and of browsers, page by page.
struct SessionPages<'a> {
    account: &'a MasAccount,
    network: &'a dyn Network,
    kinds: std::array::IntoIter<SessionKind, 3>,
    /// With what the next page is asked for, if there are more of the same kind.
    more: Option<(SessionKind, Want)>,
}

impl SessionPages<'_> {
    /// The next page; `None`: that was all.
    async fn next(&mut self) -> Result<Option<Vec<HeldSession>>, ApiError> {
        let first = |kind| (kind, Want::first(SESSIONS_AT_ONCE));
        let next = self.more.take();
        let Some((kind, mut want)) = next.or_else(|| self.kinds.next().map(first)) else {
            return Ok(None);
        };
        let part = self.account.page(kind, &want, self.network).await?;
        if let Some(after) = part.after {
            want.slice = Slice::After(after);
            self.more = Some((kind, want));
        }
        Ok(Some(part.sessions))
    }
}

impl MasAccount {
    fn session_pages<'a>(&'a self, network: &'a dyn Network) -> SessionPages<'a> {
        SessionPages {
            account: self,
            network,
            kinds: IN_ORDER.into_iter(),
            more: None,
        }
    }

    /// Tokens for scripts that act as it and have not ended.
    fn personal(&self) -> PersonalFilter {
        PersonalFilter {
            actor: Some(self.id.clone()),
            active: Some(true),
            ..Default::default()
        }
    }

    async fn page(
        &self,
        kind: SessionKind,
        want: &Want,
        network: &dyn Network,
    ) -> Result<Part, ApiError> {
        let (base, filter) = (self.base.as_str(), SessionFilter::active_of(&self.id));
        match kind {
            SessionKind::App => {
                Part::read(sessions::oauth2(base, &filter, None, want), network).await
            }
            SessionKind::Login => Part::read(sessions::compat(base, &filter, want), network).await,
            SessionKind::Browser => {
                Part::read(sessions::browser(base, &filter, want), network).await
            }
            SessionKind::Personal => {
                Part::read(personal::list(base, &self.personal(), want), network).await
            }
        }
    }

    /// Its sessions that have not ended: those of apps and of browsers. Personal sessions are not the person's.
    pub async fn sessions(&self, network: &dyn Network) -> Result<Vec<HeldSession>, ApiError> {
        let (mut all, mut pages) = (Vec::new(), self.session_pages(network));
        while let Some(page) = pages.next().await? {
            all.extend(page);
        }
        Ok(all)
    }

    /// How many there are of these, and of personal sessions that act as it; `None` where MAS does not count them.
    pub async fn count_sessions(
        &self,
        network: &dyn Network,
    ) -> Result<(Option<u64>, Option<u64>), ApiError> {
        let want = Want::count_only();
        let mut all = Some(0);
        for kind in IN_ORDER {
            let count = self.page(kind, &want, network).await?.count;
            all = all.zip(count).map(|(all, count)| all + count);
        }
        let personal = match learn::capabilities().await?.mas() {
            Some(access) if access.since(1, 5) => {
                let personal = self.page(SessionKind::Personal, &want, network);
                personal.await?.count
            }
            // It has none yet.
            _ => Some(0),
        };
        Ok((all, personal))
    }

    /// Ends these sessions, one after another.
    ///
    /// # Errors
    /// What becomes of the item: what has ended stays so, and the rest is ended on another try.
    pub async fn end_these(
        &self,
        sessions: &[HeldSession],
        network: &dyn Network,
        turn: &Turn<'_>,
    ) -> Result<(), Step> {
        for session in sessions {
            turn.goes_on().await?;
            let ended = held::end(network, &session.end(&self.base)).await;
            ended.map_err(Step::from_error)?;
        }
        Ok(())
    }

    /// Ends all its sessions, page by page.
    ///
    /// # Errors
    /// As [`MasAccount::end_these`].
    pub async fn end_all(&self, network: &dyn Network, turn: &Turn<'_>) -> Result<(), Step> {
        let mut pages = self.session_pages(network);
        while let Some(page) = pages.next().await.map_err(Step::from_error)? {
            self.end_these(&page, network, turn).await?;
        }
        Ok(())
    }

    /// Sets its password; `any` however weak it is.
    ///
    /// # Errors
    /// That it is too weak, or that MAS takes none, in words of ours: see [`users::password_refused`].
    pub async fn set_password(
        &self,
        password: &str,
        any: bool,
        network: &dyn Network,
    ) -> Result<(), ApiError> {
        let request = users::set_password(&self.base, &self.id, password, any);
        let set = send_once(network, request).await;
        set.map(drop).map_err(users::password_refused)
    }
}

/// Whether MAS says that nobody can log in with a password; `false` until it has said so. Asked where MAS keeps the
/// accounts.
pub fn passwords_are_off() -> RwSignal<bool> {
    let off = RwSignal::new(false);
    spawn_local(async move {
        let Ok(server) = learn::capabilities().await else {
            return;
        };
        let Some(access) = server.mas() else { return };
        let told = Client::get().send(mas::site_config(&access.base)).await;
        if let Ok(told) = told {
            // The page may have been left.
            let _ = off.try_set(!told.password_login_enabled);
        }
    });
    off
}
