//! What removing a room's history up to a moment or an event would hit. The server does not tell before,
//! so the room's messages are counted as far as that is reasonable: of a moment newest first, of an event
//! from there both ways.

use crate::api::events::{self, Event, Walk};
use crate::api::exchange::Patient;
use crate::api::room_removal::UpTo;
use crate::api::server::Capabilities;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, EventId, RoomId, ServerName};

/// How many events are looked at with one request, and how many requests there are at most, each way.
const PAGE: u64 = 1000;
const PAGES: usize = 20;

/// How many events around one are asked for with it.
const AROUND: u64 = 100;

/// The messages of a room on both sides of a moment or an event. State is not counted: it stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub before: u64,
    /// Those of `before` that users of this server have sent.
    pub own: u64,
    pub after: u64,
    /// Whether the room goes on further into the past than was looked at.
    pub more: bool,
    /// Whether there are newer ones than were looked at.
    pub more_after: bool,
}

impl Counted {
    /// One more event.
    fn note(&mut self, event: &Event, is_before: bool, own: &ServerName) {
        if event.state_key.is_some() {
            return;
        }
        if !is_before {
            self.after += 1;
            return;
        }
        self.before += 1;
        let server = event.sender.split_once(':').map(|(_, server)| server);
        self.own += u64::from(server == Some(own.as_str()));
    }

    /// How many of them are removed: those of the server's own users with `local`, and where the server does not
    /// tell them apart (`knows_own`).
    pub fn removed(self, local: bool, knows_own: bool) -> u64 {
        match local || !knows_own {
            true => self.before,
            false => self.before - self.own,
        }
    }

    /// With those of another room.
    pub fn and(self, other: Counted) -> Self {
        Counted {
            before: self.before + other.before,
            own: self.own + other.own,
            after: self.after + other.after,
            more: self.more || other.more,
            more_after: self.more_after || other.more_after,
        }
    }
}

/// Whether a server certainly tells its own users' messages apart; older ones take every event of a room for one
/// from elsewhere, and remove it for good.
pub fn knows_own(server: &Capabilities) -> bool {
    server.surely_since(156)
}

/// Whether an event, of an answer of this time, is older than a moment. The server removes by when it
/// received an event, not by when its sender says that it was sent.
fn is_before(event: &Event, answered: Timestamp, moment: Timestamp) -> bool {
    let at = event.received(answered).unwrap_or(event.origin_server_ts);
    at.0 < moment.0
}

/// A room whose messages are counted.
#[derive(Clone, Copy)]
pub struct Counting<'a> {
    pub server: Patient<'a>,
    pub room: &'a RoomId,
    /// The name of this server.
    pub own: &'a ServerName,
    /// Is asked before each request.
    pub go_on: &'a dyn Fn() -> bool,
}

impl Counting<'_> {
    /// Counts the messages on both sides of this.
    ///
    /// # Errors
    ///
    /// What the server answers; not found of an event that is not in the room;
    /// [`ApiError::Cancelled`] once nobody wants to go on.
    pub async fn count(self, up_to: &UpTo) -> Result<Counted, ApiError> {
        match up_to {
            UpTo::Moment(moment) => self.around_moment(*moment).await,
            UpTo::Event(event) => self.around_event(event).await,
        }
    }

    async fn around_moment(self, moment: Timestamp) -> Result<Counted, ApiError> {
        let mut counted = Counted::default();
        let mut note = |event: &Event, answered| {
            counted.note(event, is_before(event, answered, moment), self.own);
        };
        let more = self.walk(None, true, &mut note).await?;
        counted.more = more;
        Ok(counted)
    }

    async fn around_event(self, event: &EventId) -> Result<Counted, ApiError> {
        let mut counted = Counted::default();
        self.ask_on()?;
        let around = events::context(self.room, event, AROUND);
        let around = self.server.send(around).await?;
        for (found, from, is_before) in [
            (around.events_before, around.start, true),
            (around.events_after, around.end, false),
        ] {
            for event in &found {
                counted.note(event, is_before, self.own);
            }
            let Some(from) = from else { continue };
            let mut note = |event: &Event, _| counted.note(event, is_before, self.own);
            let more = self.walk(Some(from), is_before, &mut note).await?;
            match is_before {
                true => counted.more = more,
                false => counted.more_after = more,
            }
        }
        Ok(counted)
    }

    /// Goes through the events from there on, with the time of each answer. Whether there are more than
    /// were looked at.
    async fn walk(
        self,
        from: Option<String>,
        backwards: bool,
        note: &mut dyn FnMut(&Event, Timestamp),
    ) -> Result<bool, ApiError> {
        let mut walk = Walk {
            from,
            backwards,
            limit: PAGE,
            ..Default::default()
        };
        for _ in 0..PAGES {
            self.ask_on()?;
            let page = self.server.send(events::messages(self.room, &walk)).await?;
            let answered = Timestamp(self.server.clock.wall_ms());
            for event in &page.chunk {
                note(event, answered);
            }
            // Old servers never stop naming a next page.
            match page.end.filter(|_| !page.chunk.is_empty()) {
                Some(end) => walk.from = Some(end),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    fn ask_on(self) -> Result<(), ApiError> {
        match (self.go_on)() {
            true => Ok(()),
            false => Err(ApiError::Cancelled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Call;
    use crate::api::server::Version;
    use crate::runner::answering::asked;
    use futures_util::FutureExt;
    use serde_json::{Value, json};

    fn own() -> ServerName {
        ServerName::parse("b.org:8448").unwrap()
    }

    #[test]
    fn of_own_messages_none_is_said_to_stay_unless_that_is_certain() {
        let counted = Counted {
            before: 9,
            own: 4,
            ..Counted::default()
        };
        for (version, removed) in [
            ("1.163.2", 5),
            ("1.156.0", 5),
            ("1.155.0", 9),
            // Nobody knows how old it is.
            ("nightly", 9),
        ] {
            let server = Capabilities {
                version: Version::parse(version),
                ..Default::default()
            };
            let told = |local| counted.removed(local, knows_own(&server));
            assert_eq!([told(false), told(true)], [removed, 9], "{version}");
        }
    }

    /// What comes of counting in a room of which the server says this.
    fn counted(
        says: &dyn Fn(&Call) -> Result<Value, u16>,
        up_to: UpTo,
        go_on: bool,
    ) -> Result<Counted, ApiError> {
        let (room, own) = (RoomId::parse("!a:b.org").unwrap(), own());
        asked(says, |server| {
            async move {
                let counting = Counting {
                    server,
                    room: &room,
                    own: &own,
                    go_on: &|| go_on,
                };
                counting.count(&up_to).await
            }
            .boxed_local()
        })
    }

    fn asks(call: &Call, name: &str) -> Option<String> {
        let found = call.query.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| value.clone())
    }

    #[test]
    fn messages_are_counted_and_state_is_not() {
        let event = |at: i64, sender: &str, state: bool| Event {
            sender: sender.to_owned(),
            origin_server_ts: Timestamp(at),
            state_key: state.then(String::new),
            ..Default::default()
        };
        let mut counted = Counted::default();
        for event in [
            event(10, "@a:b.org:8448", false),
            event(9, "@a:c.org", false),
            event(9, "@a:b.org:8448", false),
            event(8, "@a:b.org:8448", true),
            event(7, "nonsense", false),
            // Dated back: the server received it at 15, and keeps it.
            Event {
                unsigned: json!({"age": 5}),
                ..event(1, "@a:b.org:8448", false)
            },
        ] {
            let is_before = is_before(&event, Timestamp(20), Timestamp(10));
            counted.note(&event, is_before, &own());
        }
        let expected = Counted {
            before: 3,
            own: 1,
            after: 2,
            ..Counted::default()
        };
        assert_eq!(counted, expected);
    }

    /// A room of messages that this server's users have sent, by their numbers: what stands around number 60,
    /// and from there on each way, four at a time.
    fn room_of(messages: u64) -> impl Fn(&Call) -> Result<Value, u16> {
        move |call| {
            let event = |n: u64| json!({"event_id": format!("${n}"), "sender": "@a:b.org:8448"});
            if call.path.ends_with("/context/%2460") {
                return Ok(json!({
                    "event": event(60),
                    "events_before": [event(59), event(58)], "start": "58",
                    "events_after": [event(61)], "end": "61",
                }));
            }
            if !call.path.ends_with("/messages") {
                return Err(404);
            }
            let from: u64 = asks(call, "from").map_or(messages, |from| from.parse().unwrap());
            let (chunk, end): (Vec<u64>, u64) = match asks(call, "dir").as_deref() {
                Some("b") => {
                    let end = from.saturating_sub(4);
                    ((end..from).rev().collect(), end)
                }
                _ => {
                    let end = (from + 4).min(messages);
                    ((from + 1..=end).collect(), end)
                }
            };
            let chunk: Vec<Value> = chunk.into_iter().map(event).collect();
            // As old servers do, it never stops naming a next page.
            Ok(json!({"chunk": chunk, "end": end.to_string()}))
        }
    }

    #[test]
    fn up_to_an_event_it_is_counted_from_there_both_ways() {
        let event = |id| UpTo::Event(EventId::parse(id).unwrap());
        let expected = Counted {
            before: 60,
            own: 60,
            after: 7,
            ..Counted::default()
        };
        // The event itself stays, and is on neither side.
        let found = counted(&room_of(67), event("$60"), true).unwrap();
        assert_eq!(found, expected);
        // Newer than what is looked at there are more.
        let found = counted(&room_of(1000), event("$60"), true).unwrap();
        assert_eq!((found.before, found.more), (60, false));
        assert_eq!((found.after, found.more_after), (1 + 4 * 20, true));
        let missing = counted(&room_of(67), event("$other"), true);
        assert!(missing.unwrap_err().is_not_found());
    }

    #[test]
    fn nothing_is_asked_once_nobody_wants_to_know() {
        let says = |_: &Call| -> Result<Value, u16> { panic!("it is asked") };
        for up_to in [
            UpTo::Moment(Timestamp(1)),
            UpTo::Event(EventId::parse("$60").unwrap()),
        ] {
            let found = counted(&says, up_to, false);
            assert_eq!(found, Err(ApiError::Cancelled));
        }
    }

    #[test]
    fn rooms_together_have_at_least_what_each_has_at_least() {
        let one = Counted {
            before: 3,
            own: 1,
            after: 2,
            more: true,
            more_after: false,
        };
        let other = Counted {
            before: 1,
            ..Counted::default()
        };
        let both = Counted { before: 4, ..one };
        assert_eq!(one.and(other), both);
    }
}
