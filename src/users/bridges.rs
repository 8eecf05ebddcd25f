//! Accounts of bridges and bots among all accounts of a server, recognised by their IDs.
//!
//! An application service owns the IDs of a namespace, mostly a prefix: `telegram_…`, `irc-…`.
//! The list of users does not say whose an account is; only an account's detail does
//! (`appservice_id`). Asking for every one would be a request each, so accounts are grouped by the
//! beginning of their IDs, and a few of each group are asked for: [`groups`] says which, and
//! [`Namespaces`] keeps what was found.

use crate::api::UserId;
use std::collections::BTreeMap;

/// So many accounts with one prefix are a group. A bridge has a bot and some users at least.
const FEW: usize = 3;

/// So many groups are asked about, the largest first.
const GROUPS: usize = 40;

/// Accounts whose IDs begin alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdGroup {
    /// The beginning of the localparts, with the separator: `telegram_`.
    pub prefix: String,
    pub count: usize,
    /// Who is to be asked for: if all of them belong to one application service, the group does.
    pub samples: Vec<UserId>,
}

/// What ends a prefix.
const SEPARATORS: [char; 5] = ['_', '-', '.', '=', '+'];

/// The localpart up to its first separator, which belongs to it; separators that it begins with
/// (`_discord_123`) do not end it.
fn prefix(localpart: &str) -> Option<&str> {
    let begin = localpart.find(|c| !SEPARATORS.contains(&c))?;
    let end = begin + localpart[begin..].find(SEPARATORS)?;
    // What stands behind it tells the users of a bridge apart.
    (end + 1 < localpart.len()).then(|| &localpart[..=end])
}

/// The groups among these accounts, the largest first. To be called with those of which the
/// server has no trace: an application service's requests leave none.
pub fn groups<'a>(users: impl IntoIterator<Item = &'a UserId>) -> Vec<IdGroup> {
    let mut by_prefix: BTreeMap<&str, Vec<&UserId>> = BTreeMap::new();
    for user in users {
        if let Some(prefix) = prefix(user.localpart()) {
            by_prefix.entry(prefix).or_default().push(user);
        }
    }
    let mut groups: Vec<IdGroup> = by_prefix
        .into_iter()
        .filter(|(_, users)| users.len() >= FEW)
        .map(|(prefix, users)| IdGroup {
            prefix: prefix.to_owned(),
            count: users.len(),
            // The first and the last: in order of ID these differ most.
            samples: [users.iter().min(), users.iter().max()]
                .into_iter()
                .flatten()
                .map(|user| (*user).clone())
                .collect(),
        })
        .collect();
    groups.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.prefix.cmp(&b.prefix)));
    groups.truncate(GROUPS);
    groups
}

/// The prefixes of the accounts that application services own, as far as they were recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Namespaces {
    prefixes: Vec<String>,
}

impl Namespaces {
    /// Takes in a group that belongs to an application service.
    pub fn add(&mut self, group: &IdGroup) {
        if !self.prefixes.contains(&group.prefix) {
            self.prefixes.push(group.prefix.clone());
        }
    }

    /// Whether an account is in one of them.
    pub fn contains(&self, user: &UserId) -> bool {
        let localpart = user.localpart();
        self.prefixes
            .iter()
            .any(|prefix| localpart.starts_with(prefix.as_str()))
    }

    /// Whether none was recognised.
    pub fn is_empty(&self) -> bool {
        self.prefixes.is_empty()
    }

    /// The prefixes, in the order of their size.
    pub fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    /// What to write into `asManagedUsers` of `config.json` to protect them: one regular
    /// expression each, for accounts of this server.
    pub fn patterns(&self, server: &str) -> Vec<String> {
        let pattern = |prefix: &String| format!("^@{}.*:{}$", escaped(prefix), escaped(server));
        self.prefixes.iter().map(pattern).collect()
    }
}

/// A text as a regular expression that matches it.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        // In a localpart or server name nothing else means something.
        if matches!(
            c,
            '.' | '+' | '[' | ']' | '$' | '(' | ')' | '*' | '?' | '|' | '^' | '\\'
        ) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(localparts: &[&str]) -> Vec<UserId> {
        let parse = |localpart: &&str| UserId::parse(&format!("@{localpart}:b.org")).unwrap();
        localparts.iter().map(parse).collect()
    }

    #[test]
    fn accounts_are_grouped_by_how_their_ids_begin() {
        let users = ids(&[
            "telegram_3",
            "telegram_12",
            "telegram_bot",
            "_discord_1",
            "_discord_2",
            "_discord_3",
            "_discord_4",
            "irc-jane",
            "irc-joe",
            "jane",
            "john.doe",
            "x_",
            "__",
        ]);
        let found = groups(&users);
        let summary: Vec<(&str, usize)> = found
            .iter()
            .map(|group| (group.prefix.as_str(), group.count))
            .collect();
        assert_eq!(summary, [("_discord_", 4), ("telegram_", 3)]);
        assert_eq!(found[1].samples, ids(&["telegram_12", "telegram_bot"]));
    }

    #[test]
    fn who_is_recognised_can_be_protected() {
        let users = ids(&["a.b+x", "a.b+y", "a.b+z"]);
        let mut namespaces = Namespaces::default();
        assert!(namespaces.is_empty());
        for group in groups(&users) {
            namespaces.add(&group);
            namespaces.add(&group);
        }
        assert_eq!(namespaces.prefixes(), ["a."]);
        assert!(namespaces.contains(&users[0]));
        assert!(!namespaces.contains(&ids(&["ab.c"])[0]));
        assert_eq!(namespaces.patterns("m.b.org"), ["^@a\\..*:m\\.b\\.org$"]);
    }

    proptest! {
        #[test]
        fn every_member_of_a_group_is_in_its_namespace(
            localparts in prop::collection::vec("[a-c_.=-]{1,6}", 0..40),
        ) {
            let users: Vec<UserId> = localparts
                .iter()
                .filter_map(|localpart| UserId::parse(&format!("@{localpart}:b.org")))
                .collect();
            let mut namespaces = Namespaces::default();
            let mut members = 0;
            for group in groups(&users) {
                namespaces.add(&group);
                members += group.count;
                prop_assert!(group.count >= FEW);
                for sample in &group.samples {
                    prop_assert!(namespaces.contains(sample));
                }
            }
            let inside = users.iter().filter(|user| namespaces.contains(user)).count();
            prop_assert!(inside >= members);
        }
    }
}
