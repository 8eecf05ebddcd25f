//! User IDs that are written in another way than the import reads them.

use crate::api::{ServerName, UserId};
use crate::import::characters::{is_mark, look_alike, plain, unseen};

/// Whether the server creates IDs with this character in their localpart.
pub(super) fn is_allowed(c: char) -> bool {
    matches!(c, 'a'..='z' | '0'..='9' | '=' | '_' | '-' | '.' | '/' | '+')
}

/// Whether this is an ID, but neither a localpart nor `@localpart:server`.
pub(super) fn is_other_form(text: &str, server: &ServerName) -> bool {
    is_link(text)
        || prefix(text).is_some()
        || text.contains('\\')
        || text.starts_with('＠')
        || email(text).is_some()
        || with_server(text).is_some_and(|(_, of)| of.eq_ignore_ascii_case(server.as_str()))
        || distinguished(text).is_some()
        || (text.starts_with('<') && text.ends_with('>'))
}

/// The ID that is meant, in the form in which it is written: with the server if it has one. None if
/// that is not clear. An offer: somebody decides.
pub(super) fn meant(text: &str, server: &ServerName) -> Option<String> {
    let mut bare: String = text
        .chars()
        .filter(|c| unseen(*c).is_none())
        .map(|c| look_alike(c).map_or(c, |(latin, _)| latin))
        .collect();
    let mut whole = false;
    if let Some(inside) = bare
        .strip_prefix('<')
        .and_then(|text| text.strip_suffix('>'))
    {
        bare = inside.to_owned();
    }
    if let Some(id) = from_link(&bare) {
        bare = id;
        whole = true;
    }
    if let Some(rest) = prefix(&bare) {
        bare = rest.to_owned();
    }
    if let Some(value) = distinguished(&bare) {
        bare = value.to_owned();
    }
    if let Some((_, user)) = bare.rsplit_once('\\') {
        bare = user.to_owned();
    }
    let localpart = match bare.strip_prefix('@') {
        Some(rest) => {
            whole |= rest.contains(':');
            rest.split(':').next().unwrap_or_default()
        }
        None => match (email(&bare), with_server(&bare)) {
            (Some(name), _) => name,
            (None, Some((name, of))) if of.eq_ignore_ascii_case(server.as_str()) => name,
            _ => &bare,
        },
    };
    let mut plainer = String::new();
    for c in localpart.trim().chars() {
        match plain(c) {
            Some(letters) => plainer.push_str(letters),
            // A mark behind its letter: `u` and `¨`.
            None if is_mark(c) => {
                if c == '\u{308}' && plainer.ends_with(['a', 'o', 'u', 'A', 'O', 'U']) {
                    plainer.push('e');
                }
            }
            None if c.is_whitespace() => plainer.push('.'),
            None if matches!(c, '\'' | '’' | '`' | '´' | '"') => {}
            None => plainer.push(c),
        }
    }
    let localpart = plainer.to_lowercase();
    if localpart.is_empty() || !localpart.chars().all(is_allowed) {
        return None;
    }
    let user = UserId::new(&localpart, server);
    if user.as_str().len() > crate::api::ids::MAX_ID_BYTES {
        return None;
    }
    let meant = match whole {
        true => user.to_string(),
        false => localpart,
    };
    (meant != text).then_some(meant)
}

fn is_link(text: &str) -> bool {
    text.contains("matrix.to/#/") || text.starts_with("matrix:u/") || text.starts_with("matrix:/")
}

/// The ID of a link to a user.
fn from_link(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("matrix:u/") {
        return Some(format!("@{}", rest.split('?').next()?));
    }
    let (_, rest) = text.split_once("matrix.to/#/")?;
    let id = rest.split(['?', '/']).next()?;
    Some(
        id.replace("%40", "@")
            .replace("%3A", ":")
            .replace("%3a", ":"),
    )
}

/// What is behind the scheme of an address.
fn prefix(text: &str) -> Option<&str> {
    const SCHEMES: [&str; 7] = ["mailto:", "acct:", "xmpp:", "sip:", "smtp:", "im:", "user:"];
    SCHEMES.iter().find_map(|scheme| {
        let begin = text.get(..scheme.len())?;
        begin
            .eq_ignore_ascii_case(scheme)
            .then(|| &text[scheme.len()..])
    })
}

/// The local part of an e-mail address.
fn email(text: &str) -> Option<&str> {
    let (name, host) = text.split_once('@')?;
    let is_email = !name.is_empty() && host.contains('.') && !host.contains(['@', ':', ' ']);
    is_email.then_some(name)
}

/// `localpart:server` without `@`.
fn with_server(text: &str) -> Option<(&str, &str)> {
    let (name, of) = text.split_once(':')?;
    (!name.is_empty() && !name.contains(['@', '/']) && !of.is_empty()).then_some((name, of))
}

/// The name in a distinguished name of a directory: `uid=jane,ou=people`, `CN=jane,DC=b`.
fn distinguished(text: &str) -> Option<&str> {
    let (kind, rest) = text.split_once('=')?;
    let is_name = kind.eq_ignore_ascii_case("cn") || kind.eq_ignore_ascii_case("uid");
    let (name, rest) = rest.split_once(',')?;
    (is_name && rest.contains('=')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_written_another_way() {
        let server = ServerName::parse("example.org").unwrap();
        for (text, wanted) in [
            ("https://matrix.to/#/@jane:example.org", "@jane:example.org"),
            (
                "https://matrix.to/#/%40jane%3Aexample.org?via=b",
                "@jane:example.org",
            ),
            ("matrix:u/jane:example.org", "@jane:example.org"),
            ("jane@corp.com", "jane"),
            ("mailto:Jane.Doe@corp.com", "jane.doe"),
            ("CORP\\jane", "jane"),
            ("jane:example.org", "jane"),
            ("@jane", "jane"),
            ("＠jane:example.org", "@jane:example.org"),
            ("uid=jane,ou=people,dc=b", "jane"),
            ("<@jane:example.org>", "@jane:example.org"),
            ("@jane:other.org", "@jane:example.org"),
            ("Jane Doe", "jane.doe"),
            ("jürgen", "juergen"),
            ("ju\u{308}rgen", "juergen"),
            ("jose\u{301}", "jose"),
            ("Łukasz", "lukasz"),
            ("jаne", "jane"),
            ("jane–doe", "jane-doe"),
            ("ｊａｎｅ１", "jane1"),
            ("o’neil", "oneil"),
        ] {
            assert_eq!(meant(text, &server).as_deref(), Some(wanted), "{text}");
        }
        for text in ["иван", "佐藤", "jane!", "", "jane", "a&b"] {
            assert_eq!(meant(text, &server), None, "{text}");
        }
        assert!(!is_other_form("a/b=c_d-e.f+g", &server));
        assert!(!is_other_form("@jane:other.org", &server));
    }
}
