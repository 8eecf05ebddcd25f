//! Getting an access token and giving it back.

use super::request::path;
use super::server::Capabilities;
use super::tolerant::or_default;
use super::{ApiError, HomeserverUrl, Request, UserId};
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
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct IdentityProvider {
    /// Empty where the server is to choose, or to ask.
    pub id: String,
    /// Empty if the server does not say.
    #[serde(default, deserialize_with = "or_default")]
    pub name: String,
    /// `apple`, `facebook`, `github`, `gitlab`, `google`, `twitter`, and what else servers say.
    /// (Its picture is an `mxc:` URI, which nobody can fetch before they have signed in.)
    #[serde(default, deserialize_with = "or_default")]
    pub brand: String,
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

/// The `errcode` that we give to a token which the server takes for expired when it has just given it: the
/// clock by which its end was reckoned is slow.
pub const EXPIRED_AT_ONCE: &str = "EXPIRED_AT_ONCE";

/// What it means that a token is refused which was just got to act as a user. It is about that user or
/// about our clock, never about the administrator, who need not sign in anew.
pub fn refused_as_user(error: ApiError) -> ApiError {
    let ApiError::TokenRefused {
        soft_logout,
        locked,
        message,
    } = error
    else {
        return error;
    };
    let errcode = match (locked, soft_logout) {
        (true, _) => "M_USER_LOCKED",
        // So Synapse says it of those that have expired, and of no others.
        (false, true) => EXPIRED_AT_ONCE,
        (false, false) => "M_UNKNOWN_TOKEN",
    };
    ApiError::Matrix {
        status: 401,
        errcode: errcode.to_owned(),
        message,
    }
}

/// `POST /_matrix/client/v3/login` with a password. Asks for a refresh token, which most
/// servers do not give out.
///
/// Errors: 403 `M_FORBIDDEN` wrong password or deactivated account; 401 `M_USER_LOCKED`
/// locked; 429 after five log-ins in a row.
pub fn with_password(user: &UserId, password: &str) -> Request<Login> {
    with_password_on(None, user, password)
}

/// [`with_password`] on a device that there is or was: its session goes on, and none is left behind
/// that nobody has the token of.
pub fn with_password_on(device: Option<&str>, user: &UserId, password: &str) -> Request<Login> {
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
        #[serde(skip_serializing_if = "Option::is_none")]
        device_id: Option<&'a str>,
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
            device_id: device,
            initial_device_display_name: DEVICE_NAME,
            refresh_token: true,
        })
}

/// The address to go to for single sign-on, `GET /_matrix/client/v3/login/sso/redirect/{idp_id}`,
/// and to be sent back from to `back`. Not for `fetch`: a person goes there. Without an ID the
/// server takes its only provider, or asks.
///
/// Errors come as pages of the server, from which nobody is sent back: 403 for a deactivated
/// account, 503 where the provider does not answer, 404 `M_NOT_FOUND` for an unknown ID.
pub fn sso_redirect(homeserver: &HomeserverUrl, provider: &str, back: &str) -> String {
    let all = ["/_matrix/client/v3/login/sso/redirect", provider];
    let named = if provider.is_empty() { 1 } else { 2 };
    Request::<()>::get(path(&all[..named]))
        .query("redirectUrl", back)
        .call
        .url(homeserver)
}

/// `POST /_matrix/client/v3/login` with the token that single sign-on ends with. It is good for two
/// minutes, and once. On this device, if one is named, as [`with_password_on`].
///
/// Errors: 403 `M_FORBIDDEN` for a token that is used, too old or made up, `M_USER_DEACTIVATED`;
/// 401 `M_USER_LOCKED` locked.
pub fn with_token(device: Option<&str>, token: &str) -> Request<Login> {
    #[derive(Serialize)]
    struct Body<'a> {
        r#type: &'a str,
        token: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        device_id: Option<&'a str>,
        initial_device_display_name: &'a str,
        refresh_token: bool,
    }
    Request::post("/_matrix/client/v3/login")
        .anonymous()
        .json(&Body {
            r#type: "m.login.token",
            token,
            device_id: device,
            initial_device_display_name: DEVICE_NAME,
            refresh_token: true,
        })
}

/// The answer of [`with_password`] and [`with_token`].
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

/// Where [`refresh`] asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshPath {
    /// Since Synapse 1.72.
    V3,
    /// Before Synapse 1.72.
    V1,
}

impl RefreshPath {
    /// Where this server has it; one whose version is not known counts as new.
    pub fn of(server: &Capabilities) -> Self {
        match server.since(72) {
            true => RefreshPath::V3,
            false => RefreshPath::V1,
        }
    }
}

/// `POST /_matrix/client/v3/refresh`, before Synapse 1.72 `v1`: a new access token for a refresh
/// token. 401 or 403 when the session has ended, see [`ends_session`].
pub fn refresh(refresh_token: &str, at: RefreshPath) -> Request<Refreshed> {
    #[derive(Serialize)]
    struct Body<'a> {
        refresh_token: &'a str,
    }
    // Synapse keeps the old refresh token until the new tokens are used, so a lost answer can
    // be asked for again.
    Request::post(match at {
        RefreshPath::V3 => "/_matrix/client/v3/refresh",
        RefreshPath::V1 => "/_matrix/client/v1/refresh",
    })
    .anonymous()
    .idempotent()
    .json(&Body { refresh_token })
}

/// Has `ask` send [`refresh`], and once more to the other path where the server does not know the
/// first: its version may not be known yet.
///
/// # Errors
/// What the request failed with; [`ends_session`] tells whether the refresh token is good no more.
pub async fn refreshed(
    refresh_token: &str,
    server: &Capabilities,
    ask: impl AsyncFn(Request<Refreshed>) -> Result<Refreshed, ApiError>,
) -> Result<Refreshed, ApiError> {
    let path = RefreshPath::of(server);
    let other = match path {
        RefreshPath::V3 => RefreshPath::V1,
        RefreshPath::V1 => RefreshPath::V3,
    };
    match ask(refresh(refresh_token, path)).await {
        Err(ApiError::Unsupported { .. }) => ask(refresh(refresh_token, other)).await,
        answer => answer,
    }
}

/// Whether the error says of a refresh token that it is good for nothing any more, or that the server
/// gives no tokens for one, so that only signing in again helps. Neither a lost connection says so
/// nor a server or proxy that is in trouble.
pub fn ends_session(error: &ApiError) -> bool {
    match error {
        ApiError::TokenRefused { .. } | ApiError::Unsupported { .. } => true,
        ApiError::Matrix { status, .. } => *status == 403,
        _ => false,
    }
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
    let user = UserId::parse(&text).filter(|_| !text.contains(char::is_whitespace));
    user.ok_or_else(|| D::Error::custom("not a user ID"))
}

/// `POST /_matrix/client/v3/logout`: revokes the token it is sent with and deletes its device.
pub fn logout() -> Request<serde_json::Value> {
    Request::post("/_matrix/client/v3/logout").timeout_ms(10_000)
}

/// Whether the refusal of [`logout`] says that the token is good for nothing any more. Of a homeserver that
/// keeps the accounts itself: where Matrix Authentication Service does, a token that is good there is refused
/// as well. With `soft_logout` the token has expired, and its session has not.
pub fn is_gone(refusal: &ApiError) -> bool {
    matches!(
        refusal,
        ApiError::TokenRefused {
            soft_logout: false,
            locked: false,
            ..
        }
    )
}

/// The ways in that a homeserver offers and that we can go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Offers {
    /// OAuth 2.0 with Matrix Authentication Service. Then it is the only one besides tokens: what
    /// else such a server offers gives no administrator's rights.
    pub oauth: bool,
    /// Single sign-on, one for each identity provider; one without an ID where the server names
    /// none.
    pub providers: Vec<IdentityProvider>,
    pub password: bool,
    /// What it offers that we cannot do; of interest where that is all.
    pub others: Vec<String>,
}

impl Offers {
    /// What these flows offer; `None` where they could not be read. `delegated`: Matrix
    /// Authentication Service keeps the accounts.
    pub fn new(flows: Option<&Flows>, delegated: bool) -> Self {
        let mut offers = Offers {
            oauth: delegated,
            ..Offers::default()
        };
        let Some(flows) = flows else {
            // Nobody knows better than that most do.
            offers.password = !delegated;
            return offers;
        };
        for flow in &flows.flows {
            match flow.kind.as_str() {
                _ if delegated => {}
                "m.login.password" => offers.password = true,
                "m.login.sso" if flow.identity_providers.is_empty() => {
                    offers.providers.push(IdentityProvider::default());
                }
                "m.login.sso" => offers.providers.extend_from_slice(&flow.identity_providers),
                // The second half of single sign-on.
                "m.login.token" => {}
                other => offers.others.push(other.to_owned()),
            }
        }
        offers
    }

    /// Whether only an access token leads in.
    pub fn are_none(&self) -> bool {
        !self.oauth && !self.password && self.providers.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Answer;
    use crate::api::request::Body;
    use futures_util::FutureExt;
    use std::cell::RefCell;

    /// What comes of a refresh token where each path answers like this, and what was asked.
    fn renewal(v3: Answer, v1: Answer) -> (Result<Refreshed, ApiError>, Vec<String>) {
        let asked = RefCell::new(Vec::new());
        let ask = async |request: Request<Refreshed>| {
            let path = request.call.path.clone();
            let answer = if path.contains("/v3/") { &v3 } else { &v1 };
            asked.borrow_mut().push(path);
            request.read(answer)
        };
        let server = Capabilities::default();
        let outcome = refreshed("syr_one", &server, ask).now_or_never();
        (outcome.expect("nobody waits"), asked.into_inner())
    }

    #[test]
    fn a_device_is_named_where_its_session_goes_on() {
        let body = |request: Request<Login>| match request.call.body {
            Body::Json(json) => serde_json::from_str::<serde_json::Value>(&json).unwrap(),
            other => panic!("{other:?}"),
        };
        let user = UserId::parse("@a:b.org").unwrap();
        for named in [None, Some("DEVICE")] {
            let by_password = body(with_password_on(named, &user, "secret"));
            let by_token = body(with_token(named, "syl_token"));
            for sent in [by_password, by_token] {
                assert_eq!(sent.get("device_id").and_then(|id| id.as_str()), named);
                assert_eq!(sent["refresh_token"], true);
            }
        }
    }

    fn matrix(status: u16, errcode: &str) -> Answer {
        let body = format!(r#"{{"errcode":"{errcode}","error":"no"}}"#);
        Answer::new(status, "application/json", body)
    }

    #[test]
    fn a_refresh_token_ends_only_by_a_word_of_the_server() {
        let ends = |answer: Answer| {
            let (outcome, _) = renewal(answer.clone(), answer);
            ends_session(&outcome.err().expect("no success"))
        };
        for status in [401, 403] {
            assert!(ends(matrix(status, "M_UNKNOWN_TOKEN")), "{status}");
        }
        // Synapse, of one that was used twice or is too old.
        assert!(ends(matrix(403, "M_FORBIDDEN")));
        // Neither path is there: no server gives tokens here.
        assert!(ends(matrix(404, "M_UNRECOGNIZED")));
        for status in [400, 404, 429, 500, 502, 503, 504] {
            assert!(!ends(matrix(status, "M_UNKNOWN")), "{status}");
        }
        // Nor does who stands in between.
        for status in [200, 302, 401, 403, 404, 500, 502, 504] {
            let page = Answer::new(status, "text/html", "<html>no</html>");
            assert!(!ends(page), "{status}");
        }
        // A success that nobody understands.
        assert!(!ends(Answer::new(200, "application/json", "{}")));
        assert!(!ends_session(&ApiError::TimedOut { after_ms: 1 }));
    }

    #[test]
    fn an_old_server_is_asked_where_it_has_it() {
        let fresh = || Answer::new(200, "application/json", r#"{"access_token":"syt_two"}"#);
        let none = || matrix(404, "M_UNRECOGNIZED");
        let paths = ["/_matrix/client/v3/refresh", "/_matrix/client/v1/refresh"];
        let (outcome, asked) = renewal(none(), fresh());
        assert_eq!(outcome.ok().unwrap().access_token, "syt_two");
        assert_eq!(asked, paths);
        let (outcome, asked) = renewal(fresh(), none());
        assert!(outcome.is_ok());
        assert_eq!(asked, paths[..1]);
        // Whoever is refused is not asked for elsewhere.
        let (outcome, asked) = renewal(matrix(401, "M_UNKNOWN_TOKEN"), fresh());
        assert!(outcome.is_err());
        assert_eq!(asked.len(), 1);
    }

    #[test]
    fn a_token_is_gone_only_by_a_word_of_the_homeserver() {
        let gone = |answer: Answer| is_gone(&ApiError::from_answer(&answer));
        assert!(gone(matrix(401, "M_UNKNOWN_TOKEN")));
        // Whoever is locked may be unlocked, and the token is good again.
        assert!(!gone(matrix(401, "M_USER_LOCKED")));
        let expired = r#"{"errcode":"M_UNKNOWN_TOKEN","error":"no","soft_logout":true}"#;
        assert!(!gone(Answer::new(401, "application/json", expired)));
        // Nor has a proxy, or a server that has not seen the token, said anything of it.
        assert!(!gone(matrix(401, "M_MISSING_TOKEN")));
        assert!(!gone(matrix(404, "M_UNRECOGNIZED")));
        for status in [401, 403, 404, 502] {
            assert!(!gone(Answer::new(status, "text/html", "<html>no</html>")));
        }
    }

    fn offers(json: &str, delegated: bool) -> Offers {
        Offers::new(Some(&serde_json::from_str(json).unwrap()), delegated)
    }

    #[test]
    fn what_a_server_offers() {
        // As Synapse with two providers answers.
        let two = offers(
            r#"{"flows":[{"type":"m.login.sso","identity_providers":[{"id":"oidc-one","name":"First"},
                {"id":"oidc-two","name":"Second","brand":"github"}]},{"type":"m.login.token"},
                {"type":"m.login.password"},{"type":"m.login.application_service"}]}"#,
            false,
        );
        assert!(two.password && !two.oauth && !two.are_none());
        let names = two
            .providers
            .iter()
            .map(|one| (&*one.id, &*one.name, &*one.brand));
        assert_eq!(
            names.collect::<Vec<_>>(),
            [("oidc-one", "First", ""), ("oidc-two", "Second", "github")]
        );
        // Old servers, and some kinds of single sign-on, name no providers.
        let old = offers(
            r#"{"flows":[{"type":"m.login.sso"},{"type":"m.login.token"}]}"#,
            false,
        );
        assert_eq!(old.providers, [IdentityProvider::default()]);
        assert!(!old.password);
        // What Matrix Authentication Service offers besides has no administrator's rights.
        let mas = offers(
            r#"{"flows":[{"type":"m.login.password"},{"type":"m.login.sso","oauth_aware_preferred":true}]}"#,
            true,
        );
        assert!(mas.oauth && !mas.password && mas.providers.is_empty());
        // Nothing that we can do.
        let strange = offers(
            r#"{"flows":[{"type":"org.example.smoke_signals"},{"type":"m.login.application_service"}]}"#,
            false,
        );
        assert!(strange.are_none());
        assert_eq!(
            strange.others,
            ["org.example.smoke_signals", "m.login.application_service"]
        );
        // Whoever does not say is believed to take passwords.
        assert!(Offers::new(None, false).password);
        assert!(!Offers::new(None, true).password);
    }

    #[test]
    fn the_way_to_single_sign_on() {
        let homeserver = HomeserverUrl::parse("https://m.org").unwrap();
        let back = "https://p.org/a/?sso=n1";
        assert_eq!(
            sso_redirect(&homeserver, "oidc-one", back),
            "https://m.org/_matrix/client/v3/login/sso/redirect/oidc-one\
             ?redirectUrl=https%3A%2F%2Fp.org%2Fa%2F%3Fsso%3Dn1"
        );
        assert!(sso_redirect(&homeserver, "", back).contains("/sso/redirect?redirectUrl="));
    }

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
            "@root x:example.org",
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

    #[test]
    fn a_token_to_act_as_somebody_is_refused_for_a_reason() {
        let code = |soft_logout, locked| {
            let error = ApiError::TokenRefused {
                soft_logout,
                locked,
                message: "no".to_owned(),
            };
            match refused_as_user(error) {
                ApiError::Matrix {
                    status: 401,
                    errcode,
                    ..
                } => errcode,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(code(false, true), "M_USER_LOCKED");
        assert_eq!(code(true, true), "M_USER_LOCKED");
        assert_eq!(code(true, false), EXPIRED_AT_ONCE);
        assert_eq!(code(false, false), "M_UNKNOWN_TOKEN");
        assert_eq!(refused_as_user(ApiError::Cancelled), ApiError::Cancelled);
    }
}
