//! `cargo xtask dist`: the release folder and tarball.

use crate::{bundle, process, root, size, translations};
use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use sha2::{Digest, Sha256};
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The folder that is to be put on a web server.
const NAME: &str = "synapse-admin";

/// Files that a web server can serve compressed with profit.
const COMPRESSED: [&str; 6] = ["css", "html", "js", "json", "svg", "wasm"];

/// Makes `dist/synapse-admin/`, `dist/synapse-admin-VERSION.tar.gz` and `dist/SHA256SUMS`. The
/// same commit gives the same bytes. Answers the folder `dist`.
pub fn make() -> Result<PathBuf> {
    translations::demand_all()?;
    let bundle = bundle::ready()?;
    let dist = root().join("dist");
    let folder = dist.join(NAME);
    let when = time_of_release();
    bundle::remove(&folder)?;
    eprintln!("Compressing the files …");
    pack(&bundle, &folder, when)?;
    let tarball = dist.join(format!("{NAME}-{}.tar.gz", env!("CARGO_PKG_VERSION")));
    write(&tarball, &gzip(&tar(&folder, when)?)?, when)?;
    let mut listed = files(&folder)?;
    listed.push(tarball);
    write(
        &dist.join("SHA256SUMS"),
        sums(&dist, &listed)?.as_bytes(),
        when,
    )?;
    Ok(dist)
}

/// Copies the bundle into the folder, with a compressed form beside each file that is worth it. All
/// carry this time, in seconds since 1970.
///
/// # Errors
/// When a file cannot be read or written.
pub fn pack(bundle: &Path, folder: &Path, when: u64) -> Result<()> {
    for file in files(bundle)? {
        let target = folder.join(file.strip_prefix(bundle).unwrap_or(&file));
        fs::create_dir_all(target.parent().unwrap_or(folder))?;
        let content = fs::read(&file)?;
        write(&target, &content, when)?;
        if is_compressed(&target) {
            write(&with(&target, ".br"), &size::brotli(&content)?, when)?;
            write(&with(&target, ".gz"), &gzip(&content)?, when)?;
        }
    }
    Ok(())
}

/// Whether compressed forms of a file go into the release. Not of what people edit: web servers
/// would go on serving the compressed form of what stood there before.
fn is_compressed(path: &Path) -> bool {
    let text = |part: Option<&OsStr>| part.and_then(OsStr::to_str).unwrap_or_default().to_owned();
    COMPRESSED.contains(&&*text(path.extension())) && !text(path.file_name()).starts_with("config.")
}

/// Seconds since 1970 that all files carry: `SOURCE_DATE_EPOCH`, else the time of the commit.
///
/// It must differ between releases: many web servers make their ETag from time and size, and
/// two releases' `index.html` often have the same size.
fn time_of_release() -> u64 {
    /// 1 January 1980, the earliest time that every archive format can hold.
    const FALLBACK: u64 = 315_532_800;
    let commit = || {
        let mut git = process::command("git");
        git.current_dir(root());
        process::answer(git.args(["log", "-1", "--format=%ct"]))
    };
    env::var("SOURCE_DATE_EPOCH")
        .ok()
        .or_else(commit)
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(FALLBACK)
}

/// All files below a folder, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    bundle::collect(folder, &mut files)?;
    files.sort();
    Ok(files)
}

fn write(path: &Path, content: &[u8], when: u64) -> Result<()> {
    let mut file =
        File::create(path).with_context(|| format!("Cannot write {}.", path.display()))?;
    file.write_all(content)?;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(when);
    file.set_times(FileTimes::new().set_modified(time))?;
    Ok(())
}

fn with(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Without name and time in its header.
fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

/// An archive of a folder that depends on names and contents only.
fn tar(folder: &Path, when: u64) -> Result<Vec<u8>> {
    let base = folder.parent().unwrap_or(folder);
    let mut archive = tar::Builder::new(Vec::new());
    for file in files(folder)? {
        let content = fs::read(&file)?;
        let mut header = tar::Header::new_ustar();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(when);
        header.set_uid(0);
        header.set_gid(0);
        header.set_entry_type(tar::EntryType::Regular);
        let name = file.strip_prefix(base).unwrap_or(&file);
        archive.append_data(&mut header, name, content.as_slice())?;
    }
    Ok(archive.into_inner()?)
}

/// What `sha256sum -c` reads.
fn sums(base: &Path, files: &[PathBuf]) -> Result<String> {
    let mut text = String::new();
    for file in files {
        let name = file.strip_prefix(base).unwrap_or(file);
        let hash = Sha256::digest(fs::read(file)?);
        text.push_str(&format!("{hash:x}  {}\n", name.display()));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_edit_is_not_compressed() {
        use crate::serve::{Site, answer};
        use futures_util::FutureExt;
        use http_body_util::BodyExt;
        let base = tempfile::tempdir().unwrap();
        let (bundle, folder) = (base.path().join("bundle"), base.path().join("folder"));
        fs::create_dir_all(bundle.join("i18n")).unwrap();
        for name in [
            "index.html",
            "i18n/de.json",
            "config.sample.json",
            "config.json",
        ] {
            fs::write(bundle.join(name), "{}").unwrap();
        }
        pack(&bundle, &folder, 1_000_000_000).unwrap();
        for (name, compressed) in [
            ("index.html", true),
            ("i18n/de.json", true),
            ("config.sample.json", false),
            ("config.json", false),
        ] {
            for ending in [".br", ".gz"] {
                let there = with(&folder.join(name), ending).exists();
                assert_eq!(there, compressed, "{name}{ending}");
            }
        }
        // What is written there is what every browser gets.
        let edited = r#"{"restrictBaseUrl":"https://a.org"}"#;
        fs::write(folder.join("config.json"), edited).unwrap();
        let site = Site::new(folder.canonicalize().unwrap(), "/");
        let request = hyper::Request::get("/config.json")
            .header("accept-encoding", "gzip, deflate, br")
            .body(())
            .unwrap();
        let answer = answer(&site, &request);
        assert!(!answer.headers().contains_key("content-encoding"));
        let body = answer.into_body().collect().now_or_never().unwrap();
        assert_eq!(body.unwrap().to_bytes(), edited.as_bytes());
    }

    #[test]
    fn an_archive_depends_on_names_and_contents_only() {
        let make = |names: [&str; 3]| {
            let base = tempfile::tempdir().unwrap();
            let folder = base.path().join("x");
            fs::create_dir_all(folder.join("sub")).unwrap();
            for name in names {
                fs::write(folder.join(name), name).unwrap();
            }
            gzip(&tar(&folder, 1_000_000_000).unwrap()).unwrap()
        };
        let one = make(["a", "b", "sub/c"]);
        assert_eq!(one, make(["sub/c", "b", "a"]));
        assert_ne!(one, make(["a", "b", "sub/d"]));
    }

    #[test]
    fn checksums_are_relative() {
        let base = tempfile::tempdir().unwrap();
        let file = base.path().join("a");
        fs::write(&file, "").unwrap();
        assert_eq!(
            sums(base.path(), &[file]).unwrap(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n"
        );
    }
}
