//! The folder of the release, as it lies on a web server, and its update.

use crate::browser::stage;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use xtask::dist;

/// The release, with the compressed forms of its files.
pub fn packed() -> Result<&'static Path> {
    static PACKED: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let packed = PACKED.get_or_init(|| pack().map_err(|error| format!("{error:#}")));
    match packed {
        Ok(folder) => Ok(folder),
        Err(error) => Err(anyhow::anyhow!("{error}")),
    }
}

fn pack() -> Result<PathBuf> {
    /// Some time in the past, as a release's files have it.
    const RELEASED: u64 = 1_700_000_000;
    let folder = xtask::root().join("target/tmp/packed");
    let _ = fs::remove_dir_all(&folder);
    dist::pack(&stage::bundle()?, &folder, RELEASED)?;
    Ok(folder)
}

/// Copies a folder with the times of its files.
pub fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for file in files(from)? {
        let target = to.join(&file);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        fs::copy(from.join(&file), &target)?;
        let time = fs::metadata(from.join(&file))?.modified()?;
        fs::File::open(&target)?.set_modified(time)?;
    }
    Ok(())
}

/// The files below a folder, by their paths in it.
pub fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(folder)?.to_owned());
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file has the hash of its content in its name.
pub fn is_hashed(file: &Path) -> bool {
    hash(file).is_some()
}

fn hash(file: &Path) -> Option<String> {
    let name = file.file_name()?.to_str()?;
    let (_, rest) = name.rsplit_once('-')?;
    let (hash, _) = rest.split_once('.')?;
    let right = hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| hash.to_owned())
}

/// Puts another build into the folder, as the document says it (all but `config.json`): the files
/// with hashes have other names then.
pub fn update(folder: &Path) -> Result<()> {
    let mut renamed = BTreeMap::new();
    for file in files(folder)? {
        if let Some(old) = hash(&file) {
            let new: String = old.chars().rev().collect();
            let target = file.display().to_string().replace(&old, &new);
            fs::rename(folder.join(&file), folder.join(target))?;
            renamed.insert(old, new);
        }
    }
    for file in files(folder)? {
        let path = folder.join(&file);
        let names_others = ["html", "js"]
            .map(Some)
            .contains(&path.extension().and_then(|ending| ending.to_str()));
        if names_others {
            let mut text = fs::read_to_string(&path)?;
            for (old, new) in &renamed {
                text = text.replace(old, new);
            }
            text = without_integrity(&text);
            fs::write(&path, text)?;
            for ending in ["br", "gz"] {
                let compressed = format!("{}.{ending}", path.display());
                fs::remove_file(&compressed).with_context(|| compressed)?;
            }
        }
    }
    Ok(())
}

/// Without what a browser would compare a script with that names others.
fn without_integrity(page: &str) -> String {
    let mut rest = page;
    let mut out = String::new();
    while let Some(at) = rest.find(" integrity=") {
        out.push_str(&rest[..at]);
        let value = &rest[at + 1..];
        let end = value.find([' ', '>']).unwrap_or(value.len());
        rest = &value[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_a_hash_are_known() {
        assert!(is_hashed(Path::new("a-b-0123456789abcdef.js.br")));
        assert!(!is_hashed(Path::new("i18n/de.json")));
        assert!(!is_hashed(Path::new("a-0123.js")));
    }

    #[test]
    fn what_is_compared_is_taken_out() {
        let page = "<link href=a integrity=sha384-x= rel=icon><script integrity=\"sha384-y\">";
        assert_eq!(without_integrity(page), "<link href=a rel=icon><script>");
    }
}
