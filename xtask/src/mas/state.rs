//! What the stand-in keeps, as long as it runs.

use super::time;
use crate::synapse::random_bytes;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};

/// The kinds of things that MAS' admin API has lists of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    User,
    Email,
    Provider,
    Link,
    Compat,
    OAuth,
    Browser,
    Personal,
    Client,
    Registration,
    Policy,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 11] = [
        Kind::User,
        Kind::Email,
        Kind::Provider,
        Kind::Link,
        Kind::Compat,
        Kind::OAuth,
        Kind::Browser,
        Kind::Personal,
        Kind::Client,
        Kind::Registration,
        Kind::Policy,
    ];

    /// What MAS calls one in its answers.
    pub fn name(self) -> &'static str {
        match self {
            Kind::User => "user",
            Kind::Email => "user-email",
            Kind::Provider => "upstream-oauth-provider",
            Kind::Link => "upstream-oauth-link",
            Kind::Compat => "compat-session",
            Kind::OAuth => "oauth2-session",
            Kind::Browser => "user-session",
            Kind::Personal => "personal-session",
            Kind::Client => "oauth2-client",
            Kind::Registration => "user-registration_token",
            Kind::Policy => "policy-data",
        }
    }

    /// The path of the list.
    pub fn path(self) -> &'static str {
        match self {
            Kind::User => "users",
            Kind::Email => "user-emails",
            Kind::Provider => "upstream-oauth-providers",
            Kind::Link => "upstream-oauth-links",
            Kind::Compat => "compat-sessions",
            Kind::OAuth => "oauth2-sessions",
            Kind::Browser => "user-sessions",
            Kind::Personal => "personal-sessions",
            Kind::Client => "oauth2-clients",
            Kind::Registration => "user-registration-tokens",
            Kind::Policy => "policy-data",
        }
    }

    /// The field that says when a session ended.
    pub fn end(self) -> &'static str {
        match self {
            Kind::Personal => "revoked_at",
            _ => "finished_at",
        }
    }
}

/// How this MAS is set up.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    /// The version that it answers as.
    pub version: String,
    /// Whether accounts can have passwords.
    pub passwords: bool,
    /// From 0 to 4, of zxcvbn. The stand-in knows two: anything goes, and eight letters.
    pub complexity: u8,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            version: super::VERSION.to_owned(),
            passwords: true,
            complexity: 3,
        }
    }
}

/// What is done behind an answer, a moment later.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Job {
    /// Tells Synapse of a user's e-mail addresses, whether it is locked, and its devices.
    Provision(String),
    /// Makes a user's devices at Synapse those of its sessions.
    Devices(String),
    /// Ends all that a deactivated user has, and deactivates it at Synapse.
    Deactivate { user: String, erase: bool },
}

/// Everything that the admin API lists, and what belongs to it.
#[derive(Default)]
pub(super) struct State {
    pub settings: Settings,
    rows: BTreeMap<Kind, BTreeMap<String, Value>>,
    /// How many seconds the access tokens of a user live, by its ID.
    pub seconds: BTreeMap<String, u32>,
    /// The personal session of each personal token there was.
    pub personal: BTreeMap<String, String>,
    /// The personal tokens that newer ones took the place of.
    pub replaced: BTreeSet<String>,
    /// The OAuth session of each access and refresh token there was.
    pub tokens: BTreeMap<String, String>,
    /// What oidc-provider calls an OAuth session.
    pub grants: BTreeMap<String, String>,
    pub jobs: Vec<Job>,
}

impl State {
    /// All of a kind, oldest first.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = (&String, &Value)> {
        self.rows.get(&kind).into_iter().flatten()
    }

    pub fn get(&self, kind: Kind, id: &str) -> Option<&Value> {
        self.rows.get(&kind)?.get(id)
    }

    pub fn get_mut(&mut self, kind: Kind, id: &str) -> Option<&mut Value> {
        self.rows.get_mut(&kind)?.get_mut(id)
    }

    /// Sets a field of one that is there.
    pub fn set(&mut self, kind: Kind, id: &str, field: &str, to: Value) {
        if let Some(one) = self.get_mut(kind, id) {
            one[field] = to;
        }
    }

    /// Keeps a new one, and says its ID. When it was made stands in its `created_at`, where it has one.
    pub fn add(&mut self, kind: Kind, attributes: Value) -> String {
        let made = attributes["created_at"].as_str().and_then(time::read);
        let id = ulid(made.unwrap_or_else(time::now));
        self.put(kind, id.clone(), attributes);
        id
    }

    pub fn put(&mut self, kind: Kind, id: String, attributes: Value) {
        self.rows.entry(kind).or_default().insert(id, attributes);
    }

    pub fn remove(&mut self, kind: Kind, id: &str) -> bool {
        let rows = self.rows.get_mut(&kind);
        rows.is_some_and(|rows| rows.remove(id).is_some())
    }

    /// A user by its localpart, whatever the case.
    pub fn user_named(&self, name: &str) -> Option<(&String, &Value)> {
        self.all(Kind::User).find(|(_, user)| {
            let known = user["username"].as_str().unwrap_or_default();
            known.eq_ignore_ascii_case(name)
        })
    }

    /// The localpart of a user.
    pub fn localpart(&self, user: &str) -> Option<String> {
        let known = self.get(Kind::User, user)?["username"].as_str()?;
        Some(known.to_owned())
    }

    /// Those of a kind whose field has this value.
    pub fn of(&self, kind: Kind, field: &str, value: &str) -> Vec<String> {
        self.all(kind)
            .filter(|(_, one)| one[field] == value)
            .map(|(id, _)| id.clone())
            .collect()
    }

    /// Ends a session, if it has not ended.
    pub fn end(&mut self, kind: Kind, id: &str) {
        let now = time::written(time::now());
        if self
            .get(kind, id)
            .is_some_and(|one| one[kind.end()].is_null())
        {
            self.set(kind, id, kind.end(), now.into());
        }
    }

    /// The devices that a user's sessions have.
    pub fn devices(&self, user: &str) -> Vec<String> {
        let compat = self
            .all(Kind::Compat)
            .filter(|(_, one)| one["user_id"] == user && one["finished_at"].is_null())
            .filter_map(|(_, one)| Some(one["device_id"].as_str()?.to_owned()));
        let scoped = [(Kind::OAuth, "user_id"), (Kind::Personal, "actor_user_id")];
        let scoped = scoped.into_iter().flat_map(|(kind, field)| {
            self.all(kind)
                .filter(move |(_, one)| one[field] == user && one[kind.end()].is_null())
                .filter_map(|(_, one)| device_of(one["scope"].as_str()?))
        });
        compat.chain(scoped).collect()
    }
}

/// The device that a scope names.
pub(super) fn device_of(scope: &str) -> Option<String> {
    const STABLE: &str = "urn:matrix:client:device:";
    const UNSTABLE: &str = "urn:matrix:org.matrix.msc2967.client:device:";
    let mut tokens = scope.split(' ');
    tokens.find_map(|token| {
        let device = token.strip_prefix(STABLE);
        let device = device.or_else(|| token.strip_prefix(UNSTABLE))?;
        Some(device.to_owned())
    })
}

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A new ID: ordered by time, and within a millisecond as they were made.
pub(super) fn ulid(at: i64) -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let written = |number: u64, letters: u32| {
        let letter = move |place| LETTERS[(number >> (5 * place) & 31) as usize] as char;
        (0..letters).rev().map(letter)
    };
    let millisecond = u64::try_from(at / 1000).unwrap_or_default();
    let made = u64::from(MADE.fetch_add(1, Ordering::Relaxed));
    let chance = random_bytes(12);
    let chance = chance
        .iter()
        .map(|byte| LETTERS[usize::from(byte % 32)] as char);
    written(millisecond, 10)
        .chain(written(made, 4))
        .chain(chance)
        .collect()
}

/// The ID in its one spelling, or what MAS says of it.
pub(super) fn read_ulid(text: &str) -> Result<String, &'static str> {
    let text = text.to_ascii_uppercase();
    if text.len() != 26 {
        return Err("invalid length");
    }
    match text.bytes().all(|letter| LETTERS.contains(&letter)) {
        true => Ok(text),
        false => Err("invalid character"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_as_they_were_made() {
        let now = time::now();
        let made: Vec<String> = (0..100).map(|_| ulid(now)).collect();
        assert!(made.is_sorted());
        assert!(ulid(now - time::DAY) < made[0]);
        assert!(made.iter().all(|id| read_ulid(id).as_ref() == Ok(id)));
        assert_eq!(read_ulid("x"), Err("invalid length"));
    }

    #[test]
    fn devices_are_read_from_either_scope() {
        let stable = device_of("urn:mas:admin urn:matrix:client:device:ABCDEFGHIJ");
        assert_eq!(stable.as_deref(), Some("ABCDEFGHIJ"));
        let unstable = device_of("urn:matrix:org.matrix.msc2967.client:device:ABCDEFGHIJ");
        assert_eq!(unstable.as_deref(), Some("ABCDEFGHIJ"));
        assert_eq!(device_of("urn:matrix:client:api:*"), None);
    }
}
