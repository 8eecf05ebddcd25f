//! From where an account has been used.

use super::request::path;
use super::tolerant::{Timestamp, or_default};
use super::{Request, UserId};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `GET /_synapse/admin/v1/whois/{user_id}`: the addresses from which the account was used in
/// the last weeks (28 days, unless the server keeps them for longer or less).
pub fn get(user: &UserId) -> Request<Whois> {
    Request::get(path(&["/_synapse/admin/v1/whois", user.as_str()]))
}

/// The answer of [`get`]. Synapse puts everything into one device without a name.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Whois {
    #[serde(deserialize_with = "or_default")]
    devices: BTreeMap<String, Sessions>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Sessions {
    #[serde(default, deserialize_with = "or_default")]
    sessions: Vec<Connections>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct Connections {
    #[serde(default, deserialize_with = "or_default")]
    connections: Vec<Connection>,
}

/// An address from which the account was used, once for each access token.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Connection {
    #[serde(default)]
    pub ip: Option<String>,
    #[serde(default)]
    pub last_seen: Option<Timestamp>,
    #[serde(default)]
    pub user_agent: Option<String>,
}

impl Whois {
    /// All connections, latest first.
    pub fn connections(&self) -> Vec<Connection> {
        let mut all: Vec<Connection> = self
            .devices
            .values()
            .flat_map(|device| &device.sessions)
            .flat_map(|session| session.connections.iter().cloned())
            .collect();
        all.sort_by_key(|connection| std::cmp::Reverse(connection.last_seen));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_latest_first() {
        let whois: Whois = serde_json::from_str(
            r#"{"user_id":"@a:b","devices":{"":{"sessions":[{"connections":[
                {"ip":"10.0.0.1","last_seen":1,"user_agent":"old"},
                {"ip":"10.0.0.2","last_seen":2,"user_agent":null}]}]}}}"#,
        )
        .unwrap();
        let ips: Vec<_> = whois.connections().into_iter().map(|c| c.ip).collect();
        assert_eq!(ips, [Some("10.0.0.2".into()), Some("10.0.0.1".into())]);
        let nobody: Whois = serde_json::from_str(
            r#"{"user_id":"@a:b","devices":{"":{"sessions":[{"connections":[]}]}}}"#,
        )
        .unwrap();
        assert!(nobody.connections().is_empty());
    }
}
