//! What else a deletion would hit: files and their bytes, sessions.

use crate::api::statistics::{self, ListMediaUsers, MediaUser};
use crate::api::{ApiError, UserId, devices};
use crate::i18n::{format, t};
use crate::lists::Reading;
use crate::session::Client;
use crate::users::actions::Action;
use std::collections::HashSet;

/// For so many users their sessions are counted, one request each.
const COUNTED: usize = 50;

/// So many candidates are looked through for one user: the search finds parts of IDs.
const CANDIDATES: u64 = 100;

/// What is worth knowing before this is done to them.
pub async fn facts(
    action: Action,
    users: &[UserId],
    reading: &Reading,
) -> Result<Vec<(String, String)>, ApiError> {
    let number = |count: u64| format::number(count as f64);
    Ok(match action {
        Action::DeleteMedia | Action::QuarantineMedia | Action::EraseAll => {
            let (files, bytes) = media(users, reading).await?;
            vec![
                (t::act_fact_files(), number(files)),
                (t::act_fact_bytes(), format::bytes(bytes)),
            ]
        }
        Action::LogOut if users.len() <= COUNTED => {
            let (mut sessions, mut spared) = (0, 0);
            for (done, user) in users.iter().enumerate() {
                reading.progress(done as u64, Some(users.len() as u64));
                if reading.is_cancelled() {
                    return Err(ApiError::Cancelled);
                }
                let found = Client::get().send(devices::list(user)).await?;
                let dehydrated = found.devices.iter().filter(|device| device.dehydrated);
                let dehydrated = dehydrated.count() as u64;
                sessions += found.devices.len() as u64 - dehydrated;
                spared += dehydrated;
            }
            let mut facts = vec![(t::act_fact_sessions(), number(sessions))];
            if spared > 0 {
                facts.push((t::act_fact_dehydrated(), number(spared)));
            }
            facts
        }
        Action::Lock
        | Action::Unlock
        | Action::Suspend
        | Action::Unsuspend
        | Action::ShadowBan
        | Action::LiftShadowBan
        | Action::MakeAdmin
        | Action::TakeAdmin
        | Action::Approve
        | Action::Reactivate
        | Action::Notice
        | Action::Join
        | Action::Redact
        | Action::LogOutIdle
        | Action::LogOut
        | Action::Deactivate
        | Action::Erase => Vec::new(),
    })
}

/// How many files they have, and their bytes.
async fn media(users: &[UserId], reading: &Reading) -> Result<(u64, u64), ApiError> {
    let wanted: HashSet<&UserId> = users.iter().collect();
    let mut query = ListMediaUsers {
        limit: 1000,
        ..Default::default()
    };
    if let [user] = users {
        query.limit = CANDIDATES;
        query.search = Some(user.localpart().to_owned());
    }
    let (mut files, mut bytes) = (0, 0);
    let ask = |from| {
        statistics::media_by_user_sorted(&ListMediaUsers {
            from,
            ..query.clone()
        })
    };
    let each = |owners: Vec<MediaUser>, done, of| {
        for found in &owners {
            if found.user_id.as_ref().is_some_and(|id| wanted.contains(id)) {
                files += found.media_count;
                bytes += found.media_length.unwrap_or(0);
            }
        }
        reading.progress(done, Some(of));
    };
    let client = Client::get();
    reading
        .unless_cancelled(client.patient().each_page(ask, each))
        .await?;
    Ok((files, bytes))
}
