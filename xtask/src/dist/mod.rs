//! `cargo xtask dist`: what a release is made of, in the folder `dist`.
//!
//! | file | what |
//! |---|---|
//! | [`archive`] | tar, gzip and zip that depend on names, contents and one time only |
//! | [`image`] | the container image, for one machine or several |
//! | [`server`] | the web server in it |
//! | [`debian`] | the Debian package |
//! | [`licences`] | what others have written of it, with their licences |
//!
//! All that is shipped is assembled in memory by [`assemble`], from the bundle and the web server:
//! the same commit gives the same bytes.

pub mod archive;
pub mod debian;
pub mod image;
pub mod licences;
pub mod server;

use crate::{bundle, finish, process, root, size, translations};
use anyhow::{Context, Result};
use archive::{Entries, Entry};
use image::Machine;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, FileTimes};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The folder that is to be put on a web server, and what every file's name begins with.
pub const NAME: &str = "synapse-admin";

/// The file with the checksums of all others.
pub const SUMS: &str = "SHA256SUMS";

/// Files that a web server can serve compressed with profit.
const COMPRESSED: [&str; 6] = ["css", "html", "js", "json", "svg", "wasm"];

/// Which release it is.
#[derive(Clone, Debug)]
pub struct About {
    /// That of `Cargo.toml`.
    pub version: String,
    /// Where it was made from, if that is known.
    pub commit: Option<String>,
    /// Seconds since 1970 that all files carry.
    pub when: u64,
}

impl About {
    /// The release that this checkout would be. `SOURCE_COMMIT` and `SOURCE_DATE_EPOCH` say it for
    /// a source without its history.
    ///
    /// The time must differ between releases: many web servers make their ETag from time and size, and so
    /// does rsync find what has changed; two releases' `index.html` often have the same size. What no
    /// commit stands for is of now.
    pub fn checkout() -> About {
        static NOW: OnceLock<u64> = OnceLock::new();
        let now = || {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            *NOW.get_or_init(|| now.map_or(0, |now| now.as_secs()))
        };
        let git = |arguments: &[&str]| {
            let mut git = process::command("git");
            git.current_dir(root());
            process::answer(git.args(arguments))
        };
        let set = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        let is_changed = || git(&["status", "--porcelain"]).is_none_or(|found| !found.is_empty());
        let commit = || {
            let commit = git(&["rev-parse", "HEAD"])?;
            Some(short(commit) + if is_changed() { "+changes" } else { "" })
        };
        let time = || git(&["log", "-1", "--format=%ct"]).filter(|_| !is_changed());
        About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            commit: set("SOURCE_COMMIT").map(short).or_else(commit),
            when: set("SOURCE_DATE_EPOCH")
                .or_else(time)
                .and_then(|text| text.trim().parse().ok())
                .unwrap_or_else(now),
        }
    }

    /// As the page says it.
    pub fn shown(&self) -> String {
        match &self.commit {
            Some(commit) => format!("{} ({commit})", self.version),
            None => self.version.clone(),
        }
    }

    /// The image's name. Of this machine: no registry is ever asked for it.
    pub fn image(&self) -> String {
        format!("localhost/{NAME}:{}", self.version)
    }
}

/// A commit as it is shown, however long whoever names it has it; what is no commit stays as it is.
fn short(commit: String) -> String {
    match commit.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => commit.chars().take(12).collect(),
        false => commit,
    }
}

/// The web server's programs.
pub type Programs = [(Machine, Vec<u8>)];

/// Makes the release: `dist/synapse-admin/`, the archives, the images, the Debian package and
/// `dist/SHA256SUMS`. Answers the folder `dist`.
pub fn make() -> Result<PathBuf> {
    translations::demand_all()?;
    let bundle = bundle::ready()?;
    let programs = server::programs()?;
    let about = About::checkout();
    eprintln!("Packing …");
    let panel = panel(&bundle, &licences::text()?, &about)?;
    let files = assemble(&panel, &programs, &about)?;
    let dist = root().join("dist");
    bundle::remove(&dist)?;
    for (name, content) in &files {
        write(&dist.join(name), content, about.when)?;
    }
    Ok(dist)
}

/// Writes a web server's folder as the release has it, with this time, in seconds since 1970.
///
/// # Errors
/// When a file cannot be read or written.
pub fn pack(bundle: &Path, folder: &Path, when: u64) -> Result<()> {
    let about = About {
        when,
        ..About::checkout()
    };
    for (name, entry) in panel(bundle, &licences::text()?, &about)? {
        if let Entry::File(content) = entry {
            write(&folder.join(name), &content, when)?;
        }
    }
    Ok(())
}

/// The files of a web server's folder: the bundle and the licences, with a compressed form beside
/// each file that is worth it.
pub fn panel(bundle: &Path, licences: &str, about: &About) -> Result<Entries> {
    let mut panel = Entries::new();
    let mut found = Vec::new();
    bundle::collect(bundle, &mut found)?;
    for file in found {
        let name = file.strip_prefix(bundle).unwrap_or(&file);
        let name = name.to_str().context("A file of the bundle has no name.")?;
        let content = fs::read(&file)?;
        panel.insert(name.to_owned(), Entry::File(content));
    }
    let page = panel.get_mut("index.html");
    if let Some(Entry::File(page)) = page {
        *page = finish::with_version(&String::from_utf8_lossy(page), &about.shown())?.into();
    }
    for (name, text) in [
        ("LICENSE.txt", include_str!("../../../LICENSE")),
        ("THIRD-PARTY.txt", licences),
    ] {
        panel.insert(name.to_owned(), Entry::File(text.into()));
    }
    let mut compressed = Entries::new();
    for (name, entry) in &panel {
        if let Entry::File(content) = entry
            && is_compressed(Path::new(name))
        {
            compressed.insert(format!("{name}.br"), Entry::File(size::brotli(content)?));
            compressed.insert(format!("{name}.gz"), Entry::File(archive::gzip(content)?));
        }
    }
    panel.append(&mut compressed);
    Ok(panel)
}

/// All files of the folder `dist`, by their names. Depends on nothing but what it is given.
pub fn assemble(
    panel: &Entries,
    programs: &Programs,
    about: &About,
) -> Result<BTreeMap<String, Vec<u8>>> {
    let folder: Entries = panel
        .iter()
        .map(|(name, entry)| (format!("{NAME}/{name}"), entry.clone()))
        .collect();
    let (version, when) = (&about.version, about.when);
    let tarball = archive::gzip(&archive::tar(&archive::with_folders(&folder), when)?)?;
    let mut files = BTreeMap::from([
        (format!("{NAME}-{version}.tar.gz"), tarball),
        (
            format!("{NAME}-{version}.zip"),
            archive::zip(&folder, when)?,
        ),
        (
            format!("{NAME}_{version}_all.deb"),
            debian::package(panel, about)?,
        ),
        (
            format!("{NAME}-{version}-image.tar"),
            image::archive(panel, programs, about)?,
        ),
    ]);
    for program in programs {
        let name = program.0.name();
        files.insert(
            format!("{NAME}-{version}-image-{name}.tar"),
            image::archive(panel, std::slice::from_ref(program), about)?,
        );
    }
    for (name, entry) in folder {
        if let Entry::File(content) | Entry::Program(content) = entry {
            files.insert(name, content);
        }
    }
    files.insert(SUMS.to_owned(), sums(&files).into_bytes());
    Ok(files)
}

/// Whether compressed forms of a file go into the release. Not of what people edit: web servers
/// would go on serving the compressed form of what stood there before.
fn is_compressed(path: &Path) -> bool {
    let text = |part: Option<&OsStr>| part.and_then(OsStr::to_str).unwrap_or_default().to_owned();
    COMPRESSED.contains(&&*text(path.extension())) && !text(path.file_name()).starts_with("config.")
}

/// Writes a file of the release, with the release's time.
pub fn write(path: &Path, content: &[u8], when: u64) -> Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    let mut file =
        File::create(path).with_context(|| format!("Cannot write {}.", path.display()))?;
    file.write_all(content)?;
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(when);
    file.set_times(FileTimes::new().set_modified(time))?;
    Ok(())
}

/// What `sha256sum -c` reads.
fn sums(files: &BTreeMap<String, Vec<u8>>) -> String {
    files
        .iter()
        .map(|(name, content)| format!("{:x}  {name}\n", Sha256::digest(content)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_is_the_same_however_long() {
        let whole = "8ae76c30123456789abcdef0123456789abcdef0";
        assert_eq!(short(whole.to_owned()), short(whole[..12].to_owned()));
        assert_eq!(
            short("v0.1.0-from-somewhere".to_owned()),
            "v0.1.0-from-somewhere"
        );
    }

    fn bundle() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("i18n")).unwrap();
        for (name, content) in [
            (
                "index.html",
                "<html><head><meta name=version content=0.1.0><title>x</title></head></html>",
            ),
            ("i18n/de.json", "{}"),
            ("config.sample.json", "{}"),
        ] {
            fs::write(folder.path().join(name), content).unwrap();
        }
        folder
    }

    fn about() -> About {
        About {
            version: "0.1.0".to_owned(),
            commit: Some("0123456789ab".to_owned()),
            when: 1_000_000_000,
        }
    }

    fn programs() -> Vec<(Machine, Vec<u8>)> {
        Machine::ALL
            .map(|machine| (machine, b"program".to_vec()))
            .to_vec()
    }

    #[test]
    fn what_people_edit_is_not_compressed() {
        let panel = panel(bundle().path(), "licences", &about()).unwrap();
        for (name, compressed) in [
            ("index.html", true),
            ("i18n/de.json", true),
            ("config.sample.json", false),
            ("THIRD-PARTY.txt", false),
        ] {
            assert!(panel.contains_key(name), "{name}");
            for ending in [".br", ".gz"] {
                let there = panel.contains_key(&format!("{name}{ending}"));
                assert_eq!(there, compressed, "{name}{ending}");
            }
        }
        assert!(is_compressed(Path::new("a/app.wasm")));
        assert!(!is_compressed(Path::new("config.json")));
    }

    #[test]
    fn the_same_files_come_from_any_folder() {
        let make = || {
            let panel = panel(bundle().path(), "licences", &about()).unwrap();
            assemble(&panel, &programs(), &about()).unwrap()
        };
        let one = make();
        assert_eq!(one, make());
        let names: Vec<&str> = one.keys().map(String::as_str).collect();
        for name in [
            "SHA256SUMS",
            "synapse-admin-0.1.0-image-amd64.tar",
            "synapse-admin-0.1.0-image-arm64.tar",
            "synapse-admin-0.1.0-image.tar",
            "synapse-admin-0.1.0.tar.gz",
            "synapse-admin-0.1.0.zip",
            "synapse-admin/index.html.br",
            "synapse-admin_0.1.0_all.deb",
        ] {
            assert!(names.contains(&name), "{name} of {names:?}");
        }
    }

    #[test]
    fn the_page_says_which_release_it_is() {
        let panel = panel(bundle().path(), "licences", &about()).unwrap();
        let Some(Entry::File(page)) = panel.get("index.html") else {
            panic!();
        };
        let page = String::from_utf8_lossy(page);
        assert!(page.contains("content=\"0.1.0 (0123456789ab)\""), "{page}");
        let unknown = About {
            commit: None,
            ..about()
        };
        assert_eq!(unknown.shown(), "0.1.0");
    }

    #[test]
    fn checksums_are_as_the_program_reads_them() {
        let files = BTreeMap::from([("a".to_owned(), Vec::new())]);
        assert_eq!(
            sums(&files),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n"
        );
    }
}
