//! `cargo xtask test --only twice`: the release from a second checkout, byte for byte the same. On request,
//! and the first to be left out where time is short: it compiles the app once more, and what could make
//! it fail (the path of a folder, the time, an order by chance) comes in seldom.

use super::release::{output, read};
use crate::dist::{self, About};
use crate::{ROOT, bundle, process, root};
use anyhow::{Context, Result, ensure};
use std::env;
use std::fs;
use std::path::Path;

pub(super) fn check() -> Result<bool> {
    let about = About::checkout();
    let dist = dist::make()?;
    let copy = env::temp_dir()
        .join(format!("synapse-admin-twice-{}", std::process::id()))
        .join("somewhere else");
    let found = differs(&dist, &copy, &about);
    bundle::remove(copy.parent().unwrap_or(&copy))?;
    found.context("The release of a second checkout is another.")?;
    eprintln!("The release of a second checkout is the same, byte for byte.");
    Ok(true)
}

/// Makes the release from a copy of what git knows, in a folder of another name. Fails where it is not
/// the same.
fn differs(dist: &Path, copy: &Path, about: &About) -> Result<()> {
    let mut tracked = process::command("git");
    let tracked = output(tracked.current_dir(root()).args(["ls-files", "-z"]))?;
    for name in tracked.split_terminator('\0') {
        let from = root().join(name);
        // It may have been removed since the last commit.
        if from.exists() {
            dist::write(&copy.join(name), &fs::read(&from)?, about.when + 1)?;
        }
    }
    // This program again, told to work there: what is shipped is compiled anew, into a folder of the copy.
    let mut again = process::command(env::current_exe()?);
    again
        .arg("dist")
        .env(ROOT, copy)
        .env("SOURCE_DATE_EPOCH", about.when.to_string())
        .env("SOURCE_COMMIT", about.commit.as_deref().unwrap_or_default());
    process::run(&mut again)?;
    let made = read(dist)?;
    let files = read(&copy.join("dist"))?;
    for (name, content) in &files {
        ensure!(made.get(name) == Some(content), "{name} differs");
    }
    ensure!(made.len() == files.len(), "there are other files");
    Ok(())
}
