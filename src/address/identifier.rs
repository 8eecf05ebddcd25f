//! What a typed or pasted text is: the identifier of a user, a room, an event, a file, an e-mail
//! address, a phone number, an identity of a single sign-on provider, or just words.
//!
//! People paste from clients, logs, links and mails. So identifiers are understood bare,
//! percent-encoded, in `matrix.to` links, `matrix:` URIs and the links of web clients and
//! panels, and with what sticks to them: spaces, quotes, angle brackets.

use crate::api::encode::decoded;
use crate::api::users::{ExternalId, Threepid};
use crate::api::{EventId, MxcUri, RoomAlias, RoomId, ServerName, UserId};
use std::fmt;

/// How many digits a phone number with its country code has at most, as E.164 says.
const PHONE_DIGITS: usize = 15;

/// The characters of an identifier that is a hash: rooms since version 12, events since 3.
const HASH_CHARS: usize = 43;

/// A room, by its ID or by an alias.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoomOrAlias {
    Id(RoomId),
    Alias(RoomAlias),
}

impl RoomOrAlias {
    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        match self {
            RoomOrAlias::Id(id) => id.as_str(),
            RoomOrAlias::Alias(alias) => alias.as_str(),
        }
    }
}

impl fmt::Display for RoomOrAlias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a text is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentifierKind {
    User(UserId),
    Room(RoomOrAlias),
    /// An event, and the room that a link names with it.
    Event {
        event: EventId,
        room: Option<RoomOrAlias>,
    },
    Media(MxcUri),
    /// An e-mail address in lower case, as Synapse keeps it.
    Email(String),
    /// A phone number as Synapse keeps it: digits alone, with the country code. Whether the
    /// person gave the country code is not to be seen.
    Phone(String),
    /// An identity of a single sign-on provider: `oidc-github:1234`.
    ExternalId(ExternalId),
    /// Anything else, trimmed; may be empty.
    Words(String),
}

impl IdentifierKind {
    /// An e-mail address or phone number, as the API names them.
    pub fn threepid(&self) -> Option<Threepid> {
        let (medium, address) = match self {
            IdentifierKind::Email(address) => ("email", address),
            IdentifierKind::Phone(digits) => ("msisdn", digits),
            _ => return None,
        };
        Some(Threepid {
            medium: medium.to_owned(),
            address: address.clone(),
        })
    }
}

/// What a text most likely is.
///
/// ```
/// use synapse_admin::address::identifier::{IdentifierKind, kind};
/// use synapse_admin::api::UserId;
/// let jane = IdentifierKind::User(UserId::parse("@jane:example.org").unwrap());
/// assert_eq!(kind("jane:example.org"), jane);
/// assert_eq!(kind("<https://matrix.to/#/%40jane%3Aexample.org>"), jane);
/// assert_eq!(kind("jane"), IdentifierKind::Words("jane".to_owned()));
/// ```
pub fn kind(text: &str) -> IdentifierKind {
    let mut readings = readings(text);
    readings.swap_remove(0)
}

/// Everything that a text can be, the likeliest first. Never empty.
///
/// `jane:example.org` is a user ID without its `@`, and could be the identity `example.org` of a
/// provider called `jane`; a number can be a phone number or a part of a name, and an e-mail address
/// what somebody is called.
pub fn readings(text: &str) -> Vec<IdentifierKind> {
    let text = bare(text);
    let encoded = || identifiers(bare(&decoded(text)));
    // No user ID without its `@` begins so.
    let mut found = if text.starts_with('%') {
        encoded()
    } else {
        identifiers(text)
    };
    if found.is_empty() && text.contains('%') {
        found = encoded();
    }
    let is_phone = |kind: &IdentifierKind| matches!(kind, IdentifierKind::Phone(_));
    if found.is_empty() || (found.iter().any(is_phone) && !text.starts_with(['+', 't', 'm'])) {
        found.push(IdentifierKind::Words(text.to_owned()));
    }
    // Whom nobody reaches by an address, somebody may be called by.
    if let [IdentifierKind::Email(address)] = &found[..] {
        let words = IdentifierKind::Words(address.clone());
        found.push(words);
    }
    found
}

/// How well a text answers to typed words: 0 is best, `None` if one of the words is not in it.
/// A word that begins one of the text's counts more than one that is in its middle.
pub fn fit(words: &str, text: &str) -> Option<u32> {
    let text = text.to_lowercase();
    words
        .to_lowercase()
        .split_whitespace()
        .try_fold(0, |sum, word| {
            let begins = |part: &str| part.starts_with(word);
            if text.split(|c: char| !c.is_alphanumeric()).any(begins) || text.starts_with(word) {
                Some(sum)
            } else {
                text.contains(word).then_some(sum + 1)
            }
        })
}

/// The text without what sticks to it when it is copied.
fn bare(text: &str) -> &str {
    let invisible = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let quote = |c: char| {
        matches!(
            c,
            '"' | '\'' | '`' | '<' | '>' | '“' | '”' | '„' | '‘' | '’' | '«' | '»'
        )
    };
    text.trim_matches(|c| invisible(c) || quote(c))
        .trim_end_matches([',', ';'])
        .trim_end_matches(|c| invisible(c) || quote(c))
}

fn identifiers(text: &str) -> Vec<IdentifierKind> {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    let behind = |scheme: &str| lower.starts_with(scheme).then(|| &text[scheme.len()..]);
    let one = |kind: Option<IdentifierKind>| kind.into_iter().collect();
    if let Some(rest) = behind("https://").or(behind("http://")) {
        return one(in_link(rest));
    }
    if let Some(rest) = behind("matrix:") {
        return one(in_uri(rest));
    }
    if let Some(rest) = behind("mailto:").or(behind("email:")) {
        let address = rest.split('?').next().unwrap_or_default();
        return one(email(&decoded(address)));
    }
    if let Some(rest) = behind("tel:").or(behind("msisdn:")) {
        return one(phone(&decoded(rest)));
    }
    match text.chars().next() {
        Some('@' | '!' | '#' | '$') => one(sigil(text)),
        Some('m' | 'M') if behind("mxc://").is_some() => {
            one(MxcUri::parse(&format!("mxc://{}", &text[6..])).map(IdentifierKind::Media))
        }
        _ => {
            if let Some(found) = email(text).or_else(|| phone(text)) {
                return vec![found];
            }
            pair(text)
        }
    }
}

/// An identifier that says by its first character what it is.
fn sigil(text: &str) -> Option<IdentifierKind> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    match text.as_bytes().first()? {
        b'@' => UserId::parse(text)
            .filter(|user| !user.localpart().is_empty())
            .map(IdentifierKind::User),
        b'#' => RoomAlias::parse(text).map(|alias| IdentifierKind::Room(RoomOrAlias::Alias(alias))),
        // "!jane" asks for those that are not called so.
        b'!' if has_server_or_is_hash(text) => {
            RoomId::parse(text).map(|id| IdentifierKind::Room(RoomOrAlias::Id(id)))
        }
        b'$' if has_server_or_is_hash(text) => {
            EventId::parse(text).map(|event| IdentifierKind::Event { event, room: None })
        }
        _ => None,
    }
}

/// Whether a word is the ID of a room: `!` alone may also leave out what follows.
pub fn is_room_id(word: &str) -> bool {
    word.starts_with('!') && !word.starts_with("!!") && has_server_or_is_hash(word)
}

fn has_server_or_is_hash(text: &str) -> bool {
    let rest = &text[1..];
    match rest.split_once(':') {
        Some((local, server)) => !local.is_empty() && ServerName::parse(server).is_some(),
        None => {
            let is_base64 =
                |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'+' | b'/');
            rest.len() == HASH_CHARS && rest.bytes().all(is_base64)
        }
    }
}

/// The rest of a link behind `https://`: a media file, or whatever the link of a client or
/// panel leads to.
fn in_link(rest: &str) -> Option<IdentifierKind> {
    let (place, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let path = place.split('?').next().unwrap_or_default();
    let segments: Vec<String> = path.split('/').skip(1).map(decoded).collect();
    let media = segments.iter().position(|segment| segment == "media");
    if let Some(at) = media
        && segments.first().is_some_and(|first| first == "_matrix")
    {
        // Of the spec's own, or of `client/v1`: version and verb in either order.
        let verbs = segments[at..]
            .iter()
            .position(|segment| matches!(segment.as_str(), "download" | "thumbnail"))?;
        let server = segments.get(at + verbs + 1)?;
        let id = segments.get(at + verbs + 2)?;
        return MxcUri::parse(&format!("mxc://{server}/{id}")).map(IdentifierKind::Media);
    }
    // A panel's link may have both: the last room stands before the event in it.
    let mut found: Option<IdentifierKind> = None;
    let fragment = fragment.split('?').next().unwrap_or_default();
    for segment in segments
        .iter()
        .map(String::as_str)
        .chain(fragment.split('/'))
    {
        let Some(next) = sigil(&decoded(segment)) else {
            continue;
        };
        found = match (found, next) {
            (Some(IdentifierKind::Room(room)), IdentifierKind::Event { event, .. }) => {
                Some(IdentifierKind::Event {
                    event,
                    room: Some(room),
                })
            }
            (None, next) => Some(next),
            (found, _) => found,
        };
    }
    found
}

/// The rest of a `matrix:` URI: `u/jane:example.org`, `roomid/abc:example.org/e/event`.
fn in_uri(rest: &str) -> Option<IdentifierKind> {
    let path = rest.trim_start_matches('/').split('?').next()?;
    let mut segments = path.split('/');
    let (what, id) = (segments.next()?, decoded(segments.next()?));
    let room = match what {
        "u" | "user" => return sigil(&format!("@{id}")),
        "r" | "room" => sigil(&format!("#{id}")),
        "roomid" => sigil(&format!("!{id}")),
        "e" | "event" => return sigil(&format!("${id}")),
        _ => None,
    }?;
    match (segments.next(), segments.next(), room) {
        (Some("e" | "event"), Some(event), IdentifierKind::Room(room)) => {
            let event = EventId::parse(&format!("${}", decoded(event)))?;
            Some(IdentifierKind::Event {
                event,
                room: Some(room),
            })
        }
        (_, _, room) => Some(room),
    }
}

fn email(text: &str) -> Option<IdentifierKind> {
    let (local, domain) = text.rsplit_once('@')?;
    let plain = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| {
                c.is_whitespace()
                    || c.is_control()
                    || matches!(c, '@' | ':' | '/' | ',' | '<' | '>')
            })
    };
    let labels_are_there = domain.contains('.') && domain.split('.').all(|label| !label.is_empty());
    (plain(local) && plain(domain) && labels_are_there)
        .then(|| IdentifierKind::Email(text.to_lowercase()))
}

fn phone(text: &str) -> Option<IdentifierKind> {
    let international = text.starts_with('+');
    let between = |c: char| {
        matches!(
            c,
            ' ' | '\u{a0}' | '\u{202f}' | '-' | '‑' | '–' | '.' | '/' | '(' | ')'
        )
    };
    let rest = text.strip_prefix('+').unwrap_or(text);
    if !rest.chars().all(|c| c.is_ascii_digit() || between(c)) {
        return None;
    }
    // "+49 (0)30 …" is how Germans write it; the zero is for those at home.
    let rest = if international {
        rest.replace("(0)", "")
    } else {
        rest.to_owned()
    };
    let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.strip_prefix("00") {
        Some(rest) if !international => rest.to_owned(),
        _ => digits,
    };
    let shortest = if international { 6 } else { 7 };
    (shortest..=PHONE_DIGITS)
        .contains(&digits.len())
        .then_some(IdentifierKind::Phone(digits))
}

/// `a:b`: a user ID without its `@`, an identity of a provider, or either.
fn pair(text: &str) -> Vec<IdentifierKind> {
    let Some((first, second)) = text.split_once(':') else {
        return Vec::new();
    };
    let is_provider = !first.is_empty()
        && first
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let external = (is_provider && !second.is_empty() && !second.starts_with("//")).then(|| {
        IdentifierKind::ExternalId(ExternalId {
            auth_provider: first.to_owned(),
            external_id: second.to_owned(),
        })
    });
    let user = (!first.is_empty() && !first.contains('/'))
        .then(|| sigil(&format!("@{text}")))
        .flatten();
    // The names that Synapse gives to providers itself.
    let known_provider = ["oidc", "saml", "cas", "oauth-delegated"]
        .iter()
        .any(|known| first == *known || first.starts_with(&format!("{known}-")));
    // A host of one word is rare, and a number is none.
    let looks_like_host = second == "localhost"
        || second.contains(['.', '['])
        || (second.contains(':') && ServerName::parse(second).is_some());
    let mut found: Vec<IdentifierKind> = if looks_like_host && !known_provider {
        user.into_iter().chain(external).collect()
    } else {
        external.into_iter().chain(user).collect()
    };
    // With a space in it, it is rather a sentence; identities may have them all the same.
    if text.contains(char::is_whitespace) && !known_provider {
        found.clear();
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::encode::encoded;
    use proptest::prelude::*;

    const HASH: &str = "nDQvf8VXh7uWeIdOzbZTR1eQ8yVSIhqCSHM2kVtd8vA";

    fn user(id: &str) -> IdentifierKind {
        IdentifierKind::User(UserId::parse(id).unwrap())
    }

    fn room(id: &str) -> IdentifierKind {
        IdentifierKind::Room(place(id))
    }

    fn place(id: &str) -> RoomOrAlias {
        RoomId::parse(id)
            .map(RoomOrAlias::Id)
            .or_else(|| RoomAlias::parse(id).map(RoomOrAlias::Alias))
            .unwrap()
    }

    fn event(id: &str, in_room: Option<&str>) -> IdentifierKind {
        IdentifierKind::Event {
            event: EventId::parse(id).unwrap(),
            room: in_room.map(place),
        }
    }

    fn words(text: &str) -> IdentifierKind {
        IdentifierKind::Words(text.to_owned())
    }

    fn external(provider: &str, id: &str) -> IdentifierKind {
        IdentifierKind::ExternalId(ExternalId {
            auth_provider: provider.to_owned(),
            external_id: id.to_owned(),
        })
    }

    #[test]
    fn users_in_all_forms() {
        for text in [
            "@jane:example.org",
            "  @jane:example.org,\n",
            "\u{200b}@jane:example.org\u{feff}",
            "“@jane:example.org”",
            "<@jane:example.org>;",
            "jane:example.org",
            "%40jane%3Aexample.org",
            "%40jane:example.org",
            "https://matrix.to/#/@jane:example.org",
            "https://matrix.to/#/%40jane%3Aexample.org?via=example.org",
            "HTTPS://matrix.to/#/@jane:example.org",
            "https://app.element.io/#/user/@jane:example.org",
            "https://admin.example.org/synapse-admin/#/users/%40jane%3Aexample.org/show",
            "matrix:u/jane:example.org",
            "matrix:u/jane%3Aexample.org?action=chat",
            "matrix://user/jane:example.org",
        ] {
            assert_eq!(kind(text), user("@jane:example.org"), "{text}");
        }
        assert_eq!(kind("@a/b=c:h.org:8448"), user("@a/b=c:h.org:8448"));
        assert_eq!(kind("jane:h.org:8448"), user("@jane:h.org:8448"));
        assert_eq!(kind("jane:localhost"), user("@jane:localhost"));
        assert_eq!(kind("@per%25cent:h.org"), user("@per%25cent:h.org"));
    }

    #[test]
    fn rooms_with_and_without_server() {
        let v12 = format!("!{HASH}");
        for (text, id) in [
            ("!abc:example.org", "!abc:example.org"),
            ("#lobby:example.org", "#lobby:example.org"),
            ("%23lobby%3Aexample.org", "#lobby:example.org"),
            (v12.as_str(), v12.as_str()),
            (
                "https://matrix.to/#/#lobby:example.org",
                "#lobby:example.org",
            ),
            (
                "https://matrix.to/#/%23lobby%3Aexample.org",
                "#lobby:example.org",
            ),
            (
                "https://matrix.to/#/!abc:example.org?via=a.org&via=b.org",
                "!abc:example.org",
            ),
            ("matrix:r/lobby:example.org", "#lobby:example.org"),
            (
                "matrix:roomid/abc:example.org?via=a.org",
                "!abc:example.org",
            ),
            (
                "https://x.org/#/rooms/!abc:example.org/show",
                "!abc:example.org",
            ),
        ] {
            assert_eq!(kind(text), room(id), "{text}");
        }
        assert_eq!(kind(&format!("matrix:roomid/{HASH}")), room(&v12));
        assert_eq!(kind(&format!("https://matrix.to/#/{v12}")), room(&v12));
        // "Does not contain", in the words of the list.
        for text in ["!jane", "! jane", "!", "!jane doe:x.org", "!:example.org"] {
            assert_eq!(kind(text), words(text), "{text}");
        }
        assert_eq!(kind("#hashtag"), words("#hashtag"));
    }

    #[test]
    fn events() {
        let id = format!("${HASH}");
        let abc = Some("!abc:example.org");
        assert_eq!(kind(&id), event(&id, None));
        assert_eq!(kind("$old:example.org"), event("$old:example.org", None));
        let link = format!("https://matrix.to/#/!abc:example.org/{id}?via=example.org");
        assert_eq!(kind(&link), event(&id, abc));
        let link = format!("https://matrix.to/#/!abc:example.org/%24{HASH}");
        assert_eq!(kind(&link), event(&id, abc));
        let uri = format!("matrix:roomid/abc:example.org/e/{HASH}");
        assert_eq!(kind(&uri), event(&id, abc));
        let uri = format!("matrix:r/lobby:example.org/event/{HASH}");
        assert_eq!(kind(&uri), event(&id, Some("#lobby:example.org")));
        for text in ["$5", "$100 reward", "$"] {
            assert_eq!(kind(text), words(text), "{text}");
        }
    }

    #[test]
    fn media() {
        let file = IdentifierKind::Media(MxcUri::parse("mxc://example.org/AbC").unwrap());
        for text in [
            "mxc://example.org/AbC",
            "MXC://example.org/AbC",
            "https://m.example.org/_matrix/media/r0/download/example.org/AbC",
            "https://m.example.org/_matrix/media/v3/download/example.org/AbC/cat.png?x=1",
            "https://m.example.org/_matrix/media/v3/thumbnail/example.org/AbC?width=96&height=96",
            "https://m.example.org/_matrix/client/v1/media/download/example.org/AbC",
            "http://127.0.0.1:8008/_matrix/client/v1/media/thumbnail/example.org/AbC?width=1",
        ] {
            assert_eq!(kind(text), file, "{text}");
        }
        for text in [
            "mxc://example.org",
            "mxc://example.org/../x",
            "https://example.org/cat.png",
        ] {
            assert_eq!(kind(text), words(text), "{text}");
        }
    }

    #[test]
    fn addresses_and_numbers() {
        let jane = IdentifierKind::Email("jane.doe+x@example.org".to_owned());
        for text in [
            "jane.doe+x@example.org",
            "Jane.Doe+X@Example.ORG",
            "mailto:jane.doe+x@example.org?subject=Hello",
            "email:jane.doe+x@example.org",
            "<jane.doe+x@example.org>",
            "jane.doe%2Bx%40example.org",
        ] {
            assert_eq!(kind(text), jane, "{text}");
        }
        for text in [
            "a@b",
            "a b@example.org",
            "@example.org",
            "a@.org",
            "a@b@c.org",
        ] {
            assert!(!matches!(kind(text), IdentifierKind::Email(_)), "{text}");
        }
        let number = IdentifierKind::Phone("4930123456".to_owned());
        for text in [
            "+49 30 123456",
            "+49 (0)30 12 34-56",
            "004930123456",
            "tel:+49-30-123456",
            "msisdn:4930123456",
            "4930123456",
        ] {
            assert_eq!(kind(text), number, "{text}");
        }
        assert_eq!(readings("4930123456"), [number, words("4930123456")]);
        for text in ["12345", "2024-01", "1234567890123456", "+", "--", ""] {
            assert_eq!(kind(text), words(text), "{text}");
        }
        assert_eq!(jane.threepid().unwrap().medium, "email");
        let called = words("jane.doe+x@example.org");
        assert_eq!(readings("mailto:Jane.Doe+X@example.org"), [jane, called]);
    }

    #[test]
    fn identities_of_providers() {
        assert_eq!(kind("oidc-github:1234"), external("oidc-github", "1234"));
        assert_eq!(kind("github:1234"), external("github", "1234"));
        assert_eq!(
            kind("oidc-keycloak:jane.doe"),
            external("oidc-keycloak", "jane.doe")
        );
        assert_eq!(
            kind("saml:jane@example.org"),
            external("saml", "jane@example.org")
        );
        assert_eq!(kind("oidc:a:b"), external("oidc", "a:b"));
        // It can be both.
        assert_eq!(
            readings("jane:example.org"),
            [user("@jane:example.org"), external("jane", "example.org")]
        );
        assert_eq!(
            readings("oidc-x:jane.doe"),
            [external("oidc-x", "jane.doe"), user("@oidc-x:jane.doe")]
        );
    }

    #[test]
    fn words_stay_words() {
        for text in [
            "",
            "jane",
            "Jane Doe",
            "https://example.org/#/users",
            "note: call back",
            "50 %",
        ] {
            assert_eq!(readings(text), [words(text)], "{text}");
        }
        assert_eq!(kind("  jane \n"), words("jane"));
    }

    #[test]
    fn words_that_fit() {
        assert_eq!(fit("", "Delete media"), Some(0));
        assert_eq!(fit("MED del", "Delete media"), Some(0));
        assert_eq!(fit("dia", "Delete media"), Some(1));
        assert_eq!(fit("media x", "Delete media"), None);
        assert_eq!(fit("@jane", "@jane:example.org"), Some(0));
        assert_eq!(fit("lösch", "Medien löschen"), Some(0));
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            prop_assert!(!readings(&text).is_empty());
        }

        #[test]
        fn nearly_identifiers_can_be_read(text in "(https://|matrix:|mxc://|mailto:|tel:|[@#!$+])?[a-z0-9@:/#?%._ $!-]{0,30}") {
            prop_assert!(!readings(&text).is_empty());
        }

        #[test]
        fn every_user_is_found_in_every_form(
            local in "[a-z0-9._=/+-]{1,12}",
            server in "[a-z]{1,8}\\.[a-z]{2,3}(:[1-9][0-9]{0,3})?",
        ) {
            let id = format!("@{local}:{server}");
            let expected = user(&id);
            prop_assert_eq!(kind(&id), expected.clone());
            prop_assert_eq!(kind(&encoded(&id)), expected.clone());
            prop_assert_eq!(kind(&format!("https://matrix.to/#/{}", encoded(&id))), expected.clone());
            prop_assert_eq!(kind(&format!("matrix:u/{}", encoded(&id[1..]))), expected);
        }

        #[test]
        fn every_room_is_found_in_every_form(id in "![A-Za-z0-9_-]{43}|![A-Za-z]{1,18}:[a-z]{1,8}\\.org|#[a-zé0-9]{1,9}:[a-z]{1,8}\\.org") {
            let expected = room(&id);
            prop_assert_eq!(kind(&id), expected.clone());
            prop_assert_eq!(kind(&encoded(&id)), expected.clone());
            prop_assert_eq!(kind(&format!("https://matrix.to/#/{}", encoded(&id))), expected);
        }
    }
}
