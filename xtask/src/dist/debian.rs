//! The Debian package. It is written here, not by dpkg-deb, so that it is the same on every machine.

use super::About;
use super::archive::{self, Entries, Entry};
use anyhow::Result;
use md5::{Digest, Md5};
use std::fmt::Write as _;
use std::time::{Duration, UNIX_EPOCH};

/// Where the files are, which the web server gets to see.
const FILES: &str = "usr/share/synapse-admin";

/// What belongs to the administrator: an update asks before it changes one that was edited.
pub const CONFIGURATION: [(&str, &str); 3] = [
    ("etc/synapse-admin/config.json", "{}\n"),
    (
        "etc/nginx/snippets/synapse-admin.conf",
        include_str!("nginx.conf"),
    ),
    (
        "etc/apache2/conf-available/synapse-admin.conf",
        include_str!("apache.conf"),
    ),
];

/// What is there to read: how it is installed, and what is to be known before people sign in.
const TEXTS: [(&str, &str); 5] = [
    ("CHANGELOG.md", include_str!("../../../CHANGELOG.md")),
    ("install.md", include_str!("../../../docs/install.md")),
    ("deploy.md", include_str!("../../../docs/deploy.md")),
    ("sign-in.md", include_str!("../../../docs/sign-in.md")),
    ("security.md", include_str!("../../../docs/security.md")),
];

/// The package, with these files for the web server.
pub fn package(panel: &Entries, about: &About) -> Result<Vec<u8>> {
    let mut entries = Entries::new();
    for (path, entry) in panel {
        entries.insert(format!("{FILES}/{path}"), entry.clone());
    }
    let config = CONFIGURATION[0].0;
    entries.insert(
        format!("{FILES}/config.json"),
        Entry::Link(format!("/{config}")),
    );
    for (path, content) in CONFIGURATION {
        entries.insert(path.to_owned(), Entry::File(content.into()));
    }
    let documents = "usr/share/doc/synapse-admin";
    entries.insert(
        format!("{documents}/copyright"),
        Entry::File(COPYRIGHT.into()),
    );
    let changes = changelog(about);
    for (name, text) in [("changelog", &*changes)].into_iter().chain(TEXTS) {
        let packed = Entry::File(archive::gzip(text.as_bytes())?);
        entries.insert(format!("{documents}/{name}.gz"), packed);
    }
    let conffiles: String = CONFIGURATION
        .iter()
        .map(|(path, _)| format!("/{path}\n"))
        .collect();
    let control = Entries::from([
        (
            "control".to_owned(),
            Entry::File(control(&entries, about).into()),
        ),
        ("conffiles".to_owned(), Entry::File(conffiles.into())),
        ("md5sums".to_owned(), Entry::File(sums(&entries).into())),
        ("prerm".to_owned(), Entry::Program(PRERM.into())),
    ]);
    let packed = |entries: &Entries| {
        archive::gzip(&archive::tar(&archive::with_folders(entries), about.when)?)
    };
    ar(
        &[
            ("debian-binary", b"2.0\n".to_vec()),
            ("control.tar.gz", packed(&control)?),
            ("data.tar.gz", packed(&entries)?),
        ],
        about.when,
    )
}

/// Apache does not start while a link in `conf-enabled` leads nowhere.
const PRERM: &str = "\
#!/bin/sh
set -e
link=/etc/apache2/conf-enabled/synapse-admin.conf
if [ \"$1\" = remove ] && [ -L \"$DPKG_ROOT$link\" ]; then
    helper=/usr/share/apache2/apache2-maintscript-helper
    if [ -z \"$DPKG_ROOT\" ] && [ -e \"$helper\" ]; then
        . \"$helper\"
        apache2_invoke disconf synapse-admin || true
    fi
    rm -f \"$DPKG_ROOT$link\"
fi
";

/// The checksums by which `dpkg --verify` finds what has been changed. Configuration is meant to be.
fn sums(entries: &Entries) -> String {
    let mut sums = String::new();
    for (path, entry) in entries {
        if let Entry::File(content) | Entry::Program(content) = entry
            && !CONFIGURATION
                .iter()
                .any(|(configuration, _)| configuration == path)
        {
            let sum = Md5::digest(content);
            let _ = writeln!(sums, "{sum:x}  {path}");
        }
    }
    sums
}

/// What tools of Debian read; people read `CHANGELOG.md.gz` beside it.
fn changelog(about: &About) -> String {
    let when = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(about.when));
    format!(
        "synapse-admin ({}) unstable; urgency=medium\n\n  * What is new is in CHANGELOG.md.gz.\n\n -- \
         {MAINTAINER}  {}\n",
        about.version,
        when.replace("GMT", "+0000")
    )
}

const MAINTAINER: &str = "The authors of Synapse Admin <synapse-admin@package.invalid>";

const COPYRIGHT: &str = "\
Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: Synapse Admin

Files: *
Copyright: the authors of Synapse Admin
License: Apache-2.0
 The full text is in /usr/share/common-licenses/Apache-2.0. What others have written, with their
 licences, is named in /usr/share/synapse-admin/THIRD-PARTY.txt.
";

fn control(entries: &Entries, about: &About) -> String {
    let size: usize = entries
        .values()
        .map(|entry| match entry {
            Entry::File(content) | Entry::Program(content) => content.len().div_ceil(1024),
            Entry::Folder | Entry::Link(_) => 1,
        })
        .sum();
    format!(
        "Package: synapse-admin\n\
         Version: {}\n\
         Architecture: all\n\
         Maintainer: {MAINTAINER}\n\
         Installed-Size: {size}\n\
         Recommends: nginx | apache2 | httpd\n\
         Section: web\n\
         Priority: optional\n\
         Description: administer a Matrix homeserver (Synapse) from the browser\n \
         A web page that talks to the Synapse Admin API: users, rooms, media, reports,\n \
         registration tokens, and the import of users from CSV files. It is a folder\n \
         of static files for a web server; snippets for nginx and Apache are included.\n",
        about.version
    )
}

/// The archive format of Debian packages.
fn ar(members: &[(&str, Vec<u8>)], when: u64) -> Result<Vec<u8>> {
    let mut archive = b"!<arch>\n".to_vec();
    for (name, content) in members {
        let size = content.len();
        let header = format!("{name:<16}{when:<12}0     0     100644  {size:<10}`\n");
        archive.extend_from_slice(header.as_bytes());
        archive.extend_from_slice(content);
        // Each begins at an even place.
        if size % 2 == 1 {
            archive.push(b'\n');
        }
    }
    Ok(archive)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::documents;

    #[test]
    fn the_texts_lead_to_each_other() {
        // About work in the panel, and about the sources.
        let elsewhere = [
            "import.md",
            "moderation.md",
            "server.md",
            "users.md",
            "../SECURITY.md",
        ];
        let mut led = Vec::new();
        for (name, text) in TEXTS {
            for link in documents::links(text) {
                let file = link.split('#').next().unwrap_or_default();
                if file.is_empty() || !file.ends_with(".md") {
                    continue;
                }
                led.push(file);
                let is_there = TEXTS.iter().any(|(other, _)| *other == file);
                assert!(is_there || elsewhere.contains(&file), "{name}: {link}");
            }
        }
        for file in elsewhere {
            assert!(led.contains(&file), "nothing leads to {file} any more");
        }
    }

    #[test]
    fn debian_reads_the_changelog() {
        let about = About {
            version: "1.2.3".to_owned(),
            commit: None,
            when: 1_700_000_000,
        };
        let lines = [
            "synapse-admin (1.2.3) unstable; urgency=medium",
            "",
            "  * What is new is in CHANGELOG.md.gz.",
            "",
            " -- The authors of Synapse Admin <synapse-admin@package.invalid>  Tue, 14 Nov 2023 22:13:20 +0000",
            "",
        ];
        assert_eq!(changelog(&about), lines.join("\n"));
    }
}
