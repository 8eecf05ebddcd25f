//! What is wrong in the same way in many cells, to be put right at once: see
//! [`correct`](super::correct).

use super::columns::ImportColumn;
use super::correct::Which;
use super::table::Table;
use super::validate::{Problem, ProblemKind, Validation};
use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};

/// How many different groups are kept in mind: a file of 100,000 different mistakes has none that
/// is worth a button.
const MOST: usize = 5_000;

/// How many groups are shown.
const SHOWN: usize = 8;

/// Cells of one column that have the same problem.
#[derive(Clone, Debug, PartialEq)]
pub struct AlikeCells {
    pub kind: ProblemKind,
    /// From 0.
    pub column: usize,
    /// Their value, if it is the same in all of them; `None` if each has an offer of its own, or if the
    /// same is asked of all of them.
    pub value: Option<String>,
    /// What is offered: for all of them, or as an example.
    pub fix: Option<String>,
    /// How many cells they are.
    pub cells: usize,
}

impl AlikeCells {
    /// Whether all of them have the same offer.
    fn is_one(&self) -> bool {
        self.value.is_some()
    }

    /// The correction to a value.
    pub fn to(&self, to: &str) -> Option<Which> {
        Some(Which::Value {
            kind: discriminant(&self.kind),
            column: self.column,
            value: self.value.clone()?,
            to: to.to_owned(),
        })
    }

    /// The correction of each to what it offers itself.
    pub fn offered(&self) -> Option<Which> {
        self.fix.as_ref()?;
        Some(self.of_kind())
    }

    /// All of them, to be kept as they are.
    pub fn all(&self) -> Which {
        self.to("").unwrap_or_else(|| self.of_kind())
    }

    fn of_kind(&self) -> Which {
        Which::Offered {
            kind: discriminant(&self.kind),
            column: self.column,
        }
    }
}

/// A kind of problem in a column, with the value if that is the same.
type Group = (Discriminant<ProblemKind>, usize, Option<String>);

/// Sorts cells with problems, in slices.
#[derive(Default)]
pub struct Sorting {
    row: usize,
    groups: HashMap<Group, AlikeCells>,
}

impl Sorting {
    /// Looks at so many more rows; says whether all have been looked at.
    pub fn look_at(&mut self, table: &Table, file: &Validation, max_rows: usize) -> bool {
        let password = table.place(ImportColumn::Password);
        let until = self.row.saturating_add(max_rows).min(file.checked());
        for row in self.row..until {
            if file.severity(row).is_none() {
                continue;
            }
            for problem in file.problems(table, row) {
                let Some(column) = problem
                    .place
                    .column
                    .and_then(|number| number.checked_sub(1))
                else {
                    continue;
                };
                // The question is about the row, whatever stands in the cell.
                let is_of_row = matches!(
                    problem.kind,
                    ProblemKind::OtherHeader { .. } | ProblemKind::TooFewFields { .. }
                );
                if problem.fix.is_some() || is_of_row {
                    self.add(&problem, column, None);
                }
                // Passwords are not shown.
                if Some(column) != password
                    && !is_of_row
                    && let Some(cells) = table.rows().get(row)
                {
                    self.add(&problem, column, Some(cells.cell(column)));
                }
            }
        }
        self.row = until;
        until == file.checked()
    }

    fn add(&mut self, problem: &Problem, column: usize, value: Option<&str>) {
        let value = value.map(str::to_owned);
        let group = (discriminant(&problem.kind), column, value.clone());
        let is_full = self.groups.len() >= MOST;
        if let Some(alike) = self.groups.get_mut(&group) {
            alike.cells += 1;
        } else if !is_full {
            let alike = AlikeCells {
                kind: problem.kind.clone(),
                column,
                value,
                fix: problem.fix.clone(),
                cells: 1,
            };
            self.groups.insert(group, alike);
        }
    }

    /// The groups of more than one cell, the largest first.
    pub fn finish(self) -> Vec<AlikeCells> {
        let mut all: Vec<AlikeCells> = self.groups.into_values().collect();
        all.retain(|alike| alike.cells > 1);
        // Where one value has all that is offered, one line says it.
        let whole: Vec<(Discriminant<ProblemKind>, usize, usize)> = all
            .iter()
            .filter(|alike| !alike.is_one())
            .map(|alike| (discriminant(&alike.kind), alike.column, alike.cells))
            .collect();
        all.retain(|alike| {
            let same = (discriminant(&alike.kind), alike.column, alike.cells);
            !(alike.is_one() && whole.contains(&same))
        });
        all.sort_by(|a, b| {
            let order = |alike: &AlikeCells| (alike.column, alike.value.clone());
            b.cells.cmp(&a.cells).then_with(|| order(a).cmp(&order(b)))
        });
        all.truncate(SHOWN);
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::correct::Gathering;
    use crate::import::read::read;
    use crate::import::tests::rules;

    fn sorted(table: &Table, file: &Validation) -> Vec<AlikeCells> {
        let mut sorting = Sorting::default();
        while !sorting.look_at(table, file, 2) {}
        sorting.finish()
    }

    fn correct(table: &mut Table, file: &Validation, which: Which) -> usize {
        let mut gathering = Gathering::new(which);
        while !gathering.look_at(table, file, 2) {}
        let correction = gathering.finish();
        correction.apply(table);
        correction.len()
    }

    #[test]
    fn rows_behind_another_header_are_answered_together() {
        let text = "id,displayname\njane,Jane\ndisplayname,id\nx,ann\ny,bob\nz,eve\n";
        let table = read(text.as_bytes()).unwrap();
        let file = Validation::of(&table, rules()).unwrap();
        let found = sorted(&table, &file);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].cells, found[0].offered()), (3, None));
        let all = found[0].all();
        let is_one = |row: &usize| all.cell(&table, &file, *row).is_some();
        // The names themselves are asked about alone.
        assert_eq!((0..5).filter(is_one).collect::<Vec<_>>(), [2, 3, 4]);
    }

    #[test]
    fn empty_cells_that_a_program_left_out_are_answered_together() {
        let text = "id,password,admin,phone\na,x,no,1\nb,y\nc,z,no\nd,z\n";
        let mut table = read(text.as_bytes()).unwrap();
        let mut file = Validation::of(&table, rules()).unwrap();
        let found = sorted(&table, &file);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].column, found[0].cells), (2, 2));
        let all = found[0].all();
        for row in 0..4 {
            if let Some(column) = all.cell(&table, &file, row) {
                table.keep(row, column);
                file.recheck(&table, row);
            }
        }
        assert!(sorted(&table, &file).is_empty());
        assert_eq!(file.counts().questions, 1);
        assert_eq!(table.rows().get(1).unwrap().len(), 4);
        assert!(table.is_corrected());
    }

    #[test]
    fn what_is_wrong_in_the_same_way_is_put_right_at_once() {
        let text = "id,admin,password\n\
                    Jane,maybe, x \nJoe,maybe, x \nJim,maybe, x \n\
                    ann,perhaps,y\neve,perhaps,y\nbob,once,y\nmax,no,y\n";
        let mut table = read(text.as_bytes()).unwrap();
        let file = Validation::of(&table, rules()).unwrap();
        let found = sorted(&table, &file);
        let shown: Vec<(usize, Option<&str>, usize)> = found
            .iter()
            .map(|alike| (alike.column, alike.value.as_deref(), alike.cells))
            .collect();
        // No password is a value to be shown; their spaces can go all the same.
        assert_eq!(
            shown,
            [
                (0, None, 3),
                (1, Some("maybe"), 3),
                (2, None, 3),
                (1, Some("perhaps"), 2)
            ]
        );
        let to_no = found[1].to("no").unwrap();
        assert_eq!(correct(&mut table, &file, to_no), 3);
        let lower = found[0].offered().unwrap();
        assert_eq!(correct(&mut table, &file, lower), 3);
        let values: Vec<(&str, &str)> = (0..5)
            .map(|row| {
                (
                    table.field(row, ImportColumn::Id),
                    table.field(row, ImportColumn::Admin),
                )
            })
            .collect();
        let wanted = [
            ("jane", "no"),
            ("joe", "no"),
            ("jim", "no"),
            ("ann", "perhaps"),
            ("eve", "perhaps"),
        ];
        assert_eq!(values, wanted);
    }
}
