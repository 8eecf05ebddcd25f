//! Finding the homeserver of a user ID.
//!
//! Spec: client-server API, "Server discovery".

use super::{HomeserverUrl, Request, ServerName};
use serde::Deserialize;

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

impl WellKnown {
    /// The homeserver's base URL; an error holds the text that is no URL, empty if the field is
    /// missing.
    pub fn base_url(&self) -> Result<HomeserverUrl, String> {
        let text = self
            .homeserver
            .as_ref()
            .and_then(|homeserver| homeserver.get("base_url"))
            .and_then(|url| url.as_str())
            .unwrap_or_default();
        HomeserverUrl::parse(text).map_err(|_| text.to_owned())
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
        known.base_url().map(|url| url.to_string())
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
