//! Who has a device: no list of Synapse tells, so it is asked account by account, and kept for the
//! session.

use super::PATIENCE_MS;
use crate::actions::touched::Log;
use crate::api::devices::Devices;
use crate::api::users::User;
use crate::api::{ApiError, UserId, devices};
use crate::known::UNKNOWN;
use crate::lists::Reading;
use crate::lists::cached::{self, Survey, Surveyed};
use crate::session::Client;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;

/// Which devices an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Has {
    /// None.
    Nothing,
    /// Nobody is logged in, but a dehydrated device keeps encrypted messages for when somebody will
    /// be. Told since Synapse 1.132.
    Dehydrated,
    /// At least one in which somebody can be logged in.
    Some,
    /// The server did not say.
    Unknown,
}

impl Has {
    /// As the address has it.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "false" => Some(Has::Nothing),
            "dehydrated" => Some(Has::Dehydrated),
            "true" => Some(Has::Some),
            UNKNOWN => Some(Has::Unknown),
            _ => None,
        }
    }

    /// What these are.
    pub fn of(found: &Devices) -> Self {
        match &found.devices[..] {
            [] => Has::Nothing,
            all if all.iter().all(|device| device.dehydrated) => Has::Dehydrated,
            _ => Has::Some,
        }
    }
}

thread_local! {
    static HAVE: Survey<Has> = Survey::new(ask, Log::users_since);
}

/// Those of the users who have these devices, and what was found out about all of them.
pub async fn having(
    users: Vec<User>,
    wanted: Has,
    reading: &Reading,
) -> Result<(Vec<User>, Surveyed<Has>), ApiError> {
    let ids = users.iter().map(|user| user.name.to_string()).collect();
    let found = cached::survey(&HAVE, ids, reading).await?;
    let has = |user: &User| {
        let known = found.known.get(user.name.as_str()).copied();
        known.unwrap_or(Has::Unknown) == wanted
    };
    Ok((users.into_iter().filter(has).collect(), found))
}

fn ask(user: String) -> LocalBoxFuture<'static, Result<Has, ApiError>> {
    async move {
        let Some(user) = UserId::parse(&user) else {
            return Ok(Has::Unknown);
        };
        let asked = devices::list(&user).timeout_ms(PATIENCE_MS);
        match Client::get().send(asked).await {
            Ok(found) => Ok(Has::of(&found)),
            // Gone since the list was read.
            Err(error) if error.is_not_found() => Ok(Has::Unknown),
            Err(error) => Err(error),
        }
    }
    .boxed_local()
}
