//! No endpoint escapes.

use std::fs;
use std::path::Path;

/// The names of the functions in a source text that make a request.
fn endpoints(source: &str) -> Vec<&str> {
    let tests_begin = source.find("#[cfg(test)]").unwrap_or(source.len());
    source[..tests_begin]
        .split("\npub fn ")
        .skip(1)
        .filter_map(|rest| {
            let signature = rest.split('{').next()?;
            signature.contains("-> Request<").then_some(())?;
            signature.split(['(', '<']).next()
        })
        .collect()
}

/// The modules in a folder and below, by their names as they are called from there (`users`,
/// `mas::users`), with their source texts.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_file() {
            found.push((name, fs::read_to_string(&path).unwrap()));
            continue;
        }
        for (below, text) in sources(&path) {
            match below.as_str() {
                "mod" => found.push((name.clone(), text)),
                // A chapter's own tests.
                "tests" => {}
                _ => found.push((format!("{name}::{below}"), text)),
            }
        }
    }
    found.retain(|(name, _)| !name.starts_with("tests::"));
    found
}

/// Whether a text calls this function by this name: `mas::users::list(` is no `users::list(`.
fn calls(text: &str, function: &str) -> bool {
    let whole = format!("{function}(");
    let mut places = text.match_indices(&whole);
    places.any(|(at, _)| {
        !text[..at].ends_with(|char: char| char.is_alphanumeric() || char == ':' || char == '_')
    })
}

#[test]
fn every_endpoint_function_is_called_here() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("api");
    let tests: String = sources(&here).into_iter().map(|(_, text)| text).collect();
    let mut missing = Vec::new();
    let mut count = 0;
    for (chapter, source) in sources(&xtask::root().join("src/api")) {
        for endpoint in endpoints(&source) {
            count += 1;
            if !calls(&tests, &format!("{chapter}::{endpoint}")) {
                missing.push(format!("{chapter}::{endpoint}"));
            }
        }
    }
    assert!(
        count > 150,
        "only {count} endpoints found: has the style changed?"
    );
    assert!(
        missing.is_empty(),
        "not tested against a server: {missing:?}"
    );
}

#[test]
fn a_name_is_not_taken_for_another() {
    assert!(calls("run(&users::list(&all))", "users::list"));
    assert!(!calls("run(&mas::users::list(&all))", "users::list"));
    assert!(!calls("run(&users::list_all(&all))", "users::list"));
    assert!(calls("run(&mas::users::list(&all))", "mas::users::list"));
}
