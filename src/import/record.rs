//! An import as it is kept beside its [`journal`](super::journal): the file and the plan, row
//! by row, to go on with; and what remains when it is finished, which has no secrets.

use super::columns::Column;
use super::plan::{OnConflict, Plan, Planned};
use super::read::{Header, Table};
use super::run::Tally;
use crate::api::tolerant::Timestamp;
use crate::api::{ServerName, UserId};
use serde::{Deserialize, Serialize};

/// The form of what is kept. What has another is not read.
pub const VERSION: u32 = 1;

/// How many rows are kept in one piece.
pub const PIECE: usize = 500;

/// What is known of a kept import at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Head {
    /// See [`VERSION`].
    pub version: u32,
    pub file_name: String,
    pub server: ServerName,
    /// Who imports: nobody else is shown it.
    pub owner: UserId,
    pub started: Timestamp,
    pub state: State,
    pub on_conflict: OnConflict,
    /// See [`super::run::Options::newest_known`].
    pub newest_known: Option<Timestamp>,
    pub headers: Vec<Header>,
    /// How many rows the file has.
    pub rows: usize,
    /// How many of them need requests.
    pub tasks: usize,
    /// How many of those have come to their end.
    pub ended: usize,
    /// How the rows have ended, once all have.
    pub tally: Option<Tally>,
    /// How many accounts were deactivated again.
    pub undone: usize,
}

/// How far a kept import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// The file and the plan are being written down: nothing has been sent.
    Beginning,
    /// Rows are open.
    Running,
    /// All rows have ended; file, plan and passwords are still there.
    Ended,
    /// The report is all that is left.
    Finished,
}

/// A row of the file and what is planned for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptRow {
    #[serde(rename = "l")]
    line: u32,
    #[serde(rename = "c")]
    cells: Vec<String>,
    #[serde(rename = "p")]
    planned: Planned,
}

/// The rows from this one on, at most [`PIECE`], as JSON.
pub fn piece(table: &Table, plan: &Plan, from: usize) -> String {
    let until = (from + PIECE).min(plan.rows.len());
    let rows: Vec<KeptRow> = (from..until)
        .map(|row| {
            let cells = &table.rows()[row];
            KeptRow {
                line: cells.line,
                cells: cells.cells().map(str::to_owned).collect(),
                planned: plan.rows[row].clone(),
            }
        })
        .collect();
    // Texts, numbers and lists of them always serialise.
    serde_json::to_string(&rows).unwrap_or_default()
}

/// Adds the rows of a piece. Fails with a sentence for developers.
pub fn add_piece(table: &mut Table, plan: &mut Plan, piece: &str) -> Result<(), String> {
    let rows: Vec<KeptRow> = serde_json::from_str(piece).map_err(|error| error.to_string())?;
    for row in rows {
        table.push(row.line, &row.cells);
        plan.add(row.planned);
    }
    Ok(())
}

/// A row of a finished import: no password, and of the file only the name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportRow {
    #[serde(rename = "l")]
    pub line: u32,
    /// The account, or what the file has instead.
    #[serde(rename = "i")]
    pub id: String,
    #[serde(rename = "n")]
    pub displayname: String,
    /// See [`super::report::word`].
    #[serde(rename = "w")]
    pub outcome: String,
    #[serde(rename = "d")]
    pub detail: String,
    /// Whether the account was surely created by this import.
    #[serde(rename = "c", default, skip_serializing_if = "std::ops::Not::not")]
    pub created: bool,
}

impl ReportRow {
    /// The name that the file gives a row.
    pub fn name_of(table: &Table, row: usize) -> String {
        table.field(row, Column::DisplayName).trim().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{plan, read, validate};
    use super::*;
    use crate::api::server::Capabilities;
    use crate::import::tests::Dice;

    #[test]
    fn what_is_kept_is_what_was_planned() {
        let csv = "id,displayname,password,admin,threepids,rooms\n\
                   jane,\"Jane\nDoe\",secret,yes,email:a@b.c,#a:b.org\n\
                   \n\
                   joe,Joe,,,,\n\
                   bad id!,,,,,\n\
                   ,Nobody,\n";
        let table = read::read(csv.as_bytes()).unwrap();
        let own = UserId::parse("@admin:example.org").unwrap();
        let rules = validate::Rules {
            server_name: own.server(),
            server: Capabilities::default(),
            ids: validate::Ids::FromFile,
        };
        let file = validate::Validation::of(&table, rules).unwrap();
        let mut existing = plan::Existing::new();
        existing.set_complete();
        let options = plan::Options {
            on_conflict: OnConflict::Update,
            passwords: plan::Passwords::GenerateMissing,
            own,
            server: Capabilities::default(),
        };
        let plan = plan::plan(&table, &file, &existing, &options, &Dice::new(1));
        assert_eq!((plan.totals.create, plan.totals.blocked), (2, 2));

        let mut again = Table::kept(table.headers.clone());
        let mut planned = Plan::default();
        add_piece(&mut again, &mut planned, &piece(&table, &plan, 0)).unwrap();
        // Only whoever plans needs to know what nobody has asked for.
        planned.totals.unchecked = plan.totals.unchecked;
        assert_eq!(planned, plan);
        for (row, cells) in table.rows().iter().enumerate() {
            assert_eq!(again.rows()[row].line, cells.line);
            assert!(again.rows()[row].cells().eq(cells.cells()));
            for column in Column::ALL {
                assert_eq!(again.field(row, column), table.field(row, column));
            }
        }
    }
}
