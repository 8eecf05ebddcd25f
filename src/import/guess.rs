//! What the columns of a file are taken for before anybody has looked: by their names, and where
//! these are not known, by likeness of name and values.

use super::columns::{HeaderRole, ImportColumn, Meaning, meaning};
use super::matching::MatchedBy;
use super::names;
use super::table::{Cells, Header};
use super::validate::boolean;
use crate::api::UserId;
use std::collections::HashSet;

/// How many values of a column are looked at, and how far.
const VALUES: usize = 60;
const ROWS: usize = 500;

/// The columns, and why each is taken for what it is. `names` is empty where there is no header.
pub(super) fn guess(names: &[&str], width: usize, cells: &Cells) -> (Vec<Header>, Vec<MatchedBy>) {
    let columns: Vec<Sample<'_>> = (0..width.max(names.len()))
        .map(|index| Sample::of(names.get(index).copied().unwrap_or(""), index, cells))
        .collect();
    let mut found: Vec<(HeaderRole, MatchedBy)> = columns.iter().map(known).collect();
    name_or_id(&columns, &mut found);
    let ids: Vec<usize> = with_role(&found, ImportColumn::Id);
    // A directory has several names for a user: the one that can be a localpart is meant.
    if let Some(best) = ids
        .iter()
        .copied()
        .min_by_key(|index| columns[*index].id_rank())
    {
        leave_others(&mut found, &ids, best);
    }
    for column in ImportColumn::ALL {
        let same = with_role(&found, column);
        if !column.takes_several() && same.len() > 1 {
            let filled = same
                .iter()
                .copied()
                .find(|index| !columns[*index].is_blank());
            leave_others(&mut found, &same, filled.unwrap_or(same[0]));
        }
    }
    for (index, column) in columns.iter().enumerate() {
        let is_free = |found: &[(HeaderRole, MatchedBy)], like: ImportColumn| {
            like.takes_several() || with_role(found, like).is_empty()
        };
        if found[index].1 == MatchedBy::Unrecognised
            && !column.is_blank()
            && let Some(like) = column.like(names.is_empty())
            && is_free(&found, like)
        {
            found[index] = (HeaderRole::Column(like), MatchedBy::Likely);
        }
    }
    if names.is_empty() {
        guess_without_names(&columns, &mut found);
    }
    let headers = columns
        .iter()
        .zip(&found)
        .map(|(column, (role, _))| Header {
            name: column.name.to_owned(),
            role: *role,
        });
    (
        headers.collect(),
        found.into_iter().map(|(_, how)| how).collect(),
    )
}

fn with_role(found: &[(HeaderRole, MatchedBy)], column: ImportColumn) -> Vec<usize> {
    let all = found.iter().enumerate();
    all.filter(|(_, (role, _))| *role == HeaderRole::Column(column))
        .map(|(index, _)| index)
        .collect()
}

fn leave_others(found: &mut [(HeaderRole, MatchedBy)], same: &[usize], best: usize) {
    for &index in same.iter().filter(|index| **index != best) {
        found[index] = (HeaderRole::Unknown, MatchedBy::Twice { first: best });
    }
}

/// What the name says by itself, unless the values say that it is something else.
fn known(column: &Sample<'_>) -> (HeaderRole, MatchedBy) {
    match meaning(column.name) {
        Meaning::Name => (
            HeaderRole::Column(ImportColumn::DisplayName),
            MatchedBy::Known,
        ),
        Meaning::Role(HeaderRole::Column(role)) if column.contradicts(role) => {
            (HeaderRole::Unknown, MatchedBy::Unrecognised)
        }
        Meaning::Role(HeaderRole::Unknown) => (HeaderRole::Unknown, MatchedBy::Unrecognised),
        Meaning::Role(role) => (role, MatchedBy::Known),
    }
}

/// `name` is the ID in exports, the display name in files made by hand.
fn name_or_id(columns: &[Sample<'_>], found: &mut [(HeaderRole, MatchedBy)]) {
    let has = |found: &[(HeaderRole, MatchedBy)], column: ImportColumn| {
        let named = columns.iter().zip(found);
        let mut named = named.filter(|(column, _)| meaning(column.name) != Meaning::Name);
        named.any(|(_, (role, _))| *role == HeaderRole::Column(column))
    };
    for (index, column) in columns.iter().enumerate() {
        if meaning(column.name) == Meaning::Name {
            found[index].0 = if column.first_is_id() {
                match has(found, ImportColumn::Id) {
                    true => HeaderRole::Ignored,
                    false => HeaderRole::Column(ImportColumn::Id),
                }
            } else if column.is_blank() && has(found, ImportColumn::DisplayName) {
                HeaderRole::Ignored
            } else if (has(found, ImportColumn::GivenName) || has(found, ImportColumn::FamilyName))
                && !column.values.iter().any(|value| value.contains(' '))
                && !has(found, ImportColumn::FamilyName)
            {
                // `First name, Name`: the family name.
                HeaderRole::Column(ImportColumn::FamilyName)
            } else {
                HeaderRole::Column(ImportColumn::DisplayName)
            };
        }
    }
}

/// IDs and names by how they look and where they stand.
fn guess_without_names(columns: &[Sample<'_>], found: &mut [(HeaderRole, MatchedBy)]) {
    let free = |found: &[(HeaderRole, MatchedBy)]| -> Vec<usize> {
        let all = found.iter().enumerate();
        all.filter(|(index, (role, _))| {
            matches!(role, HeaderRole::Unknown) && !columns[*index].is_blank()
        })
        .map(|(index, _)| index)
        .collect()
    };
    if with_role(found, ImportColumn::Id).is_empty() {
        let candidates = free(found).into_iter();
        let mut candidates = candidates.filter(|index| {
            let column = &columns[*index];
            column.all(is_localpart) && column.are_different
        });
        if let Some(index) = candidates.next() {
            found[index] = (HeaderRole::Column(ImportColumn::Id), MatchedBy::Likely);
        }
    }
    if with_role(found, ImportColumn::DisplayName).is_empty() {
        let is_name = |value: &str| {
            value.contains(' ')
                && !value.contains(['@', ':', '/'])
                && value.contains(char::is_alphabetic)
        };
        let names = free(found)
            .into_iter()
            .find(|index| columns[*index].most(is_name));
        if let Some(index) = names {
            found[index] = (
                HeaderRole::Column(ImportColumn::DisplayName),
                MatchedBy::Likely,
            );
        }
    }
}

/// A column: its name and some of its values.
struct Sample<'a> {
    name: &'a str,
    folded: String,
    /// Values that are not empty.
    values: Vec<&'a str>,
    are_different: bool,
}

impl<'a> Sample<'a> {
    fn of(name: &'a str, index: usize, cells: &'a Cells) -> Self {
        let rows = (0..cells.len()).filter_map(|row| cells.row(row));
        let mut values: Vec<&str> = Vec::new();
        for (looked_at, row) in rows.enumerate() {
            let value = row.cell(index).trim();
            if !value.is_empty() {
                values.push(value);
            }
            // A column that is empty so far is looked through further: it is told so.
            if values.len() == VALUES || (looked_at > ROWS && !values.is_empty()) {
                break;
            }
        }
        let different: HashSet<&str> = values.iter().copied().collect();
        Sample {
            name: name.trim(),
            folded: names::folded(name),
            are_different: different.len() == values.len(),
            values,
        }
    }

    fn is_blank(&self) -> bool {
        self.values.is_empty()
    }

    fn all(&self, is: impl Fn(&str) -> bool) -> bool {
        !self.is_blank() && self.values.iter().all(|value| is(value))
    }

    /// Whether nine of ten values are like this.
    fn most(&self, is: impl Fn(&str) -> bool) -> bool {
        let many = self.values.iter().filter(|value| is(value)).count();
        !self.is_blank() && many * 10 >= self.values.len() * 9
    }

    fn none(&self, is: impl Fn(&str) -> bool) -> bool {
        !self.is_blank() && !self.values.iter().any(|value| is(value))
    }

    fn first_is_id(&self) -> bool {
        self.values
            .first()
            .is_some_and(|value| UserId::parse(value).is_some())
    }

    /// How well the values do as IDs: less is better.
    fn id_rank(&self) -> u8 {
        let is_uuid = |value: &str| {
            value.len() == 36
                && value
                    .bytes()
                    .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
        };
        if self.is_blank() {
            4
        } else if self
            .most(|value| is_uuid(value) || value.bytes().all(|byte| byte.is_ascii_digit()))
        {
            3
        } else if self.most(is_email) {
            2
        } else if self.most(|value| value.contains(' ')) {
            1
        } else {
            0
        }
    }

    /// Whether no value can be what the name says, where the name is none of ours.
    fn contradicts(&self, column: ImportColumn) -> bool {
        if self.folded == names::folded(column.name()) {
            return false;
        }
        match column {
            ImportColumn::UserType => self.none(|value| matches!(value, "bot" | "support")),
            ImportColumn::Rooms => self.none(|value| value.starts_with(['#', '!'])),
            ImportColumn::Admin
            | ImportColumn::IsGuest
            | ImportColumn::Deactivated
            | ImportColumn::Locked
            | ImportColumn::Active => {
                self.folded != "is".to_owned() + column.name()
                    && self.none(|value| boolean(value).is_some())
            }
            _ => false,
        }
    }

    /// What the column looks like.
    fn like(&self, has_no_names: bool) -> Option<ImportColumn> {
        if let Some(like) = names::like(&self.folded) {
            let fits = match like {
                ImportColumn::Email => self.most(is_email),
                ImportColumn::Phone => self.most(is_phone),
                ImportColumn::Id => self.most(|value| is_localpart(value) || is_email(value)),
                ImportColumn::AvatarUrl => self.all(|value| value.starts_with("mxc://")),
                ImportColumn::UserType
                | ImportColumn::ExternalIds
                | ImportColumn::Threepids
                | ImportColumn::Rooms => {
                    !self.contradicts(like) && self.most(|value| value.contains([':', '#', '!']))
                }
                ImportColumn::Admin
                | ImportColumn::IsGuest
                | ImportColumn::Deactivated
                | ImportColumn::Locked
                | ImportColumn::Active => self.all(|value| boolean(value).is_some()),
                ImportColumn::Password => self.none(|value| boolean(value).is_some()),
                ImportColumn::DisplayName | ImportColumn::GivenName | ImportColumn::FamilyName => {
                    self.most(|value| value.contains(char::is_alphabetic) && !value.contains('@'))
                }
            };
            return fits.then_some(like);
        }
        // An unknown name may say whose address it is.
        let is_own = has_no_names || self.are_different && !names::is_of_another(&self.folded);
        if self.most(|value| UserId::parse(value).is_some()) && is_own {
            return Some(ImportColumn::Id);
        }
        if self.all(|value| value.starts_with("mxc://")) {
            return Some(ImportColumn::AvatarUrl);
        }
        if self.most(is_email) && is_own {
            return Some(ImportColumn::Email);
        }
        if self.most(|value| value.starts_with('+') && is_phone(value)) && is_own {
            return Some(ImportColumn::Phone);
        }
        None
    }
}

fn is_localpart(value: &str) -> bool {
    value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._=-/+".contains(&byte))
}

fn is_email(value: &str) -> bool {
    let mut parts = value.split([',', ';', ' ']).filter(|part| !part.is_empty());
    parts.all(|part| {
        let part = part.rsplit_once(':').map_or(part, |(_, part)| part);
        part.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && host.contains('.') && !host.contains('@')
        })
    })
}

fn is_phone(value: &str) -> bool {
    let digits = value.chars().filter(|c| c.is_numeric()).count();
    digits >= 5
        && value.chars().all(|c| {
            c.is_numeric() || matches!(c, '+' | ' ' | '-' | '(' | ')' | '/' | '.' | '\u{a0}')
        })
}
