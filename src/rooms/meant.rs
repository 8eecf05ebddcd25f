//! What rooms were picked by. Before what cannot be undone it is asked whether each still is as it was picked
//! for: also of those that an earlier page has not begun, so this is kept with what is to be done to them.

use crate::api::RoomId;
use crate::api::rooms::Room;
use crate::listing::{ListQuery, Origins};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What rooms were picked by. Of rooms of which nothing is known each counts as emptied.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MeantRooms {
    /// The questions of the list in which they were picked.
    queries: Vec<ListQuery>,
    /// Which of these has found a room, where it is not the first.
    found_by: BTreeMap<RoomId, usize>,
    /// Those that counted as emptied; `None` if nobody knows which.
    emptied: Option<BTreeSet<RoomId>>,
    /// Those that their question by itself did not find: something else led to them.
    unfound: BTreeSet<RoomId>,
}

/// Whether a room counts as one without people of this server.
pub fn is_emptied(room: &Room) -> bool {
    room.joined_local_members == Some(0)
}

impl MeantRooms {
    /// What these were picked by in a list. `finds` says whether a question by itself finds a room.
    pub fn of(
        rooms: &[Room],
        origins: Option<&Origins<Room>>,
        finds: &dyn Fn(&ListQuery, &Room) -> bool,
    ) -> Self {
        let emptied = rooms.iter().filter(|room| is_emptied(room));
        let emptied = emptied.map(|room| room.room_id.clone()).collect();
        let mut meant = MeantRooms {
            emptied: Some(emptied),
            ..MeantRooms::default()
        };
        let Some(origins) = origins else {
            return meant;
        };
        meant.queries = origins.questions.values().to_vec();
        for (number, room) in rooms.iter().enumerate() {
            let Some(query) = origins.questions.of(number) else {
                continue;
            };
            let place = meant.queries.iter().position(|other| other == query);
            if let Some(place) = place.filter(|place| *place > 0) {
                meant.found_by.insert(room.room_id.clone(), place);
            }
            if !finds(query, origins.before(number).unwrap_or(room)) {
                meant.unfound.insert(room.room_id.clone());
            }
        }
        meant
    }

    /// The question that has found this room; `None` if it was not picked in a list.
    pub fn query(&self, room: &RoomId) -> Option<&ListQuery> {
        let place = self.found_by.get(room).copied();
        self.queries.get(place.unwrap_or_default())
    }

    /// Whether this room counted as emptied, or may have.
    pub fn as_emptied(&self, room: &RoomId) -> bool {
        let emptied = self.emptied.as_ref();
        emptied.is_none_or(|emptied| emptied.contains(room))
    }

    /// Whether its question by itself has found it.
    pub fn as_found(&self, room: &RoomId) -> bool {
        !self.unfound.contains(room)
    }

    /// As text that [`MeantRooms::read`] reads, with what is to be done.
    pub fn order(&self, what: &impl Serialize) -> String {
        serde_json::to_string(&(what, self)).unwrap_or_default()
    }

    /// What is to be done, and what the rooms were picked by: nothing is known of it where an earlier
    /// version has kept the order.
    pub fn read<T: DeserializeOwned>(order: &str) -> Option<(T, Self)> {
        let read = serde_json::from_str(order).ok();
        read.or_else(|| Some((serde_json::from_str(order).ok()?, MeantRooms::default())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::EventId;
    use crate::api::room_removal::Deletion;
    use crate::listing::Defaults;

    fn room(id: &str, local: Option<u64>) -> Room {
        let mut room = Room::unknown(self::id(id));
        room.joined_local_members = local;
        room
    }

    fn id(text: &str) -> RoomId {
        RoomId::parse(text).unwrap()
    }

    /// What orders say of a removal of history.
    type Purge = (Option<EventId>, i64, bool);

    #[test]
    fn what_rooms_were_picked_by_is_read_again() {
        let rooms = [
            room("!full:b", Some(3)),
            room("!empty:b", Some(0)),
            room("!any", None),
        ];
        let any = ListQuery::new(&Defaults::default());
        let quiet = ListQuery::parse("quiet=6", &Defaults::default());
        let mut origins = Origins::default();
        for query in [&any, &quiet, &any] {
            origins.push(query, None);
        }
        let finds = |_: &ListQuery, room: &Room| room.room_id.as_str() != "!any";
        let meant = MeantRooms::of(&rooms, Some(&origins), &finds);
        let deletion = Deletion {
            block: true,
            ..Default::default()
        };
        let (read, again): (Deletion, MeantRooms) =
            MeantRooms::read(&meant.order(&deletion)).unwrap();
        assert_eq!((read, &again), (deletion, &meant));
        let all = ["!full:b", "!empty:b", "!any"].map(id);
        let queries = [0, 1, 2].map(|number| again.query(&all[number]));
        assert_eq!(queries, [Some(&any), Some(&quiet), Some(&any)]);
        let emptied = [0, 1, 2].map(|number| again.as_emptied(&all[number]));
        let found = [0, 1, 2].map(|number| again.as_found(&all[number]));
        assert_eq!(
            (emptied, found),
            ([false, true, false], [true, true, false])
        );
        let purge: Purge = (None, 7, true);
        let read = MeantRooms::read(&meant.order(&purge));
        assert_eq!(read, Some((purge, meant)));
    }

    #[test]
    fn in_orders_of_earlier_versions_each_room_counts_as_emptied() {
        let deletion = Deletion::default();
        let order = serde_json::to_string(&deletion).unwrap();
        let read = MeantRooms::read(&order);
        assert_eq!(read, Some((deletion, MeantRooms::default())));
        assert!(MeantRooms::default().as_emptied(&id("!full:b")));
        let purge: Purge = (EventId::parse("$a:b"), 0, false);
        let order = serde_json::to_string(&purge).unwrap();
        let read = MeantRooms::read(&order);
        assert_eq!(read, Some((purge, MeantRooms::default())));
        assert_eq!(MeantRooms::read::<Deletion>("nonsense"), None);
    }
}
