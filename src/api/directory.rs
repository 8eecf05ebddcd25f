//! This server's room directory, and the addresses of rooms.

use super::request::path;
use super::tolerant::{boolean, count, or_default};
use super::{Request, RoomAlias, RoomId, ServerName};
use serde::{Deserialize, Serialize};

fn visibility_path(room: &RoomId) -> String {
    path(&["/_matrix/client/v3/directory/list/room", room.as_str()])
}

/// `GET /_matrix/client/v3/directory/list/room/{room_id}`: whether the room is published. 404 if
/// unknown.
pub fn visibility(room: &RoomId) -> Request<Visibility> {
    Request::get(visibility_path(room))
}

/// `PUT /_matrix/client/v3/directory/list/room/{room_id}`: publishes the room in the directory,
/// or takes it out. An administrator of the server need not be in it. 403 `M_FORBIDDEN` where the
/// configuration forbids it.
pub fn publish(room: &RoomId, published: bool) -> Request<serde_json::Value> {
    let visibility = if published { "public" } else { "private" };
    let body = Visibility {
        visibility: visibility.to_owned(),
    };
    Request::put(visibility_path(room), &body)
}

/// The answer of [`visibility`]: `public` or `private`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Visibility {
    pub visibility: String,
}

/// Which rooms [`published`] answers with.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ListPublished {
    /// Where to begin, as an earlier answer says; at the largest room if not given.
    pub since: Option<String>,
    /// How many to answer with at most: 1 to 100, more than which Synapse never gives.
    pub limit: u64,
    /// A part of the name, the topic or the canonical alias, in any case; `%` and `_` are
    /// wildcards.
    pub search: Option<String>,
    /// Whose directory; this server's if not given.
    pub server: Option<ServerName>,
}

/// `POST /_matrix/client/v3/publicRooms`: one page of the rooms in the directory of this server,
/// the largest first, or of another, which this one asks: then 502 if it does not answer, 403
/// if this one does not talk to it. Changes nothing.
pub fn published(query: &ListPublished) -> Request<PublishedPage> {
    #[derive(Serialize)]
    struct Body<'a> {
        limit: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        since: Option<&'a str>,
        #[serde(skip_serializing_if = "Option::is_none")]
        filter: Option<Filter<'a>>,
    }
    #[derive(Serialize)]
    struct Filter<'a> {
        generic_search_term: &'a str,
    }
    let search = query.search.as_deref().filter(|term| !term.is_empty());
    Request::post("/_matrix/client/v3/publicRooms")
        .json(&Body {
            limit: query.limit.clamp(1, 100),
            since: query.since.as_deref(),
            filter: search.map(|term| Filter {
                generic_search_term: term,
            }),
        })
        .query_some("server", query.server.as_ref())
        .idempotent()
}

/// One page of [`published`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct PublishedPage {
    #[serde(deserialize_with = "or_default")]
    pub chunk: Vec<Published>,
    /// Where the next page begins; `None` on the last.
    #[serde(default)]
    pub next_batch: Option<String>,
    /// How many there are on all pages, more or less.
    #[serde(default, deserialize_with = "count")]
    pub total_room_count_estimate: Option<u64>,
}

/// A room in the directory.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Published {
    pub room_id: RoomId,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub topic: Option<String>,
    #[serde(default)]
    pub canonical_alias: Option<String>,
    /// An mxc URI, or whatever somebody wrote there.
    #[serde(default)]
    pub avatar_url: Option<String>,
    #[serde(default, deserialize_with = "count")]
    pub num_joined_members: Option<u64>,
    /// Everybody can read it without joining.
    #[serde(default, deserialize_with = "boolean")]
    pub world_readable: bool,
    #[serde(default, deserialize_with = "boolean")]
    pub guest_can_join: bool,
    /// `public` if there is none: servers before spec v1.4 leave it out.
    #[serde(default)]
    pub join_rule: Option<String>,
    /// `m.space`, or whatever its creator wrote.
    #[serde(default)]
    pub room_type: Option<String>,
}

impl Published {
    /// Whether it is a space.
    pub fn is_space(&self) -> bool {
        self.room_type.as_deref() == Some("m.space")
    }

    /// Who may join.
    pub fn rule(&self) -> &str {
        self.join_rule.as_deref().unwrap_or("public")
    }

    /// What people call it: its name, its alias, or its ID.
    pub fn title(&self) -> &str {
        let texts = [&self.name, &self.canonical_alias];
        let mut texts = texts.into_iter().flatten().map(|text| text.trim());
        texts
            .find(|text| !text.is_empty())
            .unwrap_or(self.room_id.as_str())
    }
}

/// `GET /_matrix/client/v3/rooms/{room_id}/aliases`: the local addresses of a room; an
/// administrator of the server need not be in it.
pub fn aliases(room: &RoomId) -> Request<Aliases> {
    Request::get(path(&[
        "/_matrix/client/v3/rooms",
        room.as_str(),
        "aliases",
    ]))
}

/// The answer of [`aliases`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Aliases {
    #[serde(default, deserialize_with = "or_default")]
    pub aliases: Vec<String>,
}

fn alias_path(alias: &RoomAlias) -> String {
    path(&["/_matrix/client/v3/directory/room", alias.as_str()])
}

/// `PUT /_matrix/client/v3/directory/room/{room_alias}`: makes a local address lead to the room.
/// 409 `M_UNKNOWN` if it leads somewhere already.
pub fn add_alias(alias: &RoomAlias, room: &RoomId) -> Request<serde_json::Value> {
    #[derive(Serialize)]
    struct Body<'a> {
        room_id: &'a RoomId,
    }
    Request::put(alias_path(alias), &Body { room_id: room })
}

/// `DELETE /_matrix/client/v3/directory/room/{room_alias}`: the address leads nowhere any more.
/// 404 `M_NOT_FOUND` if it never did; 400 `M_EXCLUSIVE` for those of application services.
pub fn remove_alias(alias: &RoomAlias) -> Request<serde_json::Value> {
    Request::delete(alias_path(alias))
}
