//! The list of other servers: what to ask the server, and what to answer ourselves.

use super::health::is_failing;
use crate::api::ApiError;
use crate::api::exchange::Patient;
use crate::api::federation::{self, Destination, ListDestinations, order};
use crate::listing::Search;
use crate::listing::sort::sort_by;
use std::cmp::Ordering;

/// How many servers one page has when all are read.
const PAGE: u64 = 1000;

/// What is asked of the list of servers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// A part of the name; more as [`Search`] describes.
    pub search: String,
    /// Those that cannot be reached, or those that can; `None` is no filter.
    pub failing: Option<bool>,
    /// One of [`order`]; by name if not given.
    pub order_by: Option<&'static str>,
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
            // LIKE knows these as wildcards; a person does not.
            || search.contains(['%', '_'])
            // PostgreSQL has those without a value among the largest, SQLite among the smallest;
            // and those that are well have 0 once they have failed before.
            || self.order_by.is_some_and(|key| key != order::DESTINATION);
        (!beyond).then(|| ListDestinations {
            from: self.from,
            limit: self.limit,
            search: (!search.is_empty()).then(|| search.to_owned()),
            order_by: self.order_by,
            descending: self.descending,
        })
    }

    /// Answers from the whole list: the page, and how many match on all pages.
    pub fn answer(&self, all: &[Destination]) -> (Vec<Destination>, u64) {
        let mut found: Vec<Destination> = self.matching(all).into_iter().cloned().collect();
        self.sort(&mut found);
        let total = found.len() as u64;
        let from = self.from.min(total) as usize;
        let limit = usize::try_from(self.limit.max(1)).unwrap_or(usize::MAX);
        (found.into_iter().skip(from).take(limit).collect(), total)
    }

    /// Puts servers into the order that is asked for; those that have nothing to be ordered by
    /// come last, whichever the way.
    pub fn sort(&self, servers: &mut Vec<Destination>) {
        let key = self.order_by.unwrap_or(order::DESTINATION);
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
                order::DESTINATION => way(by_name),
                _ => by_key.then(by_name),
            }
        });
    }

    /// All servers that match, in the order of the list.
    pub fn matching<'a>(&self, all: &'a [Destination]) -> Vec<&'a Destination> {
        let search = Search::parse(&self.search);
        let found = |server: &&Destination| {
            self.failing
                .is_none_or(|wanted| wanted == is_failing(server))
                && (search.is_empty() || search.finds_in(server.name.as_str()))
        };
        all.iter().filter(found).collect()
    }
}

/// What a server is ordered by.
fn value(server: &Destination, key: &str) -> Option<i64> {
    match key {
        order::RETRY_LAST => server.retry_last_ts.map(|at| at.0),
        order::RETRY_INTERVAL => match server.retry_interval {
            0 => None,
            wait => i64::try_from(wait).ok(),
        },
        order::FAILURE => server.failure_ts.map(|at| at.0),
        order::LAST_SUCCESSFUL => server.last_successful_stream_ordering,
        _ => None,
    }
}

/// Reads all that a question for the server finds, by name. `report` hears how many are read and
/// how many there are. Dropping the future cancels it.
pub async fn read_matching(
    server: Patient<'_>,
    asked: &ListDestinations,
    report: &dyn Fn(u64, u64),
) -> Result<Vec<Destination>, ApiError> {
    let ask = |from| {
        federation::destinations(&ListDestinations {
            from,
            limit: PAGE,
            // Other orders change while we read.
            order_by: Some(order::DESTINATION),
            descending: false,
            ..asked.clone()
        })
    };
    server.all_pages(ask, report).await
}

/// Reads all servers, as [`read_matching`] does.
pub async fn read_all(
    server: Patient<'_>,
    report: &dyn Fn(u64, u64),
) -> Result<Vec<Destination>, ApiError> {
    read_matching(server, &ListDestinations::default(), report).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ServerName;
    use crate::api::tolerant::Timestamp;

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
        let (found, total) = question.answer(&all);
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
                q.order_by = Some(order::FAILURE);
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
        assert!(!asks(|q| q.search = "!example".into()));
        assert!(!asks(|q| q.failing = Some(true)));
        assert!(!asks(|q| q.order_by = Some(order::FAILURE)));
    }
}
