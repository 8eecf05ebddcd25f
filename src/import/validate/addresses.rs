//! E-mail addresses and phone numbers, as people write them.

use super::{ProblemKind, shortened};
use crate::api::users::Threepid;
use crate::import::characters::look_alike;

/// `email:…` or `msisdn:…`.
pub(super) fn threepid(part: &str) -> Result<Threepid, ProblemKind> {
    let owned = || shortened(part);
    let (medium, address) = part
        .split_once(':')
        .ok_or_else(|| ProblemKind::ThreepidNotReadable { part: owned() })?;
    let threepid = |medium: &str, address| Threepid {
        medium: medium.to_owned(),
        address,
    };
    match medium.trim().to_ascii_lowercase().as_str() {
        "email" => match email(address) {
            Some(address) => Ok(threepid("email", address)),
            None => Err(ProblemKind::EmailNotReadable { part: owned() }),
        },
        "msisdn" => match phone(address) {
            Some(digits) => Ok(threepid("msisdn", digits)),
            None => Err(ProblemKind::PhoneNotReadable { part: owned() }),
        },
        _ => Err(ProblemKind::ThreepidNotReadable { part: owned() }),
    }
}

/// An address without what it is in front; with it, it may be the other one. As programs write
/// them: `mailto:`, `SMTP:`, `tel:`, `Jane <jane@example.org>`.
pub(super) fn bare(part: &str, medium: &str) -> Result<Threepid, ProblemKind> {
    let (of, address) = match part.split_once(':') {
        Some((scheme, address)) => match scheme.trim().to_ascii_lowercase().as_str() {
            "email" | "mailto" | "smtp" => ("email", address),
            "msisdn" | "tel" => ("msisdn", address),
            _ => (medium, part),
        },
        None => (medium, part),
    };
    let address = match address.rsplit_once('<') {
        Some((_, inside)) => inside.trim_end().trim_end_matches('>'),
        None => address,
    };
    threepid(&format!("{of}:{address}")).map_err(|kind| match kind {
        ProblemKind::EmailNotReadable { .. } => ProblemKind::EmailNotReadable {
            part: shortened(part),
        },
        ProblemKind::PhoneNotReadable { .. } => ProblemKind::PhoneNotReadable {
            part: shortened(part),
        },
        other => other,
    })
}

/// A list of addresses with `email:` and `msisdn:` in front of those that have nothing, if all can
/// be read then.
pub(super) fn named(list: &str) -> Option<String> {
    let parts = list.split([',', ';', '\n', '\r']).map(str::trim);
    let mut named = Vec::new();
    for part in parts.filter(|part| !part.is_empty()) {
        let medium = if part.contains('@') {
            "email"
        } else {
            "msisdn"
        };
        let found = threepid(part).or_else(|_| bare(part, medium)).ok()?;
        // A number that says its country, or nobody knows that it is one.
        if found.medium == "msisdn" && !part.contains(['+', ':']) {
            return None;
        }
        let plus = if found.medium == "msisdn" { "+" } else { "" };
        named.push(format!("{}:{plus}{}", found.medium, found.address));
    }
    (!named.is_empty()).then(|| named.join(","))
}

/// Numbers of digits alone, each with the plus sign that may be missing; none if all have one.
pub(super) fn with_plus(list: &str) -> Option<String> {
    let is_bare = |part: &str| part.starts_with(|c: char| ('1'..='9').contains(&c));
    let parts = list.split([',', ';', '\n', '\r']).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    if !parts.iter().any(|part| is_bare(part)) || parts.iter().any(|part| phone(part).is_none()) {
        return None;
    }
    let parts = parts.iter().map(|part| match is_bare(part) {
        true => format!("+{part}"),
        false => (*part).to_owned(),
    });
    Some(parts.collect::<Vec<_>>().join(", "))
}

fn email(address: &str) -> Option<String> {
    let is_host = |host: &str| {
        let is_letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '[' | ']' | ':');
        host.split('.')
            .all(|part| !part.is_empty() && part.chars().all(is_letter))
    };
    let is_email = address.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && is_host(host) && !address.contains(char::is_whitespace)
    });
    is_email.then(|| address.to_lowercase())
}

/// The digits with the code of the country; all kinds of digits, dashes and spaces are read.
fn phone(number: &str) -> Option<String> {
    let number = number.trim();
    // `+49 (0) 30`: the zero is dialled instead of the code, not with it.
    let number = match number.starts_with(['+', '＋']) || number.starts_with("00") {
        true => number.replacen("(0)", "", 1),
        false => number.to_owned(),
    };
    let plain = number
        .chars()
        .map(|c| look_alike(c).map_or(c, |(latin, _)| latin))
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '/' | '(' | ')'));
    let plain: String = plain.collect();
    let digits = match plain.strip_prefix('+') {
        Some(digits) => digits,
        // What is dialled instead of the plus sign.
        None => plain.strip_prefix("00").unwrap_or(&plain),
    };
    let plausible = (5..=15).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    plausible.then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_as_programs_write_them() {
        for (part, medium, wanted) in [
            ("a@b.c", "email", "a@b.c"),
            ("mailto:A@b.c", "email", "a@b.c"),
            ("SMTP:a@b.c", "email", "a@b.c"),
            ("Jane Doe <a@b.c>", "email", "a@b.c"),
            ("email:a@b.c", "msisdn", "a@b.c"),
            ("+49 (30) 123-456", "msisdn", "4930123456"),
            ("0049 30 123456", "msisdn", "4930123456"),
            ("+49 (0) 30 123456", "msisdn", "4930123456"),
            ("+49\u{a0}30–123456", "msisdn", "4930123456"),
            ("＋４９３０１２３４５６", "msisdn", "4930123456"),
            ("tel:+4930123456", "msisdn", "4930123456"),
        ] {
            assert_eq!(bare(part, medium).unwrap().address, wanted, "{part}");
        }
        assert!(bare("030 123456", "msisdn").is_err());
        for part in ["a@b..c", "a@b.c.", "a@.b", "a@b|c@d", "a@"] {
            assert!(bare(part, "email").is_err(), "{part}");
        }
        assert_eq!(
            with_plus("49301234, +49305678").as_deref(),
            Some("+49301234, +49305678")
        );
        assert_eq!((with_plus("+49301234"), with_plus("030123")), (None, None));
    }

    #[test]
    fn bare_addresses_get_what_they_are() {
        assert_eq!(named("a@b.c").as_deref(), Some("email:a@b.c"));
        assert_eq!(
            named("a@b.c; +49 30 123456").as_deref(),
            Some("email:a@b.c,msisdn:+4930123456")
        );
        assert_eq!(
            named("email:x@y.z, a@b.c").as_deref(),
            Some("email:x@y.z,email:a@b.c")
        );
        assert_eq!(named("fax:1"), None);
        assert_eq!(named("12345"), None);
    }
}
