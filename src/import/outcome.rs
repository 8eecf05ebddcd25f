//! What became of a row.

use super::refusal::RefusedChange;
use super::task::Field;
use crate::api::{ApiError, UserId};
use serde::{Deserialize, Serialize};

/// What became of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The account is new and has the password of the row.
    Created {
        /// Another than the task's after a conflict with [`OnConflict::NewRandomId`](super::plan::OnConflict::NewRandomId).
        user: UserId,
        proof: Proof,
        /// What of it did not work, or was not tried any more.
        problems: Vec<FailedPart>,
    },
    /// The account existed and now is as the row says, except for the problems.
    Updated { problems: Vec<FailedPart> },
    /// The account appeared since the plan, and was left alone.
    Skipped,
    /// The account appeared since the plan, and has everything already, or there is nothing to
    /// set.
    Unchanged,
    /// The account appeared since the plan; it was left alone, and the import stopped.
    Conflict,
    /// The account appeared while the request for it was under way, and has been changed: these
    /// fields now are as the row says. Nothing else was done to it.
    ChangedByAccident { fields: Vec<Field> },
    /// The account appeared since the plan, and was left alone. But the answer to a creation was
    /// lost a short time ago: should the server still carry that out, the account gets the
    /// row's display name, and nothing else.
    MayBeRenamed,
    /// It did not work.
    Failed {
        error: ApiError,
        account: AccountAfter,
    },
    /// Cancelled or stopped before it began.
    NotDone,
    /// The account appeared since the plan, and nobody may change it like this from a file; it was left alone.
    Refused(RefusedChange),
}

impl Outcome {
    /// Whether the account has the password that the row had for it, or may have it.
    pub fn has_password(&self) -> bool {
        match self {
            // One that was sent and not refused may have been set: whoever is given it tries it.
            Outcome::Created { problems, .. } => problems.iter().all(|problem| {
                problem.what.field() != Some(Field::Password) || problem.may_have_set_a_password()
            }),
            Outcome::Updated { problems } => problems
                .iter()
                .all(|problem| problem.what.field() != Some(Field::Password)),
            Outcome::ChangedByAccident { fields } => fields.contains(&Field::Password),
            Outcome::Skipped
            | Outcome::Unchanged
            | Outcome::Conflict
            | Outcome::MayBeRenamed
            | Outcome::Failed { .. }
            | Outcome::NotDone
            | Outcome::Refused(_) => false,
        }
    }

    /// Whether no request of the row can have done anything, nor will: whoever has the account now has it
    /// from somebody else.
    pub fn says_nothing_was_done(&self) -> bool {
        match self {
            Outcome::NotDone | Outcome::Conflict => true,
            Outcome::Failed { account, .. } => *account == AccountAfter::Absent,
            _ => false,
        }
    }

    /// Whether nobody knows what of it has been done after the creation, or of some part of that.
    pub fn leaves_a_rest(&self) -> bool {
        let is_rest = |part: &FailedPart| matches!(part.what, What::Rest | What::Unsure(_));
        match self {
            Outcome::Created { problems, .. } => problems.iter().any(is_rest),
            _ => false,
        }
    }

    /// Whether the account is somebody else's, even if it looks like the row's by now.
    pub fn is_of_another(&self) -> bool {
        matches!(
            self,
            Outcome::MayBeRenamed | Outcome::ChangedByAccident { .. }
        )
    }

    /// Whether the row belongs into the file of failed rows.
    pub fn is_failure(&self) -> bool {
        match self {
            Outcome::Created { problems, .. } | Outcome::Updated { problems } => {
                !problems.is_empty()
            }
            Outcome::Skipped | Outcome::Unchanged => false,
            Outcome::Conflict
            | Outcome::ChangedByAccident { .. }
            | Outcome::MayBeRenamed
            | Outcome::Failed { .. }
            | Outcome::NotDone
            | Outcome::Refused(_) => true,
        }
    }
}

/// How it is known that an account was created by this import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Proof {
    /// The server said so.
    Answered,
    /// The answer was lost or an error; the account was looked at, and is what the request
    /// leaves behind.
    Recognised,
    /// The account was there when the request came, though a moment before it was not, and looks
    /// as if the request had made it. Browsers repeat a request by themselves after a broken
    /// connection, and then this is its own work. If not, somebody else created the same account
    /// in the same second: then the password is not the row's, and at most the display name was
    /// changed. It is not locked or deactivated; that is among the problems.
    Doubtful,
}

/// A part of a row that did not work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FailedPart {
    pub what: What,
    /// [`ApiError::Cancelled`] if it was not tried any more.
    pub error: ApiError,
}

impl FailedPart {
    /// Whether it is a password that may be the account's: its own request may have been sent, and was not refused.
    pub fn may_have_set_a_password(&self) -> bool {
        match &self.what {
            What::Unsure(what) => what.field() == Some(Field::Password),
            What::Field(Field::Password) => match &self.error {
                ApiError::Matrix { status, .. } => *status >= 500,
                ApiError::Undecodable { .. } => true,
                error => error.may_be_under_way(),
            },
            _ => false,
        }
    }

    /// Whether it may have been done: nobody knows, or the answer to the request for it was lost.
    pub fn may_be_done(&self) -> bool {
        match &self.what {
            What::Unsure(_) => true,
            What::Field(_) | What::Room(_) => {
                self.error != ApiError::Cancelled && self.error.may_be_under_way()
            }
            What::Rest | What::Unsent(_) => false,
        }
    }

    /// This part, as one of which nobody knows whether it was done.
    pub fn unsure(self) -> Self {
        let what = match self.what.itself() {
            What::Unsent(field) => What::Field(*field),
            what => what.clone(),
        };
        FailedPart {
            what: What::Unsure(Box::new(what)),
            error: self.error,
        }
    }

    /// This part, as one that was certainly not done.
    pub fn sure(self) -> Self {
        FailedPart {
            what: self.what.itself().clone(),
            error: self.error,
        }
    }
}

/// A part of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    Field(Field),
    /// Joining this room.
    Room(String),
    /// Everything after the creation of the account, of which nobody knows how much is done: the import that was at
    /// it has ended in the middle, and nobody has looked since.
    Rest,
    /// A field of which certainly no request was ever sent.
    Unsent(Field),
    /// A part for which a request may have been carried out of which nobody has heard, and the server does not show
    /// whether it was.
    Unsure(Box<What>),
}

impl What {
    /// Whether both are about the same part of a row.
    pub fn is_same(&self, other: &What) -> bool {
        match (self.field(), other.field()) {
            (None, None) => self.itself() == other.itself(),
            (field, of_the_other) => field == of_the_other,
        }
    }

    /// The part, whether or not it is known what has become of it.
    pub fn itself(&self) -> &What {
        match self {
            What::Unsure(what) => what.itself(),
            what => what,
        }
    }

    fn field(&self) -> Option<Field> {
        match self.itself() {
            What::Field(field) | What::Unsent(field) => Some(*field),
            What::Room(_) | What::Rest | What::Unsure(_) => None,
        }
    }
}

/// What is known of the account of a row that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AccountAfter {
    /// It does not exist.
    Absent,
    /// It exists and is as it was.
    AsBefore,
    /// The server did not say; it may have been created, or changed.
    Unknown,
}

/// How many rows ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub created: usize,
    pub updated: usize,
    pub skipped: usize,
    pub unchanged: usize,
    /// Failed, stopped by a conflict, changed by accident, or in danger of it.
    pub failed: usize,
    pub not_done: usize,
    /// Among those created and updated: with problems.
    pub with_problems: usize,
}
