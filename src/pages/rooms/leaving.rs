//! Leaving a room in the name of an account of this server.

use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, RoomId, UserId, login, rooms, users};
use crate::browser::clock::now;
use crate::operations::Recorded;
use crate::runner::Turn;

/// For how long the token is good with which the account leaves a room, in milliseconds.
const TOKEN_MS: i64 = 5 * 60 * 1000;

/// Leaves with a token of the account that is good for minutes, and revoked when it is done.
///
/// # Errors
///
/// What leaving ends with, or getting the token.
pub async fn leave_as(
    user: &UserId,
    room: &RoomId,
    network: &Recorded,
    turn: &Turn<'_>,
) -> Result<(), ApiError> {
    let until = Timestamp(now().0 + TOKEN_MS);
    let token = network
        .send(users::log_in_as(user, Some(until)))
        .await?
        .access_token;
    turn.clear().await;
    let left = network.send(rooms::leave(room).with_token(&token)).await;
    // Whatever came of it; in minutes the token is worth nothing anyway.
    let _ = network.send(login::logout().with_token(&token)).await;
    match left {
        // It is the account that is refused, as a locked one is, not the administrator: only this
        // room fails, and nobody has to sign in anew.
        Err(ApiError::TokenRefused { message, .. }) => Err(ApiError::Matrix {
            status: 401,
            errcode: "M_USER_LOCKED".to_owned(),
            message,
        }),
        left => left.map(drop),
    }
}
