//! What the server does in the background: deletions of rooms, removing history.

use super::perform::{self, Input};
use crate::api::room_removal::{self, Deletion, RemovalStage, UpTo};
use crate::api::tasks;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, EventId, RoomId};
use crate::i18n::t;
use crate::operations::Recorded;
use crate::operations::acts::{Act, How};
use crate::operations::background::tasks_of;
use crate::operations::followed::{Begin, Ended, FollowedKind, Look};
use crate::pages::rooms::blocks;
use crate::rooms::actions::Action;
use crate::rooms::deletion_so_far::deletion_so_far;
use crate::rooms::meant::MeantRooms;
use crate::runner::once::{RememberedIds, Tries};
use crate::runner::{Reason, Step};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// Where they are kept.
pub const KEYS: [&str; 2] = [blocks::DELETIONS, "history-purges"];

/// Deletions of rooms.
pub static DELETIONS: FollowedKind = FollowedKind {
    key: KEYS[0],
    followed: t::room_act_delete_followed,
    file: "deleted-rooms",
    columns: &["removed", "not removed", "aliases", "new room", "error"],
    look: look_at_deletion,
    over: |room| {
        if let Some(room) = RoomId::parse(room) {
            blocks::settle(&room);
        }
    },
    troubles: t::room_act_delete_troubles,
    again: |order, names| {
        let (deletion, meant) = MeantRooms::read(order)?;
        again(Action::Delete, names, Input::Deletion(deletion), &meant)
    },
};

/// Removals of history.
pub static PURGES: FollowedKind = FollowedKind {
    key: KEYS[1],
    followed: t::room_act_purge_followed,
    file: "removed-history",
    columns: &["error"],
    look: look_at_purge,
    over: |_| (),
    troubles: |_| String::new(),
    again: |order, names| {
        let (purge, meant): ((Option<EventId>, i64, bool), MeantRooms) = MeantRooms::read(order)?;
        let (event, moment, local) = purge;
        let up_to = event.map_or(UpTo::Moment(Timestamp(moment)), UpTo::Event);
        again(
            Action::PurgeHistory,
            names,
            Input::History(up_to, local),
            &meant,
        )
    },
};

/// The same for those that an earlier page has not begun with.
fn again(action: Action, names: &[String], input: Input, meant: &MeantRooms) -> Option<Act> {
    let rooms: Vec<RoomId> = names
        .iter()
        .filter_map(|name| RoomId::parse(name))
        .collect();
    let first = names.first().cloned().unwrap_or_default();
    perform::act(action, &rooms.into(), first, input, meant)
}

/// Deletes these rooms, one after the other.
pub fn delete(rooms: &Rc<[RoomId]>, deletion: Deletion, meant: &MeantRooms) -> How {
    let order = meant.order(&deletion);
    let (targets, deletion) = (Rc::clone(rooms), Rc::new(deletion));
    let tries: Rc<Tries> = Rc::default();
    let begin: Begin = Rc::new(move |number, network, turn| {
        let (room, deletion) = (targets[number].clone(), Rc::clone(&deletion));
        let tries = Rc::clone(&tries);
        async move {
            let known = || deletions(&room, network).boxed_local();
            let send = || {
                let sent = network.send(room_removal::delete(&room, &deletion));
                async move { Ok(sent.await?.delete_id) }.boxed_local()
            };
            let begun = tries.begin(number, turn, &known, &send).await;
            // Whoever leaves the page does not see its end.
            if begun.is_ok() && deletion.block {
                blocks::await_block(&room);
            }
            begun
        }
        .boxed_local()
    });
    How::Follow(&DELETIONS, order, begin)
}

/// The deletions of this room that the server remembers, those that are over as well: a small
/// room takes no time.
async fn deletions(room: &RoomId, network: &Recorded) -> Result<RememberedIds, ApiError> {
    // Here are those as well that have not begun.
    if let Some(ids) = tasks_of(network, room.as_str(), tasks::TaskAction::DeleteRoom).await? {
        return Ok(Some(ids));
    }
    let found = match network.send(room_removal::deletions(room)).await {
        Ok(found) => found.results,
        Err(error) if error.is_not_found() => Vec::new(),
        Err(error) => return Err(error),
    };
    let ids = found.into_iter().filter_map(|deleting| deleting.delete_id);
    Ok(Some(ids.collect()))
}

fn look_at_deletion<'a>(
    network: &'a Recorded,
    id: &'a str,
) -> LocalBoxFuture<'a, Result<Look, ApiError>> {
    async move {
        let answer = network.send(room_removal::deletion(id)).await?;
        let did = answer.shutdown_room.unwrap_or_default();
        if !answer.status.is_over() {
            return Ok(Look::UnderWay(deletion_so_far(&did)));
        }
        let troubles = did.failed_to_kick_users.len();
        Ok(Look::Over(Ended {
            complete: answer.status == RemovalStage::Complete,
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

/// Removes the history of these rooms, one after the other. What has none so old is left out.
pub fn purge(rooms: &Rc<[RoomId]>, up_to: UpTo, local: bool, meant: &MeantRooms) -> How {
    let purge = match &up_to {
        UpTo::Event(event) => (Some(event), 0, local),
        UpTo::Moment(moment) => (None, moment.0, local),
    };
    let order = meant.order(&purge);
    let (targets, up_to) = (Rc::clone(rooms), Rc::new(up_to));
    let tries: Rc<Tries> = Rc::default();
    let begin: Begin = Rc::new(move |number, network, turn| {
        let (room, up_to) = (targets[number].clone(), Rc::clone(&up_to));
        let tries = Rc::clone(&tries);
        async move {
            let known =
                || tasks_of(network, room.as_str(), tasks::TaskAction::PurgeHistory).boxed_local();
            let send = || {
                let sent = network.send(room_removal::purge_history(&room, &up_to, local));
                async move { Ok(sent.await?.purge_id) }.boxed_local()
            };
            match tries.begin(number, turn, &known, &send).await {
                Err(Step::Failed(error)) if is_nothing_so_old(&error, &up_to) => {
                    Err(Step::LeftOut(Reason::NothingSoOld))
                }
                begun => begun,
            }
        }
        .boxed_local()
    });
    How::Follow(&PURGES, order, begin)
}

/// Whether the server says that nothing in the room is so old. It says the same of a room that
/// it does not know; of an event, that it does not know that.
fn is_nothing_so_old(error: &ApiError, up_to: &UpTo) -> bool {
    matches!(up_to, UpTo::Moment(_)) && error.is_not_found() && error.is_errcode("M_NOT_FOUND")
}

fn look_at_purge<'a>(
    network: &'a Recorded,
    id: &'a str,
) -> LocalBoxFuture<'a, Result<Look, ApiError>> {
    async move {
        let answer = network.send(room_removal::purge_status(id)).await?;
        if !answer.status.is_over() {
            return Ok(Look::UnderWay(None));
        }
        Ok(Look::Over(Ended {
            complete: answer.status == RemovalStage::Complete,
            outcome: outcome(answer.status),
            lines: vec![vec![answer.error.unwrap_or_default()]],
            troubles: 0,
        }))
    }
    .boxed_local()
}

fn outcome(stage: RemovalStage) -> &'static str {
    match stage {
        RemovalStage::Complete => "complete",
        RemovalStage::Cancelled => "cancelled",
        _ => "failed",
    }
}
