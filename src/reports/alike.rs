//! What else has been reported of the same event, person or room: what is dealt with once is
//! dismissed together.

use super::Report;

/// In what reports are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Alike {
    /// They are about the same event.
    Event,
    /// They are about the same person, or what the same person sent.
    Accused,
    /// It happened in the same room.
    Room,
    /// The same person has reported.
    Reporter,
}

impl Alike {
    /// Whether two reports are. What is not known is like nothing.
    pub fn holds(self, a: &Report, b: &Report) -> bool {
        fn same<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
            a.is_some() && a == b
        }
        match self {
            Alike::Event => same(a.event(), b.event()),
            Alike::Accused => same(a.accused(), b.accused()),
            Alike::Room => same(a.room(), b.room()),
            Alike::Reporter => a.reporter == b.reporter,
        }
    }

    /// All reports that are like this one, itself among them, in their order. None if what they
    /// would be alike in is not known of this one.
    pub fn of(self, report: &Report, all: &[Report]) -> Vec<Report> {
        let alike = all.iter().filter(|other| self.holds(report, other));
        alike.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reports::query::tests::{event, user};

    #[test]
    fn of_the_same_event_person_room_and_reporter() {
        let all = [
            event(1, "a", "$1", Some("x"), "r"),
            event(2, "b", "$1", Some("x"), "r"),
            event(3, "a", "$2", Some("x"), "s"),
            event(4, "a", "$3", None, "s"),
            event(5, "b", "$4", None, "r"),
            user(6, "a", "x"),
        ];
        let ids = |alike: Alike, at: usize| -> Vec<u64> {
            let found = alike.of(&all[at], &all);
            found.iter().map(|report| report.id).collect()
        };
        assert_eq!(ids(Alike::Event, 0), [1, 2]);
        assert_eq!(ids(Alike::Accused, 0), [1, 2, 3, 6]);
        assert_eq!(ids(Alike::Room, 0), [1, 2, 5]);
        assert_eq!(ids(Alike::Reporter, 0), [1, 3, 4, 6]);
        // Who sent what is gone is not known, and so are not the same.
        assert_eq!(ids(Alike::Accused, 3), [0_u64; 0]);
        assert_eq!(ids(Alike::Event, 5), [0_u64; 0]);
        assert_eq!(ids(Alike::Room, 5), [0_u64; 0]);
    }
}
