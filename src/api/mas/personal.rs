//! Personal sessions: tokens for scripts, made by an administrator, which act as somebody. Since MAS 1.5.

use super::resource::Want;
use super::{MasPage, MasTime, One, Ulid, at};
use crate::api::Request;
use crate::api::request::Body;
use serde::{Deserialize, Serialize};

/// A personal session.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct PersonalSession {
    pub created_at: MasTime,
    #[serde(default)]
    pub revoked_at: Option<MasTime>,
    /// Who has made it. It works as long as they are neither locked nor deactivated.
    #[serde(default)]
    pub owner_user_id: Option<Ulid>,
    #[serde(default)]
    pub owner_client_id: Option<Ulid>,
    /// As whom it acts.
    pub actor_user_id: Ulid,
    pub human_name: String,
    /// Separated by spaces.
    pub scope: String,
    #[serde(default)]
    pub last_active_at: Option<MasTime>,
    #[serde(default)]
    pub last_active_ip: Option<String>,
    /// Never, if there is none.
    #[serde(default)]
    pub expires_at: Option<MasTime>,
    /// Only in the answer that makes it.
    #[serde(default)]
    pub access_token: Option<String>,
}

/// Which are asked for. The names of these have underscores at MAS, unlike all others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PersonalFilter {
    pub owner: Option<Ulid>,
    pub actor: Option<Ulid>,
    /// Whether it has not been revoked.
    pub active: Option<bool>,
}

/// `GET {mas}/api/admin/v1/personal-sessions`, since MAS 1.5.
pub fn list(base: &str, filter: &PersonalFilter, want: &Want) -> Request<MasPage<PersonalSession>> {
    let status = |active| match active {
        true => "active",
        false => "revoked",
    };
    let request = Request::get(at(base, &["personal-sessions"]))
        .query_some("filter[owner_user]", filter.owner.as_ref())
        .query_some("filter[actor_user]", filter.actor.as_ref())
        .query_some("filter[status]", filter.active.map(status));
    want.of(request)
}

/// `GET {mas}/api/admin/v1/personal-sessions/{id}`, since MAS 1.5; 404 if there is none.
pub fn one(base: &str, id: &Ulid) -> Request<One<PersonalSession>> {
    Request::get(at(base, &["personal-sessions", id.as_str()]))
}

/// A new personal session.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewSession {
    pub actor_user_id: Ulid,
    pub human_name: String,
    pub scope: String,
    /// Seconds; never, if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u32>,
}

/// `POST {mas}/api/admin/v1/personal-sessions`, since MAS 1.5: the answer has the token, this once. No policy is
/// asked: whoever may ask at all may have any scope, as anybody.
///
/// Errors: 400 the scope cannot be read, 404 no such user, 410 that user is deactivated.
pub fn create(base: &str, new: &NewSession) -> Request<One<PersonalSession>> {
    Request::post(at(base, &["personal-sessions"])).json(new)
}

#[derive(Serialize)]
struct Regeneration {
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_in: Option<u32>,
}

/// `POST {mas}/api/admin/v1/personal-sessions/{id}/regenerate`, since MAS 1.5: another token in place of the old
/// one, which ends.
///
/// Errors: 403 another administrator's, 404, 422 revoked.
pub fn regenerate(base: &str, id: &Ulid, expires_in: Option<u32>) -> Request<One<PersonalSession>> {
    let at = at(base, &["personal-sessions", id.as_str(), "regenerate"]);
    Request::post(at).json(&Regeneration { expires_in })
}

/// `POST {mas}/api/admin/v1/personal-sessions/{id}/revoke`, since MAS 1.5.
///
/// Errors: 404, 409 revoked already ([`is_so_already`](super::is_so_already)).
pub fn revoke(base: &str, id: &Ulid) -> Request<One<PersonalSession>> {
    let at = at(base, &["personal-sessions", id.as_str(), "revoke"]);
    Request::post(at).with_body(Body::None).idempotent()
}
