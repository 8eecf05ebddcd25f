//! `cargo xtask test --only oldest`: the oldest Synapse that the panel answers for. On request,
//! because it installs one more Synapse and seldom finds what the old one does not.

use super::{Against, endpoints_and};
use crate::synapse::OLDEST_VERSION;
use anyhow::Result;

/// What the panel is for: signing in, lists, imports, media, rooms. What else depends on the version is
/// tried with the old one.
pub(super) const JOURNEYS: [&str; 15] = [
    "import::generated_passwords_work",
    "import::on_conflict_skip",
    "import::on_conflict_update",
    "login::an_account_without_rights",
    "login::by_discovery",
    "login::by_hand",
    "login::logging_out_revokes_the_token",
    "media::copies_of_other_servers_are_purged",
    "media::what_the_preview_says_is_what_is_deleted",
    "old_synapse::what_a_server_lacks",
    "rooms::deleted_for_good",
    "rooms::listed_searched_and_sorted",
    "selection::users_that_the_server_finds",
    "users::pages_and_their_addresses",
    "users::searching",
];

/// Every endpoint and these journeys, or whatever goes by one of the filters.
pub(super) fn run(filters: &[String]) -> Result<bool> {
    endpoints_and(Against::from(OLDEST_VERSION), &JOURNEYS, filters)
}
