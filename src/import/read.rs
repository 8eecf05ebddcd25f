//! A file becomes a table: rows with their lines, columns with their meaning.
//!
//! How the file is laid out is found out (see `layout`) unless a person says it, in [`ReadAs`].
//! Quoting is RFC 4180 and what programs make of it: line breaks and doubled quotes inside quotes,
//! a lone quote inside a field, any kind of line end. Nothing is dropped: a field that cannot be
//! read for certain is kept as well as it can be read, with a [`Flaw`](super::table::Flaw).

use super::columns::{HeaderRole, Meaning, are_columns, meaning};
use super::cursor::Cursor;
use super::decode::{Decoder, Decoders, Encoding};
use super::encodings::Offer;
use super::foreign::Foreign;
use super::guess::guess;
use super::layout;
use super::table::{Cells, ERROR, FileRow, Table};
use std::error::Error;
use std::fmt;
use std::rc::Rc;

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 64 * 1024 * 1024;
/// The most rows, without the header.
pub const MAX_ROWS: usize = 500_000;
/// The most columns.
pub const MAX_COLUMNS: usize = 256;
/// How many lines before the header are shown.
const MAX_BEFORE: usize = 20;

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
    /// Those at the end of a line that are empty do not count.
    TooManyColumns {
        line: u32,
        limit: usize,
    },
    /// A spreadsheet's own format instead of CSV.
    Spreadsheet,
    /// Another kind of file.
    Foreign {
        what: Foreign,
    },
    /// Not a text.
    Binary {
        line: u32,
    },
    /// `offset` is counted in bytes from 0. See [`Opening::offers`] for what it may be.
    NotUtf8 {
        offset: usize,
        line: u32,
    },
    /// The file ends within a character: it was not copied to its end.
    CutOff {
        line: u32,
    },
    /// The encoding does not have what is in this line.
    NotInEncoding {
        encoding: Encoding,
        line: u32,
    },
    /// There is no column for the ID, and IDs are not to be generated.
    NoIdColumn,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FileProblem::Empty => f.write_str("no rows"),
            FileProblem::TooLarge { bytes, limit } => {
                write!(f, "{bytes} bytes, of which {limit} are allowed")
            }
            FileProblem::TooManyRows { limit } => write!(f, "more than {limit} rows"),
            FileProblem::TooManyColumns { line, limit } => {
                write!(f, "line {line}: more than {limit} columns")
            }
            FileProblem::Spreadsheet => f.write_str("a spreadsheet, not CSV"),
            FileProblem::Foreign { what } => write!(f, "not CSV but {what:?}"),
            FileProblem::Binary { line } => write!(f, "line {line}: not text"),
            FileProblem::NotUtf8 { offset, line } => {
                write!(f, "line {line}, byte {offset}: not UTF-8")
            }
            FileProblem::CutOff { line } => write!(f, "line {line}: ends within a character"),
            FileProblem::NotInEncoding { encoding, line } => {
                write!(f, "line {line}: not in the encoding {encoding:?}")
            }
            FileProblem::NoIdColumn => f.write_str("no column for the ID"),
        }
    }
}

impl Error for FileProblem {}

/// How a person says that a file is to be read. What they do not say is found out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadAs {
    pub encoding: Option<Encoding>,
    /// ASCII.
    pub delimiter: Option<char>,
    pub header: Option<HeaderAt>,
    /// Whether quotes of typography are quotes where they stand as such.
    pub typographic: bool,
}

/// Where the names of the columns are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderAt {
    /// In the row that begins in this line or is the next to do so. What is before is no row.
    Line(u32),
    /// Nowhere: all rows are users.
    Nowhere,
}

/// Reads a file whole; see [`Reader`] for doing it in slices.
#[cfg(test)]
pub(super) fn read(bytes: &[u8]) -> Result<Table, FileProblem> {
    read_as(bytes, &ReadAs::default())
}

/// Reads a whole file as a person says that it is to be read.
#[cfg(test)]
pub(super) fn read_as(bytes: &[u8], how: &ReadAs) -> Result<Table, FileProblem> {
    let decoders = Rc::new(super::decode::tests::Native);
    let mut opening = Opening::new(bytes.to_vec(), how, decoders)?;
    while !opening.decode_some(usize::MAX)? {}
    let mut reader = opening.finish()?;
    while !reader.read_some(usize::MAX)? {}
    reader.finish()
}

/// Reads a file in slices, so that a page can show progress and stay alive.
///
/// ```
/// use std::rc::Rc;
/// use synapse_admin::import::decode::BuiltIn;
/// use synapse_admin::import::read::{Opening, ReadAs};
///
/// let file = b"id,displayname\njane,Jane\n".to_vec();
/// let mut opening = Opening::new(file, &ReadAs::default(), Rc::new(BuiltIn)).unwrap();
/// while !opening.decode_some(1000).unwrap() {}
/// let mut reader = opening.finish().unwrap();
/// while !reader.read_some(1000).unwrap() {
///     println!("{:.0} %", reader.progress() * 100.0);
/// }
/// let table = reader.finish().unwrap();
/// assert_eq!(table.line(0), 2);
/// ```
pub struct Reader {
    cursor: Cursor,
    encoding: Encoding,
    offers: Vec<Offer>,
    is_bare: bool,
    before: Vec<(u32, String)>,
    header: Option<Cells>,
    width: usize,
    cells: Cells,
    /// In which row, from 0, each column has its first value.
    filled: Vec<Option<usize>>,
    blank: usize,
    repeated: usize,
    other_header: Option<u32>,
}

/// A file before it is read: decoded in slices.
pub struct Opening {
    decoder: Decoder,
    how: ReadAs,
}

impl Opening {
    /// Looks at the beginning of the file.
    pub fn new(
        bytes: Vec<u8>,
        how: &ReadAs,
        decoders: Rc<dyn Decoders>,
    ) -> Result<Self, FileProblem> {
        if bytes.len() > MAX_BYTES {
            return Err(FileProblem::TooLarge {
                bytes: bytes.len(),
                limit: MAX_BYTES,
            });
        }
        Ok(Opening {
            decoder: Decoder::new(bytes, how.encoding, decoders)?,
            how: how.clone(),
        })
    }

    /// Decodes about so many more bytes; says whether the file is at its end.
    pub fn decode_some(&mut self, max_bytes: usize) -> Result<bool, FileProblem> {
        self.decoder.decode_some(max_bytes)
    }

    /// How much of the file is decoded, from 0 to 1.
    pub fn progress(&self) -> f64 {
        self.decoder.progress()
    }

    /// The encodings that the file may have, best first; none if it says itself. Also after it
    /// could not be decoded.
    pub fn offers(&self) -> &[Offer] {
        self.decoder.offers()
    }

    /// Reads the header of what is decoded.
    pub fn finish(self) -> Result<Reader, FileProblem> {
        let (text, encoding, offers) = self.decoder.finish();
        if let Some(what) = super::foreign::of_text(&text) {
            return Err(FileProblem::Foreign { what });
        }
        let (text, is_bare) = layout::bare(text);
        let mut cursor = Cursor::new(text);
        cursor.typographic = self.how.typographic;
        let layout = layout::find(&mut cursor, &self.how)?;
        let mut blank = 0;
        let mut before = Vec::new();
        let mut header = None;
        if let Some(line) = layout.header {
            let mut cells = Cells::default();
            while cursor.next(&mut cells)? {
                match cells.last() {
                    Some(row) if row.line >= line => break,
                    Some(row) if row.is_blank() => blank += 1,
                    Some(row) if before.len() < MAX_BEFORE => {
                        let texts = row.cells().map(str::trim);
                        let texts: Vec<&str> = texts.filter(|text| !text.is_empty()).collect();
                        let text = super::validate::shortened(&texts.join(" "));
                        before.push((row.line, text));
                    }
                    _ => {}
                }
                cells.drop_last();
            }
            header = Some(cells);
        }
        let mut cells = Cells::default();
        // Cells are never longer than in the file.
        cells.text.reserve_exact(cursor.text.len() - cursor.at);
        Ok(Reader {
            cursor,
            encoding,
            offers,
            is_bare,
            before,
            header,
            width: layout.width,
            cells,
            filled: Vec::new(),
            blank,
            repeated: 0,
            other_header: None,
        })
    }
}

impl Reader {
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
            let header = self.header.as_ref().and_then(|header| header.row(0));
            let is_again = header.is_some_and(|header| {
                let mut pairs = header.cells().zip(row.cells());
                // A user may be called `id`.
                row.len() > 1
                    && header.len() == row.len()
                    && pairs.all(|(name, cell)| is_same_name(name, cell))
            });
            if !is_again
                && self.other_header.is_none()
                && header.is_some_and(|header| is_other_header(header, row))
            {
                self.other_header = Some(row.line);
            }
            if is_again {
                self.repeated += 1;
                self.cells.drop_last();
                continue;
            }
            if row.len() > self.filled.len() {
                self.filled.resize(row.len(), None);
            }
            let place = self.cells.len() - 1;
            for (cell, filled) in row.cells().zip(&mut self.filled) {
                *filled = filled.or_else(|| (!cell.trim().is_empty()).then_some(place));
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
        if self.cells.len() == 0 {
            return Err(FileProblem::Empty);
        }
        let header = self.header.as_ref().and_then(|header| header.row(0));
        let names: Vec<&str> = header.map_or(Vec::new(), |header| header.cells().collect());
        let width = if header.is_some() { 0 } else { self.width };
        let (mut headers, mut hows) = guess(&names, width, &self.cells);
        let line = header.map(|header| header.line);
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
        table.offers = self.offers;
        table.delimiter = char::from(self.cursor.delimiter);
        table.header = line;
        table.before = self.before;
        table.is_bare = self.is_bare;
        table.curly = self.cursor.curly;
        table.repeated = self.repeated;
        table.other_header = self.other_header;
        table.blank = self.blank;
        table.filled = self.filled;
        Ok(table)
    }

    fn is_blank(&self, column: usize) -> bool {
        !self.filled.get(column).is_some_and(Option::is_some)
    }
}

fn is_same_name(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

/// Whether a row names columns, two at least and others than the header does.
fn is_other_header(header: FileRow<'_>, row: FileRow<'_>) -> bool {
    let cells = || row.cells().map(str::trim).enumerate();
    let is_error = |at| is_same_name(header.cell(at), ERROR);
    let filled = || cells().filter(|(at, cell)| !cell.is_empty() && !is_error(*at));
    // Few IDs are a word; few rows need a closer look.
    let is_word = |cell: &str| {
        cell.len() < 40 && !cell.contains(['.', '@']) && cell.contains(char::is_alphabetic)
    };
    let is_named = |cell: &str| meaning(cell) != Meaning::Role(HeaderRole::Unknown);
    filled().count() > 1
        && filled().all(|(_, cell)| is_word(cell))
        && filled().all(|(_, cell)| is_named(cell))
        && filled().any(|(at, cell)| meaning(cell) != meaning(header.cell(at)))
        && are_columns(&filled().map(|(_, cell)| cell).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests;
