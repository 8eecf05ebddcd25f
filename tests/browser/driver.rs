//! The programs that drive browsers, and a browser for every journey that no other has meanwhile.

mod chromium;
mod firefox;
mod webkit;

use super::{Engine, Options};
use anyhow::{Context, Result, anyhow, bail};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use thirtyfour::prelude::*;
use xtask::synapse::free_port;

/// How long a driver may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// How long one command to the browser may take.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(40);

/// How long a script or a page that loads may take: less than a command, so that the browser still tells
/// what it shows.
const PAGE_TIMEOUT: Duration = Duration::from_secs(30);

/// How often a driver and its browser are started until they are there: the port that was free may be
/// somebody else's by then.
const ATTEMPTS: u32 = 3;

/// Runs a program until our end of its standard input closes, which it does however this program
/// ends; then what the program has started goes as well, and the folder that it leaves behind.
const KEEPER: &str = r#"trap : TERM
"$@" </dev/null & program=$!; read -r _; kill $program; wait $program; kill 0
[ -z "$LEAVES_BEHIND" ] || for _ in 1 2 3; do rm -rf "$LEAVES_BEHIND"; sleep 0.3; done"#;

/// A program that runs for as long as this is kept.
struct Keeper(Child);

impl Keeper {
    /// Starts a program in a process group of its own. `set` may add to its environment.
    fn start(
        program: &Path,
        arguments: &[String],
        set: impl FnOnce(&mut Command),
    ) -> Result<Keeper> {
        let mut shell = Command::new("/bin/sh");
        shell
            .args(["-c", KEEPER, "sh"])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0);
        set(&mut shell);
        let child = shell
            .spawn()
            .with_context(|| format!("Cannot start {}.", program.display()))?;
        Ok(Keeper(child))
    }

    fn output(&mut self) -> Option<ChildStdout> {
        self.0.stdout.take()
    }

    /// Waits until the program answers at a port.
    fn answers_at(&mut self, port: u16) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).is_err() {
            if let Some(status) = self.0.try_wait()? {
                bail!("The driver of the browser stopped while starting ({status}).");
            }
            if begun.elapsed() > START_TIMEOUT {
                bail!("The driver of the browser did not start.");
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// A browser, and what keeps the programs that are there for it alone.
pub(super) struct Browser {
    pub driver: WebDriver,
    keepers: Vec<Keeper>,
    /// Whether another journey may go on with it.
    is_kept: bool,
}

impl Browser {
    fn of(driver: WebDriver) -> Browser {
        Browser {
            driver,
            keepers: Vec::new(),
            is_kept: false,
        }
    }

    /// Leaves the browser to the next journey if it may have it, or closes it, and its driver.
    pub async fn close(self, is_fit: bool, origin: &str) {
        if self.is_kept && is_fit {
            match chromium::kept::emptied(&self.driver, origin).await {
                Ok(()) => return chromium::kept::leave(self.driver),
                Err(error) => eprintln!("The browser cannot be used again: {error}"),
            }
        }
        if let Err(error) = self.driver.quit().await {
            eprintln!("The browser does not close: {error}");
        }
        drop(self.keepers);
    }
}

/// A browser with nothing of another journey in it that saves what is downloaded in `downloads`, and reaches
/// nothing but this machine. What is for this journey alone keeps its things in `folder`.
pub(super) async fn browser(
    engine: Engine,
    options: &Options,
    folder: &Path,
    downloads: &Path,
) -> Result<Browser> {
    // What the others ask is in vain; only Chromium can be told where a name leads.
    if !engine.is_chromium() && !options.hosts.is_empty() {
        bail!("This journey names hosts, which only Chromium can be told of.");
    }
    if !engine.is_chromium() && options.language != "en" {
        bail!("Only Chromium is asked to speak another language than English.");
    }
    let mut last = anyhow!("No attempt was made.");
    for attempt in 0..ATTEMPTS {
        let attempt = match engine {
            // One that has not started in time may still have its profile.
            Engine::Chromium => chromium::browser(options, &folder.join(attempt.to_string())).await,
            Engine::Firefox => firefox::browser(folder, downloads).await,
            Engine::WebKit => webkit::browser(folder, downloads).await,
        };
        match attempt {
            Ok(browser) => {
                let some = Some(PAGE_TIMEOUT);
                let timeouts = TimeoutConfiguration::new(some, some, Some(Duration::ZERO));
                browser.driver.update_timeouts(timeouts).await?;
                return Ok(browser);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// A driver for one browser, with what its own `--port` is called, and the browser.
async fn driven(
    program: &Path,
    arguments: &[String],
    set: impl FnOnce(&mut Command),
    capabilities: Value,
) -> Result<Browser> {
    let port = free_port()?;
    let mut all = vec![format!("--port={port}")];
    all.extend_from_slice(arguments);
    let mut keeper = Keeper::start(program, &all, set)?;
    keeper.answers_at(port)?;
    let driver = connect(port, capabilities).await?;
    Ok(Browser {
        keepers: vec![keeper],
        ..Browser::of(driver)
    })
}

async fn connect(port: u16, capabilities: Value) -> Result<WebDriver> {
    let Value::Object(capabilities) = capabilities else {
        bail!("Capabilities are an object.");
    };
    WebDriver::builder(
        format!("http://127.0.0.1:{port}"),
        Capabilities::from(capabilities),
    )
    .request_timeout(COMMAND_TIMEOUT)
    .await
    .context("The browser does not start.")
}

/// What every browser can be told in WebDriver's own words: the certificates of the tests are signed
/// by nobody, and whatever is not on this machine is asked of a proxy that is not there.
fn common() -> Value {
    json!({
        "acceptInsecureCerts": true,
        "proxy": {
            "proxyType": "manual",
            "httpProxy": "127.0.0.1:9",
            "sslProxy": "127.0.0.1:9",
            "noProxy": ["127.0.0.1"],
        },
    })
}
