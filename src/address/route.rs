//! The addresses of our pages: what stands behind the `#`.
//!
//! One row per page. From it come the [`Route`] with its parsing and writing, the navigation, the
//! palette and the list of pages that the journeys walk; what a page shows is in `app::pages`,
//! where the compiler demands an arm for every row. Links are made from routes and from nothing
//! else.

use crate::api::encode::{decoded, encoded};
use crate::api::server::Capabilities;
use crate::api::{EventId, MxcUri, RoomId, UserId};
use crate::i18n::{Words, t};
use std::fmt;

/// Where a page is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// In the navigation among what tells how it goes, and in the palette.
    Overview,
    /// In the navigation among what there is on the server, and in the palette.
    Navigation,
    /// In the navigation among what the server does, and in the palette.
    Server,
    /// In the navigation among what is about the panel itself, and in the palette.
    Panel,
    /// In the palette.
    Palette,
    /// Nowhere: it is about one thing, and reached from there.
    Nowhere,
}

/// The groups of the navigation, each with what it is called.
pub const GROUPS: [(Offered, Words); 4] = [
    (Offered::Overview, t::nav_group_overview),
    (Offered::Navigation, t::nav_group_subjects),
    (Offered::Server, t::nav_group_server),
    (Offered::Panel, t::nav_group_panel),
];

impl Offered {
    /// Whether it stands in the navigation.
    pub fn is_in_navigation(self) -> bool {
        !matches!(self, Offered::Palette | Offered::Nowhere)
    }
}

/// A page, without the thing that it is about.
#[derive(Clone, Copy)]
pub struct RoutePage {
    /// As [`Route`] names it.
    pub name: &'static str,
    /// Where it is; of one that is about one thing, what the address begins with.
    pub path: &'static str,
    /// How many segments name the thing that it is about.
    pub about: usize,
    /// What it is called; of one that is about one thing, what the list of such things is called.
    pub title: Words,
    pub icon: &'static str,
    pub offered: Offered,
}

impl RoutePage {
    /// Whether a server has what the page is about.
    pub fn is_of(&self, server: &Capabilities) -> bool {
        server.delegated_auth || self.name != "Authentication"
    }
}

/// `Name { what, it, is, about }: "segment", title, icon, offered;`
macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident $({ $($part:ident),+ })?: $segment:literal, $title:path, $icon:literal, $offered:ident;)*) => {
        /// A page, with the thing that it is about.
        ///
        /// ```
        /// use synapse_admin::address::route::Route;
        /// let jane = Route::User { id: "@jane:example.org".into() };
        /// assert_eq!(jane.tab("devices"), "/users/@jane:example.org?tab=devices");
        /// assert_eq!(Route::parse("/users/%40jane%3Aexample.org?tab=devices"), jane);
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Route {
            $($(#[$doc])* $name $({ $($part: String),+ })?,)*
            /// No page of ours: the path.
            Unknown(String),
        }

        /// The pages, in the order of the navigation.
        pub const PAGES: &[RoutePage] = &[$(RoutePage {
            name: stringify!($name),
            path: concat!("/", $segment),
            about: 0 $($(+ { let _ = stringify!($part); 1 })+)?,
            title: $title,
            icon: $icon,
            offered: Offered::$offered,
        },)*];

        impl Route {
            /// The page at an address, whose query does not matter. What it is about is taken as it
            /// stands there, percent-decoded; whether that is an identifier is for the page to say.
            pub fn parse(address: &str) -> Route {
                let path = address.split('?').next().unwrap_or_default();
                let parts: Vec<String> =
                    path.split('/').filter(|part| !part.is_empty()).map(decoded).collect();
                let first = parts.first().map(String::as_str).unwrap_or_default();
                let about = parts.len().saturating_sub(1);
                $(if first == $segment && about == 0 $($(+ { let _ = stringify!($part); 1 })+)? {
                    #[allow(unused_mut, unused_variables)]
                    let mut parts = parts.into_iter().skip(1);
                    return Route::$name $({ $($part: parts.next().unwrap_or_default()),+ })?;
                })*
                Route::Unknown(path.to_owned())
            }

            /// What the page is called; of one that is about one thing, what the list of such
            /// things is called.
            pub fn title(&self) -> Words {
                match self {
                    $(Route::$name $({ $($part: _),+ })? => $title,)*
                    Route::Unknown(_) => t::not_found_title,
                }
            }
        }

        impl fmt::Display for Route {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Route::$name $({ $($part),+ })? => {
                        f.write_str(concat!("/", $segment))?;
                        $($(f.write_str("/")?; f.write_str(&legible($part))?;)+)?
                    })*
                    Route::Unknown(path) => f.write_str(path)?,
                }
                Ok(())
            }
        }
    };
}

/// The address of the first page.
pub const HOME: &str = "/";

/// Whether an address leads to the first page: because it says nothing else, or only that somebody
/// signs in. For what is downloaded before the log-in form works, and does without the table.
pub fn leads_home(address: &str) -> bool {
    let path = address.split('?').next().unwrap_or_default();
    matches!(path.trim_matches('/'), "" | "login")
}

pages! {
    /// How it goes, all at a glance: the first page.
    Dashboard: "", t::nav_dashboard, "home", Overview;
    /// The list of users.
    Users: "users", t::nav_users, "users", Navigation;
    /// One account.
    User { id }: "users", t::nav_users, "user", Nowhere;
    /// A new account.
    CreateUser: "create_user", t::palette_create_user, "user-plus", Palette;
    /// The CSV import.
    ImportUsers: "import_users", t::users_import, "upload", Palette;
    /// The list of rooms.
    Rooms: "rooms", t::nav_rooms, "rooms", Navigation;
    /// One room.
    Room { id }: "rooms", t::nav_rooms, "rooms", Nowhere;
    /// One event.
    Event { id }: "events", t::ev_title, "hash", Nowhere;
    /// The media repository.
    Media: "media", t::nav_media, "media", Navigation;
    /// One file.
    File { server, media_id }: "media", t::file_title, "media", Nowhere;
    /// Accounts, uploads and rooms, counted.
    Statistics: "statistics", t::nav_statistics, "chart", Overview;
    /// What people have reported.
    Reports: "reports", t::nav_reports, "flag", Overview;
    /// One report of an event.
    EventReport { id }: "reports", t::nav_reports, "flag", Nowhere;
    /// One report of a user.
    UserReport { id }: "user_reports", t::nav_reports, "flag", Nowhere;
    /// Other servers, and how it goes with them.
    Federation: "destinations", t::nav_federation, "globe", Server;
    /// One other server.
    Destination { name }: "destinations", t::nav_federation, "globe", Nowhere;
    /// The rooms that are shown to everybody who looks for rooms.
    RoomDirectory: "room_directory", t::nav_room_directory, "book", Navigation;
    /// All spaces as a tree.
    Spaces: "spaces", t::nav_spaces, "rooms", Palette;
    /// Rooms that are blocked by their IDs.
    BlockedRooms: "blocked_rooms", t::nav_blocked_rooms, "ban", Palette;
    /// Who may register with which token.
    RegistrationTokens: "registration_tokens", t::nav_registration_tokens, "key", Navigation;
    /// What the server does in the background.
    Tasks: "tasks", t::nav_tasks, "tasks", Server;
    /// Matrix Authentication Service, where that keeps the accounts.
    Authentication: "authentication", t::nav_authentication, "shield", Server;
    /// What has been changed in this session.
    Activity: "activity", t::nav_activity, "activity", Panel;
    /// What this browser and the homeserver keep for the administrator.
    Settings: "settings", t::nav_settings, "settings", Panel;
    /// The log-in page, which is there for those who are not signed in.
    Login: "login", t::app_name, "log-out", Nowhere;
}

/// An identifier as people write it in an address: only what would end the segment is encoded.
fn legible(id: &str) -> String {
    encoded(id)
        .replace("%40", "@")
        .replace("%21", "!")
        .replace("%3A", ":")
}

impl Route {
    /// The page of an account.
    pub fn user(user: &UserId) -> Route {
        Route::User {
            id: user.to_string(),
        }
    }

    /// The page of a room.
    pub fn room(room: &RoomId) -> Route {
        Route::Room {
            id: room.to_string(),
        }
    }

    /// The page of an event.
    pub fn event(event: &EventId) -> Route {
        Route::Event {
            id: event.to_string(),
        }
    }

    /// The page of a file.
    pub fn file(uri: &MxcUri) -> Route {
        Route::File {
            server: uri.server.to_string(),
            media_id: uri.media_id.clone(),
        }
    }

    /// The address with this query: `admins=true`.
    pub fn at(&self, query: &str) -> String {
        match query {
            "" => self.to_string(),
            query => format!("{self}?{query}"),
        }
    }

    /// The address of a tab; empty for the first.
    pub fn tab(&self, tab: &str) -> String {
        match tab {
            "" => self.to_string(),
            tab => format!("{self}?tab={tab}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Every route there is, about this.
    fn all(thing: &str, other: &str) -> Vec<Route> {
        let thing = || thing.to_owned();
        PAGES
            .iter()
            .map(|page| match page.about {
                0 => Route::parse(page.path),
                1 => Route::parse(&format!("{}/{}", page.path, encoded(&thing()))),
                _ => Route::parse(&format!(
                    "{}/{}/{}",
                    page.path,
                    encoded(&thing()),
                    encoded(other)
                )),
            })
            .collect()
    }

    #[test]
    fn every_page_has_a_route_of_its_own() {
        let routes = all("@a:b.org", "x");
        for (index, route) in routes.iter().enumerate() {
            assert!(!matches!(route, Route::Unknown(_)), "{route:?}");
            assert!(!routes[..index].contains(route), "{route:?}");
            assert!(format!("{route:?}").starts_with(PAGES[index].name));
        }
    }

    #[test]
    fn addresses_are_legible() {
        let user = Route::user(&UserId::parse("@a/b:c.org").unwrap());
        assert_eq!(user.to_string(), "/users/@a%2Fb:c.org");
        let room = Route::room(&RoomId::parse("!a:b.org").unwrap());
        assert_eq!(room.tab("members"), "/rooms/!a:b.org?tab=members");
        assert_eq!(room.tab(""), "/rooms/!a:b.org");
        let file = Route::file(&MxcUri::parse("mxc://b.org:8448/xyz").unwrap());
        assert_eq!(file.to_string(), "/media/b.org:8448/xyz");
        assert_eq!(Route::Users.at("admins=true"), "/users?admins=true");
        assert_eq!(Route::Users.at(""), "/users");
    }

    #[test]
    fn what_is_no_page_stays_as_it_is() {
        for path in ["/nothing/at/all", "/users/a/b", "/media/a/b/c"] {
            assert_eq!(Route::parse(path), Route::Unknown(path.to_owned()));
        }
        assert_eq!(Route::parse("/users/"), Route::Users);
        for first in ["", "/", "/?a=b"] {
            assert_eq!(Route::parse(first), Route::Dashboard);
        }
        assert_eq!(Route::Dashboard.to_string(), HOME);
        assert_eq!(Route::parse("users"), Route::Users);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(thing in "\\PC{1,20}", other in "\\PC{1,20}", query in "[a-z=&]{0,9}") {
            for route in all(&thing, &other) {
                prop_assert_eq!(&Route::parse(&route.at(&query)), &route);
                prop_assert_eq!(&Route::parse(&route.tab("")), &route);
                let home = matches!(route, Route::Dashboard | Route::Login);
                prop_assert_eq!(leads_home(&route.at(&query)), home);
            }
        }

        #[test]
        fn any_address_can_be_read(address in "\\PC{0,40}") {
            let route = Route::parse(&address);
            // Nothing is led on for ever.
            prop_assert_eq!(&Route::parse(&route.to_string()), &route);
        }
    }
}
