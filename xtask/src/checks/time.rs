//! What the checks take, and for which of them there is time (`cargo xtask test --within MINUTES`).

use super::Stage;
use std::time::{Duration, Instant};

impl Stage {
    /// How long it takes on two processors when everything is checked from an empty cache, in seconds:
    /// measured in November 2026. Other machines are faster or slower, all stages alike.
    fn usual_seconds(self) -> u32 {
        match self {
            Stage::Format | Stage::Deny => 2,
            Stage::Clippy => 360,
            Stage::Unit => 150,
            Stage::Old => 670,
            Stage::Size => 20,
            Stage::Postgres => 300,
            Stage::Browsers => 140,
            Stage::WebServers => 60,
            Stage::Release => 170,
            Stage::Oldest => 135,
            Stage::Twice => 240,
            Stage::Journeys => 1_850,
        }
    }

    /// Whether it runs however slow the machine is: what finds most.
    fn is_kept(self) -> bool {
        matches!(
            self,
            Stage::Format | Stage::Clippy | Stage::Unit | Stage::Size | Stage::Journeys
        )
    }
}

/// How much time there is, and how fast this machine is.
pub(super) struct Clock {
    begun: Instant,
    limit: Option<Duration>,
    /// What the stages that have run take usually, in seconds.
    usual: u32,
    /// What they took.
    took: Duration,
}

impl Clock {
    /// One that has just been wound up.
    pub(super) fn begin(limit: Option<Duration>) -> Clock {
        Clock {
            begun: Instant::now(),
            limit,
            usual: 0,
            took: Duration::ZERO,
        }
    }

    /// A stage has run.
    pub(super) fn note(&mut self, stage: Stage, took: Duration) {
        if stage == Stage::Size {
            // It may have waited for the bundle, which says nothing of what the others will take.
            return;
        }
        self.usual += stage.usual_seconds();
        self.took += took;
    }

    /// Whether there is time for a stage, before those that are never left out.
    pub(super) fn has_time_for(&self, stage: Stage, later: &[Stage]) -> bool {
        let Some(limit) = self.limit.filter(|_| !stage.is_kept()) else {
            return true;
        };
        let kept = later.iter().filter(|later| later.is_kept());
        let usual = kept.map(|stage| stage.usual_seconds()).sum::<u32>() + stage.usual_seconds();
        let left = limit.saturating_sub(self.begun.elapsed());
        Duration::from_secs(u64::from(usual)).mul_f64(self.slowness()) <= left
    }

    /// For which part of a stage that is kept there is time, from 0 to 1.
    pub(super) fn part_of(&self, stage: Stage) -> f64 {
        let Some(limit) = self.limit else {
            return 1.0;
        };
        let usual = f64::from(stage.usual_seconds()) * self.slowness();
        let left = limit.saturating_sub(self.begun.elapsed()).as_secs_f64();
        (left / usual).min(1.0)
    }

    /// How many times as long as usually everything takes.
    fn slowness(&self) -> f64 {
        match self.usual {
            0 => 1.0,
            usual => self.took.as_secs_f64() / f64::from(usual),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(minutes: u64, times: f64) -> Clock {
        let mut clock = Clock::begin(Some(Duration::from_secs(minutes * 60)));
        let usual = Duration::from_secs(Stage::Clippy.usual_seconds().into());
        clock.note(Stage::Clippy, usual.mul_f64(times));
        clock
    }

    #[test]
    fn what_can_be_spared_is_left_out_where_the_rest_would_not_end() {
        let later = [Stage::Twice, Stage::Journeys];
        assert!(clock(40, 1.0).has_time_for(Stage::Postgres, &later));
        assert!(!clock(40, 2.0).has_time_for(Stage::Postgres, &later));
        assert!(!clock(30, 1.0).has_time_for(Stage::Postgres, &later));
        // What finds most never is.
        assert!(clock(1, 9.0).has_time_for(Stage::Unit, &later));
        let endless = Clock::begin(None);
        assert!(endless.has_time_for(Stage::Twice, &later));
    }

    #[test]
    fn where_even_what_is_kept_would_not_end_a_part_of_it_runs() {
        let usual = f64::from(Stage::Journeys.usual_seconds());
        assert_eq!(clock(75, 1.0).part_of(Stage::Journeys), 1.0);
        for times in [2.0, 5.0] {
            let got = clock(20, times).part_of(Stage::Journeys);
            let part = 20.0 * 60.0 / (usual * times);
            assert!((got - part).abs() < 0.01, "{times}: {got}");
        }
        assert_eq!(Clock::begin(None).part_of(Stage::Journeys), 1.0);
    }

    #[test]
    fn on_a_machine_as_fast_as_usual_there_is_time_for_all() {
        let mut clock = clock(75, 1.0);
        for (at, stage) in Stage::ALL.iter().enumerate() {
            assert!(
                clock.has_time_for(*stage, &Stage::ALL[at + 1..]),
                "{stage:?}"
            );
            let took = Duration::from_secs(stage.usual_seconds().into());
            clock.begun -= took;
            clock.note(*stage, took);
        }
    }
}
