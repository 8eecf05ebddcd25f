//! The names behind the IDs that MAS gives to accounts and programs: asked for those in sight, and kept as
//! long as the session lasts.

use crate::address::route::Route;
use crate::api::mas::{self, Ulid};
use crate::api::{ApiError, UserId};
use crate::authentication::localpart;
use crate::components::identifier::identifier_text;
use crate::components::link::link;
use crate::components::nothing;
use crate::session::{Client, Session};
use crate::ui::Node;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::stream::{self, StreamExt};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::thread::LocalKey;

/// So many are asked about at a time.
const AT_ONCE: usize = 4;

/// Of more than so many the whole list is read instead, a thousand with each request.
const FEW: usize = 100;

type Names = HashMap<Ulid, String>;

/// The names that are known, and in whose session.
type Kept = RefCell<(Option<String>, Names)>;

thread_local! {
    static USERS: Kept = RefCell::default();
    static CLIENTS: Kept = RefCell::default();
}

/// A name under way; nothing if there is none, or no answer.
type Naming = LocalBoxFuture<'static, Option<(Ulid, String)>>;

/// How names are asked for.
struct NamesOf {
    kept: &'static LocalKey<Kept>,
    one: fn(String, Ulid) -> Naming,
    all: fn(String) -> LocalBoxFuture<'static, Result<Names, ApiError>>,
}

/// The localparts of accounts, of as many of these as are found.
pub async fn users(base: &str, ids: impl IntoIterator<Item = Ulid>) -> Names {
    let of = NamesOf {
        kept: &USERS,
        one: |base, id| {
            async move {
                let found = Client::get().send(mas::users::get(&base, &id)).await.ok()?;
                Some((id, found.data.attributes.username))
            }
            .boxed_local()
        },
        all: |base| {
            async move {
                let client = Client::get().enduring();
                let ask =
                    |want: &_| mas::users::list(&base, &mas::users::UserFilter::default(), want);
                let all = client.patient().all_of_mas(ask, &|_, _| ()).await?;
                let named = all.into_iter().map(|one| (one.id, one.attributes.username));
                Ok(named.collect())
            }
            .boxed_local()
        },
    };
    of.look_up(base, ids).await
}

/// The names of programs, of as many of these as are found. Since MAS 1.20.
pub async fn clients(base: &str, ids: impl IntoIterator<Item = Ulid>) -> Names {
    let of = NamesOf {
        kept: &CLIENTS,
        one: |base, id| {
            async move {
                let found = Client::get()
                    .send(mas::clients::get(&base, &id))
                    .await
                    .ok()?;
                Some((id, found.data.attributes.client_name.unwrap_or_default()))
            }
            .boxed_local()
        },
        all: |base| {
            async move {
                let client = Client::get().enduring();
                let ask = |want: &_| {
                    mas::clients::list(&base, &mas::clients::ClientFilter::default(), want)
                };
                let all = client.patient().all_of_mas(ask, &|_, _| ()).await?;
                let named = all.into_iter().map(|one| {
                    let name = one.attributes.client_name.unwrap_or_default();
                    (one.id, name)
                });
                Ok(named.collect())
            }
            .boxed_local()
        },
    };
    of.look_up(base, ids).await
}

impl NamesOf {
    async fn look_up(&self, base: &str, ids: impl IntoIterator<Item = Ulid>) -> Names {
        let whose = Session::get().whose();
        let wanted: HashSet<Ulid> = ids.into_iter().collect();
        let unknown: Vec<Ulid> = self.kept.with_borrow_mut(|(of, names)| {
            if *of != whose {
                (*of, *names) = (whose.clone(), Names::new());
            }
            let all = wanted.iter();
            all.filter(|id| !names.contains_key(id)).cloned().collect()
        });
        let found: Names = match unknown.len() {
            0..=FEW => {
                let asked = unknown
                    .into_iter()
                    .map(|id| (self.one)(base.to_owned(), id));
                let answers = stream::iter(asked).buffer_unordered(AT_ONCE);
                answers.filter_map(std::future::ready).collect().await
            }
            _ => (self.all)(base.to_owned()).await.unwrap_or_default(),
        };
        self.kept.with_borrow_mut(|(of, names)| {
            // Somebody else may have signed in meanwhile.
            if *of == whose {
                names.extend(found);
            }
            let known = wanted.iter();
            known
                .filter_map(|id| Some((id.clone(), names.get(id)?.clone())))
                .collect()
        })
    }
}

/// The account of this name on this server.
pub fn account(localpart: &str) -> Option<UserId> {
    let server = Session::get().server_name()?;
    UserId::parse(&format!("@{localpart}:{server}"))
}

/// Whose something is: a link to their page. What could not be looked up is told by its ID.
pub fn whose(name: Option<&str>, id: Option<&Ulid>) -> Node {
    match (name, name.and_then(account), id) {
        (_, Some(user), _) => {
            let shown = identifier_text(user.as_str());
            link(&Route::user(&user).to_string(), "cell-text", shown)
        }
        (Some(name), None, _) => identifier_text(name),
        (None, _, Some(id)) => identifier_text(id.as_str()),
        (None, _, None) => nothing(),
    }
}

/// Whose something is, as text: a user ID, or what else is known.
pub fn whose_text(name: Option<&str>, id: Option<&Ulid>) -> String {
    let user = name.and_then(account).map(|user| user.to_string());
    let rest = || name.map(str::to_owned).or_else(|| id.map(Ulid::to_string));
    user.or_else(rest).unwrap_or_default()
}

/// The account that was typed: its user ID, or its localpart. `None`: somebody of another server, or nobody.
pub fn meant(typed: &str) -> Option<UserId> {
    let server = Session::get().server_name()?;
    account(localpart(typed, server.as_str())?)
}

/// The ID of the account that was typed; `None`: there is none of that name.
///
/// # Errors
///
/// What the request for it ends with.
pub async fn id_of(base: &str, typed: &str) -> Result<Option<Ulid>, ApiError> {
    let Some(user) = meant(typed) else {
        return Ok(None);
    };
    let client = Client::get();
    let found = mas::users::find(base, &user, |request| client.send(request)).await?;
    Ok(found.map(|found| found.id))
}
