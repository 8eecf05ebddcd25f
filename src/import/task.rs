//! What an import is to do for a row: the plan says it, the run carries it out.

use crate::api::UserId;
use crate::api::users::{ExternalId, Threepid, UserChange};
use serde::{Deserialize, Serialize};
use std::rc::Rc;

/// What is to be done for one row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowTask {
    pub user: UserId,
    pub deed: Deed,
}

/// The two things that an import does.
#[derive(Clone, Debug, PartialEq)]
pub enum Deed {
    /// The account did not exist when the plan was made.
    Create(Rc<NewAccount>),
    /// The account exists, and "Update" was chosen: only these fields change.
    Update {
        change: Rc<UserChange>,
        /// The kind of addresses that the account keeps, as they are when the change is sent; see
        /// [`NewAccount::keeps_medium`].
        keeps_medium: Option<String>,
    },
}

/// An account to be created. `None`: the file has no such column, or no value for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NewAccount {
    pub password: Option<String>,
    /// Whether the password was made up by the import. Such a password is never set on an
    /// account that exists.
    pub generated_password: bool,
    pub displayname: Option<String>,
    pub avatar_url: Option<String>,
    pub user_type: Option<String>,
    pub admin: Option<bool>,
    pub threepids: Option<Vec<Threepid>>,
    /// The kind of addresses that an account which exists already keeps; see
    /// [`Candidate::keeps_medium`](super::validate::Candidate::keeps_medium).
    pub keeps_medium: Option<String>,
    pub external_ids: Option<Vec<ExternalId>>,
    /// The server cannot create it like this: a further request sees to it.
    pub deactivated: Option<bool>,
    /// The server cannot create it like this: a further request sees to it.
    pub locked: Option<bool>,
    /// IDs or aliases of rooms to join, one request each.
    pub rooms: Vec<String>,
    /// What the file has for it, and nobody takes. Kept beside it, where there is any: see
    /// [`record`](super::record).
    #[serde(skip)]
    pub left: Vec<Untaken>,
}

/// A value of a row that is not sent, because nobody would take it. The row goes without it, and says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Untaken {
    /// Passwords are switched off.
    Password,
    /// A phone number: Matrix Authentication Service keeps none.
    Phone,
    /// An external ID of a provider that Matrix Authentication Service does not have.
    ExternalId,
}

/// A field of an account, in the order in which the server sets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Field {
    DisplayName,
    Threepids,
    ExternalIds,
    Avatar,
    Admin,
    Password,
    Deactivated,
    Locked,
    UserType,
}
