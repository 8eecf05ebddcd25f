//! The rooms in a text that somebody has pasted: a column of a table, a list from a chat, links.

use crate::address::identifier::{IdentifierKind, RoomOrAlias, kind};

/// A line in which no room was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongLine {
    /// Counts from 1.
    pub line: usize,
    pub text: String,
}

/// What a text holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pasted {
    /// Each room once, in the order of the text.
    pub rooms: Vec<RoomOrAlias>,
    /// Rooms that stand there again.
    pub repeated: usize,
    pub wrong: Vec<WrongLine>,
}

/// Reads the rooms of a text. IDs and aliases are found bare, in quotes, in lists with commas, in
/// the cells of a table and in links, several in a line or one; what else stands in a line with a
/// room is passed over, and so are empty lines and comments (`# why`).
///
/// ```
/// let pasted = synapse_admin::rooms::pasted::read("'!a:b.org', !c:d.org\nno room");
/// assert_eq!(pasted.rooms.len(), 2);
/// assert_eq!(pasted.wrong[0].line, 2);
/// ```
pub fn read(text: &str) -> Pasted {
    let mut pasted = Pasted::default();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line == "#" || line.starts_with("# ") {
            continue;
        }
        let found: Vec<RoomOrAlias> = line.split(ends).filter_map(room).collect();
        if found.is_empty() {
            pasted.wrong.push(WrongLine {
                line: number + 1,
                text: line.to_owned(),
            });
        }
        for room in found {
            match pasted.rooms.contains(&room) {
                true => pasted.repeated += 1,
                false => pasted.rooms.push(room),
            }
        }
    }
    pasted
}

/// What stands between the rooms of a line, and never in one.
fn ends(c: char) -> bool {
    c.is_whitespace()
        || matches!(
            c,
            ',' | ';' | '|' | '"' | '\'' | '`' | '<' | '>' | '(' | ')' | '{' | '}'
        )
}

fn room(word: &str) -> Option<RoomOrAlias> {
    // A server may be an IPv6 address in brackets of its own.
    let word = word
        .trim_start_matches(['[', '='])
        .trim_end_matches(['.', ':']);
    let plain = word.strip_suffix(']').filter(|word| !word.contains('['));
    match kind(plain.unwrap_or(word)) {
        IdentifierKind::Room(room) => Some(room),
        IdentifierKind::Event {
            room: Some(room), ..
        } => Some(room),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rooms(text: &str) -> Vec<String> {
        let pasted = read(text);
        assert_eq!(pasted.wrong, [], "{text}");
        pasted.rooms.iter().map(RoomOrAlias::to_string).collect()
    }

    #[test]
    fn rooms_stand_in_a_text_in_many_ways() {
        for text in [
            "!a:b.org",
            "  \"!a:b.org\",",
            "- !a:b.org (spam)",
            "2024-11-02;'!a:b.org';reported twice",
            "| !a:b.org | 3 members |",
            "[\"!a:b.org\"]",
            "<https://matrix.to/#/!a:b.org?via=b.org&via=c.org>",
            "https://matrix.to/#/%21a%3Ab.org",
            "https://matrix.to/#/!a:b.org/$event:b.org?via=b.org",
            "matrix:roomid/a:b.org?via=b.org",
            "room !a:b.org.",
            "\u{feff}!a:b.org",
        ] {
            assert_eq!(rooms(text), ["!a:b.org"], "{text}");
        }
        assert_eq!(rooms("!a:[2001:db8::1]:8448"), ["!a:[2001:db8::1]:8448"]);
        assert_eq!(rooms("#spam:b.org, !x:y.org"), ["#spam:b.org", "!x:y.org"]);
        let hash = "!abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ";
        assert_eq!(rooms(hash), [hash]);
    }

    #[test]
    fn what_is_no_room_is_named_by_its_line() {
        let pasted = read("# my list\n\n!a:b.org !a:b.org\n!nope\n@jane:b.org\n!a:b.org\n");
        assert_eq!((pasted.rooms.len(), pasted.repeated), (1, 2));
        let lines: Vec<usize> = pasted.wrong.iter().map(|wrong| wrong.line).collect();
        assert_eq!(lines, [4, 5]);
        assert_eq!(pasted.wrong[0].text, "!nope");
    }

    proptest! {
        #[test]
        fn any_text_can_be_pasted(text in "(\\PC|\n|!a:b\\.org){0,60}") {
            let pasted = read(&text);
            prop_assert!(pasted.wrong.len() <= text.lines().count());
        }

        #[test]
        fn none_is_lost_and_none_is_there_twice(
            numbers in proptest::collection::vec(0_u32..40, 0..60),
            between in prop_oneof![Just("\n"), Just(", "), Just("; "), Just("\" \""), Just("\t")],
        ) {
            let ids: Vec<String> = numbers.iter().map(|n| format!("!r{n}:b.org")).collect();
            let pasted = read(&ids.join(between));
            let mut distinct = numbers.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assert_eq!(pasted.rooms.len(), distinct.len());
            prop_assert_eq!(pasted.repeated, numbers.len() - distinct.len());
        }
    }
}
