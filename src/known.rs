//! What is known, and what is not: the kind of value by which accounts and rooms are filtered,
//! sorted, shown and exported. No browser, no requests.
//!
//! What no server tells is neither "no" nor "never" nor 0. [`Known`] keeps it apart: as a value of
//! its own it can be looked for ([`Wanted::Unknown`]), stands behind all others whichever way rows
//! are sorted ([`Known::compare`]), is shown as a dash that says why, and is empty in a file.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;

/// Why something is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Why {
    /// The server has no record of it, or none any more.
    NoRecord,
    /// This version of the server does not tell it.
    TooOld,
    /// It is decided elsewhere: with Matrix Authentication Service, who administers.
    Elsewhere,
    /// It is told one by one only, and has not been asked for.
    NotAsked,
    /// It was asked for, and the server did not say.
    Silent,
}

/// A value, or that it is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Known<T> {
    Is(T),
    Unknown(Why),
}

impl<T> Known<T> {
    /// What may be missing for this reason.
    pub fn or(value: Option<T>, why: Why) -> Self {
        value.map_or(Known::Unknown(why), Known::Is)
    }

    /// The value, where it is known.
    pub fn value(self) -> Option<T> {
        match self {
            Known::Is(value) => Some(value),
            Known::Unknown(_) => None,
        }
    }

    /// What is made of the value, if it is known; why not stays as it is.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Known::Is(value) => Known::Is(make(value)),
            Known::Unknown(why) => Known::Unknown(why),
        }
    }
}

impl<T: Ord> Known<T> {
    /// Which comes first: by value, the other way round if `descending`; unknown ones last, whichever
    /// way.
    pub fn compare(&self, other: &Self, descending: bool) -> Ordering {
        match (self, other) {
            (Known::Is(a), Known::Is(b)) if descending => b.cmp(a),
            (Known::Is(a), Known::Is(b)) => a.cmp(b),
            (Known::Is(_), Known::Unknown(_)) => Ordering::Less,
            (Known::Unknown(_), Known::Is(_)) => Ordering::Greater,
            (Known::Unknown(_), Known::Unknown(_)) => Ordering::Equal,
        }
    }
}

/// What a filter asks of something that is so or not, or not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    Is(bool),
    Unknown,
}

/// [`Wanted::Unknown`] as an address has it.
pub const UNKNOWN: &str = "unknown";

impl Wanted {
    /// Reads `true`, `false` and [`UNKNOWN`]; nothing else asks for anything.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "true" => Some(Wanted::Is(true)),
            "false" => Some(Wanted::Is(false)),
            UNKNOWN => Some(Wanted::Unknown),
            _ => None,
        }
    }

    /// Whether this is what is asked for. What is not known is neither so nor not so.
    pub fn finds(self, known: Known<bool>) -> bool {
        match (self, known) {
            (Wanted::Is(wanted), Known::Is(found)) => wanted == found,
            (Wanted::Unknown, Known::Unknown(_)) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn some() -> impl Strategy<Value = Known<u8>> {
        prop_oneof![
            (0_u8..5).prop_map(Known::Is),
            Just(Known::Unknown(Why::NoRecord)),
            Just(Known::Unknown(Why::Silent)),
        ]
    }

    proptest! {
        #[test]
        fn unknown_stands_last_in_both_directions(
            mut all in prop::collection::vec(some(), 0..30), descending: bool,
        ) {
            all.sort_by(|a, b| a.compare(b, descending));
            let known: Vec<u8> = all.iter().map_while(|one| one.value()).collect();
            let count = all.iter().filter(|one| one.value().is_some()).count();
            prop_assert_eq!(known.len(), count);
            let in_order = |pair: &[u8]| match descending {
                true => pair[0] >= pair[1],
                false => pair[0] <= pair[1],
            };
            prop_assert!(known.windows(2).all(in_order));
        }

        #[test]
        fn every_value_is_found_by_exactly_one_question(is: Option<bool>) {
            let known = Known::or(is, Why::NoRecord);
            let all = ["true", "false", UNKNOWN];
            let asked = all.into_iter().filter_map(Wanted::parse);
            prop_assert_eq!(asked.filter(|wanted| wanted.finds(known)).count(), 1);
        }
    }

    #[test]
    fn what_an_address_makes_up_asks_for_nothing() {
        assert_eq!(Wanted::parse("maybe"), None);
        assert_eq!(Known::Is(3).map(|n| n + 1), Known::Is(4));
    }
}
