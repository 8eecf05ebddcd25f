//! What can be done to rooms, one or hundreds: what a change would hit, what undoes it. No
//! browser, no requests; [`crate::pages::room_actions`] carries it out.

use crate::api::rooms::Room;
use crate::weight::Weight;

/// A change of rooms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Block,
    Unblock,
    Publish,
    Unpublish,
    MakeMeAdmin,
    Join,
    QuarantineMedia,
    PurgeHistory,
    Delete,
}

impl Action {
    /// All of them: first what can be undone, last what ends a room.
    pub const ALL: [Action; 9] = [
        Action::Block,
        Action::Unblock,
        Action::Publish,
        Action::Unpublish,
        Action::MakeMeAdmin,
        Action::Join,
        Action::QuarantineMedia,
        Action::PurgeHistory,
        Action::Delete,
    ];

    /// What puts it back.
    pub fn inverse(self) -> Option<Action> {
        Some(match self {
            Action::Block => Action::Unblock,
            Action::Unblock => Action::Block,
            Action::Publish => Action::Unpublish,
            Action::Unpublish => Action::Publish,
            _ => return None,
        })
    }

    /// How much it takes with it.
    pub fn weight(self) -> Weight {
        match self {
            // The server tells nobody which files were quarantined before.
            Action::MakeMeAdmin | Action::Join | Action::QuarantineMedia => Weight::Adding,
            Action::PurgeHistory | Action::Delete => Weight::Irreversible,
            _ => Weight::Reversible,
        }
    }

    /// Whether it changes anything about this room, as far as is known. Only a room's own page
    /// knows whether it is blocked.
    pub fn changes(self, room: &Room, blocked: Option<bool>) -> bool {
        match self {
            Action::Block => blocked != Some(true),
            Action::Unblock => blocked != Some(false),
            Action::Publish => !room.public,
            Action::Unpublish => room.public,
            // The server takes the power from a local member.
            Action::MakeMeAdmin => room.joined_local_members != Some(0),
            Action::Join | Action::QuarantineMedia | Action::PurgeHistory | Action::Delete => true,
        }
    }
}

/// What a change hits, and what it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hit {
    pub rooms: Vec<Room>,
    /// How many of them are spaces.
    pub spaces: usize,
    /// Members of all of them together; who is in two counts twice.
    pub members: u64,
    /// Members of this server.
    pub local_members: u64,
    /// Events of their current state.
    pub state_events: u64,
    /// How many are left out because nothing would change.
    pub unchanged: usize,
}

/// Sorts the rooms into those that a change hits and those that it leaves out.
pub fn hit(action: Action, rooms: &[Room], blocked: Option<bool>) -> Hit {
    let mut hit = Hit::default();
    for room in rooms {
        if !action.changes(room, blocked) {
            hit.unchanged += 1;
            continue;
        }
        hit.spaces += usize::from(room.is_space());
        hit.members += room.joined_members.unwrap_or(0);
        hit.local_members += room.joined_local_members.unwrap_or(0);
        hit.state_events += room.state_events.unwrap_or(0);
        hit.rooms.push(room.clone());
    }
    hit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rooms() -> Vec<Room> {
        let read = |json: &str| serde_json::from_str(json).unwrap();
        vec![
            read(
                r#"{"room_id":"!a:b","joined_members":5,"joined_local_members":2,"public":true,
                    "state_events":30}"#,
            ),
            read(r#"{"room_id":"!s:b","room_type":"m.space","joined_local_members":0}"#),
            // A server without statistics.
            read(r#"{"room_id":"!n:b"}"#),
        ]
    }

    #[test]
    fn totals_are_those_of_what_is_hit() {
        let all = hit(Action::Delete, &rooms(), None);
        assert_eq!((all.rooms.len(), all.spaces, all.unchanged), (3, 1, 0));
        assert_eq!(
            (all.members, all.local_members, all.state_events),
            (5, 2, 30)
        );
        let publish = hit(Action::Publish, &rooms(), None);
        assert_eq!(
            (publish.rooms.len(), publish.members, publish.unchanged),
            (2, 0, 1)
        );
        let power = hit(Action::MakeMeAdmin, &rooms(), None);
        assert_eq!((power.rooms.len(), power.unchanged), (2, 1));
    }

    #[test]
    fn what_is_so_already_is_left_alone() {
        assert!(hit(Action::Block, &rooms(), Some(true)).rooms.is_empty());
        assert!(hit(Action::Unblock, &rooms(), Some(false)).rooms.is_empty());
        // A list does not know.
        assert_eq!(hit(Action::Block, &rooms(), None).rooms.len(), 3);
    }

    #[test]
    fn undoing_twice_is_doing() {
        for action in Action::ALL {
            match action.inverse() {
                Some(inverse) => {
                    assert_eq!(inverse.inverse(), Some(action));
                    assert_eq!(action.weight(), Weight::Reversible);
                }
                None => assert_ne!(action.weight(), Weight::Reversible, "{action:?}"),
            }
        }
    }
}
