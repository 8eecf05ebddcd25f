//! Who is next, and whether anybody is: all decisions of the runner, without any waiting.

use super::pace::Pace;
use super::speed::Speed;
use super::{Reason, Step, Work};
use crate::api::ApiError;
use crate::api::exchange::{Random, backoff_ms};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The bounds of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How many items are in flight at most. A browser opens six connections to a host over
    /// HTTP/1.1; heavy work that the server does one after another anyway wants 1.
    pub max_in_flight: usize,
    /// How often an item is tried at most when trouble is its own. Waiting for a rate limit, for
    /// a server that is away or for a person costs no try.
    pub tries: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_in_flight: 6,
            tries: 5,
        }
    }
}

impl Limits {
    /// One item after another, in their order: while one waits for another try, none begins.
    pub fn one_by_one() -> Self {
        Limits {
            max_in_flight: 1,
            ..Limits::default()
        }
    }
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq)]
pub enum Fate {
    /// Dealt with.
    Done,
    /// Failed, with the last error.
    Failed(ApiError),
    /// Not touched: what was found out right before acting says that it must not, or need not, be
    /// done.
    LeftOut(Reason),
    /// It may have been done or not: nobody can say any more, or its tries were used up, or the job was cancelled or
    /// stopped, before that was found out. Not tried again.
    Unknown(ApiError),
    /// Never done: the job was cancelled or stopped first.
    NotDone,
}

/// What a job is doing.
#[derive(Clone, Debug, PartialEq)]
pub enum RunState {
    /// At work.
    Running,
    /// Nothing new begins until it is resumed: a person said so, or, with an error, something is
    /// wrong that only a person can put right.
    Paused { because: Option<ApiError> },
    /// The server asked for patience until then (in the clock's `now_ms`).
    WaitingRateLimit { until_ms: u64 },
    /// The server does not answer; it is asked again then (in the clock's `now_ms`).
    WaitingServer { until_ms: u64, error: ApiError },
    /// Cancelled; with items in flight it is finishing these.
    Cancelled,
    /// Stopped by an item that said [`Step::Stop`]; with items in flight it is finishing these.
    Stopped,
    /// Every item has been tried.
    Finished,
}

/// How far a job is. The counts add up:
/// `done + failed + left_out + unknown + not_done + in_flight + waiting = total`.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    pub state: RunState,
    pub total: usize,
    pub done: usize,
    pub failed: usize,
    /// Not touched, each for its [`Reason`].
    pub left_out: usize,
    /// Of which nobody can say whether they were done.
    pub unknown: usize,
    /// Given up untried; 0 while the job runs.
    pub not_done: usize,
    pub in_flight: usize,
    /// Among those in flight: the answer was lost, and the server is asked what came of it.
    pub at_server: usize,
    /// Not begun, or waiting for another try.
    pub waiting: usize,
    /// Items per second lately; `None` until it is known.
    pub per_second: Option<f64>,
    /// Milliseconds until the end at this rate; `None` until it is known, and while nothing
    /// moves.
    pub left_ms: Option<u64>,
}

impl Progress {
    /// Whether every item has met its fate.
    pub fn is_over(&self) -> bool {
        self.in_flight == 0 && self.waiting == 0
    }
}

/// After how many tries in a row without an answer the server is asked whether it is there.
const SUSPICIOUS: usize = 2;

/// How often a job pauses because a proxy turns the same item away.
const PATIENCE: u32 = 3;

/// The longest wait between two questions whether the server is back, in milliseconds.
const LONGEST_PING_WAIT_MS: u64 = 30_000;

/// Why nothing new begins any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Cancelled,
    Stopped,
}

/// What is known about whether the server is there.
#[derive(Clone, Debug, PartialEq)]
enum Presence {
    There,
    /// Several tries had no answer: it is to be asked.
    Doubtful,
    /// It did not answer when asked, so many times; it is asked again then.
    Away {
        asked: u32,
        again_at_ms: u64,
        error: ApiError,
    },
}

#[derive(Debug)]
struct Slot {
    item: usize,
    tries: u32,
    /// How often a proxy has turned it away.
    turned_away: u32,
    /// Of the last try, while it waits for another.
    error: Option<Box<ApiError>>,
    fate: Option<Fate>,
}

/// A try that has begun.
#[derive(Clone, Copy, Debug)]
pub(super) struct Begun {
    pub place: usize,
    pub item: usize,
    /// From 1.
    pub number: u32,
    /// Whether trouble of its own would fail the item.
    pub last: bool,
    pub begun_ms: u64,
}

/// All that a job knows.
#[derive(Debug)]
pub(super) struct Schedule {
    limits: Limits,
    slots: Vec<Slot>,
    /// The first place that was never tried.
    next: usize,
    /// Places that are to be tried again, by time.
    again: BinaryHeap<Reverse<(u64, usize)>>,
    in_flight: usize,
    done: usize,
    failed: usize,
    left_out: usize,
    unknown: usize,
    not_done: usize,
    pub paused: Option<Option<ApiError>>,
    /// When it was gone on with last. What was sent before says nothing of what has been put right.
    resumed_ms: u64,
    pub end: Option<End>,
    quiet_until_ms: u64,
    /// Rate limits in a row.
    quiet_streak: u32,
    presence: Presence,
    /// Tries in a row without an answer, by place.
    unanswered: Vec<usize>,
    /// Server errors of status 500 in a row.
    server_errors: u32,
    pace: Pace,
    speed: Speed,
}

impl Schedule {
    pub fn new(items: Vec<usize>, limits: Limits) -> Self {
        Schedule {
            limits,
            slots: items
                .into_iter()
                .map(|item| Slot {
                    item,
                    tries: 0,
                    turned_away: 0,
                    error: None,
                    fate: None,
                })
                .collect(),
            next: 0,
            again: BinaryHeap::new(),
            in_flight: 0,
            done: 0,
            failed: 0,
            left_out: 0,
            unknown: 0,
            not_done: 0,
            paused: None,
            resumed_ms: 0,
            end: None,
            quiet_until_ms: 0,
            quiet_streak: 0,
            presence: Presence::There,
            unanswered: Vec::new(),
            server_errors: 0,
            pace: Pace::new(limits.max_in_flight, 0),
            speed: Speed::default(),
        }
    }

    /// What has become of the items before this run, by their places: these are not tried.
    pub fn know(&mut self, fates: Vec<Option<Fate>>) {
        let places = self.slots.len();
        for (place, fate) in fates.into_iter().enumerate().take(places) {
            if let Some(fate) = fate {
                self.settle(place, fate, 0);
            }
        }
        self.speed = Speed::default();
    }

    pub fn begin_at(&mut self, now_ms: u64) {
        self.pace.interrupted(now_ms);
        self.speed.note(now_ms, self.settled());
    }

    fn settled(&self) -> usize {
        self.done + self.failed + self.left_out + self.unknown + self.not_done
    }

    fn waiting(&self) -> usize {
        self.slots.len() - self.settled() - self.in_flight
    }

    /// Whether nothing is left to wait for.
    pub fn is_over(&self) -> bool {
        self.in_flight == 0 && (self.end.is_some() || self.waiting() == 0)
    }

    /// Whether requests may be sent as far as the server's wishes go.
    pub fn quiet_until(&self, now_ms: u64) -> Option<u64> {
        (now_ms < self.quiet_until_ms).then_some(self.quiet_until_ms)
    }

    /// Begins the next try, if there is one and now is the time for it.
    pub fn begin(&mut self, now_ms: u64) -> Option<Begun> {
        let may = self.end.is_none()
            && self.paused.is_none()
            && self.presence == Presence::There
            && self.quiet_until(now_ms).is_none()
            && self.in_flight < self.pace.limit();
        if !may {
            return None;
        }
        let again = self.again.peek().map(|Reverse((at, _))| *at);
        let due = again.is_some_and(|at| at <= now_ms);
        // What goes one by one goes in its order: what comes next may look at what came before.
        if again.is_some() && !due && self.limits.max_in_flight == 1 {
            return None;
        }
        while self
            .slots
            .get(self.next)
            .is_some_and(|slot| slot.fate.is_some())
        {
            self.next += 1;
        }
        let place = if due {
            self.again.pop()?.0.1
        } else if self.next < self.slots.len() {
            self.next += 1;
            self.next - 1
        } else {
            return None;
        };
        self.in_flight += 1;
        let slot = &mut self.slots[place];
        slot.tries += 1;
        Some(Begun {
            place,
            item: slot.item,
            number: slot.tries,
            last: slot.tries >= self.limits.tries,
            begun_ms: now_ms,
        })
    }

    /// A try has ended. Answers with the fate of the item, if it has met it. `work` says whether what it is given
    /// up with may have been done.
    pub fn ended(
        &mut self,
        try_: Begun,
        step: Step,
        now_ms: u64,
        random: &dyn Random,
        work: &dyn Work,
    ) -> Option<Fate> {
        let busy = self.in_flight >= self.pace.limit();
        self.in_flight -= 1;
        if step == Step::Held {
            let slot = &mut self.slots[try_.place];
            slot.tries = slot.tries.saturating_sub(1);
            self.again.push(Reverse((now_ms, try_.place)));
            return None;
        }
        let error = match &step {
            Step::Done | Step::LeftOut(_) | Step::Held => None,
            // A server that is away makes no others unknown.
            Step::Unknown(error) | Step::Failed(error) | Step::Again(error) | Step::Stop(error) => {
                Some(error)
            }
        };
        self.learn(try_, error, busy, now_ms);
        let fate = match step {
            Step::Done => Fate::Done,
            // It was looked at, but what was sent before may come yet.
            Step::LeftOut(reason) => match work.unheard(self.slots[try_.place].item) {
                Some(error) => Fate::Unknown(error),
                None => Fate::LeftOut(reason),
            },
            Step::Unknown(error) => Fate::Unknown(error),
            Step::Failed(error) => Fate::Failed(error),
            Step::Stop(error) => {
                self.end.get_or_insert(End::Stopped);
                Fate::Failed(error)
            }
            Step::Again(error) => return self.again(try_, error, now_ms, random, work),
            Step::Held => return None,
        };
        self.settle(try_.place, fate.clone(), now_ms);
        Some(fate)
    }

    /// What an ended try says about the server.
    fn learn(&mut self, try_: Begun, error: Option<&ApiError>, busy: bool, now_ms: u64) {
        match error {
            Some(ApiError::RateLimited { .. }) => self.pace.trouble(try_.begun_ms, now_ms),
            Some(error) if error.is_no_answer() => {
                self.pace.trouble(try_.begun_ms, now_ms);
                self.unanswered.push(try_.place);
                if self.unanswered.len() >= SUSPICIOUS
                    && self.slots.len() > 1
                    && self.presence == Presence::There
                {
                    self.presence = Presence::Doubtful;
                }
                return;
            }
            // Nothing left this machine, or somebody refused it before the work began.
            Some(error) if error.needs_a_person() => return,
            Some(
                ApiError::Matrix { status: 500, .. } | ApiError::NotMatrix { status: 500, .. },
            ) => {
                // One alone is about its item; several in a row are a server in trouble.
                self.server_errors += 1;
                if self.server_errors > 1 {
                    self.pace.trouble(try_.begun_ms, now_ms);
                }
                self.unanswered.clear();
                return;
            }
            _ => {
                self.quiet_streak = 0;
                self.pace.answered(now_ms, busy);
            }
        }
        self.server_errors = 0;
        self.unanswered.clear();
    }

    fn again(
        &mut self,
        try_: Begun,
        error: ApiError,
        now_ms: u64,
        random: &dyn Random,
        work: &dyn Work,
    ) -> Option<Fate> {
        let place = try_.place;
        let uncounted = |slot: &mut Slot| slot.tries = slot.tries.saturating_sub(1);
        let at_ms = match &error {
            ApiError::RateLimited { retry_after_ms, .. } => {
                uncounted(&mut self.slots[place]);
                self.quiet(*retry_after_ms, now_ms, random);
                // Not about the item; it is as good as untried.
                self.again.push(Reverse((now_ms, place)));
                return None;
            }
            // A proxy may refuse nothing but this item, whoever goes on how often.
            _ if error.is_turned_away() && self.slots[place].turned_away >= PATIENCE => {
                return Some(self.give_up(place, error, now_ms, work));
            }
            error if error.needs_a_person() => {
                uncounted(&mut self.slots[place]);
                if try_.begun_ms >= self.resumed_ms {
                    self.slots[place].turned_away += u32::from(error.is_turned_away());
                    self.paused.get_or_insert_with(|| Some(error.clone()));
                    self.speed.forget();
                }
                now_ms
            }
            _ if matches!(self.presence, Presence::Away { .. }) => {
                uncounted(&mut self.slots[place]);
                now_ms
            }
            // With doubt, whether this was the server's fault is about to be found out.
            _ if try_.last && self.presence == Presence::There => {
                return Some(self.give_up(place, error, now_ms, work));
            }
            _ => now_ms.saturating_add(backoff_ms(try_.number, random)),
        };
        self.slots[place].error = Some(Box::new(error));
        self.again.push(Reverse((at_ms, place)));
        None
    }

    /// What is tried no more has failed with this, unless it may have been done.
    fn give_up(&mut self, place: usize, error: ApiError, now_ms: u64, work: &dyn Work) -> Fate {
        let unheard = work.unheard(self.slots[place].item);
        let fate = unheard.map_or(Fate::Failed(error), Fate::Unknown);
        self.settle(place, fate.clone(), now_ms);
        fate
    }

    /// The server has asked for patience.
    fn quiet(&mut self, retry_after_ms: Option<u64>, now_ms: u64, random: &dyn Random) {
        self.quiet_streak += 1;
        let wait = retry_after_ms.unwrap_or_else(|| backoff_ms(self.quiet_streak, random));
        self.quiet_until_ms = self.quiet_until_ms.max(now_ms.saturating_add(wait));
    }

    fn settle(&mut self, place: usize, fate: Fate, now_ms: u64) {
        match fate {
            Fate::Done => self.done += 1,
            Fate::Failed(_) => self.failed += 1,
            Fate::LeftOut(_) => self.left_out += 1,
            Fate::Unknown(_) => self.unknown += 1,
            Fate::NotDone => self.not_done += 1,
        }
        let slot = &mut self.slots[place];
        slot.error = None;
        slot.fate = Some(fate);
        self.speed.note(now_ms, self.settled());
    }

    /// Whether the server is to be asked now if it is there.
    pub fn asks(&self, now_ms: u64) -> bool {
        let due = match &self.presence {
            Presence::There => false,
            // Those in flight may answer the question.
            Presence::Doubtful => true,
            Presence::Away { again_at_ms, .. } => now_ms >= *again_at_ms,
        };
        due && self.end.is_none() && self.paused.is_none() && self.quiet_until(now_ms).is_none()
    }

    /// The server was asked whether it is there, at `asked_ms`.
    pub fn asked(
        &mut self,
        answer: Result<(), ApiError>,
        asked_ms: u64,
        now_ms: u64,
        random: &dyn Random,
    ) {
        if let Err(ApiError::RateLimited { retry_after_ms, .. }) = &answer {
            self.quiet(*retry_after_ms, now_ms, random);
        }
        let error = match answer {
            Err(error) if error.is_no_answer() => error,
            answer => {
                if let Err(error) = answer
                    && error.needs_a_person()
                    && asked_ms >= self.resumed_ms
                {
                    self.paused.get_or_insert(Some(error));
                    self.forgive();
                }
                if matches!(self.presence, Presence::Away { .. }) {
                    self.pace.restart(now_ms);
                    self.speed.forget();
                }
                self.presence = Presence::There;
                self.unanswered.clear();
                self.speed.note(now_ms, self.settled());
                return;
            }
        };
        let asked = match &self.presence {
            Presence::Away { asked, .. } => asked + 1,
            _ => 1,
        };
        self.forgive();
        let wait = backoff_ms(asked + 1, random).min(LONGEST_PING_WAIT_MS);
        self.presence = Presence::Away {
            asked,
            again_at_ms: now_ms.saturating_add(wait),
            error,
        };
        self.speed.forget();
    }

    /// What failed because the server was away costs no try.
    fn forgive(&mut self) {
        for place in std::mem::take(&mut self.unanswered) {
            let slot = &mut self.slots[place];
            slot.tries = slot.tries.saturating_sub(1);
        }
    }

    /// When there may be something to do without any answer coming; `None`: not by itself.
    pub fn wakes_at(&self, now_ms: u64) -> Option<u64> {
        if self.end.is_some() || self.paused.is_some() {
            return None;
        }
        if let Some(until) = self.quiet_until(now_ms) {
            return Some(until);
        }
        match &self.presence {
            Presence::Away { again_at_ms, .. } => return Some(*again_at_ms),
            // The question is under way.
            Presence::Doubtful => return None,
            Presence::There => {}
        }
        let room = self.in_flight < self.pace.limit();
        self.again
            .peek()
            .filter(|_| room)
            .map(|Reverse((at, _))| *at)
    }

    /// Settles what will not be tried any more; answers with the items and their fates.
    pub fn close(&mut self, now_ms: u64, work: &dyn Work) -> Vec<(usize, Fate)> {
        let mut closed = Vec::new();
        for place in 0..self.slots.len() {
            let slot = &mut self.slots[place];
            if slot.fate.is_some() {
                continue;
            }
            let fate = match (work.unheard(slot.item), slot.error.take()) {
                (Some(error), _) => Fate::Unknown(error),
                (None, Some(error)) if !error.needs_a_person() => Fate::Failed(*error),
                (None, _) => Fate::NotDone,
            };
            closed.push((slot.item, fate.clone()));
            self.settle(place, fate, now_ms);
        }
        self.again.clear();
        self.next = self.slots.len();
        closed
    }

    /// Whether nothing more is to be sent for now: paused, cancelled or stopped.
    pub fn is_held(&self) -> bool {
        self.end.is_some() || self.paused.is_some()
    }

    pub fn resume(&mut self, now_ms: u64) {
        self.paused = None;
        self.resumed_ms = now_ms;
        self.speed.forget();
        self.speed.note(now_ms, self.settled());
        self.pace.interrupted(now_ms);
    }

    pub fn forget_speed(&mut self) {
        self.speed.forget();
    }

    pub fn state(&self, now_ms: u64) -> RunState {
        match (&self.end, &self.paused, &self.presence) {
            (Some(End::Cancelled), ..) => RunState::Cancelled,
            (Some(End::Stopped), ..) => RunState::Stopped,
            _ if self.is_over() => RunState::Finished,
            (_, Some(because), _) => RunState::Paused {
                because: because.clone(),
            },
            (
                ..,
                Presence::Away {
                    again_at_ms, error, ..
                },
            ) => RunState::WaitingServer {
                until_ms: *again_at_ms,
                error: error.clone(),
            },
            _ => match self.quiet_until(now_ms) {
                Some(until_ms) => RunState::WaitingRateLimit { until_ms },
                None => RunState::Running,
            },
        }
    }

    pub fn progress(&self, now_ms: u64) -> Progress {
        let state = self.state(now_ms);
        let per_second = self.speed.per_second();
        let moving = matches!(state, RunState::Running | RunState::WaitingRateLimit { .. });
        let ahead = self.waiting() + self.in_flight;
        Progress {
            left_ms: per_second
                .filter(|rate| moving && *rate > 0.0)
                .map(|rate| (ahead as f64 * 1000.0 / rate) as u64),
            state,
            total: self.slots.len(),
            done: self.done,
            failed: self.failed,
            left_out: self.left_out,
            unknown: self.unknown,
            not_done: self.not_done,
            in_flight: self.in_flight,
            at_server: 0,
            waiting: self.waiting(),
            per_second,
        }
    }

    /// The fates so far, in the order in which the items were given.
    pub fn fates(&self) -> impl Iterator<Item = (usize, Option<&Fate>)> {
        self.slots
            .iter()
            .map(|slot| (slot.item, slot.fate.as_ref()))
    }
}
