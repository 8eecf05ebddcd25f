//! `cargo xtask size`: what a browser downloads until the login form works.

use crate::finish::tags;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

/// What a browser is to download until the login form works, in bytes after brotli at its
/// highest level.
pub const TARGET: usize = 220_000;

/// What it may download today: a ratchet on the way down to [`TARGET`]. Lower it with every
/// saving; never raise it.
pub const BUDGET: usize = 425_000;

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
/// refers to. Other languages than English and the pages' own pictures come later, if at all.
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

/// Prints the files and, last, their sum; fails above the budget.
pub fn report(bundle: &Path) -> Result<()> {
    let entries = measure(bundle)?;
    print!("{}", table(&entries));
    let sum: usize = entries.iter().map(|entry| entry.compressed).sum();
    if sum > TARGET {
        eprintln!("The target is {TARGET} bytes.");
    }
    if sum > BUDGET {
        bail!(
            "The download of {sum} bytes is {} bytes above the budget of {BUDGET}.",
            sum - BUDGET
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
        entries.iter().map(|entry| entry.compressed).sum(),
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
