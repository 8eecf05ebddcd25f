//! The one way to write a CSV file, whatever it is about.
//!
//! Names, file names, messages of servers: most of what stands in our files was chosen by
//! strangers, and a spreadsheet computes what looks like a formula. So every cell is guarded: what
//! could be computed gets an apostrophe in front, and our import takes it away again.

use crate::api::UserId;

/// What a file begins with: without the mark, a spreadsheet does not know that this is UTF-8.
pub const BYTE_ORDER_MARK: char = '\u{feff}';

/// The lines of a CSV file, header first, with the byte order mark.
pub struct Csv {
    out: String,
}

/// One cell of a CSV file.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    /// Guarded against being computed.
    Text(&'a str),
    /// To the letter, computed or not. For passwords alone, which are copied from the file: they
    /// are ours or the administrator's, never a stranger's.
    Secret(&'a str),
}

impl Csv {
    /// Begins a file with its header.
    pub fn new<S: AsRef<str>>(header: &[S]) -> Self {
        let mut csv = Csv {
            out: BYTE_ORDER_MARK.to_string(),
        };
        csv.push(header);
        csv
    }

    /// A whole CSV file, from its header and its rows.
    pub fn of<R>(header: &[&str], rows: impl IntoIterator<Item = R>) -> String
    where
        R: IntoIterator<Item = String>,
    {
        let mut csv = Csv::new(header);
        for row in rows {
            let row: Vec<String> = row.into_iter().collect();
            csv.push(&row);
        }
        csv.finish()
    }

    /// Adds a row.
    pub fn push<S: AsRef<str>>(&mut self, fields: &[S]) {
        self.push_cells(fields.iter().map(|field| Cell::Text(field.as_ref())));
    }

    /// Adds a row in which some cells are secrets.
    pub fn push_cells<'a>(&mut self, cells: impl IntoIterator<Item = Cell<'a>>) {
        for (index, cell) in cells.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            push_cell(&mut self.out, cell);
        }
        self.out.push_str("\r\n");
    }

    /// The whole CSV file, as text.
    pub fn finish(self) -> String {
        self.out
    }
}

fn push_cell(out: &mut String, cell: Cell<'_>) {
    let (text, guarded) = match cell {
        Cell::Text(text) => (text, is_formula(text)),
        Cell::Secret(text) => (text, false),
    };
    // Some readers take spaces away that are not quoted.
    let quoted = guarded || text.contains([',', '"', '\r', '\n', ';', '\t']) || text.trim() != text;
    if !quoted {
        return out.push_str(text);
    }
    out.push('"');
    if guarded {
        out.push('\'');
    }
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

/// Whether a cell gets an apostrophe: a spreadsheet would compute it, or might, once it has taken
/// away the spaces in front. One that has an apostrophe of its own there gets another, so that
/// taking one away always is the way back.
///
/// Numbers stay as they are, and so do Matrix IDs, but only whole and valid ones.
pub fn is_formula(cell: &str) -> bool {
    let bare = cell.trim_start_matches(|c: char| c == '\'' || is_blank(c));
    let begins_with_control = cell
        .trim_start_matches('\'')
        .starts_with(['\t', '\r', '\n']);
    match bare.chars().next() {
        Some('+' | '-') => !is_number(bare),
        Some('@') => !is_plain_id(cell),
        // The wide ones are the same to a spreadsheet in some languages.
        Some('=' | '|' | '%' | '＝' | '＋' | '－' | '＠') => true,
        _ => begins_with_control,
    }
}

/// What spreadsheets pass over in front of a formula, or may.
fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | BYTE_ORDER_MARK)
}

/// Digits with a sign, a point and an exponent, as they may be. To parse it would bring a table of
/// ten kilobytes along.
fn is_number(text: &str) -> bool {
    let text = text.trim_end();
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let signless = |text: &str| text.strip_prefix(['+', '-']).map_or(text.len(), str::len);
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let bare = &mantissa[mantissa.len() - signless(mantissa)..];
    let (whole, part) = bare.split_once('.').unwrap_or((bare, ""));
    let is_whole = |exponent: &str| {
        let bare = &exponent[exponent.len() - signless(exponent)..];
        !bare.is_empty() && digits(bare)
    };
    digits(whole)
        && digits(part)
        && !(whole.is_empty() && part.is_empty())
        && exponent.is_none_or(is_whole)
}

/// A whole user ID in which nothing calls a function or another program: no brackets, no `|`, no
/// `!`. Old accounts may have them in their names.
fn is_plain_id(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"._=/+-".contains(&b);
    UserId::parse(text).is_some_and(|user| user.localpart().bytes().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(cell: &str) -> String {
        let mut csv = Csv::new(&["a"]);
        csv.push(&[cell]);
        csv.finish().trim_start_matches("\u{feff}a\r\n").to_owned()
    }

    #[test]
    fn formulas_are_disarmed_and_identifiers_are_not() {
        for formula in [
            "=1+1",
            "+1+cmd",
            "-inf",
            "|cmd",
            "%a",
            "＝1+1",
            "@SUM(A1:A2)",
            "@SUM(1):evil.org",
            "@A:A+cmd|'/c calc'!A0",
            "@",
            "@jane",
            "  =1+1",
            "\n=1+1",
            "\u{a0}=1+1",
            "\u{200b}=1+1",
            "'=1+1",
            "\tx",
        ] {
            assert_eq!(line(formula), format!("\"'{formula}\"\r\n"));
        }
        for text in [
            "@jane:example.org",
            "@Jane.Doe=1/a+b-c:example.org:8448",
            "@jane:[::1]:8448",
            "-12.5",
            "+4930123456",
            "1e3",
            "'tis",
            "mxc://example.org/abc",
            "!room:example.org",
            "",
        ] {
            assert_eq!(line(text), format!("{text}\r\n"));
        }
        assert_eq!(line("a \"b\", c"), "\"a \"\"b\"\", c\"\r\n");
        assert_eq!(line("two\nlines"), "\"two\nlines\"\r\n");
        assert_eq!(line(" x"), "\" x\"\r\n");
    }

    #[test]
    fn secrets_stand_to_the_letter() {
        let mut csv = Csv::new(&["id", "password"]);
        csv.push_cells([Cell::Text("=x"), Cell::Secret("=x\"y")]);
        assert_eq!(
            csv.finish(),
            "\u{feff}id,password\r\n\"'=x\",\"=x\"\"y\"\r\n"
        );
    }

    /// What a person can write, and what they write when they mean harm.
    fn cell() -> impl Strategy<Value = String> {
        prop_oneof![
            "[ -~\\r\\n\\té]{0,12}",
            "[ '\\t\\n\u{200b}\u{a0}]{0,3}[=+@|%-][ -~]{0,8}"
        ]
    }

    proptest! {
        #[test]
        fn a_csv_reader_reads_it_back(fields in prop::collection::vec(cell(), 2..5)) {
            let header = vec!["h"; fields.len()];
            let mut csv = Csv::new(&header);
            csv.push(&fields);
            let text = csv.finish();
            let text = text.trim_start_matches(BYTE_ORDER_MARK);
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let record = reader.records().next().expect("one row").expect("readable");
            prop_assert_eq!(record.len(), fields.len());
            for (read, wrote) in record.iter().zip(&fields) {
                // As the import takes it away.
                let bare = read.strip_prefix('\'').filter(|bare| is_formula(bare));
                prop_assert_eq!(bare.unwrap_or(read), wrote);
            }
        }

        #[test]
        fn no_cell_begins_as_a_formula(cell in cell()) {
            let written = line(&cell);
            // As a program reads it.
            let mut reader = csv::ReaderBuilder::new();
            let mut reader = reader.has_headers(false).from_reader(written.as_bytes());
            let record = reader.records().next().transpose().expect("readable");
            let record = record.unwrap_or_default();
            let shown = record.get(0).unwrap_or_default();
            let first = shown.trim_start().chars().next();
            let harmless = match first {
                Some('=' | '|' | '%') => false,
                Some('+' | '-') => shown.trim().parse::<f64>().is_ok(),
                Some('@') => !shown.contains(['(', '|', '!', ' ']) && shown.contains(':'),
                _ => true,
            };
            prop_assert!(harmless, "{:?}", written);
        }
    }
}
