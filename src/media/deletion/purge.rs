//! Purging copies of other servers' files: in steps that no proxy gives up on, and what may be said of
//! it. Synapse lists no copies, so nobody knows beforehand when they were last used.

use crate::api::media::EARLIEST_BEFORE;
use crate::api::tolerant::Timestamp;
use crate::media::question::DAY_MS;

/// The dates of a purge, oldest first; the last is the one that was asked for. They lie closer together
/// the later they are: a week in the last year, four weeks in the two before it, then a year.
pub fn purge_steps(before: Timestamp) -> Vec<Timestamp> {
    let weeks = (0..52).map(|week| week * 7);
    let months = (0..26).map(|month| 364 + month * 28);
    let years = (0..8).map(|year| 1_092 + year * 364);
    let days = weeks.chain(months).chain(years);
    let dates = days.map(|days: i64| Timestamp(before.0 - days * DAY_MS));
    let mut steps: Vec<Timestamp> = dates
        .filter(|date| *date >= EARLIEST_BEFORE || *date == before)
        .collect();
    steps.reverse();
    steps
}

/// What has become of a purge, as far as the server has told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PurgeTold {
    /// How many copies answers have named.
    pub deleted: u64,
    /// Whether an answer was lost: what that request deletes is in no other.
    pub is_lost: bool,
}

/// What may be said of a purge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PurgeCame {
    /// No copy was that old.
    Nothing,
    /// So many were deleted.
    Deleted(u64),
    /// So many were deleted, and perhaps more.
    AtLeast(u64),
    /// Nothing was deleted so far, and not everything was asked for.
    Open,
}

impl PurgeTold {
    /// What may be said. `is_whole`: every step was answered with success.
    pub fn came(self, is_whole: bool) -> PurgeCame {
        match (self.deleted, self.is_lost) {
            (count, true) => PurgeCame::AtLeast(count),
            (0, false) if is_whole => PurgeCame::Nothing,
            (0, false) => PurgeCame::Open,
            (count, false) => PurgeCame::Deleted(count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_rise_to_what_was_asked_for() {
        let before = Timestamp(1_790_000_000_000);
        let steps = purge_steps(before);
        assert_eq!(steps.last(), Some(&before));
        let apart = steps.windows(2).map(|pair| pair[1].0 - pair[0].0);
        let apart: Vec<i64> = apart.map(|ms| ms / DAY_MS).collect();
        assert!(apart.iter().all(|days| [7, 28, 364].contains(days)));
        assert!(apart.windows(2).all(|pair| pair[0] >= pair[1]));
        assert_eq!(apart.iter().sum::<i64>(), 1_092 + 7 * 364);
        // Synapse takes no date before this, and the one that was asked for is always sent.
        let early = Timestamp(EARLIEST_BEFORE.0 + 10 * DAY_MS);
        let steps = purge_steps(early);
        assert_eq!(steps, [Timestamp(early.0 - 7 * DAY_MS), early]);
        assert_eq!(purge_steps(EARLIEST_BEFORE), [EARLIEST_BEFORE]);
    }

    #[test]
    fn nothing_is_said_only_where_the_server_has_said_it() {
        let told = |deleted, is_lost| PurgeTold { deleted, is_lost };
        assert_eq!(told(0, false).came(true), PurgeCame::Nothing);
        assert_eq!(told(3, false).came(true), PurgeCame::Deleted(3));
        // An earlier try, or all of them, may have deleted what no answer names.
        assert_eq!(told(0, true).came(true), PurgeCame::AtLeast(0));
        assert_eq!(told(3, true).came(true), PurgeCame::AtLeast(3));
        assert_eq!(told(0, true).came(false), PurgeCame::AtLeast(0));
        // Cancelled before anything was found.
        assert_eq!(told(0, false).came(false), PurgeCame::Open);
        assert_eq!(told(3, false).came(false), PurgeCame::Deleted(3));
    }
}
