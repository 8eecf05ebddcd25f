//! What holds for all of `src/`, read from the sources: one test for each rule.

use std::collections::{BTreeMap, BTreeSet};
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

/// What stands in brackets from the first `open` on, to the `close` that belongs to it.
fn bracketed(text: &str, open: char, close: char) -> &str {
    let Some(start) = text.find(open) else {
        return "";
    };
    let mut depth = 0;
    for (at, c) in text[start..].char_indices() {
        depth += i32::from(c == open);
        depth -= i32::from(c == close);
        if depth == 0 {
            return &text[start..start + at];
        }
    }
    &text[start..]
}

/// Where `name` stands as a word of its own.
fn words<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .map(|(at, _)| at)
        .filter(move |at| {
            let before = text[..*at].chars().next_back();
            let after = text[at + name.len()..].chars().next();
            !before.is_some_and(|c| is_letter(c) || c == '.') && !after.is_some_and(is_letter)
        })
}

/// Handles of what a page knows, as they are handed on everywhere.
const HANDLES: [&str; 3] = ["shown: Shown", "tab: Tab", "walker: Walker"];

/// The names of those that a source text has.
fn handles(text: &str) -> Vec<&'static str> {
    let found = HANDLES.iter().filter(|handed| text.contains(**handed));
    let names = found.filter_map(|handed| handed.split(':').next());
    names.collect()
}

/// What is done with the handles of a page in `code`, but for having it read anew, which knows that
/// the page may have been left.
fn of_the_page<'a>(code: &'a str, handles: &[&'a str]) -> Vec<&'a str> {
    let mut found = Vec::new();
    for name in handles {
        for at in words(code, name) {
            let (before, rest) = (&code[..at], &code[at + name.len()..]);
            let is_careful = rest.starts_with(".refresh()")
                || before.ends_with("refresh(")
                || before.ends_with("anew(");
            if !is_careful {
                let end = rest.find('\n').unwrap_or(rest.len());
                found.push(&code[at..at + name.len() + end]);
            }
        }
    }
    found
}

/// What may run when the page has been left: undoes, ends of jobs, and answers to questions.
fn outliving(text: &str) -> Vec<&str> {
    let calls = [".undo(", ".on_end(", "run: Rc::new("];
    let calls = calls.iter().flat_map(|call| {
        let starts = text.match_indices(call);
        starts.map(|(at, _)| bracketed(&text[at..], '(', ')'))
    });
    let apart = text.match_indices("let run = move || {");
    let apart = apart.map(|(at, _)| bracketed(&text[at..], '{', '}'));
    calls.chain(apart).collect()
}

/// What is read of signals after an `await` without having asked whether they are still there.
fn read_late<'a>(text: &'a str, handles: &[&'a str]) -> Vec<&'a str> {
    const READS: [&str; 6] = [
        ".get_value()",
        ".with_value(",
        ".get_untracked()",
        ".with_untracked(",
        "user_now()",
        "detail_now()",
    ];
    let mut found = Vec::new();
    for start in ["async move {", "async {", "async fn "] {
        for (at, _) in text.match_indices(start) {
            let body = bracketed(&text[at..], '{', '}');
            let mut pieces = body.split(".await");
            // Before the first nothing has been waited for.
            pieces.next();
            for piece in pieces {
                // Up to the line that asks.
                let asks = ["try_", ".is_answered(", ".is_last("];
                let asks = asks.iter().filter_map(|asks| piece.find(asks)).min();
                let asks = asks.map(|at| &piece[..at]);
                let unsure = asks.map_or(piece, |before| {
                    &before[..before.rfind(['\n', ';']).unwrap_or(0)]
                });
                for read in READS {
                    found.extend(unsure.find(read).map(|at| &unsure[..at + read.len()]));
                }
                let used = of_the_page(unsure, handles);
                found.extend(used.into_iter().filter(|used| !used.contains(".set(")));
            }
        }
    }
    found
}

#[test]
fn what_outlives_a_page_asks_nothing_of_it() {
    // Signals end with the page that has made them, and whoever reads one then ends the program.
    assert_eq!(
        outliving("a.undo(move |_| b(shown)).c()"),
        ["(move |_| b(shown)"]
    );
    let names = ["shown", "tab"];
    assert_eq!(handles("fn a(shown: Shown, tab: Tab)"), names);
    assert_eq!(of_the_page("(|_| b(shown)", &names), ["shown)"]);
    let careful = "(|_| shown.refresh(), super::refresh(tab), not_shown)";
    assert!(of_the_page(careful, &names).is_empty());
    assert_eq!(
        read_late(
            "async move { a.get_value(); b().await; c.get_value() }",
            &names
        )
        .len(),
        1
    );
    let careful = "async { b().await; if a.try_set(0).is_some() { return; } c.get_value() }";
    assert!(read_late(careful, &names).is_empty());
    let careful = "async { b().await; if c.is_answered(n) { d(shown) } }";
    assert!(read_late(careful, &names).is_empty());
    let mut wrong = Vec::new();
    let mut count = 0;
    for (path, text) in sources() {
        let name = path.to_string_lossy().replace('\\', "/");
        let rooms = ["pages", "widgets", "lists", "components"];
        if !rooms
            .iter()
            .any(|room| name.contains(&format!("/src/{room}/")))
        {
            continue;
        }
        let lines = text.lines();
        let lines = lines.filter(|line| !line.trim_start().starts_with("//"));
        let text = lines.collect::<Vec<_>>().join("\n");
        for code in outliving(&text) {
            count += 1;
            let used = of_the_page(code, &handles(&text)).into_iter();
            wrong.extend(used.map(|used| format!("{name}: {used}")));
        }
        // The desk of the import is one for the tab: it is there whatever page is shown.
        if !name.contains("/pages/users/import/") {
            let late = read_late(&text, &handles(&text)).into_iter();
            wrong.extend(late.map(|read| format!("{name}: after an await: {read}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        count > 30,
        "only {count} of what outlives a page: has the style changed?"
    );
}

/// What a file of modules compiles for the browser only.
fn for_the_browser(text: &str) -> impl Iterator<Item = &str> {
    let gated = text.split("#[cfg(target_arch = \"wasm32\")]\n").skip(1);
    gated.filter_map(|after| {
        let line = after.lines().next()?.trim().strip_suffix(';')?;
        line.strip_prefix("pub mod ").or(line.strip_prefix("mod "))
    })
}

#[test]
fn no_test_stands_where_none_is_compiled() {
    let modules = "#[cfg(target_arch = \"wasm32\")]\npub mod a;\npub mod b;\n#[cfg(target_arch = \"wasm32\")]\nmod c;\n";
    assert_eq!(for_the_browser(modules).collect::<Vec<_>>(), ["a", "c"]);
    let all = sources();
    let is_of_modules = |path: &Path| path.ends_with("lib.rs") || path.ends_with("mod.rs");
    for (path, text) in all.iter().filter(|(path, _)| is_of_modules(path)) {
        let folder = path.parent().unwrap();
        for module in for_the_browser(text) {
            let (file, inside) = (folder.join(format!("{module}.rs")), folder.join(module));
            let tested = all.iter().find(|(path, text)| {
                (*path == file || path.starts_with(&inside)) && text.contains("#[cfg(test)]")
            });
            if let Some((path, _)) = tested {
                panic!("{} is compiled for the browser only.", path.display());
            }
        }
    }
}

/// What a text names, as far as letters, digits and `also` go.
fn named<'a>(text: &'a str, also: &'a [char]) -> impl Iterator<Item = &'a str> {
    text.split(move |c: char| !c.is_alphanumeric() && !also.contains(&c))
}

#[test]
fn every_sentence_is_said_by_somebody() {
    let all = sources();
    let said: BTreeSet<&str> = all
        .iter()
        .flat_map(|(_, text)| text.split("t::").skip(1))
        .filter_map(|after| named(after, &['_']).next())
        .collect();
    let catalogue = include_str!("i18n/locales/en.json");
    let sentences: BTreeMap<String, serde_json::Value> = serde_json::from_str(catalogue).unwrap();
    assert!(sentences.len() > 1000);
    let lost: Vec<&String> = sentences
        .keys()
        .filter(|key| !said.contains(key.as_str()))
        .collect();
    assert!(lost.is_empty(), "Nobody says {lost:?}.");
}

/// The classes that a style sheet has rules for.
fn classes(sheet: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let code = sheet
        .split("/*")
        .map(|part| part.split_once("*/").map_or(part, |(_, code)| code));
    for code in code {
        // What stands in quotes is a value.
        for part in code.split('"').step_by(2) {
            for after in part.split('.').skip(1) {
                let name = named(after, &['-', '_']).next().unwrap_or_default();
                if name.starts_with(|c: char| c.is_ascii_lowercase()) {
                    found.insert(name);
                }
            }
        }
    }
    found
}

#[test]
fn every_rule_is_about_something() {
    assert_eq!(
        classes("/* .no */ .a > .b-c::before { margin: 0.5em; content: \".no\"; }"),
        BTreeSet::from(["a", "b-c"])
    );
    let all = sources();
    let page = include_str!("../index.html");
    let mut worn: BTreeSet<&str> = named(page, &['-', '_']).collect();
    worn.extend(all.iter().flat_map(|(_, text)| named(text, &['-', '_'])));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("style");
    for sheet in fs::read_dir(folder).unwrap() {
        let path = sheet.unwrap().path();
        let sheet = fs::read_to_string(&path).unwrap();
        let lost: Vec<&str> = classes(&sheet).difference(&worn).copied().collect();
        assert!(lost.is_empty(), "{}: nothing has {lost:?}.", path.display());
    }
}
