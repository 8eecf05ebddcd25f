//! The list of other servers: what to ask the server, and what to answer ourselves.

use crate::api::federation::{Destination, ListDestinations, order};
use crate::listing::search::is_sure;
use crate::listing::sort::sort_by;
use crate::listing::{Search, page_of};
use crate::sort_keys;
use std::cmp::Ordering;

sort_keys! {
    /// What the list of servers can be sorted by.
    DestinationOrder {
        Name: order::DESTINATION,
        FailingSince: order::FAILURE,
        LastTry: order::RETRY_LAST,
        Wait: order::RETRY_INTERVAL,
    }
}

/// What is asked of the list of servers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// A part of the name; more as [`Search`] describes.
    pub search: String,
    /// Those that are not known to be reached, or those that are; `None` is no filter.
    pub failing: Option<bool>,
    /// By name if not given.
    pub order_by: Option<DestinationOrder>,
    pub descending: bool,
    pub from: u64,
    pub limit: u64,
}

impl Question {
    /// This question in the words of the server, unless it goes beyond them.
    pub fn for_server(&self) -> Option<ListDestinations> {
        let searched = Search::parse(&self.search);
        let search = searched.plain()?;
        let beyond = self.failing.is_some()
            || !search.is_ascii()
            || !is_sure(search)
            // PostgreSQL has those without a value among the largest, SQLite among the smallest;
            // and those that are well have 0 once they have failed before.
            || self.order_by.is_some_and(|key| key != DestinationOrder::Name);
        (!beyond).then(|| ListDestinations {
            from: self.from,
            limit: self.limit,
            search: (!search.is_empty()).then(|| search.to_owned()),
            order_by: self.order_by.map(DestinationOrder::key),
            descending: self.descending,
        })
    }

    /// Answers from the whole list: the page, and how many match on all pages. `is_waited_for` knows
    /// those where something has failed and nothing is known to have arrived since.
    pub fn answer(
        &self,
        all: &[Destination],
        is_waited_for: &dyn Fn(&Destination) -> bool,
    ) -> (Vec<Destination>, u64) {
        let found = self.matching(all, is_waited_for);
        let mut found: Vec<Destination> = found.into_iter().cloned().collect();
        self.sort(&mut found);
        page_of(found, self.from, self.limit.max(1))
    }

    /// Puts servers into the order that is asked for; those that have nothing to be ordered by
    /// come last, whichever the way.
    pub fn sort(&self, servers: &mut Vec<Destination>) {
        let key = self.order_by.unwrap_or(DestinationOrder::Name);
        sort_by(servers, |a, b| {
            let way = |ordering: Ordering| match self.descending {
                true => ordering.reverse(),
                false => ordering,
            };
            let by_key = match (value(a, key), value(b, key)) {
                (Some(a), Some(b)) => way(a.cmp(&b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            };
            let by_name = a.name.cmp(&b.name);
            match key {
                DestinationOrder::Name => way(by_name),
                DestinationOrder::FailingSince
                | DestinationOrder::LastTry
                | DestinationOrder::Wait => by_key.then(by_name),
            }
        });
    }

    /// All servers that match, in the order of the list.
    pub fn matching<'a>(
        &self,
        all: &'a [Destination],
        is_waited_for: &dyn Fn(&Destination) -> bool,
    ) -> Vec<&'a Destination> {
        let search = Search::parse(&self.search);
        let found = |server: &&Destination| {
            self.failing
                .is_none_or(|wanted| wanted == is_waited_for(server))
                && (search.is_empty() || search.finds_in(server.name.as_str()))
        };
        all.iter().filter(found).collect()
    }
}

/// What a server is ordered by.
fn value(server: &Destination, key: DestinationOrder) -> Option<i64> {
    match key {
        DestinationOrder::Name => None,
        DestinationOrder::LastTry => server.retry_last_ts.map(|at| at.0),
        DestinationOrder::Wait => match server.retry_interval {
            0 => None,
            wait => i64::try_from(wait).ok(),
        },
        DestinationOrder::FailingSince => server.failure_ts.map(|at| at.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ServerName;
    use crate::api::tolerant::Timestamp;
    use crate::federation::health::is_failing;

    fn server(name: &str, failed: Option<i64>) -> Destination {
        Destination {
            name: ServerName::parse(name).unwrap(),
            retry_last_ts: failed.map(|at| Timestamp(at + 5)),
            retry_interval: failed.map_or(0, |_| 600_000),
            failure_ts: failed.map(Timestamp),
            last_successful_stream_ordering: None,
        }
    }

    fn names(change: impl Fn(&mut Question)) -> Vec<String> {
        let mut question = Question {
            limit: 10,
            ..Default::default()
        };
        change(&mut question);
        let all = [
            server("b.org", Some(7)),
            server("c.org", None),
            server("a.net", Some(9)),
            server("d.net", None),
        ];
        let (found, total) = question.answer(&all, &is_failing);
        assert!(total >= found.len() as u64);
        found.iter().map(|server| server.name.to_string()).collect()
    }

    #[test]
    fn filtered_and_sorted() {
        assert_eq!(names(|_| ()), ["a.net", "b.org", "c.org", "d.net"]);
        assert_eq!(names(|q| q.failing = Some(true)), ["a.net", "b.org"]);
        assert_eq!(names(|q| q.failing = Some(false)), ["c.org", "d.net"]);
        assert_eq!(names(|q| q.search = "ORG".into()), ["b.org", "c.org"]);
        assert_eq!(names(|q| q.search = "!net !b.".into()), ["c.org"]);
        assert_eq!(names(|q| q.descending = true)[0], "d.net");
        let by_failure = |descending| {
            names(|q| {
                q.order_by = Some(DestinationOrder::FailingSince);
                q.descending = descending;
            })
        };
        // Those that are well come last, whichever the way.
        assert_eq!(by_failure(false), ["b.org", "a.net", "c.org", "d.net"]);
        assert_eq!(by_failure(true), ["a.net", "b.org", "c.org", "d.net"]);
        let second = names(|q| (q.from, q.limit) = (1, 2));
        assert_eq!(second, ["b.org", "c.org"]);
    }

    #[test]
    fn questions_for_the_server_and_for_us() {
        let asks = |change: fn(&mut Question)| {
            let mut question = Question::default();
            change(&mut question);
            question.for_server().is_some()
        };
        assert!(asks(|_| ()));
        assert!(asks(|q| q.search = "example".into()));
        assert!(asks(|q| q.descending = true));
        assert!(!asks(|q| q.search = "münchen".into()));
        assert!(!asks(|q| q.search = "a_b".into()));
        assert!(!asks(|q| q.search = "a\\b".into()));
        assert!(!asks(|q| q.search = "!example".into()));
        assert!(!asks(|q| q.failing = Some(true)));
        assert!(!asks(|q| q.order_by = Some(DestinationOrder::FailingSince)));
    }
}
