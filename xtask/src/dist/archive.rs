//! Archives that depend on names, contents and one time only.

use anyhow::{Context, Result};
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
    let (year, month, day) = date(when);
    let number = |seconds: u64| u8::try_from(seconds).context("There is no such time of day.");
    let (hour, minute, second) = (when / 3600 % 24, when / 60 % 60, when % 60);
    let time = DateTime::from_date_and_time(
        u16::try_from(year)?,
        number(month)?,
        number(day)?,
        number(hour)?,
        number(minute)?,
        number(second)?,
    );
    time.map_err(|_| anyhow::anyhow!("A zip archive cannot hold a file of the year {year}."))
}

/// Year, month and day of a time in seconds since 1970, in UTC.
fn date(when: u64) -> (u64, u64, u64) {
    // Counted from 1 March of the year 0, so that a leap day is the last of its year.
    let days = when / 86_400 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

/// The time as RFC 3339 writes it.
pub fn rfc3339(when: u64) -> String {
    let (year, month, day) = date(when);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        when / 3600 % 24,
        when / 60 % 60,
        when % 60
    )
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
    fn times_are_written_as_everybody_reads_them() {
        for (when, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_000_000_000, "2001-09-09T01:46:40Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(when), text);
        }
        assert!(zip(&some(), 0).is_err(), "before 1980");
    }
}
