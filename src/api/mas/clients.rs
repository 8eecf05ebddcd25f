//! The programs that may ask people for access.

use super::resource::Want;
use super::{MasPage, One, Ulid, at};
use crate::api::Request;
use serde::Deserialize;

/// A program that has registered, or that MAS' configuration names.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct OAuthClient {
    pub client_id: String,
    #[serde(default)]
    pub client_name: Option<String>,
    #[serde(default)]
    pub client_uri: Option<String>,
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    #[serde(default)]
    pub grant_types: Vec<String>,
    /// Named in MAS' configuration.
    pub is_static: bool,
}

/// Which programs are asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClientFilter {
    /// Part of the name.
    pub name: Option<String>,
    pub is_static: Option<bool>,
    pub has_active_sessions: Option<bool>,
}

/// `GET {mas}/api/admin/v1/oauth2-clients`, since MAS 1.20.
pub fn list(base: &str, filter: &ClientFilter, want: &Want) -> Request<MasPage<OAuthClient>> {
    let kind = |is_static| match is_static {
        true => "static",
        false => "dynamic",
    };
    let request = Request::get(at(base, &["oauth2-clients"]))
        .query_some("filter[client-name]", filter.name.as_ref())
        .query_some("filter[client-kind]", filter.is_static.map(kind))
        .query_some("filter[has-active-sessions]", filter.has_active_sessions);
    want.of(request)
}

/// `GET {mas}/api/admin/v1/oauth2-clients/{id}`, since MAS 1.20.
pub fn get(base: &str, id: &Ulid) -> Request<One<OAuthClient>> {
    Request::get(at(base, &["oauth2-clients", id.as_str()]))
}
