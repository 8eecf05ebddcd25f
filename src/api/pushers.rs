//! Where an account's notifications go.

use super::request::path;
use super::tolerant::or_default;
use super::{Request, UserId};
use serde::Deserialize;

/// `GET /_synapse/admin/v1/users/{user_id}/pushers`.
pub fn list(user: &UserId) -> Request<Pushers> {
    Request::get(path(&[
        "/_synapse/admin/v1/users",
        user.as_str(),
        "pushers",
    ]))
}

/// The answer of [`list`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Pushers {
    #[serde(deserialize_with = "or_default")]
    pub pushers: Vec<Pusher>,
}

/// A way to notify a user.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Pusher {
    /// `http` or `email`.
    pub kind: String,
    pub app_id: String,
    pub pushkey: String,
    #[serde(default)]
    pub app_display_name: Option<String>,
    #[serde(default)]
    pub device_display_name: Option<String>,
    #[serde(default)]
    pub profile_tag: Option<String>,
    #[serde(default)]
    pub lang: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub data: PusherData,
    /// Since Synapse 1.69.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Since Synapse 1.69.
    #[serde(default)]
    pub device_id: Option<String>,
}

/// Where a pusher of kind `http` sends what.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct PusherData {
    #[serde(default)]
    pub url: Option<String>,
    #[serde(default)]
    pub format: Option<String>,
}
