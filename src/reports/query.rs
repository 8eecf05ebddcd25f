//! The lists of reports: what to ask the server, and what to answer ourselves.
//!
//! Synapse lists reports by when they came, and looks for parts of IDs. Everything else is
//! answered all the same: the list is read whole, then filtered and sorted here.

use super::{Report, ReportKind, Reported};
use crate::address::identifier;
use crate::api::exchange::Patient;
use crate::api::pages::{ByPages, Page};
use crate::api::reports::{ListEventReports, ListUserReports};
use crate::api::server::{Capabilities, Feature};
use crate::api::{ApiError, EventId, RoomId, UserId};
use crate::listing::{Search, page_of, search};
use crate::sort_keys;
use std::cmp::Ordering;

sort_keys! {
    /// What the lists of reports can be sorted by.
    ReportOrder {
        Received: "received",
        Reporter: "reporter",
        Accused: "accused",
        Room: "room",
        Reason: "reason",
        Score: "score",
    }
}

/// What is asked of a list of reports. `None` is no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// A part of the reason, of an ID or of the name of the room; more as [`Search`] describes.
    pub search: String,
    pub reporter: Option<UserId>,
    /// Who was reported, or sent what was.
    pub accused: Option<UserId>,
    pub room: Option<RoomId>,
    pub event: Option<EventId>,
    /// With or without a reason.
    pub reasoned: Option<bool>,
    /// By when they came if not given.
    pub order_by: Option<ReportOrder>,
    pub descending: bool,
    pub from: u64,
    pub limit: u64,
}

/// A question in the words of the server.
#[derive(Clone, Debug, PartialEq)]
pub enum Asked {
    Events(ListEventReports),
    Users(ListUserReports),
}

/// How many reports of a kind the server has, and the newest of them: by that it shows whether what has
/// been read of it is all.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenReports {
    pub total: u64,
    newest: Option<Report>,
}

impl OpenReports {
    /// Of a page that begins with the newest.
    pub fn new(total: u64, page: impl Iterator<Item = Report>) -> Self {
        let newest = { page }.next();
        OpenReports { total, newest }
    }

    /// Whether the server has these reports and no others, if it counts so many that it does not list:
    /// old versions do, those of rooms that they know no more.
    pub fn is_of(&self, all: &[Report], unlisted: u64) -> bool {
        let is_newest = |newest: &Report| {
            all.iter()
                .any(|report| (report.id, report.received) == (newest.id, newest.received))
        };
        self.total == all.len() as u64 + unlisted && self.newest.as_ref().is_none_or(is_newest)
    }
}

impl Question {
    /// This question in the words of the server, unless it goes beyond them.
    ///
    /// Of IDs the server looks for parts, and takes some characters for wildcards. That is no
    /// answer to who somebody is, but rooms have names that chance has made.
    pub fn for_server(&self, kind: ReportKind, server: &Capabilities) -> Option<Asked> {
        let only_newest_or_oldest = matches!(self.order_by, None | Some(ReportOrder::Received));
        if !self.search.trim().is_empty()
            || self.reporter.is_some()
            || self.event.is_some()
            || self.reasoned.is_some()
            || !only_newest_or_oldest
        {
            return None;
        }
        let oldest_first = !self.descending;
        match kind {
            ReportKind::Events => {
                let room = self.room.as_ref().map(RoomId::as_str);
                let plain = |id: &str| id.is_ascii() && search::is_sure(id);
                let sender_is_asked =
                    server.has(Feature::ReportsBySender) && server.version.is_some();
                let beyond = room.is_some_and(|id| !plain(id))
                    || self
                        .accused
                        .as_ref()
                        .is_some_and(|id| !sender_is_asked || !id.as_str().is_ascii());
                (!beyond).then(|| {
                    Asked::Events(ListEventReports {
                        from: self.from,
                        limit: self.limit,
                        reporter: None,
                        room: room.map(str::to_owned),
                        sender: self.accused.clone(),
                        oldest_first,
                    })
                })
            }
            ReportKind::Users => (self.accused.is_none() && self.room.is_none()).then(|| {
                Asked::Users(ListUserReports {
                    from: self.from,
                    limit: self.limit,
                    oldest_first,
                    ..Default::default()
                })
            }),
        }
    }

    /// All reports, the newest first.
    pub fn newest_first() -> Self {
        Question {
            descending: true,
            ..Default::default()
        }
    }

    /// Answers from the whole list: the page, and how many match on all pages.
    pub fn answer(&self, all: &[Report]) -> (Vec<Report>, u64) {
        page_of(self.answer_whole(all), self.from, self.limit.max(1))
    }

    /// Answers from the whole list: all that match, in the order that is asked for.
    pub fn answer_whole(&self, all: &[Report]) -> Vec<Report> {
        let mut found: Vec<Report> = self.matching(all).into_iter().cloned().collect();
        self.sort(&mut found);
        found
    }

    /// Puts reports into the order that is asked for.
    pub fn sort(&self, reports: &mut Vec<Report>) {
        let key = self.order_by.unwrap_or(ReportOrder::Received);
        crate::listing::sort::sort_by(reports, |a, b| {
            let by_key = compare(a, b, key);
            let by_key = if self.descending {
                by_key.reverse()
            } else {
                by_key
            };
            // Where that says nothing, the newest come first whichever the way.
            by_key
                .then_with(|| b.received.cmp(&a.received))
                .then_with(|| b.id.cmp(&a.id))
        });
    }

    /// All reports that match, in the order of the list.
    pub fn matching<'a>(&self, all: &'a [Report]) -> Vec<&'a Report> {
        let search = Search::parse_with(&self.search, &identifier::is_room_id);
        fn same<T: PartialEq>(wanted: &Option<T>, found: Option<&T>) -> bool {
            wanted.is_none() || wanted.as_ref() == found
        }
        let found = |report: &&Report| {
            same(&self.reporter, Some(&report.reporter))
                && same(&self.accused, report.accused())
                && same(&self.room, report.room())
                && same(&self.event, report.event())
                && self
                    .reasoned
                    .is_none_or(|wanted| wanted == report.reason.is_some())
                && (search.is_empty() || finds(&search, report))
        };
        all.iter().filter(found).collect()
    }
}

/// Whether a report is found by what was typed.
fn finds(search: &Search, report: &Report) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let mut texts = vec![lower(report.reporter.as_str())];
    texts.extend(report.reason.as_deref().map(lower));
    match &report.about {
        Reported::Event {
            event,
            sender,
            room,
            room_name,
        } => {
            texts.extend([lower(event.as_str()), lower(room.as_str())]);
            texts.extend(sender.as_ref().map(|sender| lower(sender.as_str())));
            texts.extend(room_name.as_deref().map(lower));
        }
        Reported::User(user) => texts.push(lower(user.as_str())),
    }
    search.finds(|term| texts.iter().any(|text| text.contains(term)))
}

/// By a key; what is not there comes first.
fn compare(a: &Report, b: &Report, key: ReportOrder) -> Ordering {
    let title = |report: &Report| report.room_title().map(str::to_lowercase);
    let reason = |report: &Report| report.reason.as_deref().map(str::to_lowercase);
    match key {
        ReportOrder::Reporter => a.reporter.cmp(&b.reporter),
        ReportOrder::Accused => a.accused().cmp(&b.accused()),
        ReportOrder::Room => title(a)
            .cmp(&title(b))
            .then_with(|| a.room().cmp(&b.room())),
        ReportOrder::Reason => reason(a).cmp(&reason(b)),
        ReportOrder::Score => a.score.cmp(&b.score),
        ReportOrder::Received => a.received.cmp(&b.received).then_with(|| a.id.cmp(&b.id)),
    }
}

/// Reads all that a question for the server finds, oldest first. `report` hears how many are read
/// and how many there are. Dropping the future cancels it.
pub async fn read_matching(
    server: Patient<'_>,
    asked: &Asked,
    report: &dyn Fn(u64, u64),
) -> Result<Vec<Report>, ApiError> {
    Ok(match asked {
        Asked::Events(asked) => reports(server.all_of(asked, report).await?),
        Asked::Users(asked) => reports(server.all_of(asked, report).await?),
    })
}

fn reports<T: Into<Report>>(found: Vec<T>) -> Vec<Report> {
    found.into_iter().map(Into::into).collect()
}

/// What the server is asked for the reports of a kind about somebody. It looks for parts of IDs, so it may
/// answer with others as well.
pub fn about(kind: ReportKind, user: &UserId) -> Asked {
    match kind {
        ReportKind::Events => Asked::Events(ListEventReports {
            sender: Some(user.clone()),
            ..Default::default()
        }),
        ReportKind::Users => Asked::Users(ListUserReports {
            target: Some(user.to_string()),
            ..Default::default()
        }),
    }
}

/// Reads a page of what has come after the reports that are known, which are all of a kind, oldest first.
/// `None` if what is known is not all that stands before: others have dismissed some.
pub async fn read_later(
    server: Patient<'_>,
    kind: ReportKind,
    known: &[Report],
) -> Result<Option<Vec<Report>>, ApiError> {
    // The last that is known stands there again, unless one is gone.
    let from = (known.len() as u64).saturating_sub(1);
    let page = match kind {
        ReportKind::Events => {
            let asked = ListEventReports::default().large_page(from);
            reports(server.send(asked).await?.open().0)
        }
        ReportKind::Users => {
            let asked = ListUserReports::default().large_page(from);
            reports(server.send(asked).await?.open().0)
        }
    };
    Ok(continued(known, page))
}

/// What is known, and after it what stands on a page that begins with the last of it.
fn continued(known: &[Report], page: Vec<Report>) -> Option<Vec<Report>> {
    let Some((last, before)) = known.split_last() else {
        return Some(page);
    };
    let first = page.first()?;
    let is_there = (first.id, first.received) == (last.id, last.received);
    is_there.then(|| before.iter().cloned().chain(page).collect())
}

/// Reads all reports of a kind, oldest first, as [`read_matching`] does.
pub async fn read_all(
    server: Patient<'_>,
    kind: ReportKind,
    report: &dyn Fn(u64, u64),
) -> Result<Vec<Report>, ApiError> {
    let asked = match kind {
        ReportKind::Events => Asked::Events(ListEventReports::default()),
        ReportKind::Users => Asked::Users(ListUserReports::default()),
    };
    read_matching(server, &asked, report).await
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::api::server::Version;
    use crate::api::tolerant::Timestamp;
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn person(localpart: &str) -> UserId {
        UserId::parse(&format!("@{localpart}:b.org")).unwrap()
    }

    fn room(name: &str) -> RoomId {
        RoomId::parse(&format!("!{name}:b.org")).unwrap()
    }

    #[test]
    fn about_somebody_each_kind_is_asked_in_its_words() {
        let jane = person("jane");
        let Asked::Events(events) = about(ReportKind::Events, &jane) else {
            panic!("another kind");
        };
        assert_eq!((events.sender, events.reporter), (Some(jane.clone()), None));
        let Asked::Users(users) = about(ReportKind::Users, &jane) else {
            panic!("another kind");
        };
        assert_eq!(
            (users.target, users.reporter),
            (Some(jane.to_string()), None)
        );
        assert!(ReportKind::ALL.into_iter().all(|kind| kind.other() != kind));
    }

    pub(crate) fn event(
        id: u64,
        reporter: &str,
        event: &str,
        sender: Option<&str>,
        in_room: &str,
    ) -> Report {
        Report {
            id,
            received: Timestamp(id as i64 * 1000),
            reporter: person(reporter),
            about: Reported::Event {
                event: EventId::parse(event).unwrap(),
                sender: sender.map(person),
                room: room(in_room),
                room_name: None,
            },
            reason: None,
            score: None,
        }
    }

    pub(crate) fn user(id: u64, reporter: &str, accused: &str) -> Report {
        Report {
            about: Reported::User(person(accused)),
            ..event(id, reporter, "$none", None, "none")
        }
    }

    fn some() -> Vec<Report> {
        let mut all = vec![
            event(1, "anna", "$1", Some("carl"), "s"),
            event(2, "bob", "$1", Some("carl"), "r"),
            event(3, "anna", "$2", Some("dora"), "r"),
            event(4, "bob", "$3", None, "r"),
        ];
        all[0].reason = Some("Spam for Anna".into());
        all[0].score = Some(-100);
        all[2].reason = Some("insults".into());
        all[2].score = Some(0);
        all
    }

    fn ids(change: impl Fn(&mut Question)) -> Vec<u64> {
        let mut question = Question {
            limit: 10,
            descending: true,
            ..Default::default()
        };
        change(&mut question);
        let (page, _) = question.answer(&some());
        page.iter().map(|report| report.id).collect()
    }

    #[test]
    fn filters_that_the_server_lacks() {
        assert_eq!(ids(|_| ()), [4, 3, 2, 1]);
        assert_eq!(ids(|q| q.reporter = Some(person("anna"))), [3, 1]);
        assert_eq!(ids(|q| q.accused = Some(person("carl"))), [2, 1]);
        assert_eq!(ids(|q| q.room = Some(room("s"))), [1]);
        assert_eq!(ids(|q| q.event = EventId::parse("$1")), [2, 1]);
        assert_eq!(ids(|q| q.reasoned = Some(false)), [4, 2]);
        assert_eq!(ids(|q| q.search = "SPAM".into()), [1]);
        assert_eq!(ids(|q| q.search = "anna".into()), [3, 1]);
        assert_eq!(ids(|q| q.search = "anna !spam".into()), [3]);
        assert_eq!(ids(|q| q.search = "!s:b.org".into()), [1]);
        assert_eq!(ids(|q| q.search = "@dora".into()), [3]);
    }

    #[test]
    fn what_others_have_done_meanwhile_shows() {
        let all = some();
        let head = |total, newest: &Report| OpenReports::new(total, [newest.clone()].into_iter());
        assert!(head(4, &all[3]).is_of(&all, 0));
        assert!(OpenReports::new(0, std::iter::empty()).is_of(&[], 0));
        // One was dismissed, or came; or both.
        assert!(!head(3, &all[3]).is_of(&all, 0));
        let newer = event(5, "anna", "$4", Some("carl"), "r");
        assert!(!head(5, &newer).is_of(&all, 0));
        assert!(!head(4, &newer).is_of(&all, 0));
        // The number of one that was dismissed has been given again.
        let again = Report {
            received: Timestamp(9_000),
            ..all[3].clone()
        };
        assert!(!head(4, &again).is_of(&all, 0));
        // Some are counted and not listed.
        assert!(!head(6, &all[3]).is_of(&all, 0));
        assert!(head(6, &all[3]).is_of(&all, 2));
    }

    #[test]
    fn what_has_come_is_read_behind_what_is_known() {
        let all = some();
        let known = |count: usize| all[..count].to_vec();
        assert_eq!(continued(&known(2), all[1..].to_vec()), Some(all.clone()));
        assert_eq!(continued(&[], all.clone()), Some(all.clone()));
        assert_eq!(continued(&all, vec![all[3].clone()]), Some(all.clone()));
        // One of those before is gone, so that what stands there is another.
        assert_eq!(continued(&known(2), all[2..].to_vec()), None);
        assert_eq!(continued(&known(2), Vec::new()), None);
    }

    #[test]
    fn orders() {
        let by = |key, descending| {
            ids(|q| {
                q.order_by = Some(key);
                q.descending = descending;
            })
        };
        assert_eq!(by(ReportOrder::Received, false), [1, 2, 3, 4]);
        assert_eq!(by(ReportOrder::Reporter, false), [3, 1, 4, 2]);
        assert_eq!(by(ReportOrder::Reporter, true), [4, 2, 3, 1]);
        // The worst is -100; without a score nothing is known.
        assert_eq!(by(ReportOrder::Score, true), [3, 1, 4, 2]);
        assert_eq!(by(ReportOrder::Accused, false), [4, 2, 1, 3]);
        assert_eq!(by(ReportOrder::Reason, true), [1, 3, 4, 2]);
        assert_eq!(by(ReportOrder::Room, true), [1, 4, 3, 2]);
    }

    #[test]
    fn questions_for_the_server_and_for_us() {
        let server = |version| Capabilities {
            version: Version::parse(version),
            ..Default::default()
        };
        let (new, old) = (server("1.163.2"), server("1.98.0"));
        let asks = |kind, server: &Capabilities, change: fn(&mut Question)| {
            let mut question = Question::default();
            change(&mut question);
            question.for_server(kind, server).is_some()
        };
        for kind in ReportKind::ALL {
            assert!(asks(kind, &old, |_| ()));
            assert!(asks(kind, &old, |q| q.order_by = Some(ReportOrder::Received)));
            assert!(!asks(kind, &new, |q| q.order_by = Some(ReportOrder::Score)));
            assert!(!asks(kind, &new, |q| q.search = "x".into()));
            assert!(!asks(kind, &new, |q| q.reporter = Some(person("a"))));
        }
        let accused: fn(&mut Question) = |q| q.accused = Some(person("a_b"));
        assert!(asks(ReportKind::Events, &new, accused));
        assert!(
            !asks(ReportKind::Events, &old, accused),
            "it would be ignored"
        );
        assert!(!asks(ReportKind::Events, &server("nightly"), accused));
        assert!(!asks(ReportKind::Users, &new, accused));
        assert!(asks(ReportKind::Events, &old, |q| q.room = Some(room("r"))));
        assert!(!asks(ReportKind::Events, &new, |q| q.room = Some(room("r_s"))));
        assert!(!asks(ReportKind::Events, &new, |q| q.room = Some(room("r\\s"))));
    }

    proptest! {
        #[test]
        fn pages_together_are_the_whole(
            count in 0_u64..50,
            limit in 1_u64..20,
            descending: bool,
            key in prop::sample::select(vec![
                ReportOrder::Received, ReportOrder::Reporter, ReportOrder::Accused, ReportOrder::Room, ReportOrder::Score,
            ]),
        ) {
            let all: Vec<Report> = (0..count)
                .map(|id| event(id, ["a", "b"][id as usize % 2], "$1", None, "r"))
                .collect();
            let mut seen = HashSet::new();
            let mut from = 0;
            while from < count {
                let question = Question {
                    from, limit, descending, order_by: Some(key), ..Default::default()
                };
                let (page, total) = question.answer(&all);
                prop_assert_eq!(total, count);
                for report in page {
                    prop_assert!(seen.insert(report.id));
                }
                from += limit;
            }
            prop_assert_eq!(seen.len() as u64, count);
        }
    }
}
