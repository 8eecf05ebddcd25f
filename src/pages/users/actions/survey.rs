//! What else a deletion would hit: files and their bytes, sessions.

use crate::api::{ApiError, UserId, devices};
use crate::i18n::{format, t};
use crate::known::Known;
use crate::lists::Reading;
use crate::media::uploads;
use crate::pages::users::at_mas::{KeptBy, look_up};
use crate::session::Client;
use crate::users::actions::Action;

/// For so many users their sessions are counted, one request each.
const COUNTED: usize = 50;

/// Whether the sessions of so many users are counted.
pub fn are_counted(users: usize) -> bool {
    users <= COUNTED
}

/// That the sessions of so many users, which this would end, are not counted.
pub fn not_counted(action: Action, users: usize) -> Option<(String, String)> {
    let is_about_sessions = matches!(action, Action::LogOut | Action::LogOutIdle);
    (is_about_sessions && !are_counted(users)).then(|| {
        let most = format::number(COUNTED as f64);
        (t::act_fact_sessions(), t::act_fact_sessions_many(&most))
    })
}

/// What is worth knowing before this is done to them.
pub async fn facts(
    action: Action,
    users: &[UserId],
    reading: &Reading,
) -> Result<Vec<(String, String)>, ApiError> {
    let number = |count: u64| format::number(count as f64);
    Ok(match action {
        Action::DeleteMedia | Action::QuarantineMedia | Action::EraseAll => {
            let client = Client::get();
            let report = |done, of| reading.progress(done, Some(of));
            let found = uploads::of_users(client.patient(), users, &report);
            let found = reading.unless_cancelled(found).await?;
            let words = |known: Known<u64>, words: &dyn Fn(u64) -> String| match known {
                Known::Is(value) => words(value),
                Known::Unknown(_) => t::unknown_number(),
            };
            vec![
                (t::act_fact_files(), words(found.files, &number)),
                (t::act_fact_bytes(), words(found.bytes, &format::bytes)),
            ]
        }
        Action::LogOut if are_counted(users.len()) => {
            let (mut spared, mut sessions, mut personal) = (0, Some(0), Some(0));
            let add = |sum: &mut Option<u64>, more: Option<u64>| {
                *sum = sum.zip(more).map(|(sum, more)| sum + more);
            };
            for (done, user) in users.iter().enumerate() {
                reading.progress(done as u64, Some(users.len() as u64));
                if reading.is_cancelled() {
                    return Err(ApiError::Cancelled);
                }
                match look_up(user, &Client::get()).await? {
                    KeptBy::Mas(account) => {
                        let (all, scripts) = account.count_sessions(&Client::get()).await?;
                        add(&mut sessions, all);
                        add(&mut personal, scripts);
                        continue;
                    }
                    KeptBy::UnknownToMas => continue,
                    KeptBy::Homeserver => {}
                }
                let found = Client::get().send(devices::list(user)).await?;
                let dehydrated = found.devices.iter().filter(|device| device.dehydrated);
                let dehydrated = dehydrated.count() as u64;
                add(&mut sessions, Some(found.devices.len() as u64 - dehydrated));
                spared += dehydrated;
            }
            let words = |known: Option<u64>| known.map_or_else(t::unknown_number, number);
            let mut facts = vec![(t::act_fact_sessions(), words(sessions))];
            if spared > 0 {
                facts.push((t::act_fact_dehydrated(), number(spared)));
            }
            if personal != Some(0) {
                facts.push((t::act_fact_personal(), words(personal)));
            }
            facts
        }
        // The rows of the others say that nothing is looked up.
        _ => Vec::new(),
    })
}
