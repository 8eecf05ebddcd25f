//! A file becomes a table: rows with their lines, columns with their meaning.
//!
//! Comma, semicolon or tab are told apart by the header; a first line `sep=;`, as Excel writes
//! it, decides. Quoting is RFC 4180 and what programs make of it: line breaks and doubled quotes
//! inside quotes, a lone quote inside a field, any kind of line end. Nothing is dropped: a field
//! that cannot be read for certain is kept as well as it can be read, with a [`Flaw`].

use super::columns::{Column, Meaning, Role, meaning};
use super::decode::{Encoding, decode};

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
#[derive(Clone, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line where it begins, from 1.
    pub line: u32,
    text: String,
    /// Where each cell ends in the text.
    ends: Vec<u32>,
    /// The first flaw, and its cell from 0.
    flaw: Option<(usize, Flaw)>,
}

impl Row {
    /// How many cells the row has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether the row has no cells.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The cell in this place, from 0; empty if there is none.
    pub fn cell(&self, index: usize) -> &str {
        let Some(&end) = self.ends.get(index) else {
            return "";
        };
        let start = match index {
            0 => 0,
            _ => self.ends[index - 1],
        };
        &self.text[start as usize..end as usize]
    }

    /// All cells.
    pub fn cells(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).map(|index| self.cell(index))
    }

    /// The first flaw, and its cell from 0.
    pub fn flaw(&self) -> Option<(usize, Flaw)> {
        self.flaw
    }

    fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    fn set(&mut self, index: usize, value: &str) {
        let cells = self.len().max(index + 1);
        let mut text = String::with_capacity(self.text.len() + value.len());
        let mut ends = Vec::with_capacity(cells);
        for at in 0..cells {
            text.push_str(if at == index { value } else { self.cell(at) });
            ends.push(text.len() as u32);
        }
        if self.flaw.is_some_and(|(at, _)| at == index) {
            self.flaw = None;
        }
        (self.text, self.ends) = (text, ends);
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
    rows: Vec<Row>,
    places: [Option<usize>; Column::COUNT],
}

impl Table {
    /// The rows, without header and blank lines.
    pub fn rows(&self) -> &[Row] {
        &self.rows
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
        match (self.place(column), self.rows.get(row)) {
            (Some(place), Some(row)) => row.cell(place),
            _ => "",
        }
    }

    /// Changes a cell, counted from 0. A row with too few cells gets them.
    pub fn set(&mut self, row: usize, column: usize, value: &str) {
        let width = self.headers.len();
        if let Some(row) = self.rows.get_mut(row)
            && column < MAX_COLUMNS
        {
            row.set(column, value);
            if row.len() < width {
                let last = row.cell(width - 1).to_owned();
                row.set(width - 1, &last);
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
/// assert_eq!(table.rows()[0].line, 2);
/// ```
pub struct Reader {
    cursor: Cursor,
    encoding: Encoding,
    header: Row,
    rows: Vec<Row>,
    blank: usize,
}

impl Reader {
    /// Decodes the file and reads its header.
    pub fn open(bytes: &[u8]) -> Result<Self, FileProblem> {
        if bytes.len() > MAX_BYTES {
            return Err(FileProblem::TooLarge {
                bytes: bytes.len(),
                limit: MAX_BYTES,
            });
        }
        let (text, encoding) = decode(bytes)?;
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
        let header = loop {
            match cursor.next()? {
                Some(row) if row.is_blank() => blank += 1,
                Some(row) => break row,
                None => return Err(FileProblem::Empty),
            }
        };
        let is_known = |name| meaning(name) != Meaning::Role(Role::Unknown);
        if !header.cells().any(is_known) {
            return Err(FileProblem::NoHeader {
                line: header.line,
                first: super::validate::shortened(header.cell(0).trim()),
            });
        }
        Ok(Reader {
            cursor,
            encoding,
            header,
            rows: Vec::new(),
            blank,
        })
    }

    /// Reads at most so many rows; says whether the file has ended.
    pub fn read_some(&mut self, max_rows: usize) -> Result<bool, FileProblem> {
        for _ in 0..max_rows {
            match self.cursor.next()? {
                None => return Ok(true),
                Some(row) if row.is_blank() && row.flaw.is_none() => self.blank += 1,
                Some(_) if self.rows.len() == MAX_ROWS => {
                    return Err(FileProblem::TooManyRows { limit: MAX_ROWS });
                }
                Some(row) => self.rows.push(row),
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
        self.rows.len()
    }

    /// The table, of what has been read.
    pub fn finish(self) -> Result<Table, FileProblem> {
        if self.rows.is_empty() {
            return Err(FileProblem::Empty);
        }
        let mut headers: Vec<Header> = Vec::with_capacity(self.header.len());
        let mut places = [None; Column::COUNT];
        let meanings: Vec<Meaning> = self.header.cells().map(meaning).collect();
        let means = |column| meanings.contains(&Meaning::Role(Role::Column(column)));
        for (index, name) in self.header.cells().enumerate() {
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
                    let header = |index| (index + 1, self.header.cell(index).trim().to_owned());
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
            rows: self.rows,
            places,
        })
    }

    fn values(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row.cell(column).trim())
    }

    fn is_blank(&self, column: usize) -> bool {
        self.values(column).all(str::is_empty)
    }

    fn holds_ids(&self, column: usize) -> bool {
        self.values(column)
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
            let header = loop {
                match self.next() {
                    Ok(Some(row)) if row.is_blank() => continue,
                    Ok(header) => break header,
                    Err(_) => break None,
                }
            };
            (self.at, self.line) = (at, line);
            let Some(header) = header else { continue };
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

    /// The next row, blank or not.
    fn next(&mut self) -> Result<Option<Row>, FileProblem> {
        if self.is_at_end() {
            return Ok(None);
        }
        let mut row = Row {
            line: self.line,
            text: String::new(),
            ends: Vec::new(),
            flaw: None,
        };
        loop {
            if row.ends.len() == MAX_COLUMNS {
                return Err(FileProblem::TooManyColumns {
                    line: row.line,
                    limit: MAX_COLUMNS,
                });
            }
            self.take_field(&mut row);
            // MAX_BYTES keeps this below u32::MAX.
            row.ends.push(row.text.len() as u32);
            if self.text.as_bytes().get(self.at) != Some(&self.delimiter) {
                break;
            }
            self.at += 1;
        }
        self.take_line_end();
        row.text.shrink_to_fit();
        row.ends.shrink_to_fit();
        Ok(Some(row))
    }

    /// Reads a field up to the delimiter or line end behind it.
    fn take_field(&mut self, row: &mut Row) {
        if self.text.as_bytes().get(self.at) == Some(&b'"') {
            self.take_quoted(row);
        }
        let rest = &self.text.as_bytes()[self.at..];
        let length = rest
            .iter()
            .position(|&byte| byte == self.delimiter || byte == b'\n' || byte == b'\r')
            .unwrap_or(rest.len());
        row.text.push_str(&self.text[self.at..self.at + length]);
        self.at += length;
    }

    /// Reads what is between quotes, and the spaces behind them.
    fn take_quoted(&mut self, row: &mut Row) {
        let opened = self.line;
        let cell = row.ends.len();
        self.at += 1;
        let bytes = self.text.as_bytes();
        let mut from = self.at;
        let mut at = self.at;
        loop {
            match bytes.get(at) {
                Some(b'"') => {
                    row.text.push_str(&self.text[from..at]);
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
                    row.text.push_str(&self.text[from..]);
                    self.at = at;
                    let flaw = Flaw::UnclosedQuote { line: opened };
                    row.flaw.get_or_insert((cell, flaw));
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
                row.flaw.get_or_insert((cell, Flaw::TextAfterQuote));
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
        let flaws: Vec<_> = table.rows().iter().filter_map(Row::flaw).collect();
        assert_eq!(flaws, [(1, Flaw::TextAfterQuote)]);
    }

    #[test]
    fn a_quote_that_never_ends() {
        let table = read(b"id,displayname\na,x\nb,\"y\nc,z\n").unwrap();
        assert_eq!(cells(&table), [vec!["a", "x"], vec!["b", "y\nc,z\n"]]);
        assert_eq!(
            table.rows()[1].flaw(),
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
        assert!(table.rows()[1].flaw().is_some());
        table.set(1, 1, "");
        assert_eq!(cells(&table)[1], ["c", "", "z"]);
        assert!(table.rows()[1].flaw().is_none());
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
