//! One chromedriver for the whole test program, and a browser of its own for every journey.

use super::Options;
use anyhow::{Context, Result, bail};
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, OnceLock};
use std::thread;
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;
use xtask::synapse::free_port;
use xtask::tools;

/// How long chromedriver may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How long one command to the browser may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(40);

/// Runs chromedriver until our end of its standard input closes, which it does however this
/// program ends.
const KEEPER: &str = r#""$@" </dev/null & driver=$!; read -r _; kill $driver; wait $driver"#;

struct Driver {
    port: u16,
    /// Holds the other end of the standard input.
    _keeper: Mutex<Child>,
}

static DRIVER: OnceLock<Result<Driver, String>> = OnceLock::new();

fn driver() -> &'static Driver {
    DRIVER
        .get_or_init(|| start().map_err(|error| format!("{error:#}")))
        .as_ref()
        .unwrap_or_else(|error| panic!("{error}"))
}

fn start() -> Result<Driver> {
    let browser = tools::browser()?;
    let port = free_port()?;
    let mut keeper = Command::new("/bin/sh")
        .args(["-c", KEEPER, "sh"])
        .arg(&browser.chromedriver)
        .arg(format!("--port={port}"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .context("Cannot start chromedriver.")?;
    let begun = Instant::now();
    while TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_err() {
        if let Some(status) = keeper.try_wait()? {
            bail!("chromedriver stopped while starting ({status}).");
        }
        if begun.elapsed() > START_TIMEOUT {
            bail!("chromedriver did not start.");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(Driver {
        port,
        _keeper: Mutex::new(keeper),
    })
}

/// A fresh browser that keeps its things in `folder` and reaches nothing but this machine.
pub(super) async fn browser(options: &Options, folder: &Path) -> Result<WebDriver> {
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
        // The certificates of the tests are signed by nobody.
        "--ignore-certificate-errors",
        &format!("--lang={language}"),
        &format!("--window-size={width},{height}"),
        &format!("--user-data-dir={}", folder.display()),
        &format!("--host-resolver-rules={rules}"),
    ] {
        caps.add_arg(arg)?;
    }
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
    let driver = WebDriver::builder(format!("http://127.0.0.1:{}", driver.port), caps)
        .request_timeout(COMMAND_TIMEOUT)
        .await
        .context("Chromium does not start.")?;
    Ok(driver)
}
