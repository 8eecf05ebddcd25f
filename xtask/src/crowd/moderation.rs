//! Many reports, other servers and registration tokens, for measuring their lists.

use super::write_stopped;
use crate::native::wall_ms;
use crate::synapse::Synapse;
use crate::world::Chance;
use crate::world::database::{Database, Statement};
use anyhow::Result;
use serde_json::json;

const REASONS: [&str; 6] = [
    "Spam",
    "Insults people",
    "",
    "Ads for a shop",
    "Hate",
    "Threats",
];

/// The reports are about so many of the oldest messages of the sample world.
const MESSAGES: u32 = 250;

/// Sees to it that so many made-up reports of events and of users, other servers and registration
/// tokens are there. The server is stopped and started again if some are missing.
pub fn gather(server: Synapse, reports: u32, servers: u32, tokens: u32) -> Result<Synapse> {
    let config = server.config().clone();
    let database = Database::of(&config);
    // They are written in one transaction: the last token is there only if all is.
    let there = format!(
        "SELECT 1 FROM registration_tokens WHERE token = '{}'",
        token(tokens.saturating_sub(1))
    );
    if tokens == 0 || !database.query(there)?.is_empty() {
        return Ok(server);
    }
    let now_ms = wall_ms();
    let mut chance = Chance::new(17);
    let (mut events, mut users) = (Vec::new(), Vec::new());
    for index in 0..reports {
        let received = now_ms - i64::from(reports - index) * 60_000;
        let reporter = format!("@teller.{}:{}", index % 311, config.server_name);
        let accused = format!("@rude.{}:{}", chance.below(900), config.server_name);
        let reason = REASONS[index as usize % REASONS.len()];
        let content = json!({"reason": reason}).to_string();
        let id = 1_000_000 + index;
        // About some message that is there: only such reports are listed with a room.
        events.push(json!([
            id,
            received,
            reporter,
            reason,
            content,
            index % MESSAGES
        ]));
        users.push(json!([id, received, accused, reporter, reason]));
    }
    let away = (0..servers).map(|index| {
        let name = format!(
            "server-{index:05}.example.{}",
            ["org", "net", "com"][index as usize % 3]
        );
        match index % 10 {
            0 => json!([
                name,
                now_ms - 3_600_000,
                86_400_000,
                now_ms - i64::from(index) * 60_000,
                null
            ]),
            _ => json!([name, 0, 0, null, 1]),
        }
    });
    let made = (0..tokens).map(|index| {
        let uses = (index % 3 != 0).then_some(index % 50);
        let expiry = (index % 4 == 0).then_some(now_ms + (i64::from(index) - 2_500) * 3_600_000);
        json!([token(index), uses, index % 7, expiry])
    });
    let mut statements = vec![
        Statement::each(
            "INSERT INTO destinations (destination, retry_last_ts, retry_interval, \
             failure_ts, last_successful_stream_ordering) VALUES (?, ?, ?, ?, ?) \
             ON CONFLICT DO NOTHING",
            away,
        ),
        Statement::each(
            "INSERT INTO registration_tokens (token, uses_allowed, pending, completed, \
             expiry_time) VALUES (?, ?, 0, ?, ?) ON CONFLICT DO NOTHING",
            made,
        ),
        Statement::each(
            "INSERT INTO event_reports (id, received_ts, room_id, event_id, user_id, \
             reason, content) SELECT ?1, ?2, room_id, event_id, ?3, ?4, ?5 FROM events \
             WHERE type = 'm.room.message' ORDER BY stream_ordering \
             LIMIT 1 OFFSET ?6 ON CONFLICT DO NOTHING",
            events,
        ),
    ];
    if database.has_column("user_reports", "target_user_id")? {
        statements.push(Statement::each(
            "INSERT INTO user_reports (id, received_ts, target_user_id, user_id, reason) \
             VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            users,
        ));
    }
    write_stopped(server, &database, || {
        database.run(&statements)?;
        Ok(())
    })
}

fn token(index: u32) -> String {
    format!("crowd-{index:05}")
}
