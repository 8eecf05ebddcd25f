//! What no API can say: when things happened, who was a guest, which servers do not answer.
//! Written straight into the database while the server is stopped.

use super::database::{Database, Statement};
use super::files::{SampleFile, State, remote_files};
use super::people::{self, Kind, Person};
use super::{Chance, DAY_MS, TOKENS, reports};
use crate::postgres::Engine;
use crate::synapse::Config;
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use synapse_admin::api::RoomId;

/// Servers that we have not reached for days, with how many days ago they last answered.
pub const FAILING_DESTINATIONS: [(&str, i64); 8] = [
    ("old.example.com", 400),
    ("gone.example.net", 90),
    ("down.example.org", 3),
    ("slow.example.io", 1),
    ("moved.example.com", 30),
    ("xn--mnchen-3ya.example", 12),
    ("192.0.2.7:8448", 7),
    ("[2001:db8::7]:8448", 7),
];

/// Servers that answer.
pub const GOOD_DESTINATIONS: [&str; 7] = [
    "matrix.example.org",
    "media.example.net",
    "images.example.io",
    "chat.example.edu",
    "friends.example.com",
    "a-server-with-a-rather-long-name.and.some.labels.more.example.org",
    "localhost:8448",
];

/// Programs that people use.
const AGENTS: [(&str, &str); 6] = [
    (
        "Element Web",
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    ),
    (
        "Element X iOS",
        "Element X/1.9.3 (iPhone 14; iOS 17.5; Scale/3.00)",
    ),
    (
        "Element Android",
        "Element/1.6.20 (Samsung SM-S911B; Android 14)",
    ),
    ("Fractal", "Fractal/8"),
    ("<b>hydrogen</b>", "<script>alert(1)</script>"),
    ("", ""),
];

/// Writes the past of everything.
pub(super) fn write(
    config: &Config,
    people: &[Person],
    files: &[SampleFile],
    rooms: &BTreeMap<String, RoomId>,
    now_ms: i64,
) -> Result<()> {
    let database = Database::of(config);
    let mut statements = log_everybody_out();
    statements.extend(lives(config, people, now_ms));
    statements.extend(guests(&database, config, now_ms)?);
    statements.extend(ages(files));
    statements.extend(remote_media(config, now_ms)?);
    statements.extend(destinations(rooms, now_ms));
    statements.push(Statement::each(
        "UPDATE registration_tokens SET expiry_time = ? WHERE token = ?",
        [json!([now_ms - 20 * DAY_MS, TOKENS[3]])],
    ));
    statements.push(Statement::each(
        "UPDATE registration_tokens SET completed = ?, pending = ? WHERE token = ?",
        [json!([1, 0, TOKENS[1]]), json!([7, 2, TOKENS[4]])],
    ));
    statements.extend(reports::write(&database, config, rooms, now_ms)?);
    if config.engine == Engine::Postgres {
        // As on servers from before 2022, the only ones that tell which rooms are the largest.
        statements.push(Statement::once(
            "UPDATE event_edges SET room_id = (SELECT room_id FROM events \
             WHERE events.event_id = event_edges.event_id)",
        ));
    }
    database.run(&statements)?;
    database.look_around()
}

/// Removes what building has left: tokens, the devices they came with, the traces of both.
fn log_everybody_out() -> Vec<Statement> {
    [
        "DELETE FROM access_tokens",
        "DELETE FROM devices",
        "DELETE FROM user_ips",
        "DELETE FROM monthly_active_users",
    ]
    .map(Statement::once)
    .into()
}

/// When accounts were made, on which devices they were used, and when last.
fn lives(config: &Config, people: &[Person], now_ms: i64) -> Vec<Statement> {
    let mut chance = Chance::new(3);
    let (mut births, mut devices, mut visits) = (Vec::new(), Vec::new(), Vec::new());
    let localparts = std::iter::once((people::ADMIN, Kind::Admin)).chain(
        people
            .iter()
            .map(|person| (person.localpart.as_str(), person.kind)),
    );
    for (index, (localpart, kind)) in localparts.enumerate() {
        let user = format!("@{localpart}:{}", config.server_name);
        let age_days = 1 + chance.below(1800);
        births.push(json!([(now_ms - age_days * DAY_MS) / 1000, user]));
        // A sixth was never seen, and neither were those who are gone.
        let is_gone = matches!(kind, Kind::Deactivated | Kind::Erased);
        if is_gone || (index % 6 == 5 && localpart != people::ALICE) {
            continue;
        }
        let count = if localpart == people::ALICE {
            7
        } else {
            1 + chance.below(3)
        };
        let last_seen = now_ms - chance.below(age_days * 24) * DAY_MS / 24;
        for number in 0..count {
            let (name, agent) = AGENTS[chance.below(AGENTS.len() as i64) as usize];
            let seen = last_seen - number * 9 * DAY_MS;
            let ip = match number {
                0 => format!("203.0.113.{}", 1 + index % 250),
                _ => format!("2001:db8::{index:x}"),
            };
            let device = format!("DEV{index:04}{number}");
            let name = (!name.is_empty()).then_some(name);
            devices.push(json!([user, device, name, seen, ip, agent]));
            visits.push(json!([user, device, device, ip, agent, seen]));
        }
    }
    vec![
        Statement::each("UPDATE users SET creation_ts = ? WHERE name = ?", births),
        Statement::each(
            "INSERT INTO devices (user_id, device_id, display_name, last_seen, ip, user_agent, \
             hidden) VALUES (?, ?, ?, ?, ?, ?, FALSE)",
            devices,
        ),
        Statement::each(
            "INSERT INTO user_ips (user_id, access_token, device_id, ip, user_agent, last_seen) \
             VALUES (?, ?, ?, ?, ?, ?)",
            visits,
        ),
    ]
}

/// Guests, and an account from before today's grammar.
fn guests(database: &Database, config: &Config, now_ms: i64) -> Result<Vec<Statement>> {
    let server = &config.server_name;
    let guests = (0..people::GUESTS).map(|index| {
        let born = now_ms / 1000 - (index as i64) * 40 * 86_400;
        json!([format!("@{}:{server}", 1001 + index), born, 1])
    });
    let historical = format!("@{}:{server}", people::HISTORICAL);
    let mut statements = vec![Statement::each(
        "INSERT INTO users (name, creation_ts, is_guest) VALUES (?, ?, ?)",
        guests.chain([json!([historical, 1_420_070_400, 0])]),
    )];
    if database.has_column("profiles", "full_user_id")? {
        statements.push(Statement::each(
            "INSERT INTO profiles (user_id, full_user_id, displayname) VALUES (?, ?, ?)",
            [json!([people::HISTORICAL, historical, "Historical User"])],
        ));
    }
    Ok(statements)
}

/// When files were uploaded and last fetched, and which belong to URL previews.
fn ages(files: &[SampleFile]) -> Vec<Statement> {
    vec![
        Statement::each(
            "UPDATE local_media_repository SET created_ts = ?, last_access_ts = ? \
             WHERE media_id = ?",
            files
                .iter()
                .map(|file| json!([file.created_ms, file.last_access_ms, file.media_id])),
        ),
        Statement::each(
            "UPDATE local_media_repository SET url_cache = ? WHERE media_id = ?",
            files
                .iter()
                .filter(|file| file.state == State::UrlPreview)
                .map(|file| json!(["https://example.org/article", file.media_id])),
        ),
    ]
}

/// Copies of other servers' files: rows and the files themselves.
fn remote_media(config: &Config, now_ms: i64) -> Result<Vec<Statement>> {
    let mut rows = Vec::new();
    for file in remote_files(now_ms) {
        let id = &file.filesystem_id;
        let folder = config
            .media_store()
            .join("remote_content")
            .join(&file.server)
            .join(&id[..2])
            .join(&id[2..4]);
        fs::create_dir_all(&folder)
            .and_then(|()| fs::write(folder.join(&id[4..]), &file.bytes))
            .with_context(|| format!("Cannot write into {}.", folder.display()))?;
        rows.push(json!([
            file.server,
            file.media_id,
            file.content_type,
            file.created_ms,
            "remote.png",
            file.bytes.len(),
            id,
            file.last_access_ms,
        ]));
    }
    Ok(vec![Statement::each(
        "INSERT INTO remote_media_cache (media_origin, media_id, media_type, created_ts, \
         upload_name, media_length, filesystem_id, last_access_ts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )])
}

/// Other servers, those that answer and those that do not. The rooms shared with them are long
/// delivered, so that our server does not begin to call them.
fn destinations(rooms: &BTreeMap<String, RoomId>, now_ms: i64) -> Vec<Statement> {
    let failing = FAILING_DESTINATIONS.iter().map(|(server, days)| {
        let failed_ms = now_ms - days * DAY_MS;
        let wait_ms = (days * DAY_MS / 4).max(600_000);
        json!([server, now_ms - 3_600_000, wait_ms, failed_ms, 1])
    });
    let good = GOOD_DESTINATIONS
        .iter()
        .map(|server| json!([server, 0, 0, Value::Null, 1_000_000]));
    let shared = ["general", "history", "space"]
        .iter()
        .filter_map(|key| rooms.get(*key))
        .flat_map(|room| {
            GOOD_DESTINATIONS[..3]
                .iter()
                .chain(&[FAILING_DESTINATIONS[2].0])
                .map(move |server| json!([server, room, 1]))
        });
    vec![
        Statement::each(
            "INSERT INTO destinations (destination, retry_last_ts, retry_interval, failure_ts, \
             last_successful_stream_ordering) VALUES (?, ?, ?, ?, ?)",
            failing.chain(good),
        ),
        Statement::each(
            "INSERT INTO destination_rooms (destination, room_id, stream_ordering) \
             VALUES (?, ?, ?)",
            shared,
        ),
    ]
}
