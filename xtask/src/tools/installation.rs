//! Tools in folders of their own below the cache: a tool counts as there when its folder carries the
//! stamp that is written last, the stamp names what would be installed today (the version and all
//! that is pinned beside it), and the tool runs and says the right version; anything else is
//! installed again, so an interrupted or outdated installation is repaired by the next run.

use super::{UnderWay, cache};
use crate::process;
use anyhow::{Context, Result, anyhow, bail};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The file in a tool's folder that says: installed to the end.
pub const STAMP: &str = ".complete";

/// One tool in a folder of its own.
pub struct Tool<'a> {
    /// As it is named in a sentence.
    pub name: &'a str,
    pub version: &'a str,
    /// Below the cache.
    pub folder: &'a str,
    /// What is held at certain versions beside it. Another set is another installation.
    pub pins: &'a [&'a str],
    /// How long an installation takes.
    pub effort: &'a str,
    /// Whether it runs and has the right version.
    pub check: &'a dyn Fn(&Path) -> Option<()>,
    /// Installs it into the (empty) folder, with a log.
    pub install: &'a dyn Fn(&Path, &Path) -> Result<()>,
}

/// Installs a tool unless it is there: its folder.
///
/// # Errors
/// When it cannot be installed, or does not run.
pub fn install(tool: &Tool) -> Result<PathBuf> {
    let cache = cache()?;
    let folder = cache.join(tool.folder);
    let stamp = folder.join(STAMP);
    let wanted = stamp_text(tool.version, tool.pins);
    let stamped = || fs::read_to_string(&stamp).is_ok_and(|text| text == wanted);
    if stamped() && (tool.check)(&folder).is_some() {
        return Ok(folder);
    }
    let _guard = lock(tool.folder)?;
    // Another run may have installed it while we waited, and an installation by hand has no
    // stamp; one with another stamp was made with other pins.
    let usable = stamped() || (tool.pins.is_empty() && !stamp.exists());
    if !usable || (tool.check)(&folder).is_none() {
        let named = format!("{} {}", tool.name, tool.version);
        let effort = format!("once, {}", tool.effort);
        let under_way = UnderWay::begin("Installing", &named, &effort);
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(anyhow!(e).context(format!("Cannot remove {}.", folder.display())));
            }
            _ => {}
        }
        fs::create_dir_all(&folder)?;
        let log = cache.join(format!("{}.log", tool.folder));
        (tool.install)(&folder, &log)
            .with_context(|| format!("Cannot install {} {}.", tool.name, tool.version))?;
        if (tool.check)(&folder).is_none() {
            bail!(
                "{} {} was installed into {} but does not run. The log is {}.",
                tool.name,
                tool.version,
                folder.display(),
                log.display()
            );
        }
        eprintln!("{named} is there after {} s.", under_way.seconds());
    }
    fs::write(&stamp, wanted).with_context(|| format!("Cannot write {}.", stamp.display()))?;
    Ok(folder)
}

/// What the stamp of an installation says: by this it is known.
fn stamp_text(version: &str, pins: &[&str]) -> String {
    let mut text = version.to_owned();
    for pin in pins {
        text.push('\n');
        text.push_str(pin);
    }
    text
}

/// Whether a program runs and has `version` as a word of its first line.
pub fn says(program: PathBuf, arguments: &[&str], version: &str) -> Option<()> {
    let text = process::answer(process::command(program).args(arguments))?;
    names_version(&text, version).then_some(())
}

fn names_version(text: &str, version: &str) -> bool {
    text.lines()
        .next()
        .is_some_and(|line| line.split_whitespace().any(|word| word == version))
}

/// Keeps two runs from installing the thing called `what` at once. Released when dropped.
pub fn lock(what: &str) -> Result<File> {
    let path = cache()?.join(format!("{what}.installing"));
    let file = File::create(&path).with_context(|| format!("Cannot write {}.", path.display()))?;
    if file.try_lock().is_err() {
        eprintln!("Waiting for another run that is installing {what} …");
        file.lock()
            .with_context(|| format!("Cannot lock {}.", path.display()))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_a_whole_word_of_the_first_line() {
        assert!(names_version("trunk 0.21.14", "0.21.14"));
        assert!(names_version("wasm-opt version 132 (version_132)", "132"));
        assert!(!names_version("trunk 0.21.140", "0.21.14"));
        assert!(!names_version("warning\ntrunk 0.21.14", "0.21.14"));
        assert!(!names_version("", "0.21.14"));
    }

    #[test]
    fn an_installation_is_known_by_its_version_and_its_pins() {
        assert_eq!(stamp_text("1.163.2", &[]), "1.163.2");
        let before = stamp_text("1.98.0", &["pydantic<2", "Pillow<10"]);
        assert_ne!(before, stamp_text("1.98.0", &["pydantic<2"]));
        assert_ne!(before, stamp_text("1.98.0", &[]));
    }
}
