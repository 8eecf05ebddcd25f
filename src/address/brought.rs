//! What somebody brings back in the address who was away to sign in: `?sso=…&loginToken=…` from
//! single sign-on, `?state=…&code=…` or `#state=…&code=…` from OAuth 2.0.
//!
//! `assets/boot.js` takes it out of the address before anything else, because it is a secret.

use crate::api::encode::decoded;

/// What was brought back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Brought {
    /// The random value under which this browser keeps what was asked for; empty if it is missing:
    /// then nobody here has asked.
    pub key: String,
    pub answer: Returned,
}

/// How signing in elsewhere has ended.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Returned {
    /// Without a word.
    #[default]
    Nothing,
    /// With a token of `m.login.token`.
    Token(String),
    /// With a code of OAuth 2.0.
    Code(String),
    /// With an error of OAuth 2.0: its name, and what the server says of it.
    Refused { error: String, description: String },
}

impl Brought {
    /// Reads a query or a fragment, without its `?` or `#`.
    pub fn parse(text: &str) -> Self {
        let mut brought = Brought::default();
        let (mut error, mut description) = (String::new(), String::new());
        for pair in text.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = decoded(&value.replace('+', " "));
            match name {
                _ if value.is_empty() => {}
                "sso" | "state" => brought.key = value,
                "loginToken" => brought.answer = Returned::Token(value),
                "code" => brought.answer = Returned::Code(value),
                "error" => error = value,
                "error_description" => description = value,
                _ => {}
            }
        }
        if !error.is_empty() {
            brought.answer = Returned::Refused { error, description };
        }
        brought
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brought(key: &str, answer: Returned) -> Brought {
        Brought {
            key: key.to_owned(),
            answer,
        }
    }

    #[test]
    fn all_that_servers_send_back() {
        for (text, key, answer) in [
            // Synapse writes the query anew.
            (
                "a=&sso=n1&loginToken=syl_x%2By",
                "n1",
                Returned::Token("syl_x+y".into()),
            ),
            ("loginToken=syl_x", "", Returned::Token("syl_x".into())),
            ("sso=n1", "n1", Returned::Nothing),
            ("sso=n1&loginToken=", "n1", Returned::Nothing),
            ("state=s1&code=c1", "s1", Returned::Code("c1".into())),
            (
                "error=access_denied&error_description=The+user+said%20no.&state=s1",
                "s1",
                Returned::Refused {
                    error: "access_denied".into(),
                    description: "The user said no.".into(),
                },
            ),
        ] {
            assert_eq!(Brought::parse(text), brought(key, answer), "{text}");
        }
    }
}
