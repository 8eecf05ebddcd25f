//! What the browser is sent to the authorization server with. What it comes back with is read by
//! `address::brought`.
//!
//! PKCE (RFC 7636) ties the code to the page that asked; `state` ties the answer to the question, so
//! that nobody can plant a session of theirs.

use super::encode::push_encoded;
use super::exchange::Random;
use sha2::{Digest, Sha256};

/// The client API: without it Synapse takes no token at all.
pub const CLIENT_API: &str = "urn:matrix:client:api:*";
/// What [`CLIENT_API`] was called before Synapse 1.138.
pub const UNSTABLE_CLIENT_API: &str = "urn:matrix:org.matrix.msc2967.client:api:*";
/// Synapse's Admin API.
pub const SYNAPSE_ADMIN: &str = "urn:synapse:admin:*";
/// MAS' admin API.
pub const MAS_ADMIN: &str = "urn:mas:admin";

/// What is asked for. `stable`: by the names that Synapse understands since 1.138; MAS refuses a
/// mixture. `mas`: MAS' admin API as well. No device: an administrator's session encrypts nothing, and
/// would stand there as one that nobody has verified.
pub fn scope(stable: bool, mas: bool) -> String {
    let client = if stable {
        CLIENT_API
    } else {
        UNSTABLE_CLIENT_API
    };
    let mas = if mas { " urn:mas:admin" } else { "" };
    format!("{client} {SYNAPSE_ADMIN}{mas}")
}

/// Whether a scope is among those that were granted, which stand apart by blanks.
///
/// ```
/// use synapse_admin::api::authorization::{MAS_ADMIN, SYNAPSE_ADMIN, grants};
/// let granted = "urn:matrix:client:api:* urn:synapse:admin:*";
/// assert!(grants(granted, SYNAPSE_ADMIN));
/// assert!(!grants(granted, MAS_ADMIN));
/// ```
pub fn grants(granted: &str, scope: &str) -> bool {
    granted.split_ascii_whitespace().any(|one| one == scope)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Bytes as text for an address: base64url without padding.
fn base64url(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..=chunk.len() {
            let six = bits >> (18 - 6 * at) & 63;
            out.push(ALPHABET[six as usize] as char);
        }
    }
    out
}

/// A text that nobody guesses: 256 bits, for `state` and for the verifier of PKCE.
pub fn unguessable(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    base64url(&bytes)
}

/// What is told of a verifier before it is shown: its SHA-256. Not the browser's own, which plain
/// `http` does not have.
pub fn challenge(verifier: &str) -> String {
    base64url(&Sha256::digest(verifier.as_bytes()))
}

/// A question to an authorization server.
pub struct AuthorizationRequest<'a> {
    pub client_id: &'a str,
    pub redirect_uri: &'a str,
    pub scope: &'a str,
    pub state: &'a str,
    pub verifier: &'a str,
    /// Whether the answer is to come in the fragment, where no web server writes it down.
    pub in_fragment: bool,
    /// Who is expected, as a Matrix ID.
    pub user: Option<&'a str>,
}

impl AuthorizationRequest<'_> {
    /// Where the browser is to go.
    pub fn url(&self, endpoint: &str) -> String {
        let mut out = endpoint.split('#').next().unwrap_or_default().to_owned();
        let challenge = challenge(self.verifier);
        let hint = self.user.map(|user| format!("mxid:{user}"));
        let mode = if self.in_fragment {
            "fragment"
        } else {
            "query"
        };
        let mut add = |name: &str, value: &str| {
            out.push(if out.contains('?') { '&' } else { '?' });
            out.push_str(name);
            out.push('=');
            push_encoded(&mut out, value);
        };
        add("response_type", "code");
        add("client_id", self.client_id);
        add("redirect_uri", self.redirect_uri);
        add("scope", self.scope);
        add("state", self.state);
        add("code_challenge", &challenge);
        add("code_challenge_method", "S256");
        add("response_mode", mode);
        if let Some(hint) = hint {
            add("login_hint", &hint);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard() {
        // RFC 7636, appendix B.
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(base64url(&[]), "");
        assert_eq!(base64url(&[255]), "_w");
        assert_eq!(base64url(&[255, 255]), "__8");
    }

    struct Fixed;

    impl Random for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn what_nobody_guesses_is_long_enough_for_pkce() {
        assert_eq!(unguessable(&Fixed).len(), 43);
    }

    #[test]
    fn names_of_two_times_are_never_mixed() {
        assert_eq!(
            scope(true, true),
            "urn:matrix:client:api:* urn:synapse:admin:* urn:mas:admin"
        );
        assert_eq!(
            scope(false, false),
            "urn:matrix:org.matrix.msc2967.client:api:* urn:synapse:admin:*"
        );
    }

    #[test]
    fn the_question_keeps_what_the_endpoint_has() {
        let question = AuthorizationRequest {
            client_id: "c d",
            redirect_uri: "https://h.example/p/",
            scope: "a:* b",
            state: "s",
            verifier: "v",
            in_fragment: true,
            user: Some("@a:b"),
        };
        let url = question.url("https://mas.example/authorize?x=1#y");
        let begins = "https://mas.example/authorize?x=1&response_type=code&client_id=c%20d&\
                      redirect_uri=https%3A%2F%2Fh.example%2Fp%2F&scope=a%3A%2A%20b&state=s&";
        assert!(url.starts_with(begins), "{url}");
        assert!(
            url.ends_with("&response_mode=fragment&login_hint=mxid%3A%40a%3Ab"),
            "{url}"
        );
        assert!(!url.contains("code_verifier"), "{url}");
    }
}
