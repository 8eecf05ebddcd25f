//! The question of a room directory's list. A server answers what is published with the largest
//! first, page after page; everything else is answered here, once all of it is read.

use crate::address::identifier;
use crate::api::ServerName;
use crate::api::directory::{ListPublished, Published, PublishedPage};
use crate::api::rooms::order;
use crate::known::{Known, Why};
use crate::listing::search;
use crate::listing::sort::sort_by;
use crate::listing::{Search, page_of};
use crate::sort_keys;
use std::cmp::Ordering;

sort_keys! {
    /// What the list can be sorted by.
    DirectoryOrder {
        Name: order::NAME,
        Alias: order::ALIAS,
        Members: order::MEMBERS,
        Topic: "topic",
        JoinRule: order::JOIN_RULES,
    }
}

/// How many rooms a server hands out at most with one answer.
pub const MOST: u64 = 100;

/// What is asked of a directory. `None` is no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// Whose directory; this server's if not given.
    pub server: Option<ServerName>,
    pub search: String,
    /// Whether everybody can read it without joining.
    pub world_readable: Option<bool>,
    /// Whether guests may join.
    pub guests: Option<bool>,
    pub space: Option<bool>,
    /// Rooms with this join rule.
    pub join_rule: Option<String>,
    pub order_by: Option<DirectoryOrder>,
    pub descending: bool,
    pub from: u64,
    pub limit: u64,
}

impl Question {
    /// The first page in the words of the server, where one answer of it is the answer.
    pub fn for_server(&self) -> Option<ListPublished> {
        let beyond = self.from > 0
            || self.limit > MOST
            || !self.search.trim().is_empty()
            || self.world_readable.is_some()
            || self.guests.is_some()
            || self.space.is_some()
            || self.join_rule.is_some()
            || self.order_by != Some(DirectoryOrder::Members)
            || !self.descending;
        (!beyond).then(|| self.batch(None, None, self.limit))
    }

    /// What of the search the server can take over while all is read: less is read then.
    pub fn narrowed(&self) -> Option<String> {
        let search = self.searched();
        let plain = search.plain().filter(|term| !term.is_empty())?;
        // Of an ID a directory knows nothing.
        let fits = !identifier::is_room_id(plain) && search::is_sure(plain);
        fits.then(|| plain.to_owned())
    }

    /// A batch of the reading of all that `search` finds.
    pub fn batch(
        &self,
        search: Option<String>,
        since: Option<String>,
        limit: u64,
    ) -> ListPublished {
        ListPublished {
            since,
            limit,
            search,
            server: self.server.clone(),
        }
    }

    fn searched(&self) -> Search {
        Search::parse_with(&self.search, &identifier::is_room_id)
    }

    /// Answers from all that was read: the rows of the page, and how many match.
    pub fn answer(&self, all: &[Published]) -> (Vec<Published>, u64) {
        let search = self.searched();
        let is = |wanted: Option<bool>, found: bool| wanted.is_none_or(|wanted| wanted == found);
        let matches = |room: &&Published| {
            (search.is_empty() || finds(&search, room))
                && is(self.world_readable, room.world_readable)
                && is(self.guests, room.guest_can_join)
                && is(self.space, room.is_space())
                && self
                    .join_rule
                    .as_deref()
                    .is_none_or(|wanted| wanted == room.rule())
        };
        let mut found: Vec<&Published> = all.iter().filter(matches).collect();
        sort_by(&mut found, |a, b| {
            let key = self.order_by.unwrap_or(DirectoryOrder::Members);
            compare(a, b, key, self.descending).then_with(|| a.room_id.cmp(&b.room_id))
        });
        let (page, total) = page_of(found, self.from, self.limit.max(1));
        (page.into_iter().cloned().collect(), total)
    }
}

/// How many rooms a directory shows, by its first batch; `None` where there are more and the server does
/// not say how many. What it estimates is no less than what is there.
pub fn total(first: &PublishedPage) -> Option<u64> {
    let shown = first.chunk.len() as u64;
    match first.next_batch {
        Some(_) => first.total_room_count_estimate.filter(|all| *all > shown),
        None => Some(shown),
    }
}

/// Whether a room is found by what was typed: by its name, its topic, its alias, as the server
/// does, or by its whole ID.
fn finds(search: &Search, room: &Published) -> bool {
    let texts: Vec<String> = [&room.name, &room.topic, &room.canonical_alias]
        .into_iter()
        .flatten()
        .map(|text| text.to_lowercase())
        .collect();
    let id = room.room_id.as_str().to_lowercase();
    search.finds(|term| id == term || texts.iter().any(|text| text.contains(term)))
}

fn compare(a: &Published, b: &Published, key: DirectoryOrder, descending: bool) -> Ordering {
    let lower = |text: &Option<String>| text.as_ref().map(|text| text.to_lowercase());
    let by_key = match key {
        DirectoryOrder::Name => a.title().to_lowercase().cmp(&b.title().to_lowercase()),
        DirectoryOrder::Alias => lower(&a.canonical_alias).cmp(&lower(&b.canonical_alias)),
        DirectoryOrder::Topic => lower(&a.topic).cmp(&lower(&b.topic)),
        DirectoryOrder::JoinRule => a.rule().cmp(b.rule()),
        DirectoryOrder::Members => {
            let members = |room: &Published| Known::or(room.num_joined_members, Why::NoRecord);
            return members(a).compare(&members(b), descending);
        }
    };
    match descending {
        true => by_key.reverse(),
        false => by_key,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Vec<Published> {
        let read = |json: &str| serde_json::from_str(json).unwrap();
        vec![
            read(
                r##"{"room_id":"!a:b.org","name":"Garden","topic":"Roses","num_joined_members":3,
                    "world_readable":true,"guest_can_join":true}"##,
            ),
            read(
                r##"{"room_id":"!b:b.org","canonical_alias":"#wood:b.org","num_joined_members":9,
                    "join_rule":"knock"}"##,
            ),
            read(
                r#"{"room_id":"!c:b.org","name":"All","room_type":"m.space","topic":"100% wood"}"#,
            ),
        ]
    }

    fn asked(change: impl Fn(&mut Question)) -> Question {
        let mut question = Question {
            order_by: Some(DirectoryOrder::Members),
            descending: true,
            limit: 25,
            ..Default::default()
        };
        change(&mut question);
        question
    }

    fn ids(change: impl Fn(&mut Question)) -> String {
        let (page, total) = asked(change).answer(&some());
        assert_eq!(page.len() as u64, total);
        let letters = page.iter().map(|room| &room.room_id.as_str()[1..2]);
        letters.collect()
    }

    #[test]
    fn how_many_there_are_is_told_or_not_known() {
        let of = |next: Option<&str>, estimate| {
            total(&PublishedPage {
                chunk: some(),
                next_batch: next.map(str::to_owned),
                total_room_count_estimate: estimate,
            })
        };
        assert_eq!(of(None, None), Some(3));
        // What is on the page is known.
        assert_eq!(of(None, Some(9)), Some(3));
        assert_eq!(of(Some("more"), Some(9)), Some(9));
        assert_eq!(of(Some("more"), None), None);
        assert_eq!(of(Some("more"), Some(3)), None, "there are more than that");
    }

    #[test]
    fn one_answer_of_the_server_is_the_first_page() {
        let first = asked(|_| ()).for_server().unwrap();
        assert_eq!((first.limit, first.since), (25, None));
        assert!(asked(|q| q.from = 25).for_server().is_none());
        assert!(asked(|q| q.search = "a".into()).for_server().is_none());
        assert!(asked(|q| q.limit = 1000).for_server().is_none());
        assert!(
            asked(|q| q.order_by = Some(DirectoryOrder::Name))
                .for_server()
                .is_none()
        );
        assert!(asked(|q| q.guests = Some(false)).for_server().is_none());
    }

    #[test]
    fn what_the_server_can_search_it_searches() {
        let narrowed = |search: &str| asked(|q| q.search = search.into()).narrowed();
        assert_eq!(narrowed(" wood "), Some("wood".into()));
        for ours in ["", "100%", "wood !pine", "!a:b.org"] {
            assert_eq!(narrowed(ours), None, "{ours}");
        }
    }

    #[test]
    fn filters_and_orders() {
        assert_eq!(ids(|_| ()), "bac", "what is not known stands last");
        assert_eq!(ids(|q| q.descending = false), "abc");
        assert_eq!(ids(|q| q.search = "WOOD".into()), "bc");
        assert_eq!(ids(|q| q.search = "wood !all".into()), "b");
        assert_eq!(ids(|q| q.search = "!a:b.org".into()), "a");
        assert_eq!(ids(|q| q.world_readable = Some(true)), "a");
        assert_eq!(ids(|q| q.guests = Some(false)), "bc");
        assert_eq!(ids(|q| q.space = Some(true)), "c");
        // Servers before spec v1.4 do not tell of public rooms that they are.
        assert_eq!(ids(|q| q.join_rule = Some("public".into())), "ac");
        let by = |key, descending| {
            ids(|q| {
                q.order_by = Some(key);
                q.descending = descending;
            })
        };
        assert_eq!(by(DirectoryOrder::Name, false), "bca");
        assert_eq!(by(DirectoryOrder::Topic, true), "acb");
    }
}
