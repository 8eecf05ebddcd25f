//! Files of every kind against the reader, the validator and the plan. `cargo test` tries a few
//! hundred; `cargo xtask fuzz` as many as wanted.

use super::columns::ImportColumn;
use super::correct::{Gathering, Which};
use super::decode::{Encoding, decode, tests::Native};
use super::encodings::Legacy;
use super::plan::{OnConflict, PlanOptions, plan};
use super::read::{FileProblem, HeaderAt, Opening, ReadAs, read, read_as};
use super::table::{FileRow, Table};
use super::tests::{Dice, complete, export, options, rules, user};
use super::validate::{IdSource, ProblemKind, Rules, Validation};
use crate::api::users::User;
use proptest::prelude::*;
use proptest::sample::select;
use std::rc::Rc;

/// How the text becomes bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Written {
    Utf8,
    Utf8Marked,
    Utf16Le,
    Utf16LeMarked,
    Utf16Be,
    Utf16BeMarked,
    Windows1252,
}

fn any_encoding() -> impl Strategy<Value = Written> {
    use Written::*;
    select(vec![
        Utf8,
        Utf8Marked,
        Utf16Le,
        Utf16LeMarked,
        Utf16Be,
        Utf16BeMarked,
        Windows1252,
    ])
}

impl Written {
    fn bytes(self, text: &str) -> Vec<u8> {
        let units = |mark: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let text = mark.encode_utf16().chain(text.encode_utf16());
            text.flat_map(bytes).collect()
        };
        match self {
            Written::Utf8 => text.as_bytes().to_vec(),
            Written::Utf8Marked => [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            Written::Utf16Le => units("", u16::to_le_bytes),
            Written::Utf16LeMarked => units("\u{feff}", u16::to_le_bytes),
            Written::Utf16Be => units("", u16::to_be_bytes),
            Written::Utf16BeMarked => units("\u{feff}", u16::to_be_bytes),
            Written::Windows1252 => text.chars().map(windows_1252).collect(),
        }
    }

    /// The text, of characters that the encoding has.
    fn fitting(self, text: &str) -> String {
        match self {
            Written::Windows1252 => text
                .chars()
                .map(|c| if windows_1252(c) == b'?' { '?' } else { c })
                .collect(),
            _ => text.to_owned(),
        }
    }
}

fn windows_1252(c: char) -> u8 {
    match c {
        '€' => 0x80,
        '“' => 0x93,
        'Ÿ' => 0x9F,
        '\0'..='\x7F' | '\u{A0}'..='\u{FF}' => c as u8,
        _ => b'?',
    }
}

/// What files are made of.
fn any_piece() -> impl Strategy<Value = String> {
    const PIECES: [&str; 58] = [
        "\"",
        "\"\"",
        "\"\"\"",
        ",",
        ";",
        "\t",
        "|",
        " ",
        "'",
        "=",
        "id",
        "displayname",
        "name",
        "password",
        "threepids",
        "external_ids",
        "locked",
        "is_guest",
        "a",
        "@a:example.org",
        "@A:example.org",
        "é",
        "🦄",
        "\u{feff}",
        "sep=;",
        "email:a@b.c",
        "msisdn:+49 30 123456",
        "x:1",
        "!r:b.org",
        "yes",
        "FALSCH",
        "mxc://a/b",
        "12",
        "\u{85}",
        "Zoë",
        "-1",
        "“",
        "”",
        "=\"001\"",
        "#REF!",
        "#TYPE x",
        "NULL",
        "\\N",
        "1E+05",
        "JÃ¼rgen",
        "\u{fffd}",
        "\u{200b}",
        "\u{200d}",
        "\u{7}",
        "Passwort",
        "E-Mail",
        "Vorname",
        "enabled",
        "https://matrix.to/#/@a:example.org",
        "a@b.c",
        "jаne",
        "+----+",
        "| id | name |",
    ];
    prop_oneof![
        12 => select(PIECES.to_vec()).prop_map(str::to_owned),
        3 => select(vec!["\n", "\r\n", "\r", "\",\"", "\"\n\"", "\n\n"]).prop_map(str::to_owned),
        2 => "[^\0]{1,4}",
    ]
}

/// What spoils a text.
fn any_damage() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        select(vec![
            b"\0".to_vec(),
            b"\xE9".to_vec(),
            b"\xFF\xFE".to_vec(),
            b"\xEF\xBB\xBF".to_vec(),
            b"\xD8\x00".to_vec(),
            b"\x00\xD8".to_vec(),
            b"PK\x03\x04".to_vec(),
        ]),
        prop::collection::vec(any::<u8>(), 1..9),
    ]
}

/// Bytes that may be a file: a text in one of the encodings, often with damage somewhere, or
/// nothing but noise.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let header = select(vec![
        "",
        "id\n",
        "id,displayname\n",
        "id;password;admin\r\n",
        "\"id\"\tthreepids\texternal_ids\r",
        "sep=|\nid|displayname|rooms\n",
        "\n\nname,displayname,locked,deactivated\n",
    ]);
    let pieces = prop::collection::vec(any_piece(), 0..40);
    let text = (header, pieces).prop_map(|(header, pieces)| header.to_owned() + &pieces.concat());
    let whole = (text, any_encoding()).prop_map(|(text, written)| written.bytes(&text));
    let whole = whole.boxed();
    let damaged = (whole.clone(), any_damage(), any::<prop::sample::Index>()).prop_map(
        |(mut bytes, damage, at)| {
            let at = at.index(bytes.len() + 1);
            bytes.splice(at..at, damage);
            bytes
        },
    );
    prop_oneof![
        6 => whole,
        3 => damaged,
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

/// The characters that are in no way part of how a file is written.
fn content<'a>(texts: impl IntoIterator<Item = &'a str>, delimiter: char) -> String {
    // Byte order marks at the beginning of a line are of a file that was joined.
    let is_content =
        |c: &char| *c != delimiter && *c != '"' && !c.is_whitespace() && *c != '\u{feff}';
    let chars = texts.into_iter().flat_map(str::chars);
    let content: String = chars.filter(is_content).collect();
    // As are those that an earlier program took for letters.
    content.replace("ï»¿", "")
}

/// The text from the beginning of each line on, without a first line that names the delimiter.
fn lines(text: &str) -> Vec<&str> {
    let mut lines = vec![text];
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        let ends = *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n'));
        if ends {
            lines.push(&text[at + 1..]);
        }
    }
    lines
}

/// Nothing of the text is lost or added, and every row stands where it says.
fn is_accounted_for(text: &str, table: &Table) -> Result<(), TestCaseError> {
    // Lines that were wrapped or ruled are not where the text has them; rows that say the header
    // again, and what is before the header, are told beside the rows.
    if table.is_bare || table.repeated > 0 || !table.before.is_empty() {
        return Ok(());
    }
    let lines = lines(text);
    let mut rest = text;
    let first = text
        .trim_start_matches('\u{feff}')
        .split(['\r', '\n'])
        .next();
    let first = first.unwrap_or_default().trim_matches(['"', ' ']);
    // Apostrophes around all names of columns are the quotes of the file.
    if first.starts_with('\'') && first.ends_with('\'') {
        return Ok(());
    }
    // A line that names a delimiter is no row, also where the names of the columns know better.
    let named = first.get(..4).map(str::to_ascii_lowercase).as_deref() == Some("sep=")
        && first.len() == 5
        && first.ends_with(|c: char| c == '\t' || c.is_ascii_punctuation());
    if named {
        rest = lines.get(1).copied().unwrap_or_default();
    }
    let of = |text: &str| content([text], table.delimiter);
    let headers = table.headers.iter().map(|header| header.name.as_str());
    let cells = table.rows().iter().flat_map(FileRow::cells);
    prop_assert_eq!(of(rest), content(headers.chain(cells), table.delimiter));

    let mut last = 0;
    for row in table.rows().iter() {
        prop_assert!(row.line > last, "line {} after {}", row.line, last);
        last = row.line;
        let Some(from) = lines.get(row.line as usize - 1) else {
            return Err(TestCaseError::fail(format!("no line {}", row.line)));
        };
        let content = content(row.cells(), table.delimiter);
        prop_assert!(of(from).starts_with(&content), "not in line {}", row.line);
    }
    Ok(())
}

/// Reads in slices.
fn read_in_slices(bytes: &[u8], slice: usize, how: &ReadAs) -> Result<Table, FileProblem> {
    let mut opening = Opening::new(bytes.to_vec(), how, Rc::new(Native))?;
    while !opening.decode_some(slice)? {}
    let mut reader = opening.finish()?;
    while !reader.read_some(slice)? {}
    reader.finish()
}

/// Checks and plans, and finds a fate for every row.
fn is_planned(
    table: &Table,
    ids: IdSource,
    version: u32,
    slice: usize,
) -> Result<(), TestCaseError> {
    let mut rules = Rules { ids, ..rules() };
    rules.server.version = Some(crate::api::server::Version(1, version, 0));
    let Ok(mut file) = Validation::new(table, rules.clone()) else {
        prop_assert!(!table.has(ImportColumn::Id));
        return Ok(());
    };
    while !file.check_some(table, slice) {}
    let whole = Validation::of(table, rules).expect("checked once already");
    prop_assert_eq!(file.checked(), table.rows().len());
    prop_assert_eq!(file.counts(), whole.counts());
    for row in 0..table.rows().len() {
        let problems = file.problems(table, row);
        let worst = problems.iter().map(|problem| problem.severity()).max();
        prop_assert_eq!(file.severity(row), worst);
        prop_assert_eq!(&problems, &whole.problems(table, row));
        is_what_was_read(table, &file, row)?;
    }
    let plan = plan(table, &file, &complete(&[]), &options(), &Dice::new(1));
    prop_assert_eq!(plan.rows.len(), table.rows().len());
    prop_assert_eq!(plan.totals.rows(), table.rows().len());
    Ok(())
}

/// A candidate says what its row says, or a problem tells that it does not.
fn is_what_was_read(table: &Table, file: &Validation, row: usize) -> Result<(), TestCaseError> {
    let Some(candidate) = file.candidate(row) else {
        return Err(TestCaseError::fail(format!("row {row} is not there")));
    };
    let password = candidate.password.as_deref().unwrap_or_default();
    prop_assert_eq!(password, table.field(row, ImportColumn::Password));
    for (column, value) in [
        (ImportColumn::DisplayName, &candidate.displayname),
        (ImportColumn::AvatarUrl, &candidate.avatar_url),
        (ImportColumn::UserType, &candidate.user_type),
    ] {
        let value = value.as_deref().unwrap_or_default();
        // Without one, the display name is made of first and last name.
        let is_made =
            column == ImportColumn::DisplayName && table.field(row, column).trim().is_empty();
        if !is_made && value != table.field(row, column).trim() {
            let place = table.place(column).map(|place| place + 1);
            let problems = file.problems(table, row);
            let said = problems.iter().any(|problem| {
                problem.kind == ProblemKind::ApostropheRemoved && problem.place.column == place
            });
            prop_assert!(said, "{value:?} is {:?}", table.field(row, column));
        }
    }
    Ok(())
}

/// A value of a cell: what people, spreadsheets and strangers put there.
fn any_value() -> impl Strategy<Value = String> {
    const VALUES: [&str; 34] = [
        "",
        " ",
        "a",
        "@a:example.org",
        "\"",
        "\"\"",
        "say \"hi\"",
        "5\" disk",
        ",",
        ";",
        "\t",
        "a,b;c\td",
        "\n",
        "\r",
        "\r\n",
        "two\nlines",
        "=1+1",
        "'=1+1",
        "''=1",
        "'tis",
        "sep=;",
        "id",
        "id,displayname",
        " padded ",
        "\u{a0}",
        "\u{feff}",
        "\u{202e}x",
        "é",
        "€“Ÿ",
        "🦄",
        "true",
        "-",
        "\u{85}",
        "\u{1}",
    ];
    prop_oneof![
        4 => select(VALUES.to_vec()).prop_map(str::to_owned),
        1 => "[^\0]{0,9}",
        1 => "[ -~\u{A0}-\u{FF}]{0,9}",
    ]
}

/// A file as a program would write it.
#[derive(Clone, Debug)]
struct File {
    written: Written,
    delimiter: char,
    /// Whether the first line names the delimiter.
    named: bool,
    end: &'static str,
    /// Whether the last line ends.
    ended: bool,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// How many blank lines stand before each row.
    blank: Vec<u8>,
    /// Whether a value that needs no quotes has some, by turns.
    quoted: Vec<bool>,
}

fn any_written_file() -> impl Strategy<Value = File> {
    const HEADERS: [&str; 10] = [
        "displayname",
        "password",
        "Admin",
        "avatar_url",
        "user type",
        "threepids",
        "rooms",
        "shoe size",
        "a \"note\"",
        "x, y; z\t",
    ];
    let header = prop::sample::subsequence(HEADERS.to_vec(), 0..=HEADERS.len()).prop_shuffle();
    let file = header.prop_flat_map(|header| {
        let row = prop::collection::vec(any_value(), header.len() + 1);
        (
            Just(header),
            prop::collection::vec(row, 1..7),
            any_encoding(),
            select(vec![
                None,
                None,
                Some('|'),
                Some('^'),
                Some(','),
                Some(';'),
                Some('\t'),
            ]),
            select(vec![',', ';', '\t']),
            select(vec!["\n", "\r\n", "\r"]),
            any::<bool>(),
            prop::collection::vec(select(vec![0_u8, 0, 0, 1, 2]), 7),
            prop::collection::vec(any::<bool>(), 1..9),
        )
    });
    file.prop_map(
        |(header, rows, written, named, delimiter, end, ended, blank, quoted)| File {
            written,
            // With a single column nothing shows the delimiter.
            delimiter: named.unwrap_or(if header.is_empty() { ',' } else { delimiter }),
            named: named.is_some(),
            end,
            ended,
            header: std::iter::once("id").chain(header).collect(),
            rows: rows
                .into_iter()
                .map(|row| row.iter().map(|value| written.fitting(value)).collect())
                .collect(),
            blank,
            quoted,
        },
    )
}

impl File {
    /// The text, and in which line each row begins.
    fn text(&self) -> (String, Vec<u32>) {
        let mut quoted = self.quoted.iter().cycle();
        let mut line = |row: &mut dyn Iterator<Item = &str>| -> String {
            let values: Vec<String> = row
                .map(|value| {
                    // Spaces before a quote are none of the value's, unless it is quoted.
                    let must = value.trim_start_matches(' ').starts_with('"')
                        || value.starts_with(['\u{feff}', 'ï'])
                        || value.contains([self.delimiter, '\r', '\n']);
                    match must || quoted.next() == Some(&true) {
                        true => format!("\"{}\"", value.replace('"', "\"\"")),
                        false => value.to_owned(),
                    }
                })
                .collect();
            values.join(&self.delimiter.to_string())
        };
        let mut text = String::new();
        if self.named {
            text += &format!("sep={}{}", self.delimiter, self.end);
        }
        text += &line(&mut self.header.iter().copied());
        text += self.end;
        let mut begins = Vec::new();
        for (row, blank) in self.rows.iter().zip(&self.blank) {
            text += &self.end.repeat(usize::from(*blank));
            begins.push(lines(&text).len() as u32);
            text += &line(&mut row.iter().map(String::as_str));
            text += self.end;
        }
        if !self.ended {
            text.truncate(text.len() - self.end.len());
        }
        (text, begins)
    }
}

/// An account with whatever can be in its fields.
fn any_user() -> impl Strategy<Value = User> {
    let text = || prop::option::of(any_value());
    (text(), text(), text(), any::<[bool; 4]>()).prop_map(
        |(displayname, avatar_url, user_type, [admin, deactivated, locked, is_guest])| User {
            displayname,
            avatar_url: avatar_url.map(|id| format!("mxc://b.org/{}", id.len())),
            user_type,
            admin,
            deactivated,
            locked,
            is_guest,
            ..user("@a:example.org")
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_are_read_or_refused(
        bytes in any_file(),
        slice in 1_usize..5,
        generate_ids: bool,
        version in select(vec![62, 90, 98, 131, 163]),
    ) {
        let whole = read(&bytes);
        prop_assert_eq!(&whole, &read_in_slices(&bytes, slice, &ReadAs::default()));
        let Ok(table) = whole else { return Ok(()) };
        let Ok((text, encoding)) = decode(&bytes) else {
            return Err(TestCaseError::fail("read without being decoded"));
        };
        prop_assert_eq!(table.encoding, encoding);
        is_accounted_for(&text, &table)?;
        let ids = if generate_ids { IdSource::GenerateAll } else { IdSource::FromFile };
        is_planned(&table, ids, version, slice)?;
    }

    #[test]
    fn what_is_written_comes_back(file in any_written_file(), slice in 1_usize..5) {
        let (text, begins) = file.text();
        let bytes = file.written.bytes(&text);
        let eight_bit = file.written == Written::Windows1252;
        // A few letters do not tell an encoding from others: a person does.
        let how = ReadAs {
            encoding: eight_bit.then_some(Encoding::Legacy(Legacy::WINDOWS_1252)),
            ..ReadAs::default()
        };
        let is_blank = |row: &[String]| row.iter().all(|value| value.trim().is_empty());
        let table = match read_in_slices(&bytes, slice, &how) {
            Ok(table) => table,
            Err(FileProblem::Empty) => {
                prop_assert!(file.rows.iter().all(|row| is_blank(row)));
                return Ok(());
            }
            Err(problem) => return Err(TestCaseError::fail(format!("{problem:?}"))),
        };
        if !text.is_ascii() || eight_bit {
            prop_assert_eq!(matches!(table.encoding, Encoding::Legacy(_)), eight_bit);
        }
        prop_assert_eq!(table.delimiter, file.delimiter);
        let wrote: Vec<(u32, &Vec<String>)> = begins
            .into_iter()
            .zip(&file.rows)
            .filter(|(_, row)| !is_blank(row))
            .collect();
        if table.repeated > 0 || table.is_bare {
            return Ok(());
        }
        prop_assert_eq!(table.rows().len(), wrote.len());
        for (row, (line, values)) in table.rows().iter().zip(wrote) {
            prop_assert_eq!(row.line, line);
            prop_assert_eq!(row.cells().collect::<Vec<_>>(), values.as_slice());
            prop_assert_eq!(row.flaw(), None);
        }
        is_accounted_for(&text, &table)?;
        is_planned(&table, IdSource::FromFile, 163, slice)?;
    }

    #[test]
    fn an_export_changes_nothing(users in prop::collection::vec(any_user(), 1..5)) {
        let users: Vec<User> = users
            .into_iter()
            .enumerate()
            .map(|(number, other)| User {
                name: user(&format!("@u{number}:example.org")).name,
                ..other
            })
            .collect();
        let table = read(export(&users).as_bytes());
        prop_assert!(table.is_ok(), "{:?}", table);
        let Ok(table) = table else { return Ok(()) };
        let file = Validation::of(&table, rules()).expect("has IDs");
        let options = PlanOptions { on_conflict: OnConflict::Update, ..options() };
        let plan = plan(&table, &file, &complete(&users), &options, &Dice::new(1));
        prop_assert_eq!(plan.totals.unchanged, users.len(), "{:?}", plan.rows);
    }

    #[test]
    fn bytes_are_read_as_a_person_says(
        bytes in any_file(),
        slice in 1_usize..5,
        encoding in select(vec![
            None,
            Some(Encoding::Utf8),
            Some(Encoding::Utf16Le),
            Some(Encoding::Utf32Be),
            Legacy::of_label("ibm850").map(Encoding::Legacy),
            Legacy::of_label("shift_jis").map(Encoding::Legacy),
            Legacy::of_label("gb18030").map(Encoding::Legacy),
        ]),
        delimiter in select(vec![None, Some(';'), Some('|'), Some('a')]),
        header in select(vec![
            None,
            Some(HeaderAt::Nowhere),
            Some(HeaderAt::Line(1)),
            Some(HeaderAt::Line(3)),
        ]),
        typographic: bool,
    ) {
        let how = ReadAs { encoding, delimiter, header, typographic };
        let whole = read_as(&bytes, &how);
        prop_assert_eq!(&whole, &read_in_slices(&bytes, slice, &how));
        let Ok(table) = whole else { return Ok(()) };
        let first = table.rows().get(0).map_or(0, |row| row.line);
        prop_assert!(table.header.is_none_or(|line| line <= first));
        prop_assert!(header != Some(HeaderAt::Nowhere) || table.header.is_none());
        prop_assert_eq!(table.matching().len(), table.headers.len());
        is_planned(&table, IdSource::GenerateAll, 163, slice)?;
    }

    #[test]
    fn a_correction_changes_what_it_says_and_is_taken_back(bytes in any_file(), keep: bool) {
        let Ok(mut table) = read(&bytes) else { return Ok(()) };
        let Ok(file) = Validation::of(&table, Rules { ids: IdSource::GenerateAll, ..rules() }) else {
            return Ok(());
        };
        let cells = |table: &Table| -> Vec<Vec<String>> {
            let full = |row: FileRow<'_>| (0..300).map(|at| row.cell(at).to_owned()).collect();
            table.rows().iter().map(full).collect()
        };
        let before = cells(&table);
        for row in 0..table.rows().len() {
            for problem in file.problems(&table, row) {
                let Some(which) = Which::offered(&problem) else { continue };
                let mut gathering = Gathering::new(which);
                while !gathering.look_at(&table, &file, 2) {}
                let correction = gathering.finish();
                correction.apply(&mut table);
                for change in &correction.changes {
                    let now = table.rows().get(change.row).map(|row| row.cell(change.column).to_owned());
                    prop_assert_eq!(now.as_ref(), Some(&change.to));
                }
                correction.take_back(&mut table);
                prop_assert_eq!(&before, &cells(&table));
                if keep && let Some(column) = problem.place.column {
                    table.keep(row, column - 1);
                    let again = Validation::of(&table, file.rules().clone()).expect("as before");
                    let asks = again.problems(&table, row).into_iter().any(|problem| {
                        problem.place.column == Some(column)
                            && problem.severity() == super::validate::Severity::Question
                    });
                    prop_assert!(!asks);
                    table.doubt(row, column - 1);
                }
            }
        }
    }
}
