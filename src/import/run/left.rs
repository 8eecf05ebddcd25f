//! What of a row is done that an earlier import was at, or an earlier try.

use super::row::{FollowUp, Row};
use super::{FailedPart, Import, NewAccount, What};
use crate::api::rooms;
use crate::api::users::{self, UserChange, UserDetail};
use crate::api::{ApiError, Request, RoomAlias, UserId};
use crate::runner::{Step, Turn};
use std::collections::VecDeque;

impl Import {
    /// What has not worked of a row whose account is there, or was not done: `told` says it but for
    /// [`What::Rest`].
    pub(super) async fn rest(
        &self,
        account: &NewAccount,
        state: &Row,
        told: &[FailedPart],
        detail: &UserDetail,
    ) -> Result<Vec<FailedPart>, ApiError> {
        let (rest, mut left): (Vec<_>, Vec<_>) = told
            .iter()
            .cloned()
            .partition(|part| part.what == What::Rest);
        let error = rest
            .first()
            .map_or(&ApiError::Cancelled, |part| &part.error);
        let (mut put, mut follow) = account.still_to_do(detail);
        account.leave_out(&left, &mut put, &mut follow);
        if account.has_had_its_end(detail) {
            (put, follow) = (UserChange::default(), VecDeque::new());
        }
        left.extend(FollowUp::Put(Box::new(put)).problems(error));
        for step in follow {
            if let FollowUp::Join(room) = &step
                && self.is_in(&state.user, room, None).await?
            {
                continue;
            }
            left.extend(step.problems(error));
        }
        Ok(left)
    }

    /// Whether an account is in a room, which may be named by an alias. No, if the server does not say so.
    pub(super) async fn is_in(
        &self,
        user: &UserId,
        room: &str,
        turn: Option<&Turn<'_>>,
    ) -> Result<bool, ApiError> {
        let alias = RoomAlias::parse(room);
        let id = match alias {
            None => Some(room.to_owned()),
            Some(alias) => {
                let resolved = self.told(&rooms::resolve(&alias), turn).await?;
                resolved.map(|resolved| resolved.room_id.to_string())
            }
        };
        let Some(id) = id else {
            return Ok(false);
        };
        let joined = self.told(&users::joined_rooms(user), turn).await?;
        Ok(joined.is_some_and(|joined| {
            let mut rooms = joined.joined_rooms.iter();
            rooms.any(|found| found.as_str() == id)
        }))
    }

    /// What the server says, unless it refuses to; an error is one to try again.
    async fn told<T>(
        &self,
        request: &Request<T>,
        turn: Option<&Turn<'_>>,
    ) -> Result<Option<T>, ApiError> {
        let answer = match turn {
            Some(turn) => self.send(turn, request).await.map(|(_, told)| told),
            None => match self.network.exchange(&request.call).await {
                Ok(answer) => request.read(&answer),
                Err(error) => Err(error),
            },
        };
        match answer.map_err(Step::from_error) {
            Ok(told) => Ok(Some(told)),
            Err(Step::Again(error)) => Err(error),
            Err(_) => Ok(None),
        }
    }
}
