//! What will happen to each row: the plan itself.

use super::existing::Identity;
use crate::api::UserId;
use crate::api::users::UserChange;
use crate::import::task::{Deed, Field, NewAccount, RowTask, Untaken};
use crate::import::validate::Problem;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::rc::Rc;

/// What an account has before an update, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Before {
    Value(String),
    /// The list of users does not say.
    Unknown,
}

/// What an update changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// The password is replaced; the account stays logged in where it is.
    Password,
    /// A name, an address, a type, or a list of identities in the form of the file.
    Text {
        field: Field,
        from: Before,
        to: String,
    },
    Flag {
        field: Field,
        from: bool,
        to: bool,
    },
}

impl Difference {
    /// What is changed.
    pub fn field(&self) -> Field {
        match self {
            Difference::Password => Field::Password,
            Difference::Text { field, .. } | Difference::Flag { field, .. } => *field,
        }
    }
}

/// Why a row is passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// The account exists.
    Exists,
    /// The account exists and is as the row says.
    Unchanged,
    /// So it is, and the row names rooms: of these nobody knows whether it is in them.
    UnchangedButRooms,
    /// So it is, but for what is not sent to any account.
    UnchangedButLeft,
}

/// Why nothing is sent for a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Idle {
    Exists,
    Unchanged,
    Blocked,
    Conflict,
    NotLookedUp,
}

/// What will happen to a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Planned {
    Create {
        user: UserId,
        account: Rc<NewAccount>,
        /// Whether the ID was made up.
        generated_id: bool,
    },
    Update {
        user: UserId,
        differences: Vec<Difference>,
        change: Rc<UserChange>,
        /// See [`Deed::Update`].
        keeps_medium: Option<String>,
        /// Warnings that only an update has.
        notes: Vec<Problem>,
        /// What of the row is not sent; of a new account [`NewAccount::left`] has it.
        left: Vec<Untaken>,
    },
    Skip {
        user: UserId,
        why: Skipped,
    },
    /// The row cannot go: its errors.
    Blocked {
        problems: Vec<Problem>,
    },
    /// The account exists, and with [`OnConflict::Stop`](super::OnConflict::Stop) that stops the import.
    Conflict {
        user: UserId,
    },
    /// Nothing is to be sent, as an earlier tab has told.
    Told {
        user: Option<UserId>,
        why: Idle,
        sentences: Vec<String>,
    },
    /// Nobody has asked the server for this account, or it gave no answer: about the account, or whose
    /// something is that the row gives it.
    NotLookedUp {
        user: Option<UserId>,
        whose: Option<Identity>,
    },
}

impl Planned {
    /// The account, if the row has one.
    pub fn user(&self) -> Option<&UserId> {
        match self {
            Planned::Create { user, .. }
            | Planned::Update { user, .. }
            | Planned::Skip { user, .. }
            | Planned::Conflict { user } => Some(user),
            Planned::Told { user, .. } | Planned::NotLookedUp { user, .. } => user.as_ref(),
            Planned::Blocked { .. } => None,
        }
    }

    /// Why nothing is sent for the row; `None` if something is.
    pub fn idle(&self) -> Option<Idle> {
        match self {
            Planned::Create { .. } | Planned::Update { .. } => None,
            Planned::Skip { why, .. } => Some(match why {
                Skipped::Exists => Idle::Exists,
                Skipped::Unchanged | Skipped::UnchangedButRooms | Skipped::UnchangedButLeft => {
                    Idle::Unchanged
                }
            }),
            Planned::Blocked { .. } => Some(Idle::Blocked),
            Planned::Conflict { .. } => Some(Idle::Conflict),
            Planned::NotLookedUp { .. } => Some(Idle::NotLookedUp),
            Planned::Told { why, .. } => Some(*why),
        }
    }

    /// What of the row is not sent, although the rest of it is.
    pub fn left(&self) -> &[Untaken] {
        match self {
            Planned::Create { account, .. } => &account.left,
            Planned::Update { left, .. } => left,
            _ => &[],
        }
    }

    /// Whether somebody becomes an administrator who is none.
    pub fn makes_admin(&self) -> bool {
        let admin = match self {
            Planned::Create { account, .. } => account.admin,
            Planned::Update { change, .. } => change.admin,
            _ => None,
        };
        admin == Some(true)
    }
}

/// How many rows will come to what. The first seven add up to the rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanTotals {
    pub create: usize,
    pub update: usize,
    /// The account exists and is left alone.
    pub skip: usize,
    /// The account exists and is as the row says.
    pub unchanged: usize,
    pub blocked: usize,
    pub conflicts: usize,
    pub not_looked_up: usize,
    /// Among those created.
    pub generated_passwords: usize,
    pub generated_ids: usize,
    pub without_password: usize,
    /// Among those updated.
    pub changed_passwords: usize,
    /// Who becomes an administrator, among those created and updated.
    pub admins: usize,
    /// Addresses and external IDs of those created and updated of which nobody knows whether
    /// another account has them.
    pub unchecked: usize,
    /// Passwords that were to be generated and are not, because nobody could use them.
    pub useless_passwords: usize,
}

impl PlanTotals {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.create
            + self.update
            + self.skip
            + self.unchanged
            + self.blocked
            + self.conflicts
            + self.not_looked_up
    }
}

/// What will happen to each row.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub rows: Vec<Planned>,
    pub totals: PlanTotals,
}

impl Plan {
    /// Whether a conflict keeps the import from beginning.
    pub fn is_stopped(&self) -> bool {
        self.totals.conflicts > 0
    }

    /// What is to be sent, each with the index of its row. Nothing if the import is stopped.
    pub fn tasks(&self) -> Vec<(usize, RowTask)> {
        if self.is_stopped() {
            return Vec::new();
        }
        let task = |(row, planned): (usize, &Planned)| {
            let (user, deed) = match planned {
                Planned::Create { user, account, .. } => (user, Deed::Create(Rc::clone(account))),
                Planned::Update {
                    user,
                    change,
                    keeps_medium,
                    ..
                } => {
                    let (change, keeps_medium) = (Rc::clone(change), keeps_medium.clone());
                    (
                        user,
                        Deed::Update {
                            change,
                            keeps_medium,
                        },
                    )
                }
                _ => return None,
            };
            let user = user.clone();
            Some((row, RowTask { user, deed }))
        };
        self.rows.iter().enumerate().filter_map(task).collect()
    }

    /// Adds what will happen to the next row.
    pub fn add(&mut self, planned: Planned) {
        self.count(&planned);
        self.rows.push(planned);
    }

    fn count(&mut self, planned: &Planned) {
        let totals = &mut self.totals;
        totals.admins += usize::from(planned.makes_admin());
        match planned {
            Planned::Create {
                account,
                generated_id,
                ..
            } => {
                totals.create += 1;
                totals.generated_passwords += usize::from(account.generated_password);
                totals.without_password += usize::from(account.password.is_none());
                totals.generated_ids += usize::from(*generated_id);
            }
            Planned::Update { change, .. } => {
                totals.update += 1;
                totals.changed_passwords += usize::from(change.password.is_some());
            }
            _ => {}
        }
        match planned.idle() {
            Some(Idle::Exists) => totals.skip += 1,
            Some(Idle::Unchanged) => totals.unchanged += 1,
            Some(Idle::Blocked) => totals.blocked += 1,
            Some(Idle::Conflict) => totals.conflicts += 1,
            Some(Idle::NotLookedUp) => totals.not_looked_up += 1,
            None => {}
        }
    }

    /// The IDs that the plan creates or that the file names: what another ID must not be.
    pub fn taken(&self) -> HashSet<UserId> {
        self.rows
            .iter()
            .filter_map(Planned::user)
            .cloned()
            .collect()
    }
}
