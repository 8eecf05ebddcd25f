//! Fields and rows, one after the other: RFC 4180 and what programs make of it.

use super::columns::{Meaning, Role, meaning};
use super::read::{FileProblem, MAX_COLUMNS};
use super::table::{Cells, Flaw};

/// Where reading is.
pub(super) struct Cursor {
    pub text: String,
    pub at: usize,
    pub line: u32,
    /// ASCII.
    pub delimiter: u8,
}

impl Cursor {
    pub fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Passes over `sep=;` in the first line.
    pub fn take_sep_line(&mut self) -> Option<u8> {
        let line = self.text.split(['\r', '\n']).next()?;
        let bare = line.trim_matches('"');
        let [delimiter] = bare.strip_prefix("sep=")?.as_bytes() else {
            return None;
        };
        let delimiter = *delimiter;
        let usable = delimiter == b'\t' || (delimiter.is_ascii_punctuation() && delimiter != b'"');
        usable.then_some(())?;
        self.at = line.len();
        self.take_line_end();
        Some(delimiter)
    }

    /// The delimiter with which the header has the most known names, then the most names.
    pub fn guess_delimiter(&mut self) -> Result<u8, FileProblem> {
        let (at, line) = (self.at, self.line);
        let mut best = (0, 0, b',');
        for delimiter in *b",;\t" {
            self.delimiter = delimiter;
            let mut header = Cells::default();
            let read = loop {
                match self.next(&mut header) {
                    Ok(true) if header.last().is_some_and(|row| row.is_blank()) => {
                        header.drop_last();
                    }
                    read => break read,
                }
            };
            (self.at, self.line) = (at, line);
            let (Ok(true), Some(header)) = (read, header.row(0)) else {
                continue;
            };
            let known = header
                .cells()
                .filter(|name| meaning(name) != Meaning::Role(Role::Unknown))
                .count();
            if (known, header.len()) > (best.0, best.1) {
                best = (known, header.len(), delimiter);
            }
        }
        Ok(best.2)
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
        if self.is_at_end() {
            return Ok(false);
        }
        let line = self.line;
        cells.begin(line);
        loop {
            if cells.begun() == MAX_COLUMNS {
                return Err(FileProblem::TooManyColumns {
                    line,
                    limit: MAX_COLUMNS,
                });
            }
            self.take_field(cells);
            // MAX_BYTES keeps this below u32::MAX.
            cells.ends.push(cells.text.len() as u32);
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
        if self.text.as_bytes().get(self.at) == Some(&b'"') {
            self.take_quoted(cells);
        }
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest
            .iter()
            .position(|&byte| byte == self.delimiter || byte == b'\n' || byte == b'\r')
            .unwrap_or(rest.len());
        cells.text.push_str(&self.text[self.at..self.at + length]);
        self.at += length;
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
                Some(b'"') => {
                    cells.text.push_str(&self.text[from..at]);
                    if bytes.get(at + 1) != Some(&b'"') {
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
