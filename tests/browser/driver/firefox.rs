//! Firefox: a geckodriver drives one browser, so each has its own.

use super::{Browser, common, driven};
use anyhow::Result;
use serde_json::json;
use std::fs;
use std::path::Path;
use xtask::tools;

/// Without this the window is not as narrow as a phone.
const NARROW: &str = ":root { min-width: 0 !important }";

/// A fresh browser that keeps its things in `folder`.
pub(super) async fn browser(folder: &Path, downloads: &Path) -> Result<Browser> {
    let programs = tools::firefox()?;
    let profile = folder.join("firefox");
    fs::create_dir_all(profile.join("chrome"))?;
    fs::write(profile.join("chrome/userChrome.css"), NARROW)?;
    let mut capabilities = common();
    capabilities["browserName"] = "firefox".into();
    capabilities["moz:firefoxOptions"] = json!({
        "binary": programs.firefox,
        "args": ["-headless", "-profile", profile],
        // The screen, in which the windows have to have room.
        "env": {"MOZ_HEADLESS_WIDTH": "1600", "MOZ_HEADLESS_HEIGHT": "1200"},
        "prefs": {
            "browser.download.alwaysOpenPanel": false,
            "browser.download.dir": downloads,
            "browser.download.folderList": 2,
            "intl.accept_languages": "en",
            "signon.rememberSignons": false,
            "toolkit.legacyUserProfileCustomizations.stylesheets": true,
            "ui.prefersReducedMotion": 1,
            // Where a wrong certificate is accepted, a name that leads nowhere is not asked for twice.
            "network.captive-portal-service.enabled": false,
            "network.connectivity-service.enabled": false,
        },
    });
    let arguments = ["--websocket-port=0".to_owned()];
    let home = |command: &mut std::process::Command| {
        command.env("HOME", folder);
    };
    driven(&programs.geckodriver, &arguments, home, capabilities).await
}
