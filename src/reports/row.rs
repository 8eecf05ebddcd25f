//! One report of any kind, as lists and pages know it.

use crate::api::reports::{EventReport, UserReport};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{EventId, RoomId, UserId};
use serde::{Deserialize, Serialize};

/// What kinds of report a server tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReportKind {
    Events,
    Users,
}

impl ReportKind {
    /// All of them. Rooms can be reported as well, but no version of Synapse tells of it.
    pub const ALL: [ReportKind; 2] = [ReportKind::Events, ReportKind::Users];

    /// The kind that it is not.
    pub fn other(self) -> ReportKind {
        match self {
            ReportKind::Events => ReportKind::Users,
            ReportKind::Users => ReportKind::Events,
        }
    }

    /// What a server must have to list them; `None` if all have it.
    pub fn needs(self) -> Option<Feature> {
        match self {
            ReportKind::Events => None,
            ReportKind::Users => Some(Feature::UserReports),
        }
    }
}

/// What somebody has reported.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// Tells it from others of its kind.
    pub id: u64,
    pub received: Timestamp,
    pub reporter: UserId,
    pub about: Reported,
    /// What the reporter wrote, if that is more than blanks. Any text.
    pub reason: Option<String>,
    /// From -100, most offensive, to 0, says the spec; whatever a client sent.
    pub score: Option<i64>,
}

/// Whom or what a report is about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reported {
    Event {
        event: EventId,
        /// `None` if the server has the event no more.
        sender: Option<UserId>,
        room: RoomId,
        /// What the room is called: its name or its alias.
        room_name: Option<String>,
    },
    User(UserId),
}

impl Report {
    /// Of which kind it is.
    pub fn kind(&self) -> ReportKind {
        match self.about {
            Reported::Event { .. } => ReportKind::Events,
            Reported::User(_) => ReportKind::Users,
        }
    }

    /// Who has been reported: the sender of the event, or the user. `None` if nobody knows.
    pub fn accused(&self) -> Option<&UserId> {
        match &self.about {
            Reported::Event { sender, .. } => sender.as_ref(),
            Reported::User(user) => Some(user),
        }
    }

    /// The event that has been reported.
    pub fn event(&self) -> Option<&EventId> {
        match &self.about {
            Reported::Event { event, .. } => Some(event),
            Reported::User(_) => None,
        }
    }

    /// The room in which it happened.
    pub fn room(&self) -> Option<&RoomId> {
        match &self.about {
            Reported::Event { room, .. } => Some(room),
            Reported::User(_) => None,
        }
    }

    /// What people call the room: its name, its alias, or its ID.
    pub fn room_title(&self) -> Option<&str> {
        match &self.about {
            Reported::Event {
                room, room_name, ..
            } => Some(room_name.as_deref().unwrap_or(room.as_str())),
            Reported::User(_) => None,
        }
    }

    /// Whether somebody has reported themselves, as people do to try it out.
    pub fn is_about_oneself(&self) -> bool {
        self.accused() == Some(&self.reporter)
    }
}

/// A text that says something.
fn said(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl From<EventReport> for Report {
    fn from(report: EventReport) -> Self {
        Report {
            id: report.id,
            received: report.received_ts,
            reporter: report.reporter,
            about: Reported::Event {
                event: report.event_id,
                sender: report.sender,
                room: report.room_id,
                room_name: said(report.name).or(said(report.canonical_alias)),
            },
            reason: said(report.reason),
            score: report.score,
        }
    }
}

impl From<UserReport> for Report {
    fn from(report: UserReport) -> Self {
        Report {
            id: report.id,
            received: report.received_ts,
            reporter: report.reporter,
            about: Reported::User(report.target),
            reason: said(report.reason),
            score: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_report_of_an_event() {
        let read = |extra: serde_json::Value| -> Report {
            let mut json = json!({"id": 3, "received_ts": 1_700_000_000_000_i64, "room_id": "!r:b",
                "event_id": "$e", "user_id": "@a:b", "reason": " ", "score": -100,
                "sender": "@c:b", "canonical_alias": "#r:b", "name": "Room"});
            for (key, value) in extra.as_object().unwrap() {
                json[key] = value.clone();
            }
            serde_json::from_value::<EventReport>(json).unwrap().into()
        };
        let report = read(json!({}));
        assert_eq!(report.kind(), ReportKind::Events);
        assert_eq!(report.accused().map(UserId::as_str), Some("@c:b"));
        assert_eq!(report.reason, None, "blanks say nothing");
        assert_eq!(report.score, Some(-100));
        assert_eq!(report.room_title(), Some("Room"));
        assert_eq!(read(json!({"name": ""})).room_title(), Some("#r:b"));
        let bare = read(json!({"name": null, "canonical_alias": null, "sender": null}));
        assert_eq!(bare.room_title(), Some("!r:b"));
        assert_eq!(bare.accused(), None);
        assert!(!bare.is_about_oneself());
        assert!(read(json!({"sender": "@a:b"})).is_about_oneself());
    }

    #[test]
    fn a_report_of_a_user() {
        let json = json!({"id": 3, "received_ts": 1, "user_id": "@a:b",
            "target_user_id": "@c:b", "reason": "Spam"});
        let report: Report = serde_json::from_value::<UserReport>(json).unwrap().into();
        assert_eq!(report.kind(), ReportKind::Users);
        assert_eq!(report.accused().map(UserId::as_str), Some("@c:b"));
        assert_eq!((report.room(), report.event()), (None, None));
        assert_eq!(report.reason.as_deref(), Some("Spam"));
    }
}
