//! What removing a room's history up to a moment would hit. The server does not tell before, so
//! the room's messages are counted, newest first, as far as that is reasonable.

use crate::api::events::{self, Event, Walk};
use crate::api::exchange::Patient;
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId, ServerName};

/// How many events are looked at with one request, and how many requests there are at most.
const PAGE: u64 = 1000;
const PAGES: usize = 20;

/// The messages of a room on both sides of a moment. State is not counted: it stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub before: u64,
    /// Those of `before` that users of this server have sent.
    pub own: u64,
    pub after: u64,
    /// Whether the room goes on further into the past than was looked at.
    pub more: bool,
}

impl Counted {
    /// With one more event, of an answer of this time. The server removes by when it received
    /// an event, not by when its sender says that it was sent.
    fn with(
        mut self,
        event: &Event,
        answered: Timestamp,
        moment: Timestamp,
        own: &ServerName,
    ) -> Self {
        if event.state_key.is_some() {
            return self;
        }
        let at = event.received(answered).unwrap_or(event.origin_server_ts);
        if at.0 >= moment.0 {
            self.after += 1;
        } else {
            self.before += 1;
            let server = event.sender.split_once(':').map(|(_, server)| server);
            self.own += u64::from(server == Some(own.as_str()));
        }
        self
    }
}

/// Counts the messages of a room. `go_on` is asked before each request.
pub async fn count(
    server: Patient<'_>,
    room: &RoomId,
    moment: Timestamp,
    own: &ServerName,
    go_on: &dyn Fn() -> bool,
) -> Result<Counted, ApiError> {
    let mut counted = Counted::default();
    let mut walk = Walk {
        backwards: true,
        limit: PAGE,
        ..Default::default()
    };
    for _ in 0..PAGES {
        if !go_on() {
            return Err(ApiError::Cancelled);
        }
        let page = server.send(events::messages(room, &walk)).await?;
        let answered = Timestamp(server.clock.wall_ms());
        for event in &page.chunk {
            counted = counted.with(event, answered, moment, own);
        }
        // Old servers never stop naming a next page.
        match page.end.filter(|_| !page.chunk.is_empty()) {
            Some(end) => walk.from = Some(end),
            None => return Ok(counted),
        }
    }
    counted.more = true;
    Ok(counted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn messages_are_counted_and_state_is_not() {
        let own = ServerName::parse("b.org:8448").unwrap();
        let event = |at: i64, sender: &str, state: bool| Event {
            sender: sender.to_owned(),
            origin_server_ts: Timestamp(at),
            state_key: state.then(String::new),
            ..Default::default()
        };
        let counted = [
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
        ]
        .iter()
        .fold(Counted::default(), |counted, event| {
            counted.with(event, Timestamp(20), Timestamp(10), &own)
        });
        let expected = Counted {
            before: 3,
            own: 1,
            after: 2,
            more: false,
        };
        assert_eq!(counted, expected);
    }
}
