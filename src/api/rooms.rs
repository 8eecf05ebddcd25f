//! Rooms: list, read, block, members, spaces.

use super::events::Event;
use super::request::path;
use super::tolerant::{boolean, count, or_default, position, strangers_text};
use super::{Request, RoomAlias, RoomId, ServerName, UserId};
use serde::{Deserialize, Serialize};

/// The sort keys of the list, in the words of Synapse.
pub mod order {
    pub const NAME: &str = "name";
    pub const ALIAS: &str = "canonical_alias";
    pub const MEMBERS: &str = "joined_members";
    pub const LOCAL_MEMBERS: &str = "joined_local_members";
    pub const VERSION: &str = "version";
    pub const CREATOR: &str = "creator";
    pub const ENCRYPTION: &str = "encryption";
    pub const FEDERATABLE: &str = "federatable";
    pub const PUBLIC: &str = "public";
    pub const JOIN_RULES: &str = "join_rules";
    pub const GUEST_ACCESS: &str = "guest_access";
    pub const HISTORY_VISIBILITY: &str = "history_visibility";
    pub const STATE_EVENTS: &str = "state_events";

    /// Whether Synapse begins with the largest when it is asked for the forward direction.
    pub fn begins_with_largest(key: &str) -> bool {
        matches!(key, MEMBERS | LOCAL_MEMBERS | VERSION | STATE_EVENTS)
    }
}

/// Which rooms [`list`] answers with. `None` asks for no filter.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListRooms {
    /// How many to skip.
    pub from: u64,
    /// How many to answer with at most. Never 0.
    pub limit: u64,
    /// A part of the name or of an alias' localpart, case-insensitive, or a whole room ID. With
    /// it, all versions so far apply the two filters below to the room ID only: do not combine.
    pub search: Option<String>,
    /// In this server's directory. Since Synapse 1.110; older servers ignore it.
    pub public: Option<bool>,
    /// Without members from any server. Since Synapse 1.110; older servers ignore it.
    pub empty: Option<bool>,
    /// One of [`order`].
    pub order_by: Option<&'static str>,
    /// Whether the smallest comes last; numbers and text alike.
    pub descending: bool,
}

/// `GET /_synapse/admin/v1/rooms`: one page of the rooms that this server has statistics of.
/// Names, topics and rules are what somebody wrote into the room's state: any text.
pub fn list(query: &ListRooms) -> Request<RoomPage> {
    let backwards = match query.order_by {
        Some(key) => query.descending != order::begins_with_largest(key),
        None => query.descending,
    };
    Request::get("/_synapse/admin/v1/rooms")
        .query("from", query.from)
        .query("limit", query.limit.max(1))
        .query_some(
            "search_term",
            query.search.as_deref().filter(|term| !term.is_empty()),
        )
        .query_some("public_rooms", query.public)
        .query_some("empty_rooms", query.empty)
        .query_some("order_by", query.order_by)
        .query_some("dir", backwards.then_some("b"))
}

/// One page of rooms.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct RoomPage {
    pub rooms: Vec<Room>,
    /// How many match, on all pages.
    #[serde(rename = "total_rooms")]
    pub total: u64,
    /// Where the next page begins; `None` on the last.
    #[serde(default, deserialize_with = "position")]
    pub next_batch: Option<u64>,
}

/// A room, as the list has it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Room {
    pub room_id: RoomId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub canonical_alias: Option<String>,
    /// `None` where the server has no statistics.
    #[serde(default, deserialize_with = "count")]
    pub joined_members: Option<u64>,
    #[serde(default, deserialize_with = "count")]
    pub joined_local_members: Option<u64>,
    /// The room version.
    #[serde(default)]
    pub version: Option<String>,
    /// May be empty.
    #[serde(default)]
    pub creator: Option<String>,
    /// The algorithm, if the room is encrypted.
    #[serde(default)]
    pub encryption: Option<String>,
    #[serde(default, deserialize_with = "boolean")]
    pub federatable: bool,
    /// Published in this server's directory.
    #[serde(default, deserialize_with = "boolean")]
    pub public: bool,
    #[serde(default)]
    pub join_rules: Option<String>,
    #[serde(default)]
    pub guest_access: Option<String>,
    #[serde(default)]
    pub history_visibility: Option<String>,
    #[serde(default, deserialize_with = "count")]
    pub state_events: Option<u64>,
    /// `m.space`, or whatever its creator wrote. Since Synapse 1.64.
    #[serde(default)]
    pub room_type: Option<String>,
}

impl Room {
    /// A room of which nothing is known but its ID.
    pub fn unknown(room_id: RoomId) -> Self {
        Room {
            room_id,
            name: None,
            canonical_alias: None,
            joined_members: None,
            joined_local_members: None,
            version: None,
            creator: None,
            encryption: None,
            federatable: false,
            public: false,
            join_rules: None,
            guest_access: None,
            history_visibility: None,
            state_events: None,
            room_type: None,
        }
    }

    /// Whether the server has statistics of it. Without them it knows neither who is in it nor anything that its
    /// state says: all of that is missing, and "no" says nothing. Such rooms are in no list.
    pub fn has_statistics(&self) -> bool {
        self.joined_members.is_some() || self.state_events.is_some()
    }

    /// Whether it is a space.
    pub fn is_space(&self) -> bool {
        self.room_type.as_deref() == Some("m.space")
    }

    /// What people call it: its name, its alias, or its ID.
    pub fn title(&self) -> &str {
        let some = |text: &'_ Option<String>| text.as_deref().is_some_and(|t| !t.trim().is_empty());
        match (&self.name, &self.canonical_alias) {
            (Some(name), _) if some(&self.name) => name.trim(),
            (_, Some(alias)) if some(&self.canonical_alias) => alias,
            _ => self.room_id.as_str(),
        }
    }
}

/// `GET /_synapse/admin/v1/rooms/{room_id}`: one room. 404 `M_NOT_FOUND` if unknown.
pub fn get(room: &RoomId) -> Request<RoomDetail> {
    Request::get(room_path(room, &[]))
}

pub(super) fn room_path(room: &RoomId, more: &[&str]) -> String {
    let mut parts = vec!["/_synapse/admin/v1/rooms", room.as_str()];
    parts.extend(more);
    path(&parts)
}

/// The answer of [`get`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct RoomDetail {
    #[serde(flatten)]
    pub room: Room,
    /// An mxc URI.
    #[serde(default)]
    pub avatar: Option<String>,
    #[serde(default)]
    pub topic: Option<String>,
    #[serde(default, deserialize_with = "count")]
    pub joined_local_devices: Option<u64>,
    /// All local users have left it and forgotten it. Since Synapse 1.66.
    #[serde(default, deserialize_with = "boolean")]
    pub forgotten: bool,
    /// It has been upgraded or closed. Since Synapse 1.153.
    #[serde(default, deserialize_with = "boolean")]
    pub tombstoned: bool,
    /// Where people are sent instead. Since Synapse 1.153.
    #[serde(default)]
    pub replacement_room: Option<String>,
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/block`: whether local users are kept from joining.
/// Also for rooms that the server does not know.
pub fn is_blocked(room: &RoomId) -> Request<Blocked> {
    Request::get(room_path(room, &["block"]))
}

/// `PUT /_synapse/admin/v1/rooms/{room_id}/block`: keeps local users from joining, or lets them.
/// Who is in the room stays. Also for rooms that the server does not know yet; 400 `M_UNKNOWN` for
/// what no room of this version of Synapse can be called.
pub fn block(room: &RoomId, blocked: bool) -> Request<Blocked> {
    #[derive(Serialize)]
    struct Body {
        block: bool,
    }
    Request::put(room_path(room, &["block"]), &Body { block: blocked })
}

/// The answer of [`is_blocked`] and [`block`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Blocked {
    pub block: bool,
    /// Who blocked it first.
    #[serde(default)]
    pub user_id: Option<String>,
}

/// `POST /_synapse/admin/v1/rooms/{room_id}/make_room_admin`: gives a local user the power of
/// the local member who has most, and invites them if need be; everybody in the room sees it.
/// 400 `M_UNKNOWN` where no local member has power.
pub fn make_admin(room: &RoomId, user: &UserId) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        user_id: &'a UserId,
    }
    Request::post(room_path(room, &["make_room_admin"]))
        .json(&Body { user_id: user })
        .idempotent()
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/hierarchy`: a space with what is in it, as far as
/// this server knows; one level deep. Since Synapse 1.142.
pub fn hierarchy(space: &RoomId, from: Option<&str>) -> Request<Hierarchy> {
    Request::get(room_path(space, &["hierarchy"]))
        .query("limit", 50)
        .query("max_depth", 1)
        .query_some("from", from)
}

/// One page of [`hierarchy`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Hierarchy {
    /// The first of the first page is the space itself. Some servers repeat entries.
    pub rooms: Vec<HierarchyRoom>,
    #[serde(default)]
    pub next_batch: Option<String>,
}

/// A room of a space.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct HierarchyRoom {
    pub room_id: RoomId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub topic: Option<String>,
    #[serde(default)]
    pub canonical_alias: Option<String>,
    #[serde(default)]
    pub avatar_url: Option<String>,
    #[serde(default, deserialize_with = "count")]
    pub num_joined_members: Option<u64>,
    #[serde(default)]
    pub room_type: Option<String>,
    #[serde(default)]
    pub join_rule: Option<String>,
    /// The `m.space.child` events.
    #[serde(default, deserialize_with = "or_default")]
    pub children_state: Vec<Child>,
}

/// An `m.space.child` event, as a space lists it. Anybody with the power for it has written it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Event")]
pub struct Child {
    /// The child's room ID.
    pub state_key: String,
    pub content: serde_json::Value,
}

impl From<Event> for Child {
    fn from(event: Event) -> Self {
        Child {
            state_key: event.state_key.unwrap_or_default(),
            content: event.content,
        }
    }
}

impl Child {
    /// Where it stands among the others, if the space says so: they go by this text.
    pub fn order(&self) -> Option<&str> {
        self.content.get("order")?.as_str()
    }

    /// The child, unless it has been removed or is none.
    pub fn room(&self) -> Option<RoomId> {
        self.content.get("via")?.as_array()?;
        RoomId::parse(&self.state_key)
    }
}

/// `GET /_matrix/client/v3/directory/room/{room_alias}`: which room an alias leads to. 404 if to
/// none; another server's alias is asked for there.
pub fn resolve(alias: &RoomAlias) -> Request<Resolved> {
    Request::get(path(&["/_matrix/client/v3/directory/room", alias.as_str()]))
}

/// The answer of [`resolve`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Resolved {
    pub room_id: RoomId,
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/messages`, of which only the membership events are
/// asked for: one page of who joined, left or changed their profile in a room, oldest first: the
/// other way the server asks other servers for what it lacks before it answers, and keeps what
/// they send. Since Synapse 1.68.
pub fn member_history(room: &RoomId, from: Option<&str>) -> Request<MemberHistory> {
    Request::get(path(&[
        "/_synapse/admin/v1/rooms",
        room.as_str(),
        "messages",
    ]))
    .query("dir", "f")
    .query("limit", 1000)
    .query("filter", r#"{"types":["m.room.member"]}"#)
    // Versions around 1.70 begin at the end, whichever the way, unless they are told where.
    .query("from", from.unwrap_or(BEGINNING))
    .timeout_ms(180_000)
}

/// Where a room begins, as a token: before the first event.
pub const BEGINNING: &str = "t0-0";

/// One page of [`member_history`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct MemberHistory {
    pub chunk: Vec<MemberEvent>,
    /// Where the next page begins; `None` on the last.
    #[serde(default)]
    pub end: Option<String>,
}

/// A membership event, of which only the profile image is read. The rest is what somebody wrote:
/// anything at all.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "serde_json::Value")]
pub struct MemberEvent {
    /// The profile image that the member had in the room.
    pub avatar_url: Option<String>,
}

impl From<serde_json::Value> for MemberEvent {
    fn from(event: serde_json::Value) -> Self {
        let url = event.pointer("/content/avatar_url");
        MemberEvent {
            avatar_url: url.and_then(|url| url.as_str()).map(str::to_owned),
        }
    }
}

/// `GET /_synapse/admin/v1/rooms/{room_id}/members`: who is in the room now, from all servers.
/// 404 if the server does not know the room.
pub fn members(room: &RoomId) -> Request<Members> {
    Request::get(path(&[
        "/_synapse/admin/v1/rooms",
        room.as_str(),
        "members",
    ]))
}

/// The answer of [`members`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Members {
    pub members: Vec<UserId>,
    pub total: u64,
}

/// `POST /_matrix/client/v3/rooms/{room_id}/leave`: whoever's token it is leaves the room. See
/// [`Request::with_token`].
pub fn leave(room: &RoomId) -> Request<serde_json::Value> {
    Request::post(path(&["/_matrix/client/v3/rooms", room.as_str(), "leave"]))
        .idempotent()
        .timeout_ms(180_000)
}

/// `GET /_matrix/client/v3/rooms/{room_id}/state/m.room.member/{user_id}`: what somebody is in a
/// room that the administrator is in, else 403. 404 if they never were anything.
pub fn membership(room: &RoomId, user: &UserId) -> Request<Membership> {
    Request::get(path(&[
        "/_matrix/client/v3/rooms",
        room.as_str(),
        "state",
        "m.room.member",
        user.as_str(),
    ]))
}

/// The answer of [`membership`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Membership {
    /// `join`, `invite`, `leave`, `ban`, `knock`.
    pub membership: String,
    /// Why, in the words of whoever changed it last.
    #[serde(default, deserialize_with = "strangers_text")]
    pub reason: Option<String>,
}

/// `POST /_matrix/client/v3/rooms/{room_id}/kick`: the administrator removes somebody, or takes an
/// invitation back. 403 without the power for it, and for those who are not in.
pub fn kick(room: &RoomId, user: &UserId, reason: Option<&str>) -> Request<serde_json::Value> {
    member_request(room, "kick", user, reason)
}

/// `POST /_matrix/client/v3/rooms/{room_id}/ban`: the administrator removes somebody, who cannot
/// come back, or keeps somebody out who never was in. 403 without the power for it.
pub fn ban(room: &RoomId, user: &UserId, reason: Option<&str>) -> Request<serde_json::Value> {
    member_request(room, "ban", user, reason).idempotent()
}

/// `POST /_matrix/client/v3/rooms/{room_id}/unban`: the administrator lifts a ban. 403 without the
/// power for it, and for those who are not banned.
pub fn unban(room: &RoomId, user: &UserId, reason: Option<&str>) -> Request<serde_json::Value> {
    member_request(room, "unban", user, reason)
}

fn member_request(
    room: &RoomId,
    what: &str,
    user: &UserId,
    reason: Option<&str>,
) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        user_id: &'a UserId,
        #[serde(skip_serializing_if = "Option::is_none")]
        reason: Option<&'a str>,
    }
    let body = Body {
        user_id: user,
        reason,
    };
    Request::post(path(&["/_matrix/client/v3/rooms", room.as_str(), what]))
        .json(&body)
        .timeout_ms(180_000)
}

/// `POST /_synapse/admin/v1/join/{room_id_or_alias}`: a local user joins. Into a room that is
/// not public the administrator must be able to invite, else 403.
pub fn join(room_or_alias: &str, user: &UserId) -> Request<Joined> {
    #[derive(Serialize)]
    struct Body<'a> {
        user_id: &'a UserId,
    }
    Request::post(path(&["/_synapse/admin/v1/join", room_or_alias]))
        .json(&Body { user_id: user })
        .idempotent()
        // A join over federation may take minutes.
        .timeout_ms(180_000)
}

/// `POST /_synapse/admin/v1/join/{room_id}?server_name={server}`: a local user joins a room that
/// this server need not be in yet, through another one that is. 502 where that one cannot be reached
/// or this one does not talk to it, 403 where the room lets nobody in.
pub fn join_through(room: &RoomId, user: &UserId, server: &ServerName) -> Request<Joined> {
    join(room.as_str(), user).query("server_name", server)
}

/// `POST /_matrix/client/v3/join/{room_id}`: the administrator goes into a room that is public or
/// to which they are invited, else 403.
pub fn enter(room: &RoomId) -> Request<Joined> {
    Request::post(path(&["/_matrix/client/v3/join", room.as_str()]))
        .json(&serde_json::json!({}))
        .idempotent()
        .timeout_ms(180_000)
}

/// The answer of [`join`] and [`enter`].
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Joined {
    pub room_id: RoomId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_first_unless_asked_otherwise() {
        let direction = |order_by, descending| {
            let query = ListRooms {
                limit: 10,
                order_by: Some(order_by),
                descending,
                ..Default::default()
            };
            list(&query).call.target().contains("dir=b")
        };
        assert!(!direction(order::NAME, false));
        assert!(direction(order::NAME, true));
        // Here Synapse's forward is from large to small.
        assert!(direction(order::MEMBERS, false));
        assert!(!direction(order::MEMBERS, true));
    }

    #[test]
    fn rooms_of_old_servers() {
        let json = r#"{"room_id": "!a:b", "name": null, "joined_members": null,
            "federatable": 1, "public": 0, "creator": "", "state_events": 3}"#;
        let room: Room = serde_json::from_str(json).unwrap();
        assert!(room.federatable && !room.public);
        assert_eq!(room.title(), "!a:b");
        assert!(room.has_statistics());
    }

    #[test]
    fn a_room_of_which_the_server_has_no_more_than_that_it_is_there() {
        let json = r#"{"room_id": "!a:b", "name": null, "canonical_alias": null, "joined_members": null,
            "joined_local_members": null, "version": "10", "creator": "@jane:b", "encryption": null,
            "federatable": false, "public": true, "join_rules": null, "guest_access": null,
            "history_visibility": null, "state_events": null, "avatar": null, "topic": null,
            "room_type": null, "joined_local_devices": 0, "forgotten": false}"#;
        let detail: RoomDetail = serde_json::from_str(json).unwrap();
        assert!(!detail.room.has_statistics() && detail.room.public);
        let empty = r#"{"room_id": "!a:b", "joined_members": 0, "state_events": 0}"#;
        assert!(
            serde_json::from_str::<Room>(empty)
                .unwrap()
                .has_statistics()
        );
    }
}
