//! From a server name to the URL of its homeserver.

use super::config::config_now;
use super::wire::Wire;
use crate::api::exchange::Network;
use crate::api::{ApiError, HomeserverUrl, ServerName, discovery, server};
use std::error::Error;
use std::fmt;

/// Which step of the discovery failed.
#[derive(Clone, Debug, PartialEq)]
pub enum DiscoveryProblem {
    /// No such host, no connection, no certificate, or no CORS headers on the well-known file.
    Unreachable,
    /// The well-known file came with another status than 200 or 404.
    Status(u16),
    /// The well-known file is not JSON.
    NotJson,
    /// The well-known file names no homeserver.
    NoBaseUrl,
    /// The well-known file names something that is no URL.
    BadBaseUrl(String),
}

impl fmt::Display for DiscoveryProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DiscoveryProblem::Unreachable => f.write_str("the well-known file cannot be reached"),
            DiscoveryProblem::Status(status) => {
                write!(f, "the well-known file came with status {status}")
            }
            DiscoveryProblem::NotJson => f.write_str("the well-known file is not JSON"),
            DiscoveryProblem::NoBaseUrl => f.write_str("the well-known file names no homeserver"),
            DiscoveryProblem::BadBaseUrl(text) => {
                write!(f, "the well-known file names {text:?}, which is not a URL")
            }
        }
    }
}

impl Error for DiscoveryProblem {}

/// Asks `https://<server name>/.well-known/matrix/client`. Without such a file the homeserver is
/// at the server name itself. Where the file is there but of no use, the server name is tried
/// as well, and taken if a Matrix homeserver answers.
///
/// Where the deployment wants no look-up (`wellKnownDiscovery`), the homeserver is at the server
/// name itself.
pub async fn discover(name: &ServerName) -> Result<HomeserverUrl, DiscoveryProblem> {
    let at_name = HomeserverUrl::parse(&format!("https://{name}"))
        .map_err(|_| DiscoveryProblem::Unreachable)?;
    if !config_now().discovery {
        return Ok(at_name);
    }
    let wire = Wire {
        homeserver: at_name.clone(),
        token: None,
    };
    let request = discovery::well_known(name);
    let answer = wire.exchange(&request.call).await;
    let known = answer.and_then(|answer| request.read(&answer));
    let problem = match known {
        Ok(known) => match known.base_url() {
            Ok(url) => return Ok(url),
            Err(bad) if bad.text.is_empty() => DiscoveryProblem::NoBaseUrl,
            Err(bad) => DiscoveryProblem::BadBaseUrl(bad.text),
        },
        Err(error) if error.status() == Some(404) => return Ok(at_name),
        Err(
            ApiError::NotMatrix {
                status: 200..=299, ..
            }
            | ApiError::Undecodable { .. },
        ) => DiscoveryProblem::NotJson,
        Err(error) => match error.status() {
            Some(status) => DiscoveryProblem::Status(status),
            None => DiscoveryProblem::Unreachable,
        },
    };
    let versions = server::spec_versions().timeout_ms(10_000);
    let answer = wire.exchange(&versions.call).await;
    match answer.and_then(|answer| versions.read(&answer)) {
        Ok(_) => Ok(at_name),
        Err(_) => Err(problem),
    }
}
