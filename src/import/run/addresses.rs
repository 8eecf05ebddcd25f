//! Addresses that other accounts have are not taken from them: Synapse moves an e-mail address or a phone number
//! without a word. The plan has asked whose they are, but an import runs for hours and is gone on with for days; so each is
//! asked about again right before it is sent. That is one request more for each address, and none for rows without. A
//! moment between the question and the change remains.
//!
//! Matrix Authentication Service refuses by itself, and Synapse what is an external ID.

use super::at_mas::refusal;
use super::{FailedPart, Field, FollowUp, Import, NewAccount, What};
use crate::api::users::{self, Threepid, UserChange};
use crate::api::{ApiError, UserId};
use crate::import::asking::cannot_say;
use crate::import::plan::Identity;
use crate::runner::Turn;
use std::borrow::Cow;

/// So old the answer may be when a creation with the addresses is sent, in milliseconds.
pub(super) const KNOWN_MS: u64 = 300_000;

/// As Matrix says that an address is another account's.
const IN_USE: &str = "M_THREEPID_IN_USE";

impl Import {
    /// The first account other than `user` that has one of these addresses.
    pub(super) async fn owned(
        &self,
        threepids: Option<&[Threepid]>,
        user: &UserId,
        turn: &Turn<'_>,
    ) -> Result<Option<UserId>, ApiError> {
        if self.mas().is_some() {
            return Ok(None);
        }
        for threepid in threepids.unwrap_or_default() {
            let mut kept = threepid.clone();
            if kept.medium == "email" {
                kept.address = kept.address.to_lowercase();
            }
            let asks = users::by_threepid(&kept);
            if !Identity::Threepid(kept).can_be_asked_of(&self.options.server) {
                return Ok(None);
            }
            match ApiError::if_there(self.send(turn, &asks).await) {
                Ok(Some((_, owner))) if owner.user_id != *user => return Ok(Some(owner.user_id)),
                Ok(_) => {}
                // Nor was it known when the import was planned.
                Err(error) if cannot_say(&error) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// The account of a row without the addresses, if something is told against them.
    pub(super) async fn without<'a>(
        &self,
        row: usize,
        account: &'a NewAccount,
        problem: Option<FailedPart>,
    ) -> Cow<'a, NewAccount> {
        let (told, others) = self.with(row, |state| {
            let told = state.problems.len();
            let is_other = |part: &FailedPart| part.what != What::Field(Field::Threepids);
            state.problems.retain(is_other);
            (told, state.problems.len())
        });
        let Some(problem) = problem else {
            // What an earlier try of this creation has written down is not so any more.
            if others < told {
                self.fails_in_part(row, []).await;
            }
            return Cow::Borrowed(account);
        };
        self.fails_in_part(row, [problem]).await;
        Cow::Owned(NewAccount {
            threepids: None,
            ..account.clone()
        })
    }

    /// Takes the addresses out of the change that is next.
    pub(super) async fn leaves_out(
        &self,
        row: usize,
        problem: FailedPart,
        change: &mut UserChange,
    ) {
        let problem = match problem.error.is_errcode(IN_USE) {
            // They are certainly not the account's.
            true => problem,
            false => self.with(row, |state| state.not_asked(problem)),
        };
        self.fails_in_part(row, [problem]).await;
        Field::Threepids.remove_from(change);
        self.with(row, |state| {
            state.follow.pop_front();
            if *change != UserChange::default() {
                let rest = FollowUp::Put(Box::new(change.clone()));
                state.follow.push_front(rest);
            }
        });
    }
}

/// What is told of the addresses of a row that are better left out, after the answer whose they are: somebody else's, as
/// Matrix would refuse it; or nobody's whom the server names, which is about the addresses alone.
///
/// # Errors
///
/// What is worth another try.
pub(super) fn better_left(
    owned: Result<Option<UserId>, ApiError>,
) -> Result<Option<FailedPart>, ApiError> {
    let error = match owned {
        Ok(None) => return Ok(None),
        Ok(Some(owner)) => ApiError::Matrix {
            status: 400,
            errcode: IN_USE.to_owned(),
            message: owner.to_string(),
        },
        Err(error) => refusal(error)?,
    };
    let what = What::Field(Field::Threepids);
    Ok(Some(FailedPart { what, error }))
}
