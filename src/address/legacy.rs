//! Addresses of synapse-admin and Ketesa, which people have in their bookmarks, notes and
//! playbooks, as addresses of ours. Both panels are made with react-admin, whose lists and tabs
//! have addresses of their own kind.

use crate::address::route::Route;
use crate::api::encode::{decoded, encoded};
use crate::api::rooms;
use crate::api::users::order;
use crate::listing::query::SIZES;
use serde_json::Value;

/// Where an address of theirs leads here, with its query; `None` if it is one of ours already,
/// or of nobody's.
///
/// ```
/// use synapse_admin::address::legacy::moved;
/// assert_eq!(
///     moved("/users/%40jane%3Aexample.org/devices").as_deref(),
///     Some("/users/@jane:example.org?tab=devices")
/// );
/// assert_eq!(moved("/users/@jane:example.org"), None);
/// ```
pub fn moved(route: &str) -> Option<String> {
    let (path, query) = route.split_once('?').unwrap_or((route, ""));
    let segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    match segments.as_slice() {
        // What others call the first page.
        ["dashboard", ..] => Some(Route::Dashboard.to_string()),
        ["users"] => users_query(query),
        ["users", "create"] => Some("/create_user".to_owned()),
        ["users", id @ .., last] if !id.is_empty() => Some(user(id, last)),
        ["rooms"] => rooms_query(query),
        ["rooms", id @ .., last] if !id.is_empty() => Some(room(id, last)),
        ["room_directory"] => directory_query(query),
        ["room_directory", id @ .., last] if !id.is_empty() => Some(room(id, last)),
        ["room_directory", id] if !is_verb(id) => Some(room_at(decoded(id), "")),
        ["registration_tokens" | "mas_registration_tokens", token, ..] if !is_verb(token) => {
            Some(Route::RegistrationTokens.at(&format!("q={}", encoded(&decoded(token)))))
        }
        ["registration_tokens", _, ..] | ["mas_registration_tokens", ..] => {
            Some(Route::RegistrationTokens.to_string())
        }
        ["destinations", name, _, ..] => Some(
            Route::Destination {
                name: decoded(name),
            }
            .to_string(),
        ),
        ["database_room_statistics", ..] => {
            Some(Route::Rooms.at("largest=true&sort=database_bytes&dir=desc"))
        }
        ["room_media_statistics", ..] => Some(Route::Media.tab("rooms")),
        ["scheduled_tasks", ..] => Some(Route::Tasks.to_string()),
        ["user_reports"] => Some(Route::Reports.tab("users")),
        ["reports", id, _, ..] => Some(Route::EventReport { id: decoded(id) }.to_string()),
        ["user_reports", id, _, ..] => Some(Route::UserReport { id: decoded(id) }.to_string()),
        ["user_media_statistics", ..] => Some("/media?tab=users".to_owned()),
        [theirs, ..] => at_mas(theirs),
        [] => None,
    }
}

/// What Ketesa has for Matrix Authentication Service. What one thing's page is about is an ID of MAS'
/// own, which our lists do not search for.
fn at_mas(theirs: &str) -> Option<String> {
    let authentication = |query: &str| Some(Route::Authentication.at(query));
    match theirs {
        "mas_users" | "mas_user_emails" => Some(Route::Users.to_string()),
        "mas_user_sessions" => authentication("tab=sessions&kind=browser"),
        "mas_compat_sessions" => authentication("tab=sessions&kind=login"),
        "mas_oauth2_sessions" => authentication("tab=sessions&kind=app"),
        "mas_personal_sessions" => authentication("tab=personal"),
        "mas_upstream_oauth_links" | "mas_upstream_oauth_providers" => {
            authentication("tab=providers")
        }
        "mas_policy_data" => authentication("tab=policy"),
        _ => None,
    }
}

/// `/users/<id>/<tab>`: react-admin's tabs are parts of the path. A user ID may have slashes,
/// which some who wrote the address have not encoded.
fn user(id: &[&str], last: &str) -> String {
    let whole = |parts: &[&str]| decoded(&parts.join("/"));
    let with_last: Vec<&str> = id.iter().copied().chain([last]).collect();
    let id = if whole(id).contains(':') {
        id
    } else {
        return user_at(whole(&with_last), "");
    };
    // "show" and "edit" stand before the tab, if there are both.
    let id = match id {
        [id @ .., "show" | "edit"] if !id.is_empty() => id,
        id => id,
    };
    user_at(whole(id), tab(last))
}

/// `/rooms/<id>/show/<tab>`. IDs of new rooms have no server name, so it is the tabs that are
/// known.
fn room(id: &[&str], last: &str) -> String {
    let whole = |parts: &[&str]| decoded(&parts.join("/"));
    let Some(tab) = room_tab(last) else {
        let all: Vec<&str> = id.iter().copied().chain([last]).collect();
        return room_at(whole(&all), "");
    };
    let id = match id {
        [id @ .., "show" | "edit"] if !id.is_empty() => id,
        id => id,
    };
    room_at(whole(id), tab)
}

/// What stands in an address of theirs in the place of a thing or behind it.
fn is_verb(segment: &str) -> bool {
    matches!(segment, "create" | "show" | "edit")
}

/// A tab of our page of an account.
fn user_at(id: String, tab: &str) -> String {
    Route::User { id }.tab(tab)
}

/// A tab of our page of a room.
fn room_at(id: String, tab: &str) -> String {
    Route::Room { id }.tab(tab)
}

/// Our tab for one of theirs; `None` if it is none.
fn room_tab(theirs: &str) -> Option<&'static str> {
    Some(match theirs {
        "show" | "edit" | "basic" | "detail" | "details" => "",
        "members" => "members",
        "messages" => "messages",
        "state" => "state",
        "media" => "media",
        "hierarchy" => "hierarchy",
        "permission" | "permissions" => "permissions",
        "forward_extremities" | "forward-extremities" => "forward_extremities",
        number if number.len() < 3 && number.bytes().all(|b| b.is_ascii_digit()) => "",
        _ => return None,
    })
}

/// Our tab for one of theirs: by the name that Ketesa gives it, or by its number, as in
/// synapse-admin. Contact addresses and identities are in our first.
fn tab(theirs: &str) -> &'static str {
    match theirs {
        "devices" | "sessions" | "3" => "devices",
        "connections" | "4" => "connections",
        "media" | "5" => "media",
        "rooms" | "memberships" | "6" => "rooms",
        "pushers" | "7" => "pushers",
        "experimental" | "limits" | "8" | "9" => "limits",
        "accountdata" | "account_data" | "10" => "account_data",
        _ => "",
    }
}

/// The query of react-admin's list of users in our words.
fn users_query(query: &str) -> Option<String> {
    let sorts = |sort: &str| match sort {
        "id" | "name" => Some(order::NAME),
        "displayname" => Some(order::DISPLAY_NAME),
        "is_guest" => Some(order::GUEST),
        "admin" => Some(order::ADMIN),
        "user_type" => Some(order::USER_TYPE),
        "deactivated" => Some(order::DEACTIVATED),
        "shadow_banned" => Some(order::SHADOW_BANNED),
        "locked" => Some(order::LOCKED),
        "creation_ts" | "creation_ts_ms" => Some(order::CREATED),
        "last_seen_ts" => Some(order::LAST_SEEN),
        _ => None,
    };
    list_query("/users", query, sorts, users_filter)
}

/// The filters of another panel's list of rooms, in the words of ours.
fn rooms_query(query: &str) -> Option<String> {
    let sorts = |sort: &str| match sort {
        "id" | "name" => Some(rooms::order::NAME),
        "canonical_alias" => Some(rooms::order::ALIAS),
        "joined_members" => Some(rooms::order::MEMBERS),
        "joined_local_members" => Some(rooms::order::LOCAL_MEMBERS),
        "state_events" => Some(rooms::order::STATE_EVENTS),
        "version" => Some(rooms::order::VERSION),
        "is_encrypted" | "encryption" => Some(rooms::order::ENCRYPTION),
        "federatable" => Some(rooms::order::FEDERATABLE),
        "public" => Some(rooms::order::PUBLIC),
        "creator" => Some(rooms::order::CREATOR),
        _ => None,
    };
    list_query("/rooms", query, sorts, |filter| {
        let term = filter.get("search_term").and_then(Value::as_str);
        let term = term.filter(|term| !term.is_empty());
        let mut out: Vec<(&'static str, String)> = Vec::new();
        out.extend(term.map(|term| ("q", term.to_owned())));
        for name in ["public_rooms", "empty_rooms"] {
            out.extend(boolean(filter, name).map(|value| (name, value.to_string())));
        }
        out
    })
}

/// The order of another panel's room directory, in the words of ours.
fn directory_query(query: &str) -> Option<String> {
    let sorts = |sort: &str| match sort {
        "id" | "name" => Some(rooms::order::NAME),
        "canonical_alias" => Some(rooms::order::ALIAS),
        "num_joined_members" => Some(rooms::order::MEMBERS),
        "topic" => Some("topic"),
        _ => None,
    };
    list_query("/room_directory", query, sorts, |_| Vec::new())
}

/// The query of a list of react-admin in our words: what is on, by what name, is in `filter`, as
/// JSON.
fn list_query(
    list: &str,
    query: &str,
    sorts: impl Fn(&str) -> Option<&'static str>,
    filters: impl Fn(&Value) -> Vec<(&'static str, String)>,
) -> Option<String> {
    let parameters: Vec<(String, String)> = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(&value.replace('+', " "))))
        .collect();
    let get = |name: &str| {
        let found = parameters.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    };
    get("filter").or(get("perPage")).or(get("order"))?;
    let mut out: Vec<(&str, String)> = Vec::new();
    if let Some(page) = get("page").filter(|page| page.bytes().all(|b| b.is_ascii_digit())) {
        out.push(("page", page.to_owned()));
    }
    if let Some(size) = get("perPage").filter(|size| SIZES.iter().any(|s| s.to_string() == **size))
    {
        out.push(("size", size.to_owned()));
    }
    if let Some(sort) = get("sort").and_then(sorts) {
        let descending = get("order") == Some("DESC");
        out.push(("sort", sort.to_owned()));
        out.push(("dir", if descending { "desc" } else { "asc" }.to_owned()));
    }
    let filter: Value = get("filter")
        .and_then(|filter| serde_json::from_str(filter).ok())
        .unwrap_or_default();
    out.extend(filters(&filter));
    let query: Vec<String> = out
        .into_iter()
        .map(|(name, value)| format!("{name}={}", encoded(&value)))
        .collect();
    Some(match query.as_slice() {
        [] => list.to_owned(),
        query => format!("{list}?{}", query.join("&")),
    })
}

fn users_filter(filter: &Value) -> Vec<(&'static str, String)> {
    let text = |name: &str| filter.get(name)?.as_str().filter(|text| !text.is_empty());
    // Older versions meant "as well" by true, which is no filter, and had it on for guests from
    // the start. Newer ones mean "only".
    let as_well = boolean(filter, "guests") == Some(true);
    let mut out = Vec::new();
    if let Some(term) = text("name").or(text("user_id")) {
        out.push(("q", term.to_owned()));
    }
    for (theirs, ours) in [
        ("admin", "admins"),
        ("admins", "admins"),
        ("deactivated", "deactivated"),
        ("locked", "locked"),
        ("guests", "guests"),
        ("shadow_banned", "shadow_banned"),
        ("system_users", "system"),
    ] {
        match boolean(filter, theirs) {
            Some(true) if as_well && theirs != "admin" => (),
            Some(value) => out.push((ours, value.to_string())),
            None => (),
        }
    }
    out
}

fn boolean(filter: &Value, name: &str) -> Option<bool> {
    match filter.get(name)? {
        Value::Bool(value) => Some(*value),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::{Defaults, ListQuery};
    use proptest::prelude::*;

    const JANE: &str = "/users/@jane:example.org";

    #[test]
    fn what_is_ours_stays() {
        for route in [
            "/",
            "/users",
            "/users?q=jane&page=2&size=50&sort=name&dir=desc&admins=true",
            "/users/@jane:example.org",
            "/users/%40jane%3Aexample.org?tab=media&page=2",
            "/import_users",
            "/media?sort=media_length",
            "/media/example.org/abc",
            "/activity",
            "/rooms?q=garden&size=50",
            "/rooms/!a:b.org?tab=members",
            "/rooms/!hash",
            "/nothing/at/all",
        ] {
            assert_eq!(moved(route), None, "{route}");
        }
    }

    #[test]
    fn tabs_of_a_user() {
        for (theirs, ours) in [
            ("show", ""),
            ("edit", ""),
            ("0", ""),
            ("threepid", ""),
            ("1", ""),
            ("sso", ""),
            ("devices", "?tab=devices"),
            ("3", "?tab=devices"),
            ("connections", "?tab=connections"),
            ("media", "?tab=media"),
            ("rooms", "?tab=rooms"),
            ("memberships", "?tab=rooms"),
            ("pushers", "?tab=pushers"),
            ("experimental", "?tab=limits"),
            ("limits", "?tab=limits"),
            ("accountdata", "?tab=account_data"),
            ("show/devices", "?tab=devices"),
            ("whatever", ""),
        ] {
            let expected = format!("{JANE}{ours}");
            for id in ["%40jane%3Aexample.org", "@jane:example.org"] {
                let route = format!("/users/{id}/{theirs}");
                assert_eq!(moved(&route), Some(expected.clone()), "{route}");
            }
        }
        assert_eq!(
            moved("/users/%40a%2Fb%3Ac.org/media").as_deref(),
            Some("/users/@a%2Fb:c.org?tab=media")
        );
        assert_eq!(
            moved("/users/@a/b:c.org").as_deref(),
            Some("/users/@a%2Fb:c.org")
        );
        assert_eq!(
            moved("/users/@a/b:c.org/5").as_deref(),
            Some("/users/@a%2Fb:c.org?tab=media")
        );
    }

    #[test]
    fn pages_with_other_names() {
        assert_eq!(moved("/users/create").as_deref(), Some("/create_user"));
        let statistics = "/user_media_statistics?filter=%7B%7D&order=DESC&page=1&perPage=50";
        assert_eq!(moved(statistics).as_deref(), Some("/media?tab=users"));
    }

    fn translated(query: &str) -> ListQuery {
        let route = moved(&format!("/users?{query}")).expect("it is theirs");
        let ours = route.split_once('?').map_or("", |(_, query)| query);
        ListQuery::parse(ours, &Defaults::default())
    }

    #[test]
    fn lists_of_users() {
        let query = translated(
            "displayedFilters=%7B%7D&filter=%7B%22name%22%3A%22jane%20doe%22%2C%22deactivated%22%3Atrue%2C%22locked%22%3Afalse%2C%22system_users%22%3Afalse%7D&order=DESC&page=3&perPage=100&sort=creation_ts_ms",
        );
        assert_eq!((query.page, query.size), (3, 100));
        assert_eq!(
            (query.sort.as_str(), query.descending),
            (order::CREATED, true)
        );
        assert_eq!(query.search, "jane doe");
        assert_eq!(query.boolean("deactivated"), Some(true));
        assert_eq!(query.boolean("locked"), Some(false));
        assert_eq!(query.boolean("system"), Some(false));
        assert_eq!(query.get("filter"), None);

        // What synapse-admin had on from the start: all that are not deactivated.
        let query = translated(
            "filter=%7B%22guests%22%3Atrue%2C%22deactivated%22%3Afalse%7D&order=ASC&page=1&perPage=10&sort=name",
        );
        assert_eq!(query.boolean("guests"), None);
        assert_eq!(query.boolean("deactivated"), Some(false));
        let query = translated("filter=%7B%22guests%22%3Atrue%2C%22deactivated%22%3Atrue%7D");
        assert_eq!(query.parameters, []);
        let query = translated("filter=%7B%22guests%22%3Afalse%7D");
        assert_eq!(query.boolean("guests"), Some(false));
        // What we do not know is left out.
        let query = translated("filter=nonsense&order=ASC&page=x&perPage=7&sort=avatar_url");
        assert_eq!(query, ListQuery::new(&Defaults::default()));
        assert_eq!(moved("/users?filter=%7B%7D").as_deref(), Some("/users"));
    }

    #[test]
    fn rooms_and_their_tabs() {
        for (theirs, ours) in [
            ("/rooms/%21a%3Ab.org/show", "/rooms/!a:b.org"),
            (
                "/rooms/!a:b.org/show/members",
                "/rooms/!a:b.org?tab=members",
            ),
            (
                "/rooms/!hash/show/permission",
                "/rooms/!hash?tab=permissions",
            ),
            ("/rooms/!hash/show/1", "/rooms/!hash"),
            ("/rooms/!a/b:c.org", "/rooms/!a%2Fb:c.org"),
            (
                "/rooms/!a:b.org/show/forward_extremities",
                "/rooms/!a:b.org?tab=forward_extremities",
            ),
            (
                "/room_directory?filter=%7B%7D&order=DESC&page=1&perPage=100&sort=num_joined_members",
                "/room_directory?page=1&size=100&sort=joined_members&dir=desc",
            ),
            ("/room_directory/!a:b.org/show", "/rooms/!a:b.org"),
            (
                "/rooms?filter=%7B%22search_term%22%3A%22a%20b%22%2C%22empty_rooms%22%3Atrue%7D&order=DESC&page=2&perPage=50&sort=joined_members",
                "/rooms?page=2&size=50&sort=joined_members&dir=desc&q=a%20b&empty_rooms=true",
            ),
        ] {
            assert_eq!(moved(theirs).as_deref(), Some(ours), "{theirs}");
        }
    }

    #[test]
    fn destinations() {
        for theirs in ["/destinations/m.org/show", "/destinations/m.org/show/rooms"] {
            assert_eq!(moved(theirs).as_deref(), Some("/destinations/m.org"));
        }
        assert_eq!(moved("/destinations"), None);
        assert_eq!(moved("/destinations/m.org"), None);
    }

    #[test]
    fn registration_tokens_of_either_kind() {
        let tokens = "/registration_tokens";
        for (theirs, ours) in [
            ("/registration_tokens/abc", "/registration_tokens?q=abc"),
            (
                "/registration_tokens/a%7Eb/show",
                "/registration_tokens?q=a~b",
            ),
            ("/registration_tokens/create", tokens),
            ("/mas_registration_tokens", tokens),
            ("/mas_registration_tokens/create", tokens),
        ] {
            assert_eq!(moved(theirs).as_deref(), Some(ours), "{theirs}");
        }
        assert_eq!(moved(tokens), None);
    }

    #[test]
    fn what_matrix_authentication_service_keeps() {
        for (theirs, ours) in [
            ("/mas_users", "/users"),
            ("/mas_users/01JABCDEFGHJKMNPQRSTVWXYZ0/show", "/users"),
            (
                "/mas_oauth2_sessions?order=DESC",
                "/authentication?tab=sessions&kind=app",
            ),
            (
                "/mas_compat_sessions",
                "/authentication?tab=sessions&kind=login",
            ),
            (
                "/mas_user_sessions",
                "/authentication?tab=sessions&kind=browser",
            ),
            ("/mas_personal_sessions", "/authentication?tab=personal"),
            (
                "/mas_upstream_oauth_providers",
                "/authentication?tab=providers",
            ),
            ("/mas_policy_data", "/authentication?tab=policy"),
        ] {
            assert_eq!(moved(theirs).as_deref(), Some(ours), "{theirs}");
        }
        assert_eq!(moved("/authentication?tab=policy"), None);
        assert_eq!(moved("/mas_unheard_of"), None);
    }

    #[test]
    fn parts_that_are_elsewhere_here() {
        for (theirs, ours) in [
            ("/dashboard", "/"),
            (
                "/database_room_statistics?order=DESC",
                "/rooms?largest=true&sort=database_bytes&dir=desc",
            ),
            ("/room_media_statistics", "/media?tab=rooms"),
            ("/scheduled_tasks", "/tasks"),
            ("/reports/7/show", "/reports/7"),
            ("/user_reports", "/reports?tab=users"),
            ("/user_reports/7/show", "/user_reports/7"),
        ] {
            assert_eq!(moved(theirs).as_deref(), Some(ours), "{theirs}");
        }
        for ours in ["/reports", "/reports/7", "/user_reports/7", "/tasks"] {
            assert_eq!(moved(ours), None, "{ours}");
        }
    }

    proptest! {
        #[test]
        fn any_address_can_be_read(route in "(/(users|rooms|create|show|1|@a:b|%40a%3Ab|\\PC{0,5})){0,5}(\\?\\PC{0,40})?") {
            // Whoever has been led on is not led on again.
            if let Some(ours) = moved(&route) {
                prop_assert_eq!(moved(&ours), None, "{}", ours);
            }
        }
    }
}
