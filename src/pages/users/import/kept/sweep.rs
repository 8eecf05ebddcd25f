//! What is too old is erased, whoever it belongs to and however far it is: a browser that other
//! people use as well must not keep passwords because their owner does not come back.

use super::database::{Database, HEADS};
use super::{KEPT_MS, everything, finish, head_of, lock, read_head};
use crate::browser::clock::now;
use crate::import::record::KeptState;
use crate::import::save_error::SaveError;
use crate::operations::unfinished;
use crate::ui::{IntoNode, Node};
use leptos::prelude::window;
use wasm_bindgen_futures::spawn_local;

/// Erases what is too old; shows nothing.
pub fn view() -> Node {
    spawn_local(async {
        if window().is_secure_context()
            && let Ok(database) = Database::open().await
        {
            // What cannot be erased now is erased another time.
            let _ = sweep(&database).await;
        }
    });
    ().into_node()
}

/// Erases what is too old, and what was never begun. Of an import that can be read, the report
/// stays, without passwords.
pub(super) async fn sweep(database: &Database) -> Result<(), SaveError> {
    let keys = database.keys(HEADS).await?;
    let heads = database.all(HEADS, None).await?;
    let ids: Vec<f64> = keys.iter().filter_map(|key| key.as_f64()).collect();
    let mut next: Option<i64> = None;
    let held = lock::held(&ids).await;
    for (((key, id), value), busy) in keys.iter().zip(&ids).zip(&heads).zip(held) {
        let due = *id as i64 + KEPT_MS;
        let head = read_head(value).ok();
        let state = head.as_ref().map(|head| head.state);
        let is_old = due < now().0 && !busy;
        match (state, head) {
            (Some(KeptState::Finished), _) => {}
            // Nothing had been sent, unless it has got on since it was read.
            (Some(KeptState::Beginning), _) if !busy => {
                let lock = lock::take(*id).await;
                let head = head_of(database, key).await?.filter(|_| lock.is_some());
                if head.is_some_and(|head| head.state == KeptState::Beginning) {
                    database.write(everything(key)).await?;
                }
            }
            (_, Some(head)) if is_old => match finish(head).await {
                // Another tab has opened it just now.
                Err(SaveError::InUse) => next = Some(next.map_or(due, |next| next.min(due))),
                Ok(()) | Err(SaveError::Finished) => {}
                Err(_) => database.write(everything(key)).await?,
            },
            // Of another version of the panel.
            (_, None) if is_old => database.write(everything(key)).await?,
            _ => next = Some(next.map_or(due, |next| next.min(due))),
        }
    }
    // Where there is no room for a later time, the earlier one has it looked at again.
    unfinished::set_due(next);
    // Another tab may have begun one meanwhile, and have found its date as it was before.
    let later = database.keys(HEADS).await?;
    for id in later.iter().filter_map(|key| key.as_f64()) {
        if !ids.contains(&id) {
            unfinished::due_at(id as i64 + KEPT_MS);
        }
    }
    Ok(())
}
