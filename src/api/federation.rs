//! Other servers, and how it goes with them.

use super::request::path;
use super::tolerant::{Timestamp, or_default, position};
use super::{Request, RoomId, ServerName};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// The sort keys of [`destinations`], in the words of Synapse.
pub mod order {
    pub const DESTINATION: &str = "destination";
    pub const RETRY_LAST: &str = "retry_last_ts";
    pub const RETRY_INTERVAL: &str = "retry_interval";
    pub const FAILURE: &str = "failure_ts";
    pub const LAST_SUCCESSFUL: &str = "last_successful_stream_ordering";
}

/// Which servers [`destinations`] answers with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListDestinations {
    /// How many to skip.
    pub from: u64,
    /// How many to answer with at most. Never 0.
    pub limit: u64,
    /// A part of the server's name, in any case. ASCII, or the server answers 400; `%` and `_`
    /// are wildcards.
    pub search: Option<String>,
    /// One of [`order`]; then by name.
    pub order_by: Option<&'static str>,
    /// Where there is no value depends on the database: at one of the ends.
    pub descending: bool,
}

/// `GET /_synapse/admin/v1/federation/destinations`: one page of the servers that this one has
/// had something to send to.
pub fn destinations(query: &ListDestinations) -> Request<DestinationPage> {
    Request::get("/_synapse/admin/v1/federation/destinations")
        .query("from", query.from)
        .query("limit", query.limit.max(1))
        .query_some(
            "destination",
            query.search.as_deref().filter(|term| !term.is_empty()),
        )
        .query("order_by", query.order_by.unwrap_or(order::DESTINATION))
        .query("dir", if query.descending { "b" } else { "f" })
}

/// One page of [`destinations`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct DestinationPage {
    #[serde(deserialize_with = "or_default")]
    pub destinations: Vec<Destination>,
    /// How many match, on all pages.
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    #[serde(default, deserialize_with = "position")]
    pub next_token: Option<u64>,
}

/// Another server, and when sending to it has failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Destination {
    #[serde(rename = "destination")]
    pub name: ServerName,
    /// When it was last tried; `None` if all is well.
    #[serde(default, deserialize_with = "nonzero")]
    pub retry_last_ts: Option<Timestamp>,
    /// Milliseconds from there until it is tried again on this server's own accord; 0 if all is
    /// well.
    #[serde(default, deserialize_with = "or_default")]
    pub retry_interval: u64,
    /// Since when it has failed; `None` if all is well.
    #[serde(default, deserialize_with = "nonzero")]
    pub failure_ts: Option<Timestamp>,
    /// How far it has got: a position in this server's own order of events. `None` if nothing has
    /// arrived yet.
    #[serde(default)]
    pub last_successful_stream_ordering: Option<i64>,
}

fn destination_path(destination: &ServerName, more: &[&str]) -> String {
    let mut parts = vec![
        "/_synapse/admin/v1/federation/destinations",
        destination.as_str(),
    ];
    parts.extend(more);
    path(&parts)
}

/// `GET /_synapse/admin/v1/federation/destinations/{destination}`: one server. 404 `M_NOT_FOUND`
/// if there has been nothing to send to it.
pub fn destination(destination: &ServerName) -> Request<Destination> {
    Request::get(destination_path(destination, &[]))
}

/// `GET /_synapse/admin/v1/federation/destinations/{destination}/rooms`: one page of the rooms
/// from which this server ever sent it something, by room ID, also where nobody of it is in there any
/// more. 404 `M_NOT_FOUND` as with [`destination`]. Before Synapse 1.107 the rooms of any servers.
pub fn rooms(destination: &ServerName, from: u64, limit: u64) -> Request<DestinationRoomPage> {
    Request::get(destination_path(destination, &["rooms"]))
        .query("from", from)
        .query("limit", limit.max(1))
}

/// One page of [`rooms`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct DestinationRoomPage {
    #[serde(deserialize_with = "or_default")]
    pub rooms: Vec<DestinationRoom>,
    /// How many there are, on all pages.
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    #[serde(default, deserialize_with = "position")]
    pub next_token: Option<u64>,
}

/// A room that is shared with another server.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct DestinationRoom {
    pub room_id: RoomId,
    /// The newest event of the room that is meant for the server: it has all if it has got this
    /// far ([`Destination::last_successful_stream_ordering`]).
    pub stream_ordering: i64,
}

/// `POST /_synapse/admin/v1/federation/destinations/{destination}/reset_connection`: forgets that
/// it has failed, and tries it at once, in the background: whether it worked shows only later.
/// 400 `M_UNKNOWN` if it does not fail, 404 `M_NOT_FOUND` as with [`destination`].
pub fn reset(destination: &ServerName) -> Request<Value> {
    Request::post(destination_path(destination, &["reset_connection"]))
}

/// A point in time for which 0 or null means that there is none.
fn nonzero<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Timestamp>, D::Error> {
    let moment: Option<Timestamp> = Option::deserialize(from)?;
    Ok(moment.filter(|moment| moment.0 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_in_the_words_of_all_versions() {
        let read = |times: &str| -> Destination {
            serde_json::from_str(&format!(r#"{{"destination":"a.b",{times}}}"#)).unwrap()
        };
        let well = read(r#""retry_last_ts":0,"retry_interval":0,"failure_ts":null"#);
        assert_eq!(well.retry_last_ts, None);
        let null = r#""retry_last_ts":null,"retry_interval":null,"failure_ts":null"#;
        assert_eq!(read(null), well);
        let failing = read(
            r#""retry_last_ts":1700000060000,"retry_interval":600000,"failure_ts":1700000000000,
                "last_successful_stream_ordering":7"#,
        );
        assert_eq!(failing.retry_last_ts, Some(Timestamp(1_700_000_060_000)));
        assert_eq!(failing.failure_ts, Some(Timestamp(1_700_000_000_000)));
        assert_eq!(failing.retry_interval, 600_000);
    }
}
