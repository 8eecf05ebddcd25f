//! E-mail addresses of accounts. After each change MAS makes the homeserver's equal to its own, a little later.

use super::resource::Want;
use super::{MasPage, MasTime, One, Ulid, at};
use crate::api::Request;
use serde::{Deserialize, Serialize};

/// An address of an account.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Email {
    pub created_at: MasTime,
    pub user_id: Ulid,
    pub email: String,
}

/// Which addresses are asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmailFilter {
    pub user: Option<Ulid>,
    /// The whole address, in any case.
    pub email: Option<String>,
}

/// `GET {mas}/api/admin/v1/user-emails`, since MAS 0.14. 404 for an unknown user.
pub fn list(base: &str, filter: &EmailFilter, want: &Want) -> Request<MasPage<Email>> {
    let request = Request::get(at(base, &["user-emails"]))
        .query_some("filter[user]", filter.user.as_ref())
        .query_some("filter[email]", filter.email.as_ref());
    want.of(request)
}

#[derive(Serialize)]
struct NewEmail<'a> {
    user_id: &'a Ulid,
    email: &'a str,
}

/// `POST {mas}/api/admin/v1/user-emails`, since MAS 0.15: adds an address, without asking its owner.
///
/// Not to be sent twice: the second is 409. Errors: 400 no address, 404 no such user, 409 somebody has it.
pub fn add(base: &str, user: &Ulid, email: &str) -> Request<One<Email>> {
    Request::post(at(base, &["user-emails"])).json(&NewEmail {
        user_id: user,
        email,
    })
}

/// `DELETE {mas}/api/admin/v1/user-emails/{id}`, since MAS 0.15; 404 if there is none.
pub fn delete(base: &str, id: &Ulid) -> Request<Vec<u8>> {
    super::resource::deletion(at(base, &["user-emails", id.as_str()]))
}
