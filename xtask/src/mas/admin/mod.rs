//! MAS' admin API. [`Described`](super::described::Described) judges its answers.
//!
//! | file | what |
//! |---|---|
//! | `convention` | errors, bodies, single answers |
//! | `list` | filters, pages, counts |
//! | `server` | version and set-up |
//! | `clients` | registered OAuth clients |
//! | `users`, `emails` | accounts and their addresses |
//! | `registration` | tokens to register with |
//! | `sessions` | sessions of old clients, OAuth clients and browsers |
//! | `personal` | personal sessions and their tokens |
//! | `upstream` | identity providers and links |
//! | `policy_data` | what is merged over the configured policy |

pub(super) mod clients;
mod convention;
mod emails;
mod list;
pub(super) mod personal;
mod policy_data;
pub(super) mod registration;
mod server;
mod sessions;
pub(super) mod upstream;
pub(super) mod users;

use super::front::{Answer, Asked, Shared, pairs};
use super::state::Kind;
use convention::{Ask, BASE, Refusal, Told, empty, id_of};
use percent_encoding::percent_decode_str;

/// Each path below [`BASE`], with the version that it came with: 20 is 1.20, 0 is before 1.0 (whose
/// versions are not told apart: the panel asks for none of them).
const ROUTES: &[(&str, &str, u32)] = &[
    ("GET", "version", 4),
    ("GET", "site-config", 3),
    ("GET", "users", 0),
    ("POST", "users", 0),
    ("GET", "users/by-username/{}", 0),
    ("GET", "users/{}", 0),
    ("POST", "users/{}/set-password", 0),
    ("POST", "users/{}/set-admin", 0),
    ("POST", "users/{}/lock", 0),
    ("POST", "users/{}/unlock", 0),
    ("POST", "users/{}/deactivate", 0),
    ("POST", "users/{}/reactivate", 0),
    ("GET", "user-emails", 0),
    ("POST", "user-emails", 0),
    ("GET", "user-emails/{}", 0),
    ("DELETE", "user-emails/{}", 0),
    ("GET", "compat-sessions", 0),
    ("GET", "compat-sessions/{}", 0),
    ("POST", "compat-sessions/{}/finish", 4),
    ("GET", "oauth2-sessions", 0),
    ("GET", "oauth2-sessions/{}", 0),
    ("POST", "oauth2-sessions/{}/finish", 4),
    ("GET", "user-sessions", 0),
    ("GET", "user-sessions/{}", 0),
    ("POST", "user-sessions/{}/finish", 4),
    ("GET", "personal-sessions", 5),
    ("POST", "personal-sessions", 5),
    ("GET", "personal-sessions/{}", 5),
    ("POST", "personal-sessions/{}/revoke", 5),
    ("POST", "personal-sessions/{}/regenerate", 5),
    ("GET", "upstream-oauth-providers", 3),
    ("GET", "upstream-oauth-providers/{}", 4),
    ("GET", "upstream-oauth-links", 0),
    ("POST", "upstream-oauth-links", 0),
    ("GET", "upstream-oauth-links/{}", 0),
    ("DELETE", "upstream-oauth-links/{}", 0),
    ("GET", "policy-data/latest", 0),
    ("GET", "policy-data/{}", 0),
    ("POST", "policy-data", 0),
    ("GET", "oauth2-clients", 20),
    ("GET", "oauth2-clients/{}", 20),
    ("GET", "user-registration-tokens", 0),
    ("POST", "user-registration-tokens", 0),
    ("GET", "user-registration-tokens/{}", 0),
    ("PUT", "user-registration-tokens/{}", 0),
    ("POST", "user-registration-tokens/{}/revoke", 0),
    ("POST", "user-registration-tokens/{}/unrevoke", 0),
];

/// Whether an address is one of a path with placeholders.
fn is_of(template: &str, segments: &[String]) -> bool {
    let wants: Vec<&str> = template.split('/').collect();
    wants.len() == segments.len()
        && wants
            .iter()
            .zip(segments)
            .all(|(want, has)| *want == "{}" || want == has)
}

/// The parts of a path behind [`BASE`].
fn segments(path: &str) -> Vec<String> {
    let below = path.strip_prefix(BASE).unwrap_or_default();
    let plain = |part: &str| percent_decode_str(part).decode_utf8_lossy().into_owned();
    below.split('/').map(plain).collect()
}

/// The minor version of `v1.22.0`, perhaps with a suffix; 0 before 1.0.
fn minor(version: &str) -> u32 {
    let version = version.strip_prefix('v').unwrap_or(version);
    let mut parts = version.split('.');
    match (parts.next(), parts.next()) {
        (Some("0"), _) => 0,
        (_, Some(minor)) => minor.parse().unwrap_or_default(),
        _ => 0,
    }
}

/// Whether the MAS that is played knows this path. It answers any other as a web page, which no
/// script can read.
pub(super) fn is_routed(shared: &Shared, path: &str) -> bool {
    let minor = minor(&shared.state().settings.version);
    let segments = segments(path);
    let mut all = ROUTES.iter();
    all.any(|(_, template, since)| *since <= minor && is_of(template, &segments))
}

/// Whether there is such a path in any version.
pub(super) fn is_known(path: &str) -> bool {
    let segments = segments(path);
    ROUTES
        .iter()
        .any(|(_, template, _)| is_of(template, &segments))
}

/// Answers `/api/admin/v1/…`.
pub(super) async fn answer(shared: &Shared, asked: &Asked) -> Answer {
    told(shared, asked).await.unwrap_or_else(Refusal::answer)
}

async fn told(shared: &Shared, asked: &Asked) -> Told {
    let minor = minor(&shared.state().settings.version);
    let method = asked.head.method.as_str();
    let path = segments(asked.path());
    let mut routes = ROUTES.iter();
    let allowed = routes
        .any(|(of, template, since)| *of == method && *since <= minor && is_of(template, &path));
    if !allowed {
        return Ok(empty(405));
    }
    let ask = Ask {
        shared,
        asked,
        query: pairs(asked.head.uri.query().unwrap_or_default()),
        minor,
        caller: caller(shared, asked).await?,
    };
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match (method, path.as_slice()) {
        (_, ["version"]) => server::version(&ask),
        (_, ["site-config"]) => server::site_config(&ask),
        ("GET", ["users"]) => users::list(&ask),
        (_, ["users"]) => users::create(&ask).await,
        (_, ["users", "by-username", name]) => users::by_username(&ask, name),
        (_, ["policy-data", "latest"]) => policy_data::latest(&ask),
        (_, [list, id, rest @ ..]) => below(&ask, list, &id_of(id)?, rest.first().copied()).await,
        (_, ["oauth2-clients"]) => clients::list(&ask),
        ("GET", ["user-emails"]) => emails::list(&ask),
        (_, ["user-emails"]) => emails::create(&ask),
        ("GET", ["user-registration-tokens"]) => registration::list(&ask),
        (_, ["user-registration-tokens"]) => registration::create(&ask),
        (_, ["compat-sessions"]) => sessions::list(&ask, Kind::Compat),
        (_, ["oauth2-sessions"]) => sessions::list(&ask, Kind::OAuth),
        (_, ["user-sessions"]) => sessions::list(&ask, Kind::Browser),
        ("GET", ["personal-sessions"]) => personal::list(&ask),
        (_, ["personal-sessions"]) => personal::create(&ask).await,
        (_, ["upstream-oauth-providers"]) => upstream::providers(&ask),
        ("GET", ["upstream-oauth-links"]) => upstream::links(&ask),
        (_, ["upstream-oauth-links"]) => upstream::create(&ask),
        (_, ["policy-data"]) => policy_data::create(&ask),
        _ => Ok(empty(405)),
    }
}

/// What there is below the ID of one.
async fn below(ask: &Ask<'_>, list: &str, id: &str, action: Option<&str>) -> Told {
    let method = ask.asked.head.method.as_str();
    match (method, list, action) {
        (_, "users", None) => users::get(ask, id),
        (_, "users", Some("set-password")) => users::set_password(ask, id),
        (_, "users", Some("set-admin")) => users::set_admin(ask, id).await,
        (_, "users", Some("lock")) => users::lock(ask, id).await,
        (_, "users", Some("unlock")) => users::unlock(ask, id).await,
        (_, "users", Some("deactivate")) => users::deactivate(ask, id).await,
        (_, "users", Some("reactivate")) => users::reactivate(ask, id).await,
        (_, "oauth2-clients", None) => clients::get(ask, id),
        ("GET", "user-emails", None) => emails::get(ask, id),
        (_, "user-emails", None) => emails::delete(ask, id),
        ("GET", "user-registration-tokens", None) => registration::get(ask, id),
        (_, "user-registration-tokens", None) => registration::put(ask, id),
        (_, "user-registration-tokens", Some("revoke")) => registration::revoke(ask, id),
        (_, "user-registration-tokens", Some("unrevoke")) => registration::unrevoke(ask, id),
        ("GET", "compat-sessions", _) => sessions::get(ask, Kind::Compat, id),
        (_, "compat-sessions", _) => sessions::finish(ask, Kind::Compat, id).await,
        ("GET", "oauth2-sessions", _) => sessions::get(ask, Kind::OAuth, id),
        (_, "oauth2-sessions", _) => sessions::finish(ask, Kind::OAuth, id).await,
        ("GET", "user-sessions", _) => sessions::get(ask, Kind::Browser, id),
        (_, "user-sessions", _) => sessions::finish(ask, Kind::Browser, id).await,
        (_, "personal-sessions", None) => personal::get(ask, id),
        (_, "personal-sessions", Some("revoke")) => personal::revoke(ask, id),
        (_, "personal-sessions", Some("regenerate")) => personal::regenerate(ask, id),
        (_, "upstream-oauth-providers", None) => upstream::provider(ask, id),
        ("GET", "upstream-oauth-links", None) => upstream::link(ask, id),
        (_, "upstream-oauth-links", None) => upstream::delete(ask, id),
        // MAS answers the latest, whichever was asked for.
        (_, "policy-data", None) => policy_data::latest(ask),
        _ => Ok(empty(405)),
    }
}

/// The user whose token it is, if that may administer.
async fn caller(shared: &Shared, asked: &Asked) -> Result<String, Refusal> {
    let refused = |status, title: &str| Err(Refusal::new(status, title));
    if !asked.head.headers.contains_key("authorization") {
        return refused(400, "Missing authorization header");
    }
    let Some(token) = asked.bearer() else {
        return refused(400, "Invalid authorization header");
    };
    let told = shared.introspected(token).await;
    let state = shared.state();
    if told["active"] != true {
        return refused(401, super::sessions::why_not(&state, token));
    }
    let scope = told["scope"].as_str().unwrap_or_default();
    if !scope.split(' ').any(|scope| scope == "urn:mas:admin") {
        return refused(401, "Missing urn:mas:admin scope");
    }
    let owner = super::sessions::owner(&state, token);
    let named = state.user_named(told["username"].as_str().unwrap_or_default());
    let known = owner.or_else(|| Some(named?.0.clone()));
    known.ok_or_else(|| Refusal::new(401, "Invalid type of access token"))
}

#[cfg(test)]
mod tests;
