//! Rows that are no users: names of columns, sums, comments, lines between.

use crate::import::columns::{HeaderRole, Meaning, are_columns, is_nobodys_name, meaning};
use crate::import::names::folded;
use crate::import::table::{FileRow, Table};

/// What a row is instead of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoUser {
    /// Names of columns: a second header, or a table that was turned on its side.
    Names,
    /// Types of columns: `string,string,boolean`.
    Types,
    /// A sum or a count, as reports end with.
    Summary,
    Comment,
    /// No letter and no digit.
    Line,
}

/// What a row is, if it is probably no user. `place` is where IDs are, from 0.
pub(super) fn no_user(table: &Table, row: FileRow<'_>, place: usize) -> Option<NoUser> {
    let id = row.cell(place).trim();
    if id.is_empty() {
        return None;
    }
    if !id.contains(char::is_alphanumeric) {
        return Some(NoUser::Line);
    }
    const COMMENTS: [&str; 4] = ["//", "--", "<!--", "#"];
    if COMMENTS.iter().any(|begin| id.starts_with(begin)) {
        return Some(NoUser::Comment);
    }
    // What follows are words; most IDs have more than that.
    if id.len() > 60 || id.contains(['.', '@']) {
        return None;
    }
    // What we wrote about the row is nothing that it says.
    let errors = table.place_of_errors();
    let others = || {
        let others = (0..row.len()).filter(|at| *at != place && Some(*at) != errors);
        others
            .map(|at| (at, row.cell(at).trim()))
            .filter(|(_, cell)| !cell.is_empty())
    };
    if is_sum(id)
        && !others().any(|(_, cell)| cell.contains(|c: char| c.is_alphabetic() || c == '@'))
    {
        return Some(NoUser::Summary);
    }
    if id.contains(|c: char| c.is_ascii_digit()) && !id.contains(['=', '(']) {
        return None;
    }
    let has_others = others().next().is_some();
    if has_others && is_type(id) && others().all(|(_, cell)| is_type(cell)) {
        return Some(NoUser::Types);
    }
    // A name that is known, or that of this very column.
    let is_name = |(at, cell): (usize, &str)| {
        meaning(cell) != Meaning::Role(HeaderRole::Unknown)
            || table
                .headers
                .get(at)
                .is_some_and(|header| folded(&header.name) == folded(cell))
    };
    let texts = || {
        others()
            .map(|(_, cell)| cell)
            .chain([id])
            .collect::<Vec<_>>()
    };
    let names =
        has_others && is_name((place, id)) && others().all(is_name) && are_columns(&texts());
    // `password=x`, and names that nobody has.
    let key = id.split_once('=').map_or(id, |(key, _)| key);
    (names || is_nobodys_name(key)).then_some(NoUser::Names)
}

fn is_type(text: &str) -> bool {
    const TYPES: [&str; 22] = [
        "string",
        "str",
        "text",
        "varchar",
        "nvarchar",
        "char",
        "character",
        "bool",
        "boolean",
        "bit",
        "int",
        "integer",
        "bigint",
        "number",
        "numeric",
        "float",
        "double",
        "date",
        "datetime",
        "timestamp",
        "json",
        "object",
    ];
    let word = text.split('(').next().unwrap_or_default().trim();
    TYPES.iter().any(|kind| word.eq_ignore_ascii_case(kind))
}

/// Whether a text is a word for a sum, perhaps with its number.
fn is_sum(text: &str) -> bool {
    const WORDS: [&str; 20] = [
        "total",
        "totals",
        "grand total",
        "subtotal",
        "sum",
        "count",
        "average",
        "summe",
        "gesamt",
        "gesamtsumme",
        "gesamtergebnis",
        "anzahl",
        "zwischensumme",
        "somme",
        "suma",
        "totale",
        "итого",
        "всего",
        "合計",
        "合计",
    ];
    let word = text.trim_end_matches(|c: char| {
        c.is_ascii_digit() || matches!(c, ' ' | ':' | '=' | '.' | ',' | '(' | ')')
    });
    WORDS.contains(&word.to_lowercase().as_str())
}
