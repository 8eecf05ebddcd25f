//! Readings of many requests, that outlast a server which is away for a while.
//!
//! A single question that finds no answer is asked again by whoever sees the failure. A reading that has
//! come far must not lose what it has read because a server restarts: once one of its requests has been
//! answered, each that is not is sent again until it is, or until nobody waits any more and the
//! future is dropped.

use crate::api::exchange::{Clock, Network, Random, backoff_ms};
use crate::api::{Answer, ApiError, Call};
use crate::runner::ping_for;
use std::cell::Cell;

/// How often a request is sent at most that fails although the server is there: it may be this one
/// that is too much for it, or that a proxy does not let through.
const TRIES: u32 = 4;

/// How often the server is asked whether it is there before whoever waits hears why: most gaps are
/// over by then.
const SILENT_PINGS: u32 = 2;

/// Hears why it does not go on, and `None` when it does.
pub type Heard<'a> = &'a dyn Fn(Option<&ApiError>);

/// What has been told is taken back however the waiting ends.
struct Told<'a> {
    heard: Heard<'a>,
    is_told: bool,
}

impl Told<'_> {
    fn tell(&mut self, error: &ApiError) {
        (self.heard)(Some(error));
        self.is_told = true;
    }
}

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if self.is_told {
            (self.heard)(None);
        }
    }
}

/// Sends a request of a reading. `begun` is shared by its requests: whether one of them has been
/// answered. Only what is idempotent is sent again.
///
/// # Errors
///
/// Those of [`Network::exchange`]: before the reading has begun, at once; later, when it is this one
/// request that a server which is there does not answer in its time, or several times not at all.
pub async fn endure(
    network: &dyn Network,
    clock: &dyn Clock,
    random: &dyn Random,
    begun: &Cell<bool>,
    heard: Heard<'_>,
    call: &Call,
) -> Result<Answer, ApiError> {
    let mut told = Told {
        heard,
        is_told: false,
    };
    let mut failures = 0;
    loop {
        let outcome = network.exchange(call).await;
        let error = match &outcome {
            Ok(answer) => ApiError::of(answer),
            Err(error) => Some(error.clone()),
        };
        let Some(error) = error.filter(ApiError::is_passing) else {
            // A refusal is an answer as well.
            begun.set(true);
            return outcome;
        };
        let has_stumbled = error.status() == Some(500);
        if !begun.get() || !call.idempotent || has_stumbled {
            return outcome;
        }
        if let ApiError::RateLimited {
            retry_after_ms: Some(wait),
            ..
        } = error
        {
            told.tell(&error);
            clock.sleep(wait).await;
            continue;
        }
        failures += 1;
        let is_slow = error.is_too_slow();
        if failures == TRIES || is_slow && ping_for(network, call).await.is_ok() {
            return outcome;
        }
        let mut pings = 0;
        loop {
            pings += 1;
            clock.sleep(backoff_ms(pings, random)).await;
            if ping_for(network, call).await.is_ok() {
                break;
            }
            if pings >= SILENT_PINGS {
                told.tell(&error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Request;
    use crate::api::UserId;
    use crate::api::users::{self, UserDetail};
    use crate::runner::simulation::{SimClock, SimRandom};
    use futures_util::FutureExt;
    use futures_util::future::{LocalBoxFuture, select};
    use std::cell::RefCell;

    /// A server with a time of trouble, for all requests or for all but the question whether it is
    /// there.
    struct Server {
        clock: SimClock,
        trouble: (u64, u64),
        says: fn() -> Result<Answer, ApiError>,
        is_there: bool,
        asked: Cell<u32>,
    }

    impl Network for Server {
        fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
            let is_ping = call.path.ends_with("/server_version");
            if !is_ping {
                self.asked.set(self.asked.get() + 1);
            }
            let now = self.clock.now_ms();
            let is_well = self.is_there && is_ping;
            let answer = match (self.trouble.0..self.trouble.1).contains(&now) && !is_well {
                true => (self.says)(),
                false => Ok(Answer::new(200, "application/json", "{}")),
            };
            async { answer }.boxed_local()
        }
    }

    impl Server {
        fn new(
            trouble: (u64, u64),
            says: fn() -> Result<Answer, ApiError>,
            is_there: bool,
        ) -> Self {
            Server {
                clock: SimClock::default(),
                trouble,
                says,
                is_there,
                asked: Cell::new(0),
            }
        }
    }

    fn bad_gateway() -> Result<Answer, ApiError> {
        Ok(Answer::new(502, "text/html", "<h1>Bad Gateway</h1>"))
    }

    /// What some proxies say while the server behind them restarts.
    fn not_found_page() -> Result<Answer, ApiError> {
        Ok(Answer::new(404, "text/plain", "404 page not found"))
    }

    fn no_connection() -> Result<Answer, ApiError> {
        Err(ApiError::Unreachable {
            url: "https://b.org".to_owned(),
            detail: "refused".to_owned(),
        })
    }

    fn too_slow() -> Result<Answer, ApiError> {
        Err(ApiError::TimedOut { after_ms: 30_000 })
    }

    /// What a proxy says that has waited long enough.
    fn gave_up_waiting() -> Result<Answer, ApiError> {
        Ok(Answer::new(
            504,
            "text/html",
            "<h1>504 Gateway Time-out</h1>",
        ))
    }

    fn stumbles() -> Result<Answer, ApiError> {
        let body = r#"{"errcode":"M_UNKNOWN","error":"Internal server error"}"#;
        Ok(Answer::new(500, "application/json", body))
    }

    fn slow_down() -> Result<Answer, ApiError> {
        let body = r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":90000}"#;
        Ok(Answer::new(429, "application/json", body))
    }

    fn question() -> Request<UserDetail> {
        users::get(&UserId::parse("@a:b.org").unwrap())
    }

    /// What came of five things that are read, one every second, and what was heard meanwhile.
    fn read(server: &Server) -> (Vec<Result<u16, ApiError>>, Vec<bool>) {
        let (clock, random, begun) = (&server.clock, SimRandom::new(1), Cell::new(false));
        let heard = RefCell::new(Vec::new());
        let hears = |error: Option<&ApiError>| heard.borrow_mut().push(error.is_some());
        let outcomes = clock.run(86_400_000, async {
            let mut outcomes = Vec::new();
            for _ in 0..5 {
                let call = question().call;
                let outcome = endure(server, clock, &random, &begun, &hears, &call).await;
                outcomes.push(outcome.map(|answer| answer.status));
                clock.sleep(1000).await;
            }
            outcomes
        });
        (outcomes, heard.into_inner())
    }

    #[test]
    fn an_hour_without_a_server_loses_nothing() {
        for says in [
            bad_gateway,
            no_connection,
            not_found_page,
            too_slow,
            gave_up_waiting,
        ] {
            let server = Server::new((1500, 3_600_000), says, false);
            let (outcomes, heard) = read(&server);
            assert_eq!(outcomes, vec![Ok(200); 5]);
            assert_eq!(heard.first(), Some(&true), "it is said why nothing goes on");
            assert_eq!(heard.last(), Some(&false), "and taken back");
            assert_eq!(server.asked.get(), 6, "it is the ping that is repeated");
        }
    }

    #[test]
    fn a_gap_of_a_second_is_not_worth_a_word() {
        let (outcomes, heard) = read(&Server::new((1500, 2600), bad_gateway, false));
        assert_eq!((outcomes, heard), (vec![Ok(200); 5], vec![]));
    }

    #[test]
    fn a_server_that_is_away_from_the_beginning_is_said_to_be_at_once() {
        let (outcomes, heard) = read(&Server::new((0, 500), bad_gateway, false));
        assert_eq!(outcomes, [Ok(502), Ok(200), Ok(200), Ok(200), Ok(200)]);
        assert!(heard.is_empty());
    }

    #[test]
    fn what_is_too_much_for_a_server_that_is_there_fails_after_a_few_times() {
        for says in [too_slow, gave_up_waiting, stumbles] {
            let server = Server::new((1500, u64::MAX), says, true);
            let (outcomes, _) = read(&server);
            assert_eq!(outcomes[2], says().map(|answer| answer.status));
            assert_eq!(server.asked.get(), 5, "each once");
        }
        for says in [bad_gateway, not_found_page] {
            let (outcomes, _) = read(&Server::new((1500, 2500), says, true));
            assert_eq!(outcomes, vec![Ok(200); 5], "it was asked again");
            let server = Server::new((1500, u64::MAX), says, true);
            let (outcomes, heard) = read(&server);
            assert_eq!(outcomes[2], says().map(|answer| answer.status));
            assert_eq!((server.asked.get(), heard.len()), (2 + 3 * TRIES, 0));
        }
    }

    #[test]
    fn a_server_that_asks_for_patience_gets_as_much_as_it_asks_for() {
        let server = Server::new((1500, 80_000), slow_down, true);
        let (outcomes, heard) = read(&server);
        assert_eq!(outcomes, vec![Ok(200); 5]);
        assert_eq!((server.asked.get(), heard), (6, vec![true, false]));
    }

    #[test]
    fn what_may_have_been_done_is_not_sent_again() {
        let server = Server::new((0, 100), bad_gateway, false);
        let mut call = question().call;
        call.idempotent = false;
        let (begun, random) = (Cell::new(true), SimRandom::new(1));
        let sent = endure(&server, &server.clock, &random, &begun, &|_| (), &call);
        let answer = server.clock.run(1000, sent);
        assert_eq!(answer.map(|answer| answer.status), Ok(502));
    }

    #[test]
    fn who_stops_waiting_does_not_leave_the_words_behind() {
        let server = Server::new((0, u64::MAX), bad_gateway, false);
        let heard = RefCell::new(Vec::new());
        let hears = |error: Option<&ApiError>| heard.borrow_mut().push(error.is_some());
        let (call, begun, random) = (question().call, Cell::new(true), SimRandom::new(1));
        let waits = endure(&server, &server.clock, &random, &begun, &hears, &call);
        let gives_up = server.clock.sleep(60_000);
        server
            .clock
            .run(1_000_000, select(Box::pin(waits), gives_up));
        assert_eq!(heard.borrow().last(), Some(&false));
    }
}
