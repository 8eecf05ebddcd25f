//! Whether another server can be reached, since when not, and when it is tried again.

use crate::api::federation::Destination;
use crate::api::tolerant::Timestamp;
use crate::i18n::t;

/// How it goes with another server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// The last that was sent to it has arrived.
    Reachable,
    /// No event has arrived there yet, and nothing has failed.
    Untried,
    /// It is being tried again because somebody said so, and nothing has arrived or failed since.
    Retried,
    Failing {
        since: Timestamp,
        next: Next,
    },
}

/// When a server that fails is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    At(Timestamp),
    /// The wait is over: as soon as there is something to send.
    WhenNeeded,
}

impl Health {
    /// The health of a server as it was told `now`; whether it is being tried again, it does not tell
    /// ([`Retried::health`](super::Retried::health) knows).
    pub fn of(server: &Destination, now: Timestamp) -> Self {
        let Some(since) = server.failure_ts else {
            return match server.last_successful_stream_ordering {
                Some(_) => Health::Reachable,
                None => Health::Untried,
            };
        };
        let tried = server.retry_last_ts.unwrap_or_default().0;
        let wait = i64::try_from(server.retry_interval).unwrap_or(i64::MAX);
        let at = Timestamp(tried.saturating_add(wait));
        Health::Failing {
            since,
            next: if at > now {
                Next::At(at)
            } else {
                Next::WhenNeeded
            },
        }
    }

    /// Whether nothing reaches the server.
    pub fn is_failing(self) -> bool {
        matches!(self, Health::Failing { .. })
    }

    /// In a word or two.
    pub fn word(self) -> String {
        match self {
            Health::Reachable => t::federation_reachable(),
            Health::Untried => t::federation_untried(),
            Health::Retried => t::federation_retried(),
            Health::Failing { .. } => t::federation_failing(),
        }
    }

    /// In a sentence, with since when and what comes next. `moment` says how long ago or ahead a
    /// point in time is.
    pub fn sentence(self, moment: &dyn Fn(Timestamp) -> String) -> String {
        match self {
            Health::Reachable => t::federation_reachable_sentence(),
            Health::Untried => t::federation_untried_sentence(),
            Health::Retried => t::federation_retried_sentence(),
            Health::Failing { since, next } => {
                let since = moment(since);
                match next {
                    Next::At(at) => t::federation_failing_until(&moment(at), &since),
                    Next::WhenNeeded => t::federation_failing_due(&since),
                }
            }
        }
    }
}

/// Whether nothing has reached the server since something failed. By when that began, which Synapse
/// writes down with every failure and takes back with a success, and by which it can sort: what is
/// counted without reading the list is what the list finds.
pub fn is_failing(server: &Destination) -> bool {
    server.failure_ts.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::ServerName;

    const HOUR: i64 = 3_600_000;
    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn server(failed: Option<i64>, tried: Option<i64>, wait: u64) -> Destination {
        let ago = |hours| Timestamp(NOW.0 - hours * HOUR);
        Destination {
            name: ServerName::parse("a.org").unwrap(),
            retry_last_ts: tried.map(ago),
            retry_interval: wait,
            failure_ts: failed.map(ago),
            last_successful_stream_ordering: Some(7),
        }
    }

    #[test]
    fn well_and_unknown() {
        let mut well = server(None, None, 0);
        assert_eq!(Health::of(&well, NOW), Health::Reachable);
        well.last_successful_stream_ordering = None;
        assert_eq!(Health::of(&well, NOW), Health::Untried);
        assert!(!Health::of(&well, NOW).is_failing());
    }

    #[test]
    fn failing_since_and_until() {
        let wait = 10 * HOUR as u64;
        let waits = Health::of(&server(Some(48), Some(2), wait), NOW);
        let Health::Failing { since, next } = waits else {
            panic!("{waits:?}")
        };
        assert_eq!(since.0, NOW.0 - 48 * HOUR);
        assert_eq!(next, Next::At(Timestamp(NOW.0 + 8 * HOUR)));
        let due = Health::of(&server(Some(48), Some(11), wait), NOW);
        assert!(matches!(
            due,
            Health::Failing {
                next: Next::WhenNeeded,
                ..
            }
        ));
        // What was tried and is not failing is well: the list and its number are one set.
        let tried = server(None, Some(2), wait);
        assert_eq!(Health::of(&tried, NOW), Health::Reachable);
        assert!(!is_failing(&tried));
        // Weeks by the longest wait that Synapse knows, and no overflow beyond it.
        let never = Health::of(&server(Some(1), Some(1), u64::MAX), NOW);
        assert!(matches!(
            never,
            Health::Failing {
                next: Next::At(_),
                ..
            }
        ));
    }

    #[test]
    fn in_words() {
        let moment = |at: Timestamp| match at.0.cmp(&NOW.0) {
            std::cmp::Ordering::Less => format!("{} hours ago", (NOW.0 - at.0) / HOUR),
            _ => format!("in {} hours", (at.0 - NOW.0) / HOUR),
        };
        let wait = 10 * HOUR as u64;
        let waits = Health::of(&server(Some(48), Some(2), wait), NOW);
        assert_eq!(waits.word(), "Unreachable");
        assert_eq!(
            waits.sentence(&moment),
            "First failed 48 hours ago. Next try in 8 hours."
        );
        let due = Health::of(&server(Some(48), Some(11), wait), NOW);
        assert_eq!(
            due.sentence(&moment),
            "First failed 48 hours ago. Tried again as soon as there is something to send."
        );
        assert_eq!(Health::Reachable.word(), "Reachable");
    }
}
