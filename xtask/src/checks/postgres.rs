//! `cargo xtask test --only postgres`: what real servers keep their data in. On request, because it
//! installs PostgreSQL on the machine.

use super::{Against, against, endpoints_and, front};
use crate::postgres::Engine;
use crate::{process, root};
use anyhow::{Context, Result, ensure};
use std::env;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::time::Duration;

/// Where the database shows: order and what has no value, upper and lower case and wildcards in a
/// search, sums, and what only PostgreSQL tells.
pub(super) const JOURNEYS: [&str; 24] = [
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
    "user_media::never_used_is_the_oldest_and_case_is_no_matter",
    "users::every_order_that_the_server_has",
    "users::filters",
    "users::found_by_address_and_by_room",
    "users::searching",
];

/// How long the demo may take to stop: the database writes everything to the disk.
const STOP: Duration = Duration::from_secs(60);

pub(super) fn run(version: &str, filters: &[String]) -> Result<bool> {
    let server = Against {
        version,
        engine: Engine::Postgres,
    };
    let found = endpoints_and(server, &JOURNEYS, filters)?;
    if !filters.is_empty() {
        return Ok(found);
    }
    Ok(demo(version)? && found)
}

/// Starts `cargo xtask demo --postgres`, and has somebody sign in there with what it says.
fn demo(version: &str) -> Result<bool> {
    eprintln!("The demo with PostgreSQL:");
    let mut command = process::command(env::current_exe()?);
    command
        .current_dir(root())
        .args(["demo", "--postgres", "--json", "--synapse", version])
        .args(["--port", "0", "--homeserver-port", "0"])
        .stdout(Stdio::piped())
        .process_group(0);
    let mut demo = command.spawn().context("The demo cannot be started.")?;
    let mut said = String::new();
    let read = match demo.stdout.take() {
        Some(output) => BufReader::new(output).read_line(&mut said),
        None => Ok(0),
    };
    let found = match read {
        Ok(1..) => {
            let mut journey = against(version, &["--test", "journeys"]);
            journey.env("JOURNEYS_DEMO", said.trim());
            front(journey.args(["--", "--ignored", "released::the_demo"]))
        }
        _ => Ok(false),
    };
    process::stop_within(STOP, &mut demo);
    let ended = demo.wait()?;
    ensure!(
        ended.success(),
        "The demo did not end as it should: {ended}"
    );
    found
}
