//! Many users beside those of the sample world: `--users N`; and many [`rooms`], [`files`] and what
//! is for [`moderation`]. Written into the
//! database while the server is stopped, which takes seconds where the server itself would take
//! hours.

pub mod files;
pub mod moderation;
pub mod rooms;

use crate::native::wall_ms;
use crate::synapse::{self, Synapse};
use crate::world::database::{Database, Statement};
use crate::world::{Chance, DAY_MS, people};
use anyhow::Result;
use serde_json::{Value, json};

/// Programs that people use.
const AGENTS: [(&str, &str); 3] = [
    (
        "Element (Chrome, Linux)",
        "Mozilla/5.0 Chrome/130.0 Element",
    ),
    ("Phone", "Element X/1.9 (Android 15)"),
    ("", "matrix-nio/0.25"),
];

/// Columns of the users that some versions of Synapse lack, with what most users have there.
const LATER: [(&str, bool); 4] = [
    ("approved", true),
    ("locked", false),
    ("suspended", false),
    ("shadow_banned", false),
];

/// Sees to it that so many made-up users are there. The server is stopped and started again if
/// some are missing.
pub fn gather(server: Synapse, count: u32) -> Result<Synapse> {
    let config = server.config().clone();
    let database = Database::of(&config);
    let name = |index: u32| format!("@{}:{}", localpart(index), config.server_name);
    let Some(last) = count.checked_sub(1) else {
        return Ok(server);
    };
    // They are written in one transaction: the last is there only if all are.
    let there = format!("SELECT 1 FROM users WHERE name = '{}'", name(last));
    if !database.query(there)?.is_empty() {
        return Ok(server);
    }
    let later: Vec<(&str, bool)> = {
        let mut later = Vec::new();
        for column in LATER {
            if database.has_column("users", column.0)? {
                later.push(column);
            }
        }
        later
    };
    let with_full_id = database.has_column("profiles", "full_user_id")?;
    let now_ms = wall_ms();
    let (mut users, mut profiles) = (Vec::new(), Vec::new());
    let (mut devices, mut visits) = (Vec::new(), Vec::new());
    for index in 0..count {
        let user = name(index);
        let mut chance = Chance::new(u64::from(index) << 8);
        let born = now_ms - chance.below(1800 * 24) * DAY_MS / 24;
        let deactivated = i64::from(chance.below(25) == 0);
        let kind = (index % 400 == 399).then_some("bot");
        let admin = i64::from(index % 5_000 == 4_999);
        let mut row = vec![json!(user), json!(born / 1000), json!(admin)];
        row.extend([json!(deactivated), json!(kind)]);
        row.extend(later.iter().map(|(column, usual)| match *column {
            "locked" => json!(index % 90 == 89),
            "suspended" => json!(index % 250 == 249),
            "shadow_banned" => json!(index % 700 == 699),
            _ => json!(usual),
        }));
        users.push(Value::Array(row));
        let mut row = vec![json!(localpart(index)), json!(display_name(index))];
        row.extend(with_full_id.then(|| json!(user)));
        profiles.push(Value::Array(row));
        // A sixth was never seen.
        if deactivated == 1 || index % 6 == 5 {
            continue;
        }
        let seen = born + chance.below((now_ms - born).max(1));
        let (label, agent) = AGENTS[index as usize % AGENTS.len()];
        let device = format!("CROWD{index}");
        let ip = format!("203.0.113.{}", 1 + index % 250);
        let label = (!label.is_empty()).then_some(label);
        devices.push(json!([user, device, label, seen, ip, agent]));
        visits.push(json!([user, device, device, ip, agent, seen]));
    }
    let columns: String = later.iter().map(|(name, _)| format!(", {name}")).collect();
    let (full_id, its_value) = match with_full_id {
        true => (", full_user_id", ", ?"),
        false => ("", ""),
    };
    write_stopped(server, &database, || {
        database.run(&[
            Statement::each(
                format!(
                    "INSERT INTO users (name, creation_ts, admin, deactivated, user_type{columns}) \
                 VALUES (?, ?, ?, ?, ?{}) ON CONFLICT DO NOTHING",
                    ", ?".repeat(later.len())
                ),
                users,
            ),
            Statement::each(
                format!(
                    "INSERT INTO profiles (user_id, displayname{full_id}) \
                 VALUES (?, ?{its_value}) ON CONFLICT DO NOTHING"
                ),
                profiles,
            ),
            Statement::each(
                "INSERT INTO devices (user_id, device_id, display_name, last_seen, ip, \
                 user_agent, hidden) VALUES (?, ?, ?, ?, ?, ?, FALSE) ON CONFLICT DO NOTHING",
                devices,
            ),
            Statement::each(
                "INSERT INTO user_ips (user_id, access_token, device_id, ip, user_agent, \
                 last_seen) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                visits,
            ),
        ])?;
        Ok(())
    })
}

/// Writes while the server is stopped.
fn write_stopped(
    mut server: Synapse,
    database: &Database,
    write: impl FnOnce() -> Result<()>,
) -> Result<Synapse> {
    let config = server.config().clone();
    server.stop();
    write()?;
    database.look_around()?;
    synapse::start(config)
}

/// Localparts such as `anna.becker.17`, the same every time.
fn localpart(index: u32) -> String {
    format!("{}.{index}", people::ordinary(index as usize).0)
}

/// Mostly plain names; every twentieth is odd or hostile, every thirtieth missing.
fn display_name(index: u32) -> Option<String> {
    let number = index as usize;
    match index {
        _ if index % 30 == 29 => None,
        _ if index % 20 == 19 => {
            let (_, odd) = people::ODD_NAMES[number / 20 % people::ODD_NAMES.len()];
            Some(odd.to_owned())
        }
        _ => Some(people::ordinary(number).1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn everybody_has_an_id_of_their_own() {
        let names: BTreeSet<String> = (0..10_000).map(localpart).collect();
        assert_eq!(names.len(), 10_000);
        let is_plain = |name: &String| {
            name.bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.'))
        };
        assert!(names.iter().all(is_plain));
    }

    #[test]
    fn names_are_of_all_kinds() {
        let names: Vec<_> = (0..1_000).map(display_name).collect();
        assert!(names.iter().any(Option::is_none));
        let hostile = |name: &Option<String>| name.as_ref().is_some_and(|name| name.contains('<'));
        assert!(names.iter().any(hostile));
    }
}
