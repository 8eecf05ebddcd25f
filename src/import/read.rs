//! A file becomes a table: rows with their lines, columns with their meaning.
//!
//! Comma, semicolon or tab are told apart by the header; a first line `sep=;`, as Excel writes
//! it, decides. Quoting is RFC 4180 and what programs make of it: line breaks and doubled quotes
//! inside quotes, a lone quote inside a field, any kind of line end. Nothing is dropped: a field
//! that cannot be read for certain is kept as well as it can be read, with a [`Flaw`].

use super::columns::{Column, Meaning, Role, meaning};
use super::decode::{Decoder, Encoding};
use serde::{Deserialize, Serialize};

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
    /// Two headers mean the same. Columns are counted from 1.
    DuplicateColumn {
        column: Column,
        first: (usize, String),
        second: (usize, String),
    },
    /// There is no column for the ID, and IDs are not to be generated.
    NoIdColumn,
}

/// A header and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// As in the file, without spaces around it.
    pub name: String,
    pub role: Role,
}

/// Why the cells of a row may not be what was meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// A quote that never ends opened in this line: the rest of the file is in this field.
    UnclosedQuote { line: u32 },
    /// There is text between the closing quote and the end of the field.
    TextAfterQuote,
}

/// A row of the file.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The line where it begins, from 1.
    pub line: u32,
    text: &'a str,
    /// Where the first cell begins in the text.
    start: u32,
    /// Where each cell ends in the text.
    ends: &'a [u32],
    flaw: Option<(usize, Flaw)>,
}

impl<'a> Row<'a> {
    /// How many cells the row has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the row has no cells.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The cell in this place, from 0; empty if there is none.
    pub fn cell(&self, index: usize) -> &'a str {
        let Some(&end) = self.ends.get(index) else {
            return "";
        };
        let start = match index {
            0 => self.start,
            _ => self.ends[index - 1],
        };
        &self.text[start as usize..end as usize]
    }

    /// All cells.
    pub fn cells(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |index| self.cell(index))
    }

    /// The first flaw, and its cell from 0.
    pub fn flaw(&self) -> Option<(usize, Flaw)> {
        self.flaw
    }

    fn is_blank(&self) -> bool {
        let end = self.ends.last().map_or(self.start, |end| *end);
        self.text[self.start as usize..end as usize]
            .trim()
            .is_empty()
    }
}

/// Rows, all in one text: a few allocations for the whole file instead of some for every row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Cells {
    /// The values of all cells, one behind the other.
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<u32>,
    heads: Vec<Head>,
    /// The first flaw of rows that have one, and its cell from 0; by rows.
    flaws: Vec<(usize, (usize, Flaw))>,
}

/// Where a row begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Head {
    /// In the file, from 1.
    line: u32,
    /// Its first cell among all cells.
    cell: u32,
}

impl Cells {
    fn len(&self) -> usize {
        self.heads.len()
    }

    fn begin(&mut self, line: u32) {
        let cell = self.ends.len() as u32;
        self.heads.push(Head { line, cell });
    }

    /// How many cells the row that was begun has so far.
    fn begun(&self) -> usize {
        let from = self.heads.last().map_or(0, |head| head.cell as usize);
        self.ends.len() - from
    }

    /// Something is wrong with the cell that comes next.
    fn note(&mut self, flaw: Flaw) {
        let cell = self.begun();
        let row = self.len().saturating_sub(1);
        if self.flaws.last().is_none_or(|(of, _)| *of != row) {
            self.flaws.push((row, (cell, flaw)));
        }
    }

    fn row(&self, index: usize) -> Option<Row<'_>> {
        let head = self.heads.get(index)?;
        let from = head.cell as usize;
        let until = match self.heads.get(index + 1) {
            Some(next) => next.cell as usize,
            None => self.ends.len(),
        };
        Some(Row {
            line: head.line,
            text: &self.text,
            start: match from {
                0 => 0,
                _ => self.ends[from - 1],
            },
            ends: &self.ends[from..until],
            flaw: found(&self.flaws, index).copied(),
        })
    }

    fn last(&self) -> Option<Row<'_>> {
        self.row(self.len().checked_sub(1)?)
    }

    /// Takes the last row away again.
    fn drop_last(&mut self) {
        let Some(start) = self.last().map(|row| row.start) else {
            return;
        };
        if let Some(head) = self.heads.pop() {
            self.flaws.pop_if(|(of, _)| *of == self.heads.len());
            self.ends.truncate(head.cell as usize);
            self.text.truncate(start as usize);
        }
    }

    /// The same row with another value in a cell; it has at least `width` cells then.
    fn changed(row: Row<'_>, index: usize, value: &str, width: usize) -> Cells {
        let mut cells = Cells::default();
        cells.begin(row.line);
        for at in 0..row.len().max(index + 1).max(width) {
            let text = if at == index { value } else { row.cell(at) };
            cells.text.push_str(text);
            cells.ends.push(cells.text.len() as u32);
        }
        if let Some(flaw) = row.flaw.filter(|(at, _)| *at != index) {
            cells.flaws.push((0, flaw));
        }
        cells
    }
}

/// What is there for a row, in a list by rows.
fn found<T>(by_row: &[(usize, T)], row: usize) -> Option<&T> {
    let at = by_row.binary_search_by_key(&row, |(of, _)| *of).ok()?;
    by_row.get(at).map(|(_, found)| found)
}

/// The rows of a table.
#[derive(Clone, Copy)]
pub struct Rows<'a>(&'a Table);

impl<'a> Rows<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.0.cells.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The row in this place, from 0.
    pub fn get(self, row: usize) -> Option<Row<'a>> {
        match found(&self.0.changed, row) {
            Some(changed) => changed.row(0),
            None => self.0.cells.row(row),
        }
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = Row<'a>> {
        (0..self.len()).filter_map(move |row| self.get(row))
    }

    /// The row that begins in this line or is the next to do so; none behind the last.
    pub fn at_line(self, line: u32) -> Option<usize> {
        let row = self.0.cells.heads.partition_point(|head| head.line < line);
        (row < self.len()).then_some(row)
    }
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub encoding: Encoding,
    pub delimiter: char,
    pub headers: Vec<Header>,
    /// How many lines without any value were passed over.
    pub blank: usize,
    cells: Cells,
    /// Rows that were changed since, by rows.
    changed: Vec<(usize, Cells)>,
    places: [Option<usize>; Column::COUNT],
}

impl Table {
    /// A table without rows, of what a journal has kept of one; [`Table::push`] adds them.
    pub fn kept(headers: Vec<Header>) -> Self {
        let mut places = [None; Column::COUNT];
        for (index, header) in headers.iter().enumerate() {
            if let Role::Column(column) = header.role {
                places[column as usize] = Some(index);
            }
        }
        Table {
            encoding: Encoding::Utf8,
            delimiter: ',',
            headers,
            blank: 0,
            cells: Cells::default(),
            changed: Vec::new(),
            places,
        }
    }

    /// Adds a row that begins in this line.
    pub fn push<S: AsRef<str>>(&mut self, line: u32, cells: &[S]) {
        self.cells.begin(line);
        for cell in cells {
            self.cells.text.push_str(cell.as_ref());
            self.cells.ends.push(self.cells.text.len() as u32);
        }
    }

    /// The rows, without header and blank lines.
    pub fn rows(&self) -> Rows<'_> {
        Rows(self)
    }

    /// The line where a row begins, from 1; 0 if there is no such row.
    pub fn line(&self, row: usize) -> u32 {
        self.cells.heads.get(row).map_or(0, |head| head.line)
    }

    /// Where a column is, from 0.
    pub fn place(&self, column: Column) -> Option<usize> {
        self.places[column as usize]
    }

    /// Whether the file has the column.
    pub fn has(&self, column: Column) -> bool {
        self.place(column).is_some()
    }

    /// The value of a row in a column as it is in the file; empty if there is none.
    pub fn field(&self, row: usize, column: Column) -> &str {
        match (self.place(column), self.rows().get(row)) {
            (Some(place), Some(row)) => row.cell(place),
            _ => "",
        }
    }

    /// Changes a cell, counted from 0. A row with too few cells gets them.
    pub fn set(&mut self, row: usize, column: usize, value: &str) {
        if column >= MAX_COLUMNS {
            return;
        }
        if let Some(before) = self.rows().get(row) {
            let after = Cells::changed(before, column, value, self.headers.len());
            let at = self.changed.partition_point(|(of, _)| *of < row);
            match self.changed.get_mut(at).filter(|(of, _)| *of == row) {
                Some((_, cells)) => *cells = after,
                None => self.changed.insert(at, (row, after)),
            }
        }
    }

    /// Headers that are not imported.
    pub fn not_imported(&self) -> impl Iterator<Item = &Header> {
        self.headers
            .iter()
            .filter(|header| !matches!(header.role, Role::Column(_)))
    }
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
        let mut places = [None; Column::COUNT];
        let meanings: Vec<Meaning> = names.cells().map(meaning).collect();
        let means = |column| meanings.contains(&Meaning::Role(Role::Column(column)));
        for (index, name) in names.cells().enumerate() {
            let role = match meanings[index] {
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
            if let Role::Column(column) = role {
                let place: &mut Option<usize> = &mut places[column as usize];
                if let Some(first) = *place {
                    let header = |index| (index + 1, names.cell(index).trim().to_owned());
                    return Err(FileProblem::DuplicateColumn {
                        column,
                        first: header(first),
                        second: header(index),
                    });
                }
                *place = Some(index);
            }
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
        }
        Ok(Table {
            encoding: self.encoding,
            delimiter: char::from(self.cursor.delimiter),
            headers,
            blank: self.blank,
            cells: self.cells,
            changed: Vec::new(),
            places,
        })
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

/// Where reading is.
struct Cursor {
    text: String,
    at: usize,
    line: u32,
    /// ASCII.
    delimiter: u8,
}

impl Cursor {
    fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Passes over `sep=;` in the first line.
    fn take_sep_line(&mut self) -> Option<u8> {
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
    fn guess_delimiter(&mut self) -> Result<u8, FileProblem> {
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
    fn next(&mut self, cells: &mut Cells) -> Result<bool, FileProblem> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cells(table: &Table) -> Vec<Vec<&str>> {
        table
            .rows()
            .iter()
            .map(|row| row.cells().collect())
            .collect()
    }

    fn lines(table: &Table) -> Vec<u32> {
        table.rows().iter().map(|row| row.line).collect()
    }

    #[test]
    fn the_file_from_the_guide() {
        let table = read(
            b"id,displayname,password,is_guest,admin,deactivated\n\
              jane.doe,Jane Doe,secretpassword,false,false,false\n",
        )
        .unwrap();
        assert_eq!(table.rows().len(), 1);
        assert_eq!(table.field(0, Column::Id), "jane.doe");
        assert_eq!(table.field(0, Column::DisplayName), "Jane Doe");
        assert_eq!(table.field(0, Column::Password), "secretpassword");
        assert_eq!(table.not_imported().count(), 0);
    }

    #[test]
    fn delimiters_and_line_ends() {
        for text in [
            "id,password\na,1\nb,2\n",
            "id;password\r\na;1\r\nb;2",
            "id\tpassword\ra\t1\rb\t2\r",
            "sep=;\r\nid;password\r\na;1\r\nb;2\r\n",
            "sep=|\nid|password\na|1\nb|2\n",
            "\u{feff} ID , Password \n\n\na,1\n , \n,\nb,2\n\n",
        ] {
            let table = read(text.as_bytes()).unwrap();
            assert_eq!(cells(&table), [["a", "1"], ["b", "2"]], "{text:?}");
        }
        // A comma inside of names does not mislead.
        let table = read(b"id;\"name, first\";displayname;note, a, b, c\na;b;c;d").unwrap();
        assert_eq!(table.delimiter, ';');
    }

    #[test]
    fn quotes() {
        let table = read(
            b"id,displayname\n\
              a,\"Doe, Jane\"\n\
              b,\"two\r\nlines\"\r\n\
              c,\"the \"\"boss\"\"\"\n\
              d,5\" disk\n\
              e,\"spaces behind\"  \n\
              f,\"Jane\" Doe\n",
        )
        .unwrap();
        let names: Vec<&str> = (0..6)
            .map(|row| table.field(row, Column::DisplayName))
            .collect();
        assert_eq!(
            names,
            [
                "Doe, Jane",
                "two\r\nlines",
                "the \"boss\"",
                "5\" disk",
                "spaces behind",
                "Jane Doe"
            ]
        );
        assert_eq!(lines(&table), [2, 3, 5, 6, 7, 8]);
        let flaws: Vec<_> = table.rows().iter().filter_map(|row| row.flaw()).collect();
        assert_eq!(flaws, [(1, Flaw::TextAfterQuote)]);
    }

    #[test]
    fn a_quote_that_never_ends() {
        let table = read(b"id,displayname\na,x\nb,\"y\nc,z\n").unwrap();
        assert_eq!(cells(&table), [vec!["a", "x"], vec!["b", "y\nc,z\n"]]);
        assert_eq!(
            table.rows().get(1).unwrap().flaw(),
            Some((1, Flaw::UnclosedQuote { line: 3 }))
        );
    }

    #[test]
    fn lines_are_counted_over_blank_ones() {
        let table = read(b"\n\nid\r\n\r\na\r\n\n\rb").unwrap();
        assert_eq!((lines(&table), table.blank), (vec![5, 8], 5));
    }

    #[test]
    fn files_that_are_none() {
        let problem = |text: &[u8]| read(text).unwrap_err();
        assert_eq!(problem(b""), FileProblem::Empty);
        assert_eq!(problem(b" \n\n"), FileProblem::Empty);
        assert_eq!(problem(b"id,password\n\n"), FileProblem::Empty);
        assert_eq!(
            problem(b"\njane.doe,Jane Doe,secret\n"),
            FileProblem::NoHeader {
                line: 2,
                first: "jane.doe".into()
            }
        );
        assert_eq!(
            problem(b"id,display name,Displayname\na,b,c\n"),
            FileProblem::DuplicateColumn {
                column: Column::DisplayName,
                first: (2, "display name".into()),
                second: (3, "Displayname".into()),
            }
        );
        assert_eq!(
            problem(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
            FileProblem::Binary { line: 3 }
        );
        let wide = format!("id\n{}\n", ",".repeat(MAX_COLUMNS));
        assert_eq!(
            problem(wide.as_bytes()),
            FileProblem::TooManyColumns {
                line: 2,
                limit: MAX_COLUMNS
            }
        );
        let large = vec![b'a'; MAX_BYTES + 1];
        assert_eq!(
            problem(&large),
            FileProblem::TooLarge {
                bytes: MAX_BYTES + 1,
                limit: MAX_BYTES
            }
        );
        let long = "id\n".to_owned() + &"a\n".repeat(MAX_ROWS + 1);
        assert_eq!(
            problem(long.as_bytes()),
            FileProblem::TooManyRows { limit: MAX_ROWS }
        );
    }

    #[test]
    fn unknown_columns_are_named() {
        let table = read(b"id,shoe size,error,\na,42,no,\n").unwrap();
        let names: Vec<_> = table
            .not_imported()
            .map(|header| (header.name.as_str(), header.role))
            .collect();
        assert_eq!(
            names,
            [("shoe size", Role::Unknown), ("error", Role::Ignored)]
        );
        assert_eq!(table.headers.len(), 3);
    }

    #[test]
    fn name_is_what_its_values_are() {
        let role = |text: &str, index: usize| read(text.as_bytes()).unwrap().headers[index].role;
        let name = Role::Column(Column::DisplayName);
        assert_eq!(role("id,name\na,Jane\n", 1), name);
        assert_eq!(
            role("name,admin\n@a:b.org,0\n", 0),
            Role::Column(Column::Id)
        );
        let export = "id,avatar_src,displayname,name,is_guest,admin\n\
                      @a:b.org,,Jane,@a:b.org,0,1\n";
        assert_eq!(role(export, 3), Role::Ignored);
        assert!(matches!(
            read(b"id,name,displayname\na,Jane,Doe\n"),
            Err(FileProblem::DuplicateColumn { .. })
        ));
    }

    #[test]
    fn cells_are_changed_in_place() {
        let mut table = read(b"id,displayname,password\na\nb,\"x\" y,z\n").unwrap();
        table.set(0, 1, "Jane");
        assert_eq!(cells(&table)[0], ["a", "Jane", ""]);
        table.set(1, 0, "c");
        assert!(table.rows().get(1).unwrap().flaw().is_some());
        table.set(1, 1, "");
        assert_eq!(cells(&table)[1], ["c", "", "z"]);
        assert!(table.rows().get(1).unwrap().flaw().is_none());
        table.set(7, 7, "nowhere");
    }

    fn quoted(field: &str) -> String {
        format!("\"{}\"", field.replace('"', "\"\""))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            rows in prop::collection::vec(prop::collection::vec("[^\0]{0,8}", 2..=2), 1..6),
            delimiter in prop::sample::select(vec![',', ';', '\t']),
            end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
        ) {
            let mut text = format!("id{delimiter}displayname{end}");
            for row in &rows {
                let line: Vec<String> = row.iter().map(|field| quoted(field)).collect();
                text += &line.join(&delimiter.to_string());
                text += end;
            }
            let blank = |row: &&Vec<String>| row.iter().all(|field| field.trim().is_empty());
            match read(text.as_bytes()) {
                Ok(table) => {
                    let wrote: Vec<_> = rows.iter().filter(|row| !blank(row)).collect();
                    prop_assert_eq!(cells(&table).len(), wrote.len());
                    for (read, wrote) in cells(&table).iter().zip(wrote) {
                        prop_assert_eq!(read, wrote);
                    }
                    prop_assert_eq!(table.delimiter, delimiter);
                    prop_assert!(table.rows().iter().all(|row| row.flaw().is_none()));
                }
                Err(problem) => {
                    prop_assert_eq!(problem, FileProblem::Empty);
                    prop_assert!(rows.iter().all(|row| blank(&row)));
                }
            }
        }

        #[test]
        fn plain_files_read_as_the_csv_crate_reads_them(text in "[a-c,\"\n]{0,40}") {
            let file = format!("id,displayname\n{text}");
            let mut reader = csv::ReaderBuilder::new()
                .flexible(true)
                .from_reader(file.as_bytes());
            let theirs: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .filter(|row: &Vec<String>| !row.concat().trim().is_empty())
                .collect();
            if let Ok(table) = read(file.as_bytes())
                && table.rows().iter().all(|row| row.flaw().is_none())
            {
                prop_assert_eq!(cells(&table), theirs);
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>, step in 1_usize..5) {
            let file: Vec<u8> = b"id,displayname\n".iter().copied().chain(bytes).collect();
            let whole = read(&file);
            let sliced = Reader::open(&file).and_then(|mut reader| {
                while !reader.read_some(step)? {
                    assert!(reader.progress() <= 1.0);
                }
                reader.finish()
            });
            prop_assert_eq!(whole, sliced);
        }
    }
}
