//! How many at a time: found by measuring.
//!
//! A server that computes (hashing passwords) is fastest with about as many requests in flight
//! as it has cores; more only make each one wait. A server that is far away is fastest with as
//! many as the browser's connections allow. From outside the two are told apart by trying: the
//! number goes up while the throughput goes up with it, and goes back when it does not. Trouble
//! (429, 502–504, timeouts) halves it.

/// At least so many answers are counted before a number is judged.
const WINDOW_ANSWERS: usize = 8;

/// At least so long is measured before a number is judged, in milliseconds. A fast server answers
/// in bursts: with half of this, imports went up and down for nothing and took an eighth longer;
/// with twice this, they were no faster and took longer to get going.
const WINDOW_MS: u64 = 400;

/// Going up must gain at least this share.
const WORTH_MORE: f64 = 0.015;

/// So must going down: measurements waver, and whoever goes down for nothing loses a little each
/// time.
const WORTH_LESS: f64 = 0.01;

/// Windows between two trials: at first, and at most.
const PATIENCE: (u32, u32) = (3, 24);

/// A trial of another number.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trial {
    /// Nothing is tried; so many windows until the next trial.
    None { windows: u32 },
    /// A higher number than `from`, which had this rate.
    Up { from: usize, rate: f64 },
    /// A lower number than `from`, which had this rate.
    Down { from: usize, rate: f64 },
}

/// Decides how many requests are in flight.
#[derive(Clone, Debug)]
pub struct Pace {
    max: usize,
    limit: usize,
    trial: Trial,
    /// The best rate known around here, per millisecond.
    rate: Option<f64>,
    patience: u32,
    /// Whether the next trial goes down.
    down_next: bool,
    /// Answers still to come from before the last change; they say nothing about the number.
    skip: usize,
    since_ms: u64,
    answers: usize,
    /// Trouble with requests begun before this is the trouble already acted on.
    cut_at_ms: Option<u64>,
}

impl Pace {
    /// Begins with two at a time (or `max`, if that is less).
    pub fn new(max: usize, now_ms: u64) -> Self {
        let max = max.max(1);
        Pace {
            max,
            limit: max.min(2),
            trial: Trial::None { windows: 1 },
            rate: None,
            patience: PATIENCE.0,
            down_next: false,
            skip: 0,
            since_ms: now_ms,
            answers: 0,
            cut_at_ms: None,
        }
    }

    /// How many may be in flight now.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Measuring starts anew: there was a break.
    pub fn interrupted(&mut self, now_ms: u64) {
        self.skip = 0;
        self.answers = 0;
        self.since_ms = now_ms;
    }

    /// An answer has come. `busy` tells whether as many were in flight as may be; otherwise the
    /// throughput is not the server's doing.
    pub fn answered(&mut self, now_ms: u64, busy: bool) {
        if !busy {
            self.interrupted(now_ms);
            return;
        }
        if self.skip > 0 {
            self.skip -= 1;
            self.answers = 0;
            self.since_ms = now_ms;
            return;
        }
        self.answers += 1;
        let elapsed = now_ms.saturating_sub(self.since_ms);
        // Requests of equal length come back in bursts: only whole rounds are comparable.
        let whole_rounds = self.answers.is_multiple_of(self.limit);
        if self.answers < WINDOW_ANSWERS || !whole_rounds || elapsed < WINDOW_MS {
            return;
        }
        let rate = self.answers as f64 / elapsed as f64;
        self.answers = 0;
        self.since_ms = now_ms;
        self.judge(rate);
    }

    /// A request begun at `begun_ms` met trouble that fewer requests may spare the server.
    pub fn trouble(&mut self, begun_ms: u64, now_ms: u64) {
        if self.cut_at_ms.is_some_and(|cut| begun_ms < cut) {
            return;
        }
        self.cut_at_ms = Some(now_ms);
        self.rate = None;
        self.patience = PATIENCE.0;
        self.down_next = false;
        self.hold(self.limit / 2);
        self.interrupted(now_ms);
    }

    /// The server was away: it gets one request, then more as it answers.
    pub fn restart(&mut self, now_ms: u64) {
        self.cut_at_ms = None;
        self.rate = None;
        self.hold(1);
        self.trial = Trial::None { windows: 1 };
        self.interrupted(now_ms);
    }

    fn judge(&mut self, rate: f64) {
        match self.trial {
            Trial::None { windows } => {
                // A little memory, so that one odd window decides nothing.
                let known = self.rate.map_or(rate, |old| (old + rate) / 2.0);
                self.rate = Some(known);
                if windows > 1 {
                    self.trial = Trial::None {
                        windows: windows - 1,
                    };
                } else if self.patience == PATIENCE.0 && !self.down_next {
                    // Nothing is known yet against going up: in big steps.
                    self.go_up(self.limit * 2);
                } else if self.down_next {
                    self.go_down();
                } else {
                    self.go_up(self.limit + 1);
                }
            }
            Trial::Up { from, rate: before } => {
                let hoped = self.limit as f64 / from as f64 - 1.0;
                if rate >= before * (1.0 + WORTH_MORE.max(hoped / 32.0)) {
                    self.rate = Some(rate);
                    self.patience = PATIENCE.0;
                    self.go_up(self.limit + (self.limit - from));
                } else if self.limit > from + 1 {
                    self.change(from + 1);
                } else {
                    self.fruitless();
                    self.hold(from);
                }
            }
            Trial::Down { from, rate: before } => {
                if rate >= before * (1.0 + WORTH_LESS) {
                    self.rate = Some(rate);
                    self.go_down();
                } else {
                    self.fruitless();
                    self.hold(from);
                }
            }
        }
    }

    fn fruitless(&mut self) {
        self.patience = (self.patience * 2).min(PATIENCE.1);
        self.down_next = matches!(self.trial, Trial::Up { .. });
    }

    fn go_up(&mut self, to: usize) {
        let from = self.limit;
        let to = to.min(self.max);
        let Some(rate) = self.rate.filter(|_| to > from) else {
            self.down_next = true;
            return self.hold(from);
        };
        self.trial = Trial::Up { from, rate };
        self.change(to);
    }

    fn go_down(&mut self) {
        let from = self.limit;
        let Some(rate) = self.rate.filter(|_| from > 1) else {
            self.down_next = false;
            return self.hold(from);
        };
        self.trial = Trial::Down { from, rate };
        self.change(from - 1);
    }

    fn hold(&mut self, limit: usize) {
        self.trial = Trial::None {
            windows: self.patience,
        };
        self.change(limit);
    }

    fn change(&mut self, limit: usize) {
        let limit = limit.clamp(1, self.max);
        if limit != self.limit {
            self.skip = self.limit.max(limit);
            self.limit = limit;
        }
        self.answers = 0;
    }
}
