//! What comes from the system's packages.

use super::cache;
use super::installation::lock;
use crate::process;
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Programs that only the system's packages bring: installs Debian's `packages` unless `found`
/// says that they are there. `what` says in words what is wanted.
///
/// No service of theirs is started, now or when the machine starts again: the checks start what they
/// need by themselves, in a folder of their own. Nothing that is installed already has to go for it.
///
/// Fails, and says what to do, where this is not Debian or the person is not root.
pub fn debian(what: &str, packages: &[&str], found: impl Fn() -> bool) -> Result<()> {
    if found() {
        return Ok(());
    }
    let names = packages.join(" ");
    if process::find("apt-get").is_none() {
        bail!(
            "This needs {what}. Install what Debian calls {names} with this system's package \
             manager, so that its programs are on the PATH, and run this again."
        );
    }
    if !process::is_root() {
        bail!(
            "This needs {what}. Install it, here without the services that come with it, and run this \
             again: sudo env SYSTEMD_OFFLINE=1 RUNLEVEL=1 apt-get install --no-install-recommends \
             {names}"
        );
    }
    let _guard = lock("apt")?;
    if found() {
        return Ok(());
    }
    eprintln!("Installing {what} with apt-get, once …");
    let log = cache()?.join(format!("apt-{}.log", packages.join("-")));
    let mut update = process::command("apt-get");
    process::run_logged(update.args(["update", "-q"]), &log)?;
    let before = started_with_the_machine();
    let mut install = process::command("apt-get");
    install
        .env("DEBIAN_FRONTEND", "noninteractive")
        // Both ways in which packages start their services start none: systemd's, and that of
        // scripts, which run none in single-user mode.
        .env("SYSTEMD_OFFLINE", "1")
        .env("RUNLEVEL", "1")
        .args(["install", "-q", "-y"])
        .args(["--no-install-recommends", "--no-remove"])
        .args(packages);
    let installed = process::run_logged(&mut install, &log);
    for link in started_with_the_machine().difference(&before) {
        // As `systemctl disable` does it, which not every system has.
        fs::remove_file(link).with_context(|| format!("Cannot remove {}.", link.display()))?;
    }
    installed
}

/// The links by which systemd starts services and sockets with the machine.
fn started_with_the_machine() -> BTreeSet<PathBuf> {
    let inside = |folder: &Path| {
        let entries = fs::read_dir(folder).into_iter().flatten();
        entries.filter_map(|entry| Some(entry.ok()?.path()))
    };
    inside(Path::new("/etc/systemd/system"))
        .filter(|path| path.extension().is_some_and(|ending| ending == "wants"))
        .flat_map(|folder| inside(&folder).collect::<Vec<PathBuf>>())
        .collect()
}

/// The browser of the tests.
pub struct Browser {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
}

/// Chromium and chromedriver, which come from the system. On Debian, root gets them installed.
pub fn browser() -> Result<Browser> {
    let found = || {
        let chromium = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(process::find)?;
        Some(Browser {
            chromium,
            chromedriver: process::find("chromedriver")?,
        })
    };
    debian(
        "Chromium and chromedriver",
        &["chromium", "chromium-driver"],
        || found().is_some(),
    )?;
    found().context(
        "apt-get installed chromium and chromium-driver, but they are not on the PATH. Add \
         /usr/bin to it.",
    )
}

/// PostgreSQL: the folder of its programs, the newest if there are several. On Debian, root gets it
/// installed, without the cluster that the package makes for itself.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn postgres() -> Result<PathBuf> {
    const WHAT: &str = "PostgreSQL";
    let found = || {
        // Debian has the programs of each version in a folder of its own.
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
        let newest = versions
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.parse().ok())
            .max();
        let debians = |version: u32| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
        let elsewhere = || Some(process::find("postgres")?.parent()?.to_owned());
        let folder = newest
            .map(debians)
            .filter(|bin| bin.join("postgres").exists());
        folder
            .or_else(elsewhere)
            .filter(|bin| bin.join("initdb").exists())
    };
    if let Some(folder) = found() {
        return Ok(folder);
    }
    let settings = Path::new("/etc/postgresql-common/createcluster.conf");
    if process::is_root() && process::find("apt-get").is_some() {
        debian(WHAT, &["postgresql-common"], || settings.exists())?;
        let before = fs::read_to_string(settings).unwrap_or_default();
        let without = format!("{before}\ncreate_main_cluster = false\n");
        fs::write(settings, without).context("Cannot keep PostgreSQL from making a cluster.")?;
        let installed = debian(WHAT, &["postgresql"], || found().is_some());
        fs::write(settings, before).context("Cannot put PostgreSQL's settings back.")?;
        installed?;
    } else {
        debian(WHAT, &["postgresql"], || false)?;
    }
    found().context(
        "apt-get installed postgresql, but its programs are not below /usr/lib/postgresql.",
    )
}
