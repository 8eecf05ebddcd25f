//! Chromium: one chromedriver for the whole test program, and browsers that go from one journey to the
//! next ([`kept`]).

pub(super) mod kept;

use super::{ATTEMPTS, Browser, COMMAND_TIMEOUT, Keeper};
use crate::browser::Options;
use anyhow::{Context, Result, anyhow};
use serde_json::json;
use std::path::Path;
use std::sync::OnceLock;
use thirtyfour::prelude::*;
use xtask::synapse::free_port;
use xtask::tools;

struct Driver {
    port: u16,
    _keeper: Keeper,
}

static DRIVER: OnceLock<Result<Driver, String>> = OnceLock::new();

fn driver() -> &'static Driver {
    DRIVER
        .get_or_init(|| start().map_err(|error| format!("{error:#}")))
        .as_ref()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn start() -> Result<Driver> {
    // Of a program that had this number before.
    let _ = std::fs::remove_dir_all(kept::folder());
    let browser = tools::browser()?;
    let mut last = anyhow!("No attempt was made.");
    for _ in 0..ATTEMPTS {
        let port = free_port()?;
        let arguments = [format!("--port={port}")];
        let mut keeper = Keeper::start(&browser.chromedriver, &arguments, |keeper| {
            keeper.env("LEAVES_BEHIND", kept::folder());
        })?;
        match keeper.answers_at(port) {
            Ok(()) => {
                return Ok(Driver {
                    port,
                    _keeper: keeper,
                });
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A browser that reaches nothing but this machine: one that another journey has left, or a fresh one.
/// One for this journey alone keeps its things in `folder`.
pub(super) async fn browser(options: &Options, folder: &Path) -> Result<Browser> {
    let Some(own) = kept::place(options) else {
        return Ok(Browser::of(start_browser(options, folder).await?));
    };
    // Further tabs are as large as the window, which the journey before may have changed.
    let (width, height) = options.screen.size();
    let driver = loop {
        match kept::take() {
            // One that has ended meanwhile is no use to anybody.
            Some(kept) if kept.set_window_rect(0, 0, width, height).await.is_err() => continue,
            Some(kept) => break kept,
            None => break start_browser(options, &own).await?,
        }
    };
    Ok(Browser {
        is_kept: true,
        ..Browser::of(driver)
    })
}

/// A fresh browser.
async fn start_browser(options: &Options, folder: &Path) -> Result<WebDriver> {
    let Options {
        screen,
        language,
        hosts,
        notes_requests,
        ..
    } = options;
    let driver = driver();
    let mut caps = DesiredCapabilities::chrome();
    let browser = tools::browser()?;
    caps.set_binary(&browser.chromium.to_string_lossy())?;
    let (width, height) = screen.size();
    let mut rules: String = hosts
        .iter()
        .map(|(host, port)| format!("MAP {host} 127.0.0.1:{port}, "))
        .collect();
    rules.push_str("MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
    for arg in [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        "--disable-extensions",
        // Two pages for suggestions below an address bar that nobody sees: half of what the start of
        // a browser takes. And a process that is there for the page after the next.
        "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup,SpareRendererForSitePerProcess",
        // The certificates of the tests are signed by nobody.
        "--ignore-certificate-errors",
        &format!("--lang={language}"),
        &format!("--window-size={width},{height}"),
        &format!("--user-data-dir={}", folder.display()),
        &format!("--host-resolver-rules={rules}"),
    ] {
        caps.add_arg(arg)?;
    }
    if kept::is_usual(options) {
        // What moves by itself is drawn sixty times a second, which takes a sixteenth of a journey. Before
        // those who want something of their browser it does move.
        caps.add_arg("--force-prefers-reduced-motion")?;
    }
    // What is noted is what is requested.
    caps.set_browser_option("perfLoggingPrefs", json!({"enablePage": false}))?;
    caps.set_browser_option(
        "prefs",
        json!({"intl.accept_languages": language, "credentials_enable_service": false}),
    )?;
    caps.set(
        "goog:loggingPrefs",
        json!({
            "browser": "ALL",
            "performance": if *notes_requests { "ALL" } else { "OFF" },
        }),
    )?;
    WebDriver::builder(format!("http://127.0.0.1:{}", driver.port), caps)
        .request_timeout(COMMAND_TIMEOUT)
        .await
        .context("Chromium does not start.")
}
