//! Who has a device: no list of Synapse tells, so it is asked account by account, and kept for the
//! session.

use crate::actions::touched::Log;
use crate::api::users::User;
use crate::api::{ApiError, UserId, devices};
use crate::lists::Reading;
use crate::lists::cached::{self, Survey, Surveyed};
use crate::session::Client;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

thread_local! {
    static HAVE: Survey<bool> = Survey::new(ask, Log::users_since);
}

/// How long one account may take to answer, in milliseconds.
const PATIENCE_MS: u32 = 15_000;

/// Those of the users who have devices, or have none, and what was found out about all of them.
pub async fn having(
    users: Vec<User>,
    wanted: bool,
    reading: &Reading,
) -> Result<(Vec<User>, Surveyed<bool>), ApiError> {
    let ids = users.iter().map(|user| user.name.to_string()).collect();
    let found = cached::survey(&HAVE, ids, reading).await?;
    let has = |user: &User| found.known.get(user.name.as_str()) == Some(&wanted);
    Ok((users.into_iter().filter(has).collect(), found))
}

fn ask(user: String) -> LocalBoxFuture<'static, Result<bool, ApiError>> {
    async move {
        let Some(user) = UserId::parse(&user) else {
            return Ok(false);
        };
        let asked = devices::list(&user).timeout_ms(PATIENCE_MS);
        match Client::get().send(asked).await {
            Ok(found) => Ok(!found.devices.is_empty()),
            // Gone since the list was read.
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }
    .boxed_local()
}
