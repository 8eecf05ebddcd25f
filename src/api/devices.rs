//! The devices of an account: its sessions.

use super::request::path;
use super::tolerant::{Timestamp, or_default};
use super::{Request, UserId};
use serde::{Deserialize, Serialize};

fn devices_path(user: &UserId) -> String {
    path(&["/_synapse/admin/v2/users", user.as_str(), "devices"])
}

fn device_path(user: &UserId, device: &str) -> String {
    path(&["/_synapse/admin/v2/users", user.as_str(), "devices", device])
}

/// `GET /_synapse/admin/v2/users/{user_id}/devices`, all of them in no order. 404 if the user is
/// unknown.
pub fn list(user: &UserId) -> Request<Devices> {
    Request::get(devices_path(user))
}

/// The answer of [`list`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Devices {
    #[serde(deserialize_with = "or_default")]
    pub devices: Vec<Device>,
}

/// A session of an account.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Device {
    pub device_id: String,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub last_seen_ip: Option<String>,
    #[serde(default)]
    pub last_seen_ts: Option<Timestamp>,
    /// Since Synapse 1.66.
    #[serde(default)]
    pub last_seen_user_agent: Option<String>,
    /// Keeps encrypted messages for a user who has no other session. Since Synapse 1.132.
    #[serde(default, deserialize_with = "or_default")]
    pub dehydrated: bool,
}

/// `PUT /_synapse/admin/v2/users/{user_id}/devices/{device_id}`: another display name, of at most
/// 100 characters (else 400 `M_TOO_LARGE`). 404 if there is no such device.
pub fn rename(user: &UserId, device: &str, name: &str) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        display_name: &'a str,
    }
    Request::put(device_path(user, device), &Body { display_name: name })
}

/// `DELETE /_synapse/admin/v2/users/{user_id}/devices/{device_id}`: ends the session and drops
/// its encryption keys. Succeeds for a device that is not there.
pub fn delete(user: &UserId, device: &str) -> Request<serde_json::Value> {
    Request::delete(device_path(user, device))
}

/// `POST /_synapse/admin/v2/users/{user_id}/delete_devices`: the same for several, some hundred
/// at most. Unknown ones are ignored.
pub fn delete_many(user: &UserId, devices: &[String]) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        devices: &'a [String],
    }
    Request::post(path(&[
        "/_synapse/admin/v2/users",
        user.as_str(),
        "delete_devices",
    ]))
    .json(&Body { devices })
    .idempotent()
}

/// `POST /_synapse/admin/v2/users/{user_id}/devices`: a device without a session. One that is
/// there already stays as it is. Since Synapse 1.85.
pub fn create(user: &UserId, device: &str) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        device_id: &'a str,
    }
    Request::post(devices_path(user))
        .json(&Body { device_id: device })
        .idempotent()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_of_old_and_new_servers() {
        let devices: Devices = serde_json::from_str(
            r#"{"devices":[
                {"device_id":"A/B","user_id":"@a:b","display_name":null,"last_seen_ip":null,"last_seen_ts":null},
                {"device_id":"C","user_id":"@a:b","display_name":"Phone","last_seen_ip":"10.0.0.1",
                 "last_seen_ts":1700000000000,"last_seen_user_agent":"Element","dehydrated":true}
            ],"total":2}"#,
        )
        .unwrap();
        assert_eq!(devices.devices[0].display_name, None);
        assert!(devices.devices[1].dehydrated);
        let user = UserId::parse("@a:b").unwrap();
        assert!(delete(&user, "A/B").call.path.ends_with("/devices/A%2FB"));
    }
}
