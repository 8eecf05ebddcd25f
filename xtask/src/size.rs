//! `cargo xtask size`: what a browser downloads until the login form works.

use crate::finish::{INSIDE_STYLES, tags};
use crate::split;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// What a browser may download until the login form works, in bytes after brotli at its highest
/// level.
pub const BUDGET: usize = 153_600;

/// What it may download beyond that until the first page of a signed-in administrator works.
/// Further pages come when they are opened.
pub const INSIDE_BUDGET: usize = 263_400;

/// One downloaded file.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Relative to the bundle.
    pub name: String,
    /// In bytes.
    pub plain: usize,
    /// In bytes after brotli at its highest level.
    pub compressed: usize,
}

/// Every file that a browser downloads until the login form works: the page and all that it
/// refers to. The parts of the program behind the login form, other languages than English and
/// the pages' own pictures come later, if at all.
pub fn measure(bundle: &Path) -> Result<Vec<Entry>> {
    let html = fs::read_to_string(bundle.join("index.html"))
        .with_context(|| format!("There is no bundle in {}.", bundle.display()))?;
    let mut names = vec!["index.html".to_owned()];
    names.extend(references(&html));
    names
        .into_iter()
        .map(|name| {
            let content = fs::read(bundle.join(&name))
                .with_context(|| format!("index.html refers to {name}, which is missing."))?;
            Ok(Entry {
                plain: content.len(),
                compressed: brotli(&content)?.len(),
                name,
            })
        })
        .collect()
}

/// The parts of the program, and the styles, that are downloaded later, when they are needed.
fn measure_later(bundle: &Path, now: &[Entry]) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for file in fs::read_dir(bundle)? {
        let name = file?.file_name().to_string_lossy().into_owned();
        let loaded = name.ends_with(".wasm") || name.ends_with(".css");
        if loaded && now.iter().all(|entry| entry.name != name) {
            let content = fs::read(bundle.join(&name))?;
            entries.push(Entry {
                plain: content.len(),
                compressed: brotli(&content)?.len(),
                name,
            });
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries)
}

/// Prints the files and, last, the sum of those that the login form needs; fails above a budget.
pub fn report(bundle: &Path) -> Result<()> {
    let entries = measure(bundle)?;
    let later = measure_later(bundle, &entries)?;
    if !later.is_empty() {
        println!("Later, when they are needed:");
        print!("{}", table(&later));
        println!("\nUntil the login form works:");
    }
    print!("{}", table(&entries));
    let is_first = |entry: &&Entry| {
        let mut names = [split::FIRST, split::FIRST_PAGE, INSIDE_STYLES].into_iter();
        names.any(|name| entry.name.starts_with(&format!("{name}-")))
    };
    let first = later
        .iter()
        .filter(is_first)
        .map(|entry| entry.compressed)
        .sum();
    within("login form", sum(&entries), BUDGET)?;
    within("first page inside", first, INSIDE_BUDGET)
}

fn sum(entries: &[Entry]) -> usize {
    entries.iter().map(|entry| entry.compressed).sum()
}

fn within(what: &str, bytes: usize, budget: usize) -> Result<()> {
    if bytes > budget {
        bail!(
            "The download for the {what} of {bytes} bytes is {} bytes above the budget of {budget}.",
            bytes - budget
        );
    }
    Ok(())
}

/// Compresses at the highest level, as `dist` does.
pub fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    const LEVEL: u32 = 11;
    /// The largest window that every browser takes, as a power of two.
    const WINDOW: u32 = 24;
    let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, LEVEL, WINDOW);
    writer.write_all(content)?;
    Ok(writer.into_inner())
}

/// The files of the bundle that a page refers to, each once.
fn references(html: &str) -> BTreeSet<String> {
    tags(html)
        .iter()
        .flat_map(|tag| {
            ["href", "src", "data-js", "data-wasm"].map(|name| tag.get(name).map(str::to_owned))
        })
        .flatten()
        .filter_map(|address| Some(address.strip_prefix("./")?.to_owned()))
        .filter(|name| !name.is_empty())
        .collect()
}

fn table(entries: &[Entry]) -> String {
    let width = entries
        .iter()
        .map(|entry| entry.name.len())
        .max()
        .unwrap_or(0);
    let mut text = format!("{:width$}  {:>9}  {:>9}\n", "file", "bytes", "brotli");
    let row = |name: &str, plain: usize, compressed: usize| {
        format!("{name:width$}  {plain:>9}  {compressed:>9}\n")
    };
    for entry in entries {
        text.push_str(&row(&entry.name, entry.plain, entry.compressed));
    }
    text.push_str(&row(
        "sum",
        entries.iter().map(|entry| entry.plain).sum(),
        sum(entries),
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_names_what_is_downloaded() {
        let html = "<link rel=modulepreload href=./a.js><meta name=app data-js=./a.js \
                    data-wasm=./a.wasm><script src=./boot.js></script><a href=https://x.y/>";
        let names: Vec<String> = references(html).into_iter().collect();
        assert_eq!(names, ["a.js", "a.wasm", "boot.js"]);
    }

    #[test]
    fn a_budget_is_kept_or_named() {
        assert!(within("login form", 10, 10).is_ok());
        let error = within("login form", 12, 10).unwrap_err().to_string();
        assert!(
            error.contains("login form of 12 bytes is 2 bytes above"),
            "{error}"
        );
    }

    #[test]
    fn the_sum_stands_last() {
        let entry = |name: &str, plain, compressed| Entry {
            name: name.to_owned(),
            plain,
            compressed,
        };
        let text = table(&[entry("index.html", 100, 40), entry("app.wasm", 1000, 300)]);
        assert_eq!(
            text.lines()
                .last()
                .map(|line| line.split_whitespace().collect()),
            Some(vec!["sum", "1100", "340"])
        );
    }

    #[test]
    fn brotli_gives_the_same_bytes_each_time() {
        let content = b"abc".repeat(1000);
        let once = brotli(&content).unwrap();
        assert!(once.len() < 50);
        assert_eq!(once, brotli(&content).unwrap());
    }
}
