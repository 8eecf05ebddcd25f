//! Leaving a room in the name of an account of this server.

use crate::api::login::{EXPIRED_AT_ONCE, refused_as_user};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId, UserId, login, rooms, users};
use crate::browser::clock::now;
use crate::operations::Recorded;
use crate::rooms::leaving::LeavingAtMas;
use crate::runner::{Step, Turn};
use crate::session::learn;
use futures_util::TryFutureExt;

/// For how long the token is good with which the account leaves a room, in milliseconds, by the clock of
/// this computer. Where that is slow the first may be over before it begins.
const TOKEN_MS: [i64; 2] = [5 * 60 * 1000, 24 * 60 * 60 * 1000];

/// Leaves with a token of the account that is good for minutes, or for a day by a slow clock, and revoked
/// when it is done.
///
/// # Errors
///
/// What becomes of the item: what leaving ends with, or getting the token. Where the token is refused, only this
/// room fails, and nobody has to sign in anew.
pub async fn leave_as(
    user: &UserId,
    room: &RoomId,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Result<(), Step> {
    let server = learn::capabilities().map_err(Step::from_error).await?;
    match server.mas() {
        Some(mas) => {
            let leaving = LeavingAtMas {
                user,
                room,
                base: &mas.base,
                at_mas: &network.about(user),
                at_homeserver: network,
            };
            leaving.leave(turn).await
        }
        None => {
            let left = leave_by_log_in(user, room, network, turn);
            left.map_err(Step::from_error).await
        }
    }
}

async fn leave_by_log_in(
    user: &UserId,
    room: &RoomId,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Result<(), ApiError> {
    let mut left = Ok(());
    for ms in TOKEN_MS {
        let until = Timestamp(now().0 + ms);
        let request = users::log_in_as(user, Some(until));
        let token = network.send(request).await?.access_token;
        turn.clear().await;
        let leaving = rooms::leave(room).with_token(&token);
        left = network.send(leaving).await.map(drop);
        left = left.map_err(refused_as_user);
        if !matches!(&left, Err(error) if error.is_errcode(EXPIRED_AT_ONCE)) {
            // Whatever came of it: the token ends by itself.
            let _ = network.send(login::logout().with_token(&token)).await;
            break;
        }
        turn.clear().await;
    }
    left
}
