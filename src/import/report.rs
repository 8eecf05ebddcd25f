//! What happened to every row, as CSV; and the files to begin with.
//!
//! The files open in spreadsheets: saving them puts a byte order mark before them, and what would be
//! computed has an apostrophe in front, which reading takes away again. Passwords are written as they
//! are: whoever copies one from the file must get exactly this one.

use super::columns::{Column, Role};
use super::plan::{Idle, Planned};
use super::run::{Known, Outcome};
use super::table::{Header, Row, Table};
use crate::api::UserId;
use crate::listing::export::is_formula;

/// The example file for download.
pub const EXAMPLE: &str = include_str!("../../assets/example.csv");

/// A file with nothing but the header.
pub fn template() -> String {
    let names: Vec<&str> = Column::ALL[..Column::OWN]
        .iter()
        .map(|column| column.name())
        .collect();
    names.join(",") + "\r\n"
}

/// How a row ended, in one word for programs that read the report.
pub fn word(planned: &Planned, outcome: Option<&Outcome>) -> &'static str {
    match (planned, outcome) {
        (_, Some(outcome)) => match outcome {
            Outcome::Created { problems, .. } if problems.is_empty() => "created",
            Outcome::Created { .. } => "created_with_problems",
            Outcome::Updated { problems } if problems.is_empty() => "updated",
            Outcome::Updated { .. } => "updated_with_problems",
            Outcome::Skipped => "skipped",
            Outcome::Unchanged => "unchanged",
            Outcome::Conflict => "conflict",
            Outcome::ChangedByAccident { .. } => "changed_by_accident",
            Outcome::MayBeRenamed => "may_be_renamed",
            Outcome::Failed {
                account: Known::Unknown,
                ..
            } => "unknown",
            Outcome::Failed { .. } => "failed",
            Outcome::NotDone => "not_done",
        },
        (_, None) => match planned.idle() {
            Some(Idle::Exists) => "skipped",
            Some(Idle::Unchanged) => "unchanged",
            Some(Idle::Blocked) => "invalid",
            Some(Idle::Conflict) => "conflict",
            Some(Idle::NotLookedUp) | None => "not_done",
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
    /// See [`word`].
    pub outcome: &'a str,
    /// A sentence.
    pub detail: &'a str,
    /// The generated password, if the account has it.
    pub password: Option<&'a str>,
}

/// The report: a line for every row.
pub struct Report {
    out: Csv,
    passwords: bool,
}

impl Default for Report {
    fn default() -> Self {
        Report::new()
    }
}

impl Report {
    /// Begins with the header.
    pub fn new() -> Self {
        Report::begin(true)
    }

    /// The same in the form of a plan: without passwords, which are made anew for each plan.
    pub fn of_plan() -> Self {
        Report::begin(false)
    }

    fn begin(passwords: bool) -> Self {
        let mut report = Report {
            out: Csv::new(),
            passwords,
        };
        let header = ["line", "id", "displayname", "outcome", "detail"];
        report.line(header.map(|name| (name, true)), "password");
        report
    }

    /// Adds a line.
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
        self.line(fields.map(|field| (field, true)), password);
    }

    fn line(&mut self, fields: [(&str, bool); 5], password: &str) {
        let password = self.passwords.then_some((password, false));
        self.out.push(fields.into_iter().chain(password));
    }

    /// The file.
    pub fn finish(self) -> String {
        self.out.text
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

/// The column with what went wrong.
const ERROR: &str = "error";

impl Failed {
    /// Begins with the header.
    pub fn new(table: &Table) -> Self {
        let is_error = |header: &Header| {
            header.role == Role::Ignored && header.name.eq_ignore_ascii_case(ERROR)
        };
        let mut failed = Failed {
            id: table.place(Column::Id),
            password: table.place(Column::Password),
            old_errors: table.headers.iter().position(is_error),
            out: Csv::new(),
        };
        let names = table
            .headers
            .iter()
            .map(|header| (header.name.as_str(), true));
        let names: Vec<_> = names.collect();
        failed.line((ERROR, true), (Column::Id.name(), true), &names);
        failed
    }

    /// Adds a row. `user` is its account, if it was made up and exists.
    pub fn push(&mut self, cells: Row<'_>, user: Option<&UserId>, error: &str) {
        let (id, password) = (self.id, self.password);
        let cell = |(index, text)| match user {
            Some(user) if Some(index) == id => (user.as_str(), true),
            _ => (text, Some(index) != password),
        };
        let fields: Vec<_> = cells.cells().enumerate().map(cell).collect();
        let user = user.map_or("", UserId::as_str);
        self.line((error, true), (user, true), &fields);
    }

    fn line(&mut self, error: (&str, bool), id: (&str, bool), fields: &[(&str, bool)]) {
        let id = self.id.is_none().then_some(id);
        let fields = fields.iter().enumerate();
        let fields = fields.filter(|(index, _)| Some(*index) != self.old_errors);
        let line = [error].into_iter().chain(id);
        self.out.push(line.chain(fields.map(|(_, field)| *field)));
    }

    /// The file.
    pub fn finish(self) -> String {
        self.out.text
    }
}

/// Comma-separated lines.
struct Csv {
    text: String,
}

impl Csv {
    fn new() -> Self {
        Csv {
            text: String::new(),
        }
    }

    /// Adds a line of fields, each with whether it is kept from being computed.
    fn push<'a>(&mut self, fields: impl IntoIterator<Item = (&'a str, bool)>) {
        for (index, (field, protect)) in fields.into_iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            let bare = field.trim();
            // An apostrophe of its own protects it already.
            let protect = protect && is_formula(bare) && !bare.starts_with('\'');
            let field = if protect { bare } else { field };
            let quote = protect
                || field.contains([',', '"', '\r', '\n', ';', '\t'])
                || field.trim() != field;
            if quote {
                self.text.push('"');
                if protect {
                    self.text.push('\'');
                }
                self.text.push_str(&field.replace('"', "\"\""));
                self.text.push('"');
            } else {
                self.text.push_str(field);
            }
        }
        self.text.push_str("\r\n");
    }
}

#[cfg(test)]
mod tests;
