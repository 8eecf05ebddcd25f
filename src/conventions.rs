//! What holds for all of `src/`, read from the sources: one test for each rule.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The sources, with their paths.
fn sources() -> Vec<(PathBuf, String)> {
    fn add(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                add(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    add(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    found
}

/// The error type of a signature that returns a `Result`, without its path.
fn error_of(signature: &str) -> Option<&str> {
    let (_, result) = signature.split_once("Result<")?;
    let mut depth = 0;
    let mut comma = None;
    for (at, c) in result.char_indices() {
        match c {
            '<' | '(' | '[' => depth += 1,
            '>' if depth == 0 => {
                let error = result[comma? + 1..at].trim();
                return Some(error.rsplit("::").next().unwrap_or(error));
            }
            '>' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => comma = Some(at),
            _ => {}
        }
    }
    None
}

/// The signatures of what is visible outside of its module, with line breaks taken out.
fn public_signatures(text: &str) -> Vec<String> {
    let visible = ["pub fn ", "pub async fn ", "pub const fn "];
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if !visible
            .iter()
            .any(|start| line.trim_start().starts_with(start))
        {
            continue;
        }
        let mut signature = line.to_owned();
        while !signature.ends_with(['{', ';', '}']) {
            let Some(line) = lines.next() else { break };
            signature.push_str(line.trim());
        }
        found.push(signature);
    }
    found
}

#[test]
fn what_fails_says_so_with_a_type_of_its_own() {
    assert_eq!(error_of("fn a() -> Result<(u8, u8), B> {"), Some("B"));
    assert_eq!(error_of("fn a() -> Box<F<Result<A<B>, c::D>>>;"), Some("D"));
    let sources = sources();
    let all: String = sources.iter().map(|(_, text)| text.as_str()).collect();
    let mut wrong = Vec::new();
    for (path, text) in &sources {
        for signature in public_signatures(text) {
            let Some(error) = error_of(&signature) else {
                continue;
            };
            // How a step of a job ends is not an error; the caller chooses a type parameter; other
            // crates keep their own rules.
            let excused = error == "Step" || error.len() == 1 || error == "Error";
            if !excused && !all.contains(&format!("impl Error for {error} ")) {
                wrong.push(format!("{}: {signature}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn csv_is_written_in_one_place() {
    // To write it, quotes have to be doubled and lines ended; to leave a cell unguarded, it has to
    // be called a secret.
    let rules: [(&str, &[&str]); 3] = [
        ("replace('\"', \"\\\"\\\"\")", &["listing/csv.rs"]),
        ("push_str(\"\\r\\n\")", &["listing/csv.rs"]),
        ("Cell::Secret(", &["listing/csv.rs", "import/report.rs"]),
    ];
    for (path, text) in sources() {
        let name = path.to_string_lossy().replace('\\', "/");
        let is_test = ["tests.rs", "fuzz.rs", "conventions.rs"]
            .iter()
            .any(|end| name.ends_with(end));
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for (written, allowed) in &rules {
            let excused = is_test || allowed.iter().any(|file| name.ends_with(file));
            assert!(
                excused || !code.contains(written),
                "{name} writes {written}"
            );
        }
    }
}

/// The doc comments of a file, each with the line of the item below it.
fn documented(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut comment = String::new();
    for line in text.lines().map(str::trim) {
        match line.strip_prefix("///") {
            Some(words) => {
                comment.push_str(words.trim());
                comment.push(' ');
            }
            None if line.starts_with("#[") => {}
            None => {
                if !comment.is_empty() {
                    let words = std::mem::take(&mut comment).trim().to_owned();
                    found.push((words, line.to_owned()));
                }
            }
        }
    }
    found
}

#[test]
fn doc_comments_stand_alone() {
    // As rustdoc's search shows them: the name, and this sentence.
    let leaning = [
        "The same, ",
        "The same;",
        "The same.",
        "The same ",
        "Does it",
    ];
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        for (words, item) in documented(&text) {
            let is_public = [
                "pub fn ",
                "pub async fn ",
                "pub struct ",
                "pub enum ",
                "pub trait ",
            ]
            .iter()
            .any(|start| item.starts_with(start));
            let is_short = words.split_whitespace().count() < 3 && !words.contains('`');
            let leans = leaning.iter().any(|start| words.starts_with(start));
            if is_public && (is_short || leans) {
                wrong.push(format!("{}: {words} {item}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names of icons that a source text gives, by the ways in which they are given.
fn icons(text: &str) -> Vec<&str> {
    let ways = [
        "icon: \"",
        "icon=\"",
        "icon(\"",
        "picture=\"",
        "menu_item(\"",
        "menu_item_danger(\"",
        "menu_link(\"",
    ];
    let names = ways
        .iter()
        .flat_map(|way| text.split(way).skip(1))
        .filter_map(|rest| rest.split('"').next());
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn every_icon_is_in_the_sprite() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sprite = fs::read_to_string(root.join("assets/icons.svg")).unwrap();
    let mut count = 0;
    for (path, text) in sources() {
        if path.ends_with("conventions.rs") || path.ends_with("config.rs") {
            continue;
        }
        for name in icons(&text) {
            count += 1;
            let is_there = sprite.contains(&format!("id=\"{name}\""));
            assert!(is_there, "{}: no icon {name}", path.display());
        }
    }
    assert!(
        count > 100,
        "only {count} icons found: has the style changed?"
    );
}

/// The names of the types that a source text makes public.
fn public_types(text: &str) -> Vec<&str> {
    let kinds = [
        "pub struct ",
        "pub enum ",
        "pub trait ",
        "pub type ",
        "pub union ",
    ];
    let names = text.lines().filter_map(|line| {
        let line = line.trim_start();
        let rest = kinds.iter().find_map(|kind| line.strip_prefix(kind))?;
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
    });
    names.filter(|name| !name.is_empty()).collect()
}

#[test]
fn a_word_has_one_meaning() {
    // These mean one thing, of which each subject has its own.
    let of_each_subject = [
        // What is asked of the list of users, of rooms, of files …
        "Question",
        // Which user or room an action is about, and what is filled in for it.
        "Subject", "Input",
    ];
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, text) in sources() {
        for name in public_types(&text) {
            let place = path.display().to_string();
            places.entry(name.to_owned()).or_default().push(place);
        }
    }
    assert!(places.len() > 400, "has the style changed?");
    let twice: Vec<String> = places
        .iter()
        .filter(|(name, places)| places.len() > 1 && !of_each_subject.contains(&name.as_str()))
        .map(|(name, places)| format!("{name}: {}", places.join(", ")))
        .collect();
    assert!(twice.is_empty(), "{}", twice.join("\n"));
    for name in of_each_subject {
        assert!(places[name].len() > 1, "{name} needs no excuse any more");
    }
}
