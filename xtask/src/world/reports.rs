//! What people have reported: [`EVENTS`] events and, where the server keeps them, [`USERS`] users.
//!
//! | events | where |
//! |---|---|
//! | 12 messages of the long talk | `history` |
//! | 6 of every kind, each by three people: hostile, a picture, one in quarantine, encrypted, redacted since, of an unknown type | `reported` |
//! | 15 times a message, five of them twice | `general`, `xss`, `dm.0`, `nameless.0` |
//! | 3 in rooms that everybody has left | `empty.0` … `empty.2` |
//! | 2 that the server has no more | `history` |

use super::database::{Database, Statement};
use super::files::{SampleFile, State, client_of};
use super::people::{self, ordinary};
use super::{DAY_MS, Maker, failed};
use crate::native::Client;
use crate::synapse::Config;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use synapse_admin::api::request::path;
use synapse_admin::api::{EventId, Request, RoomId, events, reports};

/// How many reports of events there are.
pub const EVENTS: usize = 50;

/// How many reports of users there are, on servers that keep them (1.152 and newer tell of them).
pub const USERS: usize = 50;

/// Who speaks in the room `reported`, and who of them reports.
pub(super) const SPEAKERS: [usize; 5] = [65, 66, 67, 68, 69];

/// The IDs of the reported events that the server has no more.
pub const GONE: [&str; 2] = [
    "$gone0000000000000000000000000000000000000A",
    "$gone0000000000000000000000000000000000000B",
];

const REASONS: [&str; 12] = [
    "Spam",
    "Insults people",
    "<img src=x onerror=alert(1)>",
    "",
    "العنف اللفظي",
    "This message advertises a shop that has nothing to do with the room, for the third time this week.",
    "\u{202e}moor eht fo rebmem on si ohw ydobemoS",
    "First line\nSecond line\n\n\nLast line",
    "=HYPERLINK(\"http://example.org\";\"Look\")",
    "🤬🤬🤬",
    "H\u{335}e\u{334}l\u{337}p\u{336}\u{321}\u{34d}\u{30b}",
    "\"><script>alert(1)</script>",
];

fn reason(index: usize) -> String {
    match index % 17 {
        // As long as one may be.
        16 => "Everything that this person says. ".repeat(29),
        _ => REASONS[index % REASONS.len()].to_owned(),
    }
}

/// Reports what can be reported through the API.
pub(super) async fn make(
    maker: &Maker,
    rooms: &BTreeMap<String, RoomId>,
    files: &[SampleFile],
) -> Result<()> {
    of_the_long_talk(maker, &rooms["history"]).await?;
    of_every_kind(maker, &rooms["reported"], files).await
}

/// Twelve reports by a member of the long room.
async fn of_the_long_talk(maker: &Maker, room: &RoomId) -> Result<()> {
    let reporter = maker.act_as(&maker.user(people::ALICE)).await?;
    let messages: Value = reporter
        .run(
            &Request::get(path(&[
                "/_matrix/client/v3/rooms",
                room.as_str(),
                "messages",
            ]))
            .query("dir", "b")
            .query("limit", 60),
        )
        .await
        .map_err(failed("messages"))?;
    let events = messages["chunk"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|event| event["type"] == "m.room.message")
        .filter_map(|event| event["event_id"].as_str().and_then(EventId::parse));
    for (index, event) in events.step_by(4).take(12).enumerate() {
        let score = Some(-10 * index as i64);
        report(&reporter, room, &event, REASONS[index % 6], score).await?;
    }
    Ok(())
}

/// One event of every kind, each reported by three people.
async fn of_every_kind(maker: &Maker, room: &RoomId, files: &[SampleFile]) -> Result<()> {
    let mut people = Vec::new();
    for index in SPEAKERS {
        people.push(client_of(maker, &ordinary(index).0).await?);
    }
    let picture = |state: State| {
        let file = files
            .iter()
            .find(|file| file.state == state && file.content_type.starts_with("image/"));
        let file = file.with_context(|| format!("No picture is {state:?}."))?;
        anyhow::Ok(json!({
            "msgtype": "m.image", "body": "<b>Look</b>.png",
            "url": format!("mxc://{}/{}", maker.server(), file.media_id),
            "info": {"mimetype": file.content_type, "size": file.size},
        }))
    };
    let said = [
        (
            "m.room.message",
            json!({"msgtype": "m.text", "format": "org.matrix.custom.html",
                "body": "Come <a href=\"javascript:alert(1)\">here</a>",
                "formatted_body": "Come <a href=\"javascript:alert(1)\" onclick=\"alert(1)\">here</a>"}),
        ),
        ("m.room.message", picture(State::Plain)?),
        ("m.room.message", picture(State::Quarantined)?),
        (
            "m.room.encrypted",
            json!({"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgAEnAC", "device_id": "A",
                "sender_key": "", "session_id": "none"}),
        ),
        (
            "m.room.message",
            json!({"msgtype": "m.text", "body": "What nobody should have said"}),
        ),
        (
            "org.example.<poke>",
            json!({"how": ["often", {"times": 3}]}),
        ),
    ];
    for (index, (kind, content)) in said.iter().enumerate() {
        let sender = &people[index % 2];
        let event = maker.send(sender, room, kind, content).await?;
        let event = EventId::parse(&event).context("An event has no ID.")?;
        for (number, reporter) in people[2..].iter().enumerate() {
            // Newer apps send no score.
            let score = (number > 0).then_some([-100, 0][number % 2]);
            let reason = reason(index * 3 + number);
            report(reporter, room, &event, &reason, score).await?;
        }
        if content["body"] == "What nobody should have said" {
            let redact = events::redact(room, &event, Some("Insult"), "redacted");
            sender.run(&redact).await.map_err(failed("redact"))?;
        }
    }
    Ok(())
}

async fn report(
    reporter: &Client,
    room: &RoomId,
    event: &EventId,
    reason: &str,
    score: Option<i64>,
) -> Result<()> {
    let request = reports::report_event(room, event, Some(reason), score);
    reporter
        .run(&request)
        .await
        .map_err(failed("report"))
        .map(drop)
}

/// Reports what the API would not let anybody report any more, and everything else.
pub(super) fn write(
    database: &Database,
    config: &Config,
    rooms: &BTreeMap<String, RoomId>,
    now_ms: i64,
) -> Result<Vec<Statement>> {
    let user = |localpart: &str| format!("@{localpart}:{}", config.server_name);
    let reporter = |index: usize| user(&ordinary(index * 2).0);
    let content = |index: usize| {
        let reason = reason(index);
        let content = match index % 3 {
            0 => json!({"reason": reason, "score": -(index as i64)}),
            1 => json!({"reason": reason}),
            _ => json!({}),
        };
        content.to_string()
    };
    let general = (0..12).map(|index| ("general", [0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6][index]));
    let places = general
        .chain(["xss", "dm.0", "nameless.0"].map(|key| (key, 0)))
        .chain(["empty.0", "empty.1", "empty.2"].map(|key| (key, 0)));
    let of_messages = places
        .enumerate()
        .map(|(index, (key, place))| json!([reporter(index), content(index), rooms[key], place]));
    let of_what_is_gone = GONE
        .iter()
        .enumerate()
        .map(|(index, event)| json!([rooms["history"], event, reporter(index), content(index)]));
    let mut statements = vec![
        Statement::each(
            "INSERT INTO event_reports (id, received_ts, room_id, event_id, user_id, content) \
             SELECT (SELECT COALESCE(MAX(id), 0) + 1 FROM event_reports), 0, room_id, event_id, \
             ?1, ?2 FROM events WHERE room_id = ?3 AND type = 'm.room.message' \
             ORDER BY stream_ordering LIMIT 1 OFFSET ?4",
            of_messages,
        ),
        Statement::each(
            "INSERT INTO event_reports (id, received_ts, room_id, event_id, user_id, content) \
             VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM event_reports), 0, ?, ?, ?, ?)",
            of_what_is_gone,
        ),
        Statement::once(format!(
            "UPDATE event_reports SET received_ts = {now_ms} - id * {DAY_MS} * 3"
        )),
    ];
    if database.has_column("user_reports", "target_user_id")? {
        let accused = [
            people::XSS_IMG,
            people::LOCKED,
            people::SUSPENDED,
            people::SHADOW_BANNED,
            people::GONE,
            people::ERASED,
            people::BOT,
            people::CO_ADMIN,
            people::MEDIA_OWNER,
        ];
        let rows = (0..USERS).map(|index| {
            let target = match accused.get(index) {
                Some(localpart) => user(localpart),
                // Some are reported again and again.
                None => user(&ordinary(70 + index % 13).0),
            };
            let received = now_ms - (index as i64 + 1) * DAY_MS * 2;
            json!([index + 1, received, target, reporter(index), reason(index)])
        });
        statements.push(Statement::each(
            "INSERT INTO user_reports (id, received_ts, target_user_id, user_id, reason) \
             VALUES (?, ?, ?, ?, ?)",
            rows,
        ));
    }
    Ok(statements)
}
