//! What became of a row.

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
}

impl Outcome {
    /// Whether the account has the password that the row had for it, or may have it.
    pub fn has_password(&self) -> bool {
        match self {
            // One that was not refused may have been set: whoever is given it tries it.
            Outcome::Created { problems, .. } => problems.iter().all(|problem| {
                problem.what != What::Field(Field::Password) || !problem.is_refused()
            }),
            Outcome::Updated { problems } => problems
                .iter()
                .all(|problem| problem.what != What::Field(Field::Password)),
            Outcome::ChangedByAccident { fields } => fields.contains(&Field::Password),
            Outcome::Skipped
            | Outcome::Unchanged
            | Outcome::Conflict
            | Outcome::MayBeRenamed
            | Outcome::Failed { .. }
            | Outcome::NotDone => false,
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
            | Outcome::NotDone => true,
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
    /// Whether the server has said that it does not take it.
    fn is_refused(&self) -> bool {
        matches!(
            &self.error,
            ApiError::Matrix {
                status: 400..=499,
                ..
            }
        )
    }
}

/// A part of a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum What {
    Field(Field),
    /// Joining this room.
    Room(String),
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
