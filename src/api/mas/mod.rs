//! The admin API of Matrix Authentication Service (MAS), which keeps the accounts of a homeserver where it
//! is set up. Its own documentation calls everything as it is called here.
//!
//! `base` is where MAS stands, without a slash at the end, as
//! [`Metadata::mas`](super::oauth::Metadata::mas) says. Every request wants a token with the scope
//! `urn:mas:admin`.
//!
//! Errors: MAS answers `{"errors":[{"title":…}]}`, which [`ApiError`] reads; 404 where
//! there is no such thing. What MAS does not route (an endpoint that it is too old for, or the whole
//! admin API where that is not exposed) it answers without the CORS headers that a browser needs, so
//! a page sees it as unreachable: ask for the version before, see [`version`].
//!
//! | file | what |
//! |---|---|
//! | [`addresses`] | e-mail addresses and accounts at providers, alike |
//! | [`clients`] | the programs that may ask for access |
//! | [`emails`] | e-mail addresses of accounts |
//! | [`personal`] | tokens for scripts, which act as somebody |
//! | [`policy`] | the data of the policy |
//! | [`resource`] | one of many, pages of them, times |
//! | [`sessions`] | sessions: of OAuth, of old log-ins, of browsers |
//! | [`tokens`] | registration tokens |
//! | [`upstream`] | providers of single sign-on, and who is linked to them |
//! | [`users`] | accounts |

pub mod addresses;
pub mod clients;
pub mod emails;
pub mod personal;
pub mod policy;
pub mod resource;
pub mod sessions;
pub mod tokens;
pub mod upstream;
pub mod users;

pub use resource::{MasPage, MasTime, One, Resource, Slice, Ulid};

use super::error::{ADMIN_API_OF_MAS, ApiError, titles_of_mas};
use super::request::path;
use super::server::Version;
use super::{Answer, Call, Request};
use serde::Deserialize;

/// The address of something of the admin API.
fn at(base: &str, segments: &[&str]) -> String {
    let below = [&[ADMIN_API_OF_MAS], segments].concat();
    format!("{base}{}", path(&below))
}

/// `GET {mas}/api/admin/v1/version`, since MAS 1.4.
///
/// Errors: without a token 400, which is how it shows that the admin API is exposed: where it is not,
/// MAS answers without the CORS headers that a browser needs.
pub fn version(base: &str) -> Request<MasVersion> {
    Request::get(at(base, &["version"])).timeout_ms(10_000)
}

/// The answer of [`version`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MasVersion {
    /// `v1.22.0`, perhaps with a suffix.
    pub version: String,
}

impl MasVersion {
    /// As numbers; `None` if it is no version.
    pub fn parsed(&self) -> Option<Version> {
        Version::parse(self.version.trim_start_matches('v'))
    }
}

/// Whether this is what MAS' admin API answers to a request without a token: it is exposed.
pub fn is_exposed(answer: &Answer) -> bool {
    matches!(answer.status, 400 | 401) && titles_of_mas(&answer.body).is_some()
}

/// Whether a session or token had ended, or was valid again, before the request that was to do it: what it was
/// sent for is so, perhaps by its own first try, whose answer was lost. Of the answers to `finish_*`, `revoke`
/// and `unrevoke` alone: elsewhere the same status is a refusal.
pub fn is_so_already(error: &ApiError) -> bool {
    error.is_of_mas() && matches!(error.status(), Some(400 | 409))
}

/// Whether this is MAS' word that what this request was to end had ended or is not there at all, or that what it
/// was to give back was there: see [`is_so_already`].
pub fn is_done_already(call: &Call, error: &ApiError) -> bool {
    let is_any = |ends: &[&str]| ends.iter().any(|end| call.path.ends_with(end));
    let is_gone = is_any(&["/finish", "/revoke"]) && error.is_of_mas() && error.is_not_found();
    let is_so = is_any(&["/finish", "/revoke", "/unrevoke"]) && is_so_already(error);
    base_of(call).is_some() && (is_gone || is_so)
}

/// Where the MAS stands to whose admin API this is a request, if it is one.
pub fn base_of(call: &Call) -> Option<&str> {
    let (base, _) = call.path.split_once(ADMIN_API_OF_MAS)?;
    (!base.is_empty()).then_some(base)
}

/// `GET {mas}/api/admin/v1/site-config`, since MAS 1.3: how accounts are set up.
pub fn site_config(base: &str) -> Request<SiteConfig> {
    Request::get(at(base, &["site-config"])).timeout_ms(10_000)
}

/// The answer of [`site_config`]. What this MAS is too old to tell is `None`. The `*_allowed` are about
/// what people may do with their own accounts; administrators may anyway.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SiteConfig {
    pub server_name: String,
    pub password_login_enabled: bool,
    #[serde(default)]
    pub password_registration_enabled: Option<bool>,
    /// Since MAS 1.4.
    #[serde(default)]
    pub password_registration_email_required: Option<bool>,
    /// Since MAS 1.19.
    #[serde(default)]
    pub password_registration_token_required: Option<bool>,
    /// Before MAS 1.19; deprecated since.
    #[serde(default)]
    pub registration_token_required: Option<bool>,
    #[serde(default)]
    pub email_change_allowed: Option<bool>,
    #[serde(default)]
    pub displayname_change_allowed: Option<bool>,
    #[serde(default)]
    pub password_change_allowed: Option<bool>,
    #[serde(default)]
    pub account_recovery_allowed: Option<bool>,
    #[serde(default)]
    pub account_deactivation_allowed: Option<bool>,
    #[serde(default)]
    pub captcha_enabled: Option<bool>,
    /// 0 to 4, as zxcvbn scores passwords.
    #[serde(default)]
    pub minimum_password_complexity: Option<u8>,
}

#[cfg(test)]
mod tests;
