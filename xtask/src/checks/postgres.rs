//! `cargo xtask test --only postgres`: what real servers keep their data in. On request, because it
//! installs PostgreSQL on the machine.

use super::{Against, endpoints_and};
use crate::postgres::Engine;
use anyhow::Result;

/// Where the database shows: order and what has no value, upper and lower case and wildcards in a
/// search, sums, and what only PostgreSQL tells.
pub(super) const JOURNEYS: [&str; 23] = [
    "dashboard::every_morning",
    "destinations::who_cannot_be_reached_since_when",
    "housekeeping::a_room_with_people_is_not_deleted_because_statistics_stand_still",
    "import::on_conflict_update",
    "knowledge::who_was_not_seen_stands_last_and_is_never_in_a_file",
    "media::what_the_preview_says_is_what_is_deleted",
    "registration_tokens::a_token_from_its_making_to_its_end",
    "reports::a_report_is_read_and_acted_upon",
    "reports::reports_of_users",
    "rooms::deleted_for_good",
    "rooms::listed_searched_and_sorted",
    "rooms::ready_views_find_what_nobody_needs",
    "rooms::the_order_is_one_whoever_answers",
    "selection::rooms_that_the_server_finds",
    "selection::users_that_the_server_finds",
    "statistics::",
    "storage::by_several_conditions_at_once",
    "tasks::what_the_server_is_at",
    "user_actions::one_account_through_its_states",
    "users::every_order_that_the_server_has",
    "users::filters",
    "users::found_by_address_and_by_room",
    "users::searching",
];

pub(super) fn run(version: &str, filters: &[String]) -> Result<bool> {
    let server = Against {
        version,
        engine: Engine::Postgres,
    };
    endpoints_and(server, &JOURNEYS, filters)
}
