//! How each action is carried out.

use super::removal;
use super::targets::{self, RoomIds};
use crate::api::room_removal::{Deletion, UpTo};
use crate::api::rooms::Room;
use crate::api::{Call, RoomId, UserId, rooms};
use crate::operations::acts::{Act, How};
use crate::operations::targets::sending;
use crate::pages::rooms::blocks;
use crate::rooms::actions::Action;
use crate::session::Session;
use crate::widgets::actions::Still;
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
    still: Option<Still<Room>>,
) -> Option<Act> {
    let how = match (action, input) {
        (Action::Delete, Input::Deletion(deletion)) => {
            if deletion.block {
                blocks::remember(rooms);
            }
            removal::delete(rooms, deletion)
        }
        (Action::PurgeHistory, Input::History(up_to, local)) => removal::purge(rooms, up_to, local),
        (Action::Join, Input::User(user)) => {
            each(rooms, |room| rooms::join(room.as_str(), &user).call)
        }
        (Action::Delete | Action::PurgeHistory | Action::Join, _) => return None,
        // It is done to files: `media` has it.
        (Action::DeleteMedia, _) => return None,
        (Action::MakeMeAdmin, _) => {
            let own = Session::get().user_id()?;
            each(rooms, |room| rooms::make_admin(room, &own).call)
        }
        (Action::QuarantineMedia, _) => requests(action, rooms),
        (Action::Block | Action::Unblock | Action::Publish | Action::Unpublish, _) => {
            return Some(reversible(action, rooms, first));
        }
    };
    Some(made(action, rooms, first, how, still))
}

/// A change that can be put back.
pub fn reversible(action: Action, rooms: &RoomIds, first: String) -> Act {
    if action == Action::Block {
        blocks::remember(rooms);
    }
    made(action, rooms, first, requests(action, rooms), None)
}

fn made(
    action: Action,
    rooms: &RoomIds,
    first: String,
    how: How,
    still: Option<Still<Room>>,
) -> Act {
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
    sent(rooms.iter().map(call).collect())
}

/// For actions that are one request to each room.
fn requests(action: Action, rooms: &[RoomId]) -> How {
    sent(
        rooms
            .iter()
            .filter_map(|room| action.request(room))
            .collect(),
    )
}

fn sent(calls: Vec<Call>) -> How {
    How::Do(sending(calls, false, Rc::new(|_, _| Ok(()))))
}
