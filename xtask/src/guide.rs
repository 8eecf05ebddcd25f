//! What `docs/contributing.md` quotes stands in the files that it names; these exist, and so do those that
//! the scripts name.

use crate::root;
use std::fs;

/// The files and the passages that the guide quotes from them.
fn quoted(guide: &str) -> Vec<(&str, &str)> {
    guide
        .split("<!-- ")
        .skip(1)
        .filter_map(|rest| {
            let (file, rest) = rest.split_once(" -->\n```rust,ignore\n")?;
            Some((file, rest.split_once("```")?.0))
        })
        .collect()
}

#[test]
fn what_the_guide_quotes_is_there() {
    let guide = fs::read_to_string(root().join("docs/contributing.md")).unwrap();
    let quoted = quoted(&guide);
    assert!(quoted.len() > 5, "{quoted:?}");
    for (file, passage) in quoted {
        let text = fs::read_to_string(root().join(file)).unwrap();
        assert!(text.contains(passage), "{file} does not have:\n{passage}");
    }
}

#[test]
fn the_files_that_the_guide_names_exist() {
    let guide = fs::read_to_string(root().join("docs/contributing.md")).unwrap();
    let names = guide.split('`').skip(1).step_by(2);
    let files = names.filter(|name| {
        let path =
            name.starts_with("src/") || name.starts_with("tests/") || name.starts_with("style/");
        path && !name.contains(['…', '*', ' ']) && !name.contains("xx.")
    });
    let mut count = 0;
    for file in files {
        count += 1;
        assert!(root().join(file).exists(), "{file}");
    }
    assert!(count > 10);
}

#[test]
fn the_files_that_the_scripts_name_exist() {
    let mut count = 0;
    for entry in fs::read_dir(root().join("assets")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "js") {
            continue;
        }
        let script = fs::read_to_string(&path).unwrap();
        let words = script.split(|c: char| c.is_whitespace() || "`'\"(),;:".contains(c));
        for file in words.map(|word| word.trim_end_matches('.')) {
            if file.starts_with("src/") || file.starts_with("xtask/") {
                count += 1;
                assert!(root().join(file).exists(), "{}: {file}", path.display());
            }
        }
    }
    assert!(count > 3);
}
