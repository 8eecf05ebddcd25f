//! Finding the homeserver of a user ID.
//!
//! Spec: client-server API, "Server discovery".

use super::ids::UrlProblem;
use super::{HomeserverUrl, Request, ServerName};
use serde::Deserialize;
use std::error::Error;
use std::fmt;

/// `GET https://<server name>/.well-known/matrix/client`: where the homeserver's API is.
pub fn well_known(server: &ServerName) -> Request<WellKnown> {
    Request::get(format!("https://{server}/.well-known/matrix/client"))
        .anonymous()
        .timeout_ms(10_000)
}

/// The answer of [`well_known`], as loosely as the web is: any JSON object decodes.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct WellKnown {
    #[serde(rename = "m.homeserver", default)]
    homeserver: Option<serde_json::Value>,
    /// Present when accounts are kept by Matrix Authentication Service.
    #[serde(rename = "org.matrix.msc2965.authentication", default)]
    pub authentication: Option<serde_json::Value>,
}

/// The base URL of a well-known file is missing or not a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadBaseUrl {
    /// What stands there; empty if nothing does.
    pub text: String,
    /// What is wrong with it.
    pub problem: UrlProblem,
}

impl fmt::Display for BadBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the base URL is {:?}: {}", self.text, self.problem)
    }
}

impl Error for BadBaseUrl {}

impl WellKnown {
    /// The homeserver's base URL.
    pub fn base_url(&self) -> Result<HomeserverUrl, BadBaseUrl> {
        let text = self
            .homeserver
            .as_ref()
            .and_then(|homeserver| homeserver.get("base_url"))
            .and_then(|url| url.as_str())
            .unwrap_or_default();
        HomeserverUrl::parse(text).map_err(|problem| BadBaseUrl {
            text: text.to_owned(),
            problem,
        })
    }
}

/// `GET /_matrix/client/v1/auth_metadata`: answers only where accounts are kept by Matrix
/// Authentication Service (MSC2965); elsewhere unsupported. Since Synapse 1.138.
pub fn auth_metadata() -> Request<serde_json::Value> {
    Request::get("/_matrix/client/v1/auth_metadata").anonymous()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(json: &str) -> Result<String, String> {
        let known: WellKnown = serde_json::from_str(json).unwrap();
        known
            .base_url()
            .map(|url| url.to_string())
            .map_err(|error| error.text)
    }

    #[test]
    fn base_urls_good_and_bad() {
        assert_eq!(
            base(r#"{"m.homeserver":{"base_url":"https://m.org/"}}"#),
            Ok("https://m.org".into())
        );
        assert_eq!(
            base(r#"{"m.homeserver":{"base_url":"ftp://m.org"}}"#),
            Err("ftp://m.org".into())
        );
        assert_eq!(
            base(r#"{"m.homeserver":{"base_url":7}}"#),
            Err(String::new())
        );
        assert_eq!(
            base(r#"{"m.homeserver":"https://m.org"}"#),
            Err(String::new())
        );
        assert_eq!(base("{}"), Err(String::new()));
    }
}
