//! The admin API of Matrix Authentication Service (MAS): what the log-in needs of it.
//!
//! `base` is where MAS stands, without a slash at the end, as
//! [`Metadata::mas`](super::oauth::Metadata::mas) says.

use super::request::path;
use super::{Answer, Request};
use serde::Deserialize;

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

/// Whether this is what MAS' admin API answers to a request without a token: it is exposed.
pub fn is_exposed(answer: &Answer) -> bool {
    #[derive(Deserialize)]
    struct Errors {
        errors: Vec<Title>,
    }
    #[derive(Deserialize)]
    struct Title {
        #[serde(rename = "title")]
        _title: String,
    }
    let errors = serde_json::from_slice::<Errors>(&answer.body);
    matches!(answer.status, 400 | 401) && errors.is_ok_and(|told| !told.errors.is_empty())
}

/// `GET {mas}/api/admin/v1/site-config`, since MAS 1.3: how accounts are set up.
pub fn site_config(base: &str) -> Request<SiteConfig> {
    Request::get(at(base, &["site-config"])).timeout_ms(10_000)
}

/// The answer of [`site_config`], as far as it is needed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct SiteConfig {
    pub server_name: String,
    pub password_login_enabled: bool,
}

/// `GET {mas}/api/admin/v1/users/by-username/{localpart}`, since MAS 0.10; 404 if there is none.
pub fn by_username(base: &str, localpart: &str) -> Request<OneUser> {
    Request::get(at(base, &["users", "by-username", localpart]))
}

/// The answer of [`by_username`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OneUser {
    pub data: Resource<MasUser>,
}

/// Something that MAS keeps, by its ID.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Resource<T> {
    /// A ULID: 26 characters that begin with the time.
    pub id: String,
    pub attributes: T,
}

/// An account, as MAS keeps it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MasUser {
    /// The localpart of its user ID.
    pub username: String,
    /// Whether it may request admin scopes.
    pub admin: bool,
    #[serde(default)]
    pub locked_at: Option<String>,
    #[serde(default)]
    pub deactivated_at: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn names_are_encoded() {
        let request = by_username("https://h.example/mas", "a/b");
        assert_eq!(
            request.call.path,
            "https://h.example/mas/api/admin/v1/users/by-username/a%2Fb"
        );
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
                by_username("", "x").call,
                "/api/admin/v1/users/by-username/{username}",
            ),
        ] {
            assert_eq!(request.path.replace("/x", "/{username}"), path);
            example(path);
        }
        let told = example("/api/admin/v1/users/by-username/{username}");
        let read: OneUser = serde_json::from_value(told["example"].clone()).unwrap();
        assert_eq!(read.data.id.len(), 26);
        let told = example("/api/admin/v1/version");
        if !told["example"].is_null() {
            let _: MasVersion = serde_json::from_value(told["example"].clone()).unwrap();
        }
    }
}
