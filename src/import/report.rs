//! What happened to every row, as CSV; and the files to begin with.
//!
//! The files open in spreadsheets: they begin with a byte order mark, and what would be computed has an
//! apostrophe in front, which reading takes away again. Passwords are written as they
//! are: whoever copies one from the file must get exactly this one.

use super::columns::{HeaderRole, ImportColumn, LEFT_OUT, Meaning, meaning};
use super::matching::MatchedBy;
use super::outcome::{AccountAfter, Outcome};
use super::plan::{Idle, Planned};
use super::table::{ERROR, FileRow, Header, Table};
use crate::api::UserId;
use crate::listing::csv::{Cell, Csv, is_formula};

/// The example file for download.
pub const EXAMPLE: &str = include_str!("../../assets/example.csv");

/// A file with nothing but the header.
pub fn template() -> String {
    let names: Vec<&str> = ImportColumn::ALL[..ImportColumn::OWN]
        .iter()
        .map(|column| column.name())
        .collect();
    names.join(",") + "\r\n"
}

/// What will happen to a row, or how it ended, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Will be created.
    Create,
    /// Will be updated.
    Update,
    Created,
    CreatedWithProblems,
    Updated,
    UpdatedWithProblems,
    Skipped,
    Unchanged,
    Conflict,
    ChangedByAccident,
    MayBeRenamed,
    Unknown,
    Failed,
    NotDone,
    Invalid,
}

impl Word {
    /// As programs that read the report find it.
    pub fn name(self) -> &'static str {
        match self {
            Word::Create => "create",
            Word::Update => "update",
            Word::Created => "created",
            Word::CreatedWithProblems => "created_with_problems",
            Word::Updated => "updated",
            Word::UpdatedWithProblems => "updated_with_problems",
            Word::Skipped => "skipped",
            Word::Unchanged => "unchanged",
            Word::Conflict => "conflict",
            Word::ChangedByAccident => "changed_by_accident",
            Word::MayBeRenamed => "may_be_renamed",
            Word::Unknown => "unknown",
            Word::Failed => "failed",
            Word::NotDone => "not_done",
            Word::Invalid => "invalid",
        }
    }
}

/// What will happen to a row, before it does.
pub fn planned_word(planned: &Planned) -> Word {
    match planned {
        Planned::Create { .. } => Word::Create,
        Planned::Update { .. } => Word::Update,
        _ => word(planned, None),
    }
}

/// How a row ended.
pub fn word(planned: &Planned, outcome: Option<&Outcome>) -> Word {
    match (planned, outcome) {
        (_, Some(outcome)) => match outcome {
            Outcome::Created { problems, .. } if problems.is_empty() => Word::Created,
            Outcome::Created { .. } => Word::CreatedWithProblems,
            Outcome::Updated { problems } if problems.is_empty() => Word::Updated,
            Outcome::Updated { .. } => Word::UpdatedWithProblems,
            Outcome::Skipped => Word::Skipped,
            Outcome::Unchanged => Word::Unchanged,
            Outcome::Conflict => Word::Conflict,
            Outcome::ChangedByAccident { .. } => Word::ChangedByAccident,
            Outcome::MayBeRenamed => Word::MayBeRenamed,
            Outcome::Failed {
                account: AccountAfter::Unknown,
                ..
            } => Word::Unknown,
            Outcome::Failed { .. } | Outcome::Refused(_) => Word::Failed,
            Outcome::NotDone => Word::NotDone,
        },
        (_, None) => match planned.idle() {
            Some(Idle::Exists) => Word::Skipped,
            Some(Idle::Unchanged) => Word::Unchanged,
            Some(Idle::Blocked) => Word::Invalid,
            Some(Idle::Conflict) => Word::Conflict,
            Some(Idle::NotLookedUp) | None => Word::NotDone,
        },
    }
}

/// Whether a row belongs into the file of failed rows: what was wanted did not happen, or not
/// all of it.
pub fn is_failure(planned: &Planned, outcome: Option<&Outcome>) -> bool {
    match (planned, outcome) {
        (_, Some(outcome)) => outcome.is_failure(),
        (_, None) => !matches!(planned.idle(), Some(Idle::Exists | Idle::Unchanged)),
    }
}

/// A line of the report.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// The line of the file.
    pub line: u32,
    /// The account, as it is now; else as the file has it.
    pub id: &'a str,
    pub displayname: &'a str,
    /// See [`Word::name`].
    pub outcome: &'a str,
    /// A sentence.
    pub detail: &'a str,
    /// The generated password, if the account has it or may have it.
    pub password: Option<&'a str>,
}

/// The report: a line for every row.
pub struct ImportReport {
    out: Csv,
    passwords: bool,
}

impl Default for ImportReport {
    fn default() -> Self {
        ImportReport::new()
    }
}

impl ImportReport {
    /// Makes a file that has only its header yet.
    pub fn new() -> Self {
        ImportReport::begin(true)
    }

    /// Makes the file of a plan, which has no passwords: they are made anew for each plan.
    pub fn of_plan() -> Self {
        ImportReport::begin(false)
    }

    fn begin(passwords: bool) -> Self {
        let header = ["line", "id", "displayname", "outcome", "detail", "password"];
        ImportReport {
            out: Csv::new(&header[..header.len() - usize::from(!passwords)]),
            passwords,
        }
    }

    /// Adds a row to the report.
    pub fn push(&mut self, line: Line<'_>) {
        let number = line.line.to_string();
        let fields = [
            number.as_str(),
            line.id,
            line.displayname,
            line.outcome,
            line.detail,
        ];
        let password = line.password.unwrap_or_default();
        let password = self.passwords.then_some(Cell::Secret(password));
        self.out
            .push_cells(fields.map(Cell::Text).into_iter().chain(password));
    }

    /// The whole file, as a spreadsheet opens it.
    pub fn finish(self) -> String {
        self.out.finish()
    }
}

/// The rows that failed, as they are in the table, with what went wrong in a first column: to
/// be put right and imported again. Rows with too few or too many fields still have so many.
pub struct Failed {
    /// Where the ID is, if the table has it.
    id: Option<usize>,
    password: Option<usize>,
    /// A column with the errors of an earlier import, which is not written again.
    old_errors: Option<usize>,
    out: Csv,
}

impl Failed {
    /// Makes a file that has only its header yet.
    pub fn new(table: &Table) -> Self {
        let id = table.place(ImportColumn::Id);
        let old_errors = table.place_of_errors();
        let mut header = vec![ERROR];
        header.extend(id.is_none().then_some(ImportColumn::Id.name()));
        let names = table.headers.iter().zip(table.hows()).enumerate();
        let names = names.filter(|(index, _)| Some(*index) != old_errors);
        let names: Vec<String> = names.map(|(_, (header, how))| name(header, *how)).collect();
        header.extend(names.iter().map(String::as_str));
        Failed {
            id,
            password: table.place(ImportColumn::Password),
            old_errors,
            out: Csv::new(&header),
        }
    }

    /// Adds a row. `user` is its account, if it was made up and exists.
    pub fn push(&mut self, cells: FileRow<'_>, user: Option<&UserId>, error: &str) {
        let (id, password) = (self.id, self.password);
        let written = |(index, text)| match user {
            Some(user) if Some(index) == id => Cell::Text(user.as_str()),
            _ if Some(index) == password => Cell::Secret(text),
            _ => cell(text),
        };
        let old_errors = self.old_errors;
        let fields = cells.cells().enumerate();
        let fields = fields
            .filter(|(index, _)| Some(*index) != old_errors)
            .map(written);
        let made_up = user.map_or("", UserId::as_str);
        let made_up = id.is_none().then_some(Cell::Text(made_up));
        let line = [Cell::Text(error)].into_iter().chain(made_up);
        self.out.push_cells(line.chain(fields));
    }

    /// The whole file, as a spreadsheet opens it.
    pub fn finish(self) -> String {
        self.out.finish()
    }
}

/// A cell of the table as the file is to say it: an apostrophe that an earlier file of ours put
/// there does not become two.
fn cell(text: &str) -> Cell<'_> {
    Cell::Text(match text.strip_prefix('\'') {
        Some(bare) if is_formula(bare) => bare,
        _ => text,
    })
}

/// The name of a column, such that it is taken for the same again, whatever the rows that failed look like:
/// what a person has chosen is in no header, and their values alone may look like something.
fn name(header: &Header, how: MatchedBy) -> String {
    let is_same = meaning(&header.name) == Meaning::Role(header.role);
    match (header.role, how) {
        (_, MatchedBy::Known) if is_same => header.name.clone(),
        (HeaderRole::Column(column), _) => column.name().to_owned(),
        // In brackets it is told, and means nothing.
        (HeaderRole::Ignored | HeaderRole::Unknown, _) => {
            let told = header.name.replace(['(', ')', '[', ']', '（', '）'], " ");
            format!("{LEFT_OUT} ({})", told.trim())
        }
    }
}

#[cfg(test)]
mod tests;
