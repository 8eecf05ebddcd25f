//! Bytes to text: what spreadsheets, editors and databases write.
//!
//! A byte order mark decides, then the pattern of UTF-16 and UTF-32, then whether the bytes are
//! UTF-8. Where they are none of these, the encodings of the world are ranked by what the text
//! then looks like, see [`encodings`](super::encodings), and the first is taken until a person
//! chooses another one.

use super::encodings::{Legacy, Offer, Survey};
use super::read::FileProblem;
use std::rc::Rc;

/// How the text of a file is encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Utf8,
    Utf16Le,
    Utf16Be,
    Utf32Le,
    Utf32Be,
    /// One of those from before Unicode, of which a file says nothing.
    Legacy(Legacy),
}

/// Decodes the encodings from before Unicode: the browser can.
pub trait Decoders {
    /// A decoder for a label of the Encoding Standard, such as `windows-1252`; none if there is no
    /// such encoding here.
    fn decoder(&self, label: &'static str) -> Option<Box<dyn Decode>>;
}

/// Decodes bytes piece by piece.
pub trait Decode {
    /// The text of the next bytes; none if they are not of this encoding. A character may begin
    /// in one piece and end in the next, except in the last one.
    fn decode(&mut self, bytes: &[u8], is_last: bool) -> Option<String>;
}

/// No decoders but those for which tables are built in.
pub struct BuiltIn;

impl Decoders for BuiltIn {
    fn decoder(&self, _: &'static str) -> Option<Box<dyn Decode>> {
        None
    }
}

/// How much of a file is looked at to see what it is.
const BEGINNING: usize = 4096;

/// Decodes a file in slices, without its byte order marks.
pub(super) struct Decoder {
    bytes: Vec<u8>,
    /// Up to where it is decoded.
    at: usize,
    text: String,
    encoding: Encoding,
    decoders: Rc<dyn Decoders>,
    stage: Stage,
    /// The encodings that the file may have, best first; none if it says which.
    offers: Vec<Offer>,
}

enum Stage {
    /// As the encoding says, which is one of Unicode.
    Unicode,
    /// Not UTF-8 from some place on: what is in the rest?
    Survey(Box<Survey>),
    /// An encoding from before Unicode.
    Legacy(Box<dyn Decode>),
}

impl Decoder {
    /// Looks at the beginning. `chosen` is what a person says that the encoding is.
    pub fn new(
        bytes: Vec<u8>,
        chosen: Option<Encoding>,
        decoders: Rc<dyn Decoders>,
    ) -> Result<Self, FileProblem> {
        if let Some(problem) = super::foreign::of_bytes(&bytes) {
            return Err(problem);
        }
        let marked = match bytes.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] => Some((3, Encoding::Utf8)),
            [0xFF, 0xFE, 0, 0, ..] => Some((4, Encoding::Utf32Le)),
            [0, 0, 0xFE, 0xFF, ..] => Some((4, Encoding::Utf32Be)),
            [0xFF, 0xFE, ..] => Some((2, Encoding::Utf16Le)),
            [0xFE, 0xFF, ..] => Some((2, Encoding::Utf16Be)),
            _ => None,
        };
        let found = marked.or_else(|| unmarked(&bytes).map(|encoding| (0, encoding)));
        if found.is_none() && chosen.is_none() && is_binary(&bytes) {
            return Err(binary(&bytes));
        }
        let (at, encoding) = match (chosen, found) {
            (Some(chosen), Some((mark, encoding))) if chosen == encoding => (mark, encoding),
            (Some(chosen), _) => (0, chosen),
            (None, Some(found)) => found,
            (None, None) => (0, Encoding::Utf8),
        };
        let mut decoder = Decoder {
            text: String::with_capacity(room(&bytes, encoding)),
            bytes,
            at,
            encoding,
            decoders,
            stage: Stage::Unicode,
            offers: Vec::new(),
        };
        if let Encoding::Legacy(legacy) = encoding {
            decoder.begin_legacy(legacy)?;
        }
        Ok(decoder)
    }

    /// Decodes about so many more bytes; says whether all are.
    pub fn decode_some(&mut self, max_bytes: usize) -> Result<bool, FileProblem> {
        if let Stage::Survey(_) = self.stage {
            self.survey(max_bytes)?;
            return Ok(false);
        }
        match self.encoding {
            Encoding::Utf8 => self.utf8(max_bytes)?,
            Encoding::Utf16Le => self.utf16(max_bytes, u16::from_le_bytes)?,
            Encoding::Utf16Be => self.utf16(max_bytes, u16::from_be_bytes)?,
            Encoding::Utf32Le => self.utf32(max_bytes, u32::from_le_bytes)?,
            Encoding::Utf32Be => self.utf32(max_bytes, u32::from_be_bytes)?,
            Encoding::Legacy(_) => self.legacy(max_bytes)?,
        }
        let over = self.at == self.bytes.len() && !matches!(self.stage, Stage::Survey(_));
        // The end of a file in the days of DOS, and what CP/M filled the last block with.
        while over && self.text.ends_with('\u{1a}') {
            self.text.pop();
        }
        Ok(over)
    }

    /// How much is decoded, from 0 to 1.
    pub fn progress(&self) -> f64 {
        let at = match &self.stage {
            Stage::Survey(survey) => survey.at,
            _ => self.at,
        };
        at as f64 / self.bytes.len().max(1) as f64
    }

    /// The encodings that the file may have, best first, with what it then says. None if it says
    /// itself; also after a refusal.
    pub fn offers(&self) -> &[Offer] {
        &self.offers
    }

    /// The decoded text, its encoding, and which others it might be in.
    pub fn finish(self) -> (String, Encoding, Vec<Offer>) {
        (self.text, self.encoding, self.offers)
    }

    /// Where a slice from here ends: before an ASCII character, so that none is cut in two.
    fn slice_end(&self, from: usize, max_bytes: usize) -> usize {
        let end = from.saturating_add(max_bytes).min(self.bytes.len());
        let rest = &self.bytes[end..];
        let tail = rest.iter().position(u8::is_ascii).unwrap_or(rest.len());
        end + tail
    }

    fn utf8(&mut self, max_bytes: usize) -> Result<(), FileProblem> {
        let end = self.slice_end(self.at, max_bytes);
        let slice = &self.bytes[self.at..end];
        match std::str::from_utf8(slice) {
            Ok(text) => {
                self.text.push_str(text);
                self.at = end;
            }
            // The whole file is looked through again: what is valid before counts as well.
            Err(_) => self.stage = Stage::Survey(Box::default()),
        }
        Ok(())
    }

    /// Looks through the file for what it may be.
    fn survey(&mut self, max_bytes: usize) -> Result<(), FileProblem> {
        let Stage::Survey(survey) = &self.stage else {
            return Ok(());
        };
        let end = self.slice_end(survey.at, max_bytes);
        let Stage::Survey(survey) = &mut self.stage else {
            return Ok(());
        };
        survey.look_at(&self.bytes, end);
        if end < self.bytes.len() {
            return Ok(());
        }
        let is_marked = self.bytes.starts_with(b"\xEF\xBB\xBF");
        self.offers = survey.offers(&*self.decoders);
        let first_bad = survey.first_bad.unwrap_or_default();
        let line = line_at(&self.bytes[..first_bad]);
        if survey.is_cut_off(&self.bytes) {
            return Err(FileProblem::CutOff { line });
        }
        // A file that is UTF-8 but for damaged places must not be read as something else.
        let best = self.offers.first().map(|offer| offer.encoding);
        let is_damaged = survey.good >= survey.bad || is_marked;
        let Some(Encoding::Legacy(legacy)) = best.filter(|_| !is_damaged) else {
            return Err(FileProblem::NotUtf8 {
                offset: first_bad,
                line,
            });
        };
        self.at = 0;
        self.text = String::with_capacity(room(&self.bytes, Encoding::Legacy(legacy)));
        self.encoding = Encoding::Legacy(legacy);
        self.begin_legacy(legacy)
    }

    fn begin_legacy(&mut self, legacy: Legacy) -> Result<(), FileProblem> {
        let Some(decoder) = legacy.decoder(&*self.decoders) else {
            return Err(FileProblem::NotInEncoding {
                encoding: Encoding::Legacy(legacy),
                line: 1,
            });
        };
        self.stage = Stage::Legacy(decoder);
        Ok(())
    }

    fn legacy(&mut self, max_bytes: usize) -> Result<(), FileProblem> {
        let end = self.slice_end(self.at, max_bytes);
        let is_last = end == self.bytes.len();
        let Stage::Legacy(decoder) = &mut self.stage else {
            return Ok(());
        };
        match decoder.decode(&self.bytes[self.at..end], is_last) {
            Some(text) => {
                self.text.push_str(&text);
                self.at = end;
                Ok(())
            }
            None => Err(FileProblem::NotInEncoding {
                encoding: self.encoding,
                line: self.undecodable_line(),
            }),
        }
    }

    /// The first line that the encoding does not have, whatever the slices were.
    fn undecodable_line(&self) -> u32 {
        let decoder = match self.encoding {
            Encoding::Legacy(legacy) => legacy.decoder(&*self.decoders),
            _ => None,
        };
        let Some(mut decoder) = decoder else { return 1 };
        let mut at = 0;
        for line in self.bytes.split_inclusive(|byte| *byte == b'\n') {
            let is_last = at + line.len() == self.bytes.len();
            if decoder.decode(line, is_last).is_none() {
                break;
            }
            at += line.len();
        }
        line_at(&self.bytes[..at])
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
            return Err(FileProblem::CutOff {
                line: line_at(self.text.as_bytes()),
            });
        }
        self.at = end;
        Ok(())
    }

    fn utf32(&mut self, max_bytes: usize, unit: fn([u8; 4]) -> u32) -> Result<(), FileProblem> {
        let length = self.bytes.len();
        let end = self.at.saturating_add(max_bytes.max(4) & !3).min(length);
        let fours = self.bytes[self.at..end].chunks_exact(4);
        let odd = !fours.remainder().is_empty();
        for four in fours {
            match char::from_u32(unit([four[0], four[1], four[2], four[3]])) {
                Some(character) => self.text.push(character),
                None => return Err(self.not_utf16()),
            }
        }
        if odd {
            return Err(FileProblem::CutOff {
                line: line_at(self.text.as_bytes()),
            });
        }
        self.at = end;
        Ok(())
    }

    fn not_utf16(&self) -> FileProblem {
        FileProblem::NotInEncoding {
            encoding: self.encoding,
            line: line_at(self.text.as_bytes()),
        }
    }
}

/// How much text there will be: growing later would take twice the room.
fn room(bytes: &[u8], encoding: Encoding) -> usize {
    match encoding {
        // A letter of one byte becomes two.
        Encoding::Utf8 | Encoding::Legacy(_) => {
            let letters = bytes.iter().filter(|byte| !byte.is_ascii()).count();
            bytes.len() + letters.min(bytes.len() / 8)
        }
        Encoding::Utf16Le | Encoding::Utf16Be => bytes.len() / 2 + bytes.len() / 16,
        Encoding::Utf32Le | Encoding::Utf32Be => bytes.len() / 4 + bytes.len() / 16,
    }
}

/// The wide encoding of a file without a mark: its ASCII letters have zeros beside them.
fn unmarked(bytes: &[u8]) -> Option<Encoding> {
    let beginning = &bytes[..bytes.len().min(BEGINNING)];
    match beginning {
        [1..=0xFF, 0, 0, 0, 1..=0xFF, 0, 0, 0, ..] => return Some(Encoding::Utf32Le),
        [0, 0, 0, 1..=0xFF, 0, 0, 0, 1..=0xFF, ..] => return Some(Encoding::Utf32Be),
        [1..=0xFF, 0, 1..=0xFF, 0, ..] => return Some(Encoding::Utf16Le),
        [0, 1..=0xFF, 0, 1..=0xFF, ..] => return Some(Encoding::Utf16Be),
        _ => {}
    }
    // A header that is not ASCII; delimiters and line ends are.
    let zeros = |parity: usize| {
        let places = beginning.iter().enumerate();
        places
            .filter(|(at, byte)| **byte == 0 && at % 2 == parity)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let enough = beginning.len() / 25;
    if odd >= 2 && odd > enough && even == 0 {
        Some(Encoding::Utf16Le)
    } else if even >= 2 && even > enough && odd == 0 {
        Some(Encoding::Utf16Be)
    } else {
        None
    }
}

/// Whether this is no text: many control characters.
fn is_binary(bytes: &[u8]) -> bool {
    let beginning = &bytes[..bytes.len().min(BEGINNING)];
    let controls = beginning
        .iter()
        .filter(|byte| matches!(byte, 0..=8 | 0xE..=0x1A | 0x1C..=0x1F))
        .count();
    controls >= 3 && controls * 10 > beginning.len()
}

/// Where the first NUL is, which no text has.
fn binary(bytes: &[u8]) -> FileProblem {
    let before = bytes.iter().position(|byte| *byte == 0).unwrap_or(0);
    FileProblem::Binary {
        line: line_at(&bytes[..before]),
    }
}

/// The number of the line that begins or goes on behind these bytes.
pub(super) fn line_at(before: &[u8]) -> u32 {
    let mut line = 1;
    let mut last = 0;
    for &byte in before {
        line += u32::from(byte == b'\r' || (byte == b'\n' && last != b'\r'));
        last = byte;
    }
    line
}

/// Decodes a file whole.
#[cfg(test)]
pub(super) fn decode(bytes: &[u8]) -> Result<(String, Encoding), FileProblem> {
    let mut decoder = Decoder::new(bytes.to_vec(), None, Rc::new(tests::Native))?;
    while !decoder.decode_some(usize::MAX)? {}
    let (text, encoding, _) = decoder.finish();
    Ok((text, encoding))
}

#[cfg(test)]
pub(super) mod tests;
