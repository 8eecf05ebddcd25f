//! The admin API of Matrix Authentication Service (MAS), which keeps the accounts of a homeserver where it
//! is set up. Its own documentation calls everything as it is called here.
//!
//! `base` is where MAS stands, without a slash at the end, as
//! [`Metadata::mas`](super::oauth::Metadata::mas) says. Every request wants a token with the scope
//! `urn:mas:admin`.
//!
//! Errors: MAS answers `{"errors":[{"title":…}]}`, which [`ApiError`](super::ApiError) reads; 404 where
//! there is no such thing. What MAS does not route (an endpoint that it is too old for, or the whole
//! admin API where that is not exposed) it answers without the CORS headers that a browser needs, so
//! a page sees it as unreachable: ask for the version before, see [`version`].
//!
//! | file | what |
//! |---|---|
//! | [`clients`] | the programs that may ask for access |
//! | [`emails`] | e-mail addresses of accounts |
//! | [`personal`] | tokens for scripts, which act as somebody |
//! | [`policy`] | the data of the policy |
//! | [`resource`] | one of many, pages of them, times |
//! | [`sessions`] | sessions: of OAuth, of old log-ins, of browsers |
//! | [`tokens`] | registration tokens |
//! | [`upstream`] | providers of single sign-on, and who is linked to them |
//! | [`users`] | accounts |

pub mod clients;
pub mod emails;
pub mod personal;
pub mod policy;
pub mod resource;
pub mod sessions;
pub mod tokens;
pub mod upstream;
pub mod users;

pub use resource::{Moment, One, Page, Resource, Slice, Ulid};

use super::error::{ApiError, titles_of_mas};
use super::request::path;
use super::server::Version;
use super::{Answer, Call, Request};
use serde::Deserialize;

/// The address of something of the admin API.
fn at(base: &str, segments: &[&str]) -> String {
    let below = [&["/api/admin/v1"], segments].concat();
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
/// sent for is so, perhaps by its own first try, whose answer was lost.
pub fn is_so_already(error: &ApiError) -> bool {
    matches!(error, ApiError::Matrix { status: 400 | 409, errcode, .. } if errcode.is_empty())
}

/// Whether this is MAS' word that what this request was to end had ended, or what it was to give back was
/// there: see [`is_so_already`].
pub fn is_done_already(call: &Call, error: &ApiError) -> bool {
    let ends = ["/finish", "/revoke", "/unrevoke"];
    let is_of_mas = call.path.contains("/api/admin/v1/");
    is_of_mas && ends.iter().any(|end| call.path.ends_with(end)) && is_so_already(error)
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
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn names_are_encoded() {
        let request = users::by_username("https://h.example/mas", "a/b");
        assert_eq!(
            request.call.path,
            "https://h.example/mas/api/admin/v1/users/by-username/a%2Fb"
        );
    }

    #[test]
    fn what_has_ended_already_is_as_good_as_ended() {
        let id = Ulid::parse("01JSTANDN00000000000000001").unwrap();
        let json = r#"{"errors":[{"title":"Session is already finished"}]}"#;
        let error = |status| ApiError::from_answer(&Answer::new(status, "application/json", json));
        let finish = sessions::finish_oauth2("https://mas.example", &id).call;
        assert!(is_done_already(&finish, &error(400)));
        assert!(!is_done_already(&finish, &error(404)));
        let revoke = personal::revoke("https://mas.example", &id).call;
        assert!(is_done_already(&revoke, &error(409)));
        // Too weak a password is none that is set.
        let password = users::set_password("https://mas.example", &id, "1", false).call;
        assert!(!is_done_already(&password, &error(400)));
    }

    #[test]
    fn exposed_or_not() {
        let told = |status, body: &str| is_exposed(&Answer::new(status, "application/json", body));
        assert!(told(
            400,
            r#"{"errors":[{"title":"Missing authorization header"}]}"#
        ));
        assert!(!told(404, r#"{"errors":[{"title":"Not found"}]}"#));
        assert!(!told(400, "<html>"));
        assert!(!told(400, r#"{"errcode":"M_UNKNOWN"}"#));
        assert!(!told(200, "{}"));
    }

    /// MAS' own description of its admin API. It is not ours to hand on, so it lies beside the
    /// repository, where there is one.
    fn described() -> Option<Value> {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../shared/reference/mas-openapi.json"
        );
        match std::fs::read_to_string(path) {
            Ok(text) => serde_json::from_str(&text).ok(),
            Err(_) => {
                eprintln!("Left out: mas-openapi.json is not beside the repository.");
                None
            }
        }
    }

    #[test]
    fn paths_and_examples_of_mas_itself() {
        let Some(all) = described() else { return };
        let example = |path: &str| {
            let answer = &all["paths"][path]["get"]["responses"]["200"];
            assert!(answer.is_object(), "there is no GET {path}");
            answer["content"]["application/json"].clone()
        };
        for (request, path) in [
            (version("").call, "/api/admin/v1/version"),
            (site_config("").call, "/api/admin/v1/site-config"),
            (
                users::by_username("", "x").call,
                "/api/admin/v1/users/by-username/{username}",
            ),
        ] {
            assert_eq!(request.path.replace("/x", "/{username}"), path);
            example(path);
        }
        let told = example("/api/admin/v1/users/by-username/{username}");
        let read: One<users::MasUser> = serde_json::from_value(told["example"].clone()).unwrap();
        assert_eq!(read.data.id.as_str().len(), 26);
        let told = example("/api/admin/v1/version");
        if !told["example"].is_null() {
            let _: MasVersion = serde_json::from_value(told["example"].clone()).unwrap();
        }
    }
}
