//! What a change of ours may have changed: which rows of a kept list are asked for anew.

use crate::api::encode::decoded;
use crate::api::request::Body;
use crate::api::{Call, Method};
use std::collections::HashMap;

/// The accounts or the rooms that something touches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Touched {
    None,
    These(Vec<String>),
    /// Which ones, the call does not say.
    Any,
}

impl Touched {
    /// Whether this one is known to be among them.
    pub fn names(&self, id: &str) -> bool {
        matches!(self, Touched::These(ids) if ids.iter().any(|other| other == id))
    }
}

fn one(id: &str) -> Touched {
    Touched::These(vec![id.to_owned()])
}

/// The other server whose connection a call resets.
fn server_of(call: &Call) -> Touched {
    let name = call
        .path
        .strip_prefix("/_synapse/admin/v1/federation/destinations/")
        .and_then(|rest| rest.strip_suffix("/reset_connection"));
    name.map_or(Touched::None, |name| one(&decoded(name)))
}

/// The accounts and the rooms that a call touches in the lists of the server. What is not known
/// here may touch all.
pub fn touched_by(call: &Call) -> (Touched, Touched) {
    let segments: Vec<String> = call.path.split('/').skip(1).map(decoded).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let body: serde_json::Value = match &call.body {
        Body::Json(json) => serde_json::from_str(json).unwrap_or_default(),
        _ => serde_json::Value::Null,
    };
    if call.method == Method::Get {
        return (Touched::None, Touched::None);
    }
    if let Some((_, below)) = call.path.split_once("/api/admin/v1/") {
        return at_mas(&below.split('/').collect::<Vec<_>>());
    }
    match &segments[..] {
        ["_synapse", "admin", _version, rest @ ..] => match rest {
            // Whoever is deactivated leaves their rooms.
            ["deactivate", user] => (one(user), Touched::Any),
            ["users", user] if body["deactivated"] == true => (one(user), Touched::Any),
            // Redactions are events, in whatever rooms.
            ["user", user, "redact"] => (one(user), Touched::Any),
            [
                "users" | "user" | "suspend" | "reset_password" | "experimental_features",
                user,
                ..,
            ] => (one(user), Touched::None),
            // A new room takes its place.
            ["rooms", _room] if !body["new_room_user_id"].is_null() => {
                (Touched::None, Touched::Any)
            }
            ["rooms" | "room" | "join" | "purge_history", room, ..] if room.starts_with('!') => {
                (Touched::None, one(room))
            }
            [
                "media"
                | "purge_media_cache"
                | "registration_tokens"
                | "account_validity"
                | "federation"
                | "event_reports"
                | "user_reports"
                | "background_updates",
                ..,
            ] => (Touched::None, Touched::None),
            // It makes a room for whoever has had none.
            ["send_server_notice", ..] => (Touched::None, Touched::Any),
            ["join", ..] => (Touched::None, Touched::Any),
            _ => (Touched::Any, Touched::Any),
        },
        ["_matrix", "client", _version, rest @ ..] => match rest {
            ["login" | "logout" | "refresh" | "user", ..] => (Touched::None, Touched::None),
            ["profile", user, ..] => (one(user), Touched::None),
            ["rooms", room, ..] => (Touched::None, one(room)),
            ["directory", "list", "room", room] => (Touched::None, one(room)),
            ["directory" | "createRoom", ..] => (Touched::None, Touched::Any),
            _ => (Touched::Any, Touched::Any),
        },
        ["_matrix", "media", ..] => (Touched::None, Touched::None),
        _ => (Touched::Any, Touched::Any),
    }
}

/// The same for what stands below Matrix Authentication Service's admin API. Whose account it is about, only who
/// has asked for its ID there knows: [`Log::note_about`].
fn at_mas(segments: &[&str]) -> (Touched, Touched) {
    match segments {
        ["user-registration-tokens" | "policy-data", ..] => (Touched::None, Touched::None),
        // Whoever is deactivated leaves their rooms.
        ["users", _id, "deactivate"] => (Touched::Any, Touched::Any),
        [
            "users"
            | "user-emails"
            | "user-sessions"
            | "compat-sessions"
            | "oauth2-sessions"
            | "personal-sessions"
            | "upstream-oauth-links",
            ..,
        ] => (Touched::Any, Touched::None),
        _ => (Touched::Any, Touched::Any),
    }
}

/// So many are told apart; after more all of them may have changed.
const TOLD_APART: usize = 20_000;

/// When which was touched last. Moments are counted, not timed.
#[derive(Default)]
struct Last {
    any: u64,
    each: HashMap<String, u64>,
}

impl Last {
    fn note(&mut self, touched: Touched, moment: u64) {
        match touched {
            Touched::None => {}
            Touched::These(ids) => self.each.extend(ids.into_iter().map(|id| (id, moment))),
            Touched::Any => self.any = moment,
        }
        if self.each.len() > TOLD_APART {
            self.any = moment;
        }
        if self.any == moment {
            self.each.clear();
        }
    }

    fn since(&self, moment: u64) -> Touched {
        if self.any > moment {
            return Touched::Any;
        }
        let later = self.each.iter().filter(|(_, last)| **last > moment);
        let mut ids: Vec<String> = later.map(|(id, _)| id.clone()).collect();
        if ids.is_empty() {
            return Touched::None;
        }
        ids.sort();
        Touched::These(ids)
    }
}

/// What the changes of this session have touched.
#[derive(Default)]
pub struct Log {
    moment: u64,
    users: Last,
    rooms: Last,
    servers: Last,
}

impl Log {
    /// The present moment, for [`Log::users_since`] and its like.
    pub fn moment(&self) -> u64 {
        self.moment
    }

    /// A change has been sent, whatever came of it.
    pub fn note(&mut self, call: &Call) {
        self.note_touched(call, touched_by(call));
    }

    /// A change of this account has been sent, whose path does not say whom it is about.
    pub fn note_about(&mut self, call: &Call, user: &str) {
        let (users, rooms) = touched_by(call);
        let users = match users {
            Touched::Any => one(user),
            users => users,
        };
        self.note_touched(call, (users, rooms));
    }

    fn note_touched(&mut self, call: &Call, (users, rooms): (Touched, Touched)) {
        self.moment += 1;
        self.users.note(users, self.moment);
        self.rooms.note(rooms, self.moment);
        self.servers.note(server_of(call), self.moment);
    }

    /// What the server was at in the background, with this user or room, is over.
    pub fn note_end(&mut self, id: &str) {
        self.moment += 1;
        match id.as_bytes().first() {
            Some(b'!') => self.rooms.note(one(id), self.moment),
            Some(b'@') => {
                self.users.note(one(id), self.moment);
                self.rooms.note(Touched::Any, self.moment);
            }
            _ => {
                self.users.note(Touched::Any, self.moment);
                self.rooms.note(Touched::Any, self.moment);
            }
        }
    }

    /// It has come to light that it goes otherwise with another server.
    pub fn note_server(&mut self, name: &str) {
        self.moment += 1;
        self.servers.note(one(name), self.moment);
    }

    /// The accounts that have been touched after a moment.
    pub fn users_since(&self, moment: u64) -> Touched {
        self.since(&self.users, moment)
    }

    /// The other servers that have been touched after a moment.
    pub fn servers_since(&self, moment: u64) -> Touched {
        self.since(&self.servers, moment)
    }

    /// The rooms that have been touched after a moment.
    pub fn rooms_since(&self, moment: u64) -> Touched {
        self.since(&self.rooms, moment)
    }

    /// Asked for each cell of a list, so that it must cost nothing where nothing has been sent.
    fn since(&self, last: &Last, moment: u64) -> Touched {
        match moment == self.moment {
            true => Touched::None,
            false => last.since(moment),
        }
    }
}

/// A list in which some were asked for anew: `None` for what is not there any more. What was not
/// in it is added at its end. `keep` takes over from how one was what only the list tells.
pub fn patched<T: Clone>(
    items: &[T],
    mut fresh: HashMap<String, Option<T>>,
    key: fn(&T) -> &str,
    keep: fn(&T, &mut T),
) -> Vec<T> {
    let mut all = Vec::with_capacity(items.len() + fresh.len());
    for item in items {
        match fresh.remove(key(item)) {
            None => all.push(item.clone()),
            Some(None) => {}
            Some(Some(mut now)) => {
                keep(item, &mut now);
                all.push(now);
            }
        }
    }
    all.extend(fresh.into_values().flatten());
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::users::{self, UserChange};
    use crate::api::{RoomId, ServerName, UserId, devices, directory, login, mas, media, rooms};

    fn user(name: &str) -> UserId {
        UserId::parse(&format!("@{name}:b.org")).unwrap()
    }

    fn room() -> RoomId {
        RoomId::parse("!r/1:b.org").unwrap()
    }

    fn touches(call: &Call, expected_users: Touched, expected_rooms: Touched) {
        let found = touched_by(call);
        assert_eq!(found, (expected_users, expected_rooms), "{}", call.path);
    }

    #[test]
    fn a_server_is_touched_alone() {
        let mut log = Log::default();
        let name = ServerName::parse("b.org:8448").unwrap();
        log.note(&crate::api::federation::reset(&name).call);
        assert_eq!(log.servers_since(0), one("b.org:8448"));
        let moment = log.moment();
        assert_eq!(log.servers_since(moment), Touched::None);
        log.note_server("c.org");
        assert_eq!(log.servers_since(moment), one("c.org"));
        assert_eq!(log.users_since(0), Touched::None);
        assert_eq!(log.rooms_since(0), Touched::None);
    }

    #[test]
    fn each_change_touches_what_it_is_about() {
        let jane = user("jane");
        let her = || one("@jane:b.org");
        let change = UserChange::default();
        touches(&users::put(&jane, &change).call, her(), Touched::None);
        touches(&users::get(&jane).call, Touched::None, Touched::None);
        touches(&users::shadow_ban(&jane).call, her(), Touched::None);
        touches(
            &devices::delete_many(&jane, &["A".to_owned()]).call,
            her(),
            Touched::None,
        );
        let gone = UserChange {
            deactivated: Some(true),
            ..change
        };
        touches(&users::put(&jane, &gone).call, her(), Touched::Any);
        let its = || one("!r/1:b.org");
        touches(&rooms::block(&room(), true).call, Touched::None, its());
        touches(&rooms::leave(&room()).call, Touched::None, its());
        touches(
            &rooms::join(room().as_str(), &jane).call,
            Touched::None,
            its(),
        );
        touches(
            &rooms::join("#a:b.org", &jane).call,
            Touched::None,
            Touched::Any,
        );
        touches(
            &directory::publish(&room(), true).call,
            Touched::None,
            its(),
        );
        let server = ServerName::parse("b.org").unwrap();
        let delete = media::delete(&server, "x").call;
        touches(&delete, Touched::None, Touched::None);
        touches(&login::logout().call, Touched::None, Touched::None);
    }

    #[test]
    fn at_mas_who_is_touched_is_known_by_whom_it_is_about() {
        let id = mas::Ulid::parse("01JSTANDN00000000000000001").unwrap();
        let base = "https://h.example/auth";
        let any = Touched::Any;
        let lock = mas::users::lock(base, &id).call;
        touches(&lock, any.clone(), Touched::None);
        let end = mas::users::deactivate(base, &id, false).call;
        touches(&end, any.clone(), any.clone());
        let end = mas::sessions::finish_oauth2(base, &id).call;
        touches(&end, any, Touched::None);
        let revoke = mas::tokens::revoke(base, &id).call;
        touches(&revoke, Touched::None, Touched::None);
        let look = mas::users::by_username(base, "jane").call;
        touches(&look, Touched::None, Touched::None);
        let mut log = Log::default();
        log.note_about(&lock, "@jane:b.org");
        log.note_about(&look, "@joe:b.org");
        log.note_about(&revoke, "@joe:b.org");
        assert_eq!(log.users_since(0), one("@jane:b.org"));
    }

    #[test]
    fn what_is_not_known_may_touch_all() {
        let mut call = users::put(&user("jane"), &UserChange::default()).call;
        call.path = "/_synapse/admin/v9/rearrange".to_owned();
        touches(&call, Touched::Any, Touched::Any);
    }

    #[test]
    fn only_what_came_later_counts() {
        let mut log = Log::default();
        let put = |name| users::put(&user(name), &UserChange::default()).call;
        log.note(&put("a"));
        let moment = log.moment();
        assert_eq!(log.users_since(moment), Touched::None);
        log.note(&put("b"));
        log.note(&put("b"));
        assert_eq!(log.users_since(moment), one("@b:b.org"));
        let later = log.users_since(moment);
        assert!(later.names("@b:b.org") && !later.names("@a:b.org"));
        assert_eq!(log.rooms_since(moment), Touched::None);
        log.note_end("!r:b.org");
        assert_eq!(log.rooms_since(moment), one("!r:b.org"));
        log.note(&users::deactivate(&user("c"), false).call);
        assert_eq!(log.rooms_since(moment), Touched::Any);
        assert_eq!(log.rooms_since(log.moment()), Touched::None);
        assert_eq!(
            log.users_since(0),
            Touched::These(
                ["@a:b.org", "@b:b.org", "@c:b.org"]
                    .map(str::to_owned)
                    .to_vec()
            )
        );
    }

    #[test]
    fn a_list_with_some_asked_for_anew() {
        // A name, what only the list tells, and what changes.
        type Item = (&'static str, u8, u8);
        let items: [Item; 4] = [("a", 1, 0), ("b", 2, 0), ("c", 3, 0), ("d", 4, 0)];
        let fresh = [
            ("b", Some(("b", 0, 9))),
            ("c", None),
            ("x", None),
            ("e", Some(("e", 0, 9))),
        ];
        let fresh = fresh.map(|(name, item)| (name.to_owned(), item)).into();
        let all = patched(
            &items,
            fresh,
            |item: &Item| item.0,
            |before, now| now.1 = before.1,
        );
        assert_eq!(all, [("a", 1, 0), ("b", 2, 9), ("d", 4, 0), ("e", 0, 9)]);
    }

    #[test]
    fn too_many_are_all() {
        let mut log = Log::default();
        for number in 0..=TOLD_APART {
            log.note(&users::put(&user(&format!("u{number}")), &UserChange::default()).call);
        }
        assert_eq!(log.users_since(0), Touched::Any);
        assert_eq!(log.users_since(log.moment()), Touched::None);
    }
}
