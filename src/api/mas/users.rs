//! Accounts, as MAS keeps them. Their names, pictures and when they were last seen are the homeserver's.

use super::resource::Want;
use super::{MasPage, MasTime, One, Resource, Ulid, at};
use crate::api::request::Body;
use crate::api::{ApiError, Request, UserId};
use serde::{Deserialize, Serialize};

/// An account, as MAS keeps it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MasUser {
    /// The localpart of its user ID.
    pub username: String,
    #[serde(default)]
    pub created_at: Option<MasTime>,
    #[serde(default)]
    pub locked_at: Option<MasTime>,
    /// Since MAS 0.17.
    #[serde(default)]
    pub deactivated_at: Option<MasTime>,
    /// Whether it may request admin scopes. Sessions keep those that they have.
    pub admin: bool,
    /// Taken over from the homeserver as a guest. Since MAS 1.3.
    #[serde(default)]
    pub legacy_guest: bool,
}

/// How an account is. Locked and deactivated overlap; `Active` is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MasStatus {
    Active,
    Locked,
    Deactivated,
}

impl MasStatus {
    fn as_str(self) -> &'static str {
        match self {
            MasStatus::Active => "active",
            MasStatus::Locked => "locked",
            MasStatus::Deactivated => "deactivated",
        }
    }
}

/// Which accounts are asked for. MAS passes over what it is too old for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UserFilter {
    pub admin: Option<bool>,
    /// Part of the name, in any case; `%` and `_` stand for anything. Since MAS 1.3.
    pub search: Option<String>,
    pub status: Option<MasStatus>,
    /// Since MAS 1.20.
    pub has_active_oauth2_session: Option<bool>,
    /// Since MAS 1.20.
    pub has_active_compat_session: Option<bool>,
}

/// `GET {mas}/api/admin/v1/users`, since MAS 0.10.
pub fn list(base: &str, filter: &UserFilter, want: &Want) -> Request<MasPage<MasUser>> {
    let request = Request::get(at(base, &["users"]))
        .query_some("filter[admin]", filter.admin)
        .query_some("filter[search]", filter.search.as_ref())
        .query_some("filter[status]", filter.status.map(MasStatus::as_str))
        .query_some(
            "filter[has-active-oauth2-session]",
            filter.has_active_oauth2_session,
        )
        .query_some(
            "filter[has-active-compat-session]",
            filter.has_active_compat_session,
        );
    want.of(request)
}

/// A new account.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct NewUser {
    /// The localpart: 1 to 255 of `a-z0-9=_-./+`, not beginning with `_`.
    pub username: String,
    /// Since MAS 1.18; an older one passes over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub displayname: Option<String>,
}

/// `POST {mas}/api/admin/v1/users`, since MAS 0.10: an account without password, address or rights. The
/// homeserver has it once this is answered.
///
/// Not to be sent twice: the second is 409. Errors: 400 invalid name, 409 taken (in any case), or reserved at
/// the homeserver (an account or a bridge's there); 500 homeserver not reachable, nothing made.
pub fn create(base: &str, new: &NewUser) -> Request<One<MasUser>> {
    Request::post(at(base, &["users"])).json(new)
}

/// `GET {mas}/api/admin/v1/users/{id}`, since MAS 0.10.
pub fn get(base: &str, id: &Ulid) -> Request<One<MasUser>> {
    Request::get(at(base, &["users", id.as_str()]))
}

/// `GET {mas}/api/admin/v1/users/by-username/{localpart}`, since MAS 0.10, in any case of letters; 404 if there
/// is none. Accounts that only the homeserver knows are normal: bridges, old bots. What is found need not be
/// whose name was asked for: see [`of_user`].
pub fn by_username(base: &str, localpart: &str) -> Request<One<MasUser>> {
    Request::get(at(base, &["users", "by-username", localpart]))
}

/// Asks for the account of a user ID, the one way from there to an account of MAS; `None` if MAS does not know it.
/// `send` sends, as patiently as is fit.
///
/// # Errors
///
/// What the request ends with, but for 404.
pub async fn find<F>(
    base: &str,
    user: &UserId,
    send: impl FnOnce(Request<One<MasUser>>) -> F,
) -> Result<Option<Resource<MasUser>>, ApiError>
where
    F: Future<Output = Result<One<MasUser>, ApiError>>,
{
    of_user(user, send(by_username(base, user.localpart())).await)
}

/// The account of a user ID, out of the answer of [`by_username`]; `None` if MAS does not know it. An account
/// whose name differs in the case of its letters is somebody else's: the homeserver tells `@Bob:b.org`, as
/// bridges and old accounts are called, from `@bob:b.org`.
///
/// # Errors
///
/// What else the request ended with.
pub fn of_user(
    user: &UserId,
    answer: Result<One<MasUser>, ApiError>,
) -> Result<Option<Resource<MasUser>>, ApiError> {
    let found = ApiError::if_there(answer)?.map(|one| one.data);
    Ok(found.filter(|found| found.attributes.username == user.localpart()))
}

#[derive(Serialize)]
struct Password<'a> {
    password: &'a str,
    skip_password_check: bool,
}

/// `POST {mas}/api/admin/v1/users/{id}/set-password`, since MAS 0.10. Ends no session, and works for an account
/// that is deactivated. `any` takes it however weak it is.
///
/// Errors: 400 too weak, 403 passwords are switched off, 404.
pub fn set_password(base: &str, id: &Ulid, password: &str, any: bool) -> Request<Vec<u8>> {
    let body = Password {
        password,
        skip_password_check: any,
    };
    let json = serde_json::to_string(&body).unwrap_or_default();
    let at = at(base, &["users", id.as_str(), "set-password"]);
    Request::send_form(at, Body::Json(json)).idempotent()
}

/// The `errcode` that we give to a password that MAS refuses as too weak.
pub const WEAK_PASSWORD: &str = "WEAK_PASSWORD";

/// The `errcode` that we give to MAS' refusal of any password.
pub const PASSWORDS_OFF: &str = "PASSWORDS_OFF";

/// The `errcode` that we give to what MAS has taken on, and the homeserver has not been told of.
pub const NOT_TOLD: &str = "NOT_TOLD";

/// An error of [`set_password`], named after what it means there.
pub fn password_refused(error: ApiError) -> ApiError {
    let (status, message) = match error {
        ApiError::Matrix {
            status,
            errcode,
            message,
        } if errcode.is_empty() && matches!(status, 400 | 403) => (status, message),
        error => return error,
    };
    let errcode = match status {
        400 => WEAK_PASSWORD,
        _ => PASSWORDS_OFF,
    };
    ApiError::Matrix {
        status,
        errcode: errcode.to_owned(),
        message,
    }
}

/// That MAS has taken on to end an account, and the homeserver has not been told.
pub fn not_told() -> ApiError {
    ApiError::Matrix {
        status: 202,
        errcode: NOT_TOLD.to_owned(),
        message: String::new(),
    }
}

#[derive(Serialize)]
struct Admin {
    admin: bool,
}

/// `POST {mas}/api/admin/v1/users/{id}/set-admin`, since MAS 0.10: whether it may request admin scopes.
/// MAS lets administrators take it from themselves: we must not.
pub fn set_admin(base: &str, id: &Ulid, admin: bool) -> Request<One<MasUser>> {
    let at = at(base, &["users", id.as_str(), "set-admin"]);
    Request::post(at).json(&Admin { admin }).idempotent()
}

fn plainly<T>(request: Request<T>) -> Request<T> {
    request.with_body(Body::None).idempotent()
}

/// `POST {mas}/api/admin/v1/users/{id}/lock`, since MAS 0.10. Its sessions stay, work no more, and work again
/// after unlocking. The homeserver is told a little later.
pub fn lock(base: &str, id: &Ulid) -> Request<One<MasUser>> {
    plainly(Request::post(at(base, &["users", id.as_str(), "lock"])))
}

/// `POST {mas}/api/admin/v1/users/{id}/unlock`, since MAS 0.10.
pub fn unlock(base: &str, id: &Ulid) -> Request<One<MasUser>> {
    plainly(Request::post(at(base, &["users", id.as_str(), "unlock"])))
}

#[derive(Serialize)]
struct Deactivation {
    skip_erase: bool,
}

/// `POST {mas}/api/admin/v1/users/{id}/deactivate`, since MAS 0.10. Answers at once; in the background all of its
/// sessions end, its addresses are deleted, and the homeserver deactivates it and, with `erase`, erases it. Before
/// 0.20 it erases always.
pub fn deactivate(base: &str, id: &Ulid, erase: bool) -> Request<One<MasUser>> {
    let body = Deactivation { skip_erase: !erase };
    let at = at(base, &["users", id.as_str(), "deactivate"]);
    Request::post(at).json(&body).idempotent()
}

/// `POST {mas}/api/admin/v1/users/{id}/reactivate`, since MAS 0.20: it can log in again, with its password and
/// without its addresses, name and rooms. Does not unlock; 200 for one that is active.
///
/// Errors: 500 homeserver not reachable.
pub fn reactivate(base: &str, id: &Ulid) -> Request<One<MasUser>> {
    plainly(Request::post(at(
        base,
        &["users", id.as_str(), "reactivate"],
    )))
}
