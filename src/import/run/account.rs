//! What an account is to be, and whether it is.

use super::FollowUp;
use crate::api::UserId;
use crate::api::tolerant::Timestamp;
use crate::api::users::{Threepid, UserChange, UserDetail};
use crate::import::outcome::{FailedPart, What};
use crate::import::task::{Field, NewAccount};
use std::collections::{HashSet, VecDeque};

impl Field {
    /// All fields, in the order in which the server sets them.
    pub const ALL: [Field; 9] = [
        Field::DisplayName,
        Field::Threepids,
        Field::ExternalIds,
        Field::Avatar,
        Field::Admin,
        Field::Password,
        Field::Deactivated,
        Field::Locked,
        Field::UserType,
    ];

    /// The fields that a change sets, in the order in which the server sets them.
    pub fn of(change: &UserChange) -> impl Iterator<Item = Field> {
        Field::ALL
            .into_iter()
            .filter(move |field| field.is_in(change))
    }

    fn is_in(self, change: &UserChange) -> bool {
        match self {
            Field::DisplayName => change.displayname.is_some(),
            Field::Threepids => change.threepids.is_some(),
            Field::ExternalIds => change.external_ids.is_some(),
            Field::Avatar => change.avatar_url.is_some(),
            Field::Admin => change.admin.is_some(),
            Field::Password => change.password.is_some(),
            Field::Deactivated => change.deactivated.is_some(),
            Field::Locked => change.locked.is_some(),
            Field::UserType => change.user_type.is_some(),
        }
    }

    /// Whether Matrix Authentication Service has it where it keeps the accounts; the others stay with the homeserver.
    pub(super) fn is_at_mas(self) -> bool {
        match self {
            Field::Threepids
            | Field::ExternalIds
            | Field::Admin
            | Field::Password
            | Field::Deactivated
            | Field::Locked => true,
            Field::DisplayName | Field::Avatar | Field::UserType => false,
        }
    }

    /// Leaves this field out of a change.
    pub fn remove_from(self, change: &mut UserChange) {
        match self {
            Field::DisplayName => change.displayname = None,
            Field::Threepids => change.threepids = None,
            Field::ExternalIds => change.external_ids = None,
            Field::Avatar => change.avatar_url = None,
            Field::Admin => change.admin = None,
            Field::Password => {
                change.password = None;
                change.logout_devices = None;
            }
            Field::Deactivated => change.deactivated = None,
            Field::Locked => change.locked = None,
            Field::UserType => change.user_type = None,
        }
    }

    /// A change of this field alone.
    fn alone(self, change: &UserChange) -> UserChange {
        let mut alone = change.clone();
        for other in Field::ALL.into_iter().filter(|other| *other != self) {
            other.remove_from(&mut alone);
        }
        alone
    }

    /// The same changes one by one, in the server's order, so that an error is about one of them
    /// for certain. Whoever is reactivated may need the password in the same request.
    pub(super) fn one_by_one(change: &UserChange) -> Vec<UserChange> {
        let reactivates = change.deactivated == Some(false);
        let mut parts = Vec::new();
        for field in Field::of(change) {
            if field == Field::Password && reactivates {
                continue;
            }
            let mut part = field.alone(change);
            if field == Field::Deactivated && reactivates {
                part.password.clone_from(&change.password);
                part.logout_devices = change.logout_devices;
            }
            parts.push(part);
        }
        parts
    }

    /// Whether the account shows what the change wants. A password is never shown.
    pub(super) fn is_as_wanted(self, change: &UserChange, detail: &UserDetail) -> bool {
        let user = &detail.user;
        match self {
            Field::DisplayName => same_text(&change.displayname, &user.displayname),
            Field::Threepids => change
                .threepids
                .as_ref()
                .is_none_or(|wanted| lower(wanted) == lower(&detail.threepids)),
            Field::ExternalIds => change.external_ids.as_ref().is_none_or(|wanted| {
                let wanted: HashSet<_> = wanted.iter().collect();
                wanted == detail.external_ids.iter().collect()
            }),
            Field::Avatar => same_text(&change.avatar_url, &user.avatar_url),
            Field::Admin => change.admin.is_none_or(|wanted| wanted == user.admin),
            Field::Password => false,
            Field::Deactivated => change
                .deactivated
                .is_none_or(|wanted| wanted == user.deactivated),
            Field::Locked => change.locked.is_none_or(|wanted| wanted == user.locked),
            Field::UserType => change
                .user_type
                .as_ref()
                .is_none_or(|wanted| *wanted == user.user_type),
        }
    }
}

/// The same changes, each for whoever keeps what it changes: one by one for Matrix Authentication Service, all at once
/// for the homeserver. Who may not log in for now can before anything else is changed, and who is to
/// end does so last.
pub(super) fn by_owner(change: &UserChange) -> Vec<UserChange> {
    let ends = |field: Field| match field {
        Field::Deactivated => change.deactivated == Some(true),
        Field::Locked => change.locked == Some(true),
        _ => false,
    };
    let is_state = |field: Field| matches!(field, Field::Deactivated | Field::Locked);
    let there = |want: &dyn Fn(Field) -> bool| -> Vec<UserChange> {
        let fields = Field::of(change).filter(|field| field.is_at_mas() && want(*field));
        fields.map(|field| field.alone(change)).collect()
    };
    let mut parts = there(&|field| is_state(field) && !ends(field));
    parts.extend(there(&|field| !is_state(field)));
    let mut here = change.clone();
    for field in Field::ALL.into_iter().filter(|field| field.is_at_mas()) {
        field.remove_from(&mut here);
    }
    if here != UserChange::default() {
        parts.push(here);
    }
    parts.extend(there(&|field| is_state(field) && ends(field)));
    parts
}

/// The server trims names, and shows the empty text as none.
fn same_text(wanted: &Option<String>, found: &Option<String>) -> bool {
    let found = found.as_deref().unwrap_or_default().trim();
    wanted
        .as_deref()
        .is_none_or(|wanted| wanted.trim() == found)
}

/// E-mail addresses are kept in lower case.
fn lower(threepids: &[Threepid]) -> HashSet<(&str, String)> {
    threepids
        .iter()
        .map(|threepid| (threepid.medium.as_str(), threepid.address.to_lowercase()))
        .collect()
}

/// The fields of a change that the account does not show, in the server's order, without the
/// password.
pub(super) fn missing(change: &UserChange, detail: &UserDetail) -> impl Iterator<Item = Field> {
    Field::of(change)
        .filter(|field| *field != Field::Password && !field.is_as_wanted(change, detail))
}

/// How far the clocks of the processes of one server may be apart, in milliseconds.
pub(super) const CLOCKS_APART_MS: i64 = 10_000;

/// Whether an account is what a creation of ours leaves behind, whole or in part. `light` tells
/// whether the display name was ever sent with it; the account is not older than `since`, when
/// the newest account known had been created.
pub fn is_ours(
    detail: &UserDetail,
    account: &NewAccount,
    light: bool,
    since: Option<Timestamp>,
) -> bool {
    let user = &detail.user;
    let displayname = user.displayname.as_deref().unwrap_or_default().trim();
    let named = light && account.displayname.as_deref().unwrap_or_default().trim() == displayname;
    let named = named || displayname == user.name.localpart();
    let recent = match (since, user.creation_ts) {
        (Some(since), Some(created)) => created.0 >= since.0 - CLOCKS_APART_MS,
        _ => true,
    };
    let threepids = lower(account.threepids.as_deref().unwrap_or_default());
    let external_ids = account.external_ids.as_deref().unwrap_or_default();
    named
        && recent
        && user.admin == account.admin.unwrap_or(false)
        && (account.user_type.is_none() || account.user_type == user.user_type)
        && lower(&detail.threepids).is_subset(&threepids)
        && detail
            .external_ids
            .iter()
            .all(|found| external_ids.contains(found))
        && detail.appservice_id.is_none()
        && user.avatar_url.is_none()
        && user.last_seen_ts.is_none()
        && !(user.is_guest || user.deactivated || user.locked || user.erased)
}

impl NewAccount {
    /// What a change sets, as the fields of an account.
    pub fn of_change(change: &UserChange) -> Self {
        NewAccount {
            password: change.password.clone(),
            generated_password: false,
            displayname: change.displayname.clone(),
            avatar_url: change.avatar_url.clone(),
            user_type: change.user_type.clone().flatten(),
            admin: change.admin,
            threepids: change.threepids.clone(),
            keeps_medium: None,
            external_ids: change.external_ids.clone(),
            deactivated: change.deactivated,
            locked: change.locked,
            rooms: Vec::new(),
            left: Vec::new(),
        }
    }

    /// The fields that the creating request may set, and the requests after it. The display
    /// name is among the first.
    pub(super) fn requests(&self) -> (UserChange, VecDeque<FollowUp>) {
        let now = UserChange {
            password: self.password.clone(),
            displayname: self.displayname.clone(),
            threepids: self.threepids.clone(),
            external_ids: self.external_ids.clone(),
            admin: self.admin,
            user_type: self.user_type.clone().map(Some),
            ..UserChange::default()
        };
        let mut later = self.last_steps();
        if let Some(avatar_url) = self.avatar_url.clone().filter(|url| !url.is_empty()) {
            let avatar = UserChange {
                avatar_url: Some(avatar_url),
                ..UserChange::default()
            };
            later.push_front(FollowUp::Put(Box::new(avatar)));
        }
        (now, later)
    }

    /// Rooms, then the end: who is locked or deactivated joins no room.
    fn last_steps(&self) -> VecDeque<FollowUp> {
        let mut steps: VecDeque<_> = self.rooms.iter().cloned().map(FollowUp::Join).collect();
        let end = UserChange {
            deactivated: self.deactivated.filter(|deactivated| *deactivated),
            locked: self.locked.filter(|locked| *locked),
            ..UserChange::default()
        };
        if end != UserChange::default() {
            steps.push_back(FollowUp::Put(Box::new(end)));
        }
        steps
    }

    /// Whether the guard for the whole account would cost a second request, and the other guard
    /// leaves nothing but the display name open.
    pub(super) fn is_better_named_at_once(&self, user: &UserId) -> bool {
        let plain = self.threepids.is_none() && self.external_ids.is_none();
        plain && self.name_to_set(user).is_some()
    }

    /// The display name, unless the account gets it by itself.
    pub(super) fn name_to_set(&self, user: &UserId) -> Option<String> {
        self.displayname
            .clone()
            .filter(|name| name != user.localpart())
    }

    /// The display name could not be sent with the creation.
    pub(super) fn name_later(&self, user: &UserId, follow: &mut VecDeque<FollowUp>) {
        let Some(name) = self.name_to_set(user) else {
            return;
        };
        if let Some(FollowUp::Put(change)) = follow.front_mut()
            && change.avatar_url.is_some()
        {
            change.displayname = Some(name);
            return;
        }
        let change = UserChange {
            displayname: Some(name),
            ..UserChange::default()
        };
        follow.push_front(FollowUp::Put(Box::new(change)));
    }

    /// All that the account is to show, without the password.
    pub(super) fn wanted(&self) -> UserChange {
        UserChange {
            password: None,
            avatar_url: self.avatar_url.clone(),
            deactivated: self.deactivated,
            locked: self.locked,
            ..self.requests().0
        }
    }

    /// A change of an account that exists, with all columns that are present; the way back from
    /// [`NewAccount::of_change`]. A generated password is not set. Whoever gets another password
    /// stays logged in: Synapse logs devices out unless it is told not to.
    pub fn as_change(&self) -> UserChange {
        let password = self.password.clone().filter(|_| !self.generated_password);
        UserChange {
            logout_devices: password.as_ref().map(|_| false),
            password,
            ..self.wanted()
        }
    }

    /// What is set before the last steps, without the password.
    fn before_the_end(&self) -> UserChange {
        UserChange {
            deactivated: None,
            locked: None,
            ..self.wanted()
        }
    }

    /// All requests after the creation, and what the creation itself has set.
    pub(super) fn all_again(&self) -> VecDeque<FollowUp> {
        let mut steps = self.last_steps();
        steps.push_front(FollowUp::Put(Box::new(self.before_the_end())));
        steps
    }

    /// All requests after the creation at Matrix Authentication Service, which sets nothing but the name of the
    /// account, and perhaps the display name (`named`).
    pub(super) fn follow_at_mas(&self, user: &UserId, named: bool) -> VecDeque<FollowUp> {
        let change = UserChange {
            password: self.password.clone(),
            displayname: self.name_to_set(user).filter(|_| !named),
            avatar_url: self.avatar_url.clone().filter(|url| !url.is_empty()),
            user_type: self.user_type.clone().map(Some),
            admin: self.admin.filter(|admin| *admin),
            threepids: self.threepids.clone(),
            external_ids: self.external_ids.clone(),
            ..UserChange::default()
        };
        let mut steps = self.last_steps();
        if change != UserChange::default() {
            steps.push_front(FollowUp::Put(Box::new(change)));
        }
        steps
    }

    /// What an account that a creation of ours has left behind still lacks.
    pub(super) fn still_to_do(&self, detail: &UserDetail) -> (UserChange, VecDeque<FollowUp>) {
        let mut change = self.before_the_end();
        for field in Field::ALL {
            if field.is_as_wanted(&change, detail) {
                field.remove_from(&mut change);
            }
        }
        (change, self.last_steps())
    }

    /// Whether the account shows the last thing that is done to it.
    pub(super) fn has_had_its_end(&self, detail: &UserDetail) -> bool {
        let user = &detail.user;
        (user.deactivated && self.deactivated == Some(true))
            || (user.locked && self.locked == Some(true))
    }

    /// Leaves out of the requests that follow what has been tried and did not work.
    pub(super) fn leave_out(
        &self,
        problems: &[FailedPart],
        put: &mut UserChange,
        follow: &mut VecDeque<FollowUp>,
    ) {
        for problem in problems {
            match problem.what.itself() {
                What::Field(field) | What::Unsent(field) => {
                    field.remove_from(put);
                    for step in follow.iter_mut() {
                        if let FollowUp::Put(change) = step {
                            field.remove_from(change);
                        }
                    }
                }
                What::Room(room) => {
                    follow.retain(|step| !matches!(step, FollowUp::Join(other) if other == room));
                }
                What::Rest | What::Unsure(_) => {}
            }
        }
        follow.retain(
            |step| !matches!(step, FollowUp::Put(change) if **change == UserChange::default()),
        );
    }

    /// The requests that try once more what did not work.
    pub(super) fn again(&self, problems: &[FailedPart]) -> VecDeque<FollowUp> {
        let is_problem = |what: What| problems.iter().any(|problem| problem.what.is_same(&what));
        let mut change = UserChange {
            password: self.password.clone(),
            ..self.wanted()
        };
        for field in Field::ALL {
            if !is_problem(What::Field(field)) {
                field.remove_from(&mut change);
            }
        }
        let rooms = self.rooms.iter().cloned();
        let mut steps: VecDeque<_> = rooms
            .filter(|room| is_problem(What::Room(room.clone())))
            .map(FollowUp::Join)
            .collect();
        if change != UserChange::default() {
            steps.push_back(FollowUp::Put(Box::new(change)));
        }
        steps
    }
}
