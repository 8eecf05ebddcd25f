//! Browsers that have been used and wait for the next journey. To start one takes a seventh of what a
//! journey takes, and what one has compiled of the panel the next need not compile again. What a page
//! could find of the journey before is taken away: tabs, cookies, and all that is stored at the panel's
//! origin. The files of the panel, and what the homeserver lets browsers keep for a while, stay; a
//! journey to which that matters says `fresh: true`.

use crate::browser::Options;
use anyhow::{Context, Result};
use serde_json::json;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use thirtyfour::prelude::*;

static WAITING: Mutex<Vec<WebDriver>> = Mutex::new(Vec::new());

/// Where all of them keep their things, until the program ends.
pub(super) fn folder() -> PathBuf {
    std::env::temp_dir().join(format!("journeys-{}-browsers", std::process::id()))
}

/// Where the next one is to keep its things; `None` for a journey that needs a browser of its own.
pub(super) fn place(options: &Options) -> Option<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    // What has failed is tried again in one of its own.
    let is_kept = is_usual(options) && std::env::var_os("JOURNEYS_FRESH").is_none();
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    is_kept.then(|| folder().join(number.to_string()))
}

/// Whether a journey wants nothing of its browser that others do not.
pub(super) fn is_usual(options: &Options) -> bool {
    options.app.is_none()
        && options.hosts.is_empty()
        && options.language == "en"
        && options.notes_requests
        && !options.fresh
}

/// One that waits.
pub(super) fn take() -> Option<WebDriver> {
    waiting().pop()
}

/// Lets it wait for the next journey. It has been [`emptied`].
pub(in super::super) fn leave(driver: WebDriver) {
    waiting().push(driver);
}

fn waiting() -> std::sync::MutexGuard<'static, Vec<WebDriver>> {
    WAITING
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Leaves one new tab, and nothing that a page of this origin has kept.
pub(in super::super) async fn emptied(driver: &WebDriver, origin: &str) -> Result<()> {
    let old = driver.windows().await?;
    let new = driver.new_tab().await?;
    for tab in old {
        driver.switch_to_window(tab).await?;
        // A page with unsaved work would ask whether it may go.
        driver.goto("about:blank").await?;
        driver.close_window().await?;
    }
    driver.switch_to_window(new).await?;
    let tools = driver.cdp();
    let all = json!({"origin": origin, "storageTypes": "all"});
    tools.send_raw("Storage.clearDataForOrigin", all).await?;
    tools
        .send_raw("Network.clearBrowserCookies", json!({}))
        .await?;
    tools
        .send_raw("Browser.resetPermissions", json!({}))
        .await?;
    // What the old tabs have said is not the next journey's.
    for log in ["performance", "browser"] {
        driver.get_log(log).await.context("There is no log.")?;
    }
    Ok(())
}
