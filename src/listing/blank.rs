//! Where rows stand that have nothing to be ordered by.
//!
//! With SQLite they stand before the smallest, with PostgreSQL behind the largest, and no server can
//! be asked for another way. Pages of its answers fit together only as they come, so it is the
//! lists that are sorted here that follow: one does not turn over because a filter was set.
//!
//! This is about what is known to be nothing: a room without a name. What is not known stands last
//! whichever the way ([`Known::compare`](crate::known::Known::compare)).

use crate::api::rooms::{ListRooms, Room, order};
use std::cmp::Ordering;

/// Where nothing stands among values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Blank {
    /// Before the smallest, as with SQLite.
    #[default]
    First,
    /// Behind the largest, as with PostgreSQL.
    Last,
}

impl Blank {
    /// Which comes first in ascending order.
    ///
    /// ```
    /// use std::cmp::Ordering;
    /// use synapse_admin::listing::blank::Blank;
    /// assert_eq!(Blank::First.compare(&None, &Some(1)), Ordering::Less);
    /// assert_eq!(Blank::Last.compare(&None, &Some(1)), Ordering::Greater);
    /// ```
    pub fn compare<T: Ord>(self, a: &Option<T>, b: &Option<T>) -> Ordering {
        match (a.is_none(), b.is_none()) {
            (true, false) if self == Blank::Last => Ordering::Greater,
            (false, true) if self == Blank::Last => Ordering::Less,
            _ => a.cmp(b),
        }
    }

    /// What the first and the last row tell, by whether they have nothing. `None` where either both
    /// have or both lack it.
    pub fn told(first: bool, last: bool) -> Option<Blank> {
        match (first, last) {
            (true, false) => Some(Blank::First),
            (false, true) => Some(Blank::Last),
            _ => None,
        }
    }
}

/// How to learn it: something that some rooms have and others lack.
pub struct Probe {
    order: &'static str,
    /// Whether a room lacks it.
    pub is_blank: fn(&Room) -> bool,
}

impl Probe {
    /// Direct chats have no main address; where they are all there is, some may have a name or be
    /// encrypted.
    pub const ALL: [Probe; 3] = [
        Probe {
            order: order::ALIAS,
            is_blank: |room| room.canonical_alias.is_none(),
        },
        Probe {
            order: order::NAME,
            is_blank: |room| room.name.is_none(),
        },
        Probe {
            order: order::ENCRYPTION,
            is_blank: |room| room.encryption.is_none(),
        },
    ];

    /// Asks for the first and for the last room.
    pub fn questions(&self) -> [ListRooms; 2] {
        [false, true].map(|descending| ListRooms {
            limit: 1,
            order_by: Some(self.order),
            descending,
            ..ListRooms::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn values_are_in_order_and_blanks_are_at_their_end(
            mut all in prop::collection::vec(prop::option::of(0_u8..5), 0..30), last: bool,
        ) {
            let blank = if last { Blank::Last } else { Blank::First };
            all.sort_by(|a, b| blank.compare(a, b));
            let values: Vec<u8> = all.iter().flatten().copied().collect();
            prop_assert!(values.is_sorted());
            let gap = all.len() - values.len();
            let (head, tail) = all.split_at(if last { values.len() } else { gap });
            let nothing = if last { tail } else { head };
            prop_assert!(nothing.iter().all(Option::is_none));
        }
    }

    #[test]
    fn only_a_difference_tells() {
        assert_eq!(Blank::told(true, false), Some(Blank::First));
        assert_eq!(Blank::told(false, true), Some(Blank::Last));
        assert_eq!(Blank::told(true, true), None);
        assert_eq!(Blank::told(false, false), None);
    }
}
