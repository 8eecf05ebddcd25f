//! What will happen to each row, before anything does: candidates against what the server has.
//!
//! - An account that exists is only touched with [`OnConflict::Update`], and only in the fields
//!   that the row has a value for and that differ. An empty field changes nothing.
//! - The password of an account that exists is only set if the row has one and passwords come
//!   from the file; its devices stay logged in. A generated password is for new accounts only.
//! - With [`OnConflict::Stop`], one row whose account exists keeps the whole import from
//!   beginning: [`Plan::tasks`] is empty.
//! - Password, rights and state of accounts that bridges and bots need, and of whoever imports,
//!   are never changed. Nor is what Matrix Authentication Service decides, where this session may not
//!   administer it, or it does not know the account.
//! - Where it keeps the accounts and may be administered, it has the last word on whether one exists: those of the
//!   homeserver alone (bridges, old bots) exist as well, and their names are taken.
//! - A row of which nobody knows whether its account exists is never sent. Nor is one that gives it
//!   something of which the server was asked whose it is, and gave no answer.
//! - Nothing is taken from another account: a row with an e-mail address, phone number or
//!   external ID that another account has is blocked. Where the server cannot say whose it is,
//!   [`PlanTotals::unchecked`] counts it.

mod at_mas;
mod existing;
mod planned;

pub use at_mas::SignInProvider;
pub use existing::{Existing, Identity};
pub use planned::{Before, Difference, Idle, Plan, PlanTotals, Planned, Skipped};

use super::columns::ImportColumn;
use super::passwords;
use super::refusal::{AccountState, RefusedChange};
use super::table::Table;
use super::task::{Field, NewAccount, Untaken};
use super::validate::{Candidate, Problem, ProblemKind, Severity, Spot, Validation};
use crate::api::exchange::Random;
use crate::api::server::Capabilities;
use crate::api::users::{ExternalId, Threepid, UserChange};
use crate::api::{ServerName, UserId};
use existing::{ADMIN, DEACTIVATED, GUEST, Known, LOCKED};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::rc::Rc;

/// How many users one page of the list has when all are read.
pub const PAGE: u64 = 1000;

/// What one page of the list costs, in single accounts. Asking for one is two requests from
/// another origin, because browsers ask for leave first, and some milliseconds each; a full page
/// is a tenth of a second.
const PAGE_COST: u64 = 10;

/// So many pages are read however few the rows are: it takes a moment, and spares the browser's
/// console a "not found" for each new account.
const FEW_PAGES: u64 = 5;

/// How to find out which accounts exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Read the whole user list, in pages of [`PAGE`].
    PageThrough,
    /// Ask for each account of the file.
    AskEach,
}

/// The cheaper way to know which of the accounts of so many rows exist on a server with so many
/// users.
pub fn lookup(users: u64, rows: u64) -> Lookup {
    let pages = users.div_ceil(PAGE);
    if pages <= FEW_PAGES || pages * PAGE_COST <= rows {
        Lookup::PageThrough
    } else {
        Lookup::AskEach
    }
}

/// What to do with a row whose account exists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum OnConflict {
    /// Nothing at all is sent.
    #[default]
    Stop,
    /// The account is left alone.
    Skip,
    /// The account is changed to what the row says.
    Update,
    /// A new account with another ID.
    NewRandomId,
}

/// Where the passwords come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Passwords {
    /// A row without one makes an account without one.
    #[default]
    FromFile,
    /// A new account without one gets one.
    GenerateMissing,
    /// Every new account gets one, whatever the file says.
    GenerateAll,
    /// None is set, whatever the file says.
    None,
}

/// How an import is planned.
#[derive(Clone, Debug)]
pub struct PlanOptions {
    pub on_conflict: OnConflict,
    pub passwords: Passwords,
    /// The account that does the import.
    pub own: UserId,
    /// What the server can do.
    pub server: Capabilities,
    /// Whether nobody signs in with a password that the server knows. Then none are made up:
    /// they would be handed out and never work.
    pub passwords_are_useless: bool,
    /// Whether nobody can have a password: then those of the file are not sent either.
    pub passwords_are_off: bool,
    /// The providers of single sign-on that Matrix Authentication Service has.
    pub providers: Vec<SignInProvider>,
}

/// Plans all rows; see [`Planner`] for doing it in slices.
pub fn plan(
    table: &Table,
    file: &Validation,
    existing: &Existing,
    options: &PlanOptions,
    random: &dyn Random,
) -> Plan {
    let mut planner = Planner::new(options.clone());
    while !planner.plan_some(table, file, existing, random, usize::MAX) {}
    planner.finish()
}

/// Makes another ID for a row, for [`OnConflict::NewRandomId`] as well. `is_taken` knows those of the
/// file and of the server.
pub fn new_id(
    server: &ServerName,
    random: &dyn Random,
    is_taken: &dyn Fn(&UserId) -> bool,
) -> UserId {
    loop {
        let user = UserId::new(&passwords::localpart(random), server);
        if !is_taken(&user) {
            return user;
        }
    }
}

/// Plans in slices, so that a page stays alive. Table, validation and accounts must stay the
/// same in between.
pub struct Planner {
    options: PlanOptions,
    plan: Plan,
    made_up: HashSet<UserId>,
    unasked: Vec<Identity>,
}

impl Planner {
    /// Makes a planner that has planned nothing yet.
    pub fn new(options: PlanOptions) -> Self {
        Planner {
            options,
            plan: Plan::default(),
            made_up: HashSet::new(),
            unasked: Vec::new(),
        }
    }

    /// How many rows are planned so far.
    pub fn planned(&self) -> usize {
        self.plan.rows.len()
    }

    /// Plans at most so many more rows; says whether all are planned.
    pub fn plan_some(
        &mut self,
        table: &Table,
        file: &Validation,
        existing: &Existing,
        random: &dyn Random,
        max_rows: usize,
    ) -> bool {
        let from = self.plan.rows.len();
        let until = from.saturating_add(max_rows).min(file.checked());
        for row in from..until {
            let planned = self.row(table, file, existing, random, row);
            self.note_identities(&planned, existing);
            self.note_password(&planned);
            self.plan.add(planned);
        }
        until == file.checked()
    }

    /// What the server is to be asked for before the plan holds, each once: whose it is, for
    /// [`Existing::add_owner`]. Then all rows are to be planned anew.
    pub fn unasked(&mut self) -> Vec<Identity> {
        match self.plan.is_stopped() {
            true => Vec::new(),
            false => std::mem::take(&mut self.unasked),
        }
    }

    /// The plan, of what has been planned.
    pub fn finish(self) -> Plan {
        self.plan
    }

    fn row(
        &mut self,
        table: &Table,
        file: &Validation,
        existing: &Existing,
        random: &dyn Random,
        row: usize,
    ) -> Planned {
        let planned = self.of_itself(table, file, existing, random, row);
        let taken = existing.taken(&planned);
        if !taken.is_empty() {
            return blocked(table, file, row, taken);
        }
        match existing.unsaid(&planned) {
            None => planned,
            whose => Planned::NotLookedUp {
                // One that was made up is of no use without the row.
                user: match &planned {
                    Planned::Create {
                        generated_id: true, ..
                    } => None,
                    _ => planned.user().cloned(),
                },
                whose,
            },
        }
    }

    /// What would happen to the row if it took nothing from other accounts.
    fn of_itself(
        &mut self,
        table: &Table,
        file: &Validation,
        existing: &Existing,
        random: &dyn Random,
        row: usize,
    ) -> Planned {
        let severity = file.severity(row);
        let Some(candidate) = file
            .candidate(row)
            .filter(|_| severity != Some(Severity::Error))
        else {
            return blocked(table, file, row, Vec::new());
        };
        let is_question = severity == Some(Severity::Question);
        let fresh = !is_question && severity != Some(Severity::ErrorIfNew);
        let refuse = |kind| blocked(table, file, row, vec![(ImportColumn::Id, kind)]);
        let (fitted, left) = at_mas::fit(candidate, &self.options);
        let candidate = &*fitted;
        let creates_at_mas = self.options.server.mas().is_some();
        let creates = !self.options.server.delegated_auth || creates_at_mas;
        let new_account = |planner: &mut Self| match fresh {
            true if !creates => refuse(ProblemKind::MovedToMas),
            true => planner.create((candidate, &left), file, existing, random, None),
            false => blocked(table, file, row, Vec::new()),
        };
        let Some(user) = &candidate.user else {
            return new_account(self);
        };
        let taken = match existing.accounts.get(user) {
            Some(known) => Some(Some(known)),
            None => existing.in_other_case(user).map(|_| None),
        };
        match (taken, self.options.on_conflict) {
            (None, _) if existing.has(user).is_none() => Planned::NotLookedUp {
                user: Some(user.clone()),
                whose: None,
            },
            (None, _) if existing.reserved.contains(user) => refuse(ProblemKind::Reserved),
            (None, _) if fresh && !creates => refuse(ProblemKind::MovedToMas),
            (None, _) if !fresh => blocked(table, file, row, Vec::new()),
            (None, _) => self.create((candidate, &left), file, existing, random, Some(user)),
            (Some(_), OnConflict::Stop) => Planned::Conflict { user: user.clone() },
            (Some(_), OnConflict::Skip) => Planned::Skip {
                user: user.clone(),
                why: Skipped::Exists,
            },
            (Some(_), OnConflict::NewRandomId) => new_account(self),
            (Some(None), OnConflict::Update) => match existing.in_other_case(user) {
                Some(existing) => refuse(ProblemKind::TakenInOtherCase {
                    existing: existing.clone(),
                }),
                None => blocked(table, file, row, Vec::new()),
            },
            (Some(Some(known)), OnConflict::Update)
                if existing.is_doubted(user)
                    || known.lacks_what_is_kept(candidate)
                    || creates_at_mas && existing.has_at_mas(user).is_none() =>
            {
                Planned::NotLookedUp {
                    user: Some(user.clone()),
                    whose: None,
                }
            }
            (Some(Some(known)), OnConflict::Update) => {
                let managed = existing.is_managed(user, known);
                let elsewhere = self
                    .options
                    .not_at_mas(existing.has_at_mas(user) == Some(true));
                let whose = Whose { managed, elsewhere };
                let spot = Spot { table, row };
                match self.update(spot, (candidate, left), user, known, &whose) {
                    Ok(Planned::Update { .. }) if is_question => {
                        blocked(table, file, row, Vec::new())
                    }
                    Ok(planned) => planned,
                    Err(problem) => blocked(table, file, row, vec![problem]),
                }
            }
        }
    }

    /// A new account, with another ID if there is none.
    fn create(
        &mut self,
        (candidate, left): (&Candidate, &[Untaken]),
        file: &Validation,
        existing: &Existing,
        random: &dyn Random,
        user: Option<&UserId>,
    ) -> Planned {
        let generated_id = user.is_none();
        let user = user.cloned().unwrap_or_else(|| {
            let is_taken = |user: &UserId| {
                file.names(user) || existing.has(user) == Some(true) || self.made_up.contains(user)
            };
            new_id(&file.rules().server_name, random, &is_taken)
        });
        if generated_id {
            self.made_up.insert(user.clone());
        }
        // Deactivating takes the password away at once.
        let useful = candidate.deactivated != Some(true) && !self.options.passwords_are_useless;
        let (password, generated_password) = match self.options.passwords {
            Passwords::FromFile => (candidate.password.clone(), false),
            Passwords::None => (None, false),
            Passwords::GenerateMissing if candidate.password.is_some() => {
                (candidate.password.clone(), false)
            }
            Passwords::GenerateMissing | Passwords::GenerateAll => {
                (useful.then(|| passwords::password(random)), useful)
            }
        };
        let account = NewAccount {
            password,
            generated_password,
            displayname: candidate.displayname.clone(),
            avatar_url: candidate.avatar_url.clone(),
            user_type: candidate.user_type.clone(),
            admin: candidate.admin,
            threepids: candidate.threepids.clone(),
            keeps_medium: candidate.keeps_medium.map(str::to_owned),
            external_ids: candidate.external_ids.clone(),
            deactivated: candidate.deactivated,
            locked: candidate.locked,
            rooms: candidate.rooms.clone(),
            left: left.to_vec(),
        };
        Planned::Create {
            user,
            account: Rc::new(account),
            generated_id,
        }
    }

    /// A change of an account that exists, with nothing but what differs; or why it cannot be.
    fn update(
        &self,
        spot: Spot<'_>,
        (candidate, left_out): (&Candidate, Vec<Untaken>),
        user: &UserId,
        known: &Known,
        whose: &Whose,
    ) -> Result<Planned, (ImportColumn, ProblemKind)> {
        let mut change = UserChange::default();
        let mut differences = Vec::new();
        let mut text = |field, from: Option<&str>, to: &Option<String>| {
            let from = from.unwrap_or_default().trim();
            let to = to.as_ref().filter(|to| to.as_str() != from)?.clone();
            differences.push(Difference::Text {
                field,
                from: Before::Value(from.to_owned()),
                to: to.clone(),
            });
            Some(to)
        };
        change.displayname = text(
            Field::DisplayName,
            known.displayname.as_deref(),
            &candidate.displayname,
        );
        change.avatar_url = text(
            Field::Avatar,
            known.avatar_url.as_deref(),
            &candidate.avatar_url,
        );
        change.user_type = text(
            Field::UserType,
            known.user_type.as_deref(),
            &candidate.user_type,
        )
        .map(Some);
        let mut list = |field, from: Option<String>, to: String| {
            let from = from.map_or(Before::Unknown, Before::Value);
            differences.push(Difference::Text { field, from, to });
        };
        let mut notes = Vec::new();
        let identities = known.identities.as_deref();
        if let Some(wanted) = &candidate.threepids {
            let found = identities.map(|found| &found.threepids);
            let mut wanted = wanted.clone();
            let kept = found.into_iter().flatten();
            let kept: Vec<Threepid> = kept
                .filter(|found| Some(&*found.medium) == candidate.keeps_medium)
                .filter(|found| !wanted.contains(found))
                .cloned()
                .collect();
            wanted.extend(kept);
            if found.is_none_or(|found| !same_members(found, &wanted)) {
                list(
                    Field::Threepids,
                    found.map(|found| threepids_text(found)),
                    threepids_text(&wanted),
                );
                notes.extend(found.and_then(|found| removed(spot, found, &wanted)));
                change.threepids = Some(wanted);
            }
        }
        if let Some(wanted) = &candidate.external_ids
            && identities.is_none_or(|found| !same_members(&found.external_ids, wanted))
        {
            let from = identities.map(|found| external_ids_text(&found.external_ids));
            list(Field::ExternalIds, from, external_ids_text(wanted));
            change.external_ids = Some(wanted.clone());
        }
        let mut flag = |field, bit, wanted: Option<bool>| {
            let from = known.flags & bit != 0;
            let to = wanted.filter(|to| *to != from)?;
            differences.push(Difference::Flag { field, from, to });
            Some(to)
        };
        change.admin = flag(Field::Admin, ADMIN, candidate.admin);
        change.deactivated = flag(Field::Deactivated, DEACTIVATED, candidate.deactivated);
        change.locked = flag(Field::Locked, LOCKED, candidate.locked);
        let from_file = matches!(
            self.options.passwords,
            Passwords::FromFile | Passwords::GenerateMissing
        );
        if let Some(password) = candidate.password.as_ref().filter(|_| from_file) {
            differences.push(Difference::Password);
            change.password = Some(password.clone());
            change.logout_devices = Some(false);
        }
        let mut left: Vec<(ImportColumn, ProblemKind)> =
            leave_to_mas(whose, spot, &mut change, &mut differences);
        // Addresses that are not sent take none away.
        notes.retain(|_| change.threepids.is_some());
        if !candidate.rooms.is_empty() {
            left.push((ImportColumn::Rooms, ProblemKind::RoomsOnlyForNew));
        }
        let guest = known.flags & GUEST != 0;
        if candidate.is_guest.is_some_and(|wanted| wanted != guest) {
            left.push((ImportColumn::IsGuest, ProblemKind::GuestStays));
        }
        let user = user.clone();
        if differences.is_empty() {
            // Nothing is sent, and yet the account is not as the file says. Of rooms that is not known: a
            // file that comes a second time has them in rows that are done.
            let is_rooms =
                |(column, _): &(ImportColumn, ProblemKind)| *column == ImportColumn::Rooms;
            let (rooms, others): (Vec<_>, Vec<_>) = left.into_iter().partition(is_rooms);
            let why = match (rooms.is_empty(), left_out.is_empty()) {
                (false, _) => Skipped::UnchangedButRooms,
                (true, false) => Skipped::UnchangedButLeft,
                (true, true) => Skipped::Unchanged,
            };
            let skip = Planned::Skip { user, why };
            return others.into_iter().next().map_or(Ok(skip), Err);
        }
        let account = AccountState {
            is_own: user == self.options.own,
            is_managed: whose.managed,
            is_deactivated: known.flags & DEACTIVATED != 0,
            is_locked: known.flags & LOCKED != 0,
        };
        if let Some(refusal) = RefusedChange::of(&change, account, &self.options.server) {
            return Err(refusal.problem());
        }
        let left = left.into_iter();
        notes.extend(left.map(|(column, kind)| spot.problem(column, kind)));
        Ok(Planned::Update {
            user,
            differences,
            change: Rc::new(change),
            keeps_medium: candidate.keeps_medium.map(str::to_owned),
            notes,
            left: left_out,
        })
    }

    /// Passwords that are not made up, although somebody wanted them.
    fn note_password(&mut self, planned: &Planned) {
        let generates = matches!(
            self.options.passwords,
            Passwords::GenerateMissing | Passwords::GenerateAll
        );
        if let Planned::Create { account, .. } = planned
            && generates
            && self.options.passwords_are_useless
        {
            let lacks = account.password.is_none() && account.deactivated != Some(true);
            self.plan.totals.useless_passwords += usize::from(lacks);
        }
    }

    /// Addresses and external IDs of which nobody has asked whose they are.
    fn note_identities(&mut self, planned: &Planned, existing: &Existing) {
        for identity in existing.wanted(planned) {
            if !existing.owners.contains_key(&identity) {
                self.plan.totals.unchecked += 1;
                if identity.can_be_asked_of(&self.options.server) {
                    self.unasked.push(identity);
                }
            }
        }
    }
}

/// Whose an account is, for what an update may change of it.
struct Whose {
    /// It belongs to a bridge, a bot or another application service.
    managed: bool,
    /// Why what Matrix Authentication Service decides cannot be changed.
    elsewhere: Option<ProblemKind>,
}

/// Takes out of a change what Matrix Authentication Service decides, where it cannot be asked for it, and
/// says which columns that are, and why: Synapse would write them down, and nobody would look; e-mail addresses
/// last until the service says again which there are.
fn leave_to_mas(
    whose: &Whose,
    spot: Spot<'_>,
    change: &mut UserChange,
    differences: &mut Vec<Difference>,
) -> Vec<(ImportColumn, ProblemKind)> {
    let Some(why) = &whose.elsewhere else {
        return Vec::new();
    };
    let mut moved = Vec::new();
    differences.retain(|difference| {
        let field = difference.field();
        let column = match field {
            Field::Admin => ImportColumn::Admin,
            Field::Password => ImportColumn::Password,
            Field::Deactivated => ImportColumn::Deactivated,
            Field::Locked => ImportColumn::Locked,
            Field::Threepids => column_of_addresses(spot),
            Field::ExternalIds => ImportColumn::ExternalIds,
            Field::DisplayName | Field::Avatar | Field::UserType => return true,
        };
        field.remove_from(change);
        moved.push((column, why.clone()));
        false
    });
    moved
}

/// The row with its errors, and more of them.
fn blocked(
    table: &Table,
    file: &Validation,
    row: usize,
    more: Vec<(ImportColumn, ProblemKind)>,
) -> Planned {
    let mut problems = file.problems(table, row);
    // What only new accounts must not have is no obstacle if there is another.
    let least = match more.first() {
        Some((_, ProblemKind::Reserved)) | None => Severity::ErrorIfNew,
        Some(_) => Severity::Error,
    };
    problems.retain(|problem| problem.severity() >= least);
    let spot = Spot { table, row };
    let more = more.into_iter();
    problems.extend(more.map(|(column, kind)| spot.problem(column, kind)));
    Planned::Blocked { problems }
}

/// What is said of the addresses that an update takes away.
fn removed(spot: Spot<'_>, found: &[Threepid], wanted: &[Threepid]) -> Option<Problem> {
    let stays = |found: &Threepid| {
        let is_it = |wanted: &Threepid| {
            wanted.medium == found.medium
                && wanted.address.to_lowercase() == found.address.to_lowercase()
        };
        wanted.iter().any(is_it)
    };
    let gone: Vec<Threepid> = found
        .iter()
        .filter(|found| !stays(found))
        .cloned()
        .collect();
    let addresses = threepids_text(&gone);
    let kind = ProblemKind::ThreepidsRemoved { addresses };
    (!gone.is_empty()).then(|| spot.problem(column_of_addresses(spot), kind))
}

/// The first column that gives a row addresses.
fn column_of_addresses(spot: Spot<'_>) -> ImportColumn {
    let columns = [
        ImportColumn::Threepids,
        ImportColumn::Email,
        ImportColumn::Phone,
    ];
    let has_value = |column: &ImportColumn| !spot.table.field(spot.row, *column).trim().is_empty();
    let column = columns.into_iter().find(has_value);
    column.unwrap_or(ImportColumn::Threepids)
}

fn same_members<T: PartialEq>(a: &[T], b: &[T]) -> bool {
    a.len() == b.len() && a.iter().all(|item| b.contains(item))
}

/// In the form of the file.
fn threepids_text(threepids: &[Threepid]) -> String {
    let texts: Vec<String> = threepids
        .iter()
        .map(|threepid| format!("{}:{}", threepid.medium, threepid.address))
        .collect();
    texts.join(",")
}

/// In the form of the file.
fn external_ids_text(ids: &[ExternalId]) -> String {
    let texts: Vec<String> = ids
        .iter()
        .map(|id| format!("{}:{}", id.auth_provider, id.external_id))
        .collect();
    texts.join(",")
}

#[cfg(test)]
mod tests;
