//! What is wrong with the configuration, in words.

use super::errors::Explained;
use super::t;
use crate::config::{Closed, ConfigProblem, DecidedIn, Wrong};

/// Says what is wrong, and what is not followed because of it.
pub fn explain(problem: &ConfigProblem) -> String {
    let ConfigProblem {
        source, key, value, ..
    } = problem;
    let file = match source {
        DecidedIn::File => "config.json",
        DecidedIn::WellKnown => "/.well-known/matrix/client",
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

/// Says why nobody can sign in.
pub fn closed(why: &Closed) -> Explained {
    let (hint, details) = match why {
        Closed::NoAnswer => (t::config_closed_no_answer(), ""),
        Closed::Status(status) => (t::config_closed_status(&status.to_string()), ""),
        Closed::Html => (t::config_closed_html(), ""),
        Closed::NotJson(problem) => (t::config_closed_not_json(), &**problem),
        Closed::Restriction(value) => (t::config_closed_restriction(), &**value),
    };
    Explained {
        sentence: t::config_closed(),
        hint,
        details: details.to_owned(),
    }
}
