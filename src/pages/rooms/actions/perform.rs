//! How each action is carried out.

use super::media;
use super::removal;
use super::targets::{self, RoomIds};
use crate::api::room_removal::{Deletion, UpTo};
use crate::api::{Call, RoomId, UserId, rooms};
use crate::operations::acts::{Act, Again, How, may_have_changed};
use crate::operations::joining;
use crate::operations::targets::sending;
use crate::pages::rooms::blocks;
use crate::rooms::actions::Action;
use crate::rooms::joining::Joining;
use crate::rooms::meant::MeantRooms;
use crate::session::Session;
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// The name of the maker of actions that go on after signing in again in the same tab.
pub const MAKER: &str = "rooms";

/// An action as it is kept meanwhile. What the server does in the background is kept by itself.
#[derive(Serialize, Deserialize)]
struct Order {
    action: String,
    rooms: Vec<RoomId>,
    first: String,
    /// Who is to join.
    user: Option<UserId>,
}

/// Makes the action of an order again.
pub fn make(order: &str, _under_way: &[usize]) -> Option<Act> {
    let order: Order = serde_json::from_str(order).ok()?;
    let action = Action::by_name(&order.action)?;
    let input = order.user.map_or(Input::None, Input::User);
    // What cannot be undone is not made here.
    let meant = MeantRooms::default();
    act(action, &order.rooms.into(), order.first, input, &meant)
}

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
/// confirmed. `first` is what a person knows the first room by, `meant` what they were picked by.
pub fn act(
    action: Action,
    rooms: &RoomIds,
    first: String,
    input: Input,
    meant: &MeantRooms,
) -> Option<Act> {
    let mut who = None;
    let mut is_block = false;
    let how = match (action, input) {
        (Action::Delete, Input::Deletion(deletion)) => {
            is_block = deletion.block;
            removal::delete(rooms, deletion, meant)
        }
        (Action::PurgeHistory, Input::History(up_to, local)) => {
            removal::purge(rooms, up_to, local, meant)
        }
        (Action::Join, Input::User(user)) => {
            let joins = rooms.iter().map(|room| Joining {
                call: rooms::join(room.as_str(), &user).call,
                room: room.clone(),
                user: user.clone(),
            });
            let how = How::Do(joining(joins.collect()));
            who = Some(user);
            how
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
    let mut act = made(action, rooms, first, how, (who, Some(meant)));
    if is_block {
        remember_blocked(&mut act, rooms);
    }
    Some(act)
}

/// A change that can be put back.
pub fn reversible(action: Action, rooms: &RoomIds, first: String) -> Act {
    let mut act = made(action, rooms, first, requests(action, rooms), (None, None));
    if action == Action::Block {
        remember_blocked(&mut act, rooms);
    }
    act
}

/// Remembers the rooms that it blocks, each when that is done: before, the server says that it is not.
fn remember_blocked(act: &mut Act, rooms: &RoomIds) {
    let rooms = Rc::clone(rooms);
    act.on_fate = Rc::new(move |number, _| blocks::remember(&rooms[number]));
}

fn made(
    action: Action,
    rooms: &RoomIds,
    first: String,
    how: How,
    (user, meant): (Option<UserId>, Option<&MeantRooms>),
) -> Act {
    let about = action.about();
    let names = rooms.iter().map(RoomId::to_string).collect();
    let back = targets::back(action, rooms, &first);
    let again = {
        let (rooms, first) = (Rc::clone(rooms), first.clone());
        Again::new(MAKER, move || {
            let order = Order {
                action: format!("{action:?}"),
                rooms: rooms.to_vec(),
                first: first.clone(),
                user: user.clone(),
            };
            serde_json::to_string(&order).ok()
        })
    };
    let mut act = Act::new(about, names, first, how);
    act.one_by_one = matches!(action, Action::MakeMeAdmin | Action::QuarantineMedia);
    let still = meant.map(|meant| targets::still(meant, rooms));
    act.check = about.asks.then(|| targets::check(action, rooms, still));
    act.check_more = meant.and_then(|meant| targets::check_more(action, rooms, meant));
    act.back = back;
    act.again = Some(again);
    if action == Action::QuarantineMedia {
        let rooms = Rc::clone(rooms);
        act.on_fate = Rc::new(move |number, fate| {
            if may_have_changed(fate) {
                media::have_changed(rooms[number].clone());
            }
        });
    }
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
