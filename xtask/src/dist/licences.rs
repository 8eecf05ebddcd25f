//! `THIRD-PARTY.txt`: everybody else's part of what is shipped, and under which licences.
//!
//! What is linked in is what cargo says of the lock file: the packages that the panel and the web
//! server need, on their machines, with their features; neither macros nor build scripts, which are
//! not in what they make. The texts are those that the packages bring. A package that brings none is
//! shipped under the licence that it declares, with its authors' names.
//!
//! `cargo about` does the same and takes minutes to compile, on each machine that makes a release.

use crate::{process, root, tools};
use anyhow::{Context, Result, bail};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// What is shipped, in words; its package, and the target that it is compiled for.
const SHIPPED: [(&str, &str, &str); 2] = [
    ("the panel", "synapse-admin", "wasm32-unknown-unknown"),
    (
        "the web server of the container image",
        super::server::PACKAGE,
        "x86_64-unknown-linux-musl",
    ),
];

/// What is linked in and is no package, with the text of its licence: of Rust's two, the one that we
/// have ourselves.
const OTHERS: [(&str, &str, &str); 2] = [
    (
        "Rust's standard library: MIT OR Apache-2.0",
        "https://github.com/rust-lang/rust",
        include_str!("../../../LICENSE"),
    ),
    (
        "musl, in the web server: MIT",
        "https://musl.libc.org",
        include_str!("musl.txt"),
    ),
];

/// What licences are called in the sources of a package.
const NAMES: [&str; 5] = ["licen", "copying", "copyright", "notice", "unlicense"];

/// A package that is linked in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    name: String,
    version: String,
    licence: String,
    home: String,
    authors: Vec<String>,
    folder: PathBuf,
}

/// The text of the file.
///
/// # Errors
/// When a package does not say its licence, or brings no text of one that we have no text of.
pub fn text() -> Result<String> {
    let mut parts: BTreeMap<Part, BTreeSet<&str>> = BTreeMap::new();
    for (what, package, target) in SHIPPED {
        for part in linked(package, target)? {
            parts.entry(part).or_default().insert(what);
        }
    }
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut list = String::new();
    for (part, users) in &parts {
        let name = format!("{} {}", part.name, part.version);
        let users: Vec<&str> = users.iter().copied().collect();
        list.push_str(&format!(
            "{name}: {}\n    {}\n    in {}\n",
            part.licence,
            part.home,
            users.join(" and ")
        ));
        for text in of(part)? {
            texts.entry(text).or_default().push(name.clone());
        }
    }
    // Who makes a release again needs the same one.
    let compiler = tools::rustc_version()?;
    for (name, home, text) in OTHERS {
        list.push_str(&format!("{name}\n    {home}\n    by {compiler}\n"));
        texts
            .entry(tidy(text))
            .or_default()
            .push(name.split(':').next().unwrap_or(name).to_owned());
    }
    let mut whole = format!(
        "Synapse Admin is published under the Apache License 2.0 (LICENSE.txt). Its icons and pictures\n\
         are drawn for it. These are linked into it, each under its own licence; the texts follow.\n\n{list}"
    );
    for (text, users) in texts {
        let line = "-".repeat(78);
        whole.push_str(&format!(
            "\n{line}\n{}\n{line}\n\n{text}\n",
            users.join(", ")
        ));
    }
    Ok(whole)
}

/// The texts that a package brings.
fn of(part: &Part) -> Result<Vec<String>> {
    let mut files: Vec<PathBuf> = fs::read_dir(&part.folder)
        .with_context(|| format!("The source of {} is missing.", part.name))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| is_licence(path))
        .collect();
    files.sort();
    if files.is_empty() {
        return declared(part).map(|text| vec![text]);
    }
    files
        .iter()
        .map(|file| Ok(tidy(&String::from_utf8_lossy(&fs::read(file)?))))
        .collect()
}

fn is_licence(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = name.to_lowercase();
    path.is_file() && NAMES.iter().any(|begin| name.starts_with(begin))
}

/// The text for a package that brings none.
fn declared(part: &Part) -> Result<String> {
    let names: Vec<&str> = part.licence.split([' ', '/']).collect();
    if !names.contains(&"MIT") || names.contains(&"AND") {
        bail!(
            "{} {} is under {} and brings no text of it.",
            part.name,
            part.version,
            part.licence
        );
    }
    let name = |author: &String| author.split('<').next().unwrap_or(author).trim().to_owned();
    let mut authors: Vec<String> = part.authors.iter().map(name).collect();
    if authors.is_empty() {
        authors.push(format!("the authors of {}", part.name));
    }
    Ok(tidy(
        &include_str!("mit.txt").replace("{authors}", &authors.join(", ")),
    ))
}

/// One text whatever its lines end with.
fn tidy(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
    repository: Option<String>,
    homepage: Option<String>,
    authors: Vec<String>,
    manifest_path: PathBuf,
    /// `None` for our own.
    source: Option<String>,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    /// `None` for what is linked in.
    kind: Option<String>,
}

/// What is linked into a package of ours for a target.
fn linked(package: &str, target: &str) -> Result<Vec<Part>> {
    let mut cargo = process::cargo();
    cargo.current_dir(root()).args([
        "metadata",
        "--locked",
        "--format-version=1",
        "--filter-platform",
        target,
    ]);
    let answer = process::answer(&mut cargo).context("cargo cannot read Cargo.lock.")?;
    let metadata: Metadata = serde_json::from_str(&answer)?;
    parts(&metadata, package)
}

fn parts(metadata: &Metadata, package: &str) -> Result<Vec<Part>> {
    let packages: BTreeMap<&str, &Package> = metadata
        .packages
        .iter()
        .map(|package| (package.id.as_str(), package))
        .collect();
    let needs: BTreeMap<&str, &[Dependency]> = metadata
        .resolve
        .nodes
        .iter()
        .map(|node| (node.id.as_str(), node.deps.as_slice()))
        .collect();
    let first = packages
        .values()
        .find(|found| found.name == package && found.source.is_none())
        .with_context(|| format!("There is no package {package}."))?;
    let mut left = vec![first.id.as_str()];
    let mut seen = BTreeSet::new();
    let mut parts = Vec::new();
    while let Some(id) = left.pop() {
        let Some(package) = packages.get(id) else {
            continue;
        };
        let is_macro = |target: &Target| target.kind.iter().any(|kind| kind == "proc-macro");
        if package.targets.iter().any(is_macro) || !seen.insert(id) {
            continue;
        }
        let linked = |dependency: &&Dependency| {
            let mut kinds = dependency.dep_kinds.iter();
            kinds.any(|kind| kind.kind.is_none())
        };
        let dependencies = needs.get(id).copied().unwrap_or_default();
        left.extend(
            dependencies
                .iter()
                .filter(linked)
                .map(|dep| dep.pkg.as_str()),
        );
        if package.source.is_some() {
            parts.push(part(package)?);
        }
    }
    Ok(parts)
}

fn part(package: &Package) -> Result<Part> {
    let named = || format!("{} {}", package.name, package.version);
    Ok(Part {
        name: package.name.clone(),
        version: package.version.clone(),
        licence: package
            .license
            .clone()
            .with_context(|| format!("{} does not say its licence.", named()))?,
        home: package
            .repository
            .clone()
            .or_else(|| package.homepage.clone())
            .unwrap_or_else(|| format!("https://crates.io/crates/{}", package.name)),
        authors: package.authors.clone(),
        folder: package
            .manifest_path
            .parent()
            .unwrap_or(&package.manifest_path)
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_linked_in_is_named_and_what_only_builds_is_not() {
        let package = |name: &str, kind: &str, source: Option<&str>| {
            json!({
                "id": name, "name": name, "version": "1.0.0", "license": "MIT", "source": source,
                "repository": null, "homepage": null, "authors": ["A. Person <a@b.org>"],
                "manifest_path": format!("/x/{name}/Cargo.toml"), "targets": [{ "kind": [kind] }],
            })
        };
        let needs =
            |name: &str, kind: Option<&str>| json!({"pkg": name, "dep_kinds": [{"kind": kind}]});
        let metadata = json!({
            "packages": [
                package("ours", "bin", None),
                package("lib", "lib", Some("registry")),
                package("deep", "lib", Some("registry")),
                package("macro", "proc-macro", Some("registry")),
                package("builder", "lib", Some("registry")),
                package("tester", "lib", Some("registry")),
            ],
            "resolve": { "nodes": [
                { "id": "ours", "deps": [
                    needs("lib", None), needs("macro", None), needs("builder", Some("build")),
                    needs("tester", Some("dev")),
                ]},
                { "id": "lib", "deps": [needs("deep", None)] },
                { "id": "macro", "deps": [needs("builder", None)] },
            ]},
        });
        let metadata: Metadata = serde_json::from_value(metadata).unwrap();
        let mut names: Vec<String> = parts(&metadata, "ours")
            .unwrap()
            .into_iter()
            .map(|part| part.name)
            .collect();
        names.sort();
        assert_eq!(names, ["deep", "lib"]);
        assert!(parts(&metadata, "none").is_err());
    }

    #[test]
    fn whoever_brings_no_text_is_named_in_that_of_the_licence() {
        let folder = tempfile::tempdir().unwrap();
        let mut part = Part {
            name: "x".to_owned(),
            version: "1.0.0".to_owned(),
            licence: "MIT OR Apache-2.0".to_owned(),
            home: String::new(),
            authors: vec!["A. Person <a@b.org>".to_owned()],
            folder: folder.path().to_owned(),
        };
        let text = of(&part).unwrap();
        assert!(text[0].contains("Copyright (c) A. Person\n"), "{text:?}");
        part.licence = "Zlib".to_owned();
        assert!(of(&part).is_err());
        fs::write(folder.path().join("LICENSE-ZLIB"), "Be kind.\r\n").unwrap();
        assert_eq!(of(&part).unwrap(), ["Be kind."]);
    }

    #[test]
    fn everything_in_the_lock_file_can_be_shipped() {
        let text = text().unwrap();
        for name in [
            "\nleptos 0.",
            "\nhyper 1.",
            "\ntokio 1.",
            "\nRust's standard library: MIT OR Apache-2.0\n    https://github.com/rust-lang/rust\n    by rustc 1.",
            "musl",
            "Rich Felker",
        ] {
            assert!(text.contains(name), "{name}");
        }
        for name in ["\nproptest ", "\ntempfile ", "\nthirtyfour "] {
            assert!(!text.contains(name), "{name}");
        }
        let here = root();
        assert!(!text.contains(&*here.to_string_lossy()));
    }
}
