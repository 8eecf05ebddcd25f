//! What a person is asked before an import runs: what is sent, what is left out, and what should
//! be known before.

use super::columns::{HeaderRole, ImportColumn};
use super::decode::Encoding;
use super::matching::Match;
use super::plan::{Plan, PlanTotals, Planned};
use super::table::Table;
use super::validate::{ProblemKind, Severity, Validation};
use std::mem::discriminant;

/// What a person must have answered before an import begins.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenQuestion {
    pub totals: PlanTotals,
    /// What the rows that are sent are warned of, each kind once, with how many times.
    pub warnings: Vec<(ProblemKind, usize)>,
    /// The encoding, if it is a guess.
    pub guessed: Option<Encoding>,
    /// The columns that have values and are left out.
    pub left_out: Vec<Match>,
    /// The columns that nobody has named, and what each is taken for.
    pub guessed_columns: Vec<(Match, ImportColumn)>,
}

impl OpenQuestion {
    /// The question before this plan is run.
    pub fn of(table: &Table, file: &Validation, plan: &Plan) -> Self {
        let mut warnings: Vec<(ProblemKind, usize)> = Vec::new();
        let mut warn = |kind: &ProblemKind| {
            let known = warnings.iter_mut().find(|(known, _)| is_like(known, kind));
            match known {
                Some((_, count)) => *count += 1,
                None => warnings.push((kind.clone(), 1)),
            }
        };
        for (row, planned) in plan.rows.iter().enumerate() {
            let notes = match planned {
                Planned::Create { .. } => &[][..],
                Planned::Update { notes, .. } => notes,
                _ => continue,
            };
            if file.severity(row).is_some() {
                let problems = file.problems(table, row);
                let problems = problems.iter();
                problems
                    .filter(|problem| problem.severity() == Severity::Warning)
                    .for_each(|problem| warn(&problem.kind));
            }
            notes.iter().for_each(|note| warn(&note.kind));
            let left = planned.left().iter();
            left.for_each(|left| warn(&ProblemKind::Untaken(*left)));
        }
        let columns = table.matching().into_iter();
        let (left_out, sent): (Vec<Match>, Vec<Match>) = columns
            .filter(|found| !found.values.is_empty() || has_values(table, found.index))
            .partition(Match::is_left_out);
        let guess = |found: Match| match found.role {
            HeaderRole::Column(column) if found.is_open() => Some((found, column)),
            _ => None,
        };
        OpenQuestion {
            totals: plan.totals,
            warnings,
            guessed: Some(table.encoding).filter(|_| !table.offers.is_empty()),
            left_out,
            guessed_columns: sent.into_iter().filter_map(guess).collect(),
        }
    }
}

/// Whether they are of one kind.
fn is_like(one: &ProblemKind, other: &ProblemKind) -> bool {
    match (one, other) {
        (ProblemKind::Untaken(one), ProblemKind::Untaken(other)) => one == other,
        _ => discriminant(one) == discriminant(other),
    }
}

/// Whether a column, from 0, has a value in any row.
fn has_values(table: &Table, column: usize) -> bool {
    let mut rows = table.rows().iter();
    rows.any(|row| !row.cell(column).trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::encodings::Legacy;
    use crate::import::plan::{OnConflict, PlanOptions, plan};
    use crate::import::read::read;
    use crate::import::tests::{Dice, complete, options, rules, user};

    fn question(file: &[u8]) -> OpenQuestion {
        let table = read(file).unwrap();
        let file = Validation::of(&table, rules()).unwrap();
        let options = PlanOptions {
            on_conflict: OnConflict::Update,
            ..options()
        };
        let existing = complete(&[user("@old:example.org")]);
        let plan = plan(&table, &file, &existing, &options, &Dice::new(1));
        OpenQuestion::of(&table, &file, &plan)
    }

    #[test]
    fn only_what_is_sent_is_warned_of() {
        let question = question(
            b"id,displayname,password,rooms,Cost center\n\
              jane,Jane, spaces ,,1\n\
              joe,Joe,also ,,2\n\
              old,Other,,#a:b.org,3\n\
              not one,Nobody, spaces ,,4\n",
        );
        assert_eq!(
            question.warnings,
            [
                (ProblemKind::PasswordSpaces, 2),
                (ProblemKind::RoomsOnlyForNew, 1)
            ]
        );
        assert_eq!(names(&question.left_out), ["Cost center"]);
        assert_eq!(question.guessed_columns, []);
        assert_eq!(question.guessed, None);
        let totals = question.totals;
        assert_eq!((totals.create, totals.update, totals.blocked), (2, 1, 1));
    }

    fn names(of: &[Match]) -> Vec<&str> {
        of.iter().map(|found| found.name.as_str()).collect()
    }

    #[test]
    fn columns_without_a_name_are_told_as_well() {
        // Of a file without a header, by their numbers and values.
        let question = question(
            b"jane.doe,Jane Doe,jane@example.com,4711\njoe.blow,Joe Blow,joe@example.com,4712\n",
        );
        let left_out: Vec<(usize, &str)> = question
            .left_out
            .iter()
            .map(|found| (found.index, found.values[0].as_str()))
            .collect();
        assert_eq!(left_out, [(3, "4711")]);
        let guessed = question.guessed_columns.iter();
        let guessed: Vec<(usize, ImportColumn)> = guessed
            .map(|(found, column)| (found.index, *column))
            .collect();
        assert_eq!(
            guessed,
            [
                (0, ImportColumn::Id),
                (1, ImportColumn::DisplayName),
                (2, ImportColumn::Email)
            ]
        );
    }

    #[test]
    fn a_guess_is_told() {
        let question = question(b"id,displayname\njane,J\xe4ne\n");
        let western = Encoding::Legacy(Legacy::WINDOWS_1252);
        assert_eq!(question.guessed, Some(western));
    }
}
