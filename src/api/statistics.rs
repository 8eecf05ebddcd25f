//! Statistics.

use super::tolerant::position;
use super::{Request, UserId};
use serde::Deserialize;

/// `GET /_synapse/admin/v1/statistics/users/media`: one page of the users who have uploaded
/// something, by user ID.
///
/// The other sort keys have no tie-break, so pages sorted by them may overlap.
pub fn media_by_user(from: u64, limit: u64) -> Request<MediaUsersPage> {
    Request::get("/_synapse/admin/v1/statistics/users/media")
        .query("from", from)
        .query("limit", limit.max(1))
        .query("order_by", "user_id")
}

/// One page of [`media_by_user`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct MediaUsersPage {
    pub users: Vec<MediaUser>,
    pub total: u64,
    #[serde(default, deserialize_with = "position")]
    pub next_token: Option<u64>,
}

/// How much a user has uploaded.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MediaUser {
    /// Null for files that belong to nobody, as very old ones may.
    #[serde(default)]
    pub user_id: Option<UserId>,
    #[serde(default)]
    pub displayname: Option<String>,
    pub media_count: u64,
    /// Bytes; null if all uploads are still pending.
    #[serde(default)]
    pub media_length: Option<u64>,
}
