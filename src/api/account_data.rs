//! What clients keep at the server for an account.

use super::request::path;
use super::tolerant::or_default;
use super::{Request, UserId};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// `GET /_synapse/admin/v1/users/{user_id}/accountdata`: may be megabytes, and holds the
/// (encrypted) secret storage. 404 if the user is unknown.
pub fn get(user: &UserId) -> Request<Answered> {
    Request::get(path(&[
        "/_synapse/admin/v1/users",
        user.as_str(),
        "accountdata",
    ]))
}

/// The answer of [`get`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Answered {
    #[serde(deserialize_with = "or_default")]
    pub account_data: AccountData,
}

/// Content by event type.
pub type Contents = BTreeMap<String, Value>;

/// Account data, global and for each room.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct AccountData {
    #[serde(default, deserialize_with = "or_default")]
    pub global: Contents,
    /// By room ID.
    #[serde(default, deserialize_with = "or_default")]
    pub rooms: BTreeMap<String, Contents>,
}
