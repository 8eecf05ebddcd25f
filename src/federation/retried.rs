//! Servers that were to be tried again at once in this session. The server forgets then that anything
//! has failed there, which says nothing of whether the next try arrives: until one has failed or
//! arrived, how it goes with them is not known.

use super::health::{Health, is_failing};
use crate::api::federation::Destination;
use crate::api::tolerant::Timestamp;
use std::collections::HashMap;

/// After how long the server is asked again about one of which nothing is known yet, in milliseconds.
const AGAIN_MS: i64 = 30_000;

/// How it went with a server right before it was to be tried again.
struct BeforeRetry {
    failing_since: Option<Timestamp>,
    arrived: Option<i64>,
    /// When the server was last asked about it; `None` while it has not forgotten what failed.
    asked: Option<Timestamp>,
}

/// Those that are being tried again.
#[derive(Default)]
pub struct Retried {
    each: HashMap<String, BeforeRetry>,
}

impl Retried {
    /// This one, as it stands now, is about to be tried again.
    pub fn about(&mut self, server: &Destination) {
        // What failed before it was forgotten is remembered.
        if !is_failing(server) && self.each.contains_key(server.name.as_str()) {
            return;
        }
        let before = BeforeRetry {
            failing_since: server.failure_ts,
            arrived: server.last_successful_stream_ordering,
            asked: None,
        };
        self.each.insert(server.name.to_string(), before);
    }

    /// The server has forgotten what failed there, and tries it again.
    pub fn begun(&mut self, name: &str, now: Timestamp) {
        if let Some(before) = self.each.get_mut(name) {
            before.asked = Some(now);
        }
    }

    /// How it goes with a server as it was told `now`. Also whether this ends that nobody knows it.
    pub fn health(&mut self, server: &Destination, now: Timestamp) -> (Health, bool) {
        let told = Health::of(server, now);
        let name = server.name.as_str();
        let Some(before) = self.each.get(name) else {
            return (told, false);
        };
        // Where the answer was lost, a failure that is gone was forgotten.
        if before.asked.is_none() && (is_failing(server) || before.failing_since.is_none()) {
            return (told, false);
        }
        let is_news = match is_failing(server) {
            // What was told before it was to be tried again is no news.
            true => server.failure_ts > before.failing_since,
            false => server.last_successful_stream_ordering > before.arrived,
        };
        if is_news {
            self.each.remove(name);
        }
        match is_news || is_failing(server) {
            true => (told, is_news),
            false => (Health::Retried, false),
        }
    }

    /// The server was asked about this one.
    pub fn asked(&mut self, name: &str, now: Timestamp) {
        if let Some(asked) = self.each.get_mut(name).and_then(|it| it.asked.as_mut()) {
            *asked = now;
        }
    }

    /// The server knows this one no more.
    pub fn gone(&mut self, name: &str) {
        self.each.remove(name);
    }

    /// Of how many it is not known how it goes with them.
    pub fn unknown(&self) -> u64 {
        self.each.values().filter(|it| it.asked.is_some()).count() as u64
    }

    /// Those of which it is time to ask again.
    pub fn due(&self, now: Timestamp) -> Vec<String> {
        let is_due = |it: &BeforeRetry| it.asked.is_some_and(|asked| now.0 - asked.0 >= AGAIN_MS);
        let due = self.each.iter().filter(|(_, it)| is_due(it));
        let mut names: Vec<String> = due.map(|(name, _)| name.clone()).collect();
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ServerName;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn server(failure: Option<i64>, arrived: Option<i64>) -> Destination {
        Destination {
            name: ServerName::parse("a.org").unwrap(),
            retry_last_ts: failure.map(Timestamp),
            retry_interval: failure.map_or(0, |_| 600_000),
            failure_ts: failure.map(Timestamp),
            last_successful_stream_ordering: arrived,
        }
    }

    /// One that had failed since 5 and had got to 7, and is being tried again.
    fn retried() -> Retried {
        let mut retried = Retried::default();
        retried.about(&server(Some(5), Some(7)));
        retried.begun("a.org", NOW);
        retried
    }

    #[test]
    fn a_forgotten_failure_is_no_arrival() {
        let mut retried = retried();
        let forgotten = server(None, Some(7));
        assert_eq!(retried.health(&forgotten, NOW), (Health::Retried, false));
        assert_eq!(retried.unknown(), 1);
        assert!(!Health::Retried.is_failing());
        // What was told before says nothing of it.
        let (before, is_news) = retried.health(&server(Some(5), Some(7)), NOW);
        assert!(before.is_failing() && !is_news);
        assert_eq!(retried.unknown(), 1);
        // Nothing has ever arrived there: neither has anything now.
        let mut never = Retried::default();
        never.about(&server(Some(5), None));
        never.begun("a.org", NOW);
        assert_eq!(never.health(&server(None, None), NOW).0, Health::Retried);
        assert_eq!(
            never.health(&server(None, Some(1)), NOW),
            (Health::Reachable, true)
        );
    }

    #[test]
    fn what_arrives_or_fails_later_is_known() {
        let mut arrives = retried();
        let arrived = server(None, Some(8));
        assert_eq!(arrives.health(&arrived, NOW), (Health::Reachable, true));
        assert_eq!(arrives.unknown(), 0);
        assert_eq!(arrives.health(&arrived, NOW), (Health::Reachable, false));
        let mut fails = retried();
        let (health, is_news) = fails.health(&server(Some(9), Some(7)), NOW);
        assert!(health.is_failing() && is_news);
        // What comes after that failure is as it is told.
        let (health, _) = fails.health(&server(None, Some(7)), NOW);
        assert_eq!(health, Health::Reachable);
    }

    #[test]
    fn without_an_answer_nothing_has_changed() {
        let mut retried = Retried::default();
        retried.about(&server(Some(5), Some(7)));
        let (health, is_news) = retried.health(&server(Some(5), Some(7)), NOW);
        assert!(health.is_failing() && !is_news);
        assert_eq!(retried.unknown(), 0);
        // The answer was lost: what had failed is forgotten, and nothing has arrived.
        let (health, is_news) = retried.health(&server(None, Some(7)), NOW);
        assert_eq!((health, is_news), (Health::Retried, false));
        retried.begun("b.org", NOW);
        assert_eq!(retried.unknown(), 0);
    }

    #[test]
    fn what_is_tried_again_twice_is_not_reached_by_that() {
        let mut retried = retried();
        retried.about(&server(None, Some(7)));
        assert_eq!(
            retried.health(&server(None, Some(7)), NOW).0,
            Health::Retried
        );
        // A list that was read before is no news.
        let (_, is_news) = retried.health(&server(Some(3), Some(7)), NOW);
        assert!(!is_news);
        assert_eq!(retried.unknown(), 1);
    }

    #[test]
    fn asked_again_after_a_while() {
        let mut retried = retried();
        assert!(retried.due(NOW).is_empty());
        let later = Timestamp(NOW.0 + AGAIN_MS);
        assert_eq!(retried.due(later), ["a.org"]);
        retried.asked("a.org", later);
        assert!(retried.due(later).is_empty());
        retried.gone("a.org");
        assert_eq!(retried.unknown(), 0);
    }
}
