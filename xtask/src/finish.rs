//! What Trunk leaves to do for a release: one style sheet instead of many, small JavaScript
//! (Trunk's own shrinking cannot read what wasm-bindgen writes), and names that follow the
//! final content, so that a web server may let browsers keep the files for ever.

use crate::process;
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384};
use std::fs;
use std::ops::Range;
use std::path::Path;

/// Finishes the bundle in a folder.
pub fn finish(folder: &Path, esbuild: &Path) -> Result<()> {
    let path = folder.join("index.html");
    let html = fs::read_to_string(&path).context("Trunk wrote no index.html.")?;
    let html = merge_styles(&html, folder, esbuild)?;
    let html = settle_program(&html, folder, esbuild)?;
    fs::write(path, html)?;
    Ok(())
}

/// Replaces all style sheets by one.
fn merge_styles(html: &str, folder: &Path, esbuild: &Path) -> Result<String> {
    let sheets: Vec<Tag> = tags(html)
        .into_iter()
        .filter(|tag| tag.name == "link" && tag.get("rel") == Some("stylesheet"))
        .collect();
    let (Some(first), true) = (
        sheets.first(),
        sheets.iter().all(|tag| tag.get("href").is_some()),
    ) else {
        bail!("index.html has no style sheet, or one without an address.");
    };
    let mut all = String::new();
    for sheet in &sheets {
        let file = folder.join(sheet.get("href").unwrap_or_default());
        let text = fs::read_to_string(&file)
            .with_context(|| format!("Cannot read {}.", file.display()))?;
        all.push_str(&text);
        all.push('\n');
        fs::remove_file(file)?;
    }
    let merged = folder.join("style.css");
    fs::write(&merged, all)?;
    shrink(&merged, esbuild)?;
    let content = fs::read(&merged)?;
    let name = format!("style-{}.css", short_hash(&content));
    fs::rename(merged, folder.join(&name))?;
    let link = format!(
        "<link rel=\"stylesheet\" href=\"./{name}\" integrity=\"{}\">",
        integrity(&content)
    );
    let mut merged = html.to_owned();
    for sheet in sheets.iter().rev() {
        let with = if sheet.range == first.range {
            &*link
        } else {
            ""
        };
        merged.replace_range(sheet.range.clone(), with);
    }
    Ok(merged)
}

/// Shrinks the program's JavaScript and names it and the WebAssembly after their content.
fn settle_program(html: &str, folder: &Path, esbuild: &Path) -> Result<String> {
    let mut html = html.to_owned();
    for key in ["data-wasm", "data-js"] {
        let old = tags(&html)
            .iter()
            .find(|tag| tag.get("name") == Some("app"))
            .and_then(|tag| tag.get(key))
            .and_then(|address| address.strip_prefix("./"))
            .map(str::to_owned)
            .with_context(|| format!("index.html has no {key} in <meta name=\"app\">."))?;
        let file = folder.join(&old);
        if key == "data-js" {
            shrink(&file, esbuild)?;
        }
        let content = fs::read(&file).with_context(|| format!("Cannot read {old}."))?;
        let (stem, ending) = match key {
            "data-js" => ("synapse-admin", "js"),
            _ => ("synapse-admin", "wasm"),
        };
        let new = format!("{stem}-{}.{ending}", short_hash(&content));
        fs::rename(file, folder.join(&new))?;
        html = html.replace(&old, &new);
        // No browser checks it for what is fetched, and Chromium warns that it does not.
        let integrity = (key == "data-js").then(|| integrity(&content));
        html = set_integrity(&html, &format!("./{new}"), integrity.as_deref());
    }
    Ok(html)
}

/// Changes (or takes away) the integrity of a file in the tag that loads it ahead.
fn set_integrity(html: &str, address: &str, integrity: Option<&str>) -> String {
    let mut changed = html.to_owned();
    for tag in tags(html).iter().rev() {
        if tag.get("href") == Some(address)
            && let Some(old) = tag.attribute("integrity")
        {
            let new = integrity
                .map(|value| format!("integrity=\"{value}\""))
                .unwrap_or_default();
            changed.replace_range(old.range.clone(), &new);
        }
    }
    changed
}

/// Shrinks a script or a style sheet in place.
fn shrink(file: &Path, esbuild: &Path) -> Result<()> {
    let mut command = process::command(esbuild);
    command
        .args(["--minify", "--log-level=warning", "--allow-overwrite"])
        .args(["--target=es2022", "--legal-comments=none", "--charset=utf8"])
        .arg(format!("--outfile={}", file.display()))
        .arg(file);
    process::run(&mut command)
}

fn short_hash(content: &[u8]) -> String {
    format!("{:x}", Sha256::digest(content))[..16].to_owned()
}

fn integrity(content: &[u8]) -> String {
    format!("sha384-{}", STANDARD.encode(Sha384::digest(content)))
}

#[derive(Debug, PartialEq)]
struct Attribute {
    name: String,
    value: String,
    /// Where it stands, name and value.
    range: Range<usize>,
}

/// A start tag of an HTML page.
#[derive(Debug, PartialEq)]
pub(crate) struct Tag {
    pub name: String,
    attributes: Vec<Attribute>,
    /// Where it stands.
    range: Range<usize>,
}

impl Tag {
    /// An attribute's value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attribute(name)
            .map(|attribute| attribute.value.as_str())
    }

    fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| attribute.name == name)
    }
}

/// The start tags of our own page, which has no `<` in text, and neither inline scripts nor
/// character references in the attributes that we read.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = html[at..].find('<').map(|offset| at + offset) {
        if html[start..].starts_with("<!--") {
            at = html[start..]
                .find("-->")
                .map_or(html.len(), |offset| start + offset + 3);
            continue;
        }
        let (tag, end) = tag(html, start);
        at = end;
        if tag
            .name
            .starts_with(|first: char| first.is_ascii_alphabetic())
        {
            found.push(tag);
        }
    }
    found
}

/// Reads the tag that begins at `start`; tells where it ends.
fn tag(html: &str, start: usize) -> (Tag, usize) {
    let bytes = html.as_bytes();
    let until = |from: usize, stop: fn(u8) -> bool| {
        bytes[from..]
            .iter()
            .position(|byte| stop(*byte))
            .map_or(bytes.len(), |offset| from + offset)
    };
    let mut at = until(start + 1, |byte| byte == b'>' || byte.is_ascii_whitespace());
    let mut tag = Tag {
        name: html[start + 1..at].to_ascii_lowercase(),
        attributes: Vec::new(),
        range: start..at,
    };
    loop {
        at = until(at, |byte| !byte.is_ascii_whitespace() && byte != b'/');
        if at >= bytes.len() || bytes[at] == b'>' {
            at = (at + 1).min(bytes.len());
            tag.range.end = at;
            return (tag, at);
        }
        let name_end = until(at, |byte| {
            matches!(byte, b'=' | b'>') || byte.is_ascii_whitespace()
        });
        let begin = at;
        let name = html[at..name_end].to_ascii_lowercase();
        at = name_end;
        let mut value = "";
        if bytes.get(at) == Some(&b'=') {
            at += 1;
            let end = match bytes.get(at) {
                Some(b'"') => until(at + 1, |byte| byte == b'"'),
                Some(b'\'') => until(at + 1, |byte| byte == b'\''),
                _ => until(at, |byte| byte == b'>' || byte.is_ascii_whitespace()),
            };
            if matches!(bytes.get(at), Some(b'"' | b'\'')) {
                value = &html[at + 1..end];
                at = (end + 1).min(bytes.len());
            } else {
                value = &html[at..end];
                at = end;
            }
        }
        if name.is_empty() {
            // A stray `=`: nothing we write, but it must not stop us from getting on.
            at += usize::from(at < bytes.len() && at == name_end);
        }
        tag.attributes.push(Attribute {
            name,
            value: value.to_owned(),
            range: begin..at,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_are_read_however_they_are_quoted() {
        let found = tags(
            "<!doctype html><!-- <link rel=x> --><link rel=stylesheet href=./a.css>\
             <META Name='app' data-js=\"./a b.js\" hidden /></p>",
        );
        let names: Vec<&str> = found.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["link", "meta"]);
        assert_eq!(found[0].get("href"), Some("./a.css"));
        assert_eq!(found[1].get("name"), Some("app"));
        assert_eq!(found[1].get("data-js"), Some("./a b.js"));
        assert_eq!(found[1].get("hidden"), Some(""));
        assert_eq!(found[1].get("none"), None);
    }

    #[test]
    fn the_integrity_changes_in_the_right_tag_only() {
        let html = "<link href=./a.js integrity=sha384-OLD><link href=./b.js integrity=sha384-OLD>";
        assert_eq!(
            set_integrity(html, "./b.js", Some("sha384-NEW")),
            "<link href=./a.js integrity=sha384-OLD><link href=./b.js integrity=\"sha384-NEW\">"
        );
        assert_eq!(
            set_integrity(html, "./a.js", None),
            "<link href=./a.js ><link href=./b.js integrity=sha384-OLD>"
        );
    }

    proptest! {
        #[test]
        fn any_page_is_read_to_its_end(html in "[<>/=a-b\"' ü!-]{0,60}") {
            for tag in tags(&html) {
                prop_assert!(html.get(tag.range.clone()).is_some());
            }
        }
    }
}
