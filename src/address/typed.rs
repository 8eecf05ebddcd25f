//! What people type or paste into the log-in form for a Matrix ID or a homeserver, read as what
//! it most likely means, or what is wrong with it.

use crate::api::encode::decoded;
use crate::api::ids::UrlProblem;
use crate::api::{HomeserverUrl, UserId};
use std::error::Error;
use std::fmt;

/// Why a text names no user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoUserId {
    Empty,
    /// Without a server's name.
    Incomplete,
    /// An e-mail address, with the Matrix ID that looks most like it.
    Email(String),
    Invalid,
}

impl fmt::Display for NoUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoUserId::Empty => f.write_str("nothing was typed"),
            NoUserId::Incomplete => f.write_str("the server's name is missing"),
            NoUserId::Email(id) => write!(f, "an e-mail address; the Matrix ID may be {id}"),
            NoUserId::Invalid => f.write_str("not a Matrix ID"),
        }
    }
}

impl Error for NoUserId {}

/// The user that a text names: a Matrix ID, with or without its `@`, or a link to one.
///
/// ```
/// use synapse_admin::address::typed::user_id;
/// assert_eq!(user_id("<https://matrix.to/#/%40jane%3AExample.org>").unwrap().as_str(), "@jane:example.org");
/// ```
pub fn user_id(text: &str) -> Result<UserId, NoUserId> {
    let text = plain(text);
    if text.is_empty() {
        return Err(NoUserId::Empty);
    }
    let id = match in_link(&text) {
        Some(id) => id.ok_or(NoUserId::Invalid)?,
        None => text,
    };
    let bare = id.strip_prefix('@').unwrap_or(&id);
    let Some((localpart, server)) = bare.split_once(':') else {
        return Err(match bare.split_once('@') {
            Some((name, domain)) => NoUserId::Email(format!("@{name}:{domain}")),
            None => NoUserId::Incomplete,
        });
    };
    // Server names are lower case; localparts of old accounts need not be.
    let server = server.trim_end_matches(['/', '.']).to_ascii_lowercase();
    UserId::parse(&format!("@{localpart}:{server}")).ok_or(NoUserId::Invalid)
}

/// The homeserver that a text names: its address, also with the path of an API behind it, or the
/// server's name in a Matrix ID.
///
/// ```
/// use synapse_admin::address::typed::homeserver;
/// let url = homeserver("https://Matrix.example.org/_matrix/client/versions").unwrap();
/// assert_eq!(url.as_str(), "https://matrix.example.org");
/// ```
pub fn homeserver(text: &str) -> Result<HomeserverUrl, UrlProblem> {
    let text = plain(text);
    if let Some(Some(user)) = in_link(&text) {
        return homeserver(&user);
    }
    if text.starts_with('@') {
        let user = user_id(&text).map_err(|_| UrlProblem::Extra)?;
        return HomeserverUrl::parse(user.server().as_str());
    }
    let (mut scheme, mut rest) = of_scheme(&text);
    // Pasted behind what stood there already.
    if let (inner @ ("https://" | "http://"), behind) = of_scheme(rest) {
        (scheme, rest) = (inner, behind);
    }
    let (place, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    if fragment.starts_with('/') {
        return Err(UrlProblem::Client);
    }
    let mut end = rest.len();
    for path in ["/_matrix", "/_synapse", "/.well-known"] {
        end = end.min(place.find(path).unwrap_or(end));
    }
    let rest = &rest[..end];
    let host = rest.split('/').next().unwrap_or_default();
    let path = &rest[host.len()..];
    let host = host.trim_end_matches('.');
    let is_bare_v6 =
        host.matches(':').count() > 1 && host.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
    HomeserverUrl::parse(&if is_bare_v6 {
        format!("{scheme}[{host}]{path}")
    } else {
        format!("{scheme}{host}{path}")
    })
}

/// Where else the homeserver may answer, if it does not at this address: over https, without
/// the path, without the port that is for other servers.
pub fn elsewhere(url: &HomeserverUrl) -> Vec<HomeserverUrl> {
    let host = url.host();
    let host = host.as_str();
    let without_port = match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    };
    let scheme = if url.is_https() { "https" } else { "http" };
    let mut others = Vec::new();
    let mut add = |text: String| {
        if let Ok(other) = HomeserverUrl::parse(&text)
            && other != *url
            && !others.contains(&other)
        {
            others.push(other);
        }
    };
    if url.is_plain() {
        add(format!("https://{without_port}"));
    }
    add(format!("{scheme}://{host}"));
    if host.ends_with(":8448") {
        add(format!("https://{without_port}"));
    }
    others
}

/// Without what sticks to a text when it is copied, and with the ordinary characters in the
/// place of the wide ones that East Asian keyboards write.
fn plain(text: &str) -> String {
    let ordinary = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0),
        '\u{3002}' => Some('.'),
        '\u{3000}' | '\u{a0}' => Some(' '),
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => None,
        _ => Some(c),
    };
    let text: String = text.chars().filter_map(ordinary).collect();
    text.trim_matches(|c: char| {
        c.is_whitespace() || c.is_control() || "\"'`<>“”„‘’«»,;".contains(c)
    })
    .to_owned()
}

/// The user in a link of `matrix.to` or a web client or in a `matrix:` URI. Outer `None`: no
/// such link; inner: no user in it.
fn in_link(text: &str) -> Option<Option<String>> {
    let begins = |what: &str| {
        text.get(..what.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(what))
    };
    if begins("matrix:") {
        let rest = decoded(&text["matrix:".len()..]);
        let id = rest.strip_prefix("u/").or(rest.strip_prefix("user/"));
        return Some(id.map(|id| format!("@{}", id.split(['?', '/']).next().unwrap_or_default())));
    }
    if !begins("https://") && !begins("http://") {
        return None;
    }
    let (_, fragment) = text.split_once('#')?;
    let fragment = decoded(fragment);
    let at = fragment.find('@')?;
    let id = fragment[at..].split(['?', '/', '&']).next();
    Some(id.map(str::to_owned))
}

/// The scheme with its `://`, mended where it is mistyped; empty if there is none.
fn of_scheme(text: &str) -> (&'static str, &str) {
    let lower = text.get(..6).unwrap_or(text).to_ascii_lowercase();
    for (name, scheme) in [("https", "https://"), ("http", "http://")] {
        if lower.starts_with(name) {
            let rest = &text[name.len()..];
            let behind = rest.trim_start_matches([':', '/']);
            // `https.example.org` is a host.
            if behind.len() < rest.len() {
                return (scheme, behind);
            }
        }
    }
    ("", text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn matrix_ids_as_people_paste_them() {
        for text in [
            "@jane:example.org",
            " @jane:example.org\n",
            "jane:example.org",
            "@jane:Example.ORG",
            "@jane:example.org/",
            "<@jane:example.org>,",
            "\u{200b}@jane:example.org\u{feff}",
            "＠ｊａｎｅ：ｅｘａｍｐｌｅ．ｏｒｇ",
            "＠jane：example。org",
            "https://matrix.to/#/@jane:example.org",
            "https://matrix.to/#/%40jane%3Aexample.org?via=example.org",
            "https://app.element.io/#/user/@jane:example.org",
            "matrix:u/jane:example.org",
            "matrix:u/jane%3Aexample.org?action=chat",
        ] {
            let user = user_id(text);
            assert_eq!(
                user.as_ref().map(UserId::as_str),
                Ok("@jane:example.org"),
                "{text}"
            );
        }
        let port = user_id("@jane:example.org:8448").unwrap();
        assert_eq!(port.as_str(), "@jane:example.org:8448");
        assert_eq!(
            user_id("@Jane:example.org").unwrap().as_str(),
            "@Jane:example.org"
        );
        assert_eq!(
            user_id("@a:[2001:DB8::1]:80").unwrap().as_str(),
            "@a:[2001:db8::1]:80"
        );
    }

    #[test]
    fn what_is_no_matrix_id() {
        for (text, problem) in [
            (" ", NoUserId::Empty),
            ("admin", NoUserId::Incomplete),
            ("@admin", NoUserId::Incomplete),
            ("@admin:", NoUserId::Invalid),
            (
                "jane@example.org",
                NoUserId::Email("@jane:example.org".to_owned()),
            ),
            (
                "@jane@example.org",
                NoUserId::Email("@jane:example.org".to_owned()),
            ),
            ("https://matrix.example.org", NoUserId::Invalid),
            ("matrix:r/room:example.org", NoUserId::Invalid),
        ] {
            assert_eq!(user_id(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn homeservers_as_people_paste_them() {
        for text in [
            "https://matrix.example.org",
            " HTTPS://Matrix.Example.org/ ",
            "matrix.example.org",
            "matrix.example.org.",
            "https:/matrix.example.org",
            "https//matrix.example.org",
            "https:matrix.example.org",
            "https://https://matrix.example.org",
            "https://matrix.example.org/_matrix/client/versions",
            "https://matrix.example.org/_matrix/client/v3/sync?since=1#x",
            "https://matrix.example.org/_synapse/admin/v1/server_version",
            "https://matrix.example.org/.well-known/matrix/client",
            "ｈｔｔｐｓ：／／ｍａｔｒｉｘ．ｅｘａｍｐｌｅ．ｏｒｇ",
            "“https://matrix.example.org”",
            "@jane:matrix.example.org",
            "https://matrix.to/#/@jane:matrix.example.org",
        ] {
            let url = homeserver(text);
            let url = url.as_ref().map(HomeserverUrl::as_str);
            assert_eq!(url, Ok("https://matrix.example.org"), "{text}");
        }
        for (text, url) in [
            ("http://a.org", "http://a.org"),
            ("a.org:8448", "https://a.org:8448"),
            ("https://a.org/hs/", "https://a.org/hs"),
            ("https://a.org/hs/_matrix/client", "https://a.org/hs"),
            ("2001:db8::1", "https://[2001:db8::1]"),
            ("http://[::1]:8008", "http://[::1]:8008"),
            ("https.example.org", "https://https.example.org"),
        ] {
            assert_eq!(homeserver(text).unwrap().as_str(), url);
        }
    }

    #[test]
    fn what_is_no_homeserver() {
        for (text, problem) in [
            ("", UrlProblem::Empty),
            ("ftp://a.org", UrlProblem::Scheme),
            ("https://", UrlProblem::Host),
            ("https://app.element.io/#/home", UrlProblem::Client),
            ("https://matrix.to/#/#room:a.org", UrlProblem::Client),
            ("https://me:secret@a.org", UrlProblem::Extra),
            ("jane@a.org", UrlProblem::Extra),
            ("https://a.org/?x=1", UrlProblem::Extra),
            ("https://a.org#x", UrlProblem::Extra),
        ] {
            assert_eq!(homeserver(text), Err(problem), "{text}");
        }
    }

    #[test]
    fn where_else_it_may_answer() {
        let others = |text: &str| -> Vec<String> {
            let url = HomeserverUrl::parse(text).unwrap();
            elsewhere(&url)
                .iter()
                .map(HomeserverUrl::to_string)
                .collect()
        };
        assert_eq!(others("https://a.org"), Vec::<String>::new());
        assert_eq!(others("https://a.org/x"), ["https://a.org"]);
        assert_eq!(others("https://a.org:8448"), ["https://a.org"]);
        assert_eq!(
            others("http://a.org:8008/x"),
            ["https://a.org", "http://a.org:8008"]
        );
        assert_eq!(others("http://127.0.0.1:8008"), Vec::<String>::new());
        assert_eq!(others("https://[::1]:8448"), ["https://[::1]"]);
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in "(https?|matrix)?[:/]{0,3}[\\PC#@:/%.\\[\\]]{0,30}") {
            let _ = user_id(&text);
            if let Ok(url) = homeserver(&text) {
                prop_assert!(homeserver(url.as_str()).is_ok(), "{}", url);
                elsewhere(&url);
            }
        }
    }
}
