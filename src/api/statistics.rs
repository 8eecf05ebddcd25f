//! Statistics.

use super::tolerant::{Timestamp, position};
use super::{Request, RoomId, UserId};
use serde::Deserialize;

/// The sort keys of [`media_by_user_sorted`], in the words of Synapse.
pub mod order {
    pub const USER: &str = "user_id";
    pub const DISPLAY_NAME: &str = "displayname";
    pub const COUNT: &str = "media_count";
    pub const SIZE: &str = "media_length";
}

/// Which users [`media_by_user_sorted`] answers with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListMediaUsers {
    pub from: u64,
    /// Never 0: the server would answer with nothing for ever.
    pub limit: u64,
    /// A part of the user ID or display name; `%` and `_` are wildcards. PostgreSQL tells upper and
    /// lower case apart, SQLite does not.
    pub search: Option<String>,
    pub order_by: Option<&'static str>,
    pub descending: bool,
    /// Only what was uploaded until then.
    pub until: Option<Timestamp>,
}

/// `GET /_synapse/admin/v1/statistics/users/media`: one page of the users who have uploaded
/// something.
///
/// Keys other than the user ID have no tie-break: where many have the same value, pages may
/// overlap. Who needs all of them asks in the order of the user ID.
pub fn media_by_user_sorted(query: &ListMediaUsers) -> Request<MediaUsersPage> {
    Request::get("/_synapse/admin/v1/statistics/users/media")
        .query("from", query.from)
        .query("limit", query.limit.max(1))
        .query_some(
            "search_term",
            query.search.as_deref().filter(|term| !term.is_empty()),
        )
        .query("order_by", query.order_by.unwrap_or(order::USER))
        .query("dir", if query.descending { "b" } else { "f" })
        .query_some("until_ts", query.until.map(|until| until.0))
}

/// One page of [`media_by_user_sorted`].
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

/// `GET /_synapse/admin/v1/statistics/database/rooms`: the ten rooms that take most of the
/// database, as PostgreSQL's planner estimates. 400 `M_UNKNOWN` with SQLite. 500 `M_UNKNOWN` where
/// one of the tables that Synapse looks at has no estimate: so it is on all servers that were set up
/// since 2022, because of a column that it does not fill any more (element-hq/synapse#15821). Since
/// Synapse 1.83.
pub fn largest_rooms() -> Request<LargestRooms> {
    Request::get("/_synapse/admin/v1/statistics/database/rooms")
}

/// The answer of [`largest_rooms`], the largest first.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct LargestRooms {
    pub rooms: Vec<RoomSize>,
}

/// How much of the database a room takes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RoomSize {
    pub room_id: RoomId,
    /// Bytes.
    pub estimated_size: u64,
}
