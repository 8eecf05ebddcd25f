//! What people have reported to the administrators: events and users. Rooms can be reported as
//! well, but Synapse has no endpoint that tells (up to 1.163).

use super::events::Event;
use super::request::path;
use super::tolerant::{Timestamp, or_default, position};
use super::{EventId, Request, RoomId, UserId};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// Which reports [`events`] answers with. Texts must be ASCII, or the server answers 400; `%` and
/// `_` are wildcards in those that may be a part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListEventReports {
    /// How many to skip.
    pub from: u64,
    /// How many to answer with at most. Never 0.
    pub limit: u64,
    /// A part of the user ID of who reported; upper and lower case are told apart on PostgreSQL.
    pub reporter: Option<String>,
    /// A part of the room ID.
    pub room: Option<String>,
    /// The user who sent the event. Since Synapse 1.122; older servers ignore it.
    pub sender: Option<UserId>,
    /// Newest last. Only so are pages stable while people report.
    pub oldest_first: bool,
}

/// `GET /_synapse/admin/v1/event_reports`: one page of the events that people have reported, by
/// when they did. Reports of rooms that the server knows no more are not among them, though they
/// still are in its database.
pub fn events(query: &ListEventReports) -> Request<EventReportPage> {
    Request::get("/_synapse/admin/v1/event_reports")
        .query("from", query.from)
        .query("limit", query.limit.max(1))
        .query("dir", if query.oldest_first { "f" } else { "b" })
        .query_some("user_id", some(&query.reporter))
        .query_some("room_id", some(&query.room))
        .query_some("event_sender_user_id", query.sender.as_ref())
}

/// A condition, unless it is empty.
fn some(text: &Option<String>) -> Option<&str> {
    text.as_deref().filter(|text| !text.is_empty())
}

/// One page of [`events`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct EventReportPage {
    #[serde(deserialize_with = "or_default")]
    pub event_reports: Vec<EventReport>,
    /// How many match, on all pages.
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    #[serde(default, deserialize_with = "position")]
    pub next_token: Option<u64>,
}

/// An event that somebody has reported.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EventReport {
    pub id: u64,
    pub received_ts: Timestamp,
    pub room_id: RoomId,
    pub event_id: EventId,
    /// Who reported.
    #[serde(rename = "user_id")]
    pub reporter: UserId,
    /// What the reporter wrote; any text, perhaps empty.
    #[serde(default, deserialize_with = "text")]
    pub reason: Option<String>,
    /// From -100, most offensive, to 0, says the spec; whatever the client sent. Newer ones send
    /// none.
    #[serde(default, deserialize_with = "score")]
    pub score: Option<i64>,
    /// Who sent the event; `None` if the server has the event no more.
    #[serde(default)]
    pub sender: Option<UserId>,
    /// The room's.
    #[serde(default)]
    pub canonical_alias: Option<String>,
    /// The room's.
    #[serde(default)]
    pub name: Option<String>,
}

/// `GET /_synapse/admin/v1/event_reports/{report_id}`: one report with the event. 404
/// `M_NOT_FOUND` if there is none, and also if the server has the event or its room no more,
/// though the report is in the list.
pub fn event(id: u64) -> Request<EventReportDetail> {
    Request::get(event_report_path(id))
}

fn event_report_path(id: u64) -> String {
    format!("/_synapse/admin/v1/event_reports/{id}")
}

/// The answer of [`event`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct EventReportDetail {
    #[serde(flatten)]
    pub report: EventReport,
    /// The event as servers exchange it: mostly without its own ID, and as it was sent, even if it
    /// has been redacted since (the server forgets that after some days). Whether it has been,
    /// [`super::events::context`] says.
    #[serde(rename = "event_json")]
    pub event: Event,
}

/// `DELETE /_synapse/admin/v1/event_reports/{report_id}`: forgets the report. The event stays.
/// 404 `M_NOT_FOUND` if there is none. Since Synapse 1.79.
pub fn delete_event(id: u64) -> Request<Value> {
    Request::delete(event_report_path(id))
}

/// Which reports [`users`] answers with. Texts as in [`ListEventReports`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListUserReports {
    /// How many to skip.
    pub from: u64,
    /// How many to answer with at most. Never 0.
    pub limit: u64,
    /// A part of the user ID of who reported.
    pub reporter: Option<String>,
    /// A part of the user ID of who was reported.
    pub target: Option<String>,
    /// Newest last. Only so are pages stable while people report.
    pub oldest_first: bool,
}

/// `GET /_synapse/admin/v1/user_reports`: one page of the users that people have reported, by
/// when they did; all of this server. Since Synapse 1.152.
pub fn users(query: &ListUserReports) -> Request<UserReportPage> {
    Request::get("/_synapse/admin/v1/user_reports")
        .query("from", query.from)
        .query("limit", query.limit.max(1))
        .query("dir", if query.oldest_first { "f" } else { "b" })
        .query_some("user_id", some(&query.reporter))
        .query_some("target_user_id", some(&query.target))
}

/// One page of [`users`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct UserReportPage {
    #[serde(deserialize_with = "or_default")]
    pub user_reports: Vec<UserReport>,
    /// How many match, on all pages.
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    #[serde(default, deserialize_with = "position")]
    pub next_token: Option<u64>,
}

/// A user whom somebody has reported.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct UserReport {
    pub id: u64,
    pub received_ts: Timestamp,
    /// Who was reported.
    #[serde(rename = "target_user_id")]
    pub target: UserId,
    /// Who reported.
    #[serde(rename = "user_id")]
    pub reporter: UserId,
    /// What the reporter wrote; any text, perhaps empty.
    #[serde(default, deserialize_with = "text")]
    pub reason: Option<String>,
}

/// `GET /_synapse/admin/v1/user_reports/{report_id}`. 404 `M_NOT_FOUND` if there is none. Since
/// Synapse 1.152.
pub fn user(id: u64) -> Request<UserReport> {
    Request::get(user_report_path(id))
}

fn user_report_path(id: u64) -> String {
    format!("/_synapse/admin/v1/user_reports/{id}")
}

/// `DELETE /_synapse/admin/v1/user_reports/{report_id}`: forgets the report. 404 `M_NOT_FOUND` if
/// there is none. Since Synapse 1.152.
pub fn delete_user(id: u64) -> Request<Value> {
    Request::delete(user_report_path(id))
}

/// `POST /_matrix/client/v3/rooms/{room_id}/report/{event_id}`: reports an event to the
/// administrators of one's own server. 404 `M_NOT_FOUND` if whoever's token it is cannot see it.
pub fn report_event(
    room: &RoomId,
    event: &EventId,
    reason: Option<&str>,
    score: Option<i64>,
) -> Request<Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        score: Option<i64>,
    }
    let path = path(&[
        "/_matrix/client/v3/rooms",
        room.as_str(),
        "report",
        event.as_str(),
    ]);
    Request::post(path).json(&Body { reason, score })
}

/// `POST /_matrix/client/v3/users/{user_id}/report`: reports a user to the administrators of
/// one's own server, which keeps it only for a user of its own, and answers with success anyhow.
/// 400 `M_BAD_JSON` for more than 1,000 characters.
pub fn report_user(user: &UserId, reason: &str) -> Request<Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        reason: &'a str,
    }
    Request::post(path(&["/_matrix/client/v3/users", user.as_str(), "report"]))
        .json(&Body { reason })
}

/// What should be a text.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => Some(text),
        _ => None,
    })
}

/// What should be a whole number.
fn score<'de, D: Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    Ok(Value::deserialize(from)?.as_i64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_client_sent_hides_no_other_report() {
        for (reason, score) in [("7", "\"-100\""), ("null", "1e300"), ("[]", "{}")] {
            let json = format!(
                r#"{{"event_reports":[{{"id":1,"received_ts":1700000000000,"room_id":"!a:b",
                    "event_id":"$c","user_id":"@d:b","reason":{reason},"score":{score},
                    "sender":null,"canonical_alias":null,"name":null}}],"total":1}}"#
            );
            let page: EventReportPage = serde_json::from_str(&json).unwrap();
            let report = &page.event_reports[0];
            assert_eq!((&report.reason, report.score), (&None, None), "{json}");
            assert_eq!(report.sender, None);
        }
    }
}
