//! Users: list, read, create, change.

use super::request::path;
use super::server::Capabilities;
use super::tolerant::{Timestamp, boolean, or_default, position};
use super::{Request, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The sort keys of the list, in the words of Synapse.
pub mod order {
    pub const NAME: &str = "name";
    pub const DISPLAY_NAME: &str = "displayname";
    pub const GUEST: &str = "is_guest";
    pub const ADMIN: &str = "admin";
    pub const USER_TYPE: &str = "user_type";
    pub const DEACTIVATED: &str = "deactivated";
    pub const SHADOW_BANNED: &str = "shadow_banned";
    pub const CREATED: &str = "creation_ts";
    /// Since Synapse 1.92; older servers refuse it.
    pub const LAST_SEEN: &str = "last_seen_ts";
    /// Since Synapse 1.93; older servers refuse it.
    pub const LOCKED: &str = "locked";
}

/// Which users [`list`] answers with. `None` asks for no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListUsers {
    /// How many to skip.
    pub from: u64,
    /// How many to answer with at most. Never 0: the server would answer with nothing for ever.
    pub limit: u64,
    /// A part of the localpart or display name, case-insensitive; `%` and `_` are wildcards.
    /// A whole user ID finds nothing: neither the `@` nor the server belongs to the localpart.
    /// Before Synapse 1.99 ASCII only.
    pub name: Option<String>,
    /// Only whose whole ID has this in it, as [`like_id`] writes it. Ignored where there is a `name`.
    pub user_id: Option<String>,
    pub guests: Option<bool>,
    /// Since Synapse 1.91; older servers ignore it.
    pub admins: Option<bool>,
    /// Only deactivated (`true`), only active (`false`), or both (`None`). Before Synapse 1.103
    /// there is no "only deactivated": the caller filters.
    pub deactivated: Option<bool>,
    /// User types to leave out; the empty string stands for "no type". Since Synapse 1.88.
    pub not_user_type: Vec<String>,
    /// Only those who wait for approval. Ignored where new accounts need none (MSC3866). Since
    /// Synapse 1.69.
    pub waiting: bool,
    pub order_by: Option<&'static str>,
    pub descending: bool,
}

/// What finds a user by the whole ID in [`list`]: with it perhaps others, in whose IDs other characters
/// stand in the place of capitals, of `_`, and of what is not ASCII. The server lowers what it looks
/// for, and PostgreSQL tells capitals apart.
///
/// ```
/// use synapse_admin::api::{UserId, users::like_id};
/// let user = UserId::parse("@Bob_b:example.org").unwrap();
/// assert_eq!(like_id(&user), "@_ob_b:example.org");
/// ```
pub fn like_id(user: &UserId) -> String {
    let is_plain = |c: char| c.is_ascii() && !c.is_ascii_uppercase() && !matches!(c, '%' | '\\');
    let plain = |c| if is_plain(c) { c } else { '_' };
    user.as_str().chars().map(plain).collect()
}

/// `GET /_synapse/admin/v3/users`, before Synapse 1.103 `v2`: one page of local accounts.
/// Locked accounts are included.
pub fn list(query: &ListUsers, server: &Capabilities) -> Request<UserPage> {
    let v3 = server.since(103);
    let endpoint = if v3 {
        "/_synapse/admin/v3/users"
    } else {
        "/_synapse/admin/v2/users"
    };
    let mut request = Request::get(endpoint)
        .query("from", query.from)
        .query("limit", query.limit.max(1))
        // Hidden by default since 1.93.
        .query("locked", true)
        .query_some(
            "name",
            query.name.as_deref().filter(|name| !name.is_empty()),
        )
        .query_some("user_id", query.user_id.as_deref())
        // With MAS, anything but `false` is refused.
        .query_some(
            "guests",
            query.guests.or(server.delegated_auth.then_some(false)),
        )
        .query_some("admins", query.admins)
        .query_some("approved", query.waiting.then_some(false))
        .query_some("order_by", query.order_by)
        .query_some("dir", query.descending.then_some("b"));
    request = if v3 {
        request.query_some("deactivated", query.deactivated)
    } else {
        // Here `true` means "deactivated ones as well".
        request.query("deactivated", query.deactivated != Some(false))
    };
    for user_type in &query.not_user_type {
        request = request.query("not_user_type", user_type);
    }
    request
}

/// One page of users.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct UserPage {
    pub users: Vec<User>,
    /// How many match the filters, on all pages.
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    #[serde(default, deserialize_with = "position")]
    pub next_token: Option<u64>,
}

/// An account, as the list has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct User {
    pub name: UserId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub displayname: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_type: Option<String>,
    #[serde(default, deserialize_with = "boolean")]
    pub is_guest: bool,
    #[serde(default, deserialize_with = "boolean")]
    pub admin: bool,
    #[serde(default, deserialize_with = "boolean")]
    pub deactivated: bool,
    #[serde(default, deserialize_with = "boolean")]
    pub shadow_banned: bool,
    #[serde(default, deserialize_with = "boolean")]
    pub erased: bool,
    #[serde(default, deserialize_with = "boolean")]
    pub locked: bool,
    /// Only where new accounts need approval (MSC3866). In a list, `false` means nothing: it is
    /// also said of accounts that are older than that, which count as approved. Ask for
    /// [`ListUsers::waiting`], or for the detail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
    /// Not in the list, only in the detail. Since Synapse 1.121.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suspended: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creation_ts: Option<Timestamp>,
    /// Since Synapse 1.92.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen_ts: Option<Timestamp>,
}

/// `GET /_synapse/admin/v2/users/{user_id}`: one account. 404 `M_NOT_FOUND` if unknown.
pub fn get(user: &UserId) -> Request<UserDetail> {
    Request::get(user_path(user))
}

fn user_path(user: &UserId) -> String {
    path(&["/_synapse/admin/v2/users", user.as_str()])
}

/// An account with all that the server keeps of it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct UserDetail {
    #[serde(flatten)]
    pub user: User,
    #[serde(default, deserialize_with = "or_default")]
    pub threepids: Vec<Threepid>,
    #[serde(default, deserialize_with = "or_default")]
    pub external_ids: Vec<ExternalId>,
    /// The application service that the account belongs to.
    #[serde(default)]
    pub appservice_id: Option<String>,
    #[serde(default)]
    pub consent_version: Option<String>,
    #[serde(default)]
    pub consent_ts: Option<Timestamp>,
}

/// An e-mail address or phone number of an account.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Threepid {
    /// `email` or `msisdn`.
    pub medium: String,
    pub address: String,
}

/// An account's identity at a single sign-on provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ExternalId {
    /// `oidc-<id>`, `saml`, …, as configured at the server.
    pub auth_provider: String,
    pub external_id: String,
}

/// What [`put`] sets. A field that is `None` is not sent and stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct UserChange {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Only with a password; the server's default is to log the user out everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logout_devices: Option<bool>,
    /// The empty text removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub displayname: Option<String>,
    /// The empty text removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub avatar_url: Option<String>,
    /// All of them: those not in the list are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threepids: Option<Vec<Threepid>>,
    /// All of them: those not in the list are removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_ids: Option<Vec<ExternalId>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<bool>,
    /// `true` deactivates as [`deactivate`] does, without erasing; `false` reactivates, which
    /// before Synapse 1.99 needs a password where passwords are in use. The old password, rooms,
    /// sessions and keys do not come back. Ignored when the account is created by the same
    /// request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deactivated: Option<bool>,
    /// Since Synapse 1.91. Ignored when the account is created by the same request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked: Option<bool>,
    /// `Some(None)` removes the type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_type: Option<Option<String>>,
    /// Only where new accounts need approval (MSC3866).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<bool>,
}

/// `PUT /_synapse/admin/v2/users/{user_id}`: creates the account, or changes it if it exists.
///
/// The status tells which: 201 created, 200 changed; read it with [`was_created`]. The server
/// applies the fields one after another and stops at the first that fails: after an error read
/// the account again. A third-party identifier of another account is moved to this one without
/// a word.
pub fn put(user: &UserId, change: &UserChange) -> Request<UserDetail> {
    Request::put(user_path(user), change)
}

/// How [`create`] keeps the server from changing an account that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Nothing at all is changed. The display name cannot be set by the same request.
    Whole,
    /// Display name, third-party and external IDs may be changed; avatar, administrator right,
    /// password, state and type are not. The avatar cannot be set by the same request. Since
    /// Synapse 1.84.
    FromAvatar,
}

/// `PUT /_synapse/admin/v2/users/{user_id}` that creates the account, and fails if it exists.
///
/// The endpoint knows no condition, but it is stricter with changes than with new accounts: a
/// `displayname` or `avatar_url` of null means "none" for a new account and is an error for one
/// that exists, at which the server stops before it comes to the later fields. So a null makes
/// the request conditional, without a window between asking and acting. The error is known by
/// [`refused_by_guard`].
///
/// `deactivated` and `locked` have no effect here, and the field of the guard is not sent.
pub fn create(user: &UserId, account: &UserChange, guard: Guard) -> Request<UserDetail> {
    let mut body = serde_json::to_value(account).unwrap_or_default();
    let field = match guard {
        Guard::Whole => "displayname",
        Guard::FromAvatar => "avatar_url",
    };
    body[field] = serde_json::Value::Null;
    Request::put(user_path(user), &body)
}

/// Whether the error is what [`create`] gets for an account that exists.
pub fn refused_by_guard(error: &super::ApiError) -> bool {
    matches!(
        error,
        super::ApiError::Matrix { status: 400, errcode, message }
            if errcode == "M_INVALID_PARAM"
                && message.contains("must be a string")
                && (message.contains("displayname") || message.contains("avatar_url"))
    )
}

/// Whether the answer to [`put`] says that the account is new.
pub fn was_created(status: u16) -> bool {
    status == 201
}

/// `GET /_synapse/admin/v1/username_available`: succeeds if the localpart is free. 400
/// `M_USER_IN_USE`, `M_INVALID_USERNAME` or `M_EXCLUSIVE` (reserved by an application service)
/// if it is not. ASCII only.
pub fn is_available(localpart: &str) -> Request<Available> {
    Request::get("/_synapse/admin/v1/username_available").query("username", localpart)
}

/// The answer of [`is_available`]: always `true`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Available {
    pub available: bool,
}

/// `GET /_synapse/admin/v1/threepid/{medium}/users/{address}`: whose e-mail address or phone
/// number this is. 404 `M_NOT_FOUND` if nobody's. The address as the server keeps it: e-mail in
/// lower case, phone numbers as digits. Since Synapse 1.72.
pub fn by_threepid(threepid: &Threepid) -> Request<IdOwner> {
    Request::get(path(&[
        "/_synapse/admin/v1/threepid",
        &threepid.medium,
        "users",
        &threepid.address,
    ]))
}

/// `GET /_synapse/admin/v1/auth_providers/{provider}/users/{external_id}`: whose identity this
/// is. 404 `M_NOT_FOUND` if nobody's. Since Synapse 1.68.
pub fn by_external_id(id: &ExternalId) -> Request<IdOwner> {
    Request::get(path(&[
        "/_synapse/admin/v1/auth_providers",
        &id.auth_provider,
        "users",
        &id.external_id,
    ]))
}

/// The answer of [`by_threepid`] and [`by_external_id`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct IdOwner {
    pub user_id: UserId,
}

/// `POST /_synapse/admin/v1/deactivate/{user_id}`: ends an account for good. `erase` also
/// removes its profile and hides its messages from those who join later. The user leaves their
/// rooms in the background. With very many devices it takes minutes, and a second one at the same
/// time does no good.
pub fn deactivate(user: &UserId, erase: bool) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body {
        erase: bool,
    }
    Request::post(path(&["/_synapse/admin/v1/deactivate", user.as_str()])).json(&Body { erase })
}

/// `POST /_synapse/admin/v1/users/{user_id}/shadow_ban`: what the user sends reaches nobody,
/// and they are not told.
pub fn shadow_ban(user: &UserId) -> Request<serde_json::Value> {
    Request::post(shadow_ban_path(user)).idempotent()
}

/// `DELETE /_synapse/admin/v1/users/{user_id}/shadow_ban`. Since Synapse 1.48.
pub fn lift_shadow_ban(user: &UserId) -> Request<serde_json::Value> {
    Request::delete(shadow_ban_path(user))
}

fn shadow_ban_path(user: &UserId) -> String {
    user_action_path(user, "shadow_ban")
}

/// `PUT /_synapse/admin/v1/suspend/{user_id}`: a suspended user can read and leave rooms, and
/// nothing else. Since Synapse 1.122.
pub fn suspend(user: &UserId, suspend: bool) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body {
        suspend: bool,
    }
    Request::put(
        path(&["/_synapse/admin/v1/suspend", user.as_str()]),
        &Body { suspend },
    )
}

/// `PUT /_synapse/admin/v1/users/{user_id}/admin`: gives or takes the right to administer the
/// server. 400 for taking one's own. Unsupported where MAS keeps the accounts.
pub fn set_admin(user: &UserId, admin: bool) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body {
        admin: bool,
    }
    Request::put(user_action_path(user, "admin"), &Body { admin })
}

/// `POST /_synapse/admin/v1/reset_password/{user_id}`: another password, and perhaps the end of
/// all sessions. 403 if passwords are switched off. Unsupported where MAS keeps the accounts.
pub fn reset_password(
    user: &UserId,
    password: &str,
    logout_devices: bool,
) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        new_password: &'a str,
        logout_devices: bool,
    }
    Request::post(path(&["/_synapse/admin/v1/reset_password", user.as_str()]))
        .json(&Body {
            new_password: password,
            logout_devices,
        })
        .idempotent()
}

/// `POST /_synapse/admin/v1/users/{user_id}/_allow_cross_signing_replacement_without_uia`: for
/// ten minutes the user's client may replace the cross-signing keys without asking for the
/// password. 404 if there are no keys yet. Since Synapse 1.97.
pub fn allow_cross_signing_replacement(user: &UserId) -> Request<ReplaceableKeys> {
    Request::post(user_action_path(
        user,
        "_allow_cross_signing_replacement_without_uia",
    ))
    .idempotent()
}

/// The answer of [`allow_cross_signing_replacement`].
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct ReplaceableKeys {
    pub updatable_without_uia_before_ms: Timestamp,
}

/// `POST /_synapse/admin/v1/users/{user_id}/login`: a token to act as this user, until
/// `valid_until` or for ever. The user does not see it among their devices. 400 for oneself.
/// Unsupported where MAS keeps the accounts.
pub fn log_in_as(user: &UserId, valid_until: Option<Timestamp>) -> Request<LoggedInAs> {
    #[derive(Serialize)]
    struct Body {
        #[serde(skip_serializing_if = "Option::is_none")]
        valid_until_ms: Option<i64>,
    }
    Request::post(user_action_path(user, "login")).json(&Body {
        valid_until_ms: valid_until.map(|until| until.0),
    })
}

/// The answer of [`log_in_as`].
#[derive(Clone, PartialEq, Deserialize)]
pub struct LoggedInAs {
    pub access_token: String,
}

/// `GET /_synapse/admin/v1/users/{user_id}/sent_invite_count`: how many invitations the user has
/// sent since then. Since Synapse 1.122.
pub fn sent_invite_count(user: &UserId, since: Timestamp) -> Request<SentInvites> {
    Request::get(user_action_path(user, "sent_invite_count")).query("from_ts", since.0)
}

/// The answer of [`sent_invite_count`].
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct SentInvites {
    pub invite_count: u64,
}

/// `GET /_synapse/admin/v1/users/{user_id}/cumulative_joined_room_count`: how many rooms the
/// user has joined since then, those they have left again as well. Since Synapse 1.122.
pub fn cumulative_joined_room_count(user: &UserId, since: Timestamp) -> Request<JoinedSince> {
    Request::get(user_action_path(user, "cumulative_joined_room_count")).query("from_ts", since.0)
}

/// The answer of [`cumulative_joined_room_count`].
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub struct JoinedSince {
    pub cumulative_joined_room_count: u64,
}

/// `GET /_synapse/admin/v1/users/{user_id}/memberships`: what the user is in each room that the
/// server knows: `join`, `invite`, `leave`, `ban` or `knock`. Since Synapse 1.145; before,
/// [`joined_rooms`] tells a part of it.
pub fn memberships(user: &UserId) -> Request<Memberships> {
    Request::get(user_action_path(user, "memberships"))
}

/// The answer of [`memberships`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Memberships {
    pub memberships: BTreeMap<super::RoomId, String>,
}

fn user_action_path(user: &UserId, action: &str) -> String {
    path(&["/_synapse/admin/v1/users", user.as_str(), action])
}

/// `GET /_synapse/admin/v1/users/{user_id}/joined_rooms`, in no order.
pub fn joined_rooms(user: &UserId) -> Request<JoinedRooms> {
    Request::get(user_action_path(user, "joined_rooms"))
}

/// The answer of [`joined_rooms`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct JoinedRooms {
    pub joined_rooms: Vec<super::RoomId>,
    pub total: u64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::server::{ServerVersion, SpecVersions};

    fn server(version: &str, delegated_auth: bool) -> Capabilities {
        let version = ServerVersion {
            server_version: version.into(),
        };
        Capabilities::new(&version, SpecVersions::default(), delegated_auth)
    }

    #[test]
    fn the_list_speaks_to_old_and_new_servers() {
        let query = ListUsers {
            limit: 10,
            deactivated: Some(true),
            ..Default::default()
        };
        let target = |version| list(&query, &server(version, false)).call.target();
        assert_eq!(
            target("1.163.2"),
            "/_synapse/admin/v3/users?from=0&limit=10&locked=true&deactivated=true"
        );
        assert_eq!(
            target("1.98.0"),
            "/_synapse/admin/v2/users?from=0&limit=10&locked=true&deactivated=true"
        );
        let active = ListUsers {
            deactivated: Some(false),
            ..query.clone()
        };
        assert!(
            list(&active, &server("1.98.0", false))
                .call
                .target()
                .ends_with("deactivated=false")
        );
        assert!(
            list(&query, &server("1.163.2", true))
                .call
                .target()
                .contains("guests=false")
        );
    }

    #[test]
    fn users_of_old_servers_decode() {
        let user: User = serde_json::from_str(
            r#"{"name":"@a:b","user_type":null,"is_guest":0,"admin":1,"deactivated":0,
                "shadow_banned":null,"displayname":null,"avatar_url":null,"creation_ts":1560432668000}"#,
        )
        .unwrap();
        assert!(user.admin && !user.is_guest && !user.shadow_banned && !user.locked);
        let detail: UserDetail = serde_json::from_str(
            r#"{"name":"@a:b","is_guest":0,"admin":false,"deactivated":false,"shadow_banned":false,
                "creation_ts":1560432668,"threepids":[{"medium":"email","address":"a@b.c","validated_at":1}],
                "external_ids":[],"erased":false}"#,
        )
        .unwrap();
        assert_eq!(detail.user.creation_ts, Some(Timestamp(1_560_432_668_000)));
        assert_eq!(detail.threepids[0].address, "a@b.c");
    }

    #[test]
    fn a_change_sends_only_what_changes() {
        let change = UserChange {
            admin: Some(true),
            user_type: Some(None),
            ..Default::default()
        };
        assert_eq!(
            serde_json::to_string(&change).unwrap(),
            r#"{"admin":true,"user_type":null}"#
        );
    }
}
