//! A row becomes a candidate, or problems: all of them at once, each with its place.
//!
//! What the server demands of new accounts only (the grammar of IDs, no guests) is told apart
//! from what can never go: an export of a server with historical accounts imports again.

mod addresses;
mod check;
mod ids;
mod no_user;
mod problem;
mod strange;
mod swallowed;
mod words;

pub(super) use check::Spot;
pub use no_user::NoUser;
pub use problem::{Problem, ProblemKind, ProblemPlace, Severity};
pub(super) use words::boolean;

use super::columns::ImportColumn;
use super::read::FileProblem;
use super::table::Table;
use crate::api::server::Capabilities;
use crate::api::users::{ExternalId, Threepid};
use crate::api::{ServerName, UserId};
use check::check;
use std::collections::HashMap;
use std::hash::Hash;
use std::mem::{Discriminant, discriminant};

/// The longest password, in characters.
pub const MAX_PASSWORD: usize = 512;
/// The longest display name, in characters.
pub const MAX_DISPLAY_NAME: usize = 256;
/// The longest avatar address, in characters.
pub const MAX_AVATAR_URL: usize = 1000;

/// How much of a value a problem shows, in characters.
const SHOWN: usize = 120;

/// Where the IDs come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdSource {
    /// A row without one gets one.
    #[default]
    FromFile,
    /// Whatever the file says.
    GenerateAll,
}

/// What is allowed.
#[derive(Clone, Debug)]
pub struct Rules {
    pub server_name: ServerName,
    pub server: Capabilities,
    pub ids: IdSource,
}

/// What a row says. `None`: no such column, or nothing in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidate {
    /// `None`: to be generated, or not readable.
    pub user: Option<UserId>,
    pub displayname: Option<String>,
    pub password: Option<String>,
    pub is_guest: Option<bool>,
    pub admin: Option<bool>,
    pub deactivated: Option<bool>,
    pub avatar_url: Option<String>,
    pub user_type: Option<String>,
    /// Addresses as the server keeps them: e-mail in lower case, phone numbers as digits.
    pub threepids: Option<Vec<Threepid>>,
    /// The kind of addresses of which the row says nothing, where they come from a column of one kind alone:
    /// an account that exists keeps those.
    pub keeps_medium: Option<&'static str>,
    pub external_ids: Option<Vec<ExternalId>>,
    pub locked: Option<bool>,
    /// IDs and aliases.
    pub rooms: Vec<String>,
}

/// How many rows have which problems at worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub rows: usize,
    pub errors: usize,
    /// See [`Severity::Question`].
    pub questions: usize,
    pub errors_if_new: usize,
    pub warnings: usize,
}

/// The rows that say the same of something that only one may have.
type Sharing<K> = HashMap<K, Rows>;

/// Rows in the order of the file, mostly one. There are never more than [`super::read::MAX_ROWS`].
struct Rows {
    first: u32,
    more: Vec<u32>,
}

/// What became of the rows of a table.
///
/// After a change of one row, only what depends on it is done again: an edit costs the same in a
/// file of ten rows and in one of 500,000.
pub struct Validation {
    rules: Rules,
    rows: Vec<Checked>,
    ids: Sharing<UserId>,
    threepids: Sharing<Threepid>,
    external_ids: Sharing<ExternalId>,
    /// Where IDs are, from 0.
    id_place: Option<usize>,
    /// Where external IDs are, from 0.
    external_id_place: Option<usize>,
    counts: Counts,
    kinds: Vec<Tally>,
}

/// How many places have a kind of problem.
struct Tally {
    key: Discriminant<ProblemKind>,
    /// One of them, without what is particular.
    sample: ProblemKind,
    count: usize,
}

#[derive(Default)]
struct Checked {
    candidate: Candidate,
    /// Without those that depend on other rows.
    problems: Vec<Problem>,
    /// In which column, from 0, each of the threepids is.
    sources: Vec<usize>,
    /// What an earlier row has as well: which of [`shared_kinds`], and in which column, from 0.
    shared: Vec<(usize, Option<usize>)>,
    /// With those that depend on other rows.
    severity: Option<Severity>,
}

/// What is wrong where a row shares its ID, a threepid or an external ID with an earlier one.
fn shared_kinds() -> [ProblemKind; 3] {
    let first_line = 0;
    [
        ProblemKind::IdDuplicate { first_line },
        ProblemKind::ThreepidDuplicate {
            first_line,
            address: String::new(),
        },
        ProblemKind::ExternalIdDuplicate {
            first_line,
            id: String::new(),
        },
    ]
}

impl Validation {
    /// Makes a validation that has checked nothing yet. Fails if the file has no IDs and none are
    /// generated.
    pub fn new(table: &Table, rules: Rules) -> Result<Self, FileProblem> {
        if rules.ids == IdSource::FromFile && !table.has(ImportColumn::Id) {
            return Err(FileProblem::NoIdColumn);
        }
        let rows = table.rows().len();
        let has_ids = rules.ids == IdSource::FromFile;
        Ok(Validation {
            rules,
            rows: Vec::with_capacity(rows),
            // Moving 100,000 entries to a larger table while they become more would be felt.
            ids: HashMap::with_capacity(if has_ids { rows } else { 0 }),
            threepids: HashMap::new(),
            external_ids: HashMap::new(),
            id_place: table.place(ImportColumn::Id),
            external_id_place: table.place(ImportColumn::ExternalIds),
            counts: Counts::default(),
            kinds: Vec::new(),
        })
    }

    /// Checks all rows; see [`Validation::check_some`] for doing it in slices.
    pub fn of(table: &Table, rules: Rules) -> Result<Self, FileProblem> {
        let mut validation = Validation::new(table, rules)?;
        while !validation.check_some(table, usize::MAX) {}
        Ok(validation)
    }

    /// Checks at most so many more rows; says whether all are checked.
    pub fn check_some(&mut self, table: &Table, max_rows: usize) -> bool {
        let from = self.rows.len();
        let until = from.saturating_add(max_rows).min(table.rows().len());
        for row in from..until {
            let checked = check(table, row, &self.rules);
            self.rows.push(checked);
            // Rows before this one stay the first to have what they have.
            self.enter(row, &mut Vec::new());
            self.judge(row);
        }
        until == table.rows().len()
    }

    /// How many rows are checked so far.
    pub fn checked(&self) -> usize {
        self.rows.len()
    }

    /// What the rows of a file are allowed to say.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Checks a row again after it was changed, and says whose problems may be others now: it
    /// and the rows that share something with it, in the order of the file.
    pub fn recheck(&mut self, table: &Table, row: usize) -> Vec<usize> {
        if row >= self.rows.len() {
            return Vec::new();
        }
        let mut others = Vec::new();
        self.forget(row);
        self.leave(row, &mut others);
        self.rows[row] = check(table, row, &self.rules);
        self.enter(row, &mut others);
        self.judge(row);
        let mut touched = vec![row];
        for other in others {
            // A few at most: one for each thing that the row shares or shared.
            if let Err(at) = touched.binary_search(&other) {
                self.forget(other);
                self.judge(other);
                touched.insert(at, other);
            }
        }
        touched
    }

    /// What a row says.
    pub fn candidate(&self, row: usize) -> Option<&Candidate> {
        self.rows.get(row).map(|checked| &checked.candidate)
    }

    /// All problems of a row.
    pub fn problems(&self, table: &Table, row: usize) -> Vec<Problem> {
        let Some(checked) = self.rows.get(row) else {
            return Vec::new();
        };
        let mut problems = checked.problems.clone();
        let candidate = &checked.candidate;
        let line = |row: usize| table.line(row);
        let at = Spot { table, row };
        if let Some(user) = &candidate.user
            && let Some(first) = earlier(&self.ids, user, row)
        {
            let first_line = line(first);
            problems.push(at.problem(ImportColumn::Id, ProblemKind::IdDuplicate { first_line }));
        }
        let threepids = candidate.threepids.iter().flatten();
        for (threepid, source) in threepids.zip(&checked.sources) {
            if let Some(first) = earlier(&self.threepids, threepid, row) {
                let kind = ProblemKind::ThreepidDuplicate {
                    first_line: line(first),
                    address: threepid.address.clone(),
                };
                problems.push(at.at(Some(*source), kind));
            }
        }
        for id in candidate.external_ids.iter().flatten() {
            if let Some(first) = earlier(&self.external_ids, id, row) {
                let kind = ProblemKind::ExternalIdDuplicate {
                    first_line: line(first),
                    id: format!("{}:{}", id.auth_provider, id.external_id),
                };
                problems.push(at.problem(ImportColumn::ExternalIds, kind));
            }
        }
        // Nobody is offered the ID of another row.
        let id = table.place(ImportColumn::Id).map(|place| place + 1);
        for problem in &mut problems {
            if problem.place.column == id
                && problem
                    .fix
                    .as_ref()
                    .is_some_and(|fix| self.is_taken(fix, row))
            {
                problem.fix = None;
            }
        }
        problems
    }

    /// Whether another row has this ID, or this localpart.
    fn is_taken(&self, id: &str, row: usize) -> bool {
        let server = &self.rules.server_name;
        let user = UserId::parse(id).unwrap_or_else(|| UserId::new(id, server));
        let rows = self.ids.get(&user);
        rows.is_some_and(|rows| rows.first as usize != row || !rows.more.is_empty())
    }

    /// How bad the worst problem of a row is.
    pub fn severity(&self, row: usize) -> Option<Severity> {
        self.rows.get(row)?.severity
    }

    /// How many rows have which problems at worst, of those checked.
    pub fn counts(&self) -> Counts {
        Counts {
            rows: self.rows.len(),
            ..self.counts
        }
    }

    /// The columns of a row that have problems, from 0; `None` stands for the row. In order, each
    /// once.
    pub fn places(&self, row: usize) -> Vec<Option<usize>> {
        let Some(checked) = self.rows.get(row).filter(|row| row.severity.is_some()) else {
            return Vec::new();
        };
        let marks = self.marks(checked).into_iter();
        let mut places: Vec<_> = marks.map(|(place, _)| place).collect();
        places.dedup();
        places
    }

    /// The kinds of problems that occur, with how many places have them. A kind is known by its
    /// place in this list, which stays the same whatever is changed; what its example says in
    /// particular is of no meaning.
    pub fn kinds(&self) -> impl Iterator<Item = (&ProblemKind, usize)> {
        self.kinds.iter().map(|tally| (&tally.sample, tally.count))
    }

    /// Whether a row has such a problem in a column, from 0; see [`Validation::kinds`].
    pub fn has_kind(&self, row: usize, place: Option<usize>, kind: usize) -> bool {
        let (Some(checked), Some(tally)) = (self.rows.get(row), self.kinds.get(kind)) else {
            return false;
        };
        let is_own = checked.problems.iter().any(|problem| {
            problem.place.column == place.map(|place| place + 1)
                && discriminant(&problem.kind) == tally.key
        });
        // Every problem of a file that is looked through for a kind comes here: nothing is made.
        let shared = || {
            let kinds = shared_kinds();
            let mut shared = checked.shared.iter();
            shared.any(|(kind, at)| *at == place && discriminant(&kinds[*kind]) == tally.key)
        };
        is_own || !checked.shared.is_empty() && shared()
    }

    /// Where a row has which kind of problem: ordered by place, each once. The kinds are
    /// examples where they depend on other rows.
    fn marks(&self, checked: &Checked) -> Vec<(Option<usize>, ProblemKind)> {
        let mut marks: Vec<(Option<usize>, ProblemKind)> = Vec::new();
        let mut add = |place: Option<usize>, kind: ProblemKind| {
            let is_same = |(at, known): &(Option<usize>, ProblemKind)| {
                *at == place && discriminant(known) == discriminant(&kind)
            };
            if !marks.iter().any(is_same) {
                let behind = marks.partition_point(|(at, _)| *at <= place);
                marks.insert(behind, (place, kind));
            }
        };
        for problem in &checked.problems {
            let place = problem.place.column.map(|column| column - 1);
            add(place, problem.kind.clone());
        }
        for (kind, place) in &checked.shared {
            add(*place, shared_kinds()[*kind].clone());
        }
        marks
    }

    /// Finds out how bad a row is and counts it.
    fn judge(&mut self, row: usize) {
        let checked = &self.rows[row];
        let candidate = &checked.candidate;
        let mut shared = Vec::new();
        let user = candidate.user.as_ref();
        if user.is_some_and(|user| earlier(&self.ids, user, row).is_some()) {
            shared.push((0, self.id_place));
        }
        let threepids = candidate.threepids.iter().flatten();
        for (threepid, source) in threepids.zip(&checked.sources) {
            if earlier(&self.threepids, threepid, row).is_some() {
                shared.push((1, Some(*source)));
            }
        }
        let mut external_ids = candidate.external_ids.iter().flatten();
        if external_ids.any(|id| earlier(&self.external_ids, id, row).is_some()) {
            shared.push((2, self.external_id_place));
        }
        let own = checked.problems.iter().map(Problem::severity).max();
        let severity = own.max((!shared.is_empty()).then_some(Severity::Error));
        let checked = &mut self.rows[row];
        (checked.shared, checked.severity) = (shared, severity);
        self.count(row, true);
    }

    /// Takes what was counted of a row back.
    fn forget(&mut self, row: usize) {
        self.count(row, false);
    }

    fn count(&mut self, row: usize, more: bool) {
        let change = |count: &mut usize| match more {
            true => *count += 1,
            false => *count = count.saturating_sub(1),
        };
        let checked = &self.rows[row];
        change(match checked.severity {
            Some(Severity::Error) => &mut self.counts.errors,
            Some(Severity::Question) => &mut self.counts.questions,
            Some(Severity::ErrorIfNew) => &mut self.counts.errors_if_new,
            Some(Severity::Warning) => &mut self.counts.warnings,
            None => return,
        });
        for (_, kind) in self.marks(checked) {
            let key = discriminant(&kind);
            let tally = match self.kinds.iter().position(|tally| tally.key == key) {
                Some(index) => &mut self.kinds[index],
                None => {
                    self.kinds.push(Tally {
                        key,
                        sample: kind,
                        count: 0,
                    });
                    let last = self.kinds.len() - 1;
                    &mut self.kinds[last]
                }
            };
            change(&mut tally.count);
        }
    }

    /// Gives it up piece by piece: each step of the iterator frees some of it, so that nobody has
    /// to wait for all at once.
    pub fn discard(self) -> impl Iterator<Item = ()> {
        let rows = self.rows.into_iter().map(drop);
        let ids = self.ids.into_iter().map(drop);
        let threepids = self.threepids.into_iter().map(drop);
        let external_ids = self.external_ids.into_iter().map(drop);
        rows.chain(ids).chain(threepids).chain(external_ids)
    }

    /// The IDs that the file names, each once.
    pub fn users(&self) -> impl Iterator<Item = &UserId> {
        self.ids.keys()
    }

    /// The ID of a row, unless an earlier one has it already.
    pub fn first_user(&self, row: usize) -> Option<&UserId> {
        let user = self.candidate(row)?.user.as_ref()?;
        earlier(&self.ids, user, row).is_none().then_some(user)
    }

    /// Whether the file names this ID.
    pub fn names(&self, user: &UserId) -> bool {
        self.ids.contains_key(user)
    }

    /// Says of other rows that this one has what it has. `touched` gets those that are not the
    /// first to have it any more.
    fn enter(&mut self, row: usize, touched: &mut Vec<usize>) {
        let candidate = &self.rows[row].candidate;
        if let Some(user) = &candidate.user {
            touched.extend(enter(&mut self.ids, user, row));
        }
        for threepid in candidate.threepids.iter().flatten() {
            touched.extend(enter(&mut self.threepids, threepid, row));
        }
        for id in candidate.external_ids.iter().flatten() {
            touched.extend(enter(&mut self.external_ids, id, row));
        }
    }

    /// The opposite. `touched` gets the rows that are the first now.
    fn leave(&mut self, row: usize, touched: &mut Vec<usize>) {
        let candidate = &self.rows[row].candidate;
        if let Some(user) = &candidate.user {
            touched.extend(leave(&mut self.ids, user, row));
        }
        for threepid in candidate.threepids.iter().flatten() {
            touched.extend(leave(&mut self.threepids, threepid, row));
        }
        for id in candidate.external_ids.iter().flatten() {
            touched.extend(leave(&mut self.external_ids, id, row));
        }
    }
}

/// Adds a row; gives the one that was the first until now.
fn enter<K: Eq + Hash + Clone>(sharing: &mut Sharing<K>, key: &K, row: usize) -> Option<usize> {
    let row = row as u32;
    let Some(rows) = sharing.get_mut(key) else {
        let more = Vec::new();
        sharing.insert(key.clone(), Rows { first: row, more });
        return None;
    };
    if row < rows.first {
        let before = std::mem::replace(&mut rows.first, row);
        rows.more.insert(0, before);
        return Some(before as usize);
    }
    if row > rows.first
        && let Err(at) = rows.more.binary_search(&row)
    {
        rows.more.insert(at, row);
    }
    None
}

/// Takes a row out; gives the one that is the first from now on.
fn leave<K: Eq + Hash>(sharing: &mut Sharing<K>, key: &K, row: usize) -> Option<usize> {
    let row = row as u32;
    let rows = sharing.get_mut(key)?;
    if rows.first != row {
        if let Ok(at) = rows.more.binary_search(&row) {
            rows.more.remove(at);
        }
        return None;
    }
    if rows.more.is_empty() {
        sharing.remove(key);
        return None;
    }
    rows.first = rows.more.remove(0);
    Some(rows.first as usize)
}

/// The first row with the same, if it is not this one.
fn earlier<K: Eq + Hash>(sharing: &Sharing<K>, key: &K, row: usize) -> Option<usize> {
    let first = sharing.get(key)?.first as usize;
    (first < row).then_some(first)
}

/// The beginning of a long value.
pub(super) fn shortened(value: &str) -> String {
    match value.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &value[..at]),
        None => value.to_owned(),
    }
}
#[cfg(test)]
mod tests;
