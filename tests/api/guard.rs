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

fn sources(folder: &Path) -> Vec<(String, String)> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        // What a chapter has beside it are its own tests.
        .filter(|path| path.is_file())
        .map(|path| {
            let chapter = path.file_stem().unwrap().to_string_lossy().into_owned();
            (chapter, fs::read_to_string(&path).unwrap())
        })
        .collect()
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
            if !tests.contains(&format!("{chapter}::{endpoint}(")) {
                missing.push(format!("{chapter}::{endpoint}"));
            }
        }
    }
    assert!(
        count > 25,
        "only {count} endpoints found: has the style changed?"
    );
    assert!(
        missing.is_empty(),
        "not tested against a server: {missing:?}"
    );
}
