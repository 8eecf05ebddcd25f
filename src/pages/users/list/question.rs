//! What the address asks, in the words of the list of users.

use crate::api::tolerant::Timestamp;
use crate::components::field::from_datetime_local;
use crate::listing::ListQuery;
use crate::session::Session;
use crate::users::query::{Question, Told, UserOrder};
use js_sys::Date;

/// The filters, as the address names them.
pub mod filter {
    pub const GUESTS: &str = "guests";
    pub const DEACTIVATED: &str = "deactivated";
    pub const LOCKED: &str = "locked";
    pub const ADMINS: &str = "admins";
    pub const SHADOW_BANNED: &str = "shadow_banned";
    pub const USER_TYPE: &str = "user_type";
    pub const SYSTEM: &str = "system";
    pub const NOT_SEEN_SINCE: &str = "not_seen_since";
    pub const SEEN: &str = "seen";
    pub const SEEN_FROM: &str = "seen_from";
    /// Whether there are any; answered apart from the others.
    pub const DEVICES: &str = "devices";
    pub const WAITING: &str = "waiting";
    pub const CREATED_FROM: &str = "created_from";
    pub const CREATED_UNTIL: &str = "created_until";
}

/// The value of the filter by type for users without one.
pub const NO_TYPE: &str = "none";

/// The question that stands in the address.
pub fn of_query(query: &ListQuery) -> Question {
    let day = |name| query.get(name).and_then(from_datetime_local);
    Question {
        search: query.search.clone(),
        guests: query.boolean(filter::GUESTS),
        deactivated: query.boolean(filter::DEACTIVATED),
        locked: query.boolean(filter::LOCKED),
        admins: query.boolean(filter::ADMINS),
        shadow_banned: query.boolean(filter::SHADOW_BANNED),
        user_type: query.get(filter::USER_TYPE).map(|kind| match kind {
            NO_TYPE => String::new(),
            kind => kind.to_owned(),
        }),
        system: query.boolean(filter::SYSTEM),
        not_seen_since: day(filter::NOT_SEEN_SINCE),
        seen_from: day(filter::SEEN_FROM),
        ever_seen: query.boolean(filter::SEEN),
        waiting: query.boolean(filter::WAITING),
        created_from: day(filter::CREATED_FROM),
        created_until: day(filter::CREATED_UNTIL).map(next_day),
        told: told(),
        order_by: UserOrder::parse(&query.sort),
        descending: query.descending,
        from: query.from(),
        limit: query.size,
        ..Default::default()
    }
}

/// What the list of this server tells.
pub fn told() -> Told {
    Session::get().of_capabilities(Told::by)
}

/// The same time a day later, across the change of the clocks as well.
fn next_day(at: Timestamp) -> Timestamp {
    let date = Date::new(&(at.0 as f64).into());
    date.set_date(date.get_date() + 1);
    Timestamp(date.get_time() as i64)
}
