//! Matrix identifiers, validated once when made.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::error::Error;
use std::fmt;

/// The longest user ID or room ID, in bytes, with its sigil and server name.
pub const MAX_ID_BYTES: usize = 255;

macro_rules! text_newtype {
    ($name:ident) => {
        impl $name {
            /// The identifier as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// A user ID (MXID): `@localpart:server.name`.
///
/// Decoding accepts whatever a server says: historical accounts break today's grammar. What a
/// person types goes through [`UserId::parse`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(String);
text_newtype!(UserId);

impl UserId {
    /// Parses what a person typed. Accepts historical localparts, as the spec demands of
    /// everybody but those who create accounts.
    pub fn parse(text: &str) -> Option<Self> {
        ruma_identifiers_validation::user_id::validate(text)
            .is_ok()
            .then(|| UserId(text.to_owned()))
    }

    /// The ID of `localpart` on `server`, not checked.
    pub fn new(localpart: &str, server: &ServerName) -> Self {
        UserId(format!("@{localpart}:{server}"))
    }

    /// The part between `@` and the first `:`.
    pub fn localpart(&self) -> &str {
        let bare = self.0.strip_prefix('@').unwrap_or(&self.0);
        bare.split_once(':')
            .map_or(bare, |(localpart, _)| localpart)
    }

    /// The part after the first `:`.
    pub fn server(&self) -> ServerName {
        ServerName(
            self.0
                .split_once(':')
                .map_or(String::new(), |(_, server)| server.to_owned()),
        )
    }
}

/// Whether Synapse lets an administrator create an account with this localpart: `a-z`, `0-9`
/// and `=_-./+`, but not digits alone, which are for guests.
///
/// A leading `_` is refused as well unless the server is configured otherwise, which only the
/// server knows.
pub fn is_creatable_localpart(localpart: &str) -> bool {
    !localpart.bytes().all(|b| b.is_ascii_digit())
        && localpart.bytes().all(
            |b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'=' | b'_' | b'-' | b'.' | b'/' | b'+'),
        )
}

/// A room ID. Since room version 12 it has no `:server` part, so only the sigil is certain.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomId(String);
text_newtype!(RoomId);

impl RoomId {
    /// Parses `!…` with or without a server name.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() > 1 && text.len() <= MAX_ID_BYTES && text.starts_with('!'))
            .then(|| RoomId(text.to_owned()))
    }
}

/// A room alias: `#name:server.name`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomAlias(String);
text_newtype!(RoomAlias);

impl RoomAlias {
    /// Parses `#name:server.name`.
    pub fn parse(text: &str) -> Option<Self> {
        ruma_identifiers_validation::room_alias_id::validate(text)
            .is_ok()
            .then(|| RoomAlias(text.to_owned()))
    }
}

/// An event ID. Since room version 3 it has no `:server` part and is 43 characters of base64.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(String);
text_newtype!(EventId);

impl EventId {
    /// Parses `$…` with or without a server name.
    pub fn parse(text: &str) -> Option<Self> {
        (text.len() > 1 && ruma_identifiers_validation::event_id::validate(text).is_ok())
            .then(|| EventId(text.to_owned()))
    }
}

/// The name of a homeserver: `example.org`, `192.0.2.1:8448`, `[2001:db8::1]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ServerName(String);
text_newtype!(ServerName);

impl ServerName {
    /// Parses a server name after the grammar of the spec.
    pub fn parse(text: &str) -> Option<Self> {
        // Dots alone are a path and no host.
        (ruma_identifiers_validation::server_name::validate(text).is_ok()
            && text
                .split(':')
                .next()
                .is_none_or(|host| host.chars().any(|c| c != '.')))
        .then(|| ServerName(text.to_owned()))
    }
}

/// The address of a media file: `mxc://server/media_id`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MxcUri {
    pub server: ServerName,
    pub media_id: String,
}

impl MxcUri {
    /// Parses `mxc://server/media_id`; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let (server, media_id) = text.strip_prefix("mxc://")?.split_once('/')?;
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        (!media_id.is_empty() && media_id.bytes().all(plain)).then_some(())?;
        Some(MxcUri {
            server: ServerName::parse(server)?,
            media_id: media_id.to_owned(),
        })
    }
}

impl fmt::Display for MxcUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mxc://{}/{}", self.server, self.media_id)
    }
}

impl Serialize for MxcUri {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MxcUri {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        MxcUri::parse(&text).ok_or_else(|| serde::de::Error::custom("not an mxc URI"))
    }
}

/// Where the client-server and admin API of a homeserver is reached: scheme, host, port and
/// perhaps a path, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HomeserverUrl(String);
text_newtype!(HomeserverUrl);

/// Why a text is not a homeserver URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlProblem {
    Empty,
    /// Another scheme than `http` or `https`.
    Scheme,
    /// No host, or characters that no host has.
    Host,
    /// A query, a fragment or a user name, none of which a base URL has.
    Extra,
    /// A page of a web client.
    Client,
}

impl fmt::Display for UrlProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UrlProblem::Empty => "the URL is empty",
            UrlProblem::Scheme => "the scheme is neither http nor https",
            UrlProblem::Host => "the host or the path has characters that a URL cannot have",
            UrlProblem::Extra => "a base URL has no query, fragment or user name",
            UrlProblem::Client => "this is the address of a web client",
        })
    }
}

impl Error for UrlProblem {}

impl HomeserverUrl {
    /// Parses what a person typed or a well-known file says. A missing scheme means `https`.
    ///
    /// ```
    /// use synapse_admin::api::HomeserverUrl;
    /// assert_eq!(HomeserverUrl::parse(" Matrix.example.org/ ").unwrap().as_str(), "https://matrix.example.org");
    /// assert_eq!(HomeserverUrl::parse("http://[::1]:8008/hs//").unwrap().as_str(), "http://[::1]:8008/hs");
    /// ```
    pub fn parse(text: &str) -> Result<Self, UrlProblem> {
        let text = text.trim();
        if text.is_empty() {
            return Err(UrlProblem::Empty);
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (scheme.to_ascii_lowercase(), rest),
            None => ("https".to_owned(), text),
        };
        if scheme != "https" && scheme != "http" {
            return Err(UrlProblem::Scheme);
        }
        if rest.contains(['?', '#', '@', '\\']) {
            return Err(UrlProblem::Extra);
        }
        let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = host.to_ascii_lowercase();
        ServerName::parse(&host).ok_or(UrlProblem::Host)?;
        if !path.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(UrlProblem::Host);
        }
        Ok(HomeserverUrl(format!(
            "{scheme}://{host}{}",
            path.trim_end_matches('/')
        )))
    }

    /// The host, with its port if there is one: as a server name, where people give the address
    /// of a domain for the homeserver that it leads to.
    pub fn host(&self) -> ServerName {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        ServerName(rest.split('/').next().unwrap_or_default().to_owned())
    }

    /// Whether the connection is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether the host is this very machine, which browsers let an `https` page talk to over
    /// plain `http`.
    pub fn is_this_machine(&self) -> bool {
        let authority = self.host();
        let host = match authority.as_str().strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or(""),
            None => authority.as_str().split(':').next().unwrap_or(""),
        };
        // Anybody can own a name that only begins like an address.
        let is_v4 =
            host.split('.').count() == 4 && host.split('.').all(|n| n.parse::<u8>().is_ok());
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "::1"
            || host.starts_with("127.") && is_v4
    }

    /// Whether everybody on the way can read what is sent there: plain `http`, and not to this
    /// very machine.
    pub fn is_plain(&self) -> bool {
        !self.is_https() && !self.is_this_machine()
    }

    /// Whether a browser refuses to let a page of this protocol (`https:`) call this server:
    /// mixed content.
    pub fn is_blocked_from(&self, page_protocol: &str) -> bool {
        page_protocol == "https:" && self.is_plain()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_ids() {
        let id = UserId::parse("@a/b=c:example.org:8448").unwrap();
        assert_eq!(
            (id.localpart(), id.server().as_str()),
            ("a/b=c", "example.org:8448")
        );
        assert!(UserId::parse("@Historical!:example.org").is_some());
        // A space would take one administrator's place among what the browser keeps for another.
        for bad in ["", "a:b.org", "@a", "@a:", "a", "@:b.org/", "@a:b.org c"] {
            assert!(UserId::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn dots_alone_are_no_server() {
        for bad in [".", "..", "...", "..:8448"] {
            assert!(ServerName::parse(bad).is_none(), "{bad}");
        }
        assert!(MxcUri::parse("mxc://../delete").is_none());
        for good in ["example.org", "a", "[::1]", "1.2.3.4:8448"] {
            assert!(ServerName::parse(good).is_some(), "{good}");
        }
    }

    #[test]
    fn localparts_that_synapse_creates() {
        assert!(is_creatable_localpart("jane.doe+x=_-/1"));
        assert!(is_creatable_localpart("0x1"));
        for bad in ["", "123", "Jane", "jane doe", "jané", "jane:x", "jane@x"] {
            assert!(!is_creatable_localpart(bad), "{bad}");
        }
    }

    #[test]
    fn room_ids_with_and_without_server() {
        assert!(RoomId::parse("!abc:example.org").is_some());
        assert!(RoomId::parse("!nDQvf8VXh7uWeIdOzbZTR1eQ8yVSIhqCSHM2kVtd8vA").is_some());
        assert!(RoomId::parse("#abc:example.org").is_none());
    }

    #[test]
    fn mxc_uris() {
        let uri = MxcUri::parse("mxc://example.org:8448/Ab_-9").unwrap();
        assert_eq!(uri.to_string(), "mxc://example.org:8448/Ab_-9");
        for bad in [
            "",
            "mxc://example.org",
            "mxc://example.org/",
            "https://example.org/a",
            "mxc://a/../b",
        ] {
            assert!(MxcUri::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn homeserver_urls_that_are_none() {
        for (text, problem) in [
            ("  ", UrlProblem::Empty),
            ("ftp://a.org", UrlProblem::Scheme),
            ("https://", UrlProblem::Host),
            ("https://a b.org", UrlProblem::Host),
            ("https://me@a.org", UrlProblem::Extra),
            ("https://a.org/?x=1", UrlProblem::Extra),
            ("https://a.org/#/x", UrlProblem::Extra),
        ] {
            assert_eq!(HomeserverUrl::parse(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn hosts_of_urls() {
        let host = |url: &str| HomeserverUrl::parse(url).unwrap().host().to_string();
        assert_eq!(host("https://Example.org/hs/"), "example.org");
        assert_eq!(host("http://[::1]:8008"), "[::1]:8008");
    }

    #[test]
    fn mixed_content() {
        let blocked =
            |url: &str, page: &str| HomeserverUrl::parse(url).unwrap().is_blocked_from(page);
        assert!(blocked("http://matrix.example.org", "https:"));
        assert!(blocked("http://192.168.1.5:8008", "https:"));
        assert!(!blocked("http://matrix.example.org", "http:"));
        assert!(!blocked("https://matrix.example.org", "https:"));
        assert!(!blocked("http://localhost:8008", "https:"));
        assert!(!blocked("http://127.0.0.1:8008", "https:"));
        assert!(!blocked("http://[::1]:8008", "https:"));
        assert!(blocked("http://127.example.org", "https:"));
        assert!(blocked("http://127.0.0.1.example.org", "https:"));
        assert!(blocked("http://localhost.example.org", "https:"));
    }
}
