//! What the members of a room are called, so that nobody passes for somebody else.

use crate::actions::plain;
use crate::api::events::{self, MEMBER};
use crate::import::characters::unseen;
use std::collections::HashMap;

/// A member, as the room knows them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Person {
    /// What they call themselves.
    pub name: String,
    /// Whether somebody else does so too.
    pub shared: bool,
    /// An mxc URI.
    pub picture: Option<String>,
}

/// The members that have a name, from the events of their memberships.
pub fn people(state: &[events::Event]) -> HashMap<String, Person> {
    let mut count: HashMap<String, u32> = HashMap::new();
    let mut people = HashMap::new();
    for event in state {
        let text = |key: &str| {
            let text = plain(event.content.get(key)?.as_str()?);
            (!text.is_empty()).then_some(text)
        };
        let (Some(user), Some(name)) = (&event.state_key, text("displayname")) else {
            continue;
        };
        if event.kind != MEMBER {
            continue;
        }
        *count.entry(looks(&name)).or_default() += 1;
        let picture = text("avatar_url");
        let person = Person {
            // Somebody who is called like an ID is somebody else's ID.
            shared: name.contains(['@', '＠', '﹫']),
            name,
            picture,
        };
        people.insert(user.clone(), person);
    }
    for person in people.values_mut() {
        person.shared |= count.get(&looks(&person.name)).is_some_and(|n| *n > 1);
    }
    people
}

/// The same for names that look the same: upper and lower case and the kind of space do not tell people
/// apart, nor do joiners, which no page shows.
fn looks(name: &str) -> String {
    let shown: String = name.chars().filter(|c| unseen(*c).is_none()).collect();
    let words: Vec<&str> = shown.split_whitespace().collect();
    words.join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn called(names: &[&str]) -> Vec<(String, bool)> {
        let event = |(number, name): (usize, &&str)| events::Event {
            kind: MEMBER.to_owned(),
            state_key: Some(format!("@{number}:b")),
            content: json!({"displayname": name}),
            ..Default::default()
        };
        let state: Vec<events::Event> = names.iter().enumerate().map(event).collect();
        let people = people(&state);
        let of = |number| people.get(&format!("@{number}:b")).cloned();
        (0..names.len())
            .map(|number| of(number).unwrap_or_default())
            .map(|person| (person.name, person.shared))
            .collect()
    }

    #[test]
    fn nobody_passes_for_somebody_else() {
        let alone = |name: &str| called(&[name]).remove(0);
        assert_eq!(alone(" Jane\u{202e} "), ("Jane".to_owned(), false));
        assert_eq!(alone("\u{200b}@root:b"), ("@root:b".to_owned(), true));
        assert!(alone("\u{2066}＠root:b").1);
        assert!(alone("Root (@root:b)").1);
        // Who has no name that anybody sees has none.
        assert_eq!(alone("\u{200b}\u{2060}"), (String::new(), false));
        for other in [
            "Jane\u{2060} Doe",
            "jane\u{a0}doe",
            "Jane  Doe",
            "J\u{ad}ane Doe",
        ] {
            let both = called(&["Jane Doe", other]);
            assert!(both.iter().all(|(_, shared)| *shared), "{other:?}");
        }
        assert!(called(&["Jane", "Joe"]).iter().all(|(_, shared)| !shared));
    }
}
