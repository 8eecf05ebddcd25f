//! Events of rooms: state, messages, one event with what stands around it. The server shows an
//! administrator all of them, whoever may see them in the room.

use super::request::path;
use super::rooms::room_path;
use super::tolerant::{Timestamp, moment, or_default};
use super::{EventId, Request, RoomId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// An event. All of it is what some client or server wrote: anything at all. What is not as it
/// should be is left empty, so that one event never makes a page of others unreadable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Value")]
pub struct Event {
    pub event_id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub sender: String,
    pub room_id: Option<String>,
    /// When the sender's server says it was sent.
    pub origin_server_ts: Timestamp,
    pub content: Value,
    /// Only state has one; the empty text is one as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state_key: Option<String>,
    /// Whom the event redacts, in old room versions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redacts: Option<Value>,
    #[serde(skip_serializing_if = "Value::is_null")]
    pub unsigned: Value,
}

impl From<Value> for Event {
    fn from(event: Value) -> Self {
        let Value::Object(mut fields) = event else {
            return Event::default();
        };
        let mut take = |name| fields.remove(name).unwrap_or_default();
        let text = |value| match value {
            Value::String(text) => Some(text),
            _ => None,
        };
        Event {
            event_id: text(take("event_id")).unwrap_or_default(),
            kind: text(take("type")).unwrap_or_default(),
            sender: text(take("sender")).unwrap_or_default(),
            room_id: text(take("room_id")),
            origin_server_ts: moment(take("origin_server_ts")).unwrap_or_default(),
            content: take("content"),
            state_key: text(take("state_key")),
            redacts: Some(take("redacts")).filter(|value| !value.is_null()),
            unsigned: take("unsigned"),
        }
    }
}

impl Event {
    /// What redacted it, if it has been redacted.
    pub fn redacted_because(&self) -> Option<&Value> {
        self.unsigned
            .get("redacted_because")
            .filter(|event| event.is_object())
    }

    /// Whether it has been redacted.
    pub fn is_redacted(&self) -> bool {
        self.redacted_because().is_some() || self.unsigned.get("redacted_by").is_some()
    }

    /// When this server received it, by the clock that says when it answered. `origin_server_ts`
    /// is what the sender's server says, and application services may date messages back by
    /// years; the age is this server's own. `None` where it does not tell one: for what it has
    /// fetched from other servers long after it was sent.
    pub fn received(&self, answered: Timestamp) -> Option<Timestamp> {
        let age = self.unsigned.get("age")?.as_i64()?;
        Some(Timestamp(answered.0 - age))
    }

    /// What the content was before, where the server tells.
    pub fn previous(&self) -> Option<&Value> {
        self.unsigned
            .get("prev_content")
            .filter(|content| content.is_object())
    }
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/state`: the room's state now. `kind` asks for events
/// of one type; servers before 1.123 ignore it, and the caller filters. 404 if unknown.
pub fn state(room: &RoomId, kind: Option<&str>) -> Request<StateEvents> {
    Request::get(room_path(room, &["state"]))
        .query_some("type", kind)
        .timeout_ms(180_000)
}

/// The answer of [`state`], in no order.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct StateEvents {
    #[serde(default, deserialize_with = "or_default")]
    pub state: Vec<Event>,
}

/// The type of the events that say what somebody is in a room.
pub const MEMBER: &str = "m.room.member";

impl StateEvents {
    /// Who has ever been anything in the room: with their membership, `join` and its like, and what they
    /// call themselves there.
    pub fn memberships(&self) -> impl Iterator<Item = (UserId, &str, Option<&str>)> {
        let members = self.state.iter().filter(|event| event.kind == MEMBER);
        members.filter_map(|event| {
            let text = |key| event.content.get(key).and_then(Value::as_str);
            let user = UserId::parse(event.state_key.as_deref()?)?;
            Some((user, text("membership")?, text("displayname")))
        })
    }
}

/// Where [`messages`] begins and which way it goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Walk {
    /// A token of an earlier answer; the room's beginning or end if not given.
    pub from: Option<String>,
    /// Towards the past.
    pub backwards: bool,
    /// At most 1,000.
    pub limit: u64,
    /// Only events of these types; all if empty.
    pub types: Vec<String>,
    /// No events of these types.
    pub not_types: Vec<String>,
    /// Only events of these users; of all if empty.
    pub senders: Vec<String>,
    /// No events of these users.
    pub not_senders: Vec<String>,
    /// Only events with a `url` in the content, as files have one; or only those without.
    pub with_url: Option<bool>,
}

impl Walk {
    fn filter(&self) -> Option<String> {
        let mut filter = serde_json::Map::new();
        for (name, list) in [
            ("types", &self.types),
            ("not_types", &self.not_types),
            ("senders", &self.senders),
            ("not_senders", &self.not_senders),
        ] {
            if !list.is_empty() {
                filter.insert(name.into(), list.clone().into());
            }
        }
        if let Some(with_url) = self.with_url {
            filter.insert("contains_url".into(), with_url.into());
        }
        (!filter.is_empty()).then(|| Value::Object(filter).to_string())
    }
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/messages`: one page of what was said and changed. An
/// unknown room has none. Backwards the server may ask others for what it lacks, which takes a
/// while. Since Synapse 1.68.
pub fn messages(room: &RoomId, walk: &Walk) -> Request<EventPage> {
    Request::get(room_path(room, &["messages"]))
        .query("dir", if walk.backwards { "b" } else { "f" })
        .query("limit", walk.limit.clamp(1, 1000))
        .query_some("filter", walk.filter())
        .query_some("from", walk.from.as_deref())
        .timeout_ms(180_000)
}

/// One page of [`messages`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct EventPage {
    /// In the direction asked for.
    #[serde(default, deserialize_with = "or_default")]
    pub chunk: Vec<Event>,
    #[serde(default)]
    pub start: String,
    /// Where the next page begins; `None` on the last. Old servers never stop naming one.
    #[serde(default)]
    pub end: Option<String>,
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/context/{event_id}`: an event with so many others
/// around it. 404 `M_NOT_FOUND` if it is not in the room.
pub fn context(room: &RoomId, event: &EventId, limit: u64) -> Request<Context> {
    Request::get(room_path(room, &["context", event.as_str()]))
        .query("limit", limit)
        // Or all members of a large room come along.
        .query("filter", r#"{"lazy_load_members":true}"#)
}

/// The answer of [`context`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Context {
    pub event: Event,
    /// Newest first.
    #[serde(default, deserialize_with = "or_default")]
    pub events_before: Vec<Event>,
    #[serde(default, deserialize_with = "or_default")]
    pub events_after: Vec<Event>,
    /// Where to go on towards the past.
    #[serde(default)]
    pub start: Option<String>,
    /// Where to go on towards now.
    #[serde(default)]
    pub end: Option<String>,
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/timestamp_to_event`: the event nearest to a moment,
/// before it or (`forwards`) after it. 404 `M_NOT_FOUND` if there is none. Since Synapse 1.68.
pub fn at(room: &RoomId, moment: Timestamp, forwards: bool) -> Request<Moment> {
    Request::get(room_path(room, &["timestamp_to_event"]))
        .query("ts", moment.0)
        .query("dir", if forwards { "f" } else { "b" })
        .timeout_ms(180_000)
}

/// The answer of [`at`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Moment {
    pub event_id: EventId,
    pub origin_server_ts: Timestamp,
}

/// `GET /_synapse/admin/v1/fetch_event/{event_id}`: an event of any room that this server has,
/// as servers exchange it, and not redacted while the original is still kept. 404 `M_NOT_FOUND`
/// if it has none of that ID. Since Synapse 1.140.
pub fn fetch(event: &EventId) -> Request<Fetched> {
    Request::get(path(&["/_synapse/admin/v1/fetch_event", event.as_str()]))
}

/// The answer of [`fetch`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Fetched {
    pub event: Event,
}

/// `PUT /_matrix/client/v3/rooms/{room_id}/redact/{event_id}/{transaction}`: empties an event,
/// for everybody. Whoever's token it is must be in the room and have the power, else 403. The
/// same transaction does nothing a second time.
pub fn redact(
    room: &RoomId,
    event: &EventId,
    reason: Option<&str>,
    transaction: &str,
) -> Request<Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    }
    let path = path(&[
        "/_matrix/client/v3/rooms",
        room.as_str(),
        "redact",
        event.as_str(),
        transaction,
    ]);
    Request::put(path, &Body { reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_may_be_anything() {
        let json = r#"{"type":"m.room.message","event_id":"$a","sender":"@a:b",
            "origin_server_ts":1700000000000,"content":17,"state_key":"",
            "unsigned":{"redacted_because":{"type":"m.room.redaction"}}}"#;
        let event: Event = serde_json::from_str(json).unwrap();
        assert!(event.is_redacted());
        assert_eq!(event.state_key.as_deref(), Some(""));
        let event: Event = serde_json::from_str(r#"{"type":"x"}"#).unwrap();
        assert!(!event.is_redacted() && event.state_key.is_none());
        // Of old room versions, of broken servers.
        let page: EventPage = serde_json::from_str(
            r#"{"chunk":[{"type":"a","origin_server_ts":"yesterday","sender":null,"state_key":7},
                null, 7, [], {"type":["b"],"content":[[]]}, {"type":"c","event_id":"$c"}]}"#,
        )
        .unwrap();
        assert_eq!(page.chunk.len(), 6);
        assert_eq!(page.chunk[0].kind, "a");
        assert_eq!(page.chunk[5].event_id, "$c");
    }

    #[test]
    fn what_people_are_in_a_room() {
        // With what old servers answer besides, and what is not as it should be.
        let found: StateEvents = serde_json::from_str(
            r#"{"state":[
                {"type":"m.room.create","state_key":"","content":{"membership":"join"}},
                {"type":"m.room.member","state_key":"@a:b.org",
                 "content":{"membership":"join","displayname":"A"}},
                {"type":"m.room.member","state_key":"@c:b.org","content":{"membership":"ban","displayname":7}},
                {"type":"m.room.member","state_key":"@d:b.org","content":{}},
                {"type":"m.room.member","state_key":"nobody","content":{"membership":"join"}},
                {"type":"m.room.member","content":{"membership":"join"}}]}"#,
        )
        .unwrap();
        let user = |id| UserId::parse(id).unwrap();
        let people: Vec<_> = found.memberships().collect();
        assert_eq!(
            people,
            [
                (user("@a:b.org"), "join", Some("A")),
                (user("@c:b.org"), "ban", None)
            ]
        );
    }

    #[test]
    fn an_event_nested_too_deeply_hides_no_other() {
        let request = messages(&RoomId::parse("!a:b").unwrap(), &Walk::default());
        let body = format!(
            r#"{{"chunk":[{{"type":"a"}},{{"type":"b","content":{{"body":"Hello","x":{}{}}}}}],"end":"t1"}}"#,
            "[".repeat(130),
            "]".repeat(130)
        );
        let answer = crate::api::Answer::new(200, "application/json", body);
        let page = request.read(&answer).unwrap();
        assert_eq!(page.end.as_deref(), Some("t1"));
        assert_eq!(page.chunk[0].kind, "a");
        assert_eq!(page.chunk[1].content["body"], "Hello");
    }

    #[test]
    fn filters_are_json() {
        let walk = Walk {
            types: vec!["m.room.message".into()],
            senders: vec!["@a:b".into()],
            ..Default::default()
        };
        // Compared as JSON: the order of the keys hangs on who else builds
        // serde_json in the same run.
        let filter = walk.filter().expect("there are conditions");
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&filter).expect("it is JSON"),
            serde_json::json!({"senders": ["@a:b"], "types": ["m.room.message"]}),
        );
        assert_eq!(Walk::default().filter(), None);
    }
}
