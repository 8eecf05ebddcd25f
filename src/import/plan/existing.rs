//! What is known of the accounts that the server has.

use super::external_ids_text;
use super::planned::Planned;
use crate::api::UserId;
use crate::api::mas::Ulid;
use crate::api::mas::users::MasUser;
use crate::api::server::Capabilities;
use crate::api::users::{ExternalId, Threepid, User, UserDetail};
use crate::import::columns::ImportColumn;
use crate::import::validate::{Candidate, ProblemKind, Validation};
use std::collections::{HashMap, HashSet};
use std::fmt;

/// What is known of the accounts of the server: a little of each, so that 100,000 fit.
#[derive(Clone, Debug, Default)]
pub struct Existing {
    pub(super) accounts: HashMap<UserId, Known>,
    /// Accounts whose IDs are not all lower case, by their lower-case form.
    folded: HashMap<UserId, UserId>,
    absent: HashSet<UserId>,
    /// Of whom what was known does not hold any more, whatever the list said.
    forgotten: HashSet<UserId>,
    pub(super) reserved: HashSet<UserId>,
    /// Whose these are, as far as somebody has asked; `None` for nobody's.
    pub(super) owners: HashMap<Identity, Option<UserId>>,
    /// Of which the server was asked whose they are, and gave no answer.
    silent: HashSet<Identity>,
    /// Accounts that exist, of which more had to be known, and the server gave no answer.
    undetailed: HashSet<UserId>,
    complete: bool,
    /// Where Matrix Authentication Service keeps the accounts: what it says of them.
    mas: Option<AtMas>,
}

/// What Matrix Authentication Service says of accounts. One that it does not have may be the homeserver's
/// alone: a bridge's, an old bot's.
#[derive(Clone, Debug, Default)]
struct AtMas {
    accounts: HashMap<UserId, (Ulid, u8)>,
    users: HashMap<Ulid, UserId>,
    absent: HashSet<UserId>,
    forgotten: HashSet<UserId>,
    /// Whose addresses and external IDs it was asked for.
    identified: HashSet<UserId>,
    complete: bool,
}

/// What only one account of a server can have.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    Threepid(Threepid),
    ExternalId(ExternalId),
}

impl Identity {
    /// Whether the server can say whose it is.
    pub(in crate::import) fn can_be_asked_of(&self, server: &Capabilities) -> bool {
        match self {
            Identity::Threepid(_) => server.since(72),
            Identity::ExternalId(_) => server.since(68),
        }
    }

    /// The problem of a row that wants it although it is somebody else's.
    pub(super) fn taken(self, owner: &UserId) -> (ImportColumn, ProblemKind) {
        let (name, owner) = (self.to_string(), owner.clone());
        match self {
            Identity::Threepid(_) => {
                let address = name;
                let kind = ProblemKind::ThreepidTaken { address, owner };
                (ImportColumn::Threepids, kind)
            }
            Identity::ExternalId(_) => {
                let kind = ProblemKind::ExternalIdTaken { id: name, owner };
                (ImportColumn::ExternalIds, kind)
            }
        }
    }
}

/// As it stands in the file, an address without its kind.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Identity::Threepid(threepid) => f.write_str(&threepid.address),
            Identity::ExternalId(id) => f.write_str(&external_ids_text(std::slice::from_ref(id))),
        }
    }
}

/// What is known of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub(super) displayname: Option<Box<str>>,
    pub(super) avatar_url: Option<Box<str>>,
    pub(super) user_type: Option<Box<str>>,
    pub(super) identities: Option<Box<Identities>>,
    pub(super) flags: u8,
}

pub(super) const ADMIN: u8 = 1;
pub(super) const DEACTIVATED: u8 = 2;
pub(super) const LOCKED: u8 = 4;
pub(super) const GUEST: u8 = 8;
/// An application service has it.
const MANAGED: u8 = 16;
/// The homeserver has it.
const HERE: u8 = 32;

impl Known {
    /// Whether a row keeps addresses of the account, and nobody knows which it has.
    pub(super) fn lacks_what_is_kept(&self, candidate: &Candidate) -> bool {
        candidate.keeps_medium.is_some() && self.identities.is_none()
    }

    /// Whether a row may change the password, the rights or the state of the account.
    fn is_touched_by(&self, candidate: &Candidate) -> bool {
        let differs =
            |bit, wanted: Option<bool>| wanted.is_some_and(|to| to != (self.flags & bit != 0));
        candidate.password.is_some()
            || differs(ADMIN, candidate.admin)
            || differs(DEACTIVATED, candidate.deactivated)
            || differs(LOCKED, candidate.locked)
    }
}

/// What the list of users does not say.
#[derive(Clone, Debug, Default)]
pub(super) struct Identities {
    pub(super) threepids: Vec<Threepid>,
    pub(super) external_ids: Vec<ExternalId>,
}

impl Existing {
    /// Nothing is known yet.
    pub fn new() -> Self {
        Existing::default()
    }

    /// An account that exists, as the list has it.
    pub fn add(&mut self, user: User) {
        let set = |bit: u8, on: bool| if on { bit } else { 0 };
        let known = Known {
            displayname: user.displayname.map(String::into_boxed_str),
            avatar_url: user.avatar_url.map(String::into_boxed_str),
            user_type: user.user_type.map(String::into_boxed_str),
            identities: None,
            flags: HERE
                | set(ADMIN, user.admin)
                | set(DEACTIVATED, user.deactivated)
                | set(LOCKED, user.locked)
                | set(GUEST, user.is_guest),
        };
        if let Some(folded) = folded(&user.name) {
            self.folded.insert(folded, user.name.clone());
        }
        self.absent.remove(&user.name);
        self.forgotten.remove(&user.name);
        self.accounts.insert(user.name.clone(), known);
        self.settle(&user.name);
    }

    /// What Matrix Authentication Service says of an account is so, whatever the homeserver says.
    fn settle(&mut self, user: &UserId) {
        let told = self.mas.as_ref().and_then(|mas| mas.accounts.get(user));
        if let Some((_, flags)) = told {
            let known = self.accounts.entry(user.clone()).or_default();
            known.flags = (known.flags & !(ADMIN | DEACTIVATED | LOCKED)) | flags;
        }
    }

    /// Matrix Authentication Service keeps the accounts: it is asked as well.
    pub fn beside_mas(&mut self) {
        self.mas.get_or_insert_default();
    }

    /// An account that Matrix Authentication Service has.
    pub fn add_at_mas(&mut self, user: UserId, id: Ulid, told: &MasUser) {
        let set = |bit: u8, on: bool| if on { bit } else { 0 };
        let flags = set(ADMIN, told.admin)
            | set(DEACTIVATED, told.deactivated_at.is_some())
            | set(LOCKED, told.locked_at.is_some());
        if let Some(folded) = folded(&user) {
            self.folded.insert(folded, user.clone());
        }
        let mas = self.mas.get_or_insert_default();
        mas.absent.remove(&user);
        mas.forgotten.remove(&user);
        mas.users.insert(id.clone(), user.clone());
        mas.accounts.insert(user.clone(), (id, flags));
        self.settle(&user);
    }

    /// Matrix Authentication Service was asked and does not have this account.
    pub fn add_absent_at_mas(&mut self, user: UserId) {
        let mas = self.mas.get_or_insert_default();
        mas.forgotten.remove(&user);
        mas.absent.insert(user);
    }

    /// Its whole list has been read.
    pub fn set_complete_at_mas(&mut self) {
        self.mas.get_or_insert_default().complete = true;
    }

    /// Whether its whole list has been read.
    pub fn is_complete_at_mas(&self) -> bool {
        self.mas.as_ref().is_some_and(|mas| mas.complete)
    }

    /// Whether Matrix Authentication Service has the account; `None` if nobody has asked.
    pub fn has_at_mas(&self, user: &UserId) -> Option<bool> {
        let mas = self.mas.as_ref()?;
        if mas.accounts.contains_key(user) {
            return Some(true);
        }
        let is_listed = mas.complete && !mas.forgotten.contains(user);
        (is_listed || mas.absent.contains(user)).then_some(false)
    }

    /// What Matrix Authentication Service calls an account.
    pub fn id_at_mas(&self, user: &UserId) -> Option<&Ulid> {
        let told = self.mas.as_ref()?.accounts.get(user)?;
        Some(&told.0)
    }

    /// The account that Matrix Authentication Service calls so, as far as that is known.
    pub fn by_id_at_mas(&self, id: &Ulid) -> Option<&UserId> {
        self.mas.as_ref()?.users.get(id)
    }

    /// The e-mail addresses and external IDs of an account, as Matrix Authentication Service has them.
    pub fn add_identities_at_mas(
        &mut self,
        user: UserId,
        threepids: Vec<Threepid>,
        external_ids: Vec<ExternalId>,
    ) {
        // What the homeserver has not said, whether a bridge has the account, is not known there.
        if self.undetailed.contains(&user) {
            return;
        }
        if let Some(known) = self.accounts.get_mut(&user) {
            known.identities = Some(Box::new(Identities {
                threepids,
                external_ids,
            }));
            self.mas.get_or_insert_default().identified.insert(user);
        }
    }

    /// The accounts whose e-mail addresses or external IDs an update needs from Matrix Authentication
    /// Service, with what that calls them.
    pub fn without_identities_at_mas(&self, file: &Validation) -> Vec<(UserId, Ulid)> {
        let Some(mas) = &self.mas else {
            return Vec::new();
        };
        (0..file.checked())
            .filter_map(|row| file.candidate(row))
            .filter_map(|candidate| {
                let user = candidate.user.as_ref()?;
                let wants = candidate.threepids.is_some() || candidate.external_ids.is_some();
                let (id, _) = mas.accounts.get(user)?;
                let asks = wants && !mas.identified.contains(user);
                asks.then(|| (user.clone(), id.clone()))
            })
            .collect()
    }

    /// An account that exists, with its e-mail addresses, phone numbers and identities.
    pub fn add_detail(&mut self, detail: UserDetail) {
        let name = detail.user.name.clone();
        self.undetailed.remove(&name);
        self.add(detail.user);
        if let Some(known) = self.accounts.get_mut(&name) {
            if detail.appservice_id.is_some() {
                known.flags |= MANAGED;
            }
            known.identities = Some(Box::new(Identities {
                threepids: detail.threepids,
                external_ids: detail.external_ids,
            }));
        }
    }

    /// The server was asked and does not have this account.
    pub fn add_absent(&mut self, user: UserId) {
        self.accounts.remove(&user);
        self.forgotten.remove(&user);
        self.settle(&user);
        self.absent.insert(user);
    }

    /// These may have changed: what is known of them does not hold any more, nor whose an address
    /// or an external ID is.
    pub fn forget(&mut self, users: impl Iterator<Item = UserId>) {
        for user in users {
            self.accounts.remove(&user);
            self.absent.remove(&user);
            self.owners.clear();
            if let Some(mas) = &mut self.mas {
                mas.accounts.remove(&user);
                mas.absent.remove(&user);
                mas.identified.remove(&user);
                mas.forgotten.insert(user.clone());
            }
            self.forgotten.insert(user);
        }
    }

    /// What is known of this account is not enough to change it, and the server gave no answer about the
    /// rest.
    pub fn doubt(&mut self, user: UserId) {
        self.undetailed.insert(user);
    }

    pub(super) fn is_doubted(&self, user: &UserId) -> bool {
        self.undetailed.contains(user)
    }

    /// An application service has reserved this ID.
    pub fn add_reserved(&mut self, user: UserId) {
        self.reserved.insert(user);
    }

    /// The server was asked whose this is; `None` for nobody's.
    pub fn add_owner(&mut self, identity: Identity, owner: Option<UserId>) {
        self.owners.insert(identity, owner);
    }

    /// The server was asked whose this is, and gave no answer.
    pub fn add_silent(&mut self, identity: Identity) {
        self.silent.insert(identity);
    }

    /// What the server gave no answer to is asked once more.
    pub fn ask_again(&mut self) {
        self.silent.clear();
        self.undetailed.clear();
    }

    /// What a row gives its account of which the server gave no answer whose it is.
    pub(super) fn unsaid(&self, planned: &Planned) -> Option<Identity> {
        self.wanted(planned)
            .find(|identity| self.silent.contains(identity))
    }

    /// What a row gives its account that the account is not known to have.
    pub(super) fn wanted(&self, planned: &Planned) -> impl Iterator<Item = Identity> {
        let (threepids, external_ids) = match planned {
            Planned::Create { account, .. } => (&account.threepids, &account.external_ids),
            Planned::Update { change, .. } => (&change.threepids, &change.external_ids),
            _ => (&None, &None),
        };
        let known = planned.user().and_then(|user| self.accounts.get(user));
        let own = known.and_then(|known| known.identities.as_deref());
        let threepids = threepids
            .iter()
            .flatten()
            .filter(move |wanted| own.is_none_or(|own| !own.threepids.contains(wanted)))
            .cloned()
            .map(Identity::Threepid);
        let external_ids = external_ids
            .iter()
            .flatten()
            .filter(move |wanted| own.is_none_or(|own| !own.external_ids.contains(wanted)))
            .cloned()
            .map(Identity::ExternalId);
        threepids.chain(external_ids)
    }

    /// What a row takes from other accounts.
    pub(super) fn taken(&self, planned: &Planned) -> Vec<(ImportColumn, ProblemKind)> {
        self.wanted(planned)
            .filter_map(|identity| {
                let owner = self.owners.get(&identity)?.as_ref()?;
                (Some(owner) != planned.user()).then(|| identity.taken(owner))
            })
            .collect()
    }

    /// The whole list has been read: what is not known does not exist.
    pub fn set_complete(&mut self) {
        self.complete = true;
    }

    /// Whether the whole list has been read.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// How many accounts are known.
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether no account is known.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// Whether the account exists; `None` if nobody has asked.
    pub fn has(&self, user: &UserId) -> Option<bool> {
        if self.accounts.contains_key(user) {
            return Some(true);
        }
        let is_elsewhere_absent = self.mas.is_none() || self.has_at_mas(user) == Some(false);
        (self.has_here(user) == Some(false) && is_elsewhere_absent).then_some(false)
    }

    /// Whether the homeserver has the account; `None` if nobody has asked it.
    pub fn has_here(&self, user: &UserId) -> Option<bool> {
        let known = self.accounts.get(user);
        if known.is_some_and(|known| known.flags & HERE != 0) {
            return Some(true);
        }
        let is_listed = self.complete && !self.forgotten.contains(user);
        (is_listed || self.absent.contains(user)).then_some(false)
    }

    /// The accounts of the file that are still to be asked for, in no order.
    pub fn unknown<'a>(&'a self, file: &'a Validation) -> impl Iterator<Item = &'a UserId> {
        file.users().filter(|user| self.has(user).is_none())
    }

    /// The accounts whose details are needed for an update: those that exist and whose rows name
    /// threepids or external IDs, which the list of users does not show, or change what only the
    /// account's own application service may change. Without the details, the difference is shown
    /// against [`Before::Unknown`](super::Before::Unknown) and the list is set in any case, unless the row
    /// keeps a part of it.
    pub fn without_detail(&self, file: &Validation) -> Vec<UserId> {
        (0..file.checked())
            .filter_map(|row| file.candidate(row))
            .filter_map(|candidate| {
                let user = candidate.user.as_ref()?;
                let known = self.accounts.get(user)?;
                let wants = candidate.threepids.is_some()
                    || candidate.external_ids.is_some()
                    || known.is_touched_by(candidate);
                (known.identities.is_none() && wants).then(|| user.clone())
            })
            .collect()
    }

    /// Whether the account belongs to a bridge, a bot or another application service.
    pub(super) fn is_managed(&self, user: &UserId, known: &Known) -> bool {
        known.flags & MANAGED != 0 || self.reserved.contains(user)
    }

    /// The account that differs from this one in case only.
    pub(super) fn in_other_case(&self, user: &UserId) -> Option<&UserId> {
        self.folded.get(user)
    }
}

/// The ID in lower case, if it is another one.
fn folded(user: &UserId) -> Option<UserId> {
    let lower = user.localpart().to_lowercase();
    (lower != user.localpart()).then(|| UserId::new(&lower, &user.server()))
}
