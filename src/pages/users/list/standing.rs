//! Who administers and who is locked, where Matrix Authentication Service keeps the accounts: it tells both by
//! itself, in two lists that are short. Read when the list of users is, and kept for the session.

use crate::actions::touched::Log;
use crate::api::mas::resource::Want;
use crate::api::mas::users::{self as at_mas, MasStatus, MasUser, UserFilter};
use crate::api::tolerant::Timestamp;
use crate::api::users::UserDetail;
use crate::api::{ApiError, UserId};
use crate::browser::clock::now;
use crate::known::Why;
use crate::lists::Reading;
use crate::lists::cached::{self, CachedKind, Keeper, OnProgress};
use crate::pages::users::at_mas::{KeptBy, look_up};
use crate::session::{Client, Session, learn};
use crate::users::query::{Marks, Told};
use crate::users::standing::{AccountStanding, settle};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// An account that administers, or is locked.
#[derive(Clone)]
struct Marked {
    user: UserId,
    admin: bool,
    locked: bool,
}

/// Who has either mark, and in whose session that was found.
struct Found {
    owner: Option<String>,
    at: Timestamp,
    admin: Marks,
    locked: Marks,
    /// Why MAS has not said it.
    silence: Option<ApiError>,
}

/// For so long MAS is not asked again when it has not answered, in milliseconds: whoever turns a page does not
/// wait for it each time.
const SILENT_MS: i64 = 60_000;

thread_local! {
    static MARKED: Keeper<Marked> = Keeper::new(CachedKind {
        read,
        one,
        key: |marked| marked.user.as_str(),
        keep: |_, _| (),
        touched: Log::users_since,
    });
    static FOUND: RefCell<Option<Found>> = const { RefCell::new(None) };
}

/// Has MAS tell who administers and who is locked, where it keeps the accounts, so that [`told`] knows. That it
/// does not say is no error: then it is not known.
///
/// # Errors
/// [`ApiError::Cancelled`] when the reading is cancelled.
pub async fn ask(reading: &Reading) -> Result<(), ApiError> {
    if learn::capabilities().await?.mas().is_none() {
        return Ok(());
    }
    let owner = Session::get().whose();
    let was_silent = FOUND.with_borrow(|found| {
        found.as_ref().is_some_and(|found| {
            let is_late = now().0 - found.at.0 > SILENT_MS;
            found.owner == owner && !found.admin.is_known() && !is_late
        })
    });
    if was_silent && !reading.is_refresh() {
        return Ok(());
    }
    let (admin, locked, silence) = match cached::all(&MARKED, reading).await {
        Ok(whole) => {
            let marks = |has: fn(&Marked) -> bool| {
                let marked = whole.items.iter().filter(|marked| has(marked));
                Marks::These(Arc::new(marked.map(|marked| marked.user.clone()).collect()))
            };
            let admin = marks(|marked| marked.admin);
            (admin, marks(|marked| marked.locked), None)
        }
        Err(ApiError::Cancelled) => return Err(ApiError::Cancelled),
        Err(error) => (
            Marks::Unknown(Why::Silent),
            Marks::Unknown(Why::Silent),
            Some(error),
        ),
    };
    FOUND.set(Some(Found {
        owner,
        at: now(),
        admin,
        locked,
        silence,
    }));
    Ok(())
}

/// Why MAS has not said who administers and who is locked, if it has not: who asks for these has no answer then.
pub fn silence() -> Option<ApiError> {
    let whose = Session::get().whose();
    FOUND.with_borrow(|found| {
        let found = found.as_ref().filter(|found| found.owner == whose);
        found.and_then(|found| found.silence.clone())
    })
}

/// What the list of this server tells, with what MAS has told.
pub fn told() -> Told {
    let session = Session::get();
    let (by_server, is_at_mas) =
        session.of_capabilities(|server| (Told::by(server), server.mas().is_some()));
    if !is_at_mas {
        return by_server;
    }
    FOUND.with_borrow(|found| match found {
        Some(found) if found.owner == session.whose() => Told {
            admin: found.admin.clone(),
            locked: found.locked.clone(),
            ..by_server
        },
        _ => by_server,
    })
}

/// Puts right how one account stands, as it was asked for, by what MAS says of it where MAS keeps the accounts.
pub async fn settled(detail: &mut UserDetail) -> AccountStanding {
    let is_at_mas = match learn::capabilities().await {
        Ok(server) => server.mas().is_some(),
        Err(_) => false,
    };
    let told = told();
    let standing = |told| AccountStanding {
        told,
        is_unknown_to_mas: false,
    };
    if !is_at_mas {
        return standing(told);
    }
    let kept = look_up(&detail.user.name, &Client::get()).await;
    match kept.as_ref().map(KeptBy::at_mas) {
        Ok(Some(mas)) => {
            settle(&mut detail.user, mas);
            AccountStanding {
                told: told.settled(),
                is_unknown_to_mas: mas.is_none(),
            }
        }
        Ok(None) => standing(told),
        Err(_) => standing(Told {
            admin: Marks::Unknown(Why::Silent),
            locked: Marks::Unknown(Why::Silent),
            ..told
        }),
    }
}

/// Where MAS stands.
async fn base() -> Result<String, ApiError> {
    let server = learn::capabilities().await?;
    let access = server.mas().ok_or(ApiError::Cancelled)?;
    Ok(access.base.clone())
}

fn marked(user: UserId, at_mas: &MasUser) -> Marked {
    Marked {
        user,
        admin: at_mas.admin,
        locked: at_mas.locked_at.is_some(),
    }
}

fn read(_: OnProgress) -> LocalBoxFuture<'static, Result<Vec<Marked>, ApiError>> {
    async move {
        let base = base().await?;
        let client = Client::get();
        let server = Session::get().server_name().ok_or(ApiError::Cancelled)?;
        let admins = UserFilter {
            admin: Some(true),
            ..Default::default()
        };
        let locked = UserFilter {
            status: Some(MasStatus::Locked),
            ..Default::default()
        };
        let mut found: HashMap<UserId, Marked> = HashMap::new();
        for filter in [admins, locked] {
            let ask = |want: &Want| at_mas::list(&base, &filter, want);
            for one in client.patient().all_of_mas(ask, &|_, _| ()).await? {
                let id = format!("@{}:{server}", one.attributes.username);
                if let Some(user) = UserId::parse(&id) {
                    found.insert(user.clone(), marked(user, &one.attributes));
                }
            }
        }
        Ok(found.into_values().collect())
    }
    .boxed_local()
}

fn one(user: String) -> LocalBoxFuture<'static, Result<Option<Marked>, ApiError>> {
    async move {
        let Some(user) = UserId::parse(&user) else {
            return Ok(None);
        };
        let (base, client) = (base().await?, Client::get());
        let found = at_mas::find(&base, &user, |request| client.send(request)).await?;
        Ok(found.map(|found| marked(user, &found.attributes)))
    }
    .boxed_local()
}
