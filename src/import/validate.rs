//! A row becomes a candidate, or problems: all of them at once, each with its place.
//!
//! What the server demands of new accounts only (the grammar of IDs, no guests) is told apart
//! from what can never go: an export of a server with historical accounts imports again.

use super::columns::Column;
use super::decode::Encoding;
use super::read::{FileProblem, Flaw, Table};
use crate::api::ids::MAX_ID_BYTES;
use crate::api::server::Capabilities;
use crate::api::users::{ExternalId, Threepid};
use crate::api::{MxcUri, RoomId, ServerName, UserId};
use crate::listing::export::is_formula;
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
pub enum Ids {
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
    pub ids: Ids,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The row goes, but it should be looked at.
    Warning,
    /// The row cannot go unless its account exists already.
    ErrorIfNew,
    /// The row cannot go.
    Error,
}

/// Where a problem is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The line of the file where the row begins, from 1.
    pub line: u32,
    /// The number of the column, from 1; `None` if it is about the row.
    pub column: Option<usize>,
    /// The header of the column; empty if it has none.
    pub header: String,
}

/// Something that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub place: Place,
    pub kind: ProblemKind,
    /// What the file says, shortened; empty for passwords.
    pub value: String,
}

impl Problem {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.kind.severity()
    }
}

/// What is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The row has fewer fields than the header: which ones are missing is not known.
    TooFewFields {
        expected: usize,
        found: usize,
    },
    /// The row has more fields than the header.
    TooManyFields {
        expected: usize,
        found: usize,
    },
    /// A quote opened in this line never ends.
    UnclosedQuote {
        line: u32,
    },
    /// There is text behind the closing quote.
    TextAfterQuote,
    /// The file says nothing of its encoding, and this field has letters that depend on it.
    GuessedEncoding,
    /// The apostrophe that keeps spreadsheets from computing has been taken away.
    ApostropheRemoved,

    /// Begins with `@` and is no `@localpart:server`.
    IdNotReadable,
    /// The ID of another server.
    IdForeign {
        server: String,
    },
    /// The server creates lower-case IDs only.
    IdUpperCase {
        suggestion: String,
    },
    /// The server creates IDs of `a-z`, `0-9` and `=_-./+` only.
    IdCharacter {
        found: char,
    },
    /// Only application services may begin with `_`. Since Synapse 1.131 a server may allow it.
    IdUnderscore {
        severity: Severity,
    },
    /// Digits only is for guests.
    IdDigits,
    /// In bytes, with `@` and server name.
    IdTooLong {
        bytes: usize,
        limit: usize,
    },
    /// Another row has it already.
    IdDuplicate {
        first_line: u32,
    },

    /// Not one of `true/false`, `1/0`, `yes/no`, `on/off`.
    NotABoolean,
    /// Nobody can create guests but themselves.
    Guest,
    DisplayNameTooLong {
        characters: usize,
        limit: usize,
    },
    PasswordTooLong {
        characters: usize,
        limit: usize,
    },
    /// Begins or ends with a space, which is taken as part of it.
    PasswordSpaces,
    /// Not `mxc://server/id`.
    AvatarNotMxc,
    AvatarTooLong {
        characters: usize,
        limit: usize,
    },
    /// Neither `bot` nor `support`. Since Synapse 1.132 a server may know other types.
    UserType {
        severity: Severity,
    },
    /// Not `email:…` or `msisdn:…`.
    ThreepidNotReadable {
        part: String,
    },
    EmailNotReadable {
        part: String,
    },
    /// Not a number with its country code.
    PhoneNotReadable {
        part: String,
    },
    /// Another row has it already; the server would move it from one account to the other.
    ThreepidDuplicate {
        first_line: u32,
        address: String,
    },
    /// Not `provider:id`.
    ExternalIdNotReadable {
        part: String,
    },
    /// Another row has it already.
    ExternalIdDuplicate {
        first_line: u32,
        id: String,
    },
    /// Not a room ID or alias.
    RoomNotReadable {
        part: String,
    },
    /// The server locks accounts since 1.91 only.
    LockingNotKnown,
    /// The server does not lock who is deactivated.
    LockedAndDeactivated,

    // Found when planning.
    /// The server has this account, which differs in case only.
    TakenInOtherCase {
        existing: UserId,
    },
    /// An application service has reserved the ID.
    Reserved,
    /// Another account has the e-mail address or phone number; the server would move it.
    ThreepidTaken {
        address: String,
        owner: UserId,
    },
    /// Another account has the external ID; the server would refuse it.
    ExternalIdTaken {
        id: String,
        owner: UserId,
    },
    /// Nobody changes the password, the rights or the state of their own account from a file.
    OwnAccount,
    /// Nor of an account that belongs to a bridge, a bot or another application service.
    ManagedAccount,
    /// Matrix Authentication Service decides this: it is not sent.
    MovedToMas,
    /// Before Synapse 1.99 who is reactivated needs a password.
    ReactivationNeedsPassword,
    /// Rooms are joined by new accounts only.
    RoomsOnlyForNew,
    /// Whether an account is a guest cannot be changed.
    GuestStays,
}

impl ProblemKind {
    /// How bad it is.
    pub fn severity(&self) -> Severity {
        use ProblemKind::*;
        match self {
            GuessedEncoding | ApostropheRemoved | PasswordSpaces | RoomsOnlyForNew | GuestStays
            | MovedToMas => Severity::Warning,
            IdUnderscore { severity } | UserType { severity } => *severity,
            IdUpperCase { .. } | IdCharacter { .. } | IdDigits | Guest | LockedAndDeactivated => {
                Severity::ErrorIfNew
            }
            _ => Severity::Error,
        }
    }

    /// What to write into the field instead, if that is clear.
    pub fn fix(&self) -> Option<&str> {
        match self {
            ProblemKind::IdUpperCase { suggestion } => Some(suggestion),
            _ => None,
        }
    }
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
    /// Where IDs, threepids and external IDs are, from 0.
    places: [Option<usize>; 3],
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
    /// Whether an earlier row has its ID, one of its threepids, one of its external IDs.
    shared: [bool; 3],
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
    /// Begins; nothing is checked yet. Fails if the file has no IDs and none are generated.
    pub fn new(table: &Table, rules: Rules) -> Result<Self, FileProblem> {
        if rules.ids == Ids::FromFile && !table.has(Column::Id) {
            return Err(FileProblem::NoIdColumn);
        }
        let rows = table.rows().len();
        let has_ids = rules.ids == Ids::FromFile;
        Ok(Validation {
            rules,
            rows: Vec::with_capacity(rows),
            // Moving 100,000 entries to a larger table while they become more would be felt.
            ids: HashMap::with_capacity(if has_ids { rows } else { 0 }),
            threepids: HashMap::new(),
            external_ids: HashMap::new(),
            places: [Column::Id, Column::Threepids, Column::ExternalIds]
                .map(|column| table.place(column)),
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

    /// What is allowed.
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
            problems.push(at.problem(Column::Id, ProblemKind::IdDuplicate { first_line }));
        }
        for threepid in candidate.threepids.iter().flatten() {
            if let Some(first) = earlier(&self.threepids, threepid, row) {
                let kind = ProblemKind::ThreepidDuplicate {
                    first_line: line(first),
                    address: threepid.address.clone(),
                };
                problems.push(at.problem(Column::Threepids, kind));
            }
        }
        for id in candidate.external_ids.iter().flatten() {
            if let Some(first) = earlier(&self.external_ids, id, row) {
                let kind = ProblemKind::ExternalIdDuplicate {
                    first_line: line(first),
                    id: format!("{}:{}", id.auth_provider, id.external_id),
                };
                problems.push(at.problem(Column::ExternalIds, kind));
            }
        }
        problems
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
        is_own
            || checked.shared.contains(&true)
                && (shared_kinds().iter().zip(self.places).zip(checked.shared))
                    .any(|((kind, at), is)| is && at == place && discriminant(kind) == tally.key)
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
        if checked.shared.contains(&true) {
            let kinds = shared_kinds().into_iter().zip(self.places);
            for ((kind, place), is) in kinds.zip(checked.shared) {
                if is {
                    add(place, kind);
                }
            }
        }
        marks
    }

    /// Finds out how bad a row is and counts it.
    fn judge(&mut self, row: usize) {
        let checked = &self.rows[row];
        let candidate = &checked.candidate;
        let user = candidate.user.as_ref();
        let mut threepids = candidate.threepids.iter().flatten();
        let mut external_ids = candidate.external_ids.iter().flatten();
        let shared = [
            user.is_some_and(|user| earlier(&self.ids, user, row).is_some()),
            threepids.any(|threepid| earlier(&self.threepids, threepid, row).is_some()),
            external_ids.any(|id| earlier(&self.external_ids, id, row).is_some()),
        ];
        let own = checked.problems.iter().map(Problem::severity).max();
        let severity = own.max(shared.contains(&true).then_some(Severity::Error));
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

/// A row of a table, for those who name problems.
#[derive(Clone, Copy)]
pub(super) struct Spot<'a> {
    pub table: &'a Table,
    pub row: usize,
}

impl Spot<'_> {
    pub(super) fn problem(self, column: Column, kind: ProblemKind) -> Problem {
        let mut problem = self.at(self.table.place(column), kind);
        if column == Column::Password {
            problem.value.clear();
        }
        problem
    }

    pub(super) fn at(self, index: Option<usize>, kind: ProblemKind) -> Problem {
        let row = self.table.rows().get(self.row);
        let secret = self.table.place(Column::Password);
        let header = index.and_then(|index| self.table.headers.get(index));
        Problem {
            place: Place {
                line: self.table.line(self.row),
                column: index.map(|index| index + 1),
                header: header.map_or(String::new(), |header| header.name.clone()),
            },
            kind,
            value: match index {
                Some(index) if Some(index) != secret => {
                    shortened(row.map_or("", |row| row.cell(index)))
                }
                _ => String::new(),
            },
        }
    }
}

/// A row being checked.
struct Check<'a> {
    spot: Spot<'a>,
    rules: &'a Rules,
    problems: Vec<Problem>,
}

fn check(table: &Table, row: usize, rules: &Rules) -> Checked {
    let mut check = Check {
        spot: Spot { table, row },
        rules,
        problems: Vec::new(),
    };
    check.shape();
    let candidate = Candidate {
        user: check.user(),
        displayname: check.displayname(),
        password: check.password(),
        is_guest: check.boolean(Column::IsGuest),
        admin: check.boolean(Column::Admin),
        deactivated: check.boolean(Column::Deactivated),
        avatar_url: check.avatar_url(),
        user_type: check.user_type(),
        threepids: check.list(Column::Threepids, &[',', ';', '\n', '\r'], threepid),
        external_ids: check.list(Column::ExternalIds, &[',', '\n', '\r'], external_id),
        locked: check.locked(),
        rooms: check
            .list(Column::Rooms, &[',', ';', ' ', '\t', '\n', '\r'], room)
            .unwrap_or_default(),
    };
    if candidate.is_guest == Some(true) {
        check.say(Column::IsGuest, ProblemKind::Guest);
    }
    if candidate.locked == Some(true) && candidate.deactivated == Some(true) {
        check.say(Column::Locked, ProblemKind::LockedAndDeactivated);
    }
    Checked {
        candidate,
        problems: check.problems,
        shared: [false; 3],
        severity: None,
    }
}

impl Check<'_> {
    fn say(&mut self, column: Column, kind: ProblemKind) {
        self.problems.push(self.spot.problem(column, kind));
    }

    fn shape(&mut self) {
        let table = self.spot.table;
        let Some(row) = table.rows().get(self.spot.row) else {
            return;
        };
        let expected = table.headers.len();
        let found = row.len();
        if found < expected {
            let kind = ProblemKind::TooFewFields { expected, found };
            self.problems.push(self.spot.at(None, kind));
        }
        if let Some(extra) = (expected..found).find(|&index| !row.cell(index).trim().is_empty()) {
            let kind = ProblemKind::TooManyFields { expected, found };
            self.problems.push(self.spot.at(Some(extra), kind));
        }
        if let Some((index, flaw)) = row.flaw() {
            let kind = match flaw {
                Flaw::UnclosedQuote { line } => ProblemKind::UnclosedQuote { line },
                Flaw::TextAfterQuote => ProblemKind::TextAfterQuote,
            };
            self.problems.push(self.spot.at(Some(index), kind));
        }
        if table.encoding == Encoding::Windows1252 {
            for column in Column::ALL {
                if !table.field(self.spot.row, column).is_ascii() {
                    self.say(column, ProblemKind::GuessedEncoding);
                }
            }
        }
    }

    /// The value without spaces around it, and without the apostrophe that our own files put
    /// before what a spreadsheet would compute.
    fn text(&mut self, column: Column) -> Option<String> {
        let value = self.spot.table.field(self.spot.row, column);
        let bare = match value.strip_prefix('\'') {
            Some(bare) if is_formula(bare) => {
                self.say(column, ProblemKind::ApostropheRemoved);
                bare
            }
            _ => value,
        }
        .trim();
        (!bare.is_empty()).then(|| bare.to_owned())
    }

    fn boolean(&mut self, column: Column) -> Option<bool> {
        let value = self.spot.table.field(self.spot.row, column).trim();
        let read = boolean(value);
        if read.is_none() && !value.is_empty() {
            self.say(column, ProblemKind::NotABoolean);
        }
        read
    }

    fn user(&mut self) -> Option<UserId> {
        if self.rules.ids == Ids::GenerateAll {
            return None;
        }
        let text = self.text(Column::Id)?;
        let server = &self.rules.server_name;
        let localpart = match text.strip_prefix('@') {
            None => text.as_str(),
            Some(bare) => {
                let Some((localpart, of)) = bare.split_once(':').filter(|(_, of)| !of.is_empty())
                else {
                    self.say(Column::Id, ProblemKind::IdNotReadable);
                    return None;
                };
                if !of.eq_ignore_ascii_case(server.as_str()) {
                    let server = shortened(of);
                    self.say(Column::Id, ProblemKind::IdForeign { server });
                    return None;
                }
                localpart
            }
        };
        let user = UserId::new(localpart, server);
        let bytes = user.as_str().len();
        if bytes > MAX_ID_BYTES {
            let limit = MAX_ID_BYTES;
            self.say(Column::Id, ProblemKind::IdTooLong { bytes, limit });
            return None;
        }
        let lower = localpart.to_lowercase();
        let foreign =
            |c: &char| !matches!(c, 'a'..='z' | '0'..='9' | '=' | '_' | '-' | '.' | '/' | '+');
        match lower.chars().find(foreign) {
            Some(found) => self.say(Column::Id, ProblemKind::IdCharacter { found }),
            None if lower != localpart => {
                let suggestion = match text.strip_prefix('@') {
                    Some(_) => UserId::new(&lower, server).to_string(),
                    None => lower.clone(),
                };
                self.say(Column::Id, ProblemKind::IdUpperCase { suggestion });
            }
            None => {}
        }
        if localpart.is_empty() {
            self.say(Column::Id, ProblemKind::IdNotReadable);
            return None;
        }
        if localpart.starts_with('_') {
            let severity = match self.rules.server.since(131) {
                true => Severity::Warning,
                false => Severity::ErrorIfNew,
            };
            self.say(Column::Id, ProblemKind::IdUnderscore { severity });
        }
        if localpart.bytes().all(|byte| byte.is_ascii_digit()) {
            self.say(Column::Id, ProblemKind::IdDigits);
        }
        Some(user)
    }

    fn displayname(&mut self) -> Option<String> {
        let text = self.text(Column::DisplayName)?;
        let (characters, limit) = (text.chars().count(), MAX_DISPLAY_NAME);
        if characters > limit {
            let kind = ProblemKind::DisplayNameTooLong { characters, limit };
            self.say(Column::DisplayName, kind);
        }
        Some(text)
    }

    /// Exactly as in the file: nobody may be given another password than what they are told.
    fn password(&mut self) -> Option<String> {
        let text = self.spot.table.field(self.spot.row, Column::Password);
        if text.is_empty() {
            return None;
        }
        let (characters, limit) = (text.chars().count(), MAX_PASSWORD);
        if characters > limit {
            let kind = ProblemKind::PasswordTooLong { characters, limit };
            self.say(Column::Password, kind);
        }
        if text.trim() != text {
            self.say(Column::Password, ProblemKind::PasswordSpaces);
        }
        Some(text.to_owned())
    }

    fn avatar_url(&mut self) -> Option<String> {
        let text = self.text(Column::AvatarUrl)?;
        let (characters, limit) = (text.chars().count(), MAX_AVATAR_URL);
        if characters > limit {
            let kind = ProblemKind::AvatarTooLong { characters, limit };
            self.say(Column::AvatarUrl, kind);
        }
        if MxcUri::parse(&text).is_none() {
            self.say(Column::AvatarUrl, ProblemKind::AvatarNotMxc);
        }
        Some(text)
    }

    fn user_type(&mut self) -> Option<String> {
        let text = self.text(Column::UserType)?;
        if !matches!(text.as_str(), "bot" | "support") {
            let severity = match self.rules.server.since(132) {
                true => Severity::Warning,
                false => Severity::Error,
            };
            self.say(Column::UserType, ProblemKind::UserType { severity });
        }
        Some(text)
    }

    fn locked(&mut self) -> Option<bool> {
        let locked = self.boolean(Column::Locked)?;
        if self.rules.server.since(91) {
            return Some(locked);
        }
        if locked {
            self.say(Column::Locked, ProblemKind::LockingNotKnown);
        }
        None
    }

    /// Parts between commas, or what else people put between them.
    fn list<T: PartialEq>(
        &mut self,
        column: Column,
        between: &[char],
        read: fn(&str) -> Result<T, ProblemKind>,
    ) -> Option<Vec<T>> {
        let text = self.text(column)?;
        let mut list = Vec::new();
        let parts = text.split(between).map(str::trim);
        for part in parts.filter(|part| !part.is_empty()) {
            match read(part) {
                Ok(item) if list.contains(&item) => {}
                Ok(item) => list.push(item),
                Err(kind) => self.say(column, kind),
            }
        }
        (!list.is_empty()).then_some(list)
    }
}

/// Reads a boolean as people and spreadsheets write them; empty is `None`.
fn boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    // Spreadsheets save booleans in the language of their menus.
    if is(&["true", "1", "yes", "on", "wahr", "vrai", "verdadero"]) {
        Some(true)
    } else if is(&["false", "0", "no", "off", "falsch", "faux", "falso"]) {
        Some(false)
    } else {
        None
    }
}

fn threepid(part: &str) -> Result<Threepid, ProblemKind> {
    let owned = || shortened(part);
    let (medium, address) = part
        .split_once(':')
        .ok_or_else(|| ProblemKind::ThreepidNotReadable { part: owned() })?;
    let threepid = |medium: &str, address| Threepid {
        medium: medium.to_owned(),
        address,
    };
    match medium.to_ascii_lowercase().as_str() {
        "email" => {
            let is_email = address.split_once('@').is_some_and(|(name, host)| {
                !name.is_empty()
                    && !host.is_empty()
                    && !host.contains('@')
                    && !address.contains(char::is_whitespace)
            });
            match is_email {
                true => Ok(threepid("email", address.to_lowercase())),
                false => Err(ProblemKind::EmailNotReadable { part: owned() }),
            }
        }
        "msisdn" => {
            let digits: String = address
                .trim_start()
                .trim_start_matches('+')
                .chars()
                .filter(|c| !matches!(c, ' ' | '-' | '.' | '/' | '(' | ')'))
                .collect();
            let plausible = (5..=15).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            match plausible {
                true => Ok(threepid("msisdn", digits)),
                false => Err(ProblemKind::PhoneNotReadable { part: owned() }),
            }
        }
        _ => Err(ProblemKind::ThreepidNotReadable { part: owned() }),
    }
}

fn external_id(part: &str) -> Result<ExternalId, ProblemKind> {
    match part.split_once(':') {
        Some((provider, id)) if !provider.is_empty() && !id.is_empty() => Ok(ExternalId {
            auth_provider: provider.to_owned(),
            external_id: id.to_owned(),
        }),
        _ => Err(ProblemKind::ExternalIdNotReadable {
            part: shortened(part),
        }),
    }
}

fn room(part: &str) -> Result<String, ProblemKind> {
    let is_alias = || {
        let alias = part
            .strip_prefix('#')
            .and_then(|alias| alias.split_once(':'));
        alias.is_some_and(|(name, server)| {
            !name.is_empty() && ServerName::parse(server).is_some() && part.len() <= MAX_ID_BYTES
        })
    };
    match RoomId::parse(part).is_some() || is_alias() {
        true => Ok(part.to_owned()),
        false => Err(ProblemKind::RoomNotReadable {
            part: shortened(part),
        }),
    }
}

#[cfg(test)]
mod tests;
