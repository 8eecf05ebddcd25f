//! Registration tokens of MAS, since 0.17. They are revoked, and never deleted.

use super::resource::Want;
use super::{MasPage, MasTime, One, Ulid, at};
use crate::api::Request;
use crate::api::request::Body;
use serde::{Deserialize, Serialize};

/// A registration token.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MasToken {
    pub token: String,
    /// Not revoked, not expired, and uses are left.
    pub valid: bool,
    /// No limit, if there is none.
    #[serde(default)]
    pub usage_limit: Option<u64>,
    pub times_used: u64,
    pub created_at: MasTime,
    #[serde(default)]
    pub last_used_at: Option<MasTime>,
    #[serde(default)]
    pub expires_at: Option<MasTime>,
    #[serde(default)]
    pub revoked_at: Option<MasTime>,
}

/// `GET {mas}/api/admin/v1/user-registration-tokens`.
pub fn list(base: &str, valid: Option<bool>, want: &Want) -> Request<MasPage<MasToken>> {
    let request =
        Request::get(at(base, &["user-registration-tokens"])).query_some("filter[valid]", valid);
    want.of(request)
}

/// `GET {mas}/api/admin/v1/user-registration-tokens/{id}`.
pub fn get(base: &str, id: &Ulid) -> Request<One<MasToken>> {
    Request::get(at(base, &["user-registration-tokens", id.as_str()]))
}

/// A new token.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NewToken {
    /// MAS makes one of twelve letters and digits, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// At most 2³¹−1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_limit: Option<u32>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
}

/// `POST {mas}/api/admin/v1/user-registration-tokens`. 409 if it exists.
pub fn create(base: &str, new: &NewToken) -> Request<One<MasToken>> {
    Request::post(at(base, &["user-registration-tokens"])).json(new)
}

/// A change of a token. The outer `None` leaves it as it is, the inner one takes it away.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TokenChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_limit: Option<Option<u32>>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Option<String>>,
}

/// `PUT {mas}/api/admin/v1/user-registration-tokens/{id}`.
pub fn update(base: &str, id: &Ulid, change: &TokenChange) -> Request<One<MasToken>> {
    Request::put(at(base, &["user-registration-tokens", id.as_str()]), change)
}

/// `POST {mas}/api/admin/v1/user-registration-tokens/{id}/revoke`.
///
/// Errors: 400 revoked already ([`is_so_already`](super::is_so_already)), 404.
pub fn revoke(base: &str, id: &Ulid) -> Request<One<MasToken>> {
    let at = at(base, &["user-registration-tokens", id.as_str(), "revoke"]);
    Request::post(at).with_body(Body::None).idempotent()
}

/// `POST {mas}/api/admin/v1/user-registration-tokens/{id}/unrevoke`.
///
/// Errors: 400 not revoked ([`is_so_already`](super::is_so_already)), 404.
pub fn unrevoke(base: &str, id: &Ulid) -> Request<One<MasToken>> {
    let at = at(base, &["user-registration-tokens", id.as_str(), "unrevoke"]);
    Request::post(at).with_body(Body::None).idempotent()
}
