//! Getting an access token and giving it back.

use super::server::Capabilities;
use super::tolerant::or_default;
use super::{Request, UserId};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

/// How we name our device on the server.
pub const DEVICE_NAME: &str = "Synapse Admin";

/// `GET /_matrix/client/v3/login`: the ways in. Unsupported where MAS keeps the accounts.
pub fn flows() -> Request<Flows> {
    Request::get("/_matrix/client/v3/login").anonymous()
}

/// The answer of [`flows`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Flows {
    pub flows: Vec<Flow>,
}

/// One way to log in that the server offers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Flow {
    /// `m.login.password`, `m.login.sso`, …
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub identity_providers: Vec<IdentityProvider>,
    /// Whether Matrix Authentication Service stands behind it (MSC3824). Before it was stable
    /// the flag had the longer name; some servers send both.
    #[serde(default, deserialize_with = "or_default")]
    pub oauth_aware_preferred: bool,
    #[serde(
        default,
        deserialize_with = "or_default",
        rename = "org.matrix.msc3824.delegated_oidc_compatibility"
    )]
    pub delegated_oidc_compatibility: bool,
}

/// Where single sign-on can be done.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct IdentityProvider {
    pub id: String,
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
}

impl Flows {
    /// Whether this way in is offered.
    pub fn offers(&self, kind: &str) -> bool {
        self.flows.iter().any(|flow| flow.kind == kind)
    }

    /// Whether it is Matrix Authentication Service that answers here, which keeps the accounts then.
    /// Before Synapse 1.138 nothing else says so.
    pub fn is_delegated(&self) -> bool {
        self.flows
            .iter()
            .any(|flow| flow.oauth_aware_preferred || flow.delegated_oidc_compatibility)
    }

    /// Whether the accounts may be kept by Matrix Authentication Service. A server that offers
    /// passwords and says nothing of it keeps them itself.
    pub fn may_be_delegated(&self) -> bool {
        !self.offers("m.login.password") || self.is_delegated()
    }
}

/// `POST /_matrix/client/v3/login` with a password. Asks for a refresh token, which most
/// servers do not give out.
///
/// Errors: 403 `M_FORBIDDEN` wrong password or deactivated account; 401 `M_USER_LOCKED`
/// locked; 429 after five log-ins in a row.
pub fn with_password(user: &UserId, password: &str) -> Request<Login> {
    #[derive(Serialize)]
    struct Identifier<'a> {
        r#type: &'a str,
        user: &'a str,
    }
    #[derive(Serialize)]
    struct Body<'a> {
        r#type: &'a str,
        identifier: Identifier<'a>,
        password: &'a str,
        initial_device_display_name: &'a str,
        refresh_token: bool,
    }
    Request::post("/_matrix/client/v3/login")
        .anonymous()
        .json(&Body {
            r#type: "m.login.password",
            identifier: Identifier {
                r#type: "m.id.user",
                user: user.as_str(),
            },
            password,
            initial_device_display_name: DEVICE_NAME,
            refresh_token: true,
        })
}

/// The answer of [`with_password`].
#[derive(Clone, PartialEq, Deserialize)]
pub struct Login {
    #[serde(deserialize_with = "user_id")]
    pub user_id: UserId,
    pub access_token: String,
    #[serde(default)]
    pub device_id: Option<String>,
    #[serde(default)]
    pub refresh_token: Option<String>,
    /// Milliseconds until the access token expires.
    #[serde(default)]
    pub expires_in_ms: Option<u64>,
}

/// `POST /_matrix/client/v3/refresh`, before Synapse 1.72 `v1`: a new access token for a refresh
/// token. 401 or 403 when the session has ended.
pub fn refresh(refresh_token: &str, server: &Capabilities) -> Request<Refreshed> {
    #[derive(Serialize)]
    struct Body<'a> {
        refresh_token: &'a str,
    }
    // Synapse keeps the old refresh token until the new tokens are used, so a lost answer can
    // be asked for again.
    let endpoint = if server.since(72) {
        "/_matrix/client/v3/refresh"
    } else {
        "/_matrix/client/v1/refresh"
    };
    Request::post(endpoint)
        .anonymous()
        .idempotent()
        .json(&Body { refresh_token })
}

/// The answer of [`refresh`].
#[derive(Clone, PartialEq, Deserialize)]
pub struct Refreshed {
    pub access_token: String,
    #[serde(default)]
    pub refresh_token: Option<String>,
    #[serde(default)]
    pub expires_in_ms: Option<u64>,
}

/// `GET /_matrix/client/v3/account/whoami`: whose token this is.
pub fn who_am_i() -> Request<WhoAmI> {
    Request::get("/_matrix/client/v3/account/whoami")
}

/// The answer of [`who_am_i`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct WhoAmI {
    #[serde(deserialize_with = "user_id")]
    pub user_id: UserId,
    #[serde(default)]
    pub device_id: Option<String>,
}

/// Whose session begins. What the browser keeps for them is kept under this name, so one that is no
/// user ID, with a space in it for example, would reach into another's.
fn user_id<'de, D: Deserializer<'de>>(from: D) -> Result<UserId, D::Error> {
    let text = String::deserialize(from)?;
    UserId::parse(&text).ok_or_else(|| D::Error::custom("not a user ID"))
}

/// `POST /_matrix/client/v3/logout`: revokes the token it is sent with and deletes its device.
pub fn logout() -> Request<serde_json::Value> {
    Request::post("/_matrix/client/v3/logout").timeout_ms(10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_begins_only_for_a_user_id() {
        let read = |user: &str| {
            let json = serde_json::json!({"user_id": user, "access_token": "t", "device_id": "D"});
            let login = serde_json::from_value::<Login>(json.clone()).is_ok();
            assert_eq!(
                login,
                serde_json::from_value::<WhoAmI>(json).is_ok(),
                "{user}"
            );
            login
        };
        assert!(read("@root:example.org") && read("@Old!Name:example.org"));
        for bad in [
            "",
            "root",
            "@root:example.org https://example.org",
            "@root:example.org\nhttps://example.org",
            "@root:example.org/..",
        ] {
            assert!(!read(bad), "{bad}");
        }
    }

    #[test]
    fn delegated_accounts_are_noticed() {
        let may_be = |json: &str| {
            serde_json::from_str::<Flows>(json)
                .unwrap()
                .may_be_delegated()
        };
        assert!(!may_be(
            r#"{"flows":[{"type":"m.login.password"},{"type":"m.login.application_service"}]}"#
        ));
        assert!(!may_be(
            r#"{"flows":[{"type":"m.login.sso"},{"type":"m.login.password"}]}"#
        ));
        assert!(may_be(r#"{"flows":[]}"#));
        assert!(may_be(
            r#"{"flows":[{"type":"m.login.sso","oauth_aware_preferred":true,
                "org.matrix.msc3824.delegated_oidc_compatibility":true},
                {"type":"m.login.password"}]}"#
        ));
        let delegated = |json: &str| serde_json::from_str::<Flows>(json).unwrap().is_delegated();
        assert!(delegated(
            r#"{"flows":[{"type":"m.login.sso",
                "org.matrix.msc3824.delegated_oidc_compatibility":true}]}"#
        ));
        assert!(!delegated(r#"{"flows":[{"type":"m.login.sso"}]}"#));
    }
}
