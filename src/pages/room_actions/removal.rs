//! What the server does in the background: deletions of rooms, removing history.

use crate::api::room_removal::{self, Deletion, Stage, UpTo};
use crate::api::{ApiError, RoomId};
use crate::i18n::t;
use crate::operations::Recorded;
use crate::operations::acts::How;
use crate::operations::followed::{Begin, Ended, Kind, Look};
use crate::runner::Step;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

/// Where they are kept.
pub const KEYS: [&str; 2] = ["room-deletions", "history-purges"];

/// Deletions of rooms.
pub static DELETIONS: Kind = Kind {
    key: KEYS[0],
    followed: t::room_act_delete_followed,
    file: "deleted-rooms",
    columns: &["removed", "not removed", "aliases", "new room", "error"],
    look: look_at_deletion,
    troubles: t::room_act_delete_troubles,
};

/// Removals of history.
pub static PURGES: Kind = Kind {
    key: KEYS[1],
    followed: t::room_act_purge_followed,
    file: "removed-history",
    columns: &["error"],
    look: look_at_purge,
    troubles: |_| String::new(),
};

/// Deletes these rooms, one after the other.
pub fn delete(rooms: &Rc<[RoomId]>, deletion: Deletion) -> How {
    let (targets, deletion) = (Rc::clone(rooms), Rc::new(deletion));
    // Those for which a request was sent, whatever became of it.
    let tried: Rc<RefCell<HashSet<usize>>> = Rc::default();
    let begin: Begin = Rc::new(move |number, network| {
        let (room, deletion) = (targets[number].clone(), Rc::clone(&deletion));
        let tried = Rc::clone(&tried);
        async move {
            if !tried.borrow_mut().insert(number)
                && let Some(id) = begun_already(&room, network).await?
            {
                return Ok(id);
            }
            let answer = network.send(room_removal::delete(&room, &deletion)).await;
            answer
                .map(|begun| begun.delete_id)
                .map_err(Step::from_error)
        }
        .boxed_local()
    });
    How::Follow(&DELETIONS, begin)
}

/// The deletion of this room that is under way, if there is one: the answer that told so was
/// lost.
async fn begun_already(room: &RoomId, network: &Recorded) -> Result<Option<String>, Step> {
    match network.send(room_removal::deletions(room)).await {
        Ok(found) => Ok(found
            .results
            .into_iter()
            .find(|deleting| !deleting.status.is_over())
            .and_then(|deleting| deleting.delete_id)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(Step::from_error(error)),
    }
}

fn look_at_deletion<'a>(network: &'a Recorded, id: &'a str) -> LocalBoxFuture<'a, Look> {
    async move {
        let answer = network.send(room_removal::deletion(id)).await?;
        if !answer.status.is_over() {
            return Ok(None);
        }
        let did = answer.shutdown_room.unwrap_or_default();
        let troubles = did.failed_to_kick_users.len();
        Ok(Some(Ended {
            complete: answer.status == Stage::Complete,
            outcome: outcome(answer.status),
            lines: vec![vec![
                did.kicked_users.join(" "),
                did.failed_to_kick_users.join(" "),
                did.local_aliases.join(" "),
                did.new_room_id.unwrap_or_default(),
                answer.error.unwrap_or_default(),
            ]],
            troubles,
        }))
    }
    .boxed_local()
}

/// Removes the history of these rooms, one after the other. What has none so old is done.
pub fn purge(rooms: &Rc<[RoomId]>, up_to: UpTo, local: bool) -> How {
    let (targets, up_to) = (Rc::clone(rooms), Rc::new(up_to));
    let begin: Begin = Rc::new(move |number, network| {
        let (room, up_to) = (targets[number].clone(), Rc::clone(&up_to));
        async move {
            let request = room_removal::purge_history(&room, &up_to, local);
            match network.send(request).await {
                Ok(begun) => Ok(begun.purge_id),
                Err(error) if is_nothing_so_old(&error) => Err(Step::Done),
                Err(error) => Err(Step::from_error(error)),
            }
        }
        .boxed_local()
    });
    How::Follow(&PURGES, begin)
}

/// Whether the server says that nothing in the room is so old. It says the same of a room that
/// it does not know.
fn is_nothing_so_old(error: &ApiError) -> bool {
    matches!(error, ApiError::Matrix { status: 404, errcode, .. } if errcode == "M_NOT_FOUND")
}

fn look_at_purge<'a>(network: &'a Recorded, id: &'a str) -> LocalBoxFuture<'a, Look> {
    async move {
        let answer = network.send(room_removal::purge_status(id)).await?;
        if !answer.status.is_over() {
            return Ok(None);
        }
        Ok(Some(Ended {
            complete: answer.status == Stage::Complete,
            outcome: outcome(answer.status),
            lines: vec![vec![answer.error.unwrap_or_default()]],
            troubles: 0,
        }))
    }
    .boxed_local()
}

fn outcome(stage: Stage) -> &'static str {
    match stage {
        Stage::Complete => "complete",
        Stage::Cancelled => "cancelled",
        _ => "failed",
    }
}
