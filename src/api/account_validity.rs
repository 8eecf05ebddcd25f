//! Until when an account may be used, on servers that limit that.

use super::tolerant::Timestamp;
use super::{Request, UserId};
use serde::{Deserialize, Serialize};

/// `POST /_synapse/admin/v1/account_validity/validity`: until when the account may be used, and
/// whether its owner is reminded by e-mail. Has no effect where the server does not limit
/// accounts, which it does not tell.
pub fn set(user: &UserId, until: Timestamp, remind: bool) -> Request<Validity> {
    #[derive(Serialize)]
    struct Body<'a> {
        user_id: &'a UserId,
        expiration_ts: i64,
        enable_renewal_emails: bool,
    }
    Request::post("/_synapse/admin/v1/account_validity/validity")
        .json(&Body {
            user_id: user,
            expiration_ts: until.0,
            enable_renewal_emails: remind,
        })
        .idempotent()
}

/// The answer of [`set`].
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct Validity {
    pub expiration_ts: Timestamp,
}
