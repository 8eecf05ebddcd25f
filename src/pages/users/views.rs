//! Ready filters for housekeeping: accounts that nobody uses, and those that take most room.

use crate::api::tolerant::Timestamp;
use crate::components::field::datetime_local;
use crate::i18n::t;
use crate::pages::ready;
use crate::session::browser::now;
use crate::storage::question::DAY_MS;
use leptos::prelude::*;

/// After how many days an account counts as not used.
const QUIET_DAYS: i64 = 90;

/// The links.
pub fn row() -> AnyView {
    let moment = datetime_local(Timestamp(now().0 - QUIET_DAYS * DAY_MS));
    let day = moment.get(..10).unwrap_or_default();
    ready::row(
        "/users",
        t::users_views,
        vec![
            (t::users_view_all, String::new()),
            (t::users_view_quiet, format!("not_seen_since={day}")),
            (t::users_view_never, "seen=false".to_owned()),
            (
                t::users_view_no_devices,
                "deactivated=false&devices=false".to_owned(),
            ),
            (t::users_view_admins, "admins=true".to_owned()),
            (t::users_view_media, "/media?tab=users".to_owned()),
        ],
    )
}
