//! Sessions that people have: of OAuth, of the old `/login`, and of their browsers at MAS.

use super::resource::Want;
use super::{MasPage, MasTime, One, Ulid, at};
use crate::api::Request;
use crate::api::request::Body;
use serde::Deserialize;

/// What sessions of all three kinds are filtered by.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionFilter {
    pub user: Option<Ulid>,
    /// Whether it has not been finished.
    pub active: Option<bool>,
    /// RFC 3339. Since MAS 1.20; an older one passes over it.
    pub created_before: Option<String>,
}

impl SessionFilter {
    /// Those of one account that have not been finished.
    pub fn active_of(user: &Ulid) -> Self {
        SessionFilter {
            user: Some(user.clone()),
            active: Some(true),
            ..Default::default()
        }
    }

    fn of<T>(&self, request: Request<T>) -> Request<T> {
        let status = |active| match active {
            true => "active",
            false => "finished",
        };
        request
            .query_some("filter[user]", self.user.as_ref())
            .query_some("filter[status]", self.active.map(status))
            .query_some("filter[created-before]", self.created_before.as_ref())
    }
}

/// Declares a session as MAS tells it: with these fields, and with those that all kinds have.
macro_rules! session {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        pub struct $name {
            $($(#[$about])* pub $field: $type,)*
            pub created_at: MasTime,
            #[serde(default)]
            pub finished_at: Option<MasTime>,
            #[serde(default)]
            pub user_agent: Option<String>,
            #[serde(default)]
            pub last_active_at: Option<MasTime>,
            #[serde(default)]
            pub last_active_ip: Option<String>,
        }
    };
}

session! {
    /// A session of an app that has logged in by the old `/login`.
    CompatSession {
        user_id: Ulid,
        #[serde(default)]
        device_id: Option<String>,
        /// Since MAS 0.16.
        #[serde(default)]
        human_name: Option<String>,
    }
}

session! {
    /// A session of an app that has logged in by OAuth 2.0.
    OAuth2Session {
        /// `None`: a program for itself.
        #[serde(default)]
        user_id: Option<Ulid>,
        client_id: Ulid,
        /// Separated by spaces; a device is one of them.
        scope: String,
        /// Since MAS 0.16.
        #[serde(default)]
        human_name: Option<String>,
    }
}

session! {
    /// A browser in which somebody is signed in to MAS itself. Sessions of OAuth that have begun in it go on
    /// without it.
    BrowserSession {
        user_id: Ulid,
    }
}

/// What comes before the ID of a device in a scope.
const DEVICE_SCOPES: [&str; 2] = [
    "urn:matrix:client:device:",
    "urn:matrix:org.matrix.msc2967.client:device:",
];

/// The device that a session with this scope has at the homeserver, if any.
pub fn device_of(scope: &str) -> Option<&str> {
    let mut scopes = scope.split(' ');
    scopes.find_map(|scope| {
        DEVICE_SCOPES
            .iter()
            .find_map(|start| scope.strip_prefix(start))
    })
}

impl OAuth2Session {
    /// The device that it has at the homeserver, if any.
    pub fn device_id(&self) -> Option<&str> {
        device_of(&self.scope)
    }
}

/// `GET {mas}/api/admin/v1/compat-sessions`, since MAS 0.14.
pub fn compat(base: &str, filter: &SessionFilter, want: &Want) -> Request<MasPage<CompatSession>> {
    want.of(filter.of(Request::get(at(base, &["compat-sessions"]))))
}

/// `GET {mas}/api/admin/v1/oauth2-sessions`, since MAS 0.10; `client` since 0.10 as well.
pub fn oauth2(
    base: &str,
    filter: &SessionFilter,
    client: Option<&Ulid>,
    want: &Want,
) -> Request<MasPage<OAuth2Session>> {
    let request = filter.of(Request::get(at(base, &["oauth2-sessions"])));
    want.of(request.query_some("filter[client]", client))
}

/// `GET {mas}/api/admin/v1/user-sessions`, since MAS 0.14.
pub fn browser(
    base: &str,
    filter: &SessionFilter,
    want: &Want,
) -> Request<MasPage<BrowserSession>> {
    want.of(filter.of(Request::get(at(base, &["user-sessions"]))))
}

/// `GET {mas}/api/admin/v1/compat-sessions/{id}`, since MAS 0.14; 404 if there is none.
pub fn one_compat(base: &str, id: &Ulid) -> Request<One<CompatSession>> {
    Request::get(at(base, &["compat-sessions", id.as_str()]))
}

/// `GET {mas}/api/admin/v1/oauth2-sessions/{id}`, since MAS 0.10; 404 if there is none.
pub fn one_oauth2(base: &str, id: &Ulid) -> Request<One<OAuth2Session>> {
    Request::get(at(base, &["oauth2-sessions", id.as_str()]))
}

/// `GET {mas}/api/admin/v1/user-sessions/{id}`, since MAS 0.14; 404 if there is none.
pub fn one_browser(base: &str, id: &Ulid) -> Request<One<BrowserSession>> {
    Request::get(at(base, &["user-sessions", id.as_str()]))
}

fn finish<T>(base: &str, kind: &str, id: &Ulid) -> Request<One<T>>
where
    T: serde::de::DeserializeOwned,
{
    Request::post(at(base, &[kind, id.as_str(), "finish"]))
        .with_body(Body::None)
        .idempotent()
}

/// `POST {mas}/api/admin/v1/compat-sessions/{id}/finish`, since MAS 1.4: it ends, and its device goes.
///
/// Errors: 400 ended already ([`is_so_already`](super::is_so_already)), 404.
pub fn finish_compat(base: &str, id: &Ulid) -> Request<One<CompatSession>> {
    finish(base, "compat-sessions", id)
}

/// `POST {mas}/api/admin/v1/oauth2-sessions/{id}/finish`, since MAS 1.4: its tokens end, and a little later its
/// device goes.
///
/// Errors: 400 ended already ([`is_so_already`](super::is_so_already)), 404.
pub fn finish_oauth2(base: &str, id: &Ulid) -> Request<One<OAuth2Session>> {
    finish(base, "oauth2-sessions", id)
}

/// `POST {mas}/api/admin/v1/user-sessions/{id}/finish`, since MAS 1.4: the browser is signed out of MAS, and
/// nothing else.
///
/// Errors: 400 ended already ([`is_so_already`](super::is_so_already)), 404.
pub fn finish_browser(base: &str, id: &Ulid) -> Request<One<BrowserSession>> {
    finish(base, "user-sessions", id)
}
