//! What needs attention, worst first, and where it is dealt with.

use crate::address::route::Route;
use crate::api::server::Version;
use crate::api::tolerant::Timestamp;
use crate::i18n::{format, t};
use crate::media::question::{EARLIER, filter};
use crate::registration_tokens::EXPIRING;
use crate::users::address::{quiet_admins, traceless_admins};

/// So many lines stand on the dashboard before somebody wants to see all.
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
    /// So many reports are open: of what people have said, and of people.
    Reports { events: u64, users: u64 },
    /// So many accounts wait for approval.
    Waiting(u64),
    /// So many servers cannot be reached, of how many.
    Failing { failing: u64, of: u64 },
    /// So many administrators were last seen long ago: those whom this question of the list of users
    /// finds.
    QuietAdmins { count: u64, query: String },
    /// Of so many administrators, who have not just been given an account, there is no trace: those
    /// whom this question of the list of users finds.
    TracelessAdmins { count: u64, query: String },
    /// The background updates have come no further for so many milliseconds: most often this is one long step.
    UpdatesStand(u64),
    /// So many registration tokens expire within a week.
    ExpiringTokens(u64),
    /// When so many administrators were last seen was not looked at: they are too many to be asked about one by one.
    /// This question of the list of users does.
    AdminsNotLookedAt { count: u64, query: String },
    /// So many bytes were uploaded before the month that begins at this moment; perhaps more.
    OldMedia {
        bytes: u64,
        before: Timestamp,
        at_least: bool,
    },
}

impl Matter {
    /// That the server is old, if it is.
    pub fn old_synapse(version: Option<Version>) -> Option<Self> {
        let version = version?;
        let behind = version.releases_behind();
        (behind >= OLD_RELEASES).then_some(Matter::OldSynapse(version, behind))
    }

    /// That much of what is kept is old, if it is.
    pub fn old_media(bytes: u64, before: Timestamp, at_least: bool) -> Option<Self> {
        (bytes >= MUCH).then_some(Matter::OldMedia {
            bytes,
            before,
            at_least,
        })
    }

    /// What there is to say of administrators who were not seen since this day began. `count` tells
    /// how many are found by a question of the list of users, to which the line will lead.
    pub fn of_admins(day: &str, count: impl Fn(&str) -> u64) -> Vec<Self> {
        let counted = |query: String| Some((count(&query), query)).filter(|(count, _)| *count > 0);
        let quiet = counted(quiet_admins(day));
        let quiet = quiet.map(|(count, query)| Matter::QuietAdmins { count, query });
        let traceless = counted(traceless_admins(day));
        let traceless = traceless.map(|(count, query)| Matter::TracelessAdmins { count, query });
        quiet.into_iter().chain(traceless).collect()
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
            Matter::UpdatesStand(ms) => t::matter_updates_stand(&format::duration(*ms)),
            Matter::Reports { events, users } => t::matter_reports(events + users),
            Matter::Waiting(count) => t::matter_waiting(*count),
            Matter::Failing { failing, of } => {
                t::matter_failing(*failing, &format::number(*of as f64))
            }
            Matter::QuietAdmins { count, .. } => t::matter_quiet_admins(*count),
            Matter::TracelessAdmins { count, .. } => t::matter_traceless_admins(*count),
            Matter::ExpiringTokens(count) => t::matter_tokens(*count),
            Matter::AdminsNotLookedAt { count, .. } => t::matter_admins_unread(*count),
            Matter::OldMedia {
                bytes,
                before,
                at_least,
            } => {
                let (month, size) = (format::month(*before, true), format::bytes(*bytes));
                match at_least {
                    true => t::matter_old_media_at_least(&month, &size),
                    false => t::matter_old_media(&month, &size),
                }
            }
        }
    }

    /// Where it is dealt with: a route, or for what no page of ours can do a whole address.
    pub fn to(&self) -> String {
        match self {
            Matter::OldSynapse(..) => UPGRADING.to_owned(),
            Matter::FailedTasks(_) => Route::Tasks.at("state=failed"),
            Matter::UpdatesPaused | Matter::UpdatesStand(_) => Route::Tasks.tab("updates"),
            Matter::Reports { events: 0, .. } => Route::Reports.tab("users"),
            Matter::Reports { .. } => Route::Reports.to_string(),
            Matter::Waiting(_) => Route::Users.at("waiting=true"),
            Matter::Failing { .. } => Route::Federation.at("failing=true&sort=failure_ts"),
            Matter::QuietAdmins { query, .. }
            | Matter::TracelessAdmins { query, .. }
            | Matter::AdminsNotLookedAt { query, .. } => Route::Users.at(query),
            Matter::ExpiringTokens(_) => Route::RegistrationTokens.at(EXPIRING),
            Matter::OldMedia { .. } => Route::Media.at(&format!("{}={EARLIER}", filter::MONTH)),
        }
    }

    /// The icon of such a matter, a name in the sprite.
    pub fn icon(&self) -> &'static str {
        match self {
            Matter::OldSynapse(..) => "server",
            Matter::FailedTasks(_) => "tasks",
            Matter::UpdatesPaused => "pause",
            Matter::UpdatesStand(_) => "refresh",
            Matter::Reports { .. } => "flag",
            Matter::Waiting(_) => "user-plus",
            Matter::Failing { .. } => "globe",
            Matter::QuietAdmins { .. }
            | Matter::TracelessAdmins { .. }
            | Matter::AdminsNotLookedAt { .. } => "shield",
            Matter::ExpiringTokens(_) => "key",
            Matter::OldMedia { .. } => "media",
        }
    }

    /// How bad such a matter is.
    pub fn weight(&self) -> Weight {
        match self {
            Matter::OldSynapse(..) | Matter::FailedTasks(_) => Weight::Bad,
            Matter::ExpiringTokens(_)
            | Matter::UpdatesStand(_)
            | Matter::AdminsNotLookedAt { .. }
            | Matter::OldMedia { .. } => Weight::Hint,
            _ => Weight::Warning,
        }
    }
}

/// The worst, worst first, and the others, which are less urgent.
pub fn worst(mut matters: Vec<Matter>) -> (Vec<Matter>, Vec<Matter>) {
    matters.sort();
    let others = matters.split_off(matters.len().min(MOST));
    (matters, others)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::route::Route;

    fn all() -> Vec<Matter> {
        let query = "admins=true".to_owned();
        vec![
            Matter::OldMedia {
                bytes: MUCH,
                before: Timestamp(1_764_547_200_000),
                at_least: false,
            },
            Matter::ExpiringTokens(1),
            Matter::TracelessAdmins {
                count: 1,
                query: query.clone(),
            },
            Matter::QuietAdmins {
                count: 2,
                query: query.clone(),
            },
            Matter::AdminsNotLookedAt { count: 21, query },
            Matter::Failing {
                failing: 37,
                of: 2310,
            },
            Matter::Waiting(1),
            Matter::Reports {
                events: 3,
                users: 1,
            },
            Matter::UpdatesStand(90_000),
            Matter::FailedTasks(1),
            Matter::OldSynapse(Version(1, 98, 0), 65),
        ]
    }

    #[test]
    fn the_worst_come_first_and_no_more_than_seven() {
        let (worst, others) = worst(all());
        assert_eq!((worst.len(), others.len()), (MOST, 4));
        assert!(worst.iter().max() < others.iter().min());
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
        let unread = Matter::AdminsNotLookedAt {
            count: 21,
            query: quiet_admins("2026-08-30"),
        };
        assert!(unread.to().contains("admins=true") && unread.to().contains("not_seen_since"));
        let words = unread.words();
        assert!(
            words.contains("21 administrators") && words.contains("not been looked up"),
            "{words}"
        );
        // Not to a tab with nothing in it.
        let of_users = Matter::Reports {
            events: 0,
            users: 1,
        };
        assert_eq!(of_users.to(), "/reports?tab=users");
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
    fn one_long_step_of_an_update_is_no_warning() {
        let stands = Matter::UpdatesStand(90_000);
        assert_eq!(stands.weight(), Weight::Hint);
        assert!(stands.words().contains("one long step, or given up"));
        assert!(stands > Matter::Waiting(1));
        assert_eq!(Matter::UpdatesPaused.weight(), Weight::Warning);
    }

    #[test]
    fn what_is_new_or_little_needs_no_attention() {
        assert_eq!(Matter::old_synapse(Some(Version(1, 160, 0))), None);
        assert_eq!(Matter::old_synapse(None), None);
        assert_eq!(Matter::old_media(MUCH - 1, Timestamp(0), false), None);
    }

    #[test]
    fn administrators_are_counted_by_the_question_that_the_line_leads_to() {
        let day = "2026-08-30";
        let counted = |query: &str| u64::from(query.contains("not_seen_since=2026-08-30")) * 3;
        let found = Matter::of_admins(day, counted);
        let [quiet @ Matter::QuietAdmins { count: 3, .. }] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(counted(&quiet.to()), 3);
        assert_eq!(Matter::of_admins(day, |_| 0), []);
        let both = Matter::of_admins(day, |_| 1);
        assert!(matches!(both[1], Matter::TracelessAdmins { count: 1, .. }));
        assert!(both[1].to().ends_with(&traceless_admins(day)));
    }
}
