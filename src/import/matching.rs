//! What the columns of a file are taken for, and why: to be looked at, and changed, before
//! anything is sent.

use super::columns::{HeaderRole, ImportColumn};
use super::table::Table;

/// How many values of a column are shown.
const VALUES: usize = 3;

/// Why a column is taken for what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// Its name is known.
    Known,
    /// Its name or its values look like it: to be looked at.
    Likely,
    /// Nothing is known of it: it is left out until somebody says what it is.
    Unrecognised,
    /// It says the same as an earlier column, and is left out.
    Twice {
        /// The earlier one, from 0.
        first: usize,
    },
    /// A person has said so.
    Chosen,
    /// A person has said so of an earlier file with the same header.
    Remembered,
}

/// A column of the file, as a person looks at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// From 0.
    pub index: usize,
    /// The header; empty if it has none.
    pub name: String,
    /// The first values, shortened; none if the column is empty.
    pub values: Vec<String>,
    pub role: HeaderRole,
    pub how: MatchedBy,
}

impl Match {
    /// Whether something is left out, or guessed, that nobody has decided.
    pub fn is_open(&self) -> bool {
        !self.values.is_empty()
            && match self.how {
                MatchedBy::Likely | MatchedBy::Unrecognised | MatchedBy::Twice { .. } => true,
                MatchedBy::Known | MatchedBy::Chosen | MatchedBy::Remembered => false,
            }
    }

    /// Whether nothing of the column is sent.
    pub fn is_left_out(&self) -> bool {
        !matches!(self.role, HeaderRole::Column(_))
    }
}

impl Table {
    /// All columns, and what they are taken for.
    pub fn matching(&self) -> Vec<Match> {
        let columns = 0..self.headers.len();
        columns.filter_map(|index| self.matched(index)).collect()
    }

    /// A column, from 0, and what it is taken for.
    pub fn matched(&self, index: usize) -> Option<Match> {
        let header = self.headers.get(index)?;
        Some(Match {
            index,
            name: header.name.clone(),
            values: self.first_values(index, VALUES),
            role: header.role,
            how: *self.hows().get(index)?,
        })
    }

    /// The first different values of a column, from 0, that are not empty; shortened.
    pub fn first_values(&self, column: usize, count: usize) -> Vec<String> {
        let mut values: Vec<String> = Vec::new();
        // From where the first one is, and not to the end for a glance.
        let from = self.filled.get(column).copied().flatten().unwrap_or(0);
        let rows = (from..).map_while(|row| self.rows().get(row));
        for row in rows.take(1000) {
            let value = super::validate::shortened(row.cell(column).trim());
            if !value.is_empty() && !values.contains(&value) {
                values.push(value);
                if values.len() == count {
                    break;
                }
            }
        }
        values
    }

    /// Takes a column, from 0, for something else: [`HeaderRole::Ignored`] leaves it out. Where only
    /// one column can be this, the one that was it is left out. The rows are to be validated
    /// anew.
    pub fn assign(&mut self, index: usize, role: HeaderRole) {
        self.take_for(index, role, MatchedBy::Chosen);
    }

    /// Takes the columns for what they were in an earlier file with the same header.
    pub fn remember(&mut self, roles: &[HeaderRole]) {
        if roles.len() == self.headers.len() {
            for (index, role) in roles.iter().enumerate() {
                if self.headers[index].role != *role {
                    self.take_for(index, *role, MatchedBy::Remembered);
                } else {
                    self.set_how(index, MatchedBy::Remembered);
                }
            }
        }
    }

    fn take_for(&mut self, index: usize, role: HeaderRole, how: MatchedBy) {
        if index >= self.headers.len() {
            return;
        }
        if let HeaderRole::Column(column) = role
            && !column.takes_several()
            && let Some(before) = self.place(column).filter(|before| *before != index)
        {
            self.set_role(
                before,
                HeaderRole::Unknown,
                MatchedBy::Twice { first: index },
            );
        }
        self.set_role(index, role, how);
    }
}

impl ImportColumn {
    /// Whether several columns of a file can be this, each adding to it.
    pub fn takes_several(self) -> bool {
        matches!(
            self,
            ImportColumn::Email
                | ImportColumn::Phone
                | ImportColumn::GivenName
                | ImportColumn::FamilyName
        )
    }
}
