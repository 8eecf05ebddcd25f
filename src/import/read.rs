//! A file becomes a table: rows with their lines, columns with their meaning.
//!
//! Comma, semicolon or tab are told apart by the header; a first line `sep=;`, as Excel writes
//! it, decides. Quoting is RFC 4180 and what programs make of it: line breaks and doubled quotes
//! inside quotes, a lone quote inside a field, any kind of line end. Nothing is dropped: a field
//! that cannot be read for certain is kept as well as it can be read, with a [`Flaw`].

use super::columns::{Column, Meaning, Role, meaning};
use super::cursor::Cursor;
use super::decode::{Decoder, Encoding};
use super::matching::How;
use super::table::{Cells, Header, Table};

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most rows, without the header.
pub const MAX_ROWS: usize = 500_000;
/// The most columns.
pub const MAX_COLUMNS: usize = 256;

/// Why a file cannot be imported at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileProblem {
    /// No rows; perhaps a header.
    Empty,
    TooLarge {
        bytes: usize,
        limit: usize,
    },
    TooManyRows {
        limit: usize,
    },
    TooManyColumns {
        line: u32,
        limit: usize,
    },
    /// A spreadsheet's own format instead of CSV.
    Spreadsheet,
    /// Not a text.
    Binary {
        line: u32,
    },
    /// `offset` is counted in bytes from 0.
    NotUtf8 {
        offset: usize,
        line: u32,
    },
    NotUtf16 {
        line: u32,
    },
    /// No column of the first row has a known name: probably it is data already.
    NoHeader {
        line: u32,
        first: String,
    },
    /// There is no column for the ID, and IDs are not to be generated.
    NoIdColumn,
}

/// Reads a file whole; see [`Reader`] for doing it in slices.
pub fn read(bytes: &[u8]) -> Result<Table, FileProblem> {
    let mut reader = Reader::open(bytes)?;
    while !reader.read_some(usize::MAX)? {}
    reader.finish()
}

/// Reads a file in slices, so that a page can show progress and stay alive.
///
/// ```
/// use synapse_admin::import::read::Reader;
/// let mut reader = Reader::open(b"id,displayname\njane,Jane\n").unwrap();
/// while !reader.read_some(1000).unwrap() {
///     println!("{:.0} %", reader.progress() * 100.0);
/// }
/// let table = reader.finish().unwrap();
/// assert_eq!(table.line(0), 2);
/// ```
pub struct Reader {
    cursor: Cursor,
    encoding: Encoding,
    header: Cells,
    cells: Cells,
    /// Which columns have a value in some row.
    filled: Vec<bool>,
    blank: usize,
}

/// A file before it is read: decoded in slices.
pub struct Opening(Decoder);

impl Opening {
    /// Looks at the beginning of the file.
    pub fn new(bytes: Vec<u8>) -> Result<Self, FileProblem> {
        if bytes.len() > MAX_BYTES {
            return Err(FileProblem::TooLarge {
                bytes: bytes.len(),
                limit: MAX_BYTES,
            });
        }
        Decoder::new(bytes).map(Opening)
    }

    /// Decodes about so many more bytes; says whether the file is at its end.
    pub fn decode_some(&mut self, max_bytes: usize) -> Result<bool, FileProblem> {
        self.0.decode_some(max_bytes)
    }

    /// How much of the file is decoded, from 0 to 1.
    pub fn progress(&self) -> f64 {
        self.0.progress()
    }

    /// Reads the header of what is decoded.
    pub fn finish(self) -> Result<Reader, FileProblem> {
        let (text, encoding) = self.0.finish();
        let mut cursor = Cursor {
            text,
            at: 0,
            line: 1,
            delimiter: b',',
        };
        match cursor.take_sep_line() {
            Some(delimiter) => cursor.delimiter = delimiter,
            None => cursor.delimiter = cursor.guess_delimiter()?,
        }
        let mut blank = 0;
        let mut header = Cells::default();
        while cursor.next(&mut header)? {
            match header.last() {
                Some(row) if row.is_blank() => blank += 1,
                _ => break,
            }
            header.drop_last();
        }
        let Some(names) = header.row(0) else {
            return Err(FileProblem::Empty);
        };
        let is_known = |name| meaning(name) != Meaning::Role(Role::Unknown);
        if !names.cells().any(is_known) {
            return Err(FileProblem::NoHeader {
                line: names.line,
                first: super::validate::shortened(names.cell(0).trim()),
            });
        }
        let mut cells = Cells::default();
        // Cells are never longer than in the file.
        cells.text.reserve_exact(cursor.text.len() - cursor.at);
        Ok(Reader {
            cursor,
            encoding,
            header,
            cells,
            filled: Vec::new(),
            blank,
        })
    }
}

impl Reader {
    /// Decodes the file and reads its header; see [`Opening`] for doing it in slices.
    pub fn open(bytes: &[u8]) -> Result<Self, FileProblem> {
        let mut opening = Opening::new(bytes.to_vec())?;
        while !opening.decode_some(usize::MAX)? {}
        opening.finish()
    }

    /// Reads at most so many rows; says whether the file has ended.
    pub fn read_some(&mut self, max_rows: usize) -> Result<bool, FileProblem> {
        for _ in 0..max_rows {
            if !self.cursor.next(&mut self.cells)? {
                return Ok(true);
            }
            let Some(row) = self.cells.last() else {
                continue;
            };
            if row.is_blank() && row.flaw.is_none() {
                self.blank += 1;
                self.cells.drop_last();
                continue;
            }
            if row.len() > self.filled.len() {
                self.filled.resize(row.len(), false);
            }
            for (cell, filled) in row.cells().zip(&mut self.filled) {
                *filled = *filled || !cell.trim().is_empty();
            }
            if self.cells.len() > MAX_ROWS {
                return Err(FileProblem::TooManyRows { limit: MAX_ROWS });
            }
        }
        Ok(self.cursor.is_at_end())
    }

    /// How much of the file has been read, from 0 to 1.
    pub fn progress(&self) -> f64 {
        self.cursor.at as f64 / self.cursor.text.len().max(1) as f64
    }

    /// How many rows have been read so far.
    pub fn rows(&self) -> usize {
        self.cells.len()
    }

    /// The table, of what has been read.
    pub fn finish(self) -> Result<Table, FileProblem> {
        let Some(names) = self.header.row(0).filter(|_| self.cells.len() > 0) else {
            return Err(FileProblem::Empty);
        };
        let mut headers: Vec<Header> = Vec::with_capacity(names.len());
        let mut hows: Vec<How> = Vec::with_capacity(names.len());
        let meanings: Vec<Meaning> = names.cells().map(meaning).collect();
        let means = |column| meanings.contains(&Meaning::Role(Role::Column(column)));
        for (index, name) in names.cells().enumerate() {
            let mut role = match meanings[index] {
                Meaning::Role(role) => role,
                Meaning::Name if self.holds_ids(index) => match means(Column::Id) {
                    true => Role::Ignored,
                    false => Role::Column(Column::Id),
                },
                Meaning::Name if self.is_blank(index) && means(Column::DisplayName) => {
                    Role::Ignored
                }
                Meaning::Name => Role::Column(Column::DisplayName),
            };
            let mut how = match role {
                Role::Unknown => How::Unrecognised,
                _ => How::Known,
            };
            if let Role::Column(column) = role
                && !column.takes_several()
                && let Some(first) = headers.iter().position(|header| header.role == role)
            {
                (role, how) = (Role::Unknown, How::Twice { first });
            }
            hows.push(how);
            headers.push(Header {
                name: name.trim().to_owned(),
                role,
            });
        }
        // Delimiters at the end of the header are no columns.
        while headers.len() > 1
            && headers.last().is_some_and(|header| header.name.is_empty())
            && self.is_blank(headers.len() - 1)
        {
            headers.pop();
            hows.pop();
        }
        let mut table = Table::of(headers, hows, self.cells);
        table.encoding = self.encoding;
        table.delimiter = char::from(self.cursor.delimiter);
        table.blank = self.blank;
        Ok(table)
    }

    fn is_blank(&self, column: usize) -> bool {
        !self.filled.get(column).is_some_and(|filled| *filled)
    }

    fn holds_ids(&self, column: usize) -> bool {
        if self.is_blank(column) {
            return false;
        }
        let rows = 0..self.cells.len();
        rows.filter_map(|row| self.cells.row(row))
            .map(|row| row.cell(column).trim())
            .find(|value| !value.is_empty())
            .is_some_and(|value| crate::api::UserId::parse(value).is_some())
    }
}

#[cfg(test)]
mod tests;
