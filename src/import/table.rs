//! A table: rows with their lines, columns with what they are taken for.

use super::columns::{HeaderRole, ImportColumn};
use super::decode::Encoding;
use super::encodings::Offer;
use super::matching::MatchedBy;
use super::read::MAX_COLUMNS;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The name of the column, in a file of failed rows, with what went wrong.
pub(super) const ERROR: &str = "error";

/// A header and what it means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// As in the file, without spaces around it.
    pub name: String,
    pub role: HeaderRole,
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
pub struct FileRow<'a> {
    /// The line where it begins, from 1.
    pub line: u32,
    text: &'a str,
    /// Where the first cell begins in the text.
    start: u32,
    /// Where each cell ends in the text.
    ends: &'a [u32],
    pub(super) flaw: Option<(usize, Flaw)>,
}

impl<'a> FileRow<'a> {
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

    /// All cells of a row, in the order of the columns.
    pub fn cells(self) -> impl Iterator<Item = &'a str> {
        (0..self.len()).map(move |index| self.cell(index))
    }

    /// The first flaw, and its cell from 0.
    pub fn flaw(&self) -> Option<(usize, Flaw)> {
        self.flaw
    }

    pub(super) fn is_blank(&self) -> bool {
        let end = self.ends.last().map_or(self.start, |end| *end);
        self.text[self.start as usize..end as usize]
            .trim()
            .is_empty()
    }
}

/// Rows, all in one text: a few allocations for the whole file instead of some for every row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Cells {
    /// The values of all cells, one behind the other.
    pub(super) text: String,
    /// Where each cell ends in the text.
    pub(super) ends: Vec<u32>,
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
    pub(super) fn len(&self) -> usize {
        self.heads.len()
    }

    pub(super) fn begin(&mut self, line: u32) {
        let cell = self.ends.len() as u32;
        self.heads.push(Head { line, cell });
    }

    /// How many cells the row that was begun has so far.
    pub(super) fn begun(&self) -> usize {
        let from = self.heads.last().map_or(0, |head| head.cell as usize);
        self.ends.len() - from
    }

    /// Something is wrong with the cell that comes next.
    pub(super) fn note(&mut self, flaw: Flaw) {
        let cell = self.begun();
        let row = self.len().saturating_sub(1);
        if self.flaws.last().is_none_or(|(of, _)| *of != row) {
            self.flaws.push((row, (cell, flaw)));
        }
    }

    pub(super) fn row(&self, index: usize) -> Option<FileRow<'_>> {
        let head = self.heads.get(index)?;
        let from = head.cell as usize;
        let until = match self.heads.get(index + 1) {
            Some(next) => next.cell as usize,
            None => self.ends.len(),
        };
        Some(FileRow {
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

    pub(super) fn last(&self) -> Option<FileRow<'_>> {
        self.row(self.len().checked_sub(1)?)
    }

    /// Takes the last row away again.
    pub(super) fn drop_last(&mut self) {
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
    fn changed(row: FileRow<'_>, index: usize, value: &str, width: usize) -> Cells {
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
    pub fn get(self, row: usize) -> Option<FileRow<'a>> {
        match self.0.changed.get(&row) {
            Some(changed) => changed.row(0),
            None => self.0.cells.row(row),
        }
    }

    /// All rows of the table, in the order of the file.
    pub fn iter(self) -> impl Iterator<Item = FileRow<'a>> {
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
    /// The encodings that the file may have, best first; none if it says itself. Unless a person
    /// has chosen it, `encoding` is a guess then.
    pub offers: Vec<Offer>,
    /// The line where the names of the columns are, if there are any.
    pub header: Option<u32>,
    /// What stands before the header, with its lines: titles, comments. The first ones.
    pub before: Vec<(u32, String)>,
    /// How many rows say the header again, as in files that were joined; they were passed over.
    pub repeated: usize,
    /// The line of the first row that names columns in another way than the header does: another
    /// table may begin there.
    pub other_header: Option<u32>,
    /// Whether each line was wrapped in quotes, or the table ruled for people.
    pub is_bare: bool,
    /// How many fields begin with a quote of typography, see
    /// [`ReadAs::typographic`](super::read::ReadAs::typographic).
    pub curly: usize,
    /// In which row, from 0, each column of the file has its first value.
    pub(super) filled: Vec<Option<usize>>,
    /// Why each column is taken for what it is.
    pub(super) hows: Vec<MatchedBy>,
    pub(super) cells: Cells,
    /// Rows that were changed since.
    changed: BTreeMap<usize, Cells>,
    /// Cells that are meant as they are, by row and column, from 0.
    as_meant: BTreeSet<(usize, usize)>,
    /// The first column of each kind, from 0.
    places: [Option<usize>; ImportColumn::COUNT],
}

impl Table {
    /// A table without rows, of what a journal has kept of one; [`Table::push`] adds them.
    pub fn kept(headers: Vec<Header>) -> Self {
        let hows = vec![MatchedBy::Chosen; headers.len()];
        Table::of(headers, hows, Cells::default())
    }

    pub(super) fn of(headers: Vec<Header>, hows: Vec<MatchedBy>, cells: Cells) -> Self {
        let mut table = Table {
            encoding: Encoding::Utf8,
            delimiter: ',',
            headers,
            blank: 0,
            offers: Vec::new(),
            header: None,
            before: Vec::new(),
            repeated: 0,
            other_header: None,
            is_bare: false,
            curly: 0,
            filled: Vec::new(),
            hows,
            cells,
            changed: BTreeMap::new(),
            as_meant: BTreeSet::new(),
            places: [None; ImportColumn::COUNT],
        };
        table.find_places();
        table
    }

    fn find_places(&mut self) {
        self.places = [None; ImportColumn::COUNT];
        for (index, header) in self.headers.iter().enumerate() {
            if let HeaderRole::Column(column) = header.role {
                self.places[column as usize].get_or_insert(index);
            }
        }
    }

    pub(super) fn hows(&self) -> &[MatchedBy] {
        &self.hows
    }

    pub(super) fn set_how(&mut self, index: usize, how: MatchedBy) {
        self.hows[index] = how;
    }

    pub(super) fn set_role(&mut self, index: usize, role: HeaderRole, how: MatchedBy) {
        self.headers[index].role = role;
        self.hows[index] = how;
        self.find_places();
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

    /// Where a column is, from 0; the first one if there are several.
    pub fn place(&self, column: ImportColumn) -> Option<usize> {
        self.places[column as usize]
    }

    /// Where the column is, from 0, in which a file of failed rows says what went wrong.
    pub fn place_of_errors(&self) -> Option<usize> {
        self.headers.iter().position(|header| {
            header.role == HeaderRole::Ignored && header.name.eq_ignore_ascii_case(ERROR)
        })
    }

    /// Where all columns of this kind are, from 0.
    pub fn places(&self, column: ImportColumn) -> impl Iterator<Item = usize> {
        let headers = self.headers.iter().enumerate();
        headers.filter_map(move |(at, header)| {
            (header.role == HeaderRole::Column(column)).then_some(at)
        })
    }

    /// Whether the file has the column.
    pub fn has(&self, column: ImportColumn) -> bool {
        self.place(column).is_some()
    }

    /// The value of a row in a column as it is in the file; empty if there is none.
    pub fn field(&self, row: usize, column: ImportColumn) -> &str {
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
            self.changed.insert(row, after);
            self.as_meant.remove(&(row, column));
        }
    }

    /// Takes a cell as it is, whatever it looks like: see
    /// [`Severity::Question`](super::validate::Severity::Question). Until its value is changed.
    /// A cell that is missing is meant to be empty, and so are those after it. The row is to be checked again.
    pub fn keep(&mut self, row: usize, column: usize) {
        let is_short = |cells: FileRow<'_>| (cells.len()..self.headers.len()).contains(&column);
        if self.rows().get(row).is_some_and(is_short) {
            self.set(row, column, "");
        }
        self.as_meant.insert((row, column));
    }

    /// The opposite of [`Table::keep`].
    pub fn doubt(&mut self, row: usize, column: usize) {
        self.as_meant.remove(&(row, column));
    }

    /// Whether a cell is meant as it is.
    pub fn is_kept(&self, row: usize, column: usize) -> bool {
        self.as_meant.contains(&(row, column))
    }

    /// Whether anything in it was said by a person: a value that is not that of the file, or that a cell
    /// is meant as it is.
    pub fn is_corrected(&self) -> bool {
        let is_other = |(row, now): (&usize, &Cells)| {
            let (Some(was), Some(is)) = (self.cells.row(*row), now.row(0)) else {
                return false;
            };
            (0..was.len().max(is.len())).any(|column| was.cell(column) != is.cell(column))
        };
        !self.as_meant.is_empty() || self.changed.iter().any(is_other)
    }

    /// Headers that are not imported.
    pub fn not_imported(&self) -> impl Iterator<Item = &Header> {
        self.headers
            .iter()
            .filter(|header| !matches!(header.role, HeaderRole::Column(_)))
    }
}
