//! OAuth 2.0 as Matrix Authentication Service (MAS) speaks it: where its endpoints are, registering,
//! tokens for a code, new ones for a refresh token, and giving them back.
//!
//! Spec: client-server API, "OAuth 2.0 API". The address that the browser is sent to is made by
//! [`authorization`](super::authorization).

use super::discovery::auth_metadata;
use super::encode::push_encoded;
use super::exchange::Patient;
use super::origin::is_same_origin;
use super::request::Body;
use super::tolerant::or_default;
use super::{Answer, ApiError, Request, ServerName, discovery};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

/// What an authorization server says of itself, as far as it is needed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    /// `None` where nobody can register.
    #[serde(default, deserialize_with = "or_default")]
    pub registration_endpoint: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub revocation_endpoint: Option<String>,
    /// Where people manage their account and their log-ins.
    #[serde(default, deserialize_with = "or_default")]
    pub account_management_uri: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    response_modes_supported: Vec<String>,
    #[serde(
        default,
        deserialize_with = "or_default",
        rename = "org.matrix.matrix-authentication-service.graphql_endpoint"
    )]
    graphql_endpoint: Option<String>,
}

impl Metadata {
    /// Whether it answers in the fragment of the address, which no web server sees. A server that does
    /// not tell is taken at the standard's word, which has the query alone.
    pub fn answers_in_fragment(&self) -> bool {
        self.response_modes_supported
            .iter()
            .any(|mode| mode == "fragment")
    }

    fn addresses(&self) -> impl Iterator<Item = &str> {
        let optional = [
            &self.registration_endpoint,
            &self.revocation_endpoint,
            &self.account_management_uri,
        ];
        [&self.authorization_endpoint, &self.token_endpoint]
            .into_iter()
            .chain(optional.into_iter().flatten())
            .map(String::as_str)
    }

    /// Whether all that gets a secret stands where people sign in.
    fn is_one_server(&self) -> bool {
        let is_there = |address: &String| is_same_origin(address, &self.authorization_endpoint);
        let optional = [&self.registration_endpoint, &self.revocation_endpoint];
        is_there(&self.token_endpoint) && optional.into_iter().flatten().all(is_there)
    }

    /// An address of it at which everybody on the way can read along.
    pub fn unencrypted(&self) -> Option<&str> {
        self.addresses()
            .find(|address| !address.starts_with("https://"))
    }

    /// Where MAS stands, without a slash at the end: its admin API is below. Not the issuer, which may
    /// be named otherwise. `None` if this is no MAS.
    pub fn mas(&self) -> Option<String> {
        let token = self.token_endpoint.strip_suffix("/oauth2/token");
        let graphql = || self.graphql_endpoint.as_deref()?.strip_suffix("/graphql");
        token.or_else(graphql).map(str::to_owned)
    }
}

/// `GET /_matrix/client/unstable/org.matrix.msc2965/auth_metadata`: what [`auth_metadata`] answers, on
/// Synapse from 1.123.
pub fn unstable_metadata() -> Request<serde_json::Value> {
    Request::get("/_matrix/client/unstable/org.matrix.msc2965/auth_metadata").anonymous()
}

/// `GET /_matrix/client/unstable/org.matrix.msc2965/auth_issuer`: Synapse from 1.99, gone again in
/// 1.163.
pub fn auth_issuer() -> Request<Issuer> {
    Request::get("/_matrix/client/unstable/org.matrix.msc2965/auth_issuer").anonymous()
}

/// The answer of [`auth_issuer`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Issuer {
    pub issuer: String,
}

/// `GET {issuer}/.well-known/openid-configuration`: what an authorization server says of itself.
pub fn configuration(issuer: &str) -> Request<serde_json::Value> {
    let issuer = issuer.trim_end_matches('/');
    Request::get(format!("{issuer}/.well-known/openid-configuration"))
        .anonymous()
        .timeout_ms(10_000)
}

/// Asks a homeserver for its authorization server, by all ways that servers of the last years answer:
/// first the homeserver itself, then the well-known file of its domain, where that is known. `None` if
/// it has none.
///
/// # Errors
/// When the homeserver does not answer at all.
pub async fn find(
    ask: Patient<'_>,
    domain: Option<&ServerName>,
) -> Result<Option<Metadata>, ApiError> {
    for request in [auth_metadata(), unstable_metadata()] {
        match ask.send(request.timeout_ms(15_000)).await {
            Ok(value) => match usable(value) {
                Some(metadata) => return Ok(Some(metadata)),
                None => continue,
            },
            Err(error @ (ApiError::Unreachable { .. } | ApiError::TimedOut { .. })) => {
                return Err(error);
            }
            Err(_) => {}
        }
    }
    if let Ok(Issuer { issuer }) = ask.send(auth_issuer().timeout_ms(15_000)).await
        && let Some(metadata) = configured(ask, &issuer).await
    {
        return Ok(Some(metadata));
    }
    let Some(domain) = domain else {
        return Ok(None);
    };
    let well_known = ask.send(discovery::well_known(domain)).await;
    let known = well_known.ok().and_then(|known| known.authentication);
    match known.as_ref().and_then(|known| known["issuer"].as_str()) {
        Some(issuer) => Ok(configured(ask, issuer).await),
        None => Ok(None),
    }
}

async fn configured(ask: Patient<'_>, issuer: &str) -> Option<Metadata> {
    usable(ask.send(configuration(issuer)).await.ok()?)
}

/// Metadata whose addresses a browser can be sent to without running what stands there, and are all
/// of one server: or a homeserver could have people sign in at another's, and bring what comes of it
/// to itself.
fn usable(told: serde_json::Value) -> Option<Metadata> {
    let metadata: Metadata = serde_json::from_value(told).ok()?;
    let is_web = |address: &str| address.starts_with("https://") || address.starts_with("http://");
    if metadata.is_one_server() && metadata.addresses().all(is_web) {
        Some(metadata)
    } else {
        None
    }
}

/// What a client says of itself when it registers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClientMetadata {
    pub client_name: &'static str,
    /// About the client, for people: `https`, and never this machine.
    pub client_uri: String,
    pub redirect_uris: Vec<String>,
    /// `web`, or `native` for a page of this machine.
    pub application_type: &'static str,
    /// `none`: a page keeps no secret.
    token_endpoint_auth_method: &'static str,
    grant_types: [&'static str; 2],
    response_types: [&'static str; 1],
}

/// As which address MAS knows a panel of this machine, unless `config.json` says better: it wants one
/// that is public, shows it to people, and never asks there.
pub const PLACEHOLDER: &str = "https://synapse-admin.example/";

/// Why a panel at this address cannot register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Neither `https` nor this machine.
    Plain,
    /// MAS takes letters, digits and `. / - _ ~` in the path of an address.
    Path,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unfit::Plain => "the panel is neither at https nor on this machine",
            Unfit::Path => "the panel's path has characters that MAS does not take",
        })
    }
}

impl Error for Unfit {}

/// The address at which the page is answered: without query, fragment and `index.html`, and always the
/// same, because it is compared as it stands.
pub fn redirect_uri(page: &str) -> String {
    let end = page.find(['?', '#']).unwrap_or(page.len());
    let bare = &page[..end];
    bare.strip_suffix("index.html").unwrap_or(bare).to_owned()
}

/// What a panel at this address has to say to MAS' default policy. `about` is the address that
/// `config.json` gives for it.
///
/// # Errors
/// When that policy takes no panel there; an operator may still have registered it by hand.
pub fn client(page: &str, about: Option<&str>) -> Result<ClientMetadata, Unfit> {
    let redirect = redirect_uri(page);
    let (scheme, rest) = redirect.split_once("://").unwrap_or_default();
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let good = |byte: u8| byte.is_ascii_alphanumeric() || b"./-_~".contains(&byte);
    if !path.bytes().all(good) {
        return Err(Unfit::Path);
    }
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    let (application_type, redirect, own) = match scheme {
        // Registered without a port, it may come back to any.
        "http" if matches!(host, "localhost" | "127.0.0.1" | "[::1]") => (
            "native",
            format!("http://{host}{path}"),
            PLACEHOLDER.to_owned(),
        ),
        "https" => ("web", redirect.clone(), redirect),
        _ => return Err(Unfit::Plain),
    };
    Ok(ClientMetadata {
        client_name: super::login::DEVICE_NAME,
        client_uri: about.map_or(own, str::to_owned),
        redirect_uris: vec![redirect],
        application_type,
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
    })
}

/// `POST {registration_endpoint}`: registers a client. The same metadata gives the same ID, so this is
/// done at each log-in: an ID that MAS has forgotten would end on a page from which nobody returns.
///
/// Errors: 400 `invalid_redirect_uri`, `invalid_client_metadata`: the policy of the server, which says
/// what it has against it.
pub fn register(endpoint: &str, client: &ClientMetadata) -> Request<Registered> {
    Request::post(endpoint)
        .anonymous()
        .idempotent()
        .timeout_ms(15_000)
        .json(client)
}

/// The answer of [`register`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Registered {
    pub client_id: String,
}

fn form(fields: &[(&str, &str)]) -> Body {
    let mut out = String::new();
    for (name, value) in fields {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(name);
        out.push('=');
        push_encoded(&mut out, value);
    }
    Body::File {
        content_type: "application/x-www-form-urlencoded".to_owned(),
        bytes: out.into_bytes(),
    }
}

/// `POST {token_endpoint}`: tokens for a code. Never sent twice: a code that is used again later than
/// 20 seconds after ends the session that it has made.
///
/// Errors: 400 `invalid_grant`: used, unknown, older than 10 minutes, or for another page.
pub fn redeem(
    endpoint: &str,
    client_id: &str,
    code: &str,
    redirect_uri: &str,
    verifier: &str,
) -> Request<Tokens> {
    Request::post(endpoint).anonymous().with_body(form(&[
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", redirect_uri),
        ("client_id", client_id),
        ("code_verifier", verifier),
    ]))
}

/// `POST {token_endpoint}`: new tokens for a refresh token. MAS forgives a lost answer: the same
/// refresh token may be sent again as long as nothing came of its tokens.
///
/// Errors: 400 `invalid_grant`: the session is over.
pub fn refresh(endpoint: &str, client_id: &str, refresh_token: &str) -> Request<Tokens> {
    Request::post(endpoint)
        .anonymous()
        .idempotent()
        .with_body(form(&[
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh_token),
            ("client_id", client_id),
        ]))
}

/// The answer of [`redeem`] and of [`refresh`].
#[derive(Clone, PartialEq, Deserialize)]
pub struct Tokens {
    pub access_token: String,
    #[serde(default)]
    pub refresh_token: Option<String>,
    /// Seconds, from the moment of the answer, until the access token expires.
    #[serde(default)]
    pub expires_in: Option<u64>,
    /// What was granted, apart by blanks.
    #[serde(default)]
    pub scope: Option<String>,
}

/// What kind of token is given back. A hint that does not fit ends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    Access,
    Refresh,
}

/// `POST {revocation_endpoint}`: ends the session that a token belongs to, with all its tokens. A
/// refresh token where there is one: MAS answers 200 to a token that it does not know, or that has
/// expired, and then has ended nothing.
pub fn revoke(endpoint: &str, client_id: &str, token: &str, kind: TokenKind) -> Request<Vec<u8>> {
    let hint = match kind {
        TokenKind::Access => "access_token",
        TokenKind::Refresh => "refresh_token",
    };
    Request::send_form(
        endpoint,
        form(&[
            ("token", token),
            ("token_type_hint", hint),
            ("client_id", client_id),
        ]),
    )
    .anonymous()
    .idempotent()
    .timeout_ms(10_000)
}

/// What an authorization server has against a request, in its words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct OAuthRefusal {
    /// `invalid_grant`, `access_denied`, …
    pub error: String,
    #[serde(default, deserialize_with = "or_default")]
    pub error_description: String,
}

impl fmt::Display for OAuthRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error, self.error_description)
    }
}

/// Why an authorization server has not done what it was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum OAuthError {
    /// It said no.
    Refused(OAuthRefusal),
    /// It did not answer, or something else did.
    Api(ApiError),
}

impl fmt::Display for OAuthError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OAuthError::Refused(refusal) => refusal.fmt(f),
            OAuthError::Api(error) => error.fmt(f),
        }
    }
}

impl Error for OAuthError {}

impl OAuthError {
    /// Whether it says of a refresh token that another try would be no better, so that the person has
    /// to sign in again. Neither a lost connection says so nor a server that is in trouble.
    pub fn is_final(&self) -> bool {
        match self {
            OAuthError::Refused(refusal) => !matches!(
                refusal.error.as_str(),
                "server_error" | "temporarily_unavailable"
            ),
            OAuthError::Api(_) => false,
        }
    }
}

/// Reads an answer of an authorization server.
///
/// # Errors
/// When it is none, or says no.
pub fn read<T>(request: &Request<T>, answer: &Answer) -> Result<T, OAuthError> {
    match refusal(answer) {
        Some(refusal) => Err(OAuthError::Refused(refusal)),
        None => request.read(answer).map_err(OAuthError::Api),
    }
}

fn refusal(answer: &Answer) -> Option<OAuthRefusal> {
    let refused = matches!(answer.status, 400 | 401 | 403 | 500);
    refused.then(|| of_json(&answer.body)).flatten()
}

fn of_json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

#[cfg(test)]
mod tests;
