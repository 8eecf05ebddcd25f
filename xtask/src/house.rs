//! The order of the rooms in `docs/architecture.md` is kept: whatever stands lower may use what
//! stands above it, and folders beside each other do not use each other in a circle.

use crate::root;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The rooms of `src/`, from the ground up, as the table of `docs/architecture.md` has them.
fn order(document: &str) -> Vec<String> {
    let (_, table) = document.split_once("## The map").unwrap();
    let (table, _) = table.split_once("\n## ").unwrap();
    let names = table.lines().filter_map(|line| line.strip_prefix("| `"));
    names
        .filter_map(|line| Some(line.split_once("/` |").or(line.split_once(".rs` |"))?.0))
        .map(|name| name.trim_start_matches("src/").to_owned())
        .collect()
}

/// The paths below `crate::` that the file of a module names outside of its tests and comments.
fn uses(text: &str, module: &str) -> Vec<String> {
    // Tests in a file of their own leave the rest of this one to be read.
    let tests = text.match_indices("#[cfg(test)]\nmod ").find(|(at, _)| {
        let line = text[*at..].lines().nth(1).unwrap_or_default();
        line.ends_with('{')
    });
    let code: String = text[..tests.map_or(text.len(), |(at, _)| at)]
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let own: Vec<&str> = module.split("::").collect();
    let mut found = Vec::new();
    for start in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            let mut path = &code[at..];
            let mut above = if start == "crate::" { 0 } else { own.len() };
            while let Some(rest) = path.strip_prefix("super::") {
                (path, above) = (rest, above.saturating_sub(1));
            }
            let path = path.strip_prefix("crate::").unwrap_or(path);
            let path = path.strip_prefix("self::").unwrap_or(path);
            let folders: String = own[..above]
                .iter()
                .map(|name| format!("{name}::"))
                .collect();
            paths(path, &folders, &mut found);
        }
    }
    found
}

/// One tree of a `use`, or a path: `a::{b, c::{d}}` is `a::b` and `a::c::d`. Returns how much of
/// the text it was.
fn paths(text: &str, before: &str, found: &mut Vec<String>) -> usize {
    let name: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_' || *c == ':')
        .collect();
    let path = format!("{before}{name}");
    let mut at = name.len();
    if !text[at..].starts_with('{') {
        found.push(path.trim_end_matches("::").to_owned());
        return at;
    }
    at += 1;
    loop {
        at += text[at..].len() - text[at..].trim_start_matches([' ', '\n', ',']).len();
        match text[at..].chars().next() {
            None => return at,
            Some('}') => return at + 1,
            Some(c) if c.is_alphanumeric() || c == '_' => {
                at += paths(&text[at..], &path, found);
                // `as other`
                let alias = text[at..].strip_prefix(" as ");
                at += alias.map_or(0, |rest| {
                    4 + rest.len()
                        - rest
                            .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
                            .len()
                });
            }
            Some(c) => at += c.len_utf8(),
        }
    }
}

/// What each module of `src/` uses, by their paths.
fn modules() -> BTreeMap<String, Vec<String>> {
    let src = root().join("src");
    let mut files = Vec::new();
    crate::bundle::collect(&src, &mut files).unwrap();
    let rust = files
        .into_iter()
        .filter(|file| file.extension().is_some_and(|is| is == "rs"));
    rust.filter(|file| !is_test(file))
        .map(|file| {
            let name = file.strip_prefix(&src).unwrap().with_extension("");
            let name = name.to_string_lossy().replace('/', "::");
            let name = name.trim_end_matches("::mod").to_owned();
            let uses = uses(&fs::read_to_string(&file).unwrap(), &name);
            (name, uses)
        })
        .collect()
}

fn is_test(file: &Path) -> bool {
    file.file_stem().is_some_and(|name| {
        [
            "tests",
            "fuzz",
            "simulation",
            "hostile",
            "files",
            "conventions",
        ]
        .iter()
        .any(|test| name == *test)
    })
}

fn room(path: &str) -> &str {
    path.split("::").next().unwrap_or_default()
}

#[test]
fn arrows_between_rooms_point_down() {
    let order = order(&fs::read_to_string(root().join("docs/architecture.md")).unwrap());
    let floor = |name: &str| order.iter().position(|room| room == name);
    let mut wrong = Vec::new();
    for (module, uses) in modules() {
        let own = room(&module).to_owned();
        if matches!(own.as_str(), "lib" | "main") {
            continue;
        }
        let Some(here) = floor(&own) else {
            wrong.push(format!("{own} is no room of docs/architecture.md"));
            continue;
        };
        for used in uses {
            let other = room(&used);
            if other != own && floor(other).is_some_and(|there| there > here) {
                wrong.push(format!("{module} uses {used}, which stands above it"));
            }
        }
    }
    assert!(order.len() > 15, "{order:?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The folder of a module, to the depth of the pages: `pages::users::list`.
fn folder(path: &str, folders: &BTreeSet<String>) -> Option<String> {
    let parts: Vec<&str> = path.split("::").collect();
    let names = (1..=parts.len())
        .rev()
        .map(|length| parts[..length].join("::"));
    names.into_iter().find(|name| folders.contains(name))
}

/// Of two folders the two that contain them and stand beside each other, unless one contains the other.
fn beside(one: &str, other: &str) -> Option<(String, String)> {
    let names = |path: &str| path.split("::").map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (names(one), names(other));
    let common = one.iter().zip(&other).take_while(|(a, b)| a == b).count();
    let up_to = |path: &[String]| Some(path.get(..=common)?.join("::"));
    Some((up_to(&one)?, up_to(&other)?))
}

/// Which folders use which beside them, with an example of each.
type Arrows = BTreeMap<String, BTreeMap<String, String>>;

/// A way from one folder back to it, as the uses on it.
fn circle(arrows: &Arrows, from: &str) -> Option<Vec<String>> {
    let mut ways: Vec<(&str, Vec<String>)> = vec![(from, Vec::new())];
    let mut seen = BTreeSet::new();
    while let Some((folder, way)) = ways.pop() {
        for (next, example) in arrows.get(folder).into_iter().flatten() {
            let way: Vec<String> = way.iter().chain([example]).cloned().collect();
            if next == from {
                return Some(way);
            }
            if seen.insert(next) {
                ways.push((next, way));
            }
        }
    }
    None
}

#[test]
fn folders_beside_each_other_make_no_circle() {
    let modules = modules();
    let folders: BTreeSet<String> = modules
        .keys()
        .filter_map(|module| Some(module.rsplit_once("::")?.0.to_owned()))
        .collect();
    let mut arrows = Arrows::new();
    for (module, uses) in &modules {
        // A file lies in the folder of its name, or in the one above.
        let Some(own) = folder(module, &folders) else {
            continue;
        };
        for used in uses {
            if let Some(other) = folder(used, &folders)
                && let Some((from, to)) = beside(&own, &other)
            {
                let from = arrows.entry(from).or_default();
                from.insert(to, format!("{module} uses {used}"));
            }
        }
    }
    let circles: Vec<String> = arrows
        .keys()
        .filter_map(|folder| Some(circle(&arrows, folder)?.join(", ")))
        .collect();
    assert!(arrows.len() > 30, "{}", arrows.len());
    assert!(circles.is_empty(), "{}", circles.join("\n"));
}

#[test]
fn circles_are_found_however_long() {
    assert_eq!(
        beside("pages::media::files", "pages::rooms::one"),
        Some(("pages::media".to_owned(), "pages::rooms".to_owned()))
    );
    assert_eq!(beside("pages::media", "pages::media::files"), None);
    let arrow = |from: &str, to: &str| {
        let to = BTreeMap::from([(to.to_owned(), format!("{from} uses {to}"))]);
        (from.to_owned(), to)
    };
    let mut arrows = Arrows::from([arrow("a", "b"), arrow("b", "c"), arrow("d", "a")]);
    assert!(
        arrows
            .keys()
            .all(|folder| circle(&arrows, folder).is_none())
    );
    arrows.extend([arrow("c", "a")]);
    let way = ["a uses b", "b uses c", "c uses a"].map(str::to_owned);
    assert_eq!(circle(&arrows, "a"), Some(way.into()));
    assert_eq!(circle(&arrows, "d"), None);
}

#[test]
fn routes_are_written_by_the_route_alone() {
    let mut wrong = Vec::new();
    let src = root().join("src");
    let mut files = Vec::new();
    crate::bundle::collect(&src, &mut files).unwrap();
    for file in files {
        let name = file
            .strip_prefix(&src)
            .unwrap()
            .to_string_lossy()
            .into_owned();
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        if !["pages/", "widgets/", "app/"]
            .iter()
            .any(|room| name.starts_with(room))
        {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let by_hand = [
                "target=\"_self\"",
                "\"#/",
                "\"/users",
                "\"/rooms",
                "\"/media",
            ];
            if by_hand.iter().any(|sign| code.contains(sign)) && name != "app/router.rs" {
                wrong.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "Use `components::link` and `Route`:\n{}",
        wrong.join("\n")
    );
}

/// The modules that a file declares: `mod a;`, `pub mod a;`.
fn declared(text: &str) -> Vec<&str> {
    let names = text.lines().filter_map(|line| {
        let (before, name) = line.trim().strip_suffix(';')?.rsplit_once("mod ")?;
        let visible = before.is_empty() || before.starts_with("pub");
        visible.then_some(name)
    });
    names.collect()
}

#[test]
fn every_file_is_compiled() {
    // A file that nobody declares is read by people and by no compiler; its tests never run.
    let src = root().join("src");
    let mut files = Vec::new();
    crate::bundle::collect(&src, &mut files).unwrap();
    let included = ["i18n/catalogue.rs"];
    let mut lost = Vec::new();
    for file in files {
        let name = file.strip_prefix(&src).unwrap().to_string_lossy();
        let Some(path) = name.strip_suffix(".rs") else {
            continue;
        };
        if ["lib", "main"].contains(&path) || included.contains(&&*name) {
            continue;
        }
        let path = path.trim_end_matches("/mod");
        let (above, own) = path.rsplit_once('/').unwrap_or(("", path));
        let parents = match above {
            "" => vec![src.join("lib.rs"), src.join("main.rs")],
            above => vec![
                src.join(above).join("mod.rs"),
                src.join(format!("{above}.rs")),
            ],
        };
        let is_declared = parents.iter().any(|parent| {
            fs::read_to_string(parent).is_ok_and(|text| declared(&text).contains(&own))
        });
        if !is_declared {
            lost.push(name.into_owned());
        }
    }
    assert!(lost.is_empty(), "no `mod` for {}", lost.join(", "));
}

#[test]
fn trees_of_uses_are_read() {
    let code = "#[cfg(test)]\nmod tests;\nuse crate::a::{self, B, c::{D, e as f}};\n\
                let x = crate::g::h(1);\n// crate::no\nuse super::i;\nself::k();\n\
                #[cfg(test)]\nmod others {\nuse crate::no;\n}\n";
    let expected = ["a::self", "a::B", "a::c::D", "a::c::e", "g::h"];
    assert_eq!(uses(code, "m::n")[..5], expected);
    assert_eq!(uses(code, "m::n")[5..], ["m::i", "m::n::k"]);
}
