//! Revoking access to accounts that was got with "Log in as".

use crate::api::{ApiError, login};
use crate::operations::Recorded;
use crate::session::acting;

/// Revokes a token of "Log in as", and forgets it.
///
/// # Errors
///
/// What the server answers with. A token that it refuses is revoked already.
pub async fn revoke_access(network: &Recorded, token: &str) -> Result<(), ApiError> {
    match network.send(login::logout().with_token(token)).await {
        Ok(_) | Err(ApiError::TokenRefused { .. }) => {
            acting::forget(token);
            Ok(())
        }
        Err(error) => Err(error),
    }
}
