//! The list of rooms: what to ask the server, and what to answer ourselves.
//!
//! Synapse filters rooms by little, and not by anything while it searches. What it cannot do is
//! answered all the same: the list is read whole, then filtered and sorted here.

use crate::address::identifier;
use crate::api::rooms::{ListRooms, Room, order};
use crate::api::server::{Capabilities, Feature};
use crate::known::{Known, Wanted, Why};
use crate::listing::blank::Blank;
use crate::listing::needs::{Need, Needs};
use crate::listing::search;
use crate::listing::sort::sort_by;
use crate::listing::{Search, page_of};
use crate::sort_keys;
use std::cmp::Ordering;

sort_keys! {
    /// What the list of rooms can be sorted by.
    RoomOrder {
        Name: order::NAME,
        Alias: order::ALIAS,
        Members: order::MEMBERS,
        LocalMembers: order::LOCAL_MEMBERS,
        Version: order::VERSION,
        Creator: order::CREATOR,
        Encryption: order::ENCRYPTION,
        Federatable: order::FEDERATABLE,
        Public: order::PUBLIC,
        JoinRules: order::JOIN_RULES,
        GuestAccess: order::GUEST_ACCESS,
        HistoryVisibility: order::HISTORY_VISIBILITY,
        StateEvents: order::STATE_EVENTS,
    }
}

/// The filters of the list of rooms, as the address names them.
pub mod filter {
    pub const PUBLIC: &str = "public_rooms";
    pub const EMPTY: &str = "empty_rooms";
    pub const LOCAL: &str = "local";
    pub const SPACE: &str = "space";
    pub const ENCRYPTED: &str = "encrypted";
    pub const FEDERATED: &str = "federated";
    pub const JOIN_RULE: &str = "join_rule";
    pub const VERSION: &str = "version";
    pub const CREATOR: &str = "creator";
    /// Months in which nothing has happened; or that nobody knows when anything did.
    pub const QUIET: &str = "quiet";
    /// Whether it is left and forgotten by everybody here.
    pub const FORGOTTEN: &str = "forgotten";
    /// With so many forward extremities at least; or that nobody knows how many.
    pub const EXTREMITIES: &str = "extremities";
    /// Whether local users are kept from joining.
    pub const BLOCKED: &str = "blocked";
    /// Those that take most of the database.
    pub const LARGEST: &str = "largest";
}

/// How much of the database a room takes, as an order and as a column: no server knows the key.
pub const DATABASE_BYTES: &str = "database_bytes";

/// What the list of rooms can be asked of servers only that tell it.
pub const NEEDS: Needs = Needs(&[
    Need {
        feature: Feature::RoomTypes,
        filters: &[filter::SPACE],
        orders: &[],
        columns: &["room_type"],
    },
    Need {
        feature: Feature::ForgottenRooms,
        filters: &[filter::FORGOTTEN],
        orders: &[],
        columns: &["forgotten"],
    },
    Need {
        feature: Feature::LargestRooms,
        filters: &[filter::LARGEST],
        orders: &[DATABASE_BYTES],
        columns: &[DATABASE_BYTES],
    },
]);

impl RoomOrder {
    /// Whether the server sorts by it as people do.
    fn is_of_server(self) -> bool {
        match self {
            // "10" comes before "9" there.
            RoomOrder::Version => false,
            RoomOrder::Name
            | RoomOrder::Alias
            | RoomOrder::Members
            | RoomOrder::LocalMembers
            | RoomOrder::Creator
            | RoomOrder::Encryption
            | RoomOrder::Federatable
            | RoomOrder::Public
            | RoomOrder::JoinRules
            | RoomOrder::GuestAccess
            | RoomOrder::HistoryVisibility
            | RoomOrder::StateEvents => true,
        }
    }

    /// Whether rooms may have nothing to be ordered by, which is known.
    pub fn may_be_blank(self) -> bool {
        matches!(
            self,
            RoomOrder::Name
                | RoomOrder::Alias
                | RoomOrder::Creator
                | RoomOrder::Encryption
                | RoomOrder::JoinRules
                | RoomOrder::GuestAccess
                | RoomOrder::HistoryVisibility
        )
    }
}

/// What is asked of the list of rooms. `None` is no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// A part of the name or of the alias, or a whole room ID; more as [`Search`] describes.
    pub search: String,
    /// In this server's directory.
    pub public: Option<bool>,
    /// Without any members that this server knows of.
    pub empty: Option<Wanted>,
    /// With or without members of this server.
    pub local: Option<Wanted>,
    pub space: Option<Wanted>,
    /// The server is too old to tell what is a space: before Synapse 1.64.
    pub spaces_untold: bool,
    pub encrypted: Option<bool>,
    pub federated: Option<bool>,
    /// Rooms with this join rule.
    pub join_rule: Option<String>,
    /// Rooms of this version.
    pub version: Option<String>,
    /// Rooms that this user has made.
    pub creator: Option<String>,
    /// By name if not given.
    pub order_by: Option<RoomOrder>,
    pub descending: bool,
    /// Where those stand that have no name, no address and the like.
    pub blank: Blank,
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
            || self.empty == Some(Wanted::Unknown)
            || self.order_by.is_some_and(|order| !order.is_of_server())
            // All versions so far apply filters to whole IDs only while they search.
            || (filtered && !search.is_empty())
            // Older ones pass over them, and answer with all rooms.
            || (filtered && !server.surely_since(110))
            || !search::is_sure(search)
            || is_beyond_localpart(search);
        (!beyond).then(|| ListRooms {
            from: self.from,
            limit: self.limit,
            search: (!search.is_empty()).then(|| search.to_owned()),
            public: self.public,
            empty: match self.empty {
                Some(Wanted::Is(empty)) => Some(empty),
                _ => None,
            },
            order_by: self.order_by.map(RoomOrder::key),
            descending: self.descending,
        })
    }

    /// What to ask the server for the rooms among which all are that this question finds, where the
    /// server does not look for what was typed: an alias, of which it knows the localpart alone.
    /// The rest of the question is answered here. `None` if that tells no rooms apart.
    pub fn among(&self) -> Option<ListRooms> {
        let searched = self.searched();
        let whole = searched.plain()?;
        let localpart = term(whole);
        if !whole.starts_with('#') || !whole.contains(':') {
            return None;
        }
        // SQLite does not lower other letters, and PostgreSQL takes a backslash for more than it is.
        let is_told = !localpart.is_empty() && localpart.is_ascii() && !localpart.contains('\\');
        is_told.then(|| ListRooms {
            search: Some(localpart.to_owned()),
            ..ListRooms::default()
        })
    }

    /// What to ask the server for the first `limit` of those among which all are that are searched,
    /// where it cannot look for just that: the answer is searched here once more.
    pub fn like(&self, limit: u64) -> ListRooms {
        self.part(limit, search::surest)
    }

    /// What to ask the server for some of those that are searched, where all of them have next to nothing in
    /// common that it could look for.
    pub fn likely(&self, limit: u64) -> Option<ListRooms> {
        let asked = self.part(limit, search::likeliest);
        asked.search.is_some().then_some(asked)
    }

    fn part(&self, limit: u64, part: fn(&str) -> &str) -> ListRooms {
        let searched = self.searched();
        let wanted = part(term(searched.narrowest()));
        let order_by = self.order_by.filter(|order| order.is_of_server());
        ListRooms {
            limit,
            search: (!wanted.is_empty()).then(|| wanted.to_owned()),
            order_by: order_by.map(RoomOrder::key),
            descending: self.descending,
            ..ListRooms::default()
        }
    }

    /// What is searched: the ID of a room is no exclusion, though it begins like one.
    fn searched(&self) -> Search {
        Search::parse_with(&self.search, &identifier::is_room_id)
    }

    /// Answers from the whole list: the page, and how many match on all pages.
    pub fn answer(&self, all: &[Room]) -> (Vec<Room>, u64) {
        self.answer_by(all, &|a, b| self.compare(a, b))
    }

    /// Answers from the whole list in an order of the caller's.
    pub fn answer_by(
        &self,
        all: &[Room],
        compare: &dyn Fn(&Room, &Room) -> Ordering,
    ) -> (Vec<Room>, u64) {
        let mut found = self.matching(all);
        sort_by(&mut found, |a, b| compare(a, b));
        let (page, total) = page_of(found, self.from, self.limit.max(1));
        (page.into_iter().cloned().collect(), total)
    }

    /// Puts rooms into the order that is asked for.
    pub fn sort(&self, rooms: &mut Vec<Room>) {
        sort_by(rooms, |a, b| self.compare(a, b));
    }

    fn compare(&self, a: &Room, b: &Room) -> Ordering {
        let key = self.order_by.unwrap_or(RoomOrder::Name);
        let by_key = compare(a, b, key, self.descending, self.blank);
        // As Synapse does: where rooms are equal, the whole order turns round.
        by_key.then_with(|| match self.descending {
            true => b.room_id.cmp(&a.room_id),
            false => a.room_id.cmp(&b.room_id),
        })
    }

    /// Whether it finds this room, as it is here.
    pub fn finds(&self, room: &Room) -> bool {
        !self.matching(std::slice::from_ref(room)).is_empty()
    }

    /// Whether a room is a space, where the server tells.
    fn is_space(&self, room: &Room) -> Known<bool> {
        match self.spaces_untold {
            true => Known::Unknown(Why::TooOld),
            false => Known::Is(room.is_space()),
        }
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
        let so = |wanted: Option<Wanted>, known: Known<bool>| {
            wanted.is_none_or(|wanted| wanted.finds(known))
        };
        let same = |wanted: &Option<String>, found: &Option<String>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| found.as_deref().unwrap_or("") == wanted)
        };
        all.iter()
            .filter(|room| {
                found(room)
                    && is(self.public, room.public)
                    && so(self.empty, members(room).map(|count| count == 0))
                    && so(self.local, local_members(room).map(|count| count > 0))
                    && so(self.space, self.is_space(room))
                    && is(self.encrypted, room.encryption.is_some())
                    && is(self.federated, room.federatable)
                    && same(&self.join_rule, &room.join_rules)
                    && same(&self.version, &room.version)
                    && same(&self.creator, &room.creator)
            })
            .collect()
    }
}

/// What the server looks for: without the `#` of an alias, and the name of the server behind it.
pub fn term(search: &str) -> &str {
    match search.strip_prefix('#') {
        Some(alias) => alias
            .split_once(':')
            .map_or(alias, |(localpart, _)| localpart),
        None => search,
    }
}

/// Whether a search may be found in an alias beyond its localpart, where the server does not look: in
/// the `#` before it, or in the name of the server behind it.
fn is_beyond_localpart(search: &str) -> bool {
    let of_server = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
    let server = search.split_once(':').map(|(_, server)| server);
    let is_alias = server.is_some_and(|server| server.chars().all(of_server));
    (search.starts_with('#') || is_alias) && !identifier::is_room_id(search)
}

/// How many people are in a room, by the server's statistics, which may stand still. Without
/// members of its own a server knows nothing of the others: 0 then means "none that it knows of".
pub fn members(room: &Room) -> Known<u64> {
    Known::or(room.joined_members, Why::NoRecord)
}

/// How many people of this server are in a room, by the server's statistics, which may stand still.
pub fn local_members(room: &Room) -> Known<u64> {
    Known::or(room.joined_local_members, Why::NoRecord)
}

/// How many events the current state of a room has, by the server's statistics, which may stand
/// still.
pub fn state_events(room: &Room) -> Known<u64> {
    Known::or(room.state_events, Why::NoRecord)
}

fn compare(a: &Room, b: &Room, key: RoomOrder, descending: bool, blank: Blank) -> Ordering {
    let count = |of: fn(&Room) -> Known<u64>| of(a).compare(&of(b), descending);
    let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
    let order = match key {
        RoomOrder::Members => return count(members),
        RoomOrder::LocalMembers => return count(local_members),
        RoomOrder::StateEvents => return count(state_events),
        RoomOrder::Version => return version(a).compare(&version(b), descending),
        // What is not counted: who has none has none, which is known.
        RoomOrder::Name => blank.compare(&lower(&a.name), &lower(&b.name)),
        RoomOrder::Alias => blank.compare(&lower(&a.canonical_alias), &lower(&b.canonical_alias)),
        RoomOrder::Creator => blank.compare(&a.creator, &b.creator),
        RoomOrder::Encryption => blank.compare(&a.encryption, &b.encryption),
        RoomOrder::Federatable => a.federatable.cmp(&b.federatable),
        RoomOrder::Public => a.public.cmp(&b.public),
        RoomOrder::JoinRules => blank.compare(&a.join_rules, &b.join_rules),
        RoomOrder::GuestAccess => blank.compare(&a.guest_access, &b.guest_access),
        RoomOrder::HistoryVisibility => blank.compare(&a.history_visibility, &b.history_visibility),
    };
    match descending {
        true => order.reverse(),
        false => order,
    }
}

/// The version as a number, where it is one, and as it is written.
fn version(room: &Room) -> Known<(Option<u64>, &str)> {
    let version = room.version.as_deref();
    let version = version.map(|text| (text.parse().ok(), text));
    Known::or(version, Why::NoRecord)
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

    #[test]
    fn only_a_wanted_term_is_asked_for() {
        let asked = |search: &str| {
            let question = Question {
                search: search.to_owned(),
                ..Default::default()
            };
            let likely = question.likely(100).and_then(|asked| asked.search);
            question.like(100).search.or(likely)
        };
        assert_eq!(asked("garden !old").as_deref(), Some("garden"));
        assert_eq!(asked("a_b").as_deref(), Some("a_b"));
        assert_eq!(asked("#garden:b.org !old").as_deref(), Some("garden"));
        assert_eq!(asked("!old"), None);
        assert_eq!(asked("Сад !old").as_deref(), Some("ад"));
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
        let (page, _) = question.answer(&some());
        let ids = page
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
        // Of the third it is not known whether anybody of this server is in it.
        assert_eq!(ids(|q| q.local = Some(Wanted::Is(false))), ["b"]);
        assert_eq!(ids(|q| q.local = Some(Wanted::Is(true))), ["a"]);
        assert_eq!(ids(|q| q.local = Some(Wanted::Unknown)), ["c"]);
        assert_eq!(ids(|q| q.empty = Some(Wanted::Is(true))), ["c"]);
        assert!(ids(|q| q.empty = Some(Wanted::Unknown)).is_empty());
        assert_eq!(ids(|q| q.space = Some(Wanted::Is(true))), ["c"]);
        // An old server does not tell what is a space, nor what is none.
        let old = |wanted| {
            ids(|q| {
                q.spaces_untold = true;
                q.space = Some(wanted);
            })
        };
        assert!(old(Wanted::Is(true)).is_empty() && old(Wanted::Is(false)).is_empty());
        assert_eq!(old(Wanted::Unknown).len(), 3);
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
        assert_eq!(by(RoomOrder::Members, true), ["b", "a", "c"]);
        // Versions are numbers where they are; what is not known stands last.
        assert_eq!(by(RoomOrder::Version, false), ["b", "a", "c"]);
        assert_eq!(by(RoomOrder::Version, true), ["a", "b", "c"]);
        assert_eq!(by(RoomOrder::LocalMembers, false), ["b", "a", "c"]);
        assert_eq!(by(RoomOrder::LocalMembers, true), ["a", "b", "c"]);
        assert_eq!(by(RoomOrder::StateEvents, true).len(), 3);
    }

    #[test]
    fn rooms_without_a_name_stand_where_the_server_has_them() {
        let by = |blank, descending| {
            ids(|q| {
                q.order_by = Some(RoomOrder::Name);
                q.descending = descending;
                q.blank = blank;
            })
        };
        // "a" has a name; the others are in the order of their IDs, which turns round as well.
        assert_eq!(by(Blank::First, false), ["b", "c", "a"]);
        assert_eq!(by(Blank::First, true), ["a", "c", "b"]);
        assert_eq!(by(Blank::Last, false), ["a", "b", "c"]);
        assert_eq!(by(Blank::Last, true), ["c", "b", "a"]);
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
        assert!(asks(&new, |q| q.empty = Some(Wanted::Is(true))));
        assert!(!asks(&new, |q| q.empty = Some(Wanted::Unknown)));
        for old in [&old, &server("nightly")] {
            assert!(!asks(old, |q| q.empty = Some(Wanted::Is(true))));
            assert!(!asks(old, |q| q.public = Some(true)));
        }
        assert!(!asks(&new, |q| q.order_by = Some(RoomOrder::Version)));
        assert!(!asks(&new, |q| {
            q.empty = Some(Wanted::Is(true));
            q.search = "garden".into();
        }));
        assert!(!asks(&new, |q| q.search = "100%".into()));
        assert!(!asks(&new, |q| q.search = "Gärten".into()));
        assert!(!asks(&new, |q| q.search = "garden !old".into()));
        assert!(asks(&new, |q| q.search = "!room:b.org".into()));
        // It does not look into the whole of an alias.
        assert!(!asks(&new, |q| q.search = "#garten".into()));
        assert!(!asks(&new, |q| q.search = "garten:b.o".into()));
        assert!(!asks(&new, |q| q.search = "garten:".into()));
        assert!(asks(&new, |q| q.search = "C# garden: roses".into()));
        assert!(!asks(&new, |q| q.space = Some(Wanted::Is(true))));
    }

    #[test]
    fn a_whole_alias_is_looked_for_among_those_with_its_localpart() {
        assert_eq!(ids(|q| q.search = "#Garten:B.org".into()), ["b"]);
        let among = |search: &str| {
            let question = Question {
                search: search.to_owned(),
                // The rest of it is answered here.
                encrypted: Some(true),
                from: 50,
                ..Default::default()
            };
            let asked = question.among()?;
            assert_eq!(asked.from, 0);
            asked.search
        };
        assert_eq!(among(" #Garten:b.org ").as_deref(), Some("Garten"));
        assert_eq!(among("#50%_off:b.org").as_deref(), Some("50%_off"));
        let others = [
            "garten",
            "#garten",
            "garten:b.org",
            "#:b.org",
            "#gärten:b.org",
            "#a\\b:b.org",
            "#a:b.org !c",
            "!c:b.org",
        ];
        for other in others {
            assert_eq!(among(other), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn pages_together_are_the_whole(count in 0_usize..50, limit in 1_u64..20, descending: bool) {
            let all: Vec<Room> = (0..count)
                .map(|i| room(&format!("r{i}"), |r| r.joined_members = Some(i as u64 % 3)))
                .collect();
            let mut seen = HashSet::new();
            let mut from = 0;
            while from < count as u64 {
                let question = Question {
                    from, limit, descending, order_by: Some(RoomOrder::Members), ..Default::default()
                };
                let (page, total) = question.answer(&all);
                prop_assert_eq!(total, count as u64);
                for room in page {
                    prop_assert!(seen.insert(room.room_id));
                }
                from += limit;
            }
            prop_assert_eq!(seen.len(), count);
        }
    }
}
