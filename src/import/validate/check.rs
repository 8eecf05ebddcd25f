//! A row by itself: what it says, and what is wrong with that.

use super::no_user::no_user;
use super::strange::{is_plain, strange};
use super::swallowed::swallowed;
use super::{
    Candidate, Checked, IdSource, MAX_AVATAR_URL, MAX_DISPLAY_NAME, MAX_PASSWORD, Problem,
    ProblemKind, ProblemPlace, Rules, Severity, shortened,
};
use super::{addresses, boolean, ids};
use crate::api::ids::MAX_ID_BYTES;
use crate::api::users::{ExternalId, Threepid};
use crate::api::{MxcUri, RoomId, ServerName, UserId};
use crate::import::characters::look_alike;
use crate::import::columns::{HeaderRole, ImportColumn};
use crate::import::table::{Flaw, Table};
use crate::listing::csv::is_formula;

/// How many bytes of a password bcrypt looks at.
const BCRYPT_BYTES: usize = 72;

/// A row of a table, for those who name problems.
#[derive(Clone, Copy)]
pub(in crate::import) struct Spot<'a> {
    pub table: &'a Table,
    pub row: usize,
}

impl Spot<'_> {
    pub(in crate::import) fn problem(self, column: ImportColumn, kind: ProblemKind) -> Problem {
        let mut problem = self.at(self.table.place(column), kind);
        if column == ImportColumn::Password {
            problem.value.clear();
        }
        problem
    }

    pub(in crate::import) fn at(self, index: Option<usize>, kind: ProblemKind) -> Problem {
        let row = self.table.rows().get(self.row);
        let secret = self.table.place(ImportColumn::Password);
        let header = index.and_then(|index| self.table.headers.get(index));
        Problem {
            place: ProblemPlace {
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
            fix: None,
        }
    }
}

/// A row being checked.
struct Check<'a> {
    spot: Spot<'a>,
    rules: &'a Rules,
    problems: Vec<Problem>,
    /// Columns, from 0, whose values are no values: nothing more is said of them.
    told: Vec<usize>,
}

/// The addresses of a row.
struct Addresses {
    threepids: Option<Vec<Threepid>>,
    /// The column of each, from 0.
    sources: Vec<usize>,
    /// See [`Candidate::keeps_medium`].
    keeps_medium: Option<&'static str>,
}

pub(super) fn check(table: &Table, row: usize, rules: &Rules) -> Checked {
    let mut check = Check {
        spot: Spot { table, row },
        rules,
        problems: Vec::new(),
        told: Vec::new(),
    };
    check.shape();
    // Of a row that is no user, nothing else is said.
    let all_said = match check.is_user() {
        true => None,
        false => Some(check.problems.len()),
    };
    check.look();
    let Addresses {
        threepids,
        sources,
        keeps_medium,
    } = check.threepids();
    let candidate = Candidate {
        user: check.user(),
        displayname: check.displayname().or_else(|| check.parts_of_name()),
        password: check.password(),
        is_guest: check.boolean(ImportColumn::IsGuest),
        admin: check.boolean(ImportColumn::Admin),
        deactivated: check.deactivated(),
        avatar_url: check.avatar_url(),
        user_type: check.user_type(),
        threepids,
        keeps_medium,
        external_ids: check.list(ImportColumn::ExternalIds, &[',', '\n', '\r'], external_id),
        locked: check.locked(),
        rooms: check
            .list(
                ImportColumn::Rooms,
                &[',', ';', ' ', '\t', '\n', '\r'],
                room,
            )
            .unwrap_or_default(),
    };
    if candidate.is_guest == Some(true) {
        check.say(ImportColumn::IsGuest, ProblemKind::Guest);
    }
    if candidate.locked == Some(true) && candidate.deactivated == Some(true) {
        check.say(ImportColumn::Locked, ProblemKind::LockedAndDeactivated);
    }
    if let Some(said) = all_said {
        // But that a value is not as in the file.
        let mut rest = check.problems.split_off(said);
        rest.retain(|problem| problem.kind == ProblemKind::ApostropheRemoved);
        check.problems.append(&mut rest);
    }
    Checked {
        candidate,
        problems: check.problems,
        sources,
        shared: Vec::new(),
        severity: None,
    }
}

impl Check<'_> {
    fn say(&mut self, column: ImportColumn, kind: ProblemKind) {
        self.problems.push(self.spot.problem(column, kind));
    }

    /// Says what is wrong, and what could be written instead.
    fn offer(&mut self, column: ImportColumn, kind: ProblemKind, fix: Option<String>) {
        let problem = self.spot.problem(column, kind);
        self.problems.push(Problem { fix, ..problem });
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
            self.problems.push(self.spot.at(Some(found), kind));
        }
        if let Some(extra) = (expected..found).find(|&index| !row.cell(index).trim().is_empty()) {
            let kind = ProblemKind::TooManyFields { expected, found };
            self.problems.push(self.spot.at(Some(extra), kind));
        }
        let swallowed = swallowed(table, row);
        if let Some((index, flaw)) = row.flaw() {
            let kind = match flaw {
                Flaw::UnclosedQuote { line } => Some(ProblemKind::UnclosedQuote { line }),
                // That a quote opens too early says more.
                Flaw::TextAfterQuote if swallowed.is_some_and(|(place, ..)| place == index) => None,
                Flaw::TextAfterQuote => Some(ProblemKind::TextAfterQuote),
            };
            if matches!(flaw, Flaw::UnclosedQuote { .. }) {
                self.told.push(index);
            }
            let problems = kind.map(|kind| self.spot.at(Some(index), kind));
            self.problems.extend(problems);
        }
        let swallowed = swallowed.filter(|(place, ..)| {
            !self.told.contains(place) && !table.is_kept(self.spot.row, *place)
        });
        if let Some((index, line, rows)) = swallowed {
            let kind = ProblemKind::SwallowedRows { line, rows };
            self.problems.push(self.spot.at(Some(index), kind));
            self.told.push(index);
        }
    }

    /// Whether the row is a user, or said to be one.
    fn is_user(&mut self) -> bool {
        let (table, at) = (self.spot.table, self.spot.row);
        let Some(row) = table.rows().get(at) else {
            return false;
        };
        let is_imported = |place: usize| {
            let header = table.headers.get(place);
            header.is_some_and(|header| matches!(header.role, HeaderRole::Column(_)))
        };
        let has_value = |place: usize| is_imported(place) && !row.cell(place).trim().is_empty();
        if !(0..row.len()).any(has_value) {
            self.problems
                .push(self.spot.at(None, ProblemKind::NothingImported));
            return false;
        }
        let place = table.place(ImportColumn::Id).unwrap_or_default();
        if table.is_kept(at, place) || self.told.contains(&place) {
            return true;
        }
        let kind = match (no_user(table, row, place), table.other_header) {
            // The header itself has a question of its own: those behind it may be kept together.
            (like, Some(line)) if row.line > line || row.line == line && like.is_none() => {
                Some(ProblemKind::OtherHeader { line })
            }
            (Some(like), _) if table.has(ImportColumn::Id) => Some(ProblemKind::NoUser { like }),
            _ => None,
        };
        let Some(kind) = kind else {
            return true;
        };
        self.problems.push(self.spot.at(Some(place), kind));
        self.told.push(place);
        false
    }

    /// Looks at the values that are imported for what no person writes. What a person has said to
    /// be meant is not asked about again.
    fn look(&mut self) {
        let table = self.spot.table;
        let Some(row) = table.rows().get(self.spot.row) else {
            return;
        };
        for (place, header) in table.headers.iter().enumerate() {
            let value = row.cell(place);
            if let HeaderRole::Column(column) = header.role
                && !is_plain(value)
                && !self.told.contains(&place)
                && !(column == ImportColumn::Id && self.rules.ids == IdSource::GenerateAll)
                && let Some((kind, fix)) = strange(column, value)
                && !(kind.severity() == Severity::Question && table.is_kept(self.spot.row, place))
            {
                if kind.severity() >= Severity::Question {
                    self.told.push(place);
                }
                let problem = self.spot.at(Some(place), kind);
                self.problems.push(Problem { fix, ..problem });
            }
        }
    }

    /// Whether nothing more is to be said of a column.
    fn is_told(&self, column: ImportColumn) -> bool {
        let place = self.spot.table.place(column);
        place.is_some_and(|place| self.told.contains(&place))
    }

    /// The value without spaces around it, and without the apostrophe that our own files put
    /// before what a spreadsheet would compute.
    fn text(&mut self, column: ImportColumn) -> Option<String> {
        let place = self.spot.table.place(column)?;
        self.text_at(place)
    }

    /// The same of a column, from 0.
    fn text_at(&mut self, place: usize) -> Option<String> {
        let row = self.spot.table.rows().get(self.spot.row)?;
        let value = row.cell(place);
        let bare = match value.strip_prefix('\'') {
            Some(bare) if is_formula(bare) => {
                let kind = ProblemKind::ApostropheRemoved;
                self.problems.push(self.spot.at(Some(place), kind));
                bare
            }
            _ => value,
        }
        .trim();
        (!bare.is_empty()).then(|| bare.to_owned())
    }

    fn boolean(&mut self, column: ImportColumn) -> Option<bool> {
        let value = self.spot.table.field(self.spot.row, column).trim();
        let read = boolean(value);
        if read.is_none() && !value.is_empty() && !self.is_told(column) {
            self.say(column, ProblemKind::NotABoolean);
        }
        read
    }

    fn user(&mut self) -> Option<UserId> {
        if self.rules.ids == IdSource::GenerateAll {
            return None;
        }
        if self.is_told(ImportColumn::Id) {
            return None;
        }
        let text = self.text(ImportColumn::Id)?;
        let server = &self.rules.server_name;
        let fix = |check: &Self| ids::meant(&text, &check.rules.server_name);
        let other_form = ids::is_other_form(&text, server);
        let localpart = match text.strip_prefix('@') {
            _ if other_form => {
                let fix = fix(self);
                self.offer(ImportColumn::Id, ProblemKind::IdOtherForm, fix);
                return None;
            }
            None => text.as_str(),
            Some(bare) => {
                let Some((localpart, of)) = bare.split_once(':').filter(|(_, of)| !of.is_empty())
                else {
                    let fix = fix(self);
                    self.offer(ImportColumn::Id, ProblemKind::IdNotReadable, fix);
                    return None;
                };
                if !of.eq_ignore_ascii_case(server.as_str()) {
                    let (server, fix) = (shortened(of), fix(self));
                    self.offer(ImportColumn::Id, ProblemKind::IdForeign { server }, fix);
                    return None;
                }
                localpart
            }
        };
        let user = UserId::new(localpart, server);
        let bytes = user.as_str().len();
        if bytes > MAX_ID_BYTES {
            let limit = MAX_ID_BYTES;
            self.say(ImportColumn::Id, ProblemKind::IdTooLong { bytes, limit });
            return None;
        }
        let lower = localpart.to_lowercase();
        match lower.chars().find(|c| !ids::is_allowed(*c)) {
            Some(found) => {
                let kind = match look_alike(found) {
                    Some((meant, script)) => ProblemKind::IdLookAlike {
                        found,
                        meant,
                        script,
                    },
                    None => ProblemKind::IdCharacter { found },
                };
                let fix = fix(self);
                self.offer(ImportColumn::Id, kind, fix);
            }
            None if lower != localpart => {
                let suggestion = match text.strip_prefix('@') {
                    Some(_) => UserId::new(&lower, server).to_string(),
                    None => lower.clone(),
                };
                let fix = Some(suggestion.clone());
                self.offer(
                    ImportColumn::Id,
                    ProblemKind::IdUpperCase { suggestion },
                    fix,
                );
            }
            None => {}
        }
        if localpart.is_empty() {
            self.say(ImportColumn::Id, ProblemKind::IdNotReadable);
            return None;
        }
        if localpart.starts_with('_') {
            let severity = match self.rules.server.since(131) {
                true => Severity::Warning,
                false => Severity::ErrorIfNew,
            };
            self.say(ImportColumn::Id, ProblemKind::IdUnderscore { severity });
        }
        if localpart.bytes().all(|byte| byte.is_ascii_digit()) {
            self.say(ImportColumn::Id, ProblemKind::IdDigits);
        }
        Some(user)
    }

    fn displayname(&mut self) -> Option<String> {
        let text = self.text(ImportColumn::DisplayName)?;
        let (characters, limit) = (text.chars().count(), MAX_DISPLAY_NAME);
        if characters > limit && !self.is_told(ImportColumn::DisplayName) {
            let kind = ProblemKind::DisplayNameTooLong { characters, limit };
            self.say(ImportColumn::DisplayName, kind);
        }
        Some(text)
    }

    /// The display name of given and family names, as they stand in the file.
    fn parts_of_name(&mut self) -> Option<String> {
        let table = self.spot.table;
        let row = table.rows().get(self.spot.row)?;
        let parts = [ImportColumn::GivenName, ImportColumn::FamilyName]
            .into_iter()
            .flat_map(|column| table.places(column))
            .map(|place| row.cell(place).trim())
            .filter(|part| !part.is_empty());
        let mut parts: Vec<&str> = parts.collect();
        // Where names are written without spaces, the family comes first.
        let is_han = |c| matches!(c, '\u{3041}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}');
        let name = match parts.iter().all(|part| part.chars().all(is_han)) {
            true => {
                parts.reverse();
                parts.concat()
            }
            false => parts.join(" "),
        };
        let (characters, limit) = (name.chars().count(), MAX_DISPLAY_NAME);
        if characters > limit {
            let column = match table.has(ImportColumn::GivenName) {
                true => ImportColumn::GivenName,
                false => ImportColumn::FamilyName,
            };
            self.say(
                column,
                ProblemKind::DisplayNameTooLong { characters, limit },
            );
        }
        (!name.is_empty()).then_some(name)
    }

    /// What the file says of it, or the opposite of what it says of being active.
    fn deactivated(&mut self) -> Option<bool> {
        let active = self.boolean(ImportColumn::Active);
        let deactivated = self.boolean(ImportColumn::Deactivated);
        if active.is_some() && active == deactivated {
            self.say(ImportColumn::Deactivated, ProblemKind::ActiveAndDeactivated);
        }
        deactivated.or(active.map(|active| !active))
    }

    /// Addresses of all columns that have some.
    fn threepids(&mut self) -> Addresses {
        let table = self.spot.table;
        let mut all: Vec<Threepid> = Vec::new();
        let mut sources = Vec::new();
        // Whether all addresses are named, of either kind.
        let mut is_whole = false;
        for (column, read) in [
            (
                ImportColumn::Threepids,
                addresses::threepid as fn(&str) -> _,
            ),
            (ImportColumn::Email, |part: &str| {
                addresses::bare(part, "email")
            }),
            (ImportColumn::Phone, |part: &str| {
                addresses::bare(part, "msisdn")
            }),
        ] {
            for place in table.places(column) {
                for found in self.list_at(place, &[',', ';', '\n', '\r'], read) {
                    is_whole |= column == ImportColumn::Threepids;
                    if !all.contains(&found) {
                        all.push(found);
                        sources.push(place);
                    }
                }
            }
        }
        let has = |medium| all.iter().any(|found| found.medium == medium);
        let keeps_medium = match (has("email"), has("msisdn")) {
            (true, false) if !is_whole => Some("msisdn"),
            (false, true) if !is_whole => Some("email"),
            _ => None,
        };
        Addresses {
            threepids: (!all.is_empty()).then_some(all),
            sources,
            keeps_medium,
        }
    }

    /// Exactly as in the file: nobody may be given another password than what they are told.
    fn password(&mut self) -> Option<String> {
        let text = self.spot.table.field(self.spot.row, ImportColumn::Password);
        if text.is_empty() {
            return None;
        }
        if self.is_told(ImportColumn::Password) {
            return Some(text.to_owned());
        }
        let (characters, limit) = (text.chars().count(), MAX_PASSWORD);
        if characters > limit {
            let kind = ProblemKind::PasswordTooLong { characters, limit };
            self.say(ImportColumn::Password, kind);
        } else if text.len() > BCRYPT_BYTES {
            let (bytes, limit) = (text.len(), BCRYPT_BYTES);
            self.say(
                ImportColumn::Password,
                ProblemKind::PasswordCut { bytes, limit },
            );
        }
        if text.trim() != text {
            let fix = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            self.offer(ImportColumn::Password, ProblemKind::PasswordSpaces, fix);
        }
        Some(text.to_owned())
    }

    fn avatar_url(&mut self) -> Option<String> {
        let text = self.text(ImportColumn::AvatarUrl)?;
        let (characters, limit) = (text.chars().count(), MAX_AVATAR_URL);
        if characters > limit {
            let kind = ProblemKind::AvatarTooLong { characters, limit };
            self.say(ImportColumn::AvatarUrl, kind);
        }
        if MxcUri::parse(&text).is_none() && !self.is_told(ImportColumn::AvatarUrl) {
            self.say(ImportColumn::AvatarUrl, ProblemKind::AvatarNotMxc);
        }
        Some(text)
    }

    fn user_type(&mut self) -> Option<String> {
        let text = self.text(ImportColumn::UserType)?;
        if !matches!(text.as_str(), "bot" | "support") && !self.is_told(ImportColumn::UserType) {
            let severity = match self.rules.server.since(132) {
                true => Severity::Warning,
                false => Severity::Error,
            };
            self.say(ImportColumn::UserType, ProblemKind::UserType { severity });
        }
        Some(text)
    }

    fn locked(&mut self) -> Option<bool> {
        let locked = self.boolean(ImportColumn::Locked)?;
        if self.rules.server.since(91) {
            return Some(locked);
        }
        if locked {
            self.say(ImportColumn::Locked, ProblemKind::LockingNotKnown);
        }
        None
    }

    /// Parts between commas, or what else people put between them.
    fn list<T: PartialEq>(
        &mut self,
        column: ImportColumn,
        between: &[char],
        read: fn(&str) -> Result<T, ProblemKind>,
    ) -> Option<Vec<T>> {
        let place = self.spot.table.place(column)?;
        let list = self.list_at(place, between, read);
        (!list.is_empty()).then_some(list)
    }

    /// The same in this column, from 0.
    fn list_at<T: PartialEq>(
        &mut self,
        place: usize,
        between: &[char],
        read: fn(&str) -> Result<T, ProblemKind>,
    ) -> Vec<T> {
        let mut list = Vec::new();
        if self.told.contains(&place) {
            return list;
        }
        let Some(text) = self.text_at(place) else {
            return list;
        };
        let parts = text.split(between).map(str::trim);
        for part in parts.filter(|part| !part.is_empty()) {
            match read(part) {
                Ok(item) if list.contains(&item) => {}
                Ok(item) => list.push(item),
                Err(kind) => {
                    let fix = match kind {
                        ProblemKind::ThreepidNotReadable { .. } => addresses::named(&text),
                        _ => None,
                    };
                    let problem = self.spot.at(Some(place), kind);
                    self.problems.push(Problem { fix, ..problem });
                }
            }
        }
        list
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
