//! Archives that depend on names, contents and one time only.

use crate::calendar;
use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// What stands at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A file that everybody may read.
    File(Vec<u8>),
    /// A file that everybody may run.
    Program(Vec<u8>),
    Folder,
    /// A symbolic link to this path.
    Link(String),
}

/// What an archive has, by path: with slashes, and none in front.
pub type Entries = BTreeMap<String, Entry>;

/// Adds the folders in which the entries stand.
pub fn with_folders(entries: &Entries) -> Entries {
    let mut all = entries.clone();
    for path in entries.keys() {
        for (at, _) in path.match_indices('/') {
            all.entry(path[..at].to_owned()).or_insert(Entry::Folder);
        }
    }
    all
}

/// A tar archive, everything in it root's and from the time `when`, in seconds since 1970.
pub fn tar(entries: &Entries, when: u64) -> Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, entry) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_mtime(when);
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        header.set_size(0);
        let (mode, kind) = match entry {
            Entry::File(_) => (0o644, tar::EntryType::Regular),
            Entry::Program(_) => (0o755, tar::EntryType::Regular),
            Entry::Folder => (0o755, tar::EntryType::Directory),
            Entry::Link(_) => (0o777, tar::EntryType::Symlink),
        };
        header.set_mode(mode);
        header.set_entry_type(kind);
        match entry {
            Entry::File(content) | Entry::Program(content) => {
                header.set_size(content.len() as u64);
                archive.append_data(&mut header, path, content.as_slice())?;
            }
            Entry::Folder => archive.append_data(&mut header, format!("{path}/"), [].as_slice())?,
            Entry::Link(target) => archive.append_link(&mut header, path, target)?,
        }
    }
    Ok(archive.into_inner()?)
}

/// Compresses without name and time in the header.
pub fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::best());
    writer.write_all(content)?;
    Ok(writer.finish()?)
}

/// A zip archive of the files among the entries.
pub fn zip(entries: &Entries, when: u64) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(dos_time(when)?)
        .unix_permissions(0o644);
    for (path, entry) in entries {
        if let Entry::File(content) | Entry::Program(content) = entry {
            archive.start_file(path.as_str(), options)?;
            archive.write_all(content)?;
        }
    }
    Ok(archive.finish()?.into_inner())
}

/// The time as zip archives keep it, in UTC.
fn dos_time(when: u64) -> Result<DateTime> {
    let when = i64::try_from(when)?;
    let (year, month, day) = calendar::date(when);
    let (hour, minute, second) = calendar::time_of_day(when);
    let time = DateTime::from_date_and_time(
        u16::try_from(year)?,
        u8::try_from(month)?,
        u8::try_from(day)?,
        u8::try_from(hour)?,
        u8::try_from(minute)?,
        u8::try_from(second)?,
    );
    time.map_err(|_| anyhow::anyhow!("A zip archive cannot hold a file of the year {year}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn some() -> Entries {
        let file = |text: &str| Entry::File(text.into());
        Entries::from([
            ("x/sub/b".to_owned(), file("b")),
            ("x/a".to_owned(), file("a")),
            ("x/run".to_owned(), Entry::Program(b"p".to_vec())),
            ("x/link".to_owned(), Entry::Link("/etc/a".to_owned())),
        ])
    }

    #[test]
    fn what_is_packed_comes_out_again() {
        let packed = tar(&with_folders(&some()), 1_000_000_000).unwrap();
        let mut found = Vec::new();
        for entry in tar::Archive::new(packed.as_slice()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let path = entry.path().unwrap().display().to_string();
            let header = entry.header();
            assert_eq!(header.mtime().unwrap(), 1_000_000_000);
            assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
            found.push((path, header.mode().unwrap(), text));
        }
        let found: Vec<(&str, u32, &str)> = found
            .iter()
            .map(|(path, mode, text)| (path.as_str(), *mode, text.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("x/", 0o755, ""),
                ("x/a", 0o644, "a"),
                ("x/link", 0o777, ""),
                ("x/run", 0o755, "p"),
                ("x/sub/", 0o755, ""),
                ("x/sub/b", 0o644, "b"),
            ]
        );
        let zipped = zip(&some(), 1_000_000_000).unwrap();
        let mut zipped = zip::ZipArchive::new(Cursor::new(zipped)).unwrap();
        let mut text = String::new();
        let mut file = zipped.by_name("x/sub/b").unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "b");
        let time = file.last_modified().unwrap();
        assert_eq!((time.year(), time.month(), time.day()), (2001, 9, 9));
    }

    #[test]
    fn a_zip_archive_holds_nothing_from_before_1980() {
        assert!(zip(&some(), 0).is_err());
    }
}
