//! What holds for all documents: their links lead somewhere, and their tables are whole.

use crate::root;
use std::fs;
use std::path::{Component, Path, PathBuf};

/// The paths of all documents, from the root.
fn all() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = ["README.md", "CHANGELOG.md", "SECURITY.md"]
        .map(PathBuf::from)
        .to_vec();
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = PathBuf::from(entry.unwrap().file_name());
        if name.extension().is_some_and(|ending| ending == "md") {
            found.push(Path::new("docs").join(name));
        }
    }
    assert!(found.len() > 15, "{found:?}");
    found
}

/// The lines that are no code, by their numbers from 1.
fn prose(document: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    (1..).zip(document.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Where the links of a document lead that are to other files of ours, or to its own headings: `file#heading`.
pub(crate) fn links(document: &str) -> Vec<&str> {
    prose(document)
        .flat_map(|(_, line)| line.split("](").skip(1))
        .filter_map(|rest| Some(rest.split_once(')')?.0))
        .filter(|target| !target.contains("://"))
        .collect()
}

/// What a heading is called in links.
fn anchor(heading: &str) -> String {
    let letters = heading.trim_start_matches('#').trim().chars();
    let kept = letters.filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c })
        .flat_map(char::to_lowercase)
        .collect()
}

/// A path without `..`.
fn settled(path: &Path) -> PathBuf {
    let mut settled = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => assert!(settled.pop(), "{}", path.display()),
            other => settled.push(other),
        }
    }
    settled
}

#[test]
fn what_a_link_names_is_there() {
    let mut count = 0;
    for path in all() {
        let document = fs::read_to_string(root().join(&path)).unwrap();
        for link in links(&document) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => settled(&path.with_file_name(file)),
            };
            let there = root().join(&target);
            assert!(there.exists(), "{}: {link}", path.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(there).unwrap();
                let mut headings = prose(&text).filter(|(_, line)| line.starts_with('#'));
                let is_there = headings.any(|(_, line)| anchor(line) == heading);
                assert!(is_there, "{}: no heading for {link}", path.display());
            }
            count += 1;
        }
    }
    assert!(count > 80, "only {count} links");
}

/// The numbers of the lines that look like rows of a table and are shown as text: what an empty line has cut
/// off from its head.
fn cut_off(document: &str) -> Vec<usize> {
    let lines: Vec<(usize, &str)> = prose(document).collect();
    let is_row = |at: usize| lines.get(at).is_some_and(|(_, line)| line.starts_with('|'));
    let is_head = |at: usize| {
        let below = lines.get(at + 1).map_or("", |(_, line)| *line);
        below.starts_with("|--")
    };
    (0..lines.len())
        .filter(|at| is_row(*at) && !at.checked_sub(1).is_some_and(is_row) && !is_head(*at))
        .map(|at| lines[at].0)
        .collect()
}

#[test]
fn a_table_is_whole() {
    let whole = "text\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```\n| x |\n```\n";
    assert!(cut_off(whole).is_empty());
    assert_eq!(cut_off(&format!("{whole}\n| 3 | 4 |\n| 5 | 6 |\n")), [11]);
    for path in all() {
        let document = fs::read_to_string(root().join(&path)).unwrap();
        let lines = cut_off(&document);
        assert!(lines.is_empty(), "{}: {lines:?}", path.display());
    }
}
