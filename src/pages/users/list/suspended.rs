//! Who is suspended: no list of Synapse tells, so it is asked account by account, and kept for the
//! session.

use super::PATIENCE_MS;
use crate::actions::touched::Log;
use crate::api::server::Feature;
use crate::api::users::{self, User};
use crate::api::{ApiError, UserId};
use crate::known::{Known, Why};
use crate::lists::Reading;
use crate::lists::cached::{self, Survey, Surveyed};
use crate::session::{Client, Session};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

thread_local! {
    static SUSPENDED: Survey<Option<bool>> = Survey::new(ask, Log::users_since);
}

/// Asks about each of these, and marks those who are suspended: unmarked are those of whom the server
/// did not say.
pub async fn mark(
    users: &mut [User],
    reading: &Reading,
) -> Result<Surveyed<Option<bool>>, ApiError> {
    let ids = users.iter().map(|user| user.name.to_string()).collect();
    let found = cached::survey(&SUSPENDED, ids, reading).await?;
    for user in users {
        user.suspended = found.known.get(user.name.as_str()).copied().flatten();
    }
    Ok(found)
}

/// Whether an account is suspended, as far as somebody wanted to know.
pub fn told(user: &User) -> Known<bool> {
    let server = Session::get();
    if !server.of_capabilities(|server| server.has(Feature::ToldSuspensions)) {
        return Known::Unknown(Why::TooOld);
    }
    match cached::told(&SUSPENDED, user.name.as_str()) {
        Known::Is(told) => Known::or(told, Why::Silent),
        // Who was looked up one by one has it from there.
        Known::Unknown(why) => Known::or(user.suspended, why),
    }
}

/// Forgets what has been found out.
pub fn forget() {
    cached::forget(&SUSPENDED);
}

fn ask(user: String) -> LocalBoxFuture<'static, Result<Option<bool>, ApiError>> {
    async move {
        let Some(user) = UserId::parse(&user) else {
            return Ok(None);
        };
        let asked = users::get(&user).timeout_ms(PATIENCE_MS);
        // Gone since the list was read.
        let detail = ApiError::if_there(Client::get().send(asked).await)?;
        Ok(detail.and_then(|detail| detail.user.suspended))
    }
    .boxed_local()
}
