//! What the address asks, by this browser's calendar and what this server tells.

use super::standing::told;
use crate::api::tolerant::Timestamp;
use crate::components::field::from_datetime_local;
use crate::listing::ListQuery;
use crate::users::address::{Days, question};
use crate::users::query::Question;
use js_sys::Date;

/// The question that stands in the address.
pub fn of_query(query: &ListQuery) -> Question {
    let days = Days {
        start: from_datetime_local,
        next: next_day,
    };
    question(query, told(), days)
}

/// The same time a day later, across the change of the clocks as well.
fn next_day(at: Timestamp) -> Timestamp {
    let date = Date::new(&(at.0 as f64).into());
    date.set_date(date.get_date() + 1);
    Timestamp(date.get_time() as i64)
}
