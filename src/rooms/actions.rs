//! What can be done to rooms, one or hundreds: the table of actions, what undoes each. No browser,
//! no requests; `pages::rooms::actions` carries it out.

use crate::actions::{About, Group, Reversibility, Spares, actions};
use crate::api::rooms::{self, Room};
use crate::api::{Call, RoomId, directory, media};
use crate::i18n::t;
use crate::known::Known;

actions! {
    /// A change of rooms.
    Block,
    Unblock,
    Publish,
    Unpublish,
    MakeMeAdmin,
    Join,
    QuarantineMedia,
    DeleteMedia,
    PurgeHistory,
    Delete,
}

impl Action {
    /// What puts it back.
    pub fn inverse(self) -> Option<Action> {
        Some(match self {
            Action::Block => Action::Unblock,
            Action::Unblock => Action::Block,
            Action::Publish => Action::Unpublish,
            Action::Unpublish => Action::Publish,
            Action::MakeMeAdmin
            | Action::Join
            | Action::QuarantineMedia
            | Action::DeleteMedia
            | Action::PurgeHistory
            | Action::Delete => return None,
        })
    }

    /// What is sent to a room, where it is one request that depends on nothing else.
    pub fn request(self, room: &RoomId) -> Option<Call> {
        Some(match self {
            Action::Block => rooms::block(room, true).call,
            Action::Unblock => rooms::block(room, false).call,
            Action::Publish => directory::publish(room, true).call,
            Action::Unpublish => directory::publish(room, false).call,
            Action::QuarantineMedia => media::quarantine_of_room(room).call,
            // Something is looked up or filled in: `pages::rooms::actions::perform` has an arm for
            // each of these.
            Action::MakeMeAdmin
            | Action::Join
            | Action::DeleteMedia
            | Action::PurgeHistory
            | Action::Delete => return None,
        })
    }

    /// The row of this action in the table of actions on rooms.
    pub fn about(self) -> &'static About {
        match self {
            Action::Block => &About {
                label: t::room_act_block,
                sentence: t::room_act_block_text,
                more: Some(t::room_act_block_more),
                one: t::room_act_block_one,
                many: t::room_act_block_count,
                icon: "ban",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Unblock => &About {
                label: t::room_act_unblock,
                sentence: t::room_act_unblock_text,
                more: None,
                one: t::room_act_unblock_one,
                many: t::room_act_unblock_count,
                icon: "unlock",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Publish => &About {
                label: t::room_act_publish,
                sentence: t::room_act_publish_text,
                more: Some(t::room_act_publish_more),
                one: t::room_act_publish_one,
                many: t::room_act_publish_count,
                icon: "globe",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Unpublish => &About {
                label: t::room_act_unpublish,
                sentence: t::room_act_unpublish_text,
                more: None,
                one: t::room_act_unpublish_one,
                many: t::room_act_unpublish_count,
                icon: "minus",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::MakeMeAdmin => &About {
                label: t::room_act_admin,
                sentence: t::room_act_admin_text,
                more: None,
                one: t::room_act_admin_one,
                many: t::room_act_admin_count,
                icon: "shield-check",
                group: Group::People,
                reversibility: Reversibility::Harmless,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: false,
            },
            Action::Join => &About {
                label: t::room_act_join,
                sentence: t::room_act_join_text,
                more: None,
                one: t::room_act_join_one,
                many: t::room_act_join_count,
                icon: "plus",
                group: Group::People,
                reversibility: Reversibility::Harmless,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: false,
            },
            Action::QuarantineMedia => &About {
                label: t::room_act_quarantine,
                sentence: t::room_act_quarantine_text,
                more: Some(t::room_act_quarantine_more),
                one: t::room_act_quarantine_one,
                many: t::room_act_quarantine_count,
                icon: "quarantine",
                group: Group::Content,
                reversibility: Reversibility::ByHand,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: true,
                asks: true,
            },
            Action::DeleteMedia => &About {
                label: t::room_act_media,
                sentence: t::room_act_media_text,
                more: Some(t::room_act_media_more),
                one: t::room_act_media_one,
                many: t::room_act_media_count,
                icon: "media",
                group: Group::Content,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: true,
                asks: true,
            },
            Action::PurgeHistory => &About {
                label: t::room_act_purge,
                sentence: t::room_act_purge_text,
                more: Some(t::room_act_purge_more),
                one: t::room_act_purge_one,
                many: t::room_act_purge_count,
                icon: "broom",
                group: Group::Content,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Delete => &About {
                label: t::room_act_delete,
                sentence: t::room_act_delete_text,
                more: Some(t::room_act_delete_more),
                one: t::room_act_delete_one,
                many: t::room_act_delete_count,
                icon: "trash",
                group: Group::End,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: true,
                asks: true,
            },
        }
    }

    /// Whether it changes anything about this room, as far as is known. `is_here`: whether this server
    /// has the room; others can be blocked, and nothing else. Only a room's own page knows whether
    /// it is blocked.
    pub fn changes(self, room: &Room, is_here: Known<bool>, blocked: Option<bool>) -> bool {
        match (self, is_here) {
            (Action::Block, _) => blocked != Some(true),
            (Action::Unblock, _) => blocked != Some(false),
            (_, Known::Is(false)) => false,
            // The server did not say: nothing is known to be so already.
            (_, Known::Unknown(_)) => true,
            (Action::Publish, _) => !room.public,
            (Action::Unpublish, _) => room.public,
            // The server takes the power from a local member.
            (Action::MakeMeAdmin, _) => room.joined_local_members != Some(0),
            (
                Action::Join
                | Action::QuarantineMedia
                | Action::DeleteMedia
                | Action::PurgeHistory
                | Action::Delete,
                _,
            ) => true,
        }
    }
}

/// What rooms have together. `None` where the server does not tell it of one of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoomTotals {
    /// How many of them are spaces.
    pub spaces: u64,
    /// Members of all of them together; who is in two counts twice.
    pub members: Option<u64>,
    /// Members of this server.
    pub local_members: Option<u64>,
    /// Events of their current state.
    pub state_events: Option<u64>,
}

impl RoomTotals {
    /// Those of these rooms.
    pub fn of(rooms: &[&Room]) -> Self {
        let sum = |of: fn(&Room) -> Option<u64>| rooms.iter().map(|room| of(room)).sum();
        RoomTotals {
            spaces: rooms.iter().filter(|room| room.is_space()).count() as u64,
            members: sum(|room| room.joined_members),
            local_members: sum(|room| room.joined_local_members),
            state_events: sum(|room| room.state_events),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Why;

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
    fn what_puts_back_is_one_request() {
        let room = RoomId::parse("!a:b.org").unwrap();
        for inverse in Action::ALL.iter().filter_map(|action| action.inverse()) {
            assert!(inverse.request(&room).is_some(), "{inverse:?}");
        }
    }

    #[test]
    fn totals_are_known_or_said_to_be_unknown() {
        let rooms = rooms();
        let all: Vec<&Room> = rooms.iter().collect();
        let one = RoomTotals::of(&all[..1]);
        assert_eq!(
            (one.members, one.local_members, one.state_events),
            (Some(5), Some(2), Some(30))
        );
        let two = RoomTotals::of(&all[..2]);
        assert_eq!((two.spaces, two.local_members), (1, Some(2)));
        assert_eq!(RoomTotals::of(&all).members, None);
    }

    #[test]
    fn what_is_so_already_is_left_alone() {
        let rooms = rooms();
        let changed = |action: Action, blocked| {
            let changes = |room: &&Room| action.changes(room, Known::Is(true), blocked);
            rooms.iter().filter(changes).count()
        };
        assert_eq!(changed(Action::Block, Some(true)), 0);
        assert_eq!(changed(Action::Unblock, Some(false)), 0);
        // A list does not know.
        assert_eq!(changed(Action::Block, None), 3);
        assert_eq!(changed(Action::Publish, None), 2);
        assert_eq!(changed(Action::MakeMeAdmin, None), 2);
    }

    #[test]
    fn what_is_not_here_can_be_blocked_and_what_is_not_known_be_tried() {
        let room = Room::unknown(RoomId::parse("!a:b.org").unwrap());
        for action in Action::ALL {
            let changes = |is_here| action.changes(&room, is_here, None);
            let is_block = matches!(action, Action::Block | Action::Unblock);
            assert_eq!(changes(Known::Is(false)), is_block, "{action:?}");
            // A server that did not answer has not said that it has nothing of the room.
            assert!(changes(Known::Unknown(Why::Silent)), "{action:?}");
        }
    }

    #[test]
    fn undoing_twice_is_doing() {
        for action in Action::ALL {
            match action.inverse() {
                Some(inverse) => {
                    assert_eq!(inverse.inverse(), Some(action));
                    let reversibility = action.about().reversibility;
                    assert_eq!(reversibility, Reversibility::Reversible);
                }
                None => {
                    let reversibility = action.about().reversibility;
                    assert_ne!(reversibility, Reversibility::Reversible, "{action:?}");
                }
            }
        }
    }

    #[test]
    fn what_cannot_be_given_back_is_asked_about_right_before() {
        for action in Action::ALL {
            let about = action.about();
            let takes = about.reversibility != Reversibility::Harmless;
            assert_eq!(about.asks, takes, "{action:?}");
        }
        let groups = Action::ALL.map(|action| action.about().group as usize);
        assert!(groups.is_sorted());
    }
}
