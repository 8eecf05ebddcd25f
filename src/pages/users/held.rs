//! What Matrix Authentication Service keeps of an account, asked for: the account itself and its sessions.

use crate::actions::Verdict;
use crate::api::exchange::{Network, Patient};
use crate::api::mas::resource::Want;
use crate::api::mas::{self, Ulid, personal, sessions};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, Call, UserId};
use crate::browser::clock::{BrowserClock, BrowserRandom};
use crate::runner::Reason;
use crate::session::Session;
use crate::users::sessions::{AskHeld, HeldSession, ask_again};

/// This network with the patience that reading takes.
pub fn patient(network: &dyn Network) -> Patient<'_> {
    Patient {
        network,
        clock: &BrowserClock,
        random: &BrowserRandom,
    }
}

/// The account's ID at MAS; `None` if only the homeserver knows it, as those of bridges and of old bots.
pub async fn id_of(
    network: Patient<'_>,
    base: &str,
    user: &UserId,
) -> Result<Option<Ulid>, ApiError> {
    let found = mas::users::find(base, user, |request| network.send(request)).await?;
    Ok(found.map(|found| found.id))
}

/// Its active sessions that may have devices: those of apps and of scripts.
pub async fn with_devices(
    network: Patient<'_>,
    base: &str,
    id: &Ulid,
) -> Result<Vec<HeldSession>, ApiError> {
    let filter = sessions::SessionFilter::active_of(id);
    let mut all = read_apps(network, base, &filter, &|_| ()).await?;
    all.extend(read_tokens(network, base, id, Some(true), &|_| ()).await?);
    Ok(all)
}

/// Nothing where MAS is too old to have any.
async fn read_tokens(
    network: Patient<'_>,
    base: &str,
    id: &Ulid,
    active: Option<bool>,
    so_far: &dyn Fn(u64),
) -> Result<Vec<HeldSession>, ApiError> {
    if !Session::get()
        .capabilities_now()
        .has(Feature::PersonalSessions)
    {
        return Ok(Vec::new());
    }
    let filter = personal::PersonalFilter {
        actor: Some(id.clone()),
        active,
        ..Default::default()
    };
    let tokens = |want: &Want| personal::list(base, &filter, want);
    let tokens = network
        .all_of_mas(tokens, &|count, _| so_far(count))
        .await?;
    Ok(tokens.into_iter().map(HeldSession::from).collect())
}

async fn read_apps(
    network: Patient<'_>,
    base: &str,
    filter: &sessions::SessionFilter,
    so_far: &dyn Fn(u64),
) -> Result<Vec<HeldSession>, ApiError> {
    let apps = |want: &Want| sessions::oauth2(base, filter, None, want);
    let apps = network.all_of_mas(apps, &|count, _| so_far(count)).await?;
    let logins = |want: &Want| sessions::compat(base, filter, want);
    let logins = network
        .all_of_mas(logins, &|count, _| so_far(apps.len() as u64 + count))
        .await?;
    let apps = apps.into_iter().map(HeldSession::from);
    Ok(apps
        .chain(logins.into_iter().map(HeldSession::from))
        .collect())
}

/// All its sessions, kind by kind; those that have ended only if they are wanted. `so_far` hears how many
/// there are by now.
pub async fn all(
    network: Patient<'_>,
    base: &str,
    id: &Ulid,
    with_ended: bool,
    so_far: &dyn Fn(u64),
) -> Result<Vec<HeldSession>, ApiError> {
    let active = (!with_ended).then_some(true);
    let filter = sessions::SessionFilter {
        user: Some(id.clone()),
        active,
        ..Default::default()
    };
    let mut all = read_apps(network, base, &filter, so_far).await?;
    let known = all.len() as u64;
    let browsers = |want: &Want| sessions::browser(base, &filter, want);
    let browsers = network
        .all_of_mas(browsers, &|count, _| so_far(known + count))
        .await?;
    all.extend(browsers.into_iter().map(HeldSession::from));
    let known = all.len() as u64;
    let of_tokens = |count| so_far(known + count);
    all.extend(read_tokens(network, base, id, active, &of_tokens).await?);
    Ok(all)
}

/// How a session stands right before it is ended, if it was picked because nobody had used it since `unused`.
pub async fn still(
    network: &dyn Network,
    base: &str,
    session: &HeldSession,
    unused: Option<Timestamp>,
) -> Result<Verdict, ApiError> {
    let network = patient(network);
    let found = match ask_again(base, session) {
        AskHeld::App(request) => network.send(request).await.map(|one| one.data.into()),
        AskHeld::Login(request) => network.send(request).await.map(|one| one.data.into()),
        AskHeld::Browser(request) => network.send(request).await.map(|one| one.data.into()),
        AskHeld::Personal(request) => network.send(request).await.map(|one| one.data.into()),
    };
    let found: Option<HeldSession> = ApiError::if_there(found)?;
    Ok(found.map_or(Verdict::Leave(Reason::Gone), |now| now.stands(unused)))
}

/// Ends a session. One that had ended before has ended.
pub async fn end(network: &dyn Network, call: &Call) -> Result<(), ApiError> {
    let answer = network.exchange(call).await?;
    match ApiError::of(&answer) {
        Some(error) if !mas::is_done_already(call, &error) => Err(error),
        _ => Ok(()),
    }
}
