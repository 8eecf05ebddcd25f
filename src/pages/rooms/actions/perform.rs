//! How each action is carried out.

use super::removal;
use super::targets::{self, RoomIds, Still};
use crate::api::room_removal::{Deletion, UpTo};
use crate::api::{Call, RoomId, UserId, directory, media, rooms};
use crate::operations::acts::{Act, How};
use crate::operations::targets::sending;
use crate::rooms::actions::Action;
use crate::session::Session;
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

/// The change, ready to be made; `None` for a form that was incomplete, which cannot be
/// confirmed. `first` is what a person knows the first room by.
pub fn act(
    action: Action,
    rooms: &RoomIds,
    first: String,
    input: Input,
    still: Option<Still>,
) -> Option<Act> {
    let how = match (action, input) {
        (Action::Delete, Input::Deletion(deletion)) => removal::delete(rooms, deletion),
        (Action::PurgeHistory, Input::History(up_to, local)) => removal::purge(rooms, up_to, local),
        (Action::Join, Input::User(user)) => {
            each(rooms, |room| rooms::join(room.as_str(), &user).call)
        }
        (Action::Delete | Action::PurgeHistory | Action::Join, _) => return None,
        (Action::MakeMeAdmin, _) => {
            let own = Session::get().user_id()?;
            each(rooms, |room| rooms::make_admin(room, &own).call)
        }
        (Action::QuarantineMedia, _) => each(rooms, |room| media::quarantine_of_room(room).call),
        (Action::Block | Action::Unblock | Action::Publish | Action::Unpublish, _) => {
            return Some(reversible(action, rooms, first));
        }
    };
    Some(made(action, rooms, first, how, still))
}

/// A change that can be put back.
pub fn reversible(action: Action, rooms: &RoomIds, first: String) -> Act {
    let how = each(rooms, |room| match action {
        Action::Block | Action::Unblock => rooms::block(room, action == Action::Block).call,
        _ => directory::publish(room, action == Action::Publish).call,
    });
    made(action, rooms, first, how, None)
}

fn made(action: Action, rooms: &RoomIds, first: String, how: How, still: Option<Still>) -> Act {
    let about = action.about();
    let names = rooms.iter().map(RoomId::to_string).collect();
    let back = targets::back(action, rooms, &first);
    let mut act = Act::new(about, names, first, how);
    act.one_by_one = matches!(action, Action::MakeMeAdmin | Action::QuarantineMedia);
    act.check = about.asks.then(|| targets::check(action, rooms, still));
    act.back = back;
    act
}

/// One request for each.
fn each(rooms: &[RoomId], call: impl Fn(&RoomId) -> Call) -> How {
    let calls = rooms.iter().map(call).collect();
    How::Do(sending(calls, false, Rc::new(|_, _| Ok(()))))
}
