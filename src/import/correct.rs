//! Many cells corrected at once: what changes is a value that can be shown and taken back.

use super::columns::ImportColumn;
use super::table::Table;
use super::validate::{Problem, ProblemKind, Validation};
use std::collections::HashSet;
use std::mem::{Discriminant, discriminant};

/// A cell and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CellChange {
    /// From 0.
    pub row: usize,
    /// From 0.
    pub column: usize,
    pub from: String,
    pub to: String,
}

/// Which problems are put right together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// All of this kind in this column, each by what it offers itself, see [`Problem::fix`].
    Offered {
        kind: Discriminant<ProblemKind>,
        column: usize,
    },
    /// All cells of a column that have this value and this kind of problem become another value.
    Value {
        kind: Discriminant<ProblemKind>,
        column: usize,
        value: String,
        to: String,
    },
}

impl Which {
    /// All that are like this one, each by what it offers itself.
    pub fn offered(problem: &Problem) -> Option<Which> {
        let column = problem.place.column?.checked_sub(1)?;
        problem.fix.as_ref()?;
        let kind = discriminant(&problem.kind);
        Some(Which::Offered { kind, column })
    }

    /// All cells with the same value and the same problem as this one become `to`.
    pub fn value(table: &Table, row: usize, problem: &Problem, to: &str) -> Option<Which> {
        let column = problem.place.column?.checked_sub(1)?;
        Some(Which::Value {
            kind: discriminant(&problem.kind),
            column,
            value: table.rows().get(row)?.cell(column).to_owned(),
            to: to.to_owned(),
        })
    }
}

/// What a correction changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Correction {
    /// By rows.
    pub changes: Vec<CellChange>,
}

/// Looks for what is to be changed, in slices.
pub struct Gathering {
    which: Which,
    row: usize,
    /// IDs that rows get.
    ids: HashSet<String>,
    correction: Correction,
}

impl Gathering {
    /// Makes a search that begins with the first row.
    pub fn new(which: Which) -> Self {
        Gathering {
            which,
            row: 0,
            ids: HashSet::new(),
            correction: Correction::default(),
        }
    }

    /// Looks at so many more rows; says whether all have been looked at.
    pub fn look_at(&mut self, table: &Table, validation: &Validation, max_rows: usize) -> bool {
        let until = self.row.saturating_add(max_rows).min(validation.checked());
        for row in self.row..until {
            if validation.severity(row).is_some() {
                let change = self.which.changes(table, validation, row);
                // Two rows that would have the same ID then: the first one gets it.
                let is_free = change.as_ref().is_some_and(|change| {
                    Some(change.column) != table.place(ImportColumn::Id)
                        || self.ids.insert(change.to.clone())
                });
                self.correction.changes.extend(change.filter(|_| is_free));
            }
        }
        self.row = until;
        until == validation.checked()
    }

    /// The correction, with every cell that it would change.
    pub fn finish(self) -> Correction {
        self.correction
    }
}

impl Which {
    /// The column, from 0, of the cell of a row that is one of them.
    pub fn cell(&self, table: &Table, validation: &Validation, row: usize) -> Option<usize> {
        let (Which::Offered { kind, column } | Which::Value { kind, column, .. }) = self;
        if matches!(self, Which::Value { value, .. } if value != table.rows().get(row)?.cell(*column))
        {
            return None;
        }
        let problems = validation.problems(table, row);
        let is_one = problems.iter().any(|problem| {
            problem.place.column == Some(column + 1) && discriminant(&problem.kind) == *kind
        });
        is_one.then_some(*column)
    }

    fn changes(&self, table: &Table, validation: &Validation, row: usize) -> Option<CellChange> {
        let (Which::Offered { kind, column } | Which::Value { kind, column, .. }) = self;
        let from = table.rows().get(row)?.cell(*column);
        if matches!(self, Which::Value { value, .. } if value != from) {
            return None;
        }
        let problems = validation.problems(table, row);
        let problem = problems.into_iter().find(|problem| {
            problem.place.column == Some(column + 1) && discriminant(&problem.kind) == *kind
        })?;
        let to = match self {
            Which::Offered { .. } => problem.fix?,
            Which::Value { to, .. } => to.clone(),
        };
        (to != from).then(|| CellChange {
            row,
            column: *column,
            from: from.to_owned(),
            to,
        })
    }
}

impl Correction {
    /// How many cells it changes.
    pub fn len(&self) -> usize {
        self.changes.len()
    }

    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Writes the new values; the rows are to be validated anew.
    pub fn apply(&self, table: &mut Table) {
        for change in &self.changes {
            table.set(change.row, change.column, &change.to);
        }
    }

    /// Writes the values from before, where nothing else has been written since; the rows are to
    /// be validated anew.
    pub fn take_back(&self, table: &mut Table) {
        for change in &self.changes {
            let now = table.rows().get(change.row);
            if now.is_some_and(|row| row.cell(change.column) == change.to) {
                table.set(change.row, change.column, &change.from);
            }
        }
    }
}
