//! The main journeys in Firefox and in WebKit, which is what Safari is made of.
//!
//! Every journey runs in Chromium. Here run those that say most about what only one of them might do:
//! log in, lists, selection, files in and out, what the browser keeps, dialogs, the keyboard. They
//! are the same functions, told by `JOURNEYS_BROWSER` which browser to take.

use super::{against, with_second_try};
use crate::{bundle, tools};
use anyhow::Result;

/// As `JOURNEYS_BROWSER` takes them.
const BROWSERS: [&str; 2] = ["firefox", "webkit"];

/// The journeys, by their modules.
const JOURNEYS: [&str; 17] = [
    "import::the_file_of_the_guide",
    "journal::passwords_are_kept_until_the_import_is_finished_and_no_longer",
    "journal::a_reloaded_page",
    "list::keys_move_over_rows_that_are_not_there",
    "login::by_hand",
    "media::what_the_preview_says_is_what_is_deleted",
    "palette::with_the_keyboard_alone",
    "selection::users_that_the_server_finds",
    "shell::deep_links_back_forward_reload",
    "shell::on_a_phone",
    "shell::with_the_keyboard_alone",
    "user_actions::the_menu_is_in_groups_and_walked_through_by_keys",
    "user_forms::a_picture_comes_and_goes",
    "user_media::looking_into_files",
    "users::an_export_has_all_pages",
    "users::columns_are_moved_and_kept",
    "users::pages_and_their_addresses",
];

/// Installs the browsers.
pub(super) fn prepare() -> Result<()> {
    tools::firefox()?;
    tools::webkit()?;
    Ok(())
}

/// Runs the journeys, or those of these names, in one browser after the other.
pub(super) fn run(version: &str, filters: &[String]) -> Result<bool> {
    bundle::ready()?;
    let named: Vec<String> = match filters {
        [] => ["--exact"]
            .iter()
            .chain(&JOURNEYS)
            .map(|&it| it.into())
            .collect(),
        some => some.to_vec(),
    };
    let mut passed = true;
    for browser in BROWSERS {
        eprintln!("In {browser}:");
        let tests = || {
            let mut tests = against(version, &["--test", "journeys"]);
            tests.env("JOURNEYS_BROWSER", browser);
            tests
        };
        passed &= with_second_try(tests, &named)?;
    }
    Ok(passed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::root;
    use std::fs;

    /// The test runner says nothing about names that no test has.
    #[test]
    fn the_journeys_are_there() {
        for journey in JOURNEYS {
            let (module, name) = journey.split_once("::").unwrap();
            let file = root().join(format!("tests/{module}.rs"));
            let text = fs::read_to_string(&file).unwrap();
            let test = format!("#[tokio::test]\nasync fn {name}()");
            assert!(text.contains(&test), "{journey}");
        }
    }
}
