//! What Trunk leaves to do for a release: two style sheets instead of many, the split program in
//! the place of Trunk's, small JavaScript (Trunk's own shrinking can read neither what wasm-bindgen
//! writes nor `assets/boot.js`), and names that follow the final content, so that a web server may
//! let browsers keep the files for ever.

use crate::process;
use crate::split::{self, Program};
use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256, Sha384};
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

/// Finishes the bundle in a folder.
pub fn finish(folder: &Path, program: &Program, esbuild: &Path) -> Result<()> {
    let path = folder.join("index.html");
    let html = fs::read_to_string(&path).context("Trunk wrote no index.html.")?;
    let html = merge_styles(&html, folder, esbuild)?;
    let html = settle_program(&html, folder, program, esbuild)?;
    let html = settle_boot(&html, folder, esbuild)?;
    fs::write(path, html)?;
    Ok(())
}

/// The page with another version in `<meta name="version">`, which the inside shows. It is set last,
/// so that a commit alone builds nothing anew.
///
/// # Errors
/// When the page has no such tag.
pub fn with_version(html: &str, version: &str) -> Result<String> {
    let tags = tags(html);
    let found = tags
        .iter()
        .filter(|tag| tag.name == "meta" && tag.get("name") == Some("version"));
    let content = found
        .filter_map(|tag| tag.attribute("content"))
        .next()
        .context("index.html has no <meta name=\"version\">.")?;
    let mut changed = html.to_owned();
    changed.replace_range(content.range.clone(), &format!("content=\"{version}\""));
    Ok(changed)
}

/// The mark in `index.html` above the style sheets that only the inside needs.
const INSIDE_MARK: &str = "styles-inside";

/// The beginning of the name of the file that has them.
pub const INSIDE_STYLES: &str = "style-inside";

/// Replaces the style sheets by two: one that the page loads, and one whose address stands in
/// `<meta name="app">`, for `assets/boot.js` to load with the inside.
fn merge_styles(html: &str, folder: &Path, esbuild: &Path) -> Result<String> {
    let tags = tags(html);
    let mark = tags
        .iter()
        .find(|tag| tag.name == "meta" && tag.get("name") == Some(INSIDE_MARK))
        .with_context(|| format!("index.html has no <meta name=\"{INSIDE_MARK}\">."))?;
    let (first, inside): (Vec<&Tag>, Vec<&Tag>) = tags
        .iter()
        .filter(|tag| tag.name == "link" && tag.get("rel") == Some("stylesheet"))
        .partition(|tag| tag.range.start < mark.range.start);
    let (name, hash) = merge_sheets(&first, "style", folder, esbuild)?;
    let link = format!("<link rel=\"stylesheet\" href=\"./{name}\" integrity=\"{hash}\">");
    let (name, hash) = merge_sheets(&inside, INSIDE_STYLES, folder, esbuild)?;
    let mut merged = html.to_owned();
    for sheet in inside.iter().rev() {
        merged.replace_range(sheet.range.clone(), "");
    }
    merged.replace_range(mark.range.clone(), "");
    for (index, sheet) in first.iter().enumerate().rev() {
        merged.replace_range(sheet.range.clone(), if index == 0 { &link } else { "" });
    }
    let app = app_tag(&merged)?.range.start + "<meta".len();
    merged.insert_str(
        app,
        &format!(" data-styles=\"./{name}\" data-styles-integrity=\"{hash}\""),
    );
    Ok(merged)
}

/// Puts style sheets into one file: its name, which follows its content, and its integrity.
fn merge_sheets(
    sheets: &[&Tag],
    stem: &str,
    folder: &Path,
    esbuild: &Path,
) -> Result<(String, String)> {
    let mut all = String::new();
    for sheet in sheets {
        let address = sheet.get("href").context("A style sheet has no address.")?;
        let file = folder.join(address);
        let text = fs::read_to_string(&file)
            .with_context(|| format!("Cannot read {}.", file.display()))?;
        all.push_str(&text);
        all.push('\n');
        fs::remove_file(file)?;
    }
    if sheets.is_empty() {
        bail!("index.html has no style sheets for {stem}.css.");
    }
    let merged = folder.join(format!("{stem}.css"));
    fs::write(&merged, all)?;
    shrink(&merged, &[], esbuild)?;
    let content = fs::read(&merged)?;
    fs::remove_file(&merged)?;
    let name = format!("{stem}-{}.css", short_hash(&content));
    fs::write(folder.join(&name), &content)?;
    Ok((name, integrity(&content)))
}

/// Puts the split program in the place of Trunk's, with names that follow the content.
fn settle_program(html: &str, folder: &Path, program: &Program, esbuild: &Path) -> Result<String> {
    let mut html = html.to_owned();
    let mut addresses = Vec::new();
    for (name, file) in &program.chunks {
        addresses.push((name.clone(), settle(file, name, "wasm", folder)?));
    }
    fs::write(
        program.js.with_file_name(split::LOADER),
        split::loader(&addresses, &program.needs),
    )?;
    let js = program.js.with_file_name("bundled.js");
    let mut command = shrinking(esbuild);
    command
        .args(["--bundle", "--format=esm"])
        // wasm-bindgen names the loader once for each of its functions.
        .arg("--log-override:duplicate-object-key=silent")
        .arg(format!("--outfile={}", js.display()))
        .arg(&program.js);
    process::run(&mut command)?;
    for (key, file, ending) in [("data-wasm", &program.wasm, "wasm"), ("data-js", &js, "js")] {
        let old = app_address(&html, key)?;
        fs::remove_file(folder.join(&old)).with_context(|| format!("Cannot remove {old}."))?;
        let new = settle(file, "synapse-admin", ending, folder)?;
        html = html.replace(&old, &new);
        // No browser checks it for what is fetched, and Chromium warns that it does not.
        let integrity = match key {
            "data-js" => Some(integrity(&fs::read(folder.join(&new))?)),
            _ => None,
        };
        html = set_integrity(&html, &format!("./{new}"), integrity.as_deref());
    }
    // `assets/boot.js` loads it ahead for whoever is signed in.
    let first = addresses.iter().find(|(name, _)| name == split::FIRST);
    let (_, first) = first.context("The first chunk is missing.")?;
    let tag = app_tag(&html)?;
    html.insert_str(
        tag.range.start + "<meta".len(),
        &format!(" data-inside=\"./{first}\""),
    );
    Ok(html)
}

/// Makes `assets/boot.js` small, which Trunk leaves as it is written, comments and all.
fn settle_boot(html: &str, folder: &Path, esbuild: &Path) -> Result<String> {
    let old = tags(html)
        .iter()
        .filter(|tag| tag.name == "script")
        .find_map(|tag| tag.get("src")?.strip_prefix("./").map(str::to_owned))
        .context("index.html loads no script.")?;
    let file = folder.join(&old);
    // As a module, whose outermost names nobody else sees.
    shrink(&file, &["--format=esm"], esbuild)?;
    let new = settle(&file, "boot", "js", folder)?;
    if new != old {
        fs::remove_file(&file)?;
    }
    let hash = integrity(&fs::read(folder.join(&new))?);
    let html = html.replace(&old, &new);
    Ok(set_integrity(&html, &format!("./{new}"), Some(&hash)))
}

fn app_tag(html: &str) -> Result<Tag> {
    tags(html)
        .into_iter()
        .find(|tag| tag.name == "meta" && tag.get("name") == Some("app"))
        .context("index.html has no <meta name=\"app\">.")
}

/// An address in `<meta name="app">`, without its `./`.
fn app_address(html: &str, key: &str) -> Result<String> {
    app_tag(html)?
        .get(key)
        .and_then(|address| address.strip_prefix("./"))
        .map(str::to_owned)
        .with_context(|| format!("index.html has no {key} in <meta name=\"app\">."))
}

/// Puts a file into the bundle under a name that follows its content: that name.
fn settle(file: &Path, stem: &str, ending: &str, folder: &Path) -> Result<String> {
    let content = fs::read(file).with_context(|| format!("Cannot read {}.", file.display()))?;
    let name = format!("{stem}-{}.{ending}", short_hash(&content));
    fs::write(folder.join(&name), content)?;
    Ok(name)
}

/// Changes (or takes away) the integrity of a file in the tag that loads it.
fn set_integrity(html: &str, address: &str, integrity: Option<&str>) -> String {
    let mut changed = html.to_owned();
    for tag in tags(html).iter().rev() {
        if [tag.get("href"), tag.get("src")].contains(&Some(address))
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

/// Shrinks a script or a style sheet in place, with more `arguments` for esbuild.
fn shrink(file: &Path, arguments: &[&str], esbuild: &Path) -> Result<()> {
    let mut command = shrinking(esbuild);
    command
        .args(arguments)
        .arg(format!("--outfile={}", file.display()))
        .arg(file);
    process::run(&mut command)
}

/// esbuild with what all calls have in common.
fn shrinking(esbuild: &Path) -> Command {
    let mut command = process::command(esbuild);
    command
        .args(["--minify", "--log-level=warning", "--allow-overwrite"])
        .args(["--target=es2022", "--legal-comments=none", "--charset=utf8"]);
    command
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
            set_integrity(
                "<script src=./a.js integrity=sha384-OLD>",
                "./a.js",
                Some("sha384-NEW")
            ),
            "<script src=./a.js integrity=\"sha384-NEW\">"
        );
        assert_eq!(
            set_integrity(html, "./b.js", Some("sha384-NEW")),
            "<link href=./a.js integrity=sha384-OLD><link href=./b.js integrity=\"sha384-NEW\">"
        );
        assert_eq!(
            set_integrity(html, "./a.js", None),
            "<link href=./a.js ><link href=./b.js integrity=sha384-OLD>"
        );
    }

    #[test]
    fn the_page_has_the_version_of_the_package() {
        let page = fs::read_to_string(crate::root().join("index.html")).unwrap();
        let tags = tags(&page);
        let mut versions = tags
            .iter()
            .filter(|tag| tag.name == "meta" && tag.get("name") == Some("version"));
        let version = versions.next().unwrap().get("content");
        assert_eq!(version, Some(env!("CARGO_PKG_VERSION")));
        let changed = with_version(&page, "9.9.9 (abc)").unwrap();
        assert!(changed.contains("<meta name=\"version\" content=\"9.9.9 (abc)\">"));
        assert!(with_version("<p>", "1").is_err());
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
