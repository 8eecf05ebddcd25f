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
    #[serde(default)]
    pub data: PusherData,
    /// Since Synapse 1.69.
    #[serde(default)]
    pub enabled: Option<bool>,
    /// Since Synapse 1.69.
    #[serde(default)]
    pub device_id: Option<String>,
}

/// Where a pusher of kind `http` sends what: as the app wrote it, so anything at all.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "serde_json::Value")]
pub struct PusherData {
    pub url: Option<String>,
    pub format: Option<String>,
}

impl From<serde_json::Value> for PusherData {
    fn from(data: serde_json::Value) -> Self {
        let text = |key: &str| Some(data.get(key)?.as_str()?.to_owned());
        PusherData {
            url: text("url"),
            format: text("format"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_app_wrote_hides_no_pusher() {
        for data in [r#"{"url":7,"format":{"a":[]}}"#, "null", "[]", r#""x""#] {
            let json = format!(
                r#"{{"pushers":[{{"kind":"http","app_id":"a","pushkey":"k","data":{data}}}]}}"#
            );
            let read: Pushers = serde_json::from_str(&json).unwrap();
            assert_eq!(read.pushers[0].data, PusherData::default(), "{data}");
        }
    }
}
