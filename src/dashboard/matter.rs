//! What needs attention, worst first, and where it is dealt with.

use crate::address::route::Route;
use crate::api::server::Version;
use crate::api::tolerant::Timestamp;
use crate::api::users::User;
use crate::i18n::{format, t};

/// So many lines stand on the dashboard at most.
pub const MOST: usize = 7;

/// Synapse is released every other week: half a year.
const OLD_RELEASES: u32 = 13;

/// From so many bytes on it is worth to say that files are old.
const MUCH: u64 = 1 << 30;

/// Where it is said how Synapse is brought up to date.
const UPGRADING: &str = "https://element-hq.github.io/synapse/latest/upgrade.html";

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Bad,
    Warning,
    Hint,
}

/// Something that needs attention. Worst first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matter {
    /// A Synapse that is so many releases behind.
    OldSynapse(Version, u32),
    /// So many tasks have failed within the last week.
    FailedTasks(u64),
    /// The server works on no background updates until it is told to, or started again.
    UpdatesPaused,
    /// So many reports are open.
    Reports(u64),
    /// So many accounts wait for approval.
    Waiting(u64),
    /// So many servers cannot be reached, of how many.
    Failing { failing: u64, of: u64 },
    /// So many administrators were last seen before that day.
    QuietAdmins { count: u64, day: String },
    /// Of so many administrators, who have an account since before that day, there is no trace.
    TracelessAdmins { count: u64, day: String },
    /// So many registration tokens expire within a week.
    ExpiringTokens(u64),
    /// So many bytes were uploaded more than a year ago; perhaps more.
    OldMedia { bytes: u64, at_least: bool },
}

impl Matter {
    /// That the server is old, if it is.
    pub fn old_synapse(version: Option<Version>) -> Option<Self> {
        let version = version?;
        let behind = version.releases_behind();
        (behind >= OLD_RELEASES).then_some(Matter::OldSynapse(version, behind))
    }

    /// That much of what is kept is old, if it is.
    pub fn old_media(bytes: u64, at_least: bool) -> Option<Self> {
        (bytes >= MUCH).then_some(Matter::OldMedia { bytes, at_least })
    }

    /// What there is to say of administrators that were not seen since a moment, which is the
    /// beginning of `day`. Those who are deactivated are not among `admins`.
    pub fn of_admins(admins: &[User], since: Timestamp, day: &str) -> Vec<Self> {
        let quiet = |user: &&User| user.last_seen_ts.is_some_and(|seen| seen < since);
        let traceless = |user: &&User| {
            let created = user.creation_ts;
            user.last_seen_ts.is_none() && created.is_some_and(|created| created < since)
        };
        let day = day.to_owned();
        let quiet = admins.iter().filter(quiet).count() as u64;
        let traceless = admins.iter().filter(traceless).count() as u64;
        let matters = [
            (quiet > 0).then(|| Matter::QuietAdmins {
                count: quiet,
                day: day.clone(),
            }),
            (traceless > 0).then_some(Matter::TracelessAdmins {
                count: traceless,
                day,
            }),
        ];
        matters.into_iter().flatten().collect()
    }

    /// What it is, in a sentence.
    pub fn words(&self) -> String {
        match self {
            Matter::OldSynapse(version, behind) => t::matter_old_synapse(
                u64::from(*behind),
                &Version::NEWEST_KNOWN.to_string(),
                &version.to_string(),
            ),
            Matter::FailedTasks(count) => t::matter_tasks(*count),
            Matter::UpdatesPaused => t::matter_updates_paused(),
            Matter::Reports(count) => t::matter_reports(*count),
            Matter::Waiting(count) => t::matter_waiting(*count),
            Matter::Failing { failing, of } => {
                t::matter_failing(*failing, &format::number(*of as f64))
            }
            Matter::QuietAdmins { count, .. } => t::matter_quiet_admins(*count),
            Matter::TracelessAdmins { count, .. } => t::matter_traceless_admins(*count),
            Matter::ExpiringTokens(count) => t::matter_tokens(*count),
            Matter::OldMedia { bytes, at_least } => {
                let size = format::bytes(*bytes);
                match at_least {
                    true => t::matter_old_media_at_least(&size),
                    false => t::matter_old_media(&size),
                }
            }
        }
    }

    /// Where it is dealt with: a route, or for what no page of ours can do a whole address.
    pub fn to(&self) -> String {
        match self {
            Matter::OldSynapse(..) => UPGRADING.to_owned(),
            Matter::FailedTasks(_) => Route::Tasks.at("state=failed"),
            Matter::UpdatesPaused => Route::Tasks.tab("updates"),
            Matter::Reports(_) => Route::Reports.to_string(),
            Matter::Waiting(_) => Route::Users.at("waiting=true"),
            Matter::Failing { .. } => Route::Federation.at("failing=true&sort=failure_ts"),
            Matter::QuietAdmins { day, .. } => Route::Users.at(&format!(
                "admins=true&deactivated=false&not_seen_since={day}"
            )),
            Matter::TracelessAdmins { day, .. } => Route::Users.at(&format!(
                "admins=true&created_until={day}&deactivated=false&seen=false"
            )),
            Matter::ExpiringTokens(_) => {
                Route::RegistrationTokens.at("sort=expiry_time&valid=true")
            }
            Matter::OldMedia { .. } => Route::Media.at("unused=365"),
        }
    }

    /// The icon of such a matter, a name in the sprite.
    pub fn icon(&self) -> &'static str {
        match self {
            Matter::OldSynapse(..) => "server",
            Matter::FailedTasks(_) => "tasks",
            Matter::UpdatesPaused => "pause",
            Matter::Reports(_) => "flag",
            Matter::Waiting(_) => "user-plus",
            Matter::Failing { .. } => "globe",
            Matter::QuietAdmins { .. } | Matter::TracelessAdmins { .. } => "shield",
            Matter::ExpiringTokens(_) => "key",
            Matter::OldMedia { .. } => "media",
        }
    }

    /// How bad such a matter is.
    pub fn weight(&self) -> Weight {
        match self {
            Matter::OldSynapse(..) | Matter::FailedTasks(_) => Weight::Bad,
            Matter::ExpiringTokens(_) | Matter::OldMedia { .. } => Weight::Hint,
            _ => Weight::Warning,
        }
    }
}

/// The worst, worst first, and how many more there are.
pub fn worst(mut matters: Vec<Matter>) -> (Vec<Matter>, usize) {
    matters.sort();
    let more = matters.len().saturating_sub(MOST);
    matters.truncate(MOST);
    (matters, more)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::route::Route;

    fn all() -> Vec<Matter> {
        let day = "2026-08-30".to_owned();
        vec![
            Matter::OldMedia {
                bytes: MUCH,
                at_least: false,
            },
            Matter::ExpiringTokens(1),
            Matter::TracelessAdmins {
                count: 1,
                day: day.clone(),
            },
            Matter::QuietAdmins { count: 2, day },
            Matter::Failing {
                failing: 37,
                of: 2310,
            },
            Matter::Waiting(1),
            Matter::Reports(3),
            Matter::UpdatesPaused,
            Matter::FailedTasks(1),
            Matter::OldSynapse(Version(1, 98, 0), 65),
        ]
    }

    #[test]
    fn the_worst_come_first_and_no_more_than_seven() {
        let (worst, more) = worst(all());
        assert_eq!((worst.len(), more), (MOST, 3));
        assert!(matches!(worst[0], Matter::OldSynapse(..)));
        assert!(matches!(worst[1], Matter::FailedTasks(1)));
        let weights: Vec<Weight> = worst.iter().map(Matter::weight).collect();
        assert!(weights.is_sorted());
    }

    #[test]
    fn each_leads_to_a_page_and_says_how_many() {
        for matter in all() {
            let to = matter.to();
            let ours = !matches!(Route::parse(&to), Route::Unknown(_));
            assert!(ours || to == UPGRADING, "{to}");
            assert!(!matter.words().contains('{'), "{}", matter.words());
        }
        let failing = Matter::Failing { failing: 1, of: 5 };
        assert_eq!(failing.words(), "1 of 5 other servers cannot be reached");
        assert_eq!(
            Matter::old_synapse(Some(Version(1, 98, 0)))
                .unwrap()
                .words(),
            "Synapse 1.98.0 is 65 releases behind 1.163.2, the newest that this panel knows"
        );
    }

    #[test]
    fn what_is_new_or_little_needs_no_attention() {
        assert_eq!(Matter::old_synapse(Some(Version(1, 160, 0))), None);
        assert_eq!(Matter::old_synapse(None), None);
        assert_eq!(Matter::old_media(MUCH - 1, false), None);
    }

    #[test]
    fn administrators_without_a_record_are_told_apart() {
        const STEP: i64 = 200_000_000_000;
        let user = |seen: Option<i64>, created: i64| -> User {
            let json = serde_json::json!({
                "name": "@a:b.org", "last_seen_ts": seen.map(|day| day * STEP), "creation_ts": created * STEP,
            });
            serde_json::from_value(json).unwrap()
        };
        let admins = [
            user(Some(5), 1),
            user(Some(20), 1),
            user(None, 1),
            user(None, 20),
        ];
        let day = "2026-08-30";
        let found = Matter::of_admins(&admins, Timestamp(10 * STEP), day);
        let expected = [
            Matter::QuietAdmins {
                count: 1,
                day: day.to_owned(),
            },
            Matter::TracelessAdmins {
                count: 1,
                day: day.to_owned(),
            },
        ];
        assert_eq!(found, expected);
        assert_eq!(
            Matter::of_admins(&admins[1..2], Timestamp(10 * STEP), day),
            []
        );
    }
}
