//! `docs/security.md`, `docs/what-actions-do.md` and `docs/promises.md` name the tests that hold what
//! they say, or what README says; they exist.

use crate::{root, size, synapse};
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
        let mut before = text[..at].trim_end().trim_end_matches("async").trim_end();
        // What a stage of the checks starts when all that it needs is there.
        if let Some((rest, last)) = before.rsplit_once('\n')
            && last.trim_start().starts_with("#[ignore = \"the stage")
        {
            before = rest;
        }
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

/// A document in one line, so that it does not matter where its lines end.
fn in_one_line(name: &str) -> String {
    let text = fs::read_to_string(root().join(name)).unwrap();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn every_promise_of_the_readme_names_a_test_that_exists() {
    let document = fs::read_to_string(root().join("docs/promises.md")).unwrap();
    let (_, table) = document.split_once("\n|---|---|\n").unwrap();
    let said = ["README.md", "CHANGELOG.md"].map(in_one_line);
    let mut rows = 0;
    for row in table.lines() {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [promise, held] = cells[..] else {
            panic!("no row of two cells: {row}");
        };
        let is_said = said.iter().any(|text| text.contains(promise));
        assert!(is_said, "Nobody promises this any more: {promise}");
        let is_held = held.contains(".rs#") || held.contains("by hand");
        assert!(is_held, "Nothing holds this promise: {promise}");
        rows += 1;
    }
    assert!(rows > 25, "only {rows} promises");
    exist(&named(table));
}

#[test]
fn the_figures_of_the_readme_are_those_of_the_code() {
    let readme = in_one_line("README.md");
    let (first, inside) = (size::BUDGET / 1000, size::INSIDE_BUDGET / 1000);
    let without_patch = |version: &str| version.rsplit_once('.').unwrap().0.to_owned();
    let newest = without_patch(synapse::VERSION);
    let old = without_patch(synapse::OLD_VERSION);
    let oldest = without_patch(synapse::OLDEST_VERSION);
    for said in [
        format!("about {first} kB until the log-in form works, and at most {inside} kB more"),
        format!("Everything is tested with Synapse {newest}."),
        format!("depend on the server with {old};"),
        format!("with {oldest}, the oldest that the panel answers for"),
        format!("and Synapse {oldest} (`oldest`)"),
        format!(
            "synapse-admin-{}-image-amd64.tar",
            env!("CARGO_PKG_VERSION")
        ),
    ] {
        assert!(readme.contains(&said), "README does not say: {said}");
    }
    for name in ["docs/size.md", "docs/architecture.md"] {
        let text = in_one_line(name);
        for said in [
            format!("{first} kB until the log-in form works"),
            format!("{inside} kB more for the first page inside"),
        ] {
            assert!(text.contains(&said), "{name} does not say: {said}");
        }
    }
    // What the page asks a browser for, and which brought it.
    let asked = in_one_line("assets/boot.js");
    for browser in ["Firefox", "Chromium", "Safari"] {
        let (_, rest) = readme.split_once(&format!("{browser} from ")).unwrap();
        let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit());
        let version = rest[..end.unwrap()].trim_end_matches('.');
        let said = format!("{browser} {version}");
        assert!(asked.contains(&said), "assets/boot.js does not say: {said}");
    }
}
