//! Providers of single sign-on behind MAS, and which of their accounts is whose.

use super::resource::Want;
use super::{MasPage, MasTime, One, Ulid, at};
use crate::api::Request;
use serde::{Deserialize, Serialize};

/// A provider, as MAS' configuration has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Provider {
    #[serde(default)]
    pub issuer: Option<String>,
    #[serde(default)]
    pub human_name: Option<String>,
    #[serde(default)]
    pub brand_name: Option<String>,
    pub created_at: MasTime,
    #[serde(default)]
    pub disabled_at: Option<MasTime>,
    /// Since MAS 1.19.
    #[serde(default)]
    pub registration_token_required: Option<bool>,
}

impl Provider {
    /// Whether a person who names a provider like that means this one: by what it is called, its brand or where it
    /// stands, as far as that can be typed in one word. As Synapse named it, `oidc-` stands before.
    pub fn is_called(&self, name: &str) -> bool {
        let letters = |text: &str| -> String {
            let bare = text.trim_start_matches("https://").to_lowercase();
            bare.chars().filter(|c| c.is_alphanumeric()).collect()
        };
        let synapse = name.strip_prefix("oidc-").unwrap_or(name);
        let wanted = [letters(name), letters(synapse)];
        let names = [&self.human_name, &self.brand_name, &self.issuer];
        let mut names = names.into_iter().flatten().map(|name| letters(name));
        names.any(|name| !name.is_empty() && wanted.contains(&name))
    }
}

/// `GET {mas}/api/admin/v1/upstream-oauth-providers`, since MAS 1.3.
pub fn providers(base: &str, enabled: Option<bool>, want: &Want) -> Request<MasPage<Provider>> {
    let request = Request::get(at(base, &["upstream-oauth-providers"]))
        .query_some("filter[enabled]", enabled);
    want.of(request)
}

/// An account of a provider, and whose it is here.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Link {
    pub created_at: MasTime,
    pub provider_id: Ulid,
    /// What the provider calls the account.
    pub subject: String,
    /// Nobody's yet.
    #[serde(default)]
    pub user_id: Option<Ulid>,
    #[serde(default)]
    pub human_account_name: Option<String>,
}

/// Which links are asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkFilter {
    pub user: Option<Ulid>,
    pub provider: Option<Ulid>,
    /// The whole subject.
    pub subject: Option<String>,
    /// Part of what people call the account there. Since MAS 1.22; an older one passes over it.
    pub human_account_name: Option<String>,
}

/// `GET {mas}/api/admin/v1/upstream-oauth-links`, since MAS 0.14.
pub fn links(base: &str, filter: &LinkFilter, want: &Want) -> Request<MasPage<Link>> {
    let request = Request::get(at(base, &["upstream-oauth-links"]))
        .query_some("filter[user]", filter.user.as_ref())
        .query_some("filter[provider]", filter.provider.as_ref())
        .query_some("filter[subject]", filter.subject.as_ref())
        .query_some(
            "filter[human-account-name]",
            filter.human_account_name.as_ref(),
        );
    want.of(request)
}

#[derive(Serialize)]
struct NewLink<'a> {
    user_id: &'a Ulid,
    provider_id: &'a Ulid,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    human_account_name: Option<&'a str>,
}

/// `POST {mas}/api/admin/v1/upstream-oauth-links`, since MAS 0.15: from now on this account of the provider
/// leads to that account here. 200 instead of 201 if MAS knew the link as nobody's.
///
/// Errors: 404 no such user or provider, 409 somebody has it.
pub fn link(
    base: &str,
    user: &Ulid,
    provider: &Ulid,
    subject: &str,
    human_account_name: Option<&str>,
) -> Request<One<Link>> {
    Request::post(at(base, &["upstream-oauth-links"])).json(&NewLink {
        user_id: user,
        provider_id: provider,
        subject,
        human_account_name,
    })
}

/// `DELETE {mas}/api/admin/v1/upstream-oauth-links/{id}`, since MAS 0.15; 404 if there is none.
pub fn unlink(base: &str, id: &Ulid) -> Request<Vec<u8>> {
    super::resource::deletion(at(base, &["upstream-oauth-links", id.as_str()]))
}
