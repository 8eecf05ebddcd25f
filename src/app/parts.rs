//! The parts of the app that come in files of their own, downloaded when they are first needed.
//!
//! A release is split by `xtask/src/split.rs`: what only the function of a part reaches moves into
//! the part's file, what several parts share into files that they have in common, and whoever opens
//! the log-in page downloads none of it. Without the feature `split` (a development build, clippy)
//! everything is in one file and a part is there at once.

use super::{inside, jobs_left, palette, servers, styles, unknown};
use crate::address::route::leads_home;
use crate::browser::navigation::current_route;
use crate::components::part::{Part, PartMissing};
use crate::pages::login::homeserver::Homeserver;
use crate::pages::login::work::{self, Done, LoginWork};
use crate::pages::login::{KNOWN, elsewhere, oauth};
use crate::pages::rooms::actions as room_actions;
use crate::pages::users::actions as user_actions;
use crate::pages::{
    authentication, closed, dashboard, federation, media, registration_tokens, reports, rooms,
    settings, statistics, tasks, users,
};
use crate::reports::ReportKind;
use crate::ui::Node;
use crate::widgets::subjects;
use futures_util::future::{LocalBoxFuture, try_join};
use futures_util::{FutureExt, TryFutureExt};
use leptos::wasm_split::SplitLoaderError;

/// `NAME, file, make(about: A) -> R`: a part, the name of its file, and the function that makes it.
macro_rules! parts {
    ($($(#[$doc:meta])* $name:ident, $file:ident, $make:expr, ($about:ty) -> $made:ty;)*) => {$(
        $(#[$doc])*
        pub const $name: Part<$about, $made> = {
            #[cfg(feature = "split")]
            #[leptos::wasm_split::wasm_split(
                $file,
                wasm_split_path = leptos::wasm_split,
                fallible,
                preload(load)
            )]
            fn $file(about: Box<$about>) -> Result<$made, SplitLoaderError> {
                Ok(($make)(*about))
            }

            #[cfg(not(feature = "split"))]
            async fn load() -> Result<(), SplitLoaderError> {
                Ok(())
            }
            #[cfg(not(feature = "split"))]
            async fn $file(about: Box<$about>) -> Result<$made, SplitLoaderError> {
                Ok(($make)(*about))
            }

            Part {
                load: || load().map(|loaded| loaded.map_err(|_| PartMissing)).boxed_local(),
                make: |about| $file(Box::new(about)).now_or_never()?.ok(),
            }
        };
    )*};
}

parts! {
    /// Why nobody can sign in.
    CLOSED, closed, |()| closed::view(), (()) -> Node;
    /// What the log-in form does once it is used.
    LOGIN_WORK, login_work, work::work, (LoginWork) -> LocalBoxFuture<'static, Done>;
    /// Signing in elsewhere, where the homeserver offers it.
    ELSEWHERE, elsewhere, elsewhere::view, (elsewhere::Elsewhere) -> Node;
    /// Signing in with OAuth 2.0.
    OAUTH, oauth, oauth::work, (oauth::OAuthAsk) -> oauth::OAuthDoing;
    /// Whatever a signed-in administrator needs on every page, without its styles.
    INSIDE_ALONE, inside, |()| inside::view(), (()) -> Node;
    /// Jobs that an earlier page has left in order to sign in again.
    JOBS_LEFT, jobs_left, |()| jobs_left::view(), (()) -> Node;
    /// The first page.
    DASHBOARD, dashboard, |()| dashboard::view(), (()) -> Node;
    /// The list of users.
    USERS, users, |()| users::list::view(), (()) -> Node;
    /// The homeservers that are signed in to, and those that were.
    SERVERS, servers, |()| servers::view(), (()) -> Node;
    /// The same beside the log-in form.
    KNOWN_SERVERS, known_servers, servers::at_login::view, (Option<Homeserver>) -> Node;
    /// One user.
    USER, user, users::one::view, (String) -> Node;
    /// What can be done to accounts.
    USER_ACTIONS, user_actions, user_actions::view, (Option<subjects::users::Subject>) -> Node;
    /// One room.
    ROOM, room, rooms::one::view, (String) -> Node;
    /// What can be done to rooms.
    ROOM_ACTIONS, room_actions, room_actions::view, (Option<subjects::rooms::Subject>) -> Node;
    /// One event.
    EVENT, event, rooms::event::view, (String) -> Node;
    /// The list of rooms.
    ROOMS, rooms, |()| rooms::list::view(), (()) -> Node;
    /// A new user.
    CREATE_USER, create_user, |()| users::create::view(), (()) -> Node;
    /// The CSV import.
    IMPORT_USERS, import_users, |()| users::import::view(), (()) -> Node;
    /// Kept imports that are too old.
    OLD_IMPORTS, old_imports, |()| users::import::sweep(), (()) -> Node;
    /// What an address shows that leads to no page.
    UNKNOWN, unknown, |()| unknown::view(), (()) -> Node;
    /// The palette.
    PALETTE, palette, |()| palette::view(), (()) -> Node;
    /// One file.
    FILE, file, media::file::view, (String) -> Node;
    /// Other servers.
    FEDERATION, federation, |()| federation::list::view(), (()) -> Node;
    /// One other server.
    DESTINATION, destination, federation::one::view, (String) -> Node;
    /// The room directory.
    ROOM_DIRECTORY, room_directory, |()| rooms::directory::view(), (()) -> Node;
    /// All spaces as a tree.
    SPACES, spaces, |()| rooms::spaces::view(), (()) -> Node;
    /// Rooms that are blocked by their IDs.
    BLOCKED_ROOMS, blocked_rooms, |()| rooms::blocked::view(), (()) -> Node;
    /// Registration tokens.
    REGISTRATION_TOKENS, registration_tokens, |()| registration_tokens::view(), (()) -> Node;
    /// What people have reported.
    REPORTS, reports, |()| reports::list::view(), (()) -> Node;
    /// One report.
    REPORT, report, reports::one::view, ((ReportKind, String)) -> Node;
    /// What the server does in the background.
    TASKS, tasks, |()| tasks::view(), (()) -> Node;
    /// Matrix Authentication Service.
    AUTHENTICATION, authentication, |()| authentication::view(), (()) -> Node;
    /// Settings.
    SETTINGS, settings, |()| settings::view(), (()) -> Node;
    /// Statistics.
    STATISTICS, statistics, |()| statistics::view(), (()) -> Node;
    /// The media page.
    MEDIA, media, |()| media::repository::view(), (()) -> Node;
}

/// Whatever a signed-in administrator needs on every page, once its styles are there.
pub const INSIDE: Part<()> = Part {
    load: || {
        let both = try_join(styles::load(), (INSIDE_ALONE.load)());
        both.map_ok(drop).boxed_local()
    },
    make: INSIDE_ALONE.make,
};

/// Fills the slots by which pages name parts.
pub fn fill_slots() {
    work::WORK.fill(LOGIN_WORK);
    KNOWN.fill(KNOWN_SERVERS);
    elsewhere::ELSEWHERE.fill(ELSEWHERE);
    oauth::OAUTH.fill(OAUTH);
    subjects::users::ACTIONS.fill(USER_ACTIONS);
    subjects::rooms::ACTIONS.fill(ROOM_ACTIONS);
}

/// Downloads what somebody needs who types into the log-in form, and is about to sign in.
pub fn fetch_for_login() {
    LOGIN_WORK.fetch();
    INSIDE.fetch();
    fetch_first_page();
}

/// Downloads the first page, unless the address leads elsewhere.
pub fn fetch_first_page() {
    if leads_home(&current_route()) {
        DASHBOARD.fetch();
    }
}
