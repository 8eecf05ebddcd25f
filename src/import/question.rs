//! What a person is asked before an import runs: what is sent, what is left out, and what should
//! be known before.

use super::columns::Role;
use super::decode::Encoding;
use super::plan::{Plan, Planned, Totals};
use super::table::Table;
use super::validate::{ProblemKind, Severity, Validation};
use std::mem::discriminant;

/// What a person must have answered before an import begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    pub totals: Totals,
    /// What the rows that are sent are warned of, each kind once, with how many times.
    pub warnings: Vec<(ProblemKind, usize)>,
    /// The encoding, if it is a guess.
    pub guessed: Option<Encoding>,
    /// The names of the columns that are left out.
    pub ignored: Vec<String>,
}

impl Question {
    /// The question before this plan is run.
    pub fn of(table: &Table, file: &Validation, plan: &Plan) -> Self {
        let mut warnings: Vec<(ProblemKind, usize)> = Vec::new();
        let mut warn = |kind: &ProblemKind| {
            let known = warnings
                .iter_mut()
                .find(|(known, _)| discriminant(known) == discriminant(kind));
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
        }
        let is_ignored = |role: Role| !matches!(role, Role::Column(_));
        let ignored = table.headers.iter();
        Question {
            totals: plan.totals,
            warnings,
            guessed: Some(table.encoding).filter(|_| !table.offers.is_empty()),
            ignored: ignored
                .filter(|header| is_ignored(header.role) && !header.name.is_empty())
                .map(|header| header.name.clone())
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::encodings::Legacy;
    use crate::import::plan::{OnConflict, Options, plan};
    use crate::import::read::read;
    use crate::import::tests::{Dice, complete, options, rules, user};

    fn question(file: &[u8]) -> Question {
        let table = read(file).unwrap();
        let file = Validation::of(&table, rules()).unwrap();
        let options = Options {
            on_conflict: OnConflict::Update,
            ..options()
        };
        let existing = complete(&[user("@old:example.org")]);
        let plan = plan(&table, &file, &existing, &options, &Dice::new(1));
        Question::of(&table, &file, &plan)
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
        assert_eq!(question.ignored, ["Cost center"]);
        assert_eq!(question.guessed, None);
        let totals = question.totals;
        assert_eq!((totals.create, totals.update, totals.blocked), (2, 1, 1));
    }

    #[test]
    fn a_guess_is_told() {
        let question = question(b"id,displayname\njane,J\xe4ne\n");
        let western = Encoding::Legacy(Legacy::WINDOWS_1252);
        assert_eq!(question.guessed, Some(western));
    }
}
