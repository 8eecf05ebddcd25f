//! Many rooms beside those of the sample world: `--rooms N`. They have what the list of rooms
//! shows, and no events.

use super::write_stopped;
use crate::synapse::Synapse;
use crate::world::Chance;
use crate::world::database::{Database, Statement};
use anyhow::Result;
use serde_json::json;

/// Sees to it that so many made-up rooms are there. The server is stopped and started again if
/// some are missing.
pub fn gather(server: Synapse, count: u32) -> Result<Synapse> {
    let config = server.config().clone();
    let database = Database::of(&config);
    let Some(last) = count.checked_sub(1) else {
        return Ok(server);
    };
    // They are written in one transaction: the last is there only if all are.
    let there = format!(
        "SELECT 1 FROM rooms WHERE room_id = '{}'",
        id(last, &config.server_name)
    );
    if !database.query(there)?.is_empty() {
        return Ok(server);
    }
    let (mut rooms, mut state, mut current) = (Vec::new(), Vec::new(), Vec::new());
    let mut aliases = Vec::new();
    for index in 0..count {
        let mut chance = Chance::new(u64::from(index) << 9);
        let room = id(index, &config.server_name);
        let kind = Kind::of(index);
        let public = chance.below(6) == 0;
        let version = ["6", "9", "10", "11", "12"][chance.below(5) as usize];
        let creator = format!("@somebody.{}:{}", index % 977, config.server_name);
        rooms.push(json!([room, public, creator, version]));
        let name = name(index);
        let alias = public.then(|| format!("#room.{index}:{}", config.server_name));
        let encryption = (chance.below(3) == 0).then_some("m.megolm.v1.aes-sha2");
        let room_type = (kind == Kind::Space).then_some("m.space");
        let rule = if public { "public" } else { "invite" };
        state.push(json!([
            room, name, alias, rule, "shared", encryption, "can_join", true, room_type
        ]));
        let members = match kind {
            Kind::Empty => 0,
            Kind::Huge => 1_000 + chance.below(20_000),
            _ => 1 + chance.below(40),
        };
        let local = match kind {
            Kind::Empty | Kind::Left => 0,
            _ => 1 + chance.below(members.max(1)) / 2,
        };
        let events = 8 + members + chance.below(20);
        current.push(json!([room, events, members, local]));
        aliases.extend(alias.map(|alias| json!([alias, room, creator])));
    }
    write_stopped(server, &database, || {
        database.run(&[
            Statement::each(
                "INSERT INTO rooms (room_id, is_public, creator, room_version, \
                 has_auth_chain_index) VALUES (?, ?, ?, ?, TRUE) ON CONFLICT DO NOTHING",
                rooms,
            ),
            Statement::each(
                "INSERT INTO room_stats_state (room_id, name, canonical_alias, \
                 join_rules, history_visibility, encryption, guest_access, is_federatable, \
                 room_type) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) \
                 ON CONFLICT DO NOTHING",
                state,
            ),
            Statement::each(
                "INSERT INTO room_stats_current (room_id, current_state_events, \
                 joined_members, local_users_in_room, invited_members, left_members, \
                 banned_members, completed_delta_stream_id) VALUES (?, ?, ?, ?, 0, 0, 0, 0) \
                 ON CONFLICT DO NOTHING",
                current,
            ),
            Statement::each(
                "INSERT INTO room_aliases (room_alias, room_id, creator) \
                 VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                aliases,
            ),
        ])?;
        Ok(())
    })
}

/// What is special about a room.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Nobody is in it.
    Empty,
    /// Nobody of this server is in it any more.
    Left,
    Huge,
    Space,
    Plain,
}

impl Kind {
    fn of(index: u32) -> Self {
        match index {
            _ if index % 25 == 24 => Kind::Empty,
            _ if index % 20 == 19 => Kind::Left,
            _ if index % 500 == 7 => Kind::Huge,
            _ if index % 60 == 11 => Kind::Space,
            _ => Kind::Plain,
        }
    }
}

/// IDs like those of old rooms, with the server's name, or like those of new ones.
fn id(index: u32, server: &str) -> String {
    match index % 2 {
        0 => format!("!crowd{index:07}:{server}"),
        _ => format!("!crowd{index:038}"),
    }
}

/// Mostly plain names; every thirtieth is hostile, every tenth missing.
fn name(index: u32) -> Option<String> {
    const SUBJECTS: [&str; 8] = [
        "Garden", "Music", "Board", "Support", "Cinema", "Chess", "Cooking", "Rust",
    ];
    let subject = SUBJECTS[index as usize % SUBJECTS.len()];
    match index {
        _ if index % 10 == 9 => None,
        _ if index % 30 == 13 => Some(format!("<b>{subject}</b> \u{202e}{index}")),
        _ => Some(format!("{subject} {index}")),
    }
}
