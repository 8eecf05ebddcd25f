//! How a file is laid out: its delimiter, where its header is and what stands before that, whether
//! each line is wrapped in quotes or ruled like a table.

use super::columns::{HeaderRole, Meaning, meaning};
use super::cursor::Cursor;
use super::programs::written;
use super::read::{FileProblem, HeaderAt, ReadAs};
use super::table::{Cells, FileRow};

/// How many rows are looked at.
const ROWS: usize = 40;
/// Among how many the header is.
const BEFORE: usize = 20;
/// What stands between fields, if nothing says so; the first one of those that fit equally well.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];
/// What stands between fields where the names of the columns say so.
const RARE: [u8; 3] = [b':', b'^', b'~'];

/// How a file is laid out.
pub(super) struct Layout {
    pub delimiter: u8,
    /// In which line the header begins, if there is one.
    pub header: Option<u32>,
    /// How many columns there are where no header says it.
    pub width: usize,
}

/// Finds out how the file is laid out. The cursor stands where it stood before, except behind a
/// line that names the delimiter.
pub(super) fn find(cursor: &mut Cursor, chosen: &ReadAs) -> Result<Layout, FileProblem> {
    let named = cursor.take_sep_line();
    let only = chosen
        .delimiter
        .and_then(|delimiter| u8::try_from(delimiter).ok());
    let (at, line) = (cursor.at, cursor.line);
    if is_in_apostrophes(&cursor.text[at..]) {
        cursor.quote = b'\'';
    }
    let delimiters: Vec<u8> = match only {
        Some(only) => vec![only],
        None => named.into_iter().chain(DELIMITERS).chain(RARE).collect(),
    };
    cursor.lenient = true;
    let mut best: Option<(Worth, Layout)> = None;
    for delimiter in delimiters {
        cursor.delimiter = delimiter;
        let mut cells = Cells::default();
        while cells.len() < ROWS && cursor.next(&mut cells)? {
            if cells.last().is_some_and(|row| row.is_blank()) {
                cells.drop_last();
            }
        }
        (cursor.at, cursor.line) = (at, line);
        let rows: Vec<FileRow<'_>> = (0..cells.len()).filter_map(|row| cells.row(row)).collect();
        let (worth, layout) = judge(delimiter, &rows, chosen.header);
        // Two known names, at least: colons and the like are part of many values.
        let may_be = known_names(worth) > 1 || !RARE.contains(&delimiter);
        let is_better = match &best {
            None => true,
            // What the first line names is the delimiter, unless no column has a known name then.
            Some((other, _)) if named.is_some() => may_be && other.0 == 0 && worth.0 > 0,
            Some((other, _)) => may_be && worth > *other,
        };
        if is_better {
            best = Some((worth, layout));
        }
    }
    cursor.lenient = false;
    cursor.curly = 0;
    match best {
        Some((_, layout)) => {
            cursor.delimiter = layout.delimiter;
            Ok(layout)
        }
        None => Err(FileProblem::Empty),
    }
}

/// Whether the fields of the first line are all in apostrophes: they are the quotes of this file.
fn is_in_apostrophes(text: &str) -> bool {
    let mut lines = text.split(['\r', '\n']).map(str::trim);
    let Some(first) = lines.find(|line| !line.is_empty()) else {
        return false;
    };
    let inside = first
        .strip_prefix('\'')
        .and_then(|first| first.strip_suffix('\''));
    inside.is_some_and(|inside| {
        DELIMITERS.iter().any(|delimiter| {
            let between = format!("'{}'", char::from(*delimiter));
            let names = inside.split(&between);
            names.clone().count() > 1 && names.clone().all(|name| !name.contains('\''))
        })
    })
}

/// How well a delimiter fits: known names in the header, which count for more in the first line, and
/// names in it; without known names, rows of the same width, and that width.
type Worth = (usize, usize, usize);

/// How many names in the header are known.
fn known_names(worth: Worth) -> usize {
    (worth.0 - worth.0 % 2 * FIRST) / 2
}

/// What the header counts for more where it is the first line; odd.
const FIRST: usize = 3;

fn judge(delimiter: u8, rows: &[FileRow<'_>], chosen: Option<HeaderAt>) -> (Worth, Layout) {
    let known = |row: &FileRow<'_>| row.cells().filter(|name| is_known(name)).count();
    let header = match chosen {
        Some(HeaderAt::Nowhere) => None,
        Some(HeaderAt::Line(line)) => rows.iter().position(|row| row.line >= line),
        None => header(rows),
    };
    let (width, same) = widths(&rows[header.map_or(0, |header| header + 1)..]);
    let worth = match header.map(|header| &rows[header]) {
        Some(names) if known(names) > 0 => {
            // Words of a row that happen to be names do not outdo a header.
            let is_first = header == Some(0);
            let names_known = 2 * known(names) + if is_first { FIRST } else { 0 };
            (names_known, names.len(), 0)
        }
        _ if width > 1 => (0, same, width),
        _ => (0, 0, 0),
    };
    let widest = rows.iter().map(FileRow::len).max().unwrap_or(1);
    let layout = Layout {
        delimiter,
        header: header.map(|header| rows[header].line),
        width: if same * 2 > rows.len() { width } else { widest },
    };
    (worth, layout)
}

/// The width of most rows, and how many have it.
fn widths(rows: &[FileRow<'_>]) -> (usize, usize) {
    let mut best = (1, 0);
    for row in rows {
        let same = rows.iter().filter(|other| other.len() == row.len()).count();
        if same > best.1 {
            best = (row.len(), same);
        }
    }
    best
}

/// Whether this is the name of a column. Those of several are not: another delimiter is between.
fn is_known(name: &str) -> bool {
    !name.contains([',', ';', '\t', '|']) && meaning(name) != Meaning::Role(HeaderRole::Unknown)
}

/// Which row is the header. Lines before it are titles and comments.
fn header(rows: &[FileRow<'_>]) -> Option<usize> {
    let known = |row: &FileRow<'_>| row.cells().filter(|name| is_known(name)).count();
    let filled = |row: &FileRow<'_>| row.cells().filter(|cell| !cell.trim().is_empty()).count();
    let is_comment = |row: &FileRow<'_>| row.cell(0).trim_start().starts_with('#');
    let mut best: Option<(usize, usize)> = None;
    for (index, row) in rows.iter().take(BEFORE).enumerate() {
        let names = known(row);
        // Reports have lines of two before the table: `Date,2026-01-01`.
        let few = match names {
            0 | 1 => filled(row) / 3,
            _ => filled(row) / 2,
        };
        let is_title = |before: &FileRow<'_>| {
            known(before) == 0
                && (is_comment(before) || filled(row) > 1 && filled(before) <= few.max(1))
        };
        if names > best.map_or(0, |(_, names)| names) && rows[..index].iter().all(is_title) {
            best = Some((index, names));
        }
    }
    if let Some((index, _)) = best {
        return Some(index);
    }
    // Nothing is known. Is the first row names, or values already?
    let first = rows.iter().position(|row| !is_comment(row))?;
    looks_like_names(&rows[first], &rows[first + 1..]).then_some(first)
}

/// Whether a row of unknown words is a header: words that differ in kind from what is below.
fn looks_like_names(first: &FileRow<'_>, rest: &[FileRow<'_>]) -> bool {
    let names: Vec<&str> = first.cells().map(str::trim).collect();
    let is_word = |name: &&str| {
        !name.is_empty()
            && !name.contains('@')
            && name.chars().any(char::is_alphabetic)
            && written(name).is_none()
    };
    let mut words = names.clone();
    words.sort_unstable();
    words.dedup();
    if !names.iter().all(is_word) || words.len() < names.len() {
        return false;
    }
    const KINDS: [fn(&str) -> bool; 5] = [
        |value| value.contains('@'),
        |value| value.bytes().all(|byte| byte.is_ascii_digit()),
        |value| value.bytes().any(|byte| byte.is_ascii_digit()),
        |value| value.contains('.'),
        |value| super::validate::boolean(value).is_some(),
    ];
    names.iter().enumerate().any(|(column, name)| {
        let values = rest.iter().map(|row| row.cell(column).trim());
        let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
        let differs = |is: &fn(&str) -> bool| {
            let many = values.iter().filter(|value| is(value)).count();
            !is(name) && many * 5 >= values.len() * 4
        };
        !values.is_empty() && KINDS.iter().any(differs)
    })
}

/// Whether each line is wrapped in quotes: whoever took a line for one field wrote it so. Gives
/// the text without them, line by line.
pub(super) fn unwrapped(text: &str) -> Option<String> {
    let lines = || {
        text.split(['\r', '\n'])
            .filter(|line| !line.trim().is_empty())
    };
    let inside = |line: &str| -> Option<String> {
        let line = line.trim_start_matches('\u{feff}').trim_end();
        let inside = line.strip_prefix('"')?.strip_suffix('"')?;
        // All quotes inside are doubled, or it is not one field.
        let undoubled = inside.replace("\"\"", "");
        (!undoubled.contains('"')).then(|| inside.replace("\"\"", "\""))
    };
    let written = lines().next()?;
    // The header may stand there as it was, and the rows wrapped.
    let wrapped = inside(written);
    let first = wrapped.clone().unwrap_or_else(|| written.to_owned());
    let delimiter = DELIMITERS.into_iter().map(char::from).find(|delimiter| {
        let names = first.split(*delimiter);
        let names: Vec<&str> = names.map(|name| name.trim_matches('"')).collect();
        names.len() > 1 && names.iter().any(|name| is_known(name))
    })?;
    let columns = first.matches(delimiter).count();
    let is_wrapped = |line: &str| match (inside(line), &wrapped) {
        (Some(_), Some(_)) => true,
        (Some(row), None) => row.matches(delimiter).count() >= columns,
        (None, _) => false,
    };
    let behind = usize::from(wrapped.is_none());
    let mut rows = lines().skip(behind).take(ROWS).peekable();
    if rows.peek().is_none() && wrapped.is_none() || !rows.all(is_wrapped) {
        return None;
    }
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive(['\r', '\n']) {
        let content = line.trim_end_matches(['\r', '\n']);
        match inside(content) {
            Some(inside) => plain.push_str(&inside),
            None => plain.push_str(content),
        }
        plain.push_str(&line[content.len()..]);
    }
    Some(plain)
}

/// The text of a table that was ruled for people, as `mysql` and `psql` print it: without rulers
/// and padding, line by line.
pub(super) fn unruled(text: &str) -> Option<String> {
    let is_ruler = |line: &str| {
        let line = line.trim();
        line.len() >= 3
            && line.contains("--")
            && line
                .chars()
                .all(|c| matches!(c, '-' | '+' | '|' | '=' | ':' | ' '))
    };
    let mut beginning = text
        .split(['\r', '\n'])
        .filter(|line| !line.trim().is_empty());
    let first = beginning.next()?.trim_start_matches('\u{feff}');
    let second = beginning.next()?;
    // psql and Markdown rule below the header, mysql above it as well.
    let header = match (is_ruler(first), is_ruler(second)) {
        (true, false) => second,
        (false, true) => first,
        _ => return None,
    };
    let cells = |line: &str| -> String {
        let line = line.trim();
        let framed = line
            .strip_prefix('|')
            .and_then(|line| line.strip_suffix('|'));
        let cells = framed.unwrap_or(line).split('|').map(str::trim);
        cells.collect::<Vec<_>>().join("|")
    };
    if !cells(header).split('|').any(is_known) {
        return None;
    }
    let is_footer = |line: &str| {
        let line = line.trim();
        let bare = line
            .strip_prefix('(')
            .and_then(|line| line.strip_suffix(')'));
        bare.and_then(|line| line.split_once(' '))
            .is_some_and(|(count, word)| {
                count.bytes().all(|byte| byte.is_ascii_digit()) && matches!(word, "row" | "rows")
            })
    };
    let mut plain = String::with_capacity(text.len());
    for line in text.split_inclusive(['\r', '\n']) {
        let content = line.trim_end_matches(['\r', '\n']);
        if !is_ruler(content) && !is_footer(content) {
            plain.push_str(&cells(content));
        }
        plain.push_str(&line[content.len()..]);
    }
    Some(plain)
}

/// The text as it can be read, and whether it was wrapped or ruled.
pub(super) fn bare(text: String) -> (String, bool) {
    match unwrapped(&text).or_else(|| unruled(&text)) {
        Some(bare) => (bare, true),
        None => (text, false),
    }
}
