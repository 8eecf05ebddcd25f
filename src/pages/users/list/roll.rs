//! The whole list of users.

use crate::actions::touched::Log;
use crate::api::pages::ListUsersOf;
use crate::api::users::{self, ListUsers, User};
use crate::api::{ApiError, UserId};
use crate::lists::Reading;
use crate::lists::cached::{self, CachedKind, Keeper, OnProgress, Whole};
use crate::session::{Client, learn};
use crate::users::query;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::collections::HashSet;

thread_local! {
    static USERS: Keeper<User> = Keeper::new(CachedKind {
        read,
        one,
        key: |user| user.name.as_str(),
        keep,
        touched: Log::users_since,
    });
}

/// All users of the server.
pub async fn all(reading: &Reading) -> Result<Whole<User>, ApiError> {
    cached::all(&USERS, reading).await
}

/// Up to so many accounts are asked for one by one; for more the whole list is read.
pub const ONE_BY_ONE: usize = 20;

/// Those of these accounts that there are: users of application services may be named without having one.
pub async fn these(users: &HashSet<UserId>, reading: &Reading) -> Result<Vec<User>, ApiError> {
    if users.len() > ONE_BY_ONE {
        return only(users, reading).await;
    }
    let mut found = Vec::new();
    for (done, user) in users.iter().enumerate() {
        reading.progress(done as u64, Some(users.len() as u64));
        let asked = reading.unless_cancelled(one(user.to_string()));
        found.extend(asked.await?);
    }
    Ok(found)
}

/// Those of these accounts that the whole list has, as it has them: it knows what one account's detail does not.
pub async fn only(users: &HashSet<UserId>, reading: &Reading) -> Result<Vec<User>, ApiError> {
    let roll = all(reading).await?;
    let found = roll.items.iter().filter(|user| users.contains(&user.name));
    Ok(found.cloned().collect())
}

/// Whether they have been read in this session, so that having them costs little.
pub fn is_read() -> bool {
    cached::is_kept(&USERS)
}

fn read(report: OnProgress) -> LocalBoxFuture<'static, Result<Vec<User>, ApiError>> {
    async move {
        let everybody = ListUsersOf {
            asked: ListUsers::default(),
            server: learn::capabilities().await?,
        };
        let client = Client::get().enduring();
        let found = client.patient().all_of(&everybody, &*report).await?;
        Ok(found.into_iter().map(settled).collect())
    }
    .boxed_local()
}

fn one(user: String) -> LocalBoxFuture<'static, Result<Option<User>, ApiError>> {
    async move {
        let Some(user) = UserId::parse(&user) else {
            return Ok(None);
        };
        let detail = ApiError::if_there(Client::get().send(users::get(&user)).await)?;
        Ok(detail.map(|detail| settled(detail.user)))
    }
    .boxed_local()
}

fn settled(user: User) -> User {
    query::settled(user, &ListUsers::default())
}

/// The list and the single account count differently when somebody was last seen: what the list
/// said stays, unless there is something later.
fn keep(before: &User, now: &mut User) {
    now.last_seen_ts = now.last_seen_ts.max(before.last_seen_ts);
    now.creation_ts = before.creation_ts.or(now.creation_ts);
    // The list does not tell of it, so it must not look as if some rows knew better.
    now.suspended = before.suspended;
}
