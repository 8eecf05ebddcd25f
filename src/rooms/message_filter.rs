//! Which messages of a room are shown, as the address says it: `?show=messages&senders=@a:b.org`.

use crate::api::UserId;
use crate::api::encode::encoded;
use crate::api::events::{Event, Walk};

/// The parameters, as the address names them.
pub mod parameter {
    pub const SHOW: &str = "show";
    pub const TYPES: &str = "types";
    pub const NOT_TYPES: &str = "not_types";
    pub const SENDERS: &str = "senders";
    pub const NOT_SENDERS: &str = "not_senders";
    /// Whether there is a `url` in the content.
    pub const URL: &str = "url";

    /// All of them.
    pub const ALL: [&str; 6] = [SHOW, TYPES, NOT_TYPES, SENDERS, NOT_SENDERS, URL];
}

/// What changes a room, in the words of the specification.
const STATE: [&str; 16] = [
    "m.room.create",
    "m.room.name",
    "m.room.topic",
    "m.room.avatar",
    "m.room.canonical_alias",
    "m.room.aliases",
    "m.room.join_rules",
    "m.room.guest_access",
    "m.room.history_visibility",
    "m.room.power_levels",
    "m.room.encryption",
    "m.room.pinned_events",
    "m.room.tombstone",
    "m.room.server_acl",
    "m.space.child",
    "m.space.parent",
];

/// What somebody says.
const MESSAGES: [&str; 4] = [
    "m.room.message",
    "m.room.encrypted",
    "m.sticker",
    "m.poll.start",
];

/// Which messages are wanted. Empty is everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MessageFilter {
    /// A usual choice of types: `messages`, `files`, `members`, `state`; empty for none.
    pub show: String,
    /// Types of one's own, which take the place of the usual choice.
    pub types: Vec<String>,
    pub not_types: Vec<String>,
    pub senders: Vec<String>,
    pub not_senders: Vec<String>,
    pub with_url: Option<bool>,
}

/// The words of a list that somebody types: with spaces, commas or lines between them.
pub fn words(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')) {
        if !word.is_empty() && !found.iter().any(|other| other == word) {
            found.push(word.to_owned());
        }
    }
    found
}

/// The first word of a list that is no user ID.
pub fn no_user(text: &str) -> Option<String> {
    words(text)
        .into_iter()
        .find(|word| UserId::parse(word).is_none())
}

impl MessageFilter {
    /// What an address asks, of which `get` tells the parameters.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let list = |name| words(&get(name).unwrap_or_default());
        MessageFilter {
            show: get(parameter::SHOW).unwrap_or_default(),
            types: list(parameter::TYPES),
            not_types: list(parameter::NOT_TYPES),
            senders: list(parameter::SENDERS),
            not_senders: list(parameter::NOT_SENDERS),
            with_url: get(parameter::URL).and_then(|text| text.parse().ok()),
        }
    }

    /// The parameters that ask this, for an address that has some already: each begins with `&`.
    pub fn write(&self) -> String {
        let mut out = String::new();
        let mut push = |name: &str, value: &str| {
            if !value.is_empty() {
                out.push_str(&format!("&{name}={}", encoded(value)));
            }
        };
        push(parameter::SHOW, &self.show);
        push(parameter::TYPES, &self.types.join(","));
        push(parameter::NOT_TYPES, &self.not_types.join(","));
        push(parameter::SENDERS, &self.senders.join(","));
        push(parameter::NOT_SENDERS, &self.not_senders.join(","));
        let with_url = self.with_url.map(|with_url| with_url.to_string());
        push(parameter::URL, &with_url.unwrap_or_default());
        out
    }

    /// Whether anything is left out.
    pub fn is_empty(&self) -> bool {
        *self == MessageFilter::default()
    }

    /// Whether there is more than the usual choice and who has sent it.
    pub fn is_particular(&self) -> bool {
        !(self.types.is_empty() && self.not_types.is_empty() && self.not_senders.is_empty())
            || self.with_url.is_some()
    }

    /// The way through the room that meets only these.
    pub fn walk(&self, from: Option<String>, backwards: bool, limit: u64) -> Walk {
        let usual: &[&str] = match self.show.as_str() {
            "messages" => &MESSAGES,
            "members" => &["m.room.member"],
            "state" => &STATE,
            _ => &[],
        };
        let types = match self.types.is_empty() {
            true => usual.iter().map(|kind| (*kind).to_owned()).collect(),
            false => self.types.clone(),
        };
        let files = (self.show == "files").then_some(true);
        Walk {
            from,
            backwards,
            limit,
            types,
            not_types: self.not_types.clone(),
            senders: self.senders.clone(),
            not_senders: self.not_senders.clone(),
            with_url: self.with_url.or(files),
        }
    }

    /// Whether an event is one of these, as the server would say.
    pub fn fits(&self, event: &Event) -> bool {
        let walk = self.walk(None, true, 1);
        let is = |list: &[String], text: &str| list.iter().any(|other| other == text);
        let wanted = |list: &[String], text: &str| list.is_empty() || is(list, text);
        wanted(&walk.types, &event.kind)
            && !is(&walk.not_types, &event.kind)
            && wanted(&walk.senders, &event.sender)
            && !is(&walk.not_senders, &event.sender)
            && walk.with_url.is_none_or(|with| {
                with == event.content.get("url").is_some_and(|url| url.is_string())
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::{Defaults, ListQuery};
    use proptest::prelude::*;
    use serde_json::json;

    fn event(kind: &str, sender: &str, content: serde_json::Value) -> Event {
        Event {
            kind: kind.to_owned(),
            sender: sender.to_owned(),
            content,
            ..Default::default()
        }
    }

    #[test]
    fn lists_are_read_as_people_type_them() {
        assert_eq!(words(" a, b;b\n c ,"), ["a", "b", "c"]);
        assert_eq!(no_user("@a:b.org, @c:d.org"), None);
        assert_eq!(no_user("@a:b.org jane"), Some("jane".into()));
    }

    #[test]
    fn types_of_ones_own_take_the_place_of_the_usual() {
        let mut filter = MessageFilter {
            show: "messages".into(),
            ..Default::default()
        };
        assert!(
            filter
                .walk(None, true, 9)
                .types
                .contains(&"m.sticker".to_owned())
        );
        filter.types = vec!["org.example.odd".into()];
        assert_eq!(filter.walk(None, true, 9).types, ["org.example.odd"]);
        filter.show = "files".into();
        assert_eq!(filter.walk(None, true, 9).with_url, Some(true));
        filter.with_url = Some(false);
        assert_eq!(filter.walk(None, true, 9).with_url, Some(false));
    }

    #[test]
    fn what_stands_around_an_event_is_filtered_as_the_server_does() {
        let message = event("m.room.message", "@a:b.org", json!({"body": "x"}));
        let file = event("m.room.message", "@c:b.org", json!({"url": "mxc://x/y"}));
        let fits = |change: fn(&mut MessageFilter)| {
            let mut filter = MessageFilter::default();
            change(&mut filter);
            (filter.fits(&message), filter.fits(&file))
        };
        assert_eq!(fits(|_| ()), (true, true));
        assert_eq!(fits(|f| f.with_url = Some(false)), (true, false));
        assert_eq!(fits(|f| f.show = "files".into()), (false, true));
        assert_eq!(fits(|f| f.show = "state".into()), (false, false));
        assert_eq!(
            fits(|f| f.senders = words("@c:b.org @d:b.org")),
            (false, true)
        );
        assert_eq!(fits(|f| f.not_senders = words("@c:b.org")), (true, false));
        assert_eq!(
            fits(|f| f.not_types = words("m.room.message")),
            (false, false)
        );
        assert_eq!(fits(|f| f.types = words("m.room.message,x")), (true, true));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            show in "(|messages|files)",
            lists in proptest::collection::vec(proptest::collection::btree_set("[@a-z:.&=%]{1,6}", 0..3), 4),
            with_url: Option<bool>,
        ) {
            let list = |number: usize| lists[number].iter().cloned().collect::<Vec<String>>();
            let filter = MessageFilter {
                show,
                types: list(0),
                not_types: list(1),
                senders: list(2),
                not_senders: list(3),
                with_url,
            };
            let query = ListQuery::parse(&filter.write(), &Defaults::default());
            let read = MessageFilter::read(|name| query.get(name).map(str::to_owned));
            prop_assert_eq!(read, filter);
        }
    }
}
