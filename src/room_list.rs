//! The list of rooms: what to ask the server, and what to answer ourselves.
//!
//! Synapse filters rooms by little, and not by anything while it searches. What it cannot do is
//! answered all the same: the list is read whole, then filtered and sorted here.

use crate::api::ApiError;
use crate::api::exchange::Patient;
use crate::api::rooms::{self, ListRooms, Room, RoomPage, order};
use crate::api::server::Capabilities;
use crate::find;
use crate::listing::Search;
use std::cmp::Ordering;

/// How many rooms one page has when all are read.
const PAGE: u64 = 1000;

/// What is asked of the list of rooms. `None` is no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// A part of the name or of the alias, or a whole room ID; more as [`Search`] describes.
    pub search: String,
    /// In this server's directory.
    pub public: Option<bool>,
    /// Without any members.
    pub empty: Option<bool>,
    /// With or without members of this server.
    pub local: Option<bool>,
    pub space: Option<bool>,
    pub encrypted: Option<bool>,
    pub federated: Option<bool>,
    /// Rooms with this join rule.
    pub join_rule: Option<String>,
    /// Rooms of this version.
    pub version: Option<String>,
    /// Rooms that this user has made.
    pub creator: Option<String>,
    /// One of [`order`].
    pub order_by: Option<&'static str>,
    pub descending: bool,
    pub from: u64,
    pub limit: u64,
}

impl Question {
    /// This question in the words of the server, unless it goes beyond them.
    pub fn for_server(&self, server: &Capabilities) -> Option<ListRooms> {
        let searched = self.searched();
        let search = searched.plain().unwrap_or_default();
        let filtered = self.public.is_some() || self.empty.is_some();
        let beyond = searched.plain().is_none()
            || self.local.is_some()
            || self.space.is_some()
            || self.encrypted.is_some()
            || self.federated.is_some()
            || self.join_rule.is_some()
            || self.version.is_some()
            || self.creator.is_some()
            // All versions so far apply filters to whole IDs only while they search.
            || (filtered && !search.is_empty())
            || (filtered && !server.since(110))
            // LIKE knows these as wildcards; a person does not.
            || search.contains(['%', '_']);
        (!beyond).then(|| ListRooms {
            from: self.from,
            limit: self.limit,
            search: (!search.is_empty()).then(|| search.to_owned()),
            public: self.public,
            empty: self.empty,
            order_by: self.order_by,
            descending: self.descending,
        })
    }

    /// What is searched: the ID of a room is no exclusion, though it begins like one.
    fn searched(&self) -> Search {
        Search::parse_with(&self.search, &find::is_room_id)
    }

    /// Answers from the whole list.
    pub fn answer(&self, all: &[Room]) -> RoomPage {
        let mut found = self.matching(all);
        found.sort_by(|a, b| self.compare(a, b));
        let total = found.len() as u64;
        let (from, limit) = (self.from.min(total), self.limit.max(1));
        let page = found.into_iter().skip(from as usize).take(limit as usize);
        let rooms: Vec<Room> = page.cloned().collect();
        let next = from + rooms.len() as u64;
        RoomPage {
            rooms,
            total,
            next_batch: (next < total).then_some(next),
        }
    }

    /// Puts rooms into the order that is asked for.
    pub fn sort(&self, rooms: &mut [Room]) {
        rooms.sort_by(|a, b| self.compare(a, b));
    }

    fn compare(&self, a: &Room, b: &Room) -> Ordering {
        let by_key = compare(a, b, self.order_by.unwrap_or(order::NAME));
        let by_key = if self.descending {
            by_key.reverse()
        } else {
            by_key
        };
        by_key.then_with(|| a.room_id.cmp(&b.room_id))
    }

    /// Whether a room that was found, `listed`, would not be found any more as the server has it
    /// `now`.
    pub fn has_lost(&self, listed: &Room, now: &Room) -> bool {
        let finds = |room: &Room| !self.matching(std::slice::from_ref(room)).is_empty();
        finds(listed) && !finds(now)
    }

    /// All rooms that match, in no order that means anything.
    pub fn matching<'a>(&self, all: &'a [Room]) -> Vec<&'a Room> {
        let search = self.searched();
        let found = |room: &Room| {
            if search.is_empty() {
                return true;
            }
            let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
            let (name, alias) = (lower(&room.name), lower(&room.canonical_alias));
            let id = room.room_id.as_str().to_lowercase();
            search.finds(|term| {
                let has =
                    |text: &Option<String>| text.as_ref().is_some_and(|text| text.contains(term));
                has(&name) || has(&alias) || id == term
            })
        };
        let is = |wanted: Option<bool>, found: bool| wanted.is_none_or(|wanted| wanted == found);
        let same = |wanted: &Option<String>, found: &Option<String>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| found.as_deref().unwrap_or("") == wanted)
        };
        all.iter()
            .filter(|room| {
                found(room)
                    && is(self.public, room.public)
                    && is(self.empty, room.joined_members == Some(0))
                    && is(self.local, room.joined_local_members.is_some_and(|n| n > 0))
                    && is(self.space, room.is_space())
                    && is(self.encrypted, room.encryption.is_some())
                    && is(self.federated, room.federatable)
                    && same(&self.join_rule, &room.join_rules)
                    && same(&self.version, &room.version)
                    && same(&self.creator, &room.creator)
            })
            .collect()
    }
}

fn compare(a: &Room, b: &Room, key: &str) -> Ordering {
    let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
    let number = |text: &Option<String>| text.as_ref().and_then(|text| text.parse::<u64>().ok());
    match key {
        order::ALIAS => lower(&a.canonical_alias).cmp(&lower(&b.canonical_alias)),
        order::MEMBERS => a.joined_members.cmp(&b.joined_members),
        order::LOCAL_MEMBERS => a.joined_local_members.cmp(&b.joined_local_members),
        order::VERSION => number(&a.version)
            .cmp(&number(&b.version))
            .then_with(|| a.version.cmp(&b.version)),
        order::CREATOR => a.creator.cmp(&b.creator),
        order::ENCRYPTION => a.encryption.cmp(&b.encryption),
        order::FEDERATABLE => a.federatable.cmp(&b.federatable),
        order::PUBLIC => a.public.cmp(&b.public),
        order::JOIN_RULES => a.join_rules.cmp(&b.join_rules),
        order::GUEST_ACCESS => a.guest_access.cmp(&b.guest_access),
        order::HISTORY_VISIBILITY => a.history_visibility.cmp(&b.history_visibility),
        order::STATE_EVENTS => a.state_events.cmp(&b.state_events),
        _ => lower(&a.name).cmp(&lower(&b.name)),
    }
}

/// Reads all rooms of the server. `report` hears how many are read and how many there are.
/// Dropping the future cancels it.
pub async fn read_all(
    server: Patient<'_>,
    report: &dyn Fn(u64, u64),
) -> Result<Vec<Room>, ApiError> {
    read_matching(server, &ListRooms::default(), report).await
}

/// Reads all that a question for the server finds, in no order that means anything. `report` hears
/// how many are read and how many there are. Dropping the future cancels it.
pub async fn read_matching(
    server: Patient<'_>,
    asked: &ListRooms,
    report: &dyn Fn(u64, u64),
) -> Result<Vec<Room>, ApiError> {
    let ask = |from| {
        let page = ListRooms {
            from,
            limit: PAGE,
            // By name: other orders change while we read.
            order_by: Some(order::NAME),
            descending: false,
            ..asked.clone()
        };
        rooms::list(&page)
    };
    server.all_pages(ask, report).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::server::Version;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn room(id: &str, change: impl Fn(&mut Room)) -> Room {
        let json = format!(r#"{{"room_id":"!{id}:b.org"}}"#);
        let mut room: Room = serde_json::from_str(&json).unwrap();
        change(&mut room);
        room
    }

    fn some() -> Vec<Room> {
        vec![
            room("a", |r| {
                r.name = Some("Garden".into());
                r.joined_members = Some(3);
                r.joined_local_members = Some(2);
                r.version = Some("10".into());
            }),
            room("b", |r| {
                r.canonical_alias = Some("#garten:b.org".into());
                r.joined_members = Some(7);
                r.joined_local_members = Some(0);
                r.version = Some("9".into());
                r.encryption = Some("m.megolm.v1.aes-sha2".into());
            }),
            room("c", |r| {
                r.joined_members = Some(0);
                r.room_type = Some("m.space".into());
                r.public = true;
            }),
        ]
    }

    fn ids(change: impl Fn(&mut Question)) -> Vec<String> {
        let mut question = Question {
            limit: 10,
            ..Default::default()
        };
        change(&mut question);
        let page = question.answer(&some());
        let ids = page
            .rooms
            .iter()
            .map(|room| room.room_id.as_str()[1..2].to_owned());
        ids.collect()
    }

    #[test]
    fn filters_that_the_server_lacks() {
        assert_eq!(ids(|q| q.search = "GAR".into()), ["b", "a"]);
        assert_eq!(ids(|q| q.search = "!c:b.org".into()), ["c"]);
        assert_eq!(ids(|q| q.search = "!garden !garten".into()), ["c"]);
        assert_eq!(ids(|q| q.search = "gar !#garten".into()), ["a"]);
        assert_eq!(ids(|q| q.search = "!!c:b.org".into()), ["b", "a"]);
        assert_eq!(ids(|q| q.local = Some(false)), ["b", "c"]);
        assert_eq!(ids(|q| q.empty = Some(true)), ["c"]);
        assert_eq!(ids(|q| q.space = Some(true)), ["c"]);
        assert_eq!(ids(|q| q.encrypted = Some(true)), ["b"]);
        assert_eq!(ids(|q| q.version = Some("10".into())), ["a"]);
        assert!(ids(|q| q.creator = Some("@x:b.org".into())).is_empty());
    }

    #[test]
    fn orders() {
        let by = |key, descending| {
            ids(|q| {
                q.order_by = Some(key);
                q.descending = descending;
            })
        };
        assert_eq!(by(order::MEMBERS, true), ["b", "a", "c"]);
        // Versions are numbers where they are.
        assert_eq!(by(order::VERSION, false), ["c", "b", "a"]);
    }

    #[test]
    fn questions_for_the_server_and_for_us() {
        let server = |version| Capabilities {
            version: Version::parse(version),
            ..Default::default()
        };
        let (new, old) = (server("1.163.2"), server("1.98.0"));
        let asks = |server: &Capabilities, change: fn(&mut Question)| {
            let mut question = Question::default();
            change(&mut question);
            question.for_server(server).is_some()
        };
        assert!(asks(&old, |q| q.search = "garden".into()));
        assert!(asks(&new, |q| q.empty = Some(true)));
        assert!(!asks(&old, |q| q.empty = Some(true)));
        assert!(!asks(&new, |q| {
            q.empty = Some(true);
            q.search = "garden".into();
        }));
        assert!(!asks(&new, |q| q.search = "100%".into()));
        assert!(!asks(&new, |q| q.search = "garden !old".into()));
        assert!(asks(&new, |q| q.search = "!room:b.org".into()));
        assert!(!asks(&new, |q| q.space = Some(true)));
    }

    proptest! {
        #[test]
        fn pages_together_are_the_whole(count in 0_usize..50, limit in 1_u64..20, descending: bool) {
            let all: Vec<Room> = (0..count)
                .map(|i| room(&format!("r{i}"), |r| r.joined_members = Some(i as u64 % 3)))
                .collect();
            let mut seen = HashSet::new();
            let mut from = Some(0);
            while let Some(at) = from {
                let question = Question {
                    from: at, limit, descending, order_by: Some(order::MEMBERS), ..Default::default()
                };
                let page = question.answer(&all);
                prop_assert_eq!(page.total, count as u64);
                for room in page.rooms {
                    prop_assert!(seen.insert(room.room_id));
                }
                from = page.next_batch;
            }
            prop_assert_eq!(seen.len(), count);
        }
    }
}
