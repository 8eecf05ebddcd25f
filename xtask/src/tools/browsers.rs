//! The browsers in which the main journeys run besides Chromium.

use super::GECKODRIVER;
use super::installation::{Tool, install, says};
use super::registries::cargo_install;
use super::system::debian;
use crate::process;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Firefox and its driver.
pub struct Firefox {
    pub firefox: PathBuf,
    pub geckodriver: PathBuf,
}

/// Firefox, which comes from the system, and geckodriver, which is compiled: Debian has none, and
/// what other registries call so downloads a program when it is installed. On Debian, root gets
/// Firefox installed.
///
/// # Errors
/// When one of them cannot be installed.
pub fn firefox() -> Result<Firefox> {
    let found = || {
        ["firefox-esr", "firefox"]
            .into_iter()
            .find_map(process::find)
    };
    debian("Firefox", &["firefox-esr"], || found().is_some())?;
    let folder = install(&Tool {
        name: "geckodriver",
        version: GECKODRIVER,
        folder: &format!("geckodriver-{GECKODRIVER}"),
        pins: &[],
        effort: "about a minute",
        check: &|folder| says(folder.join("bin/geckodriver"), &["--version"], GECKODRIVER),
        install: &|folder, log| {
            let mut cargo = cargo_install(folder);
            // It hands a few words on: optimised, it would take six minutes.
            cargo
                .args(["geckodriver", "--version", GECKODRIVER])
                .args(["--locked", "--debug"])
                .env("CARGO_PROFILE_DEV_DEBUG", "none")
                .env("CARGO_INCREMENTAL", "0");
            process::run_logged(&mut cargo, log)
        },
    })?;
    Ok(Firefox {
        firefox: found().context(missing("firefox-esr"))?,
        geckodriver: folder.join("bin/geckodriver"),
    })
}

/// WebKit's smallest browser, its driver, and a screen for it, since it needs one.
pub struct WebKit {
    pub browser: PathBuf,
    pub driver: PathBuf,
    pub xvfb: PathBuf,
}

/// WebKitGTK's MiniBrowser and WebKitWebDriver, and Xvfb, which come from the system. On Debian, root
/// gets them installed.
///
/// # Errors
/// When one of them cannot be installed.
pub fn webkit() -> Result<WebKit> {
    let found = || {
        Some(WebKit {
            browser: mini_browser()?,
            driver: process::find("WebKitWebDriver")?,
            xvfb: process::find("Xvfb")?,
        })
    };
    let packages = ["webkit2gtk-driver", "xvfb"];
    debian("WebKit and a screen for it", &packages, || {
        found().is_some()
    })?;
    found().context(missing("webkit2gtk-driver and xvfb"))
}

fn missing(packages: &str) -> String {
    format!("{packages} are installed, but their programs are not where Debian puts them.")
}

/// MiniBrowser lies beside the library, whose folder is named after the machine and a version.
fn mini_browser() -> Option<PathBuf> {
    let below = |folder: &Path| -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect()
    };
    let mut places = below(Path::new("/usr/lib"));
    places.push("/usr/libexec".into());
    let browsers = places
        .iter()
        .flat_map(|place| below(place))
        .filter(|folder| {
            let name = folder.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("webkit2gtk-4") || name.starts_with("webkitgtk-6")
        });
    let mut browsers: Vec<PathBuf> = browsers
        .map(|folder| folder.join("MiniBrowser"))
        .filter(|program| program.is_file())
        .collect();
    browsers.sort();
    browsers.into_iter().next()
}
