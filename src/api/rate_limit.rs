//! How fast an account may send messages, where that differs from what the server has for all.

use super::request::path;
use super::{Request, UserId};
use serde::{Deserialize, Serialize};

fn limit_path(user: &UserId) -> String {
    path(&[
        "/_synapse/admin/v1/users",
        user.as_str(),
        "override_ratelimit",
    ])
}

/// An override. `messages_per_second` of 0 frees the account from every limit that the server
/// has per user; other numbers are for sending messages only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RateLimit {
    pub messages_per_second: u64,
    /// How many messages may be sent at once before the rate counts.
    pub burst_count: u64,
}

/// The answer of [`get`] and [`set`]: without an override, nothing at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Override {
    #[serde(default)]
    messages_per_second: Option<u64>,
    #[serde(default)]
    burst_count: Option<u64>,
}

impl Override {
    /// The override, if there is one.
    pub fn limit(self) -> Option<RateLimit> {
        match (self.messages_per_second, self.burst_count) {
            (None, None) => None,
            (rate, burst) => Some(RateLimit {
                messages_per_second: rate.unwrap_or(0),
                burst_count: burst.unwrap_or(0),
            }),
        }
    }
}

/// `GET /_synapse/admin/v1/users/{user_id}/override_ratelimit`. 404 if the user is unknown.
pub fn get(user: &UserId) -> Request<Override> {
    Request::get(limit_path(user))
}

/// `POST /_synapse/admin/v1/users/{user_id}/override_ratelimit`.
pub fn set(user: &UserId, limit: RateLimit) -> Request<Override> {
    Request::post(limit_path(user)).json(&limit).idempotent()
}

/// `DELETE /_synapse/admin/v1/users/{user_id}/override_ratelimit`: what the server has for all
/// is in force again.
pub fn remove(user: &UserId) -> Request<serde_json::Value> {
    Request::delete(limit_path(user))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_override_is_not_no_limit() {
        let read = |json: &str| serde_json::from_str::<Override>(json).unwrap().limit();
        assert_eq!(read("{}"), None);
        assert_eq!(
            read(r#"{"messages_per_second":0,"burst_count":0}"#),
            Some(RateLimit {
                messages_per_second: 0,
                burst_count: 0
            })
        );
    }
}
