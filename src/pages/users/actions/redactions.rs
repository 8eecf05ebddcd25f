//! Removing messages.

use super::again::SoFar;
use super::perform::{self, Input};
use super::targets::{Meant, UserIds};
use crate::api::redact::{self, Redaction, RedactionStage};
use crate::api::server::Feature;
use crate::api::{ApiError, RoomId, UserId, tasks, users};
use crate::i18n::t;
use crate::operations::Recorded;
use crate::operations::acts::{Act, How};
use crate::operations::background::tasks_of;
use crate::operations::followed::{Begin, Ended, FollowedKind, Look};
use crate::runner::once::Tries;
use crate::runner::{Reason, Step, Turn};
use crate::session::Session;
use crate::users::actions::{Action, encrypted_left};
use crate::users::picked::PickedUsers;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use std::rc::Rc;

/// Where they are kept.
pub const KEY: &str = "redactions";

/// Removals of a user's messages.
pub static REDACTIONS: FollowedKind = FollowedKind {
    key: KEY,
    followed: t::act_redact_followed,
    file: "removed-messages",
    columns: &["event", "error"],
    look,
    over: |_| (),
    troubles: t::act_redact_failed_events,
    again,
};

/// What of the messages this server leaves, and may not be expected; nothing if it leaves none.
pub fn left_by_server() -> Option<String> {
    Session::get().of_capabilities(encrypted_left)
}

/// The same for those that an earlier page has not begun with.
fn again(order: &str, names: &[String]) -> Option<Act> {
    let ((redaction, past), picked) = PickedUsers::read(order)?;
    let users: UserIds = names
        .iter()
        .filter_map(|name| UserId::parse(name))
        .collect();
    let meant = picked.and_then(|picked| Meant::of(picked, &users));
    let input = Input::Redaction(redaction, past);
    let before = SoFar::default();
    Some(perform::act(Action::Redact, &users, input, meant, before))
}

/// Removes what these users have said. Where no rooms are named the server takes those that the
/// user is in now, or banned from; with `past` it is told those that they have left as well.
pub fn begin(users: &UserIds, redaction: Redaction, past: bool, meant: Option<&Meant>) -> How {
    // Of those who were picked by nothing, nothing is asked.
    let meant = meant.filter(|meant| meant.origins.is_some());
    let picked = meant.map(Meant::kept);
    let order = PickedUsers::order(picked.as_ref(), &(&redaction, past));
    let (users, redaction) = (Rc::clone(users), Rc::new(redaction));
    let tries: Rc<Tries> = Rc::default();
    let begin: Begin = Rc::new(move |number, network, turn| {
        let (user, redaction) = (users[number].clone(), (*redaction).clone());
        let tries = Rc::clone(&tries);
        async move { begin_one(&user, redaction, past, (&tries, number), (network, turn)).await }
            .boxed_local()
    });
    How::Follow(&REDACTIONS, order, begin)
}

/// Begins it for one, and answers with the server's ID of it. `tries` is remembered from try to try,
/// by a number.
pub async fn begin_one(
    user: &UserId,
    mut redaction: Redaction,
    past: bool,
    (tries, number): (&Tries, usize),
    (network, turn): (&Recorded, &Turn<'_>),
) -> Result<String, Step> {
    if redaction.rooms.is_empty() {
        match rooms_of(user, past, network).await {
            // What it removes there is nothing, and then it says "complete".
            Ok(Some(rooms)) if rooms.is_empty() => return Err(Step::LeftOut(Reason::NoRooms)),
            Ok(Some(rooms)) if past => redaction.rooms = rooms,
            Ok(_) => {}
            Err(error) => return Err(Step::from_error(error)),
        }
        turn.goes_on().await?;
    }
    let known = || tasks_of(network, user.as_str(), tasks::TaskAction::Redact).boxed_local();
    let send = || {
        let sent = network.send(redact::start(user, &redaction));
        async move { Ok(sent.await?.redact_id) }.boxed_local()
    };
    tries.begin(number, turn, &known, &send).await
}

/// The rooms of a user: those that they are in or were banned from, and with `past` those that they
/// have left, as far as this server is still in them. `None` where nobody tells of bans, which the server
/// itself takes into account.
async fn rooms_of(
    user: &UserId,
    past: bool,
    network: &Recorded,
) -> Result<Option<Vec<RoomId>>, ApiError> {
    let server = Session::get().capabilities_now();
    if !past && !server.has(Feature::Memberships) {
        if server.since(117) {
            return Ok(None);
        }
        let joined = network.send(users::joined_rooms(user)).await?;
        return Ok(Some(joined.joined_rooms));
    }
    let found = network.send(users::memberships(user)).await?;
    let counts = |membership: &str| match membership {
        "join" | "ban" => true,
        "leave" => past,
        _ => false,
    };
    let rooms = found.memberships.into_iter();
    let rooms = rooms.filter(|(_, membership)| counts(membership));
    Ok(Some(rooms.map(|(room, _)| room).collect()))
}

fn look<'a>(network: &'a Recorded, id: &'a str) -> LocalBoxFuture<'a, Result<Look, ApiError>> {
    async move {
        let answer = network.send(redact::status(id)).await?;
        if !answer.status.is_over() {
            return Ok(Look::UnderWay(None));
        }
        let failed = answer.failed_redactions;
        let troubles = failed.len();
        let mut lines: Vec<Vec<String>> = failed
            .into_iter()
            .map(|(event, why)| vec![event, why])
            .collect();
        let complete = answer.status == RedactionStage::Complete;
        let left = complete.then(left_by_server).flatten();
        for told in answer.error.into_iter().chain(left) {
            lines.push(vec![String::new(), told]);
        }
        Ok(Look::Over(Ended {
            complete,
            outcome: match answer.status {
                RedactionStage::Complete => "complete",
                RedactionStage::Cancelled => "cancelled",
                _ => "failed",
            },
            lines,
            troubles,
        }))
    }
    .boxed_local()
}
