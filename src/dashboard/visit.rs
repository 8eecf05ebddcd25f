//! What the browser remembers of the dashboard: the figures of the last visit, and how long each
//! question took. Counts and times, nothing of what they count.

use crate::api::tolerant::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A question that took so long the last time is asked only when somebody wants it asked, in
/// milliseconds.
pub const DEAR_MS: u64 = 1_500;

/// Who was away for so long is on another visit, in milliseconds.
const AWAY_MS: i64 = 8 * 60 * 60 * 1000;

/// A short text by which the same one is known again, and from which nobody reads whose it is: what is
/// remembered stays after a log-out.
pub fn alias(whose: &str) -> String {
    format!("{:x}", hash(whose))
}

/// What a visit is known by: the session in which the dashboard is looked at, in whatever tab of the
/// browser. Those of versions before were known by when they began.
pub fn visit(session: &str) -> i64 {
    hash(session).cast_signed()
}

/// FNV-1a.
fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Figures by their names, and when the last of them was told, in milliseconds since 1970.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub at: i64,
    pub counts: BTreeMap<String, u64>,
}

/// What is remembered for one administrator of one homeserver.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeptFigures {
    /// The figures with which the visit before this one ended.
    pub before: Option<Figures>,
    /// The figures of this visit.
    latest: Figures,
    /// What this visit is known by.
    visit: i64,
    /// How long each question took the last time, in milliseconds.
    costs: BTreeMap<String, u64>,
}

impl KeptFigures {
    /// Somebody looks at the dashboard, on the visit that is known by `visit`. What another visit has
    /// left is what changes are told from.
    pub fn arrive(&mut self, visit: i64, now: Timestamp) {
        let was_away = now.0 - self.latest.at > AWAY_MS;
        if self.visit == visit && !was_away {
            return;
        }
        self.visit = visit;
        let left = std::mem::take(&mut self.latest);
        // Who left before there was an answer has seen nothing.
        if !left.counts.is_empty() {
            self.before = Some(left);
        }
    }

    /// Remembers a figure.
    pub fn count(&mut self, name: &str, count: u64, now: Timestamp) {
        self.latest.at = now.0;
        self.latest.counts.insert(name.to_owned(), count);
    }

    /// A figure of this visit, if it is known.
    pub fn now(&self, name: &str) -> Option<u64> {
        self.latest.counts.get(name).copied()
    }

    /// By how much a figure differs from that of the last visit; `None` if one of them is not known.
    pub fn change(&self, name: &str) -> Option<i64> {
        let before = *self.before.as_ref()?.counts.get(name)?;
        let now = *self.latest.counts.get(name)?;
        i64::try_from(i128::from(now) - i128::from(before)).ok()
    }

    /// How long a question took the last time, in milliseconds, if that was too long to ask it
    /// unasked.
    pub fn dear(&self, question: &str) -> Option<u64> {
        self.costs
            .get(question)
            .copied()
            .filter(|ms| *ms >= DEAR_MS)
    }

    /// Remembers how long a question took.
    pub fn took(&mut self, question: &str, ms: u64) {
        self.costs.insert(question.to_owned(), ms);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn at(hours: i64) -> Timestamp {
        Timestamp(1_700_000_000_000 + hours * HOUR)
    }

    #[test]
    fn changes_are_told_from_the_visit_before() {
        let mut kept = KeptFigures::default();
        kept.arrive(1, at(0));
        kept.count("users", 10, at(0));
        assert_eq!(kept.change("users"), None, "the first visit");
        // A reload is the same visit.
        kept.arrive(1, at(1));
        kept.count("users", 12, at(1));
        assert_eq!(kept.change("users"), None);
        kept.arrive(2, at(2));
        assert_eq!(kept.change("users"), None, "not counted yet");
        kept.count("users", 11, at(2));
        kept.count("rooms", 3, at(2));
        assert_eq!(kept.change("users"), Some(-1));
        assert_eq!(
            kept.change("rooms"),
            None,
            "nobody knows how many there were"
        );
        kept.arrive(2, at(3));
        assert_eq!(kept.change("users"), Some(-1), "a reload changes nothing");
        assert_eq!(
            kept.before.as_ref().map(|figures| figures.at),
            Some(at(1).0)
        );
    }

    #[test]
    fn two_tabs_of_a_session_are_one_visit() {
        let (session, other) = (
            visit(r#"["@a:b.org","ONE"]"#),
            visit(r#"["@a:b.org","TWO"]"#),
        );
        assert_ne!(session, other);
        let mut kept = KeptFigures::default();
        kept.arrive(other, at(0));
        kept.count("users", 10, at(0));
        kept.arrive(session, at(1));
        kept.count("users", 12, at(1));
        let json = serde_json::to_string(&kept).unwrap();
        let mut second: KeptFigures = serde_json::from_str(&json).unwrap();
        second.arrive(session, at(2));
        second.count("users", 13, at(2));
        assert_eq!(second.change("users"), Some(3));
        // The first one is looked at again, and has read what the second has kept.
        second.arrive(session, at(3));
        assert_eq!(second.change("users"), Some(3));
    }

    #[test]
    fn a_long_absence_ends_a_visit_and_a_glance_is_none() {
        let mut kept = KeptFigures::default();
        kept.arrive(1, at(0));
        kept.count("users", 10, at(0));
        kept.arrive(1, at(9));
        kept.count("users", 15, at(9));
        assert_eq!(kept.change("users"), Some(5));
        kept.arrive(2, at(10));
        kept.arrive(3, at(11));
        kept.count("users", 16, at(11));
        assert_eq!(kept.change("users"), Some(1));
    }

    #[test]
    fn an_alias_tells_people_apart_and_names_nobody() {
        assert_eq!(alias(""), "cbf29ce484222325");
        assert_eq!(
            alias("@jane:a.org https://a.org"),
            alias("@jane:a.org https://a.org")
        );
        assert_ne!(
            alias("@jane:a.org https://a.org"),
            alias("@jane:a.org https://b.org")
        );
    }

    #[test]
    fn what_took_long_is_dear() {
        let mut kept = KeptFigures::default();
        assert_eq!(kept.dear("users"), None);
        kept.took("users", DEAR_MS);
        assert_eq!(kept.dear("users"), Some(DEAR_MS));
        kept.took("users", 80);
        assert_eq!(kept.dear("users"), None);
    }

    #[test]
    fn what_is_kept_is_read_again_and_nonsense_is_not() {
        let mut kept = KeptFigures::default();
        kept.arrive(1, at(0));
        kept.count("users", 10, at(0));
        kept.took("users", 3);
        let json = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<KeptFigures>(&json).unwrap(), kept);
        assert_eq!(
            serde_json::from_str::<KeptFigures>("{}").unwrap(),
            KeptFigures::default()
        );
        assert!(serde_json::from_str::<KeptFigures>("[1]").is_err());
    }
}
