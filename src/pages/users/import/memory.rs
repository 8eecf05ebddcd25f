//! What this browser remembers of the columns of earlier files: what each was taken for, and of their
//! headers nothing but a mark ([`mark`]). What looks like a header may be a row of somebody's secrets.

use crate::browser::storage::Keep;
use crate::import::columns::{BETWEEN, HeaderRole, ImportColumn, mark};
use crate::import::table::Table;

/// What the columns of files with the same header were taken for.
const KEY: &str = "import-marks";
/// The same with marks by which a short list of guesses would tell the header.
const LONGER_KEY: &str = "import-headers";
/// The same with the headers in clear text, as earlier versions of the panel kept it.
const OLD_KEY: &str = "import-columns";
/// How many headers are remembered.
const REMEMBERED: usize = 30;
/// What stands for a column that is left out.
pub const LEFT_OUT: &str = "-";

/// The word that stands for what a column is taken for.
pub fn value(role: HeaderRole) -> &'static str {
    match role {
        HeaderRole::Column(column) => column.name(),
        HeaderRole::Ignored | HeaderRole::Unknown => LEFT_OUT,
    }
}

/// The opposite of [`value`].
pub fn role(value: &str) -> HeaderRole {
    let column = ImportColumn::ALL
        .iter()
        .find(|column| column.name() == value);
    column.map_or(HeaderRole::Ignored, |column| HeaderRole::Column(*column))
}

/// By what the header of a table is found again.
fn key(table: &Table) -> String {
    let names = table.headers.iter().map(|header| header.name.as_str());
    mark(&names.collect::<Vec<_>>().join(&BETWEEN.to_string()))
}

fn write(all: &[(String, String)]) {
    let lines = all.iter().map(|(key, roles)| format!("{key}\u{1e}{roles}"));
    Keep::ThisBrowser.set(KEY, &lines.collect::<Vec<_>>().join("\n"));
}

/// Forgets the headers that earlier versions of the panel have kept in clear text, and remembers what their
/// columns were taken for; and marks that tell too much.
pub fn forget_names() {
    Keep::ThisBrowser.remove(LONGER_KEY);
    let Some(old) = Keep::ThisBrowser.get(OLD_KEY) else {
        return;
    };
    let mut all = remembered();
    let lines = old.split('\n').filter_map(|line| line.split_once('\u{1e}'));
    all.extend(lines.map(|(names, roles)| (mark(names), roles.to_owned())));
    write(&all);
    Keep::ThisBrowser.remove(OLD_KEY);
}

/// What is remembered, newest first: header and columns.
fn remembered() -> Vec<(String, String)> {
    let text = Keep::ThisBrowser.get(KEY).unwrap_or_default();
    let lines = text
        .split('\n')
        .filter_map(|line| line.split_once('\u{1e}'));
    lines
        .map(|(key, roles)| (key.to_owned(), roles.to_owned()))
        .collect()
}

/// Takes the columns for what they were in an earlier file with the same header.
pub fn recall(table: &mut Table) {
    // A table without a header is like every other one.
    if table.header.is_none() {
        return;
    }
    let wanted = key(table);
    let found = remembered().into_iter().find(|(key, _)| *key == wanted);
    if let Some((_, roles)) = found {
        let roles: Vec<HeaderRole> = roles.split(' ').map(role).collect();
        table.remember(&roles);
    }
}

/// Remembers what the columns are taken for.
pub fn keep(table: &Table) {
    if table.header.is_none() {
        return;
    }
    let wanted = key(table);
    let roles = table.headers.iter().map(|header| value(header.role));
    let roles = roles.collect::<Vec<_>>().join(" ");
    let mut all = remembered();
    all.retain(|(key, _)| *key != wanted);
    all.insert(0, (wanted, roles));
    all.truncate(REMEMBERED);
    write(&all);
}
