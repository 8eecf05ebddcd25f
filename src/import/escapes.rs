//! Letters as other formats write them: entities of HTML, percent signs of addresses, backslashes
//! of JSON, quoted-printable of mail, UTF-7.

/// The text that is meant, if something in it is written in one of these ways.
pub(super) fn unescaped(value: &str) -> Option<String> {
    // Most values have none of it.
    if !value.contains(['&', '%', '\\', '=', '+']) {
        return None;
    }
    entities(value)
        .or_else(|| hexadecimal(value, b'%'))
        .or_else(|| backslashes(value))
        .or_else(|| hexadecimal(value, b'='))
        .or_else(|| utf_7(value))
}

/// `&uuml;`, `&#252;`, `&#xfc;`.
fn entities(value: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = value;
    while let Some((before, behind)) = rest.split_once('&') {
        text.push_str(before);
        let found = behind
            .split_once(';')
            .and_then(|(name, behind)| Some((entity(name)?, behind)));
        match found {
            Some((letter, behind)) => {
                text.push(letter);
                rest = behind;
            }
            None => {
                text.push('&');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    (text != value).then_some(text)
}

fn entity(name: &str) -> Option<char> {
    const NAMES: [(&str, &str); 9] = [
        ("uml", "aäeëiïoöuüyÿ"),
        ("acute", "aáeéiíoóuúyý"),
        ("grave", "aàeèiìoòuù"),
        ("circ", "aâeêiîoôuû"),
        ("tilde", "aãnñoõ"),
        ("ring", "aå"),
        ("cedil", "cç"),
        ("slash", "oø"),
        ("caron", "sšzžcč"),
    ];
    const SIGNS: [(&str, char); 10] = [
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("szlig", 'ß'),
        ("aelig", 'æ'),
        ("AElig", 'Æ'),
        ("rsquo", '’'),
    ];
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        return char::from_u32(code.ok()?).filter(|c| !c.is_control());
    }
    if let Some((_, sign)) = SIGNS.iter().find(|(sign, _)| *sign == name) {
        return Some(*sign);
    }
    let letter = name.chars().next()?;
    let mark = &name[letter.len_utf8()..];
    let letters = NAMES.iter().find(|(known, _)| *known == mark)?.1;
    let mut pairs = letters.chars();
    while let (Some(plain), Some(marked)) = (pairs.next(), pairs.next()) {
        if letter == plain {
            return Some(marked);
        }
        if letter == plain.to_ascii_uppercase() {
            return marked.to_uppercase().next();
        }
    }
    None
}

/// `%C3%BC` or `=C3=BC`, if that are letters beyond ASCII.
fn hexadecimal(value: &str, mark: u8) -> Option<String> {
    let bytes = value.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    let mut has_letters = false;
    while let Some(&byte) = bytes.get(at) {
        let digits = value.get(at + 1..at + 3);
        let code = digits
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) if byte == mark => {
                has_letters |= !code.is_ascii();
                plain.push(code);
                at += 3;
            }
            _ => {
                plain.push(byte);
                at += 1;
            }
        }
    }
    has_letters.then(|| String::from_utf8(plain).ok())?
}

/// `\u00fc`.
fn backslashes(value: &str) -> Option<String> {
    let mut units: Vec<u16> = Vec::new();
    let mut rest = value;
    let mut is_found = false;
    while let Some(c) = rest.chars().next() {
        let code = rest
            .strip_prefix("\\u")
            .and_then(|digits| digits.get(..4))
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u16::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                is_found = true;
                units.push(code);
                rest = &rest[6..];
            }
            None => {
                units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    is_found.then(|| String::from_utf16(&units).ok())?
}

/// `J+APw-rgen`, if that are letters beyond ASCII.
fn utf_7(value: &str) -> Option<String> {
    let mut text = String::new();
    let mut rest = value;
    let mut is_found = false;
    while let Some((before, behind)) = rest.split_once('+') {
        text.push_str(before);
        let decoded = behind
            .split_once('-')
            .and_then(|(code, behind)| Some((base64_utf16(code)?, behind)));
        match decoded {
            Some((letters, behind)) => {
                is_found = true;
                text.push_str(&letters);
                rest = behind;
            }
            None => {
                text.push('+');
                rest = behind;
            }
        }
    }
    text.push_str(rest);
    is_found.then_some(text)
}

/// Letters beyond ASCII in UTF-16 and base64.
fn base64_utf16(code: &str) -> Option<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if code.len() < 3 {
        return None;
    }
    let (mut bits, mut count) = (0_u32, 0);
    let mut units = Vec::new();
    for byte in code.bytes() {
        let value = ALPHABET.iter().position(|letter| *letter == byte)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push((bits >> count) as u16);
            bits &= (1 << count) - 1;
        }
    }
    let text = String::from_utf16(&units).ok()?;
    let is_text =
        count < 6 && bits == 0 && text.chars().all(|c| !c.is_ascii() && c.is_alphabetic());
    is_text.then_some(text)
}

#[cfg(test)]
mod tests {
    use super::unescaped;

    #[test]
    fn letters_of_other_formats() {
        for (value, wanted) in [
            ("J&uuml;rgen &amp; Co", "Jürgen & Co"),
            ("M&#252;ller", "Müller"),
            ("M&#xFC;ller", "Müller"),
            ("&Eacute;mile", "Émile"),
            ("J%C3%BCrgen", "Jürgen"),
            ("J\\u00fcrgen \\ud83e\\udd84", "Jürgen 🦄"),
            ("J=C3=BCrgen", "Jürgen"),
            ("J+APw-rgen", "Jürgen"),
        ] {
            assert_eq!(unescaped(value).as_deref(), Some(wanted), "{value}");
        }
        for value in [
            "Q&A",
            "a&b;",
            "50%20off",
            "100%",
            "C:\\users",
            "x=1",
            "a+b-c",
            "+49-30",
            "\\u12",
            "%FF",
            "AT&T;",
        ] {
            assert_eq!(unescaped(value), None, "{value}");
        }
    }
}
