//! Registration tokens: who has one may register where the homeserver asks for them
//! (`registration_requires_token`). Not there with Matrix Authentication Service, which has its own.

use super::Request;
use super::request::path;
use super::tolerant::{Timestamp, or_default};
use serde::{Deserialize, Serialize};

const TOKENS: &str = "/_synapse/admin/v1/registration_tokens";

/// A registration token.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegistrationToken {
    pub token: String,
    /// How many may register with it; `None` for any number, as is 0: who registers is let in with it.
    #[serde(default)]
    pub uses_allowed: Option<u64>,
    /// How many are registering with it now. Below 0 where a token was deleted and made again meanwhile:
    /// Synapse counts down without looking.
    #[serde(default)]
    pub pending: i64,
    /// How many have registered with it.
    #[serde(default)]
    pub completed: i64,
    /// When it ceases to be good; `None` for never.
    #[serde(default)]
    pub expiry_time: Option<Timestamp>,
}

/// The answer of [`list`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RegistrationTokens {
    #[serde(deserialize_with = "or_default")]
    pub registration_tokens: Vec<RegistrationToken>,
}

/// `GET /_synapse/admin/v1/registration_tokens`: all of them at once, in no order. What it takes as
/// `valid` is not what lets somebody register, and is not asked for.
pub fn list() -> Request<RegistrationTokens> {
    Request::get(TOKENS)
}

/// What a registration token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    /// How many may register with it, from 1 to [`MOST_USES`]; `None` for any number. The server takes 0
    /// as well, and lets everybody in.
    pub uses_allowed: Option<u64>,
    /// When it ceases to be good; `None` for never. A new token must not have ended yet.
    pub expiry_time: Option<Timestamp>,
}

/// What is changed of what a registration token may be used for. `None` stays as it is, which others
/// may have changed meanwhile; `Some(None)` is no limit any more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TermsChange {
    /// How many may register with it, as in [`Terms`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uses_allowed: Option<Option<u64>>,
    /// When it ceases to be good. The server refuses what is past, even where it was so already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry_time: Option<Option<Timestamp>>,
}

impl TermsChange {
    /// What leads from one to the other.
    pub fn between(before: &Terms, after: &Terms) -> Self {
        TermsChange {
            uses_allowed: (before.uses_allowed != after.uses_allowed).then_some(after.uses_allowed),
            expiry_time: (before.expiry_time != after.expiry_time).then_some(after.expiry_time),
        }
    }

    /// What leads back to how the token is now, of what this changes.
    pub fn back_to(&self, now: &Terms) -> Self {
        TermsChange {
            uses_allowed: self.uses_allowed.map(|_| now.uses_allowed),
            expiry_time: self.expiry_time.map(|_| now.expiry_time),
        }
    }

    /// Which of the terms it changes.
    pub fn terms(&self) -> impl Iterator<Item = &'static str> {
        let uses = self.uses_allowed.map(|_| "uses_allowed");
        let expiry = self.expiry_time.map(|_| "expiry_time");
        uses.into_iter().chain(expiry)
    }

    /// Whether the server takes it at this time: no end can be set that is past.
    pub fn is_taken_at(&self, now: Timestamp) -> bool {
        self.expiry_time.flatten().is_none_or(|end| end.0 > now.0)
    }
}

/// The largest number of uses that Synapse's database takes.
pub const MOST_USES: u64 = 2_147_483_647;

/// How long a token is at most.
pub const LONGEST: usize = 64;

/// Whether Synapse takes this as a token, and a browser can name it in an address: 1 to 64 of
/// `A-Z a-z 0-9 . _ ~ -`, but neither dots alone, which addresses lose, nor `new`, which is the
/// address that makes tokens.
pub fn is_token(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '~' | '-');
    (1..=LONGEST).contains(&text.len()) && text.chars().all(allowed) && is_addressable(text)
}

/// Whether a browser can name this token in an address.
pub fn is_addressable(token: &str) -> bool {
    !matches!(token, "." | ".." | "new")
}

/// `POST /_synapse/admin/v1/registration_tokens/new`. 400 if there is such a token already.
pub fn create(token: &str, terms: &Terms) -> Request<RegistrationToken> {
    #[derive(Serialize)]
    struct Body<'a> {
        token: &'a str,
        #[serde(flatten)]
        terms: &'a Terms,
    }
    Request::post(path(&[TOKENS, "new"])).json(&Body { token, terms })
}

/// `GET /_synapse/admin/v1/registration_tokens/{token}`. 404 if there is none.
pub fn get(token: &str) -> Request<RegistrationToken> {
    Request::get(path(&[TOKENS, token]))
}

/// `PUT /_synapse/admin/v1/registration_tokens/{token}`: what is not named stays. 404 if there is
/// none, 400 `M_INVALID_PARAM` for an end that is past.
pub fn update(token: &str, change: &TermsChange) -> Request<RegistrationToken> {
    Request::put(path(&[TOKENS, token]), change)
}

/// `DELETE /_synapse/admin/v1/registration_tokens/{token}`. 404 if there is none.
pub fn delete(token: &str) -> Request<serde_json::Value> {
    Request::delete(path(&[TOKENS, token]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::Body;

    #[test]
    fn what_synapse_takes_and_browsers_can_name() {
        for good in ["a", "A-z_0~9.", ".a", "news", &"x".repeat(64)] {
            assert!(is_token(good), "{good}");
        }
        for bad in [
            "",
            " ",
            "a b",
            "ä",
            "a/b",
            ".",
            "..",
            "new",
            &"x".repeat(65),
        ] {
            assert!(!is_token(bad), "{bad}");
        }
    }

    #[test]
    fn nothing_said_is_no_limit() {
        let terms = Terms {
            uses_allowed: None,
            expiry_time: None,
        };
        let body = r#"{"token":"abc","uses_allowed":null,"expiry_time":null}"#;
        assert_eq!(create("abc", &terms).call.body, Body::Json(body.to_owned()));
    }

    #[test]
    fn what_is_not_changed_is_not_sent() {
        let ended = Terms {
            uses_allowed: Some(3),
            expiry_time: Some(Timestamp(1_000)),
        };
        let free = Terms {
            uses_allowed: None,
            ..ended
        };
        let endless = Terms {
            expiry_time: None,
            ..ended
        };
        let body = |before, after| {
            update("abc", &TermsChange::between(before, after))
                .call
                .body
        };
        for (before, after, json) in [
            (&ended, &ended, "{}"),
            (&ended, &free, r#"{"uses_allowed":null}"#),
            (&free, &ended, r#"{"uses_allowed":3}"#),
            (&ended, &endless, r#"{"expiry_time":null}"#),
            (&endless, &ended, r#"{"expiry_time":1000}"#),
        ] {
            assert_eq!(body(before, after), Body::Json(json.to_owned()));
        }
        // Back to what stands there, of what is changed and nothing else.
        let now = Terms {
            uses_allowed: Some(9),
            expiry_time: Some(Timestamp(3_000)),
        };
        let back = |change: TermsChange| update("abc", &change.back_to(&now)).call.body;
        for (before, after, json) in [
            (&ended, &ended, "{}"),
            (&ended, &free, r#"{"uses_allowed":9}"#),
            (&ended, &endless, r#"{"expiry_time":3000}"#),
        ] {
            let change = TermsChange::between(before, after);
            assert_eq!(back(change), Body::Json(json.to_owned()));
        }
        // Each of the terms is a wish of its own.
        let of = |after| {
            let change = TermsChange::between(&ended, after);
            change.terms().collect::<Vec<_>>()
        };
        assert_eq!(
            [of(&free), of(&endless)],
            [["uses_allowed"], ["expiry_time"]]
        );
        assert_eq!(of(&ended), [""; 0]);
        // What has ended can be given more uses, and another end, but not its old one again.
        let now = Timestamp(2_000);
        assert!(TermsChange::between(&ended, &free).is_taken_at(now));
        assert!(TermsChange::between(&ended, &endless).is_taken_at(now));
        assert!(!TermsChange::between(&endless, &ended).is_taken_at(now));
        assert!(TermsChange::between(&endless, &ended).is_taken_at(Timestamp(500)));
    }

    #[test]
    fn one_that_counts_below_nothing_leaves_the_others_readable() {
        let answer = r#"{"registration_tokens": [
            {"token": "again", "uses_allowed": 1, "pending": -1, "completed": 1, "expiry_time": null},
            {"token": "other", "uses_allowed": null, "pending": 0, "completed": 0, "expiry_time": null}
        ]}"#;
        let read: RegistrationTokens = serde_json::from_str(answer).unwrap();
        let pending: Vec<i64> = read
            .registration_tokens
            .iter()
            .map(|it| it.pending)
            .collect();
        assert_eq!(pending, [-1, 0]);
    }
}
