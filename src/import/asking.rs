//! What a plan asks the server: for how long the answers serve, and how many may be missing.

use crate::api::ApiError;
use crate::api::tolerant::Timestamp;

/// How long it serves besides the asking at least, in milliseconds.
const FRESH_MS: i64 = 5 * 60 * 1000;

/// So many without an answer in a row are not the one or other that is slow.
const IN_A_ROW: usize = 12;

/// One in so many may have no answer, however they follow each other.
const ONE_IN: usize = 100;

/// Whether the server, or what stands before it, does not know the question whose something is.
pub fn cannot_say(error: &ApiError) -> bool {
    match error {
        ApiError::Unsupported { .. } => true,
        ApiError::NotMatrix { status, .. } => matches!(status, 403..=405),
        _ => false,
    }
}

/// The questions of a reading that the server stumbles over or does not answer in its time, although it is
/// there.
#[derive(Debug)]
pub struct MissingAnswers {
    most: usize,
    all: usize,
    most_in_a_row: usize,
    in_a_row: usize,
}

impl MissingAnswers {
    /// None yet, of so many questions.
    pub fn of(questions: usize) -> Self {
        MissingAnswers {
            most: IN_A_ROW.max(questions / ONE_IN),
            all: 0,
            most_in_a_row: IN_A_ROW,
            in_a_row: 0,
        }
    }

    /// So many had none before: that they have none again says nothing new of the server.
    pub fn besides(mut self, before: usize) -> Self {
        self.most += before;
        self.most_in_a_row += before;
        self
    }

    /// One was answered.
    pub fn answered(&mut self) {
        self.in_a_row = 0;
    }

    /// One more was not; says whether it is worth while to go on.
    pub fn bears(&mut self) -> bool {
        self.all += 1;
        self.in_a_row += 1;
        self.all <= self.most && self.in_a_row <= self.most_in_a_row
    }
}

/// How old what the server has said is: for how long it was asked, and for how long nobody has asked since.
/// The time is the wall's: a machine that sleeps does not stop what happens on the server.
#[derive(Clone, Copy, Debug)]
pub struct Freshness {
    begun: Timestamp,
    /// When the asking ended, for now; while it is under way, when it began.
    rests_since: Timestamp,
    /// How long nobody asked before that, in milliseconds.
    rested_ms: i64,
}

impl Freshness {
    /// The first question is about to be asked.
    pub fn begun(now: Timestamp) -> Self {
        Freshness {
            begun: now,
            rests_since: now,
            rested_ms: 0,
        }
    }

    /// More is about to be asked.
    pub fn goes_on(&mut self, now: Timestamp) {
        self.rested_ms += now.0 - self.rests_since.0;
        self.rests_since = now;
    }

    /// Nobody asks any more, for now, whatever came of it.
    pub fn rests(&mut self, now: Timestamp) {
        self.rests_since = now;
    }

    /// Whether it serves for another plan, while nobody asks: for five minutes besides the asking, and what
    /// took longer to find out, for as long again. Not after the clock was set back.
    pub fn holds(&self, now: Timestamp) -> bool {
        let rests_ms = now.0 - self.rests_since.0;
        let took_ms = self.rests_since.0 - self.begun.0 - self.rested_ms;
        rests_ms >= 0 && took_ms >= 0 && self.rested_ms + rests_ms < FRESH_MS.max(took_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_server_that_answers_nothing_any_more_is_not_asked_on() {
        let mut unanswered = MissingAnswers::of(50_000);
        let borne = (0..50_000).take_while(|_| unanswered.bears()).count();
        assert_eq!(borne, IN_A_ROW);
    }

    #[test]
    fn now_and_then_one_without_an_answer_is_no_end() {
        let mut unanswered = MissingAnswers::of(50_000);
        let borne = (0..50_000).take_while(|_| {
            unanswered.answered();
            unanswered.bears()
        });
        assert_eq!(borne.count(), 500);
        let mut few = MissingAnswers::of(20);
        assert_eq!((0..20).take_while(|_| few.bears()).count(), IN_A_ROW);
    }

    #[test]
    fn those_that_had_no_answer_may_have_none_again() {
        // Of 5,000, so many may be left without; then they alone are asked for again, in a row.
        let mut again = MissingAnswers::of(50).besides(50);
        assert!((0..50).all(|_| again.bears()));
        let mut others = MissingAnswers::of(5_000).besides(1);
        let borne = (0..5_000).take_while(|_| others.bears()).count();
        assert_eq!(borne, IN_A_ROW + 1);
    }

    const MINUTE: i64 = 60_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp(1_700_000_000_000 + minutes * MINUTE)
    }

    /// Asked in these spans of minutes.
    fn asked(spans: &[(i64, i64)]) -> Freshness {
        let mut age = Freshness::begun(at(spans[0].0));
        for (number, (from, until)) in spans.iter().enumerate() {
            if number > 0 {
                age.goes_on(at(*from));
            }
            age.rests(at(*until));
        }
        age
    }

    /// For how many whole minutes after this one it holds.
    fn lasts(age: Freshness, from: i64) -> i64 {
        (0..1000)
            .take_while(|minutes| age.holds(at(from + minutes)))
            .count() as i64
    }

    #[test]
    fn five_minutes_besides_the_asking() {
        assert_eq!(lasts(asked(&[(0, 0)]), 0), 5);
        assert_eq!(lasts(asked(&[(0, 3)]), 3), 5);
    }

    #[test]
    fn what_took_longer_serves_for_as_long_again() {
        assert_eq!(lasts(asked(&[(0, 60)]), 60), 60);
        // In two parts, of which the second one was waited for in vain.
        assert_eq!(lasts(asked(&[(0, 20), (21, 61)]), 61), 59);
    }

    #[test]
    fn a_plan_made_again_does_not_make_it_fresh() {
        // A moment of asking every two minutes.
        let spans = [(0, 0), (2, 2), (4, 4)];
        assert_eq!(lasts(asked(&spans), 4), 1);
        assert_eq!(lasts(asked(&[(0, 0), (5, 5)]), 5), 0);
    }

    #[test]
    fn a_clock_that_is_set_back_makes_nothing_fresh() {
        assert!(!asked(&[(60, 90)]).holds(at(30)));
        // While somebody asked.
        assert!(!asked(&[(60, 30)]).holds(at(30)));
        assert!(!asked(&[(60, 30)]).holds(at(70)));
    }

    proptest! {
        #[test]
        fn however_often_somebody_asks(lengths in prop::collection::vec((0..90i64, 0..9i64), 1..9)) {
            let mut now = 0;
            let (mut took, mut rested) = (0, 0);
            let mut spans = Vec::new();
            for (asking, rest) in lengths {
                spans.push((now, now + asking));
                now += asking + rest;
                took += asking;
                rested += rest;
            }
            prop_assert_eq!(asked(&spans).holds(at(now)), rested < took.max(5));
        }
    }
}
