//! Which journeys run where there is no time for all of them.

use crate::root;
use anyhow::Result;
use std::fs;

/// What the panel is for, what cannot be taken back, and who may do it: run before anything else.
const FIRST: [&str; 19] = [
    "import",
    "import_plan",
    "journal",
    "mas_import",
    "media",
    "media_same",
    "media_unread",
    "storage",
    "login",
    "sso",
    "oauth",
    "refresh",
    "security",
    "users",
    "user_actions",
    "mas_accounts",
    "rooms",
    "endings",
    "undo",
];

/// Which run, and which are left out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) run: Vec<String>,
    pub(super) left_out: Vec<String>,
}

/// The journeys, by the names that the test runner has for them.
pub(super) fn all() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root().join("tests"))? {
        let path = entry?.path();
        let (Some(module), true) = (
            path.file_stem().and_then(|name| name.to_str()),
            path.extension().is_some_and(|extension| extension == "rs"),
        ) else {
            continue;
        };
        let text = fs::read_to_string(&path)?;
        for test in text.split("#[tokio::test]\n").skip(1) {
            // What only stages of their own can run is no journey among the others.
            let attributes = test.split("fn ").next().unwrap_or_default();
            let name = test
                .split_once("fn ")
                .and_then(|(_, rest)| rest.split_once('('));
            if let (Some((name, _)), false) = (name, attributes.contains("#[ignore")) {
                names.push(format!("{module}::{name}"));
            }
        }
    }
    names.sort();
    Ok(names)
}

/// Takes as many of the journeys as there is room for: those of [`FIRST`], then the others, which
/// begin at another place each `turn`, so that none is always among those left out.
pub(super) fn divided(all: &[String], room: usize, turn: usize) -> Share {
    let module = |name: &str| name.split("::").next().unwrap_or_default().to_owned();
    let (mut order, mut others): (Vec<&String>, Vec<&String>) = all
        .iter()
        .partition(|name| FIRST.contains(&module(name).as_str()));
    order.sort_by_key(|name| FIRST.iter().position(|first| *first == module(name)));
    let begin = turn % others.len().max(1);
    others.rotate_left(begin);
    order.extend(others);
    let (run, left_out) = order.split_at(room.min(order.len()));
    let owned = |names: &[&String]| names.iter().copied().cloned().collect();
    Share {
        run: owned(run),
        left_out: owned(left_out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().copied().map(String::from).collect()
    }

    #[test]
    fn what_the_panel_is_for_runs_first_and_the_others_take_turns() {
        let all = names(&[
            "frame::a",
            "login::a",
            "import::a",
            "palette::a",
            "shell::a",
        ]);
        let share = divided(&all, 3, 1);
        assert_eq!(share.run, ["import::a", "login::a", "palette::a"]);
        assert_eq!(share.left_out, ["shell::a", "frame::a"]);
        assert_eq!(divided(&all, 3, 5).run[2], "shell::a");
        assert_eq!(divided(&all, 9, 0).left_out, names(&[]));
        assert_eq!(divided(&all, 0, 0).run, names(&[]));
        assert_eq!(divided(&[], 3, 4).run, names(&[]));
    }

    #[test]
    fn every_journey_is_known_and_so_is_what_runs_first() {
        let all = all().unwrap();
        assert!(all.contains(&"users::filters".to_owned()));
        assert!(!all.iter().any(|name| name.starts_with("released::")));
        for module in FIRST {
            let start = format!("{module}::");
            assert!(all.iter().any(|name| name.starts_with(&start)), "{module}");
        }
    }
}
