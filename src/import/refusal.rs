//! What nobody may change of an account from a file: asked by the plan, and again by the run about accounts that
//! have appeared since.

use super::columns::ImportColumn;
use super::validate::ProblemKind;
use crate::api::server::Capabilities;
use crate::api::users::UserChange;
use serde::{Deserialize, Serialize};

/// Why a change of an account is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum RefusedChange {
    /// Nobody changes their own password, rights or state in the midst of a file.
    OwnAccount(ImportColumn),
    /// A bridge, a bot or another application service needs the account as it is.
    ManagedAccount(ImportColumn),
    /// The account would be both.
    LockedAndDeactivated,
    /// Before Synapse 1.99, an account is only reactivated with a password.
    ReactivationNeedsPassword,
}

/// What the account is like that is to be changed.
#[derive(Clone, Copy, Debug)]
pub struct AccountState {
    /// Whether it is that of whoever imports.
    pub is_own: bool,
    /// Whether it belongs to an application service.
    pub is_managed: bool,
    pub is_deactivated: bool,
    pub is_locked: bool,
}

impl RefusedChange {
    /// Why this change must not be sent, if so; it has nothing but what differs.
    pub fn of(change: &UserChange, account: AccountState, server: &Capabilities) -> Option<Self> {
        if account.is_own || account.is_managed {
            let touched = [
                (ImportColumn::Password, change.password.is_some()),
                (ImportColumn::Admin, change.admin.is_some()),
                (ImportColumn::Deactivated, change.deactivated.is_some()),
                (ImportColumn::Locked, change.locked.is_some()),
            ];
            if let Some((column, _)) = touched.into_iter().find(|(_, touched)| *touched) {
                return Some(match account.is_own {
                    true => RefusedChange::OwnAccount(column),
                    false => RefusedChange::ManagedAccount(column),
                });
            }
        }
        let deactivated = change.deactivated.unwrap_or(account.is_deactivated);
        let locked = change.locked.unwrap_or(account.is_locked);
        let is_new = change.deactivated == Some(true) || change.locked == Some(true);
        if deactivated && locked && is_new {
            return Some(RefusedChange::LockedAndDeactivated);
        }
        let reactivates = change.deactivated == Some(false);
        let is_here = !server.delegated_auth;
        if reactivates && is_here && change.password.is_none() && !server.since(99) {
            return Some(RefusedChange::ReactivationNeedsPassword);
        }
        None
    }

    /// The column that asks for it, and the sentence about it.
    pub fn problem(self) -> (ImportColumn, ProblemKind) {
        match self {
            RefusedChange::OwnAccount(column) => (column, ProblemKind::OwnAccount),
            RefusedChange::ManagedAccount(column) => (column, ProblemKind::ManagedAccount),
            RefusedChange::LockedAndDeactivated => {
                (ImportColumn::Locked, ProblemKind::LockedAndDeactivated)
            }
            RefusedChange::ReactivationNeedsPassword => (
                ImportColumn::Deactivated,
                ProblemKind::ReactivationNeedsPassword,
            ),
        }
    }
}
