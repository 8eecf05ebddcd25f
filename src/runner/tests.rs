//! The promises of the runner, over many histories with a simulated clock and server.

use super::simulation::{Computer, SimClock, SimRandom};
use super::*;
use crate::api::exchange::Clock;
use crate::api::{Answer, UserId, users};
use futures_util::FutureExt;
use futures_util::future::{join, select};
use proptest::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::pin::pin;

const HOUR_MS: u64 = 3_600_000;

fn unreachable() -> ApiError {
    ApiError::Unreachable {
        url: String::new(),
        detail: String::new(),
    }
}

fn matrix(status: u16) -> ApiError {
    ApiError::Matrix {
        status,
        errcode: "M_UNKNOWN".into(),
        message: String::new(),
    }
}

fn limited(retry_after_ms: Option<u64>) -> ApiError {
    ApiError::RateLimited {
        retry_after_ms,
        message: String::new(),
    }
}

/// A server with bad days.
struct Server {
    clock: SimClock,
    random: SimRandom,
    computer: Computer,
    /// The length of one piece of work, and by how much it varies, in milliseconds.
    work_ms: (u64, u64),
    weather: Weather,
    /// Nobody may send before this, as the server has told somebody.
    quiet_until: Cell<u64>,
    in_flight: Cell<usize>,
    most_in_flight: Cell<usize>,
    sent_in_quiet: Cell<usize>,
    settled: RefCell<HashMap<usize, Vec<Fate>>>,
    done: RefCell<HashMap<usize, usize>>,
    /// What has got no answer, and may have been carried out.
    lost: RefCell<HashMap<usize, ApiError>>,
    attempts: Cell<usize>,
}

/// In percent of the tries, but for the outages.
#[derive(Clone, Debug, Default)]
struct Weather {
    refused: u64,
    left_out: u64,
    forgotten: u64,
    failing: u64,
    unanswered: u64,
    limited: u64,
    token: u64,
    /// The server is away from, until.
    outages: Vec<(u64, u64)>,
    /// These items never get an answer.
    poison: Vec<usize>,
}

impl Server {
    fn new(seed: u64, cores: usize, line_ms: u64, work_ms: (u64, u64), weather: Weather) -> Self {
        Server {
            clock: SimClock::default(),
            random: SimRandom::new(seed),
            computer: Computer::new(cores, line_ms),
            work_ms,
            weather,
            quiet_until: Cell::new(0),
            in_flight: Cell::new(0),
            most_in_flight: Cell::new(0),
            sent_in_quiet: Cell::new(0),
            settled: RefCell::default(),
            done: RefCell::default(),
            lost: RefCell::default(),
            attempts: Cell::new(0),
        }
    }

    fn is_away(&self) -> bool {
        let now = self.clock.now_ms();
        let away = |(from, until): &(u64, u64)| (*from..*until).contains(&now);
        self.weather.outages.iter().any(away)
    }

    fn sending(&self) {
        let quiet = self.clock.now_ms() < self.quiet_until.get();
        self.sent_in_quiet
            .set(self.sent_in_quiet.get() + usize::from(quiet));
    }

    /// One request.
    async fn request(&self, item: usize) -> Step {
        self.sending();
        let work = self.work_ms.0 + self.random.below(self.work_ms.1 + 1);
        if self.is_away() || self.weather.poison.contains(&item) {
            self.clock.sleep(self.random.below(3_000)).await;
            return Step::Again(if self.random.percent(50) {
                unreachable()
            } else {
                matrix(502)
            });
        }
        let takes = self.computer.takes(self.clock.now_ms(), work);
        self.clock.sleep(takes).await;
        let weather = &self.weather;
        if self.random.percent(weather.limited) {
            let wait = self.random.below(5_000);
            let told = self.random.percent(70);
            if told {
                let until = self.clock.now_ms() + wait;
                self.quiet_until.set(self.quiet_until.get().max(until));
            }
            return Step::Again(limited(told.then_some(wait)));
        }
        if self.random.percent(weather.unanswered) {
            self.lost.borrow_mut().insert(item, unreachable());
            return Step::Again(unreachable());
        }
        if self.random.percent(weather.failing) {
            return Step::Again(matrix(500));
        }
        if self.random.percent(weather.token) {
            return Step::Again(ApiError::TokenRefused {
                soft_logout: false,
                locked: false,
                message: String::new(),
            });
        }
        if weather.left_out > 0 && self.random.percent(weather.left_out) {
            return Step::LeftOut(Reason::Unchanged);
        }
        if weather.forgotten > 0 && self.random.percent(weather.forgotten) {
            return Step::Unknown(matrix(404));
        }
        if self.random.percent(weather.refused) {
            return Step::Failed(matrix(400));
        }
        Step::Done
    }
}

impl Work for Server {
    fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        async move {
            self.attempts.set(self.attempts.get() + 1);
            self.in_flight.set(self.in_flight.get() + 1);
            self.most_in_flight
                .set(self.most_in_flight.get().max(self.in_flight.get()));
            let mut step = self.request(item).await;
            // Every third item takes two requests.
            if item.is_multiple_of(3) && step == Step::Done && turn.clear().await {
                step = self.request(item).await;
            }
            self.in_flight.set(self.in_flight.get() - 1);
            if step == Step::Done {
                *self.done.borrow_mut().entry(item).or_default() += 1;
            }
            step
        }
        .boxed_local()
    }

    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
        async move {
            self.sending();
            self.clock.sleep(10).await;
            if self.is_away() {
                Err(unreachable())
            } else {
                Ok(())
            }
        }
        .boxed_local()
    }

    fn unheard(&self, item: usize) -> Option<ApiError> {
        self.lost.borrow().get(&item).cloned()
    }

    fn settled(&self, item: usize, fate: &Fate) {
        self.settled
            .borrow_mut()
            .entry(item)
            .or_default()
            .push(fate.clone());
    }
}

/// Runs a job over `items` items; resumes it whenever it pauses by itself.
fn history(server: &Server, items: usize, limits: Limits, cancel_at: Option<u64>) -> Run {
    let job = Run::new((0..items).collect(), limits);
    let clock = &server.clock;
    let watch = async {
        let mut last_version = None;
        let mut last = None;
        loop {
            clock.sleep(500).await;
            let now = clock.now_ms();
            let progress = job.progress(now);
            let sum = progress.done
                + progress.failed
                + progress.left_out
                + progress.unknown
                + progress.not_done
                + progress.in_flight
                + progress.waiting;
            assert_eq!(sum, items);
            assert_eq!(progress.in_flight, server.in_flight.get());
            let settled = progress.done + progress.failed + progress.left_out + progress.unknown;
            let counts = (settled, progress.left_out, progress.in_flight);
            if last_version == Some(job.version()) {
                assert_eq!(last, Some(counts), "changed in silence");
            }
            (last_version, last) = (Some(job.version()), Some(counts));
            if matches!(progress.state, RunState::Paused { .. }) {
                job.resume(now);
            }
            if cancel_at.is_some_and(|at| now >= at) {
                job.cancel();
            }
        }
    };
    clock.run(100 * HOUR_MS, async {
        let run = pin!(run(&job, server, clock, &server.random));
        select(run, pin!(watch)).await;
    });
    job
}

/// How long it takes with a fixed number in flight.
fn duration_with(server: &Server, items: usize, in_flight: usize) -> u64 {
    let clock = &server.clock;
    let next = Cell::new(0);
    clock.run(100 * HOUR_MS, async {
        let worker = || async {
            while next.get() < items {
                next.set(next.get() + 1);
                server.request(1).await;
            }
        };
        futures_util::future::join_all((0..in_flight).map(|_| worker())).await;
    });
    clock.now_ms()
}

fn duration_measured(server: &Server, items: usize) -> u64 {
    struct Single<'a>(&'a Server);
    impl Work for Single<'_> {
        fn attempt<'a>(&'a self, _: usize, _: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            self.0.request(1).boxed_local()
        }
        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            self.0.ping()
        }
    }
    let job = Run::new((0..items).collect(), Limits::default());
    let clock = &server.clock;
    clock.run(
        100 * HOUR_MS,
        run(&job, &Single(server), clock, &server.random),
    );
    clock.now_ms()
}

/// The measured pace against the best fixed one, as a share of its throughput.
fn share_of_best(items: usize, cores: usize, line_ms: u64, work_ms: (u64, u64)) -> f64 {
    let server = |seed| Server::new(seed, cores, line_ms, work_ms, Weather::default());
    let best = (1..=6)
        .map(|n| duration_with(&server(7), items, n))
        .min()
        .unwrap();
    best as f64 / duration_measured(&server(8), items) as f64
}

#[test]
fn the_pace_finds_what_the_server_can_do() {
    for (name, items, cores, line_ms, work_ms, least) in [
        ("two cores that hash", 500, 2, 1, (300, 0), 0.95),
        ("two cores that hash, unevenly", 500, 2, 1, (200, 200), 0.93),
        ("two cores, 200 rows only", 200, 2, 1, (250, 50), 0.90),
        ("one core", 300, 1, 1, (100, 50), 0.90),
        ("four cores", 500, 4, 5, (300, 100), 0.90),
        ("far away", 500, 64, 50, (10, 0), 0.90),
        ("far away, few rows", 200, 64, 50, (10, 5), 0.80),
        ("far away and hashing", 500, 2, 50, (250, 50), 0.90),
        ("very fast", 2_000, 8, 1, (3, 1), 0.80),
        ("cheap hashing, unevenly", 1_000, 1, 3, (2, 9), 0.93),
    ] {
        let share = share_of_best(items, cores, line_ms, work_ms);
        assert!(share >= least, "{name}: {share:.3}");
    }
}

#[test]
fn no_more_in_flight_than_brings_anything() {
    // One core: everything above two in flight only waits.
    let server = Server::new(1, 1, 1, (100, 20), Weather::default());
    let job = Run::new((0..400).map(|n| 3 * n + 1).collect(), Limits::default());
    let clock = &server.clock;
    let sum = Cell::new((0, 0));
    clock.run(HOUR_MS, async {
        let watch = async {
            loop {
                clock.sleep(100).await;
                let (total, times) = sum.get();
                sum.set((total + server.in_flight.get(), times + 1));
            }
        };
        select(pin!(run(&job, &server, clock, &server.random)), pin!(watch)).await;
    });
    let (total, times) = sum.get();
    let mean = total as f64 / f64::from(times);
    assert!(mean < 2.5, "{mean}");
}

#[test]
fn what_was_sent_before_going_on_stops_nothing() {
    /// Turns away the first two, the second one second later.
    struct Gate<'a>(&'a SimClock, Cell<usize>);
    impl Work for Gate<'_> {
        fn attempt<'a>(&'a self, _: usize, _: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                let number = self.1.replace(self.1.get() + 1);
                self.0.sleep(1_000 * (1 + number as u64)).await;
                match number {
                    0 | 1 => Step::Again(ApiError::NotMatrix {
                        status: 403,
                        content_type: "text/html".to_owned(),
                        excerpt: String::new(),
                    }),
                    _ => Step::Done,
                }
            }
            .boxed_local()
        }
        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
    }
    let server = Server::new(5, 4, 5, (50, 50), Weather::default());
    let clock = &server.clock;
    let gate = Gate(clock, Cell::new(0));
    let job = Run::new((0..8).collect(), Limits::default());
    let is_paused = || {
        let state = job.progress(clock.now_ms()).state;
        matches!(state, RunState::Paused { .. })
    };
    clock.run(HOUR_MS, async {
        let person = async {
            clock.sleep(1_500).await;
            assert!(is_paused());
            job.resume(clock.now_ms());
            // Whoever goes on does so once.
            clock.sleep(HOUR_MS).await;
        };
        select(pin!(run(&job, &gate, clock, &server.random)), pin!(person)).await;
    });
    assert_eq!(job.progress(clock.now_ms()).done, 8);
}

#[test]
fn what_is_known_from_before_is_not_tried() {
    let server = Server::new(3, 4, 5, (50, 50), Weather::default());
    let mut known = vec![None; 40];
    known[0] = Some(Fate::Done);
    known[7] = Some(Fate::Failed(matrix(403)));
    known[39] = Some(Fate::Unknown(unreachable()));
    let job = Run::going_on((0..40).collect(), Limits::default(), known);
    let work = run(&job, &server, &server.clock, &server.random);
    server.clock.run(HOUR_MS, work);
    let progress = job.progress(server.clock.now_ms());
    assert_eq!(progress.state, RunState::Finished);
    let counts = (progress.done, progress.failed, progress.unknown);
    assert_eq!(counts, (38, 1, 1));
    assert_eq!(server.attempts.get(), 37);
    // With nothing left it is over at once.
    let known = vec![Some(Fate::Done); 2];
    let job = Run::going_on(vec![0, 1], Limits::default(), known);
    let work = run(&job, &server, &server.clock, &server.random);
    assert!(work.now_or_never().is_some());
}

/// Work that must not be sent a second time: what has no answer is unknown.
struct Unrepeatable(Server);

impl Work for Unrepeatable {
    fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        async move {
            match self.0.attempt(item, turn).await {
                Step::Again(error) if error.may_be_under_way() => Step::Unknown(error),
                step => step,
            }
        }
        .boxed_local()
    }

    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
        self.0.ping()
    }
}

#[test]
fn a_server_that_is_away_makes_no_more_unknown_than_it_was_at() {
    let weather = Weather {
        outages: vec![(1_000, 120_000)],
        ..Default::default()
    };
    let work = Unrepeatable(Server::new(5, 4, 5, (50, 50), weather));
    let server = &work.0;
    let job = Run::new((0..300).collect(), Limits::default());
    let working = run(&job, &work, &server.clock, &server.random);
    server.clock.run(HOUR_MS, working);
    let progress = job.progress(server.clock.now_ms());
    assert_eq!(progress.state, RunState::Finished);
    let lost = job.lost_items();
    assert_eq!(lost.len(), progress.unknown);
    assert!((1..=6).contains(&lost.len()), "{lost:?}");
    assert_eq!(progress.done + progress.unknown, 300);
    // Only who knows that tries them again.
    assert!(job.failed_items().is_empty() && job.items_not_done().is_empty());
    assert_eq!(server.attempts.get(), 300);
}

#[test]
fn heavy_work_goes_one_by_one() {
    let server = Server::new(3, 4, 5, (50, 50), Weather::default());
    let job = history(&server, 60, Limits::one_by_one(), None);
    assert_eq!(server.most_in_flight.get(), 1);
    assert_eq!(job.progress(0).done, 60);
}

#[test]
fn one_by_one_nothing_overtakes_what_waits_for_another_try() {
    /// Answers the third try at the second item.
    struct Slow(RefCell<Vec<usize>>);
    impl Work for Slow {
        fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            self.0.borrow_mut().push(item);
            let step = match item == 1 && turn.number() < 3 {
                true => Step::Again(matrix(500)),
                false => Step::Done,
            };
            async move { step }.boxed_local()
        }
        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
    }
    let order = |limits| {
        let (clock, work) = (SimClock::default(), Slow(RefCell::default()));
        let job = Run::new((0..4).collect(), limits);
        clock.run(HOUR_MS, run(&job, &work, &clock, &SimRandom::new(1)));
        assert_eq!(job.progress(0).done, 4);
        work.0.take()
    };
    assert_eq!(order(Limits::one_by_one()), [0, 1, 1, 1, 2, 3]);
    // Several at a time do not wait for one.
    let mut quick = order(Limits::default());
    assert_eq!(quick.split_off(4), [1, 1]);
    assert_eq!(quick, [0, 1, 2, 3]);
}

#[test]
fn an_absent_server_fails_nothing() {
    let weather = Weather {
        outages: vec![(5_000, 905_000)],
        ..Default::default()
    };
    let server = Server::new(5, 2, 5, (200, 100), weather);
    let job = Run::new((0..300).collect(), Limits::default());
    let clock = &server.clock;
    let seen = RefCell::new(Vec::new());
    clock.run(HOUR_MS, async {
        let watch = async {
            loop {
                clock.sleep(1_000).await;
                let progress = job.progress(clock.now_ms());
                if let RunState::WaitingServer { until_ms, .. } = progress.state {
                    seen.borrow_mut().push(clock.now_ms());
                    assert!(until_ms <= clock.now_ms() + 40_010);
                    assert_eq!(progress.left_ms, None);
                }
            }
        };
        select(pin!(run(&job, &server, clock, &server.random)), pin!(watch)).await;
    });
    let progress = job.progress(clock.now_ms());
    assert_eq!((progress.done, progress.failed), (300, 0));
    assert_eq!(progress.state, RunState::Finished);
    assert!(seen.borrow().len() > 800, "{}", seen.borrow().len());
    assert!(clock.now_ms() < 990_000, "{}", clock.now_ms());
    // The server was asked now and then, not hammered.
    assert!(server.attempts.get() < 320, "{}", server.attempts.get());
}

#[test]
fn an_item_that_gets_no_answer_fails_alone() {
    let weather = Weather {
        poison: vec![3, 77, 78, 79],
        ..Default::default()
    };
    let server = Server::new(5, 2, 5, (50, 10), weather);
    let job = history(&server, 80, Limits::default(), None);
    assert_eq!(job.failed_items(), [3, 77, 78, 79]);
    assert_eq!(job.progress(0).done, 76);
    let alone = Weather {
        poison: vec![0],
        ..Default::default()
    };
    let server = Server::new(5, 2, 5, (50, 10), alone);
    let job = history(&server, 1, Limits::default(), None);
    assert_eq!(job.failed_items(), [0]);
    assert_eq!(server.attempts.get(), 5);
}

#[test]
fn a_rate_limit_is_obeyed_to_the_millisecond() {
    /// Says no once, for a minute.
    struct Strict<'a> {
        clock: &'a SimClock,
        sent: RefCell<Vec<u64>>,
    }
    impl Work for Strict<'_> {
        fn attempt<'a>(&'a self, item: usize, _: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            self.sent.borrow_mut().push(self.clock.now_ms());
            let first = self.sent.borrow().len() == 1;
            async move {
                self.clock.sleep(if item == 0 { 10 } else { 30 }).await;
                if first {
                    Step::Again(limited(Some(60_000)))
                } else {
                    Step::Done
                }
            }
            .boxed_local()
        }
        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
    }
    let clock = SimClock::default();
    let work = Strict {
        clock: &clock,
        sent: RefCell::default(),
    };
    let job = Run::new(vec![0, 1, 2], Limits::default());
    clock.run(HOUR_MS, async {
        let look = async {
            clock.sleep(5_000).await;
            let state = job.progress(clock.now_ms()).state;
            assert_eq!(state, RunState::WaitingRateLimit { until_ms: 60_010 });
        };
        join(run(&job, &work, &clock, &SimRandom::new(0)), look).await;
    });
    assert_eq!(work.sent.borrow()[2], 60_010);
    assert_eq!(job.progress(0).done, 3);
}

#[test]
fn a_long_rate_limit_can_be_cancelled() {
    struct Never;
    impl Work for Never {
        fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                match item {
                    0 => Step::Again(limited(Some(u64::MAX))),
                    _ if turn.clear().await => Step::Done,
                    _ => Step::Failed(ApiError::Cancelled),
                }
            }
            .boxed_local()
        }
        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
    }
    let clock = SimClock::default();
    let job = Run::new(vec![0, 1, 2], Limits::default());
    clock.run(HOUR_MS, async {
        let person = async {
            clock.sleep(60_000).await;
            job.cancel();
        };
        join(run(&job, &Never, &clock, &SimRandom::new(0)), person).await;
    });
    assert_eq!(clock.now_ms(), 60_000);
    assert_eq!(job.progress(0).state, RunState::Cancelled);
    assert_eq!(job.fate(0), Some(Fate::NotDone));
}

/// How a try of an item ends.
#[derive(Clone, Copy, PartialEq)]
enum Luck {
    /// A change has no answer.
    Lost,
    /// A change gets a "no".
    Refused,
    /// A question has no answer.
    AskedInVain,
    /// A question gets a "no".
    NotTold,
    /// What is found out says that it must be left alone.
    LeftAlone,
}
use Luck::{AskedInVain, LeftAlone, Lost, NotTold, Refused};

/// What becomes of an item whose tries come to this, if the job is cancelled at the last, or there are no more; `begun`: an earlier page had sent something
/// for it.
fn given_up(tries: &[Luck], begun: bool) -> Option<Fate> {
    struct Luckless<'t> {
        job: Run,
        tries: &'t [Luck],
        unheard: Unheard,
    }
    impl Work for Luckless<'_> {
        fn attempt<'a>(&'a self, item: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            let number = turn.number() as usize;
            let luck = self.tries[number - 1];
            if luck == LeftAlone {
                return async { Step::LeftOut(Reason::InUse) }.boxed_local();
            }
            let user = UserId::parse("@jane:example.org").unwrap();
            let call = match luck {
                Lost | Refused => users::deactivate(&user, false).call,
                _ => users::get(&user).call,
            };
            let (came, error) = match luck {
                Lost | AskedInVain => (Err(unreachable()), unreachable()),
                _ => {
                    let no = Answer::new(500, "", r#"{"errcode":"M_UNKNOWN","error":""}"#);
                    (Ok(no), matrix(500))
                }
            };
            self.unheard.note(item, &call, &came);
            if number == self.tries.len() && !turn.is_last() {
                self.job.cancel();
            }
            async move { Step::Again(error) }.boxed_local()
        }
        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
        fn unheard(&self, item: usize) -> Option<ApiError> {
            self.unheard.of(item)
        }
    }
    let (clock, job) = (SimClock::default(), Run::new(vec![0], Limits::default()));
    let work = Luckless {
        job: job.clone(),
        tries,
        unheard: Unheard::default(),
    };
    if begun {
        work.unheard.is_begun(0);
    }
    if tries.is_empty() {
        job.cancel();
    }
    clock.run(HOUR_MS, run(&job, &work, &clock, &SimRandom::new(1)));
    job.fate(0)
}

#[test]
fn what_may_have_been_done_is_unknown_when_its_tries_are_used_up() {
    let unknown = Some(Fate::Unknown(unreachable()));
    assert_eq!(given_up(&[Lost; 5], false), unknown);
    let then_refused = [Lost, Refused, Refused, NotTold, Refused];
    assert_eq!(given_up(&then_refused, false), unknown);
    let begun = Some(Fate::Unknown(ApiError::Cancelled));
    assert_eq!(given_up(&[AskedInVain; 5], true), begun);
    // The server has said no each time, or nothing was sent that changes anything.
    let failed = |error| Some(Fate::Failed(error));
    assert_eq!(given_up(&[Refused; 5], false), failed(matrix(500)));
    assert_eq!(given_up(&[AskedInVain; 5], false), failed(unreachable()));
}

#[test]
fn what_may_have_been_done_is_unknown_when_the_job_is_cancelled() {
    let unknown = Some(Fate::Unknown(unreachable()));
    assert_eq!(given_up(&[Lost], false), unknown);
    // What comes after says nothing of what was sent first.
    assert_eq!(given_up(&[Lost, Refused], false), unknown);
    assert_eq!(given_up(&[Lost, NotTold], false), unknown);
    assert_eq!(given_up(&[NotTold, Lost], false), unknown);
    let begun = Some(Fate::Unknown(ApiError::Cancelled));
    assert_eq!(given_up(&[], true), begun);
    assert_eq!(given_up(&[NotTold], true), begun);
    // Nothing was sent that changes anything, or the server has said no.
    assert_eq!(given_up(&[], false), Some(Fate::NotDone));
    assert_eq!(given_up(&[Refused], false), Some(Fate::Failed(matrix(500))));
    let failed = Some(Fate::Failed(unreachable()));
    assert_eq!(given_up(&[AskedInVain], false), failed);
}

#[test]
fn what_was_sent_before_an_item_is_left_alone_may_come_yet() {
    let unknown = Some(Fate::Unknown(unreachable()));
    assert_eq!(given_up(&[Lost, LeftAlone], false), unknown);
    assert_eq!(given_up(&[Lost, NotTold, LeftAlone], false), unknown);
    let left_out = Some(Fate::LeftOut(Reason::InUse));
    assert_eq!(given_up(&[LeftAlone], false), left_out);
    assert_eq!(given_up(&[Refused, LeftAlone], false), left_out);
    assert_eq!(given_up(&[AskedInVain, LeftAlone], false), left_out);
}

/// Three requests for each item, which goes on where it was.
struct InSteps<'a> {
    clock: &'a SimClock,
    sent: RefCell<Vec<u64>>,
}

impl Work for InSteps<'_> {
    fn attempt<'a>(&'a self, _: usize, turn: Turn<'a>) -> LocalBoxFuture<'a, Step> {
        async move {
            while self.sent.borrow().len() < 3 {
                if let Err(held) = turn.goes_on().await {
                    return held;
                }
                self.sent.borrow_mut().push(self.clock.now_ms());
                self.clock.sleep(1_000).await;
            }
            assert_eq!(turn.number(), 1, "a pause has cost a try");
            Step::Done
        }
        .boxed_local()
    }
    fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
        async { Ok(()) }.boxed_local()
    }
}

/// What a person does after one and a half seconds, who looks again a minute later.
fn in_steps(press: impl Fn(&Run), again: impl Fn(&Run)) -> (Vec<u64>, Option<Fate>) {
    let clock = SimClock::default();
    let work = InSteps {
        clock: &clock,
        sent: RefCell::default(),
    };
    let job = Run::new(vec![0], Limits::default());
    clock.run(HOUR_MS, async {
        let person = async {
            clock.sleep(1_500).await;
            press(&job);
            clock.sleep(60_000).await;
            again(&job);
        };
        join(run(&job, &work, &clock, &SimRandom::new(0)), person).await;
    });
    (work.sent.take(), job.fate(0))
}

#[test]
fn cancel_and_pause_hold_between_the_requests_of_an_item() {
    let (sent, fate) = in_steps(Run::cancel, |_| ());
    assert_eq!((sent, fate), (vec![0, 1_000], Some(Fate::NotDone)));
    let resume = |job: &Run| {
        assert_eq!(job.progress(61_500).in_flight, 0);
        job.resume(61_500);
    };
    let (sent, fate) = in_steps(Run::pause, resume);
    assert_eq!((sent, fate), (vec![0, 1_000, 61_500], Some(Fate::Done)));
    // What is paused and cancelled then.
    let (sent, fate) = in_steps(Run::pause, Run::cancel);
    assert_eq!((sent, fate), (vec![0, 1_000], Some(Fate::NotDone)));
}

#[test]
fn a_refused_token_pauses_and_fails_nothing() {
    let weather = Weather {
        token: 10,
        ..Default::default()
    };
    let server = Server::new(11, 2, 5, (50, 10), weather);
    let job = history(&server, 200, Limits::default(), None);
    assert_eq!(job.progress(0).done, 200);
}

#[test]
fn pause_lets_nothing_begin() {
    let server = Server::new(11, 2, 5, (50, 10), Weather::default());
    let job = Run::new((0..100).collect(), Limits::default());
    let clock = &server.clock;
    clock.run(HOUR_MS, async {
        let person = async {
            clock.sleep(1_000).await;
            job.pause();
            clock.sleep(1_000).await;
            let before = job.progress(clock.now_ms());
            assert_eq!(before.state, RunState::Paused { because: None });
            assert_eq!(before.in_flight, 0);
            clock.sleep(600_000).await;
            let after = job.progress(clock.now_ms());
            assert_eq!(before.done, after.done);
            assert_eq!(after.left_ms, None);
            job.resume(clock.now_ms());
            clock.sleep(2_000).await;
            // The break does not count as slowness.
            let left = job.progress(clock.now_ms()).left_ms.unwrap();
            assert!(left < 5_000, "{left}");
        };
        join(run(&job, &server, clock, &server.random), person).await;
    });
    assert_eq!(job.progress(0).done, 100);
}

#[test]
fn stop_ends_it_and_accounts_for_the_rest() {
    struct Stops;
    impl Work for Stops {
        fn attempt<'a>(&'a self, item: usize, _: Turn<'a>) -> LocalBoxFuture<'a, Step> {
            async move {
                if item == 5 {
                    Step::Stop(matrix(409))
                } else {
                    Step::Done
                }
            }
            .boxed_local()
        }
        fn ping(&self) -> LocalBoxFuture<'_, Result<(), ApiError>> {
            async { Ok(()) }.boxed_local()
        }
    }
    let clock = SimClock::default();
    let limits = Limits::one_by_one();
    let job = Run::new((0..10).collect(), limits);
    clock.run(HOUR_MS, run(&job, &Stops, &clock, &SimRandom::new(0)));
    let progress = job.progress(0);
    assert_eq!(progress.state, RunState::Stopped);
    assert_eq!(
        (progress.done, progress.failed, progress.not_done),
        (5, 1, 4)
    );
    assert_eq!(job.items_not_done(), [6, 7, 8, 9]);
    assert!(progress.is_over());
}

#[test]
fn an_empty_job_is_over_at_once() {
    let server = Server::new(1, 1, 1, (1, 1), Weather::default());
    let job = history(&server, 0, Limits::default(), None);
    assert_eq!(job.progress(0).state, RunState::Finished);
}

#[test]
fn rate_and_time_left_are_about_right() {
    let server = Server::new(1, 2, 1, (200, 0), Weather::default());
    let job = Run::new((0..400).map(|n| 3 * n + 1).collect(), Limits::default());
    let clock = &server.clock;
    clock.run(HOUR_MS, async {
        let look = async {
            assert_eq!(job.progress(clock.now_ms()).left_ms, None);
            clock.sleep(20_000).await;
            let progress = job.progress(clock.now_ms());
            let rate = progress.per_second.unwrap();
            assert!((9.0..11.0).contains(&rate), "{rate}");
            let left = progress.left_ms.unwrap();
            assert!((17_000..23_000).contains(&left), "{left}");
        };
        join(run(&job, &server, clock, &server.random), look).await;
    });
}

fn weather() -> impl Strategy<Value = Weather> {
    (
        (
            (0_u64..30, 0_u64..30, 0_u64..10),
            0_u64..30,
            0_u64..30,
            0_u64..20,
            0_u64..5,
        ),
        prop::collection::vec((0_u64..60_000, 0_u64..200_000), 0..3),
        prop::collection::vec(0_usize..60, 0..3),
    )
        .prop_map(
            |(
                ((refused, left_out, forgotten), failing, unanswered, limited, token),
                outages,
                poison,
            )| {
                Weather {
                    refused,
                    left_out,
                    forgotten,
                    failing,
                    unanswered,
                    limited,
                    token,
                    outages: outages
                        .into_iter()
                        .map(|(from, long)| (from, from + long))
                        .collect(),
                    poison,
                }
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1_000) })]

    /// Whatever the server answers, whenever the person cancels.
    #[test]
    fn every_item_is_accounted_for(
        seed in any::<u64>(),
        items in 0_usize..60,
        max in 1_usize..9,
        cores in 1_usize..5,
        line_ms in 0_u64..60,
        weather in weather(),
        cancel_at in prop::option::of(0_u64..60_000),
    ) {
        let server = Server::new(seed, cores, line_ms, (20, 200), weather);
        let limits = Limits { max_in_flight: max, ..Default::default() };
        let job = history(&server, items, limits, cancel_at);
        let now = server.clock.now_ms();
        let progress = job.progress(now);
        prop_assert!(progress.is_over());
        let settled_items =
            progress.done + progress.failed + progress.left_out + progress.unknown;
        prop_assert_eq!(settled_items + progress.not_done, items);
        let left_out = |fate: &Option<Fate>| matches!(fate, Some(Fate::LeftOut(_)));
        let unknown = |fate: &Option<Fate>| matches!(fate, Some(Fate::Unknown(_)));
        let fates = job.fates();
        let counted = fates.iter().filter(|(_, fate)| left_out(fate)).count();
        prop_assert_eq!(progress.left_out, counted);
        let counted = fates.iter().filter(|(_, fate)| unknown(fate)).count();
        prop_assert_eq!(progress.unknown, counted);
        // Who is left out is not tried again by a retry, nor what may have been done.
        let settled_for_good = |item: &usize| {
            let fate = job.fate(*item);
            left_out(&fate) || unknown(&fate)
        };
        prop_assert!(!job.failed_items().iter().any(settled_for_good));
        prop_assert!(server.most_in_flight.get() <= max);
        prop_assert_eq!(server.sent_in_quiet.get(), 0);
        let settled = server.settled.borrow();
        let done = server.done.borrow();
        prop_assert_eq!(settled.len(), items);
        for (item, fate) in job.fates() {
            let fate = fate.expect("over");
            prop_assert_eq!(&settled[&item], &vec![fate.clone()]);
            // Done once is done once: never begun again.
            let times = usize::from(fate == Fate::Done);
            prop_assert_eq!(done.get(&item).copied().unwrap_or(0), times);
            if matches!(fate, Fate::NotDone) {
                prop_assert!(cancel_at.is_some());
                prop_assert_eq!(server.unheard(item), None, "it may have been done");
            }
            // Unless it is refused in the end, and the work says so.
            if matches!(&fate, Fate::Failed(error) if *error != matrix(400)) {
                prop_assert_eq!(server.unheard(item), None, "it may have been done");
            }
        }
        if cancel_at.is_none() {
            prop_assert_eq!(progress.state, RunState::Finished);
        }
    }
}

/// A homeserver that is there, and a Matrix Authentication Service that is there or not.
struct TwoServers {
    mas_is_there: bool,
}

impl Network for TwoServers {
    fn exchange<'a>(&'a self, call: &'a Call) -> LocalBoxFuture<'a, Result<Answer, ApiError>> {
        assert!(!call.authorized, "{}", call.path);
        let answer = match (mas::base_of(call), self.mas_is_there) {
            (Some(_), false) => Err(unreachable()),
            // As both say to whoever brings no token.
            (Some(_), true) => Ok(Answer::new(
                400,
                "application/json",
                r#"{"errors":[{"title":"Missing authorization header"}]}"#,
            )),
            (None, _) => Ok(Answer::new(
                200,
                "application/json",
                r#"{"server_version":"1.163.2"}"#,
            )),
        };
        async { answer }.boxed_local()
    }
}

#[test]
fn who_is_asked_whether_they_are_there_is_who_did_not_answer() {
    let to_mas = mas::site_config("https://mas.example").call;
    let to_homeserver = crate::api::server::version().call;
    let is_there = |call: &Call, mas_is_there| {
        let network = TwoServers { mas_is_there };
        ping_for(&network, call).now_or_never().unwrap().is_ok()
    };
    assert!(is_there(&to_homeserver, false));
    assert!(!is_there(&to_mas, false));
    assert!(is_there(&to_mas, true));
}
