//! What of a row is done that an earlier import was at, or an earlier try.

use super::row::{FollowUp, Row};
use super::{FailedPart, Field, Import, NewAccount, What};
use crate::api::rooms;
use crate::api::users::{self, UserDetail};
use crate::api::{ApiError, Request, RoomAlias, UserId};
use crate::runner::{Step, Turn};

impl Import {
    /// What has not worked of a row whose account is there, or was not done, or is not known after a look at the
    /// account: `told` says it but for [`What::Rest`]. Nothing if nobody shows the account.
    ///
    /// # Errors
    ///
    /// What is worth another try.
    pub(super) async fn still_left(
        &self,
        account: &NewAccount,
        state: &Row,
        told: &[FailedPart],
    ) -> Result<Option<Vec<FailedPart>>, ApiError> {
        let shown = match self.mas() {
            None => self.told(&users::get(&state.user), None).await?,
            Some(mas) => self.asks(mas, None).shown(account, &state.user).await?,
        };
        let Some(detail) = shown else {
            return Ok(None);
        };
        let rest = told.iter().find(|part| part.what == What::Rest);
        let told: Vec<FailedPart> = told
            .iter()
            .filter(|part| part.what != What::Rest)
            .cloned()
            .collect();
        let (mut left, mut open): (Vec<_>, Vec<_>) =
            told.iter().cloned().partition(|part| !part.may_be_done());
        if let Some(rest) = rest.filter(|_| !account.has_had_its_end(&detail)) {
            open.extend(self.after_creation(account, &told, &detail, &rest.error));
        }
        // What the server may still be at is done a moment later; an account that is deactivated shows less.
        let shows_all = !self.may_be_at_it(state) && !detail.user.deactivated;
        for part in open {
            match self.is_done(account, state, &part.what, &detail).await? {
                Some(true) => {}
                Some(false) if shows_all => left.push(part.sure()),
                Some(false) | None => left.push(part.unsure()),
            }
        }
        Ok(Some(left))
    }

    /// Whether the server may still be at a request of a row: its creation was lost, or an earlier import was at it a
    /// short time ago, and what that has sent may be carried out as late as a creation of it ([`Import::is_late`]).
    fn may_be_at_it(&self, state: &Row) -> bool {
        let is_early = |until: i64| self.clock.wall_ms() <= until;
        state.lost || state.resumed && state.until_ms.is_some_and(is_early)
    }

    /// What follows the creation, but for what is told and what the account shows as done.
    fn after_creation(
        &self,
        account: &NewAccount,
        told: &[FailedPart],
        detail: &UserDetail,
        error: &ApiError,
    ) -> Vec<FailedPart> {
        let (mut put, mut follow) = account.still_to_do(detail);
        if self.mas().is_some() {
            put.password.clone_from(&account.password);
        }
        account.leave_out(told, &mut put, &mut follow);
        follow.push_front(FollowUp::Put(Box::new(put)));
        follow
            .iter()
            .flat_map(|step| step.problems(error))
            .collect()
    }

    /// Whether a part of a row is done; nothing if the server does not say.
    async fn is_done(
        &self,
        account: &NewAccount,
        state: &Row,
        what: &What,
        detail: &UserDetail,
    ) -> Result<Option<bool>, ApiError> {
        match what.itself() {
            What::Field(Field::Password) | What::Unsent(_) | What::Rest | What::Unsure(_) => {
                Ok(None)
            }
            What::Field(field) => Ok(Some(field.is_as_wanted(&account.wanted(), detail))),
            What::Room(room) => self.is_in(&state.user, room, None).await,
        }
    }

    /// Whether an account is in a room, which may be named by an alias; nothing if the server does not say so.
    pub(super) async fn is_in(
        &self,
        user: &UserId,
        room: &str,
        turn: Option<&Turn<'_>>,
    ) -> Result<Option<bool>, ApiError> {
        let alias = RoomAlias::parse(room);
        let id = match alias {
            None => Some(room.to_owned()),
            Some(alias) => {
                let resolved = self.told(&rooms::resolve(&alias), turn).await?;
                resolved.map(|resolved| resolved.room_id.to_string())
            }
        };
        let Some(id) = id else {
            return Ok(None);
        };
        let joined = self.told(&users::joined_rooms(user), turn).await?;
        Ok(joined.map(|joined| {
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
