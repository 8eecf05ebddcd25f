//! An account that has appeared since the plan is updated as the plan would have it: with nothing but what differs,
//! and not where nobody may from a file.

use super::{AccountAfter, Deed, Field, Flow, FollowUp, Import, Outcome, at_mas, missing};
use crate::api::users::{self, UserChange, UserDetail};
use crate::api::{ApiError, UserId};
use crate::import::refusal::{AccountState, RefusedChange};
use crate::runner::{Step, Turn};

impl Import {
    /// Whether the next request changes an account that has appeared, and nobody has looked at that yet.
    pub(super) fn is_to_be_examined(&self, row: usize) -> bool {
        let has_appeared = matches!(&self.tasks[row].deed, Deed::Create(_));
        has_appeared && self.with(row, |state| state.created == Some(false) && !state.examined)
    }

    /// Looks at how the account is, and leaves of the change what is left to do.
    pub(super) async fn examine(
        &self,
        row: usize,
        user: &UserId,
        mut change: UserChange,
        turn: &Turn<'_>,
    ) -> Flow {
        let detail = match self.appeared(user, turn).await {
            Ok(detail) => detail,
            Err(gone) if gone.is_not_found() => {
                let outcome = Outcome::Failed {
                    error: gone.clone(),
                    account: AccountAfter::Absent,
                };
                self.end(row, outcome);
                return Err(Step::Failed(gone));
            }
            Err(trouble) => return Err(Step::from_error(trouble)),
        };
        let is_kept_elsewhere =
            |field: &Field| matches!(field, Field::Threepids | Field::ExternalIds);
        let differs: Vec<Field> = missing(&change, &detail).collect();
        for field in Field::of(&change).collect::<Vec<_>>() {
            let is_seen = self.mas().is_none() || !is_kept_elsewhere(&field);
            if field != Field::Password && is_seen && !differs.contains(&field) {
                field.remove_from(&mut change);
            }
        }
        let account = AccountState {
            // Whoever imports was there before.
            is_own: false,
            is_managed: detail.appservice_id.is_some(),
            is_deactivated: detail.user.deactivated,
            is_locked: detail.user.locked,
        };
        if let Some(refusal) = RefusedChange::of(&change, account, &self.options.server) {
            self.end(row, Outcome::Refused(refusal));
            // Nobody was asked: it says nothing of the server.
            return Err(Step::Failed(ApiError::Cancelled));
        }
        let is_done = change == UserChange::default();
        let has_it_already = self.with(row, |state| {
            state.examined = true;
            state.follow.pop_front();
            if !is_done {
                state.follow.push_front(FollowUp::Put(Box::new(change)));
            }
            // An earlier try may have done it.
            is_done && !state.may_be_in_rooms()
        });
        if has_it_already {
            self.end(row, Outcome::Unchanged);
        }
        Ok(())
    }

    /// How an account is that has appeared: what Matrix Authentication Service says of it is so, whatever the homeserver
    /// says.
    async fn appeared(&self, user: &UserId, turn: &Turn<'_>) -> Result<UserDetail, ApiError> {
        let (_, mut detail) = self.send(turn, &users::get(user)).await?;
        if let Some(mas) = self.mas()
            && let Some(told) = self.asks(mas, Some(turn)).account(user).await?
        {
            at_mas::as_it_says(&mut detail, &told.attributes);
        }
        Ok(detail)
    }
}
