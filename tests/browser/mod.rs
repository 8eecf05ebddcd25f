//! A real browser for the journeys, driven the way a person would: things are found by what
//! they are and what they are called, and are waited for, never slept for.
//!
//! ```no_run
//! # async fn example() {
//! use journeys::browser::{Options, Page, journey};
//! journey(Options::default(), async |page: &Page| {
//!     page.open("/login").await;
//!     page.field("Username").fill("@admin:example.org").await;
//!     page.button("Sign in").click().await;
//!     page.alert("Enter the password.").appears().await;
//! })
//! .await;
//! # }
//! ```
//!
//! In the end of every journey the browser's console and its requests are looked at: a warning
//! or an error that was not announced with [`Page::expects_complaint`], a script that came in
//! with data, a blocked resource or a request to another host fail it.
//!
//! `JOURNEYS_BROWSER=firefox` or `webkit` takes another browser than Chromium ([`Engine`]). The
//! journeys are the same, with less to look at in the end: these do not tell what is in their
//! console and what they request, so only a program that has stopped is noticed. What Chromium alone
//! can do (to lead host names elsewhere, to note requests, to speak German, DevTools) fails there
//! with a sentence. WebKit's window is never narrower than 447 pixels.
//!
//! A failed journey leaves a screenshot, the page and the console in
//! `target/journeys/<journey>/`.

pub mod acting;
mod axe;
pub mod canned;
pub mod delegated;
mod driver;
mod engine;
pub mod importing;
mod locate;
mod page;
pub mod stage;
pub mod tabs;
mod watch;

pub use engine::Engine;
pub use locate::{Locator, squeeze};
pub use page::Page;
pub use stage::{Stage, copy_of_bundle, stage};

use futures_util::FutureExt;
use std::fs;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::Path;
use std::time::Duration;

/// How long a journey may take by default.
const LIMIT: Duration = Duration::from_secs(300);

/// How long a browser that may hang is asked what it shows, and asked to close.
const LAST_WORDS: Duration = Duration::from_secs(30);

/// The screen of the browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Screen {
    /// 1280 × 800.
    #[default]
    Desktop,
    /// 390 × 844.
    Phone,
}

impl Screen {
    fn size(self) -> (u32, u32) {
        match self {
            Screen::Desktop => (1280, 800),
            Screen::Phone => (390, 844),
        }
    }
}

/// What kind of browser a journey wants.
#[derive(Clone, Debug)]
pub struct Options {
    pub screen: Screen,
    /// What the browser prefers to speak.
    pub language: &'static str,
    /// Host names that lead to a port of this machine. All others lead nowhere.
    pub hosts: Vec<(String, u16)>,
    /// How long the journey may take.
    pub limit: Duration,
    /// Whether all requests are noted, which costs the browser and the machine some time.
    pub notes_requests: bool,
    /// Where the app is served; the bundle under `/synapse-admin/` if not given.
    pub app: Option<String>,
    /// Whether the browser must never have seen the app.
    pub fresh: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            screen: Screen::Desktop,
            language: "en",
            hosts: Vec::new(),
            limit: LIMIT,
            notes_requests: true,
            app: None,
            fresh: false,
        }
    }
}

impl Options {
    /// A phone.
    pub fn phone() -> Self {
        Options {
            screen: Screen::Phone,
            ..Options::default()
        }
    }
}

/// Walks one journey in a browser that nobody else has meanwhile.
pub async fn journey(options: Options, walk: impl AsyncFnOnce(&Page)) {
    let name = std::thread::current()
        .name()
        .unwrap_or("journey")
        .replace("::", "-");
    let folder = std::env::temp_dir().join(format!("journey-{}-{name}", std::process::id()));
    let app = match &options.app {
        Some(app) => app.clone(),
        None => stage().app.url(),
    };
    let profile = folder.join("profile");
    let opened = async {
        fs::create_dir_all(&profile)?;
        let downloads = folder.join("downloads");
        fs::create_dir_all(&downloads)?;
        let engine = Engine::chosen();
        let browser = driver::browser(engine, &options, &profile, &downloads).await?;
        Page::new(browser, engine, app, folder.clone(), options.screen).await
    };
    let page = match opened.await {
        Ok(page) => page,
        Err(error) => panic!("No browser: {error:#}"),
    };
    for (host, _) in &options.hosts {
        page.names_host(host);
    }
    // Whoever signs in asks the domain of the homeserver what is decided there.
    page.names_host(stage().maker.server().as_str());
    // The release has no `config.json`, and a browser complains of each 404.
    page.allows_complaint(&["/config.json", "404"]);
    // What is loaded ahead comes late to its use where the machine is busy.
    page.allows_complaint(&["was preloaded using link preload", "within a few seconds"]);
    let outcome = AssertUnwindSafe(tokio::time::timeout(options.limit, walk(&page)))
        .catch_unwind()
        .await;
    // A page that is busy for ever answers nothing.
    let read = tokio::time::timeout(LAST_WORDS, page.watch_on()).await;
    let charges = if page.engine().is_chromium() {
        page.watch.borrow_mut().charges()
    } else {
        page.stopped().await.into_iter().collect()
    };
    let failed = !matches!(outcome, Ok(Ok(()))) || !charges.is_empty() || read.is_err();
    if failed {
        let evidence = xtask::root().join("target/journeys").join(&name);
        let saved = tokio::time::timeout(LAST_WORDS, keep_evidence(&page, &evidence)).await;
        eprintln!(
            "The way of {name}:\n  {}\nWhat the browser showed is in {}{}.",
            page.trail(),
            evidence.display(),
            if saved.is_ok() {
                ""
            } else {
                ", as far as it answered"
            }
        );
    }
    if tokio::time::timeout(LAST_WORDS, page.close(!failed))
        .await
        .is_err()
    {
        eprintln!("The browser of {name} does not close.");
    }
    let _ = fs::remove_dir_all(&folder);
    for charge in &charges {
        eprintln!("{charge}");
    }
    match outcome {
        Err(panic) => resume_unwind(panic),
        Ok(Err(_)) => panic!(
            "The journey took longer than {} s.",
            options.limit.as_secs()
        ),
        Ok(Ok(())) => {
            assert!(read.is_ok(), "The browser hangs.");
            assert!(charges.is_empty(), "{}", charges.join("\n"));
        }
    }
}

/// Saves what the browser shows and said.
async fn keep_evidence(page: &Page, folder: &Path) {
    let _ = fs::remove_dir_all(folder);
    if fs::create_dir_all(folder).is_err() {
        return;
    }
    let save = |file: &str, content: &[u8]| {
        let _ = fs::write(folder.join(file), content);
    };
    save("way.txt", page.trail().as_bytes());
    {
        let watch = page.watch.borrow();
        save("console.log", watch.console().as_bytes());
        let requests: Vec<String> = watch
            .requests
            .iter()
            .map(|(method, url)| format!("{method} {url}"))
            .collect();
        save("requests.log", requests.join("\n").as_bytes());
    }
    if let Ok(image) = page.driver().screenshot_as_png().await {
        save("screenshot.png", &image);
    }
    if let Ok(source) = page.driver().source().await {
        save("page.html", source.as_bytes());
    }
}
