//! Who has a device: no list of Synapse tells, so it is asked account by account, and kept for the
//! session.

use crate::api::users::User;
use crate::api::{ApiError, UserId, devices};
use crate::components::list::Reading;
use crate::operations::Activity;
use crate::session::Client;
use futures_util::future::join_all;
use std::cell::RefCell;
use std::collections::HashSet;

/// So many accounts are asked about at a time.
const AT_ONCE: usize = 4;

/// What is known: of whom it has been asked, and who of them has devices.
#[derive(Default)]
struct Known {
    /// How many changes this session had made when it was asked.
    changes: usize,
    asked: HashSet<String>,
    have: HashSet<String>,
}

thread_local! {
    static KNOWN: RefCell<Known> = RefCell::default();
}

/// Those of the users who have devices, or have none.
pub async fn having(
    users: Vec<User>,
    wanted: bool,
    reading: &Reading,
) -> Result<Vec<User>, ApiError> {
    let changes = Activity::get().count();
    KNOWN.with_borrow_mut(|known| {
        if known.changes != changes || reading.is_refresh() {
            *known = Known {
                changes,
                ..Default::default()
            };
        }
    });
    let of = users.len() as u64;
    let mut found = Vec::new();
    for (done, some) in users.chunks(AT_ONCE).enumerate() {
        reading.progress((done * AT_ONCE) as u64, Some(of));
        let answers = join_all(some.iter().map(|user| ask(&user.name))).await;
        for (user, answer) in some.iter().zip(answers) {
            answer?;
            let id = user.name.as_str();
            if KNOWN.with_borrow(|known| known.have.contains(id)) == wanted {
                found.push(user.clone());
            }
        }
        if reading.is_cancelled() {
            return Err(ApiError::Cancelled);
        }
    }
    Ok(found)
}

async fn ask(user: &UserId) -> Result<(), ApiError> {
    let id = user.to_string();
    if KNOWN.with_borrow(|known| known.asked.contains(&id)) {
        return Ok(());
    }
    let client = Client::get();
    let has = match client.patient().send(devices::list(user)).await {
        Ok(found) => !found.devices.is_empty(),
        // Gone since the list was read.
        Err(error) if error.is_not_found() => false,
        Err(error) => return Err(error),
    };
    KNOWN.with_borrow_mut(|known| {
        if has {
            known.have.insert(id.clone());
        }
        known.asked.insert(id);
    });
    Ok(())
}
