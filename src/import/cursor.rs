//! Fields and rows, one after the other: RFC 4180 and what programs make of it.

use super::programs::{closes_quote, opens_quote};
use super::read::{FileProblem, MAX_COLUMNS};
use super::table::{Cells, Flaw};

/// Where reading a CSV text is.
pub(super) struct Cursor {
    pub text: String,
    pub at: usize,
    pub line: u32,
    /// ASCII.
    pub delimiter: u8,
    /// What stands around fields that have a delimiter in them. ASCII.
    pub quote: u8,
    /// Whether quotes of typography are quotes where they stand as such.
    pub typographic: bool,
    /// How many fields begin with a quote of typography.
    pub curly: usize,
    /// Whether columns beyond the limit are passed over instead of refused.
    pub lenient: bool,
}

impl Cursor {
    /// At the beginning of a text, whose byte order marks are passed over.
    pub fn new(text: String) -> Self {
        Cursor {
            text,
            at: 0,
            line: 1,
            delimiter: b',',
            quote: b'"',
            typographic: false,
            curly: 0,
            lenient: false,
        }
    }

    pub fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Passes over `sep=;` in the first line.
    pub fn take_sep_line(&mut self) -> Option<u8> {
        self.take_marks();
        let line = self.text[self.at..].split(['\r', '\n']).next()?;
        let bare = line.trim_matches(['"', ' ']);
        let named = bare
            .get(..4)
            .is_some_and(|begin| begin.eq_ignore_ascii_case("sep="));
        let [delimiter] = bare.get(4..).filter(|_| named)?.as_bytes() else {
            // The tab would have been trimmed, and ends of lines with delimiters have more.
            return None;
        };
        let delimiter = *delimiter;
        let usable = delimiter == b'\t' || (delimiter.is_ascii_punctuation() && delimiter != b'"');
        usable.then_some(())?;
        self.at += line.len();
        self.take_line_end();
        Some(delimiter)
    }

    /// Passes over byte order marks: of this file, and of files that were joined to it.
    fn take_marks(&mut self) {
        // Also where an earlier program took it for letters.
        const MARKS: [&str; 2] = ["\u{feff}", "ï»¿"];
        while let Some(mark) = MARKS
            .iter()
            .find(|mark| self.text[self.at..].starts_with(**mark))
        {
            self.at += mark.len();
        }
    }

    /// Passes over one line end, if there is one here.
    fn take_line_end(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let length = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => return,
        };
        self.at += length;
        self.line += 1;
    }

    /// Reads the next row, blank or not; says whether there was one.
    pub fn next(&mut self, cells: &mut Cells) -> Result<bool, FileProblem> {
        self.take_marks();
        if self.is_at_end() {
            return Ok(false);
        }
        let line = self.line;
        cells.begin(line);
        loop {
            let from = cells.text.len();
            self.take_field(cells);
            if cells.begun() < MAX_COLUMNS {
                // MAX_BYTES keeps this below u32::MAX.
                cells.ends.push(cells.text.len() as u32);
            } else if self.lenient || cells.text[from..].trim().is_empty() {
                // Delimiters at the end of a line are no columns, however many there are.
                cells.text.truncate(from);
            } else {
                return Err(FileProblem::TooManyColumns {
                    line,
                    limit: MAX_COLUMNS,
                });
            }
            if self.text.as_bytes().get(self.at) != Some(&self.delimiter) {
                break;
            }
            self.at += 1;
        }
        self.take_line_end();
        Ok(true)
    }

    /// Reads a field up to the delimiter or line end behind it.
    fn take_field(&mut self, cells: &mut Cells) {
        match self.text.as_bytes().get(self.at) {
            Some(byte) if *byte == self.quote => self.take_quoted(cells),
            Some(b' ') => self.take_spaced(cells),
            Some(byte) if !byte.is_ascii() => self.take_curly(cells),
            _ => {}
        }
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest
            .iter()
            .position(|&byte| byte == self.delimiter || byte == b'\n' || byte == b'\r')
            .unwrap_or(rest.len());
        cells.text.push_str(&self.text[self.at..self.at + length]);
        self.at += length;
    }

    /// Reads a quoted field behind spaces: whoever writes a space behind each delimiter means the
    /// quotes as quotes. They do if they close in this line, at the end of the field.
    fn take_spaced(&mut self, cells: &mut Cells) {
        let bytes = self.text.as_bytes();
        let rest = &bytes[self.at..];
        let Some(spaces) = rest.iter().position(|byte| *byte != b' ') else {
            return;
        };
        if rest[spaces] != self.quote {
            return;
        }
        let mut inside = rest[spaces + 1..].iter().peekable();
        loop {
            match inside.next() {
                None | Some(b'\n' | b'\r') => return,
                Some(byte)
                    if *byte == self.quote
                        && inside.next_if(|next| **next == self.quote).is_none() =>
                {
                    break;
                }
                Some(_) => {}
            }
        }
        let is_end = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        if inside.find(|byte| **byte != b' ').is_none_or(is_end) {
            self.at += spaces;
            self.take_quoted(cells);
        }
    }

    /// Reads what is between quotes of typography, if they stand as quotes on both sides; counts
    /// where they open.
    fn take_curly(&mut self, cells: &mut Cells) {
        let rest = &self.text[self.at..];
        let Some(open) = rest.chars().next().filter(|c| opens_quote(*c)) else {
            return;
        };
        self.curly += 1;
        if !self.typographic {
            return;
        }
        let inside = self.at + open.len_utf8();
        let line = self.text[inside..]
            .split(['\r', '\n'])
            .next()
            .unwrap_or_default();
        let ends = line.char_indices().find(|(at, c)| {
            let behind = line[at + c.len_utf8()..].trim_start_matches(' ');
            let is_end = behind.is_empty() || behind.as_bytes()[0] == self.delimiter;
            is_end && closes_quote(open, *c)
        });
        if let Some((at, close)) = ends {
            cells.text.push_str(&line[..at]);
            let behind = &line[at + close.len_utf8()..];
            let spaces = behind.len() - behind.trim_start_matches(' ').len();
            self.at = inside + at + close.len_utf8() + spaces;
        }
    }

    /// Reads what is between quotes, and the spaces behind them.
    fn take_quoted(&mut self, cells: &mut Cells) {
        let opened = self.line;
        self.at += 1;
        let bytes = self.text.as_bytes();
        let mut from = self.at;
        let mut at = self.at;
        loop {
            match bytes.get(at) {
                Some(&byte) if byte == self.quote => {
                    cells.text.push_str(&self.text[from..at]);
                    if bytes.get(at + 1) != Some(&self.quote) {
                        at += 1;
                        break;
                    }
                    from = at + 1;
                    at += 2;
                }
                Some(b'\n') => {
                    self.line += 1;
                    at += 1;
                }
                Some(b'\r') => {
                    self.line += u32::from(bytes.get(at + 1) != Some(&b'\n'));
                    at += 1;
                }
                Some(_) => at += 1,
                None => {
                    cells.text.push_str(&self.text[from..]);
                    self.at = at;
                    let flaw = Flaw::UnclosedQuote { line: opened };
                    cells.note(flaw);
                    return;
                }
            }
        }
        let behind = bytes[at..]
            .iter()
            .position(|&byte| byte != b' ')
            .map_or(bytes.len(), |spaces| at + spaces);
        match bytes.get(behind) {
            None | Some(b'\r' | b'\n') => at = behind,
            Some(&byte) if byte == self.delimiter => at = behind,
            Some(_) => {
                cells.note(Flaw::TextAfterQuote);
            }
        }
        self.at = at;
    }
}
