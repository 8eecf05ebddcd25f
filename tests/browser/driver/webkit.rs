//! WebKit: a WebKitWebDriver drives one MiniBrowser, so each has its own, and a screen of its own: what
//! another window covers is not drawn, and does not move.

use super::{Browser, Keeper, common, driven};
use anyhow::{Context, Result};
use serde_json::json;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use xtask::tools;

/// A screen that nobody looks at, and its name as `DISPLAY` has it. Xvfb chooses a number that nobody
/// has, and writes it.
fn screen(xvfb: &Path) -> Result<(Keeper, String)> {
    let arguments = ["-displayfd", "1", "-screen", "0", "1600x1200x24"].map(str::to_owned);
    let arguments = [&arguments[..], &["-nolisten", "tcp"].map(str::to_owned)].concat();
    let mut keeper = Keeper::start(xvfb, &arguments, |command| {
        command.stdout(Stdio::piped());
    })?;
    let output = keeper.output().context("Xvfb has no output.")?;
    let mut number = String::new();
    BufReader::new(output).read_line(&mut number)?;
    let number: u32 = number.trim().parse().context("Xvfb does not start.")?;
    Ok((keeper, format!(":{number}")))
}

/// A fresh browser that keeps its things in `folder`.
pub(super) async fn browser(folder: &Path, downloads: &Path) -> Result<Browser> {
    let programs = tools::webkit()?;
    let (screen, display) = screen(&programs.xvfb)?;
    let settings = folder.join("settings");
    fs::create_dir_all(settings.join("gtk-3.0"))?;
    fs::write(
        settings.join("user-dirs.dirs"),
        format!("XDG_DOWNLOAD_DIR=\"{}\"\n", downloads.display()),
    )?;
    // Whoever wants less motion gets less.
    fs::write(
        settings.join("gtk-3.0/settings.ini"),
        "[Settings]\ngtk-enable-animations=0\n",
    )?;
    let mut capabilities = common();
    capabilities["browserName"] = "MiniBrowser".into();
    capabilities["webkitgtk:browserOptions"] = json!({
        "binary": programs.browser,
        "args": ["--automation"],
    });
    let environment = |command: &mut Command| {
        command
            .env("DISPLAY", display)
            .env("HOME", folder)
            .env("XDG_CONFIG_HOME", &settings)
            .env("GDK_BACKEND", "x11")
            .env("GSETTINGS_BACKEND", "memory")
            .env("LANGUAGE", "en")
            .env("NO_AT_BRIDGE", "1");
    };
    let mut browser = driven(&programs.driver, &[], environment, capabilities).await?;
    browser.keepers.push(screen);
    Ok(browser)
}
