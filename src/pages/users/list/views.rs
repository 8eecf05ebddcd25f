//! Ready filters for housekeeping: accounts that nobody uses, and those that take most room.

use crate::address::route::Route;
use crate::api::tolerant::Timestamp;
use crate::browser::clock::now;
use crate::components::field::datetime_local;
use crate::i18n::t;
use crate::lists::presets::{self, View};
use crate::media::question::DAY_MS;
use crate::ui::Node;
use crate::users::query::NEEDS;

/// After how many days an account counts as not used.
const QUIET_DAYS: i64 = 90;

/// The links. Accounts of bridges and bots are left out where nothing tells how much they are
/// used: an application service's requests leave no trace.
pub fn row() -> Node {
    let moment = datetime_local(Timestamp(now().0 - QUIET_DAYS * DAY_MS));
    let day = moment.get(..10).unwrap_or_default();
    let views = vec![
        View::new(t::users_view_all, ""),
        View::new(
            t::users_view_quiet,
            format!("deactivated=false&not_seen_since={day}&system=false"),
        )
        .resting_on(t::users_basis_quiet),
        View::new(
            t::users_view_no_trace,
            format!("created_until={day}&deactivated=false&seen=false&system=false"),
        )
        .resting_on(t::users_basis_no_trace),
        View::new(
            t::users_view_no_devices,
            "deactivated=false&devices=false&system=false",
        )
        .resting_on(t::users_basis_no_devices),
        View::new(t::users_view_admins, "admins=true").resting_on(t::users_basis_admins),
        View::new(t::users_view_media, Route::Media.tab("users")),
    ];
    presets::row(Route::Users, t::users_views, NEEDS, views)
}
