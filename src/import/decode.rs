//! Bytes to text: what spreadsheets and editors write.

use super::read::FileProblem;

/// How the text of a file was encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Nothing said so: the file is not UTF-8 in any place, and Excel on Windows writes this in
    /// the west. Rows with such characters have a warning.
    Windows1252,
}

/// Decodes a file, without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Encoding), FileProblem> {
    const SPREADSHEETS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];
    if SPREADSHEETS.iter().any(|magic| bytes.starts_with(magic)) {
        return Err(FileProblem::Spreadsheet);
    }
    let (text, encoding) = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => (utf8(rest, true)?, Encoding::Utf8),
        [0xFF, 0xFE, rest @ ..] => (utf16(rest, u16::from_le_bytes)?, Encoding::Utf16Le),
        [0xFE, 0xFF, rest @ ..] => (utf16(rest, u16::from_be_bytes)?, Encoding::Utf16Be),
        // The mark is sometimes left out; an ASCII header gives it away.
        [1..=0xFF, 0, 1..=0xFF, 0, ..] => (utf16(bytes, u16::from_le_bytes)?, Encoding::Utf16Le),
        [0, 1..=0xFF, 0, 1..=0xFF, ..] => (utf16(bytes, u16::from_be_bytes)?, Encoding::Utf16Be),
        _ if bytes.contains(&0) => return Err(binary(bytes)),
        _ => match utf8(bytes, false) {
            Ok(text) => (text, Encoding::Utf8),
            Err(problem) => match windows_1252(bytes) {
                Some(text) => (text, Encoding::Windows1252),
                None => return Err(problem),
            },
        },
    };
    match text.contains('\0') {
        true => Err(binary(text.as_bytes())),
        false => Ok((text, encoding)),
    }
}

/// Where the first NUL is, which no text has.
fn binary(bytes: &[u8]) -> FileProblem {
    let before = bytes.iter().position(|byte| *byte == 0).unwrap_or(0);
    FileProblem::Binary {
        line: line_at(&bytes[..before]),
    }
}

/// The number of the line that begins or goes on behind these bytes.
fn line_at(before: &[u8]) -> u32 {
    let mut line = 1;
    let mut last = 0;
    for &byte in before {
        line += u32::from(byte == b'\r' || (byte == b'\n' && last != b'\r'));
        last = byte;
    }
    line
}

fn utf8(bytes: &[u8], marked: bool) -> Result<String, FileProblem> {
    std::str::from_utf8(bytes)
        .map(str::to_owned)
        .map_err(|error| {
            let at = error.valid_up_to();
            FileProblem::NotUtf8 {
                offset: at + if marked { 3 } else { 0 },
                line: line_at(&bytes[..at]),
            }
        })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, FileProblem> {
    let pairs = bytes.chunks_exact(2);
    let odd = !pairs.remainder().is_empty();
    let units = pairs.map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2 + bytes.len() / 16);
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok(character) => text.push(character),
            Err(_) => {
                let line = line_at(text.as_bytes());
                return Err(FileProblem::NotUtf16 { line });
            }
        }
    }
    if odd {
        let line = line_at(text.as_bytes());
        return Err(FileProblem::NotUtf16 { line });
    }
    Ok(text)
}

/// The text, if the bytes can be Windows-1252 and no part of them looks like UTF-8: a file that
/// is UTF-8 but for one damaged place must not be read as something else.
fn windows_1252(bytes: &[u8]) -> Option<String> {
    if bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii()) {
        return None;
    }
    bytes.iter().map(|&byte| windows_1252_char(byte)).collect()
}

fn windows_1252_char(byte: u8) -> Option<char> {
    const FROM_80: [char; 32] = [
        '€', '\0', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\0', 'Ž', '\0', '\0',
        '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\0', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9F => Some(FROM_80[usize::from(byte - 0x80)]).filter(|c| *c != '\0'),
        _ => Some(char::from(byte)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn utf16_bytes(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        ("\u{feff}".to_owned() + text)
            .encode_utf16()
            .flat_map(bytes)
            .collect()
    }

    #[test]
    fn marks_are_understood_and_removed() {
        let decoded = |bytes: &[u8]| decode(bytes).unwrap();
        assert_eq!(
            decoded(b"\xEF\xBB\xBFid\n"),
            ("id\n".into(), Encoding::Utf8)
        );
        assert_eq!(
            decoded(&utf16_bytes("id,é😀", u16::to_le_bytes)),
            ("id,é😀".into(), Encoding::Utf16Le)
        );
        assert_eq!(
            decoded(&utf16_bytes("id,é😀", u16::to_be_bytes)),
            ("id,é😀".into(), Encoding::Utf16Be)
        );
        assert_eq!(
            decoded(&utf16_bytes("id,é", u16::to_be_bytes)[2..]),
            ("id,é".into(), Encoding::Utf16Be)
        );
    }

    #[test]
    fn what_excel_on_windows_writes() {
        assert_eq!(
            decode(b"id;name\r\nj;J\xFCrgen \x80").unwrap(),
            ("id;name\r\nj;Jürgen €".into(), Encoding::Windows1252)
        );
    }

    #[test]
    fn damage_is_named_with_its_line() {
        // UTF-8 but for one byte: never read as Windows-1252.
        let damaged = b"id,name\nj,J\xC3\xBCrgen\nk,K\xFCrt\n";
        assert_eq!(
            decode(damaged),
            Err(FileProblem::NotUtf8 {
                offset: 21,
                line: 3
            })
        );
        let mut odd = utf16_bytes("id\na", u16::to_le_bytes);
        odd.push(b'x');
        assert_eq!(decode(&odd), Err(FileProblem::NotUtf16 { line: 2 }));
        assert_eq!(
            decode(b"\xFF\xFEi\0\n\0\x00\xD8"),
            Err(FileProblem::NotUtf16 { line: 2 })
        );
        assert_eq!(decode(b"id\na\0b"), Err(FileProblem::Binary { line: 2 }));
        assert_eq!(decode(b"PK\x03\x04\x14\0"), Err(FileProblem::Spreadsheet));
    }

    proptest! {
        #[test]
        fn any_text_survives_utf16(text in "[^\0]{0,60}") {
            for bytes in [utf16_bytes(&text, u16::to_le_bytes), utf16_bytes(&text, u16::to_be_bytes)] {
                prop_assert_eq!(&decode(&bytes).unwrap().0, &text);
            }
        }

        #[test]
        fn any_bytes_give_a_text_or_a_problem(bytes: Vec<u8>) {
            let _ = decode(&bytes);
        }
    }
}
