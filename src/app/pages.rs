//! What each route shows: the one place that knows all pages.

use super::parts;
use crate::address::route::Route;
use crate::browser::navigation::{HistoryStep, navigate};
use crate::pages::activity;
use crate::reports::ReportKind;
use crate::ui::{IntoNode, Node};

/// The page at a route.
pub fn show(route: Route) -> Node {
    match route {
        Route::Dashboard => parts::DASHBOARD.view(()),
        Route::Users => parts::USERS.view(()),
        Route::User { id } => parts::USER.view(id),
        Route::CreateUser => parts::CREATE_USER.view(()),
        Route::ImportUsers => parts::IMPORT_USERS.view(()),
        Route::Rooms => parts::ROOMS.view(()),
        Route::Room { id } => parts::ROOM.view(id),
        Route::Event { id } => parts::EVENT.view(id),
        Route::Media => parts::MEDIA.view(()),
        Route::File { server, media_id } => parts::FILE.view(format!("mxc://{server}/{media_id}")),
        Route::Statistics => parts::STATISTICS.view(()),
        Route::Reports => parts::REPORTS.view(()),
        Route::EventReport { id } => parts::REPORT.view((ReportKind::Events, id)),
        Route::UserReport { id } => parts::REPORT.view((ReportKind::Users, id)),
        Route::Federation => parts::FEDERATION.view(()),
        Route::Destination { name } => parts::DESTINATION.view(name),
        Route::RoomDirectory => parts::ROOM_DIRECTORY.view(()),
        Route::Spaces => parts::SPACES.view(()),
        Route::BlockedRooms => parts::BLOCKED_ROOMS.view(()),
        Route::RegistrationTokens => parts::REGISTRATION_TOKENS.view(()),
        Route::Tasks => parts::TASKS.view(()),
        Route::Authentication => parts::AUTHENTICATION.view(()),
        Route::Activity => activity::view(),
        Route::Settings => parts::SETTINGS.view(()),
        // The form is there for those who are not signed in.
        Route::Login => home(),
        Route::Unknown(_) => parts::UNKNOWN.view(()),
    }
}

/// Leads whoever comes here to the first page.
fn home() -> Node {
    navigate(&Route::Dashboard.to_string(), HistoryStep::Replace);
    ().into_node()
}
