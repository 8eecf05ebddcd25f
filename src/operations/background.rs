//! Which tasks the server has.

use super::Recorded;
use crate::api::ApiError;
use crate::api::tasks::{self, TaskAction};
use crate::runner::once::RememberedIds;
use crate::session::Session;

/// The IDs of the server's tasks of this kind for a room or a user, oldest first. `None` where
/// the server is too old to tell.
pub async fn tasks_of(
    network: &Recorded,
    resource: &str,
    action: TaskAction,
) -> Result<RememberedIds, ApiError> {
    if !Session::get().capabilities_now().surely_since(130) {
        return Ok(None);
    }
    let found = network.send(tasks::about(resource, action)).await?;
    let ids = found.scheduled_tasks.into_iter().map(|task| task.id);
    Ok(Some(ids.collect()))
}
