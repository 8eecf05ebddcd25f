//! `docs/security.md` and `docs/what-actions-do.md` name the tests that hold what they say; they
//! exist.

use crate::root;
use std::collections::BTreeMap;
use std::fs;

/// The tests that the document names: `file#name`.
fn named(document: &str) -> Vec<(&str, &str)> {
    document
        .split('`')
        .skip(1)
        .step_by(2)
        .filter_map(|code| code.split_once(".rs#"))
        .collect()
}

#[test]
fn every_test_that_is_named_exists() {
    let document = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let tests = named(&document);
    assert!(tests.len() > 20, "{tests:?}");
    exist(&tests);
}

/// Fails for a test that does not exist.
fn exist(tests: &[(&str, &str)]) {
    let mut files = BTreeMap::new();
    for (file, name) in tests {
        let text = files.entry(*file).or_insert_with(|| {
            let path = root().join(format!("{file}.rs"));
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        });
        let at = text
            .find(&format!("fn {name}("))
            .unwrap_or_else(|| panic!("{file}.rs has no test {name}."));
        let before = text[..at].trim_end().trim_end_matches("async").trim_end();
        assert!(before.ends_with("test]"), "{name} of {file}.rs is no test.");
    }
}

/// The tests of the contract that a line names by their names alone: these are sentences.
fn sentences(line: &str) -> impl Iterator<Item = &str> {
    let words = line.split('`').skip(1).step_by(2);
    words.filter(|word| word.matches('_').count() >= 3 && !word.contains('.'))
}

#[test]
fn what_actions_do_is_held_by_tests_that_exist() {
    let document = fs::read_to_string(root().join("docs/what-actions-do.md")).unwrap();
    let files = ["meaning", "undone", "accounts", "users", "in_rooms"];
    let texts = files.map(|file| {
        let path = root().join(format!("tests/api/{file}.rs"));
        (
            format!("tests/api/{file}"),
            fs::read_to_string(path).unwrap(),
        )
    });
    let mut tests = Vec::new();
    for name in document.lines().flat_map(sentences) {
        let signature = format!("fn {name}(");
        let found = texts.iter().find(|(_, text)| text.contains(&signature));
        let (file, _) = found.unwrap_or_else(|| panic!("No contract test is called {name}."));
        tests.push((file.as_str(), name));
    }
    assert!(tests.len() > 30, "{tests:?}");
    exist(&tests);
}

#[test]
fn every_line_of_what_actions_do_has_its_versions_and_a_test() {
    let document = fs::read_to_string(root().join("docs/what-actions-do.md")).unwrap();
    let rows: Vec<&str> = document
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| |"))
        // Headings of groups.
        .filter(|line| !line.starts_with("| **"))
        .collect();
    assert!(rows.len() > 30);
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert_eq!(cells.len(), 5, "{row}");
        assert!(cells[1..4].iter().all(|cell| !cell.is_empty()), "{row}");
        assert!(sentences(cells[4]).count() > 0, "Nothing keeps this: {row}");
    }
}

#[test]
fn every_promise_names_what_keeps_it() {
    let document = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let (_, promises) = document.split_once("## Promises").unwrap();
    let (promises, _) = promises.split_once("## What is not promised").unwrap();
    let lines: Vec<&str> = promises.lines().collect();
    let mut rows = 0;
    for (row, below) in lines.iter().zip(lines.iter().skip(1).chain([&""])) {
        // The head of a table is what a line of dashes follows.
        if row.starts_with("| ") && !below.starts_with("|--") {
            assert!(row.contains(".rs#"), "Nothing keeps this promise: {row}");
            rows += 1;
        }
    }
    assert!(rows > 30, "only {rows} promises");
}
