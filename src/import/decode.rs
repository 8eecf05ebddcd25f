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

/// Decodes a file in slices, without its byte order mark.
pub(super) struct Decoder {
    bytes: Vec<u8>,
    /// Up to where it is decoded.
    at: usize,
    text: String,
    encoding: Encoding,
    /// Why this is not UTF-8, once it has been given up.
    not_utf8: Option<FileProblem>,
}

impl Decoder {
    /// Looks at the beginning.
    pub fn new(bytes: Vec<u8>) -> Result<Self, FileProblem> {
        const SPREADSHEETS: [&[u8]; 2] = [b"PK\x03\x04", b"\xD0\xCF\x11\xE0"];
        if SPREADSHEETS.iter().any(|magic| bytes.starts_with(magic)) {
            return Err(FileProblem::Spreadsheet);
        }
        let (at, encoding) = match bytes.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => (3, Encoding::Utf8),
            [0xFF, 0xFE, ..] => (2, Encoding::Utf16Le),
            [0xFE, 0xFF, ..] => (2, Encoding::Utf16Be),
            // The mark is sometimes left out; an ASCII header gives it away.
            [1..=0xFF, 0, 1..=0xFF, 0, ..] => (0, Encoding::Utf16Le),
            [0, 1..=0xFF, 0, 1..=0xFF, ..] => (0, Encoding::Utf16Be),
            _ => (0, Encoding::Utf8),
        };
        let room = match encoding {
            // A letter of Windows-1252 becomes two bytes. Growing later would take twice the room.
            Encoding::Utf8 | Encoding::Windows1252 => {
                let letters = bytes.iter().filter(|byte| !byte.is_ascii()).count();
                bytes.len() + letters.min(bytes.len() / 8)
            }
            Encoding::Utf16Le | Encoding::Utf16Be => bytes.len() / 2 + bytes.len() / 16,
        };
        Ok(Decoder {
            bytes,
            at,
            text: String::with_capacity(room),
            encoding,
            not_utf8: None,
        })
    }

    /// Decodes about so many more bytes; says whether all are.
    pub fn decode_some(&mut self, max_bytes: usize) -> Result<bool, FileProblem> {
        let from = self.text.len();
        match self.encoding {
            Encoding::Utf8 => self.utf8(max_bytes)?,
            Encoding::Utf16Le => self.utf16(max_bytes, u16::from_le_bytes)?,
            Encoding::Utf16Be => self.utf16(max_bytes, u16::from_be_bytes)?,
            Encoding::Windows1252 => self.windows_1252(max_bytes)?,
        }
        match self.text.as_bytes()[from..].contains(&0) {
            true => Err(binary(self.text.as_bytes())),
            false => Ok(self.at == self.bytes.len()),
        }
    }

    /// How much is decoded, from 0 to 1.
    pub fn progress(&self) -> f64 {
        self.at as f64 / self.bytes.len().max(1) as f64
    }

    /// What is decoded.
    pub fn finish(self) -> (String, Encoding) {
        (self.text, self.encoding)
    }

    /// Where a slice ends: before an ASCII character, so that none is cut in two.
    fn slice_end(&self, max_bytes: usize) -> usize {
        let end = self.at.saturating_add(max_bytes).min(self.bytes.len());
        let rest = &self.bytes[end..];
        let tail = rest.iter().position(u8::is_ascii).unwrap_or(rest.len());
        end + tail
    }

    fn utf8(&mut self, max_bytes: usize) -> Result<(), FileProblem> {
        let end = self.slice_end(max_bytes);
        let slice = &self.bytes[self.at..end];
        match std::str::from_utf8(slice) {
            Ok(text) => {
                self.text.push_str(text);
                self.at = end;
                Ok(())
            }
            Err(error) => {
                let at = self.at + error.valid_up_to();
                if self.bytes[self.at..].contains(&0) {
                    return Err(binary(&self.bytes));
                }
                let problem = FileProblem::NotUtf8 {
                    offset: at,
                    line: line_at(&self.bytes[..at]),
                };
                // A mark says that it is UTF-8, and a letter before this place does.
                if !self.bytes[..at].is_ascii() {
                    return Err(problem);
                }
                self.not_utf8 = Some(problem);
                self.encoding = Encoding::Windows1252;
                self.windows_1252(max_bytes)
            }
        }
    }

    fn utf16(&mut self, max_bytes: usize, unit: fn([u8; 2]) -> u16) -> Result<(), FileProblem> {
        let length = self.bytes.len();
        let mut end = self.at.saturating_add(max_bytes.max(2) & !1).min(length);
        let leads = |end: usize| {
            let last = [self.bytes[end - 2], self.bytes[end - 1]];
            (0xD800..0xDC00).contains(&unit(last))
        };
        if end + 2 <= length && end >= self.at + 2 && leads(end) {
            end += 2;
        }
        let pairs = self.bytes[self.at..end].chunks_exact(2);
        let odd = !pairs.remainder().is_empty();
        let units = pairs.map(|pair| unit([pair[0], pair[1]]));
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(character) => self.text.push(character),
                Err(_) => return Err(self.not_utf16()),
            }
        }
        if odd {
            return Err(self.not_utf16());
        }
        self.at = end;
        Ok(())
    }

    fn not_utf16(&self) -> FileProblem {
        let text = self.text.as_bytes();
        match text.contains(&0) {
            true => binary(text),
            false => FileProblem::NotUtf16 {
                line: line_at(text),
            },
        }
    }

    /// Goes on as Windows-1252, if the bytes can be that and no part of them looks like UTF-8: a
    /// file that is UTF-8 but for one damaged place must not be read as something else.
    fn windows_1252(&mut self, max_bytes: usize) -> Result<(), FileProblem> {
        let end = self.slice_end(max_bytes);
        let slice = &self.bytes[self.at..end];
        let is_utf8 = slice.utf8_chunks().any(|chunk| !chunk.valid().is_ascii());
        let mut fits = !is_utf8;
        if fits {
            for &byte in slice {
                match windows_1252_char(byte) {
                    Some(character) => self.text.push(character),
                    None => fits = false,
                }
            }
        }
        match self.not_utf8.clone() {
            Some(_) if !fits && self.bytes[self.at..].contains(&0) => Err(binary(&self.bytes)),
            Some(problem) if !fits => Err(problem),
            _ => {
                self.at = end;
                Ok(())
            }
        }
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

/// Decodes a file whole.
#[cfg(test)]
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Encoding), FileProblem> {
    let mut decoder = Decoder::new(bytes.to_vec())?;
    while !decoder.decode_some(usize::MAX)? {}
    Ok(decoder.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn sliced(bytes: &[u8], step: usize) -> Result<(String, Encoding), FileProblem> {
        let mut decoder = Decoder::new(bytes.to_vec())?;
        while !decoder.decode_some(step)? {
            assert!(decoder.progress() <= 1.0);
        }
        Ok(decoder.finish())
    }

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
        fn slices_make_no_difference(bytes: Vec<u8>, ascii in "[a-z\n]{0,9}", step in 1_usize..7) {
            let bytes: Vec<u8> = ascii.bytes().chain(bytes).collect();
            prop_assert_eq!(sliced(&bytes, step), decode(&bytes));
        }

        #[test]
        fn windows_1252_in_slices(text in "[a-z€ž\nüé–]{0,40}", step in 1_usize..7) {
            let byte = |c: char| (0..=255).find(|&byte| windows_1252_char(byte) == Some(c));
            let bytes: Vec<u8> = text.chars().filter_map(byte).collect();
            prop_assert_eq!(sliced(&bytes, step), decode(&bytes));
            // Few letters may happen to be UTF-8.
            if let Ok((read, Encoding::Windows1252)) = decode(&bytes) {
                prop_assert_eq!(read, text);
            }
        }
    }
}
