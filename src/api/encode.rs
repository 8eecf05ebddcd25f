//! Percent-encoding for paths and queries.
//!
//! Synapse matches the raw path and decodes each segment afterwards, so a segment may hold any
//! byte as long as it is encoded here, once.

/// Appends `text` to `out` with every byte encoded except `A-Z a-z 0-9 - . _ ~`.
pub fn push_encoded(out: &mut String, text: &str) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(byte as char);
            }
            _ => {
                out.push('%');
                out.push(HEX[usize::from(byte >> 4)] as char);
                out.push(HEX[usize::from(byte & 15)] as char);
            }
        }
    }
}

/// One path segment or query value, encoded.
///
/// ```
/// use synapse_admin::api::encode::encoded;
/// assert_eq!(encoded("@a/b:é.org"), "%40a%2Fb%3A%C3%A9.org");
/// ```
pub fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    push_encoded(&mut out, text);
    out
}

/// The inverse of [`encoded`]; what is not valid is left as it stands.
pub fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |i: usize| {
            bytes
                .get(i)
                .and_then(|b| (*b as char).to_digit(16))
                .map(|d| d as u8)
        };
        match (bytes[at], hex(at + 1), hex(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn decoding_undoes_encoding(text in any::<String>()) {
            prop_assert_eq!(decoded(&encoded(&text)), text);
        }

        #[test]
        fn encoded_text_is_one_path_segment(text in any::<String>()) {
            prop_assert!(encoded(&text).bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~%".contains(&b)));
        }
    }

    #[test]
    fn what_is_not_encoded_stays() {
        assert_eq!(decoded("100%"), "100%");
        assert_eq!(decoded("%zz%4"), "%zz%4");
        assert_eq!(decoded("%FF"), "%FF");
    }
}
