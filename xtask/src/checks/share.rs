//! Which journeys run where there is no time for all of them.

use crate::root;
use anyhow::Result;
use std::fs;

/// What the panel is for, what cannot be taken back, and who may do it.
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

/// Takes as many of the journeys as there is room for: two thirds of them from [`FIRST`], or all of these where
/// they are fewer, and the rest from the others. Both begin at another place with each `turn`, so that none is
/// left out for good.
pub(super) fn divided(all: &[String], room: usize, turn: usize) -> Share {
    let is_first = |name: &&String| {
        let module = name.split("::").next().unwrap_or_default();
        FIRST.contains(&module)
    };
    let (mut first, mut others): (Vec<&String>, Vec<&String>) = all.iter().partition(is_first);
    for names in [&mut first, &mut others] {
        let begin = turn % names.len().max(1);
        names.rotate_left(begin);
    }
    let of_others = (room / 3).max(room.saturating_sub(first.len()));
    let of_others = of_others.min(others.len());
    let of_first = room.saturating_sub(of_others).min(first.len());
    let owned = |one: &[&String], other: &[&String]| {
        let names = one.iter().chain(other).copied();
        names.cloned().collect()
    };
    let ((first, less), (others, fewer)) = (first.split_at(of_first), others.split_at(of_others));
    Share {
        run: owned(first, others),
        left_out: owned(less, fewer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().copied().map(String::from).collect()
    }

    #[test]
    fn most_of_what_runs_is_what_the_panel_is_for() {
        let all = names(&[
            "frame::a",
            "import::a",
            "login::a",
            "palette::a",
            "shell::a",
        ]);
        let share = divided(&all, 3, 0);
        assert_eq!(share.run, ["import::a", "login::a", "frame::a"]);
        assert_eq!(share.left_out, ["palette::a", "shell::a"]);
        // Where there are no more of these, the others have the room.
        assert_eq!(divided(&all, 4, 0).run[2..], ["frame::a", "palette::a"]);
        assert_eq!(divided(&all, 9, 0).left_out, names(&[]));
        assert_eq!(divided(&all, 0, 0).run, names(&[]));
        assert_eq!(divided(&[], 3, 4).run, names(&[]));
    }

    #[test]
    fn none_is_left_out_for_good() {
        let all = all().unwrap();
        for room in [all.len() / 4, all.len() / 2] {
            let mut never: BTreeSet<&String> = all.iter().collect();
            for turn in 0..all.len() {
                let share = divided(&all, room, turn);
                assert_eq!(share.run.len(), room);
                assert_eq!(share.run.len() + share.left_out.len(), all.len());
                never.retain(|name| !share.run.contains(name));
            }
            assert_eq!(never, BTreeSet::new());
        }
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
