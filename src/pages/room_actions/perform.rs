//! Doing it.

use super::{removal, words};
use crate::api::room_removal::{Deletion, UpTo};
use crate::api::{ApiError, Call, RoomId, UserId, directory, media, rooms};
use crate::operations::{Deed, Target, TargetJob};
use crate::room_actions::Action;
use crate::runner::Step;
use crate::session::Session;
use futures_util::FutureExt;
use std::cell::RefCell;
use std::rc::Rc;

/// What has been filled in.
#[derive(Clone, PartialEq)]
pub enum Input {
    None,
    User(UserId),
    Deletion(Deletion),
    /// Up to where, and whether messages of this server's users go as well.
    History(UpTo, bool),
}

/// Does it to them. `on_change` is called when something may have changed.
pub fn start(action: Action, rooms: &Rc<[RoomId]>, input: Input, on_change: Rc<dyn Fn()>) {
    let title = words::title(action, rooms.len() as u64);
    let job = match (action, input) {
        (Action::Delete, Input::Deletion(deletion)) => removal::delete(title, rooms, deletion),
        (Action::PurgeHistory, Input::History(up_to, local)) => {
            removal::purge(title, rooms, up_to, local)
        }
        (Action::Join, Input::User(user)) => {
            each(title, rooms, |room| rooms::join(room.as_str(), &user).call)
        }
        (Action::MakeMeAdmin, _) => {
            let Some(own) = Session::get().user_id() else {
                return;
            };
            each(title, rooms, |room| rooms::make_admin(room, &own).call).one_by_one()
        }
        (Action::QuarantineMedia, _) => {
            each(title, rooms, |room| media::quarantine_of_room(room).call).one_by_one()
        }
        (Action::Publish | Action::Unpublish, _) => {
            let published = action == Action::Publish;
            let job = each(title, rooms, |room| {
                directory::publish(room, published).call
            });
            undone(job, action, rooms, None, &on_change)
        }
        (Action::Block | Action::Unblock, _) => {
            let changed = Rc::new(RefCell::new(vec![None; rooms.len()]));
            let job = blocking(title, rooms, action == Action::Block, Rc::clone(&changed));
            undone(job, action, rooms, Some(changed), &on_change)
        }
        // A form that was incomplete, which cannot be confirmed.
        (Action::Delete | Action::PurgeHistory | Action::Join, _) => return,
    };
    job.on_end(move |_| on_change()).start();
}

/// One request for each.
fn each(title: String, rooms: &[RoomId], call: impl Fn(&RoomId) -> Call) -> TargetJob {
    let target = |room: &RoomId| Target {
        name: room.to_string(),
        call: call(room),
    };
    TargetJob::new(title, rooms.iter().map(target).collect())
}

/// Whether each was changed; `None` while that is not known.
type Changed = Rc<RefCell<Vec<Option<bool>>>>;

/// With a way to take back what was changed.
fn undone(
    job: TargetJob,
    action: Action,
    rooms: &Rc<[RoomId]>,
    changed: Option<Changed>,
    on_change: &Rc<dyn Fn()>,
) -> TargetJob {
    let Some(inverse) = action.inverse() else {
        return job;
    };
    let (rooms, on_change) = (Rc::clone(rooms), Rc::clone(on_change));
    job.undo(move |done| {
        let was_changed = |number: &usize| match &changed {
            Some(changed) => changed.borrow()[*number] == Some(true),
            None => true,
        };
        let rooms: Rc<[RoomId]> = done
            .iter()
            .filter(|number| was_changed(number))
            .map(|number| rooms[*number].clone())
            .collect();
        if !rooms.is_empty() {
            start(inverse, &rooms, Input::None, Rc::clone(&on_change));
        }
    })
}

/// Blocks rooms or unblocks them. Whether they were is asked first, or undoing would unblock
/// what had been blocked before.
fn blocking(title: String, rooms: &Rc<[RoomId]>, block: bool, changed: Changed) -> TargetJob {
    let names = rooms.iter().map(RoomId::to_string).collect();
    let rooms = Rc::clone(rooms);
    let deed: Deed = Rc::new(move |number, network, turn| {
        let (room, changed) = (rooms[number].clone(), Rc::clone(&changed));
        async move {
            let known = changed.borrow()[number];
            let change = match known {
                Some(change) => change,
                None => match network.send(rooms::is_blocked(&room)).await {
                    Ok(now) => now.block != block,
                    Err(error) => return Step::from_error(error),
                },
            };
            changed.borrow_mut()[number] = Some(change);
            if !change {
                return Step::Done;
            }
            if !turn.clear().await {
                return Step::Again(ApiError::Cancelled);
            }
            match network.send(rooms::block(&room, block)).await {
                Ok(_) => Step::Done,
                Err(error) => Step::from_error(error),
            }
        }
        .boxed_local()
    });
    TargetJob::doing(title, names, deed)
}
