//! What is wrong with the configuration, in words.

use super::t;
use crate::config::{Problem, Source, Wrong};

/// Says what is wrong, and what is not followed because of it.
pub fn explain(problem: &Problem) -> String {
    let Problem {
        source, key, value, ..
    } = problem;
    let file = match source {
        Source::File => "config.json",
        Source::WellKnown => "/.well-known/matrix/client",
    };
    match problem.wrong {
        Wrong::NotJson => t::config_broken(file, value),
        Wrong::Type => t::config_wrong_type(file, key, value),
        Wrong::Url => t::config_wrong_url(file, key, value),
        Wrong::Pattern => t::config_wrong_pattern(file, key, value),
        Wrong::Choice => t::config_wrong_choice(file, key, value),
        Wrong::MenuItem => t::config_wrong_menu(file, key, value),
    }
}
