//! How many other servers cannot be reached, without reading the list of them.
//!
//! Synapse sorts by when a server began to fail, and has no value for those that are well: they
//! stand at one end, which one depends on the database. So the border between both is looked for,
//! which takes two questions on most servers, and some fifteen on one that knows 20,000.

use crate::api::ApiError;
use crate::api::exchange::Patient;
use crate::api::federation::{self, ListDestinations, order};
use crate::federation::health::is_failing;

/// How many servers one question answers with. Who has fewer that fail needs no more questions.
const PAGE: u64 = 100;

/// What keeps the server's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatabaseKind {
    PostgreSql,
    Sqlite,
}

/// How it goes with the other servers, all together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reachability {
    /// How many cannot be reached.
    pub failing: u64,
    /// How many this server has had something to send to.
    pub of: u64,
    /// By the end of the list at which those stand that are well; `None` while all are well, or
    /// none is.
    pub database: Option<DatabaseKind>,
}

/// Counts the servers that cannot be reached.
///
/// # Errors
///
/// What a question ends with.
pub async fn health(server: Patient<'_>) -> Result<Reachability, ApiError> {
    let ask = |from, limit, descending| {
        server.send(federation::destinations(&ListDestinations {
            from,
            limit,
            order_by: Some(order::FAILURE),
            descending,
            ..Default::default()
        }))
    };
    let mut descending = false;
    let mut page = ask(0, PAGE, descending).await?;
    let of = page.total;
    if page
        .destinations
        .first()
        .is_some_and(|first| !is_failing(first))
    {
        // Here those that are well come first. The other way round they come last.
        descending = true;
        page = ask(0, PAGE, descending).await?;
    }
    let mut failing = page
        .destinations
        .iter()
        .take_while(|one| is_failing(one))
        .count() as u64;
    if failing == page.destinations.len() as u64 {
        // The first that is well stands somewhere behind the page, if there is one.
        let mut well = of.max(failing);
        while failing < well {
            let middle = failing + (well - failing) / 2;
            let one = ask(middle, 1, descending).await?.destinations;
            match one.first().is_some_and(is_failing) {
                true => failing = middle + 1,
                false => well = middle,
            }
        }
    }
    let database = match descending {
        _ if failing == 0 || failing == of => None,
        true => Some(DatabaseKind::Sqlite),
        false => Some(DatabaseKind::PostgreSql),
    };
    Ok(Reachability {
        failing,
        of,
        database,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::exchange::{Clock, Network, Random};
    use crate::api::{Answer, Call};
    use futures_util::FutureExt;
    use futures_util::future::LocalBoxFuture;
    use proptest::prelude::*;
    use std::cell::Cell;

    /// A server that knows so many others, of which some fail.
    struct Server {
        failing: u64,
        well: u64,
        /// Whether those without a value count as the largest.
        is_postgresql: bool,
        asked: Cell<u64>,
    }

    impl Network for Server {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            self.asked.set(self.asked.get() + 1);
            let value = |name: &str| {
                let found = call.query.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| value.clone()).unwrap()
            };
            assert_eq!(value("order_by"), "failure_ts");
            let failing_last = (value("dir") == "b") == self.is_postgresql;
            let of = self.failing + self.well;
            let (from, limit): (u64, u64) = (
                value("from").parse().unwrap(),
                value("limit").parse().unwrap(),
            );
            let rows: Vec<String> = (from..of.min(from + limit))
                .map(|at| {
                    let fails = match failing_last {
                        true => at >= self.well,
                        false => at < self.failing,
                    };
                    let since = if fails { "17" } else { "null" };
                    format!(
                        r#"{{"destination":"s{at}.org","retry_last_ts":0,"retry_interval":0,"failure_ts":{since},"last_successful_stream_ordering":null}}"#
                    )
                })
                .collect();
            let body = format!(r#"{{"destinations":[{}],"total":{of}}}"#, rows.join(","));
            let answer = Answer {
                status: 200,
                content_type: "application/json".to_owned(),
                body: body.into_bytes(),
                retry_after_ms: None,
                moved_to: None,
            };
            async move { Ok(answer) }.boxed_local()
        }
    }

    struct Still;

    impl Clock for Still {
        fn now_ms(&self) -> u64 {
            0
        }
        fn wall_ms(&self) -> i64 {
            0
        }
        fn sleep(&self, _: u64) -> LocalBoxFuture<'static, ()> {
            async {}.boxed_local()
        }
    }

    impl Random for Still {
        fn fill(&self, _: &mut [u8]) {}
    }

    fn counted(failing: u64, well: u64, is_postgresql: bool) -> (Reachability, u64) {
        let server = Server {
            failing,
            well,
            is_postgresql,
            asked: Cell::new(0),
        };
        let patient = Patient {
            network: &server,
            clock: &Still,
            random: &Still,
        };
        let health = health(patient).now_or_never().unwrap().unwrap();
        (health, server.asked.get())
    }

    #[test]
    fn few_questions_do() {
        for is_postgresql in [true, false] {
            assert_eq!(counted(0, 0, is_postgresql), (Reachability::default(), 1));
            assert!(counted(7, 20_000, is_postgresql).1 <= 2);
            assert!(counted(4_321, 20_000, is_postgresql).1 <= 18);
        }
        assert_eq!(
            counted(2, 3, true).0.database,
            Some(DatabaseKind::PostgreSql)
        );
        assert_eq!(counted(2, 3, false).0.database, Some(DatabaseKind::Sqlite));
        assert_eq!(counted(0, 3, false).0.database, None);
        assert_eq!(counted(3, 0, true).0.database, None);
    }

    proptest! {
        #[test]
        fn all_that_fail_are_counted(failing in 0_u64..400, well in 0_u64..400, is_postgresql: bool) {
            let (health, _) = counted(failing, well, is_postgresql);
            prop_assert_eq!((health.failing, health.of), (failing, failing + well));
        }
    }
}
