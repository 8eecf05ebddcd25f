//! Updates of the database that the server does in the background, mostly after it has become a
//! newer version.

use super::Request;
use super::tolerant::{Timestamp, or_default};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `GET /_synapse/admin/v1/background_updates/status`: which update is running. Those that wait
/// for it are not told. After five failures in a row Synapse gives up, names the update as before,
/// and goes on once it is told to with [`set_enabled`], or is started again.
pub fn status() -> Request<Status> {
    Request::get("/_synapse/admin/v1/background_updates/status")
}

/// The answer of [`status`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Status {
    /// Whether the server works on them at all.
    pub enabled: bool,
    /// What is running, by the name of the database, mostly `master`; none if nothing is.
    #[serde(default, deserialize_with = "or_default")]
    pub current_updates: BTreeMap<String, Update>,
}

impl Status {
    /// Whether something is said to run, and has come no further since an earlier answer.
    pub fn stands_since(&self, before: &Status) -> bool {
        self.enabled && !self.current_updates.is_empty() && self == before
    }
}

/// The last answer of [`status`], and since when the answers have been like it.
#[derive(Clone, Debug, Default)]
pub struct UpdatesSeen(Option<(Status, u64)>);

/// What has come no further for so long, in milliseconds, may have been given up: most steps take a tenth
/// of a second.
pub const STANDS_MS: u64 = 60_000;

impl UpdatesSeen {
    /// This was answered at this moment. Answers with for how many milliseconds it has been so.
    pub fn note(&mut self, status: &Status, now_ms: u64) -> u64 {
        let stood = self
            .0
            .as_ref()
            .filter(|(last, _)| status.stands_since(last));
        let since = stood.map_or(now_ms, |(_, since)| *since);
        self.0 = Some((status.clone(), since));
        now_ms.saturating_sub(since)
    }
}

/// An update that is running. How much is left, nobody knows.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Update {
    pub name: String,
    /// How many items it has done since the server started.
    #[serde(default, deserialize_with = "or_default")]
    pub total_item_count: f64,
    /// How many milliseconds it has worked since the server started.
    #[serde(default, deserialize_with = "or_default")]
    pub total_duration_ms: f64,
    /// `None` before the first items are done.
    #[serde(default)]
    pub average_items_per_ms: Option<f64>,
}

/// `GET /_synapse/admin/v1/background_updates/enabled`: whether the server works on them.
pub fn enabled() -> Request<Enabled> {
    Request::get("/_synapse/admin/v1/background_updates/enabled")
}

/// `POST /_synapse/admin/v1/background_updates/enabled`: pauses them, or goes on. Holds until the
/// server is started again, which always goes on.
pub fn set_enabled(enabled: bool) -> Request<Enabled> {
    Request::post("/_synapse/admin/v1/background_updates/enabled")
        .json(&Enabled { enabled })
        .idempotent()
}

/// The answer of [`enabled`] and [`set_enabled`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Enabled {
    pub enabled: bool,
}

/// An update that can be started by hand. On a large server it may take hours.
#[derive(Clone, Debug, PartialEq)]
pub enum StartableJob {
    /// Counts members and state events of all rooms anew.
    RoomStatistics,
    /// Fills the user directory anew, in which people find each other.
    UserDirectory,
    /// Signs this server's own events anew, with the key of today. Since Synapse 1.152.
    SignEvents {
        /// Only those that this key has signed.
        old_key: Option<VerifyKey>,
        /// Only those that were received before.
        before: Option<Timestamp>,
    },
}

/// A key that checks signatures: `ed25519:a_1234 ` and 32 bytes in base64. The server takes any
/// text for one, and then works on no update any more, this one or another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifyKey(String);

impl VerifyKey {
    /// Reads a key as the server's log and its `signing.key.pub` have it.
    ///
    /// ```
    /// use synapse_admin::api::background_updates::VerifyKey;
    /// let key = "ed25519:a_1234 Noi6WqcDj0QmPxCNQqgezwTlBKrfqehY1u2FyWP9uYw";
    /// assert!(VerifyKey::parse(key).is_some());
    /// assert_eq!(VerifyKey::parse("ed25519:a_1234"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (id, key) = text.trim().split_once(' ')?;
        let version = id.strip_prefix("ed25519:")?;
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let key = key.trim().trim_end_matches('=');
        let fits = !version.is_empty()
            && version.bytes().all(is_word)
            && key.len() == 43
            && key.bytes().all(is_base64);
        fits.then(|| VerifyKey(format!("{id} {key}")))
    }
}

/// `POST /_synapse/admin/v1/background_updates/start_job`: queues an update, behind those that
/// are queued. 400 `M_UNKNOWN` if it is queued already, or if the server does not know it.
pub fn start(job: &StartableJob) -> Request<Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        job_name: &'static str,
        #[serde(skip_serializing_if = "Option::is_none")]
        old_key: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        before_ts: Option<Timestamp>,
    }
    let (job_name, old_key, before_ts) = match job {
        StartableJob::RoomStatistics => ("populate_stats_process_rooms", None, None),
        StartableJob::UserDirectory => ("regenerate_directory", None, None),
        StartableJob::SignEvents { old_key, before } => {
            let key = old_key.as_ref().map(|key| key.0.as_str());
            ("event_resign", key, *before)
        }
    };
    Request::post("/_synapse/admin/v1/background_updates/start_job").json(&Body {
        job_name,
        old_key,
        before_ts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_is_told_from_what_moves_and_what_rests() {
        let status = |json: &str| -> Status { serde_json::from_str(json).unwrap() };
        let runs = |items: u32| {
            status(&format!(
                r#"{{"enabled":true,"current_updates":{{"master":{{"name":"x",
                "total_item_count":{items},"total_duration_ms":5.5,"average_items_per_ms":1}}}}}}"#
            ))
        };
        assert!(runs(3).stands_since(&runs(3)));
        assert!(!runs(4).stands_since(&runs(3)));
        let none = status(r#"{"enabled":true,"current_updates":{}}"#);
        assert!(!none.stands_since(&none));
        let paused = Status {
            enabled: false,
            ..runs(3)
        };
        assert!(!paused.stands_since(&paused));

        let mut seen = UpdatesSeen::default();
        let mut since = |status: &Status, now_ms| seen.note(status, now_ms);
        assert_eq!((since(&runs(3), 10), since(&runs(3), 70)), (0, 60));
        assert_eq!((since(&runs(4), 80), since(&runs(4), 85)), (0, 5));
        // Who lets it go on waits anew.
        assert_eq!((since(&paused, 90), since(&runs(4), 95)), (0, 0));
    }
}
