//! What is known of rows only once they have ended: each whose outcome leaves something open is looked at once more.

use super::row::Row;
use super::{
    AccountAfter, Deed, FailedPart, Field, Import, NewAccount, Outcome, Proof, What, is_named_like,
};
use crate::api::ApiError;
use crate::api::users;
use crate::runner::Run;

/// What a look shows of a row that ended without anybody knowing what its creation had come to.
pub(super) enum Shown {
    /// The account is there and the row's, but for what has not worked of it.
    TheRows(Vec<FailedPart>),
    /// There is no account.
    Nobody,
    /// Nothing that says whose the account is.
    Nothing,
}

impl Import {
    /// A row that was given up after a lost answer may have an account, or may have renamed
    /// somebody else's; of one that an earlier import was at nobody knows how much is done. Asks once for
    /// each, as long as the server answers.
    pub async fn look_at_the_unknown(&self, job: &Run) {
        for row in 0..self.tasks.len() {
            let Deed::Create(account) = &self.tasks[row].deed else {
                continue;
            };
            let state = self.with(row, |state| state.is_unknown().then(|| state.clone()));
            let Some(state) = state else {
                continue;
            };
            if job.is_quiet(self.clock.now_ms()) {
                return;
            }
            if Box::pin(self.look_once_more(row, account, &state))
                .await
                .is_err()
            {
                return;
            }
        }
    }

    /// Looks at the account of a row that ended like this.
    ///
    /// # Errors
    ///
    /// The server does not answer.
    async fn look_once_more(
        &self,
        row: usize,
        account: &NewAccount,
        state: &Row,
    ) -> Result<(), ApiError> {
        // Somebody may try it again meanwhile: then what it comes to is that try's to say.
        let is_as_it_was = || self.with(row, |now| now.outcome == state.outcome);
        match &state.outcome {
            Some(Outcome::Created { problems, .. }) => {
                let left = self.still_left(account, state, problems).await?;
                if let Some(left) = left.filter(|left| left != problems && is_as_it_was()) {
                    self.corrects_problems(row, state.proof, left);
                }
            }
            Some(Outcome::MayBeRenamed) => {
                let request = users::get(&state.user);
                let answer = self.network.exchange(&request.call).await?;
                if is_named_like(account, &request.read(&answer)?) && is_as_it_was() {
                    let fields = vec![Field::DisplayName];
                    self.corrects(row, Outcome::ChangedByAccident { fields });
                }
            }
            Some(Outcome::Failed { error, .. }) => {
                let shown = match self.mas() {
                    None => self.shows_here(account, state, error).await?,
                    Some(mas) => self.asks(mas, None).shows(account, state, error).await?,
                };
                match shown {
                    _ if !is_as_it_was() => {}
                    Shown::TheRows(problems) => {
                        self.corrects_problems(row, Proof::Recognised, problems);
                    }
                    // The server may still be at it.
                    Shown::Nobody if state.lost => {}
                    Shown::Nobody => {
                        // Who makes it from now on is somebody else.
                        self.with(row, Row::had_no_effect);
                        let outcome = match error {
                            ApiError::Cancelled => Outcome::NotDone,
                            error => Outcome::Failed {
                                error: error.clone(),
                                account: AccountAfter::Absent,
                            },
                        };
                        self.corrects(row, outcome);
                    }
                    Shown::Nothing => {}
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// What the homeserver shows, where it keeps the accounts.
    async fn shows_here(
        &self,
        account: &NewAccount,
        state: &Row,
        error: &ApiError,
    ) -> Result<Shown, ApiError> {
        let request = users::get(&state.user);
        let answer = self.network.exchange(&request.call).await?;
        let Some(detail) = ApiError::if_there(request.read(&answer))? else {
            return Ok(Shown::Nobody);
        };
        if !self.is_rows(state, account, &detail) {
            return Ok(Shown::Nothing);
        }
        let (put, follow) = account.still_to_do(&detail);
        let fields = Field::of(&put).map(|field| FailedPart {
            what: What::Field(field),
            error: error.clone(),
        });
        let steps = follow.iter().flat_map(|next| next.problems(error));
        Ok(Shown::TheRows(fields.chain(steps).collect()))
    }

    /// The account of a row that has ended is the row's, and this of it has not worked.
    fn corrects_problems(&self, row: usize, proof: Proof, problems: Vec<FailedPart>) {
        let user = self.with(row, |state| {
            (state.created, state.proof) = (Some(true), proof);
            state.problems.clone_from(&problems);
            state.user.clone()
        });
        let outcome = Outcome::Created {
            user,
            proof,
            problems,
        };
        self.corrects(row, outcome);
    }

    /// More is known of a row that has ended.
    fn corrects(&self, row: usize, outcome: Outcome) {
        if let Some(old) = self.with(row, |state| state.outcome.take()) {
            self.count(&old, false);
        }
        self.count(&outcome, true);
        self.journal.ended(row, &outcome);
        self.end(row, outcome);
    }
}
