//! Who may do what in a room: its power levels, with the defaults of the specification.
//! <https://spec.matrix.org/latest/client-server-api/#mroompower_levels>

use crate::listing::sort::sort_by;
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// From this level on somebody is called a moderator, and an administrator.
const MODERATOR: i64 = 50;
const ADMIN: i64 = 100;

/// How much somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    Number(i64),
    /// Everything, for ever: who has created a room of version 12 or later.
    Creator,
}

impl PartialOrd for Level {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Level {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Level::Number(a), Level::Number(b)) => a.cmp(b),
            (Level::Creator, Level::Creator) => Ordering::Equal,
            (Level::Creator, _) => Ordering::Greater,
            (_, Level::Creator) => Ordering::Less,
        }
    }
}

/// What people call a level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Creator,
    Admin,
    Moderator,
    Member,
    /// Who may not even write.
    Muted,
}

/// The power levels of a room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Powers {
    /// Those who stand there by name.
    pub users: BTreeMap<String, i64>,
    pub users_default: i64,
    /// What events of a type need.
    pub events: BTreeMap<String, i64>,
    pub events_default: i64,
    pub state_default: i64,
    pub ban: i64,
    pub kick: i64,
    pub redact: i64,
    pub invite: i64,
    /// What writing to everybody at once (`@room`) needs.
    pub notify_room: i64,
    /// Those above all levels.
    pub creators: Vec<String>,
}

/// A level as it may stand there: old rooms have them as text.
fn level(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number
            .as_i64()
            .or_else(|| number.as_f64().map(|number| number as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn levels(content: &Value, key: &str) -> BTreeMap<String, i64> {
    let map = content.get(key).and_then(Value::as_object);
    map.into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.clone(), level(value)?)))
        .collect()
}

/// Whether the creators of rooms of this version are above all levels.
fn has_creators(version: &str) -> bool {
    version.parse::<u32>().is_ok_and(|version| version >= 12)
}

impl Powers {
    /// Reads them from the room's state: who sent `m.room.create` and what is in it, and the
    /// content of `m.room.power_levels`, if there is one.
    pub fn read(creator: &str, create: &Value, power_levels: Option<&Value>) -> Self {
        let version = create.get("room_version").and_then(Value::as_str);
        let mut creators = Vec::new();
        if has_creators(version.unwrap_or("1")) {
            creators.push(creator.to_owned());
            let more = create.get("additional_creators").and_then(Value::as_array);
            let more = more.into_iter().flatten().filter_map(Value::as_str);
            creators.extend(more.map(str::to_owned));
        }
        let Some(content) = power_levels else {
            // Without the event the creator may do everything, and the others hardly less.
            let named = create.get("creator").and_then(Value::as_str);
            let first = named.unwrap_or(creator).to_owned();
            return Powers {
                users: BTreeMap::from([(first, ADMIN)]),
                ban: MODERATOR,
                kick: MODERATOR,
                redact: MODERATOR,
                notify_room: MODERATOR,
                creators,
                ..Powers::default()
            };
        };
        let of = |key: &str, default: i64| content.get(key).and_then(level).unwrap_or(default);
        let notifications = content.get("notifications");
        let room = notifications.and_then(|of| of.get("room")).and_then(level);
        Powers {
            users: levels(content, "users"),
            users_default: of("users_default", 0),
            events: levels(content, "events"),
            events_default: of("events_default", 0),
            state_default: of("state_default", MODERATOR),
            ban: of("ban", MODERATOR),
            kick: of("kick", MODERATOR),
            redact: of("redact", MODERATOR),
            invite: of("invite", 0),
            notify_room: room.unwrap_or(MODERATOR),
            creators,
        }
    }

    /// The level of somebody, whether a member or not.
    pub fn of(&self, user: &str) -> Level {
        if self.creators.iter().any(|creator| creator == user) {
            return Level::Creator;
        }
        Level::Number(self.users.get(user).copied().unwrap_or(self.users_default))
    }

    /// What people call somebody of this level.
    pub fn role(&self, level: Level) -> Role {
        match level {
            Level::Creator => Role::Creator,
            Level::Number(level) if level >= ADMIN => Role::Admin,
            Level::Number(level) if level >= MODERATOR => Role::Moderator,
            Level::Number(level) if level < self.message() => Role::Muted,
            Level::Number(_) => Role::Member,
        }
    }

    /// What writing a message needs.
    fn message(&self) -> i64 {
        let named = self.events.get("m.room.message").copied();
        named.unwrap_or(self.events_default)
    }

    /// Everybody who stands there by name, the most powerful first.
    pub fn named(&self) -> Vec<(&str, Level)> {
        let creators = self.creators.iter();
        let mut all: Vec<(&str, Level)> = creators
            .map(|creator| (creator.as_str(), Level::Creator))
            .collect();
        let others = self.users.iter();
        let others = others.filter(|(user, _)| !self.creators.contains(user));
        all.extend(others.map(|(user, level)| (user.as_str(), Level::Number(*level))));
        sort_by(&mut all, |a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn levels_of_people() {
        let powers = Powers::read(
            "@jane:b.org",
            &json!({"room_version": "10"}),
            Some(&json!({
                "users": {"@jane:b.org": 100, "@mo:b.org": "50", "@odd:b.org": [], "@low:b.org": -1},
                "events": {"m.room.name": 30, "x": null},
            })),
        );
        assert_eq!(powers.of("@jane:b.org"), Level::Number(100));
        assert_eq!(powers.of("@mo:b.org"), Level::Number(50));
        assert_eq!(powers.of("@odd:b.org"), Level::Number(0));
        assert_eq!(powers.of("@nobody:b.org"), Level::Number(0));
        let role = |user: &str| powers.role(powers.of(user));
        assert_eq!(role("@jane:b.org"), Role::Admin);
        assert_eq!(role("@mo:b.org"), Role::Moderator);
        assert_eq!(role("@low:b.org"), Role::Muted);
        assert_eq!(role("@nobody:b.org"), Role::Member);
        assert_eq!((powers.state_default, powers.invite), (50, 0));
        assert_eq!(powers.events.len(), 1);
    }

    #[test]
    fn creators_of_new_rooms_are_above_all() {
        let create = json!({"room_version": "12", "additional_creators": ["@co:b.org"]});
        let levels = json!({"users": {"@boss:b.org": 9_007_199_254_740_991_i64}});
        let powers = Powers::read("@jane:b.org", &create, Some(&levels));
        assert_eq!(powers.of("@co:b.org"), Level::Creator);
        let named: Vec<&str> = powers.named().into_iter().map(|(user, _)| user).collect();
        assert_eq!(named, ["@co:b.org", "@jane:b.org", "@boss:b.org"]);
    }

    #[test]
    fn a_room_without_levels_belongs_to_its_creator() {
        let powers = Powers::read("@a:b", &json!({"creator": "@jane:b.org"}), None);
        assert_eq!(powers.of("@jane:b.org"), Level::Number(100));
        assert_eq!(powers.state_default, 0);
        // What is there may be anything.
        let broken = Powers::read("@a:b", &json!(7), Some(&json!("none")));
        assert_eq!(broken.state_default, 50);
    }
}
