//! `cargo xtask test --only oldest`: the oldest Synapse that the panel answers for. On request,
//! because it installs one more Synapse and seldom finds what the old one does not.

use super::{Against, endpoints_and};
use crate::synapse::OLDEST_VERSION;
use anyhow::Result;

/// What is different there: ways of logging in, what is lacking and said, lists, media, and what is
/// done to accounts and rooms.
pub(super) const JOURNEYS: [&str; 18] = [
    "import::on_conflict_update",
    "import::the_file_of_the_guide",
    "login::by_hand",
    "login::logging_out_revokes_the_token",
    "media::copies_of_other_servers_are_purged",
    "media::what_the_preview_says_is_what_is_deleted",
    "old_synapse::",
    "reports::a_report_is_read_and_acted_upon",
    "room_events::",
    "rooms::deleted_for_good",
    "rooms::history_is_removed_up_to_an_event",
    "rooms::listed_searched_and_sorted",
    "storage::from_a_bar_to_gone_on_a_desktop",
    "tasks::background_updates_are_paused_and_go_on",
    "user_actions::one_account_through_its_states",
    "user_forms::a_new_user",
    "users::every_order_that_the_server_has",
    "users::filters",
];

pub(super) fn run(filters: &[String]) -> Result<bool> {
    endpoints_and(Against::from(OLDEST_VERSION), &JOURNEYS, filters)
}
