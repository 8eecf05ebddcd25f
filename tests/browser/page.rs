//! What a person can do with the browser, and what they see.

use super::driver::Browser;
use super::locate::squeeze;
use super::watch::Watch;
use super::{Engine, Screen};
use anyhow::Result;
use serde_json::Value;
use std::cell::{Cell, RefCell};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};
use thirtyfour::error::WebDriverErrorInner;
use thirtyfour::prelude::*;
use xtask::proxy::Proxy;

/// How often the page is looked at while waiting for something.
const BEAT: Duration = Duration::from_millis(40);

/// What stands behind the `#` in the address.
const ROUTE: &str = "return location.hash.replace(/^#/, '')";

/// The text of the dialog on top, or of the page.
const TEXT: &str = "
    const modals = document.querySelectorAll('dialog:modal');
    const top = modals.length ? modals[modals.length - 1] : document.body;
    return top ? top.innerText : null";

/// Ends the journey: something is not as it should be.
pub fn fail(message: String) -> ! {
    panic!("{message}")
}

/// One browser with one tab, and what it has gone through.
pub struct Page {
    browser: Browser,
    engine: Engine,
    app: String,
    folder: PathBuf,
    trail: RefCell<Vec<String>>,
    pub(super) watch: RefCell<Watch>,
    files: Cell<u32>,
    proxies: RefCell<Vec<Rc<Proxy>>>,
}

impl Page {
    /// How long anything may take that does not say otherwise.
    pub const PATIENCE: Duration = Duration::from_secs(60);

    /// A browser whose things lie in `folder`, what it has downloaded in `downloads` below that.
    pub(super) async fn new(
        browser: Browser,
        engine: Engine,
        app: String,
        folder: PathBuf,
        screen: Screen,
    ) -> Result<Self> {
        let page = Page {
            browser,
            engine,
            app,
            folder,
            trail: RefCell::default(),
            watch: RefCell::default(),
            files: Cell::new(0),
            proxies: RefCell::default(),
        };
        if engine.is_chromium() {
            page.is_watched_on(screen).await;
        } else {
            page.has_room(screen).await?;
        }
        Ok(page)
    }

    /// Which browser it is.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// The browser.
    pub fn driver(&self) -> &WebDriver {
        &self.browser.driver
    }

    /// A command of the DevTools protocol, which only Chromium has.
    pub async fn cdp(&self, command: &str, arguments: Value) -> Value {
        if !self.engine.is_chromium() {
            fail(format!("Only Chromium has {command}."));
        }
        match self.driver().cdp().send_raw(command, arguments).await {
            Ok(answer) => answer,
            Err(error) => fail(format!("{command}: {error}")),
        }
    }

    /// Notes what is being done, for when it goes wrong.
    pub fn step(&self, what: impl Into<String>) {
        self.trail.borrow_mut().push(what.into());
    }

    pub(super) fn trail(&self) -> String {
        self.trail.borrow().join("\n  ")
    }

    /// Where the app is: `http://127.0.0.1:PORT/synapse-admin/`.
    pub fn app(&self) -> &str {
        &self.app
    }

    /// Opens a route, such as `/users?page=2`, as a typed address: without loading the app anew
    /// if it is there already.
    pub async fn open(&self, route: &str) {
        self.go_to(&format!("{}#{route}", self.app)).await;
    }

    /// Opens any address.
    pub async fn go_to(&self, url: &str) {
        self.step(format!("opens {url}"));
        if let Err(error) = self.driver().goto(url).await {
            fail(format!("{url} does not open: {error}"));
        }
    }

    /// Loads the page anew.
    pub async fn reload(&self) {
        self.step("reloads");
        if let Err(error) = self.driver().refresh().await {
            fail(format!("The page does not reload: {error}"));
        }
    }

    /// The browser's back button.
    pub async fn back(&self) {
        self.step("goes back");
        if let Err(error) = self.driver().back().await {
            fail(format!("No way back: {error}"));
        }
    }

    /// The browser's forward button.
    pub async fn forward(&self) {
        self.step("goes forward");
        if let Err(error) = self.driver().forward().await {
            fail(format!("No way forward: {error}"));
        }
    }

    /// What stands behind the `#` in the address.
    pub async fn route(&self) -> String {
        let route = self.script(ROUTE, vec![]).await;
        route.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the address is this route.
    pub async fn is_at(&self, route: &str) {
        self.step(format!("expects to be at {route}"));
        let mut last = String::new();
        let polled = self.poll(Self::PATIENCE, async || {
            // While the page is being replaced it is nowhere.
            let now = self.driver().execute(ROUTE, vec![]).await;
            last = now.ok().map_or(String::new(), |now| {
                now.json().as_str().unwrap_or_default().to_owned()
            });
            last == route
        });
        if !polled.await {
            fail(format!("The address is {last}, not {route}."));
        }
    }

    /// Saves a picture of what is to be seen now, to be looked at by a person, if
    /// `JOURNEYS_PICTURES` names a folder.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("JOURNEYS_PICTURES").map(PathBuf::from) else {
            return;
        };
        if let Ok(image) = self.driver().screenshot_as_png().await {
            let _ = std::fs::create_dir_all(&folder);
            let _ = std::fs::write(folder.join(format!("{name}.png")), image);
        }
    }

    /// Runs JavaScript in the page, past its Content-Security-Policy.
    pub async fn script(&self, script: &str, arguments: Vec<Value>) -> Value {
        match self.driver().execute(script, arguments).await {
            Ok(answer) => answer.json().clone(),
            Err(error) => fail(format!("A script of the test fails: {error}")),
        }
    }

    /// Presses a button, also behind a dialog that has come by itself meanwhile: whatever else the page asks
    /// may be the first to find out that the session is over.
    pub async fn press_behind(&self, name: &str) {
        self.step(format!("presses “{name}”, whatever lies before it"));
        let script = "
            const buttons = [...document.querySelectorAll('main button, dialog button')];
            const called = (button) => button.ariaLabel ?? button.textContent.trim();
            const button = buttons.find((button) => called(button) === arguments[0]);
            button?.click();
            return Boolean(button)";
        self.until(&format!("“{name}” is pressed"), async || {
            self.script(script, vec![name.into()]).await == true
        })
        .await;
    }

    /// What an expression of JavaScript makes of each `row` of the list, also of those that are
    /// out of sight.
    pub async fn of_all_rows(&self, expression: &str) -> Vec<Value> {
        let script = include_str!("rows.js");
        let script = format!("const read = (row) => {expression} ?? null;\n{script}");
        let mut came = Err(String::new());
        // Rows may be replaced while they are read.
        self.poll(Self::PATIENCE, async || {
            came = match self.driver().execute_async(&script, vec![]).await {
                Ok(answer) => match answer.json() {
                    Value::Array(rows) => Ok(rows.clone()),
                    wrong => Err(wrong.to_string()),
                },
                Err(error) => Err(error.to_string()),
            };
            came.is_ok()
        })
        .await;
        came.unwrap_or_else(|wrong| fail(format!("The rows cannot be read: {wrong}")))
    }

    /// Fails if the heading of a column is cut.
    pub async fn headings_are_whole(&self) {
        const CUT: &str = "
            const words = document.querySelectorAll('.heading, .heading-button > span');
            return [...words].filter((words) => words.checkVisibility())
              .filter((words) => words.scrollWidth > words.clientWidth)
              .map((words) => words.textContent)";
        let mut cut = serde_json::json!([]);
        // They are measured in the frame after the rows have come.
        let polled = self.poll(Self::PATIENCE, async || {
            cut = self.script(CUT, vec![]).await;
            cut == serde_json::json!([])
        });
        if !polled.await {
            fail(format!("These headings are cut: {cut}"));
        }
    }

    /// Scrolls a long table on, from its end to its beginning: what is looked for may be out of
    /// sight.
    pub(super) async fn look_further(&self) {
        const SCRIPT: &str = "
            for (const table of document.querySelectorAll('.list-table')) {
                const rows = table.querySelectorAll('tbody tr[aria-rowindex]').length;
                if (rows === 0 || rows >= Number(table.getAttribute('aria-rowcount')) - 1) continue;
                const frame = table.closest('.table-scroll');
                const scroller = frame.scrollHeight > frame.clientHeight + 4
                    ? frame : document.scrollingElement;
                const before = scroller.scrollTop;
                scroller.scrollTop += scroller.clientHeight * 0.8;
                // At its end, but not drawn yet: there is something to wait for.
                const drawn = [...table.querySelectorAll('tbody tr[aria-rowindex]')]
                    .some((row) => row.getAttribute('aria-rowindex') === table.getAttribute('aria-rowcount'));
                if (scroller.scrollTop <= before && drawn) scroller.scrollTop = 0;
            }";
        // While the page is being replaced there is nothing to scroll.
        let _ = self.driver().execute(SCRIPT, vec![]).await;
    }

    /// Looks until a condition holds or time is up; whether it holds.
    pub async fn poll(&self, time: Duration, mut condition: impl AsyncFnMut() -> bool) -> bool {
        let begun = Instant::now();
        loop {
            // Where one look takes long, the last one begins when time is up, not before.
            let is_last = begun.elapsed() > time;
            if condition().await {
                return true;
            }
            if is_last {
                return false;
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// Waits until a condition holds.
    pub async fn until(&self, what: &str, condition: impl AsyncFnMut() -> bool) {
        self.until_within(Self::PATIENCE, what, condition).await;
    }

    /// Waits for longer than usual.
    pub async fn until_within(
        &self,
        time: Duration,
        what: &str,
        condition: impl AsyncFnMut() -> bool,
    ) {
        if !self.poll(time, condition).await {
            fail(format!("It never came true that {what}."));
        }
    }

    /// The text that is shown: of the dialog on top, if there is one.
    pub async fn text(&self) -> String {
        let text = self.script(TEXT, vec![]).await;
        squeeze(text.as_str().unwrap_or_default())
    }

    /// The same; `None` while the page is being replaced by another.
    async fn text_if_there(&self) -> Option<String> {
        let text = self.driver().execute(TEXT, vec![]).await.ok()?;
        text.json().as_str().map(squeeze)
    }

    /// Waits until this text is shown.
    pub async fn sees(&self, text: &str) {
        self.sees_within(Self::PATIENCE, text).await;
    }

    /// Waits for a text for longer than usual.
    pub async fn sees_within(&self, time: Duration, text: &str) {
        self.step(format!("expects to see “{text}”"));
        let mut last = String::new();
        let polled = self.poll(time, async || {
            last = self.text_if_there().await.unwrap_or_default();
            last.contains(text)
        });
        if !polled.await {
            fail(format!("“{text}” is not to be seen, but:\n{last}"));
        }
    }

    /// Waits until this text is shown no more.
    pub async fn no_longer_sees(&self, text: &str) {
        self.step(format!("expects “{text}” to go"));
        self.until(&format!("“{text}” is gone"), async || {
            let shown = self.text_if_there().await;
            shown.is_some_and(|shown| !shown.contains(text))
        })
        .await;
    }

    /// Presses keys wherever the focus is.
    pub async fn press(&self, keys: impl Into<TypingData>) {
        self.step("presses keys");
        let keys = keys.into().to_string();
        let mut outcome = Ok(());
        self.poll(Self::PATIENCE, async || {
            outcome = match self.driver().active_element().await {
                Ok(element) => element.send_keys(keys.as_str()).await,
                Err(error) => Err(error),
            };
            // What had the focus may have been replaced before a key was pressed.
            let is_replaced = |error: &WebDriverError| {
                matches!(**error, WebDriverErrorInner::StaleElementReference(_))
            };
            !outcome.as_ref().is_err_and(is_replaced)
        })
        .await;
        if let Err(error) = outcome {
            fail(format!("Keys cannot be pressed: {error}"));
        }
    }

    /// Presses Tab until the focus is on what the locator finds, or Shift+Tab if it stands further up:
    /// past the end of the page is the browser itself, and no driver of Firefox comes back from there.
    pub async fn tab_to(&self, target: &super::Locator<'_>) {
        const IS_ABOVE: &str = "
            const { activeElement, body } = document;
            const way = arguments[0].compareDocumentPosition(activeElement ?? body);
            return !!(way & Node.DOCUMENT_POSITION_FOLLOWING)";
        target.appears().await;
        for _ in 0..120 {
            let focused = self.driver().active_element().await.ok();
            let wanted = target.all().await;
            let mut tab = self.driver().action_chain();
            if let (Some(focused), [wanted]) = (&focused, wanted.as_slice()) {
                if focused.element_id() == wanted.element_id() {
                    return;
                }
                let wanted = wanted.to_json().unwrap_or_default();
                let is_above = self.driver().execute(IS_ABOVE, vec![wanted]).await;
                // What has been replaced meanwhile is looked for anew.
                if is_above.is_ok_and(|is_above| is_above.json() == true) {
                    tab = tab.key_down(Key::Shift);
                }
            }
            let tab = tab.send_keys(Key::Tab).key_up(Key::Shift);
            if let Err(error) = tab.perform().await {
                fail(format!("Tab cannot be pressed: {error}"));
            }
        }
        fail(format!("Tab never reaches {}.", target.words()));
    }

    /// Writes a file to give to the page.
    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        self.files.set(self.files.get() + 1);
        let folder = self.folder.join(format!("file-{}", self.files.get()));
        let path = folder.join(name);
        std::fs::create_dir_all(&folder)
            .and_then(|()| std::fs::write(&path, content))
            .unwrap_or_else(|error| fail(format!("{} cannot be written: {error}", path.display())));
        path
    }

    pub(super) fn downloads(&self) -> PathBuf {
        self.folder.join("downloads")
    }

    /// Waits for longer than usual for the next finished download: where it lies.
    pub async fn download_within(&self, time: Duration) -> PathBuf {
        self.step("waits for a download");
        let mut done = None;
        let polled = self.poll(time, async || {
            done = finished(&self.downloads());
            done.is_some()
        });
        let (true, Some(path)) = (polled.await, done) else {
            fail("Nothing was downloaded.".to_owned());
        };
        path
    }

    /// Waits for the next finished download: its name and content. The file is taken away.
    pub async fn download(&self) -> (String, Vec<u8>) {
        let path = self.download_within(Self::PATIENCE).await;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let content = std::fs::read(&path).unwrap_or_default();
        let _ = std::fs::remove_file(&path);
        (name.into_owned(), content)
    }

    /// The same as text.
    pub async fn downloaded_text(&self) -> (String, String) {
        let (name, content) = self.download().await;
        (name, String::from_utf8_lossy(&content).into_owned())
    }

    /// A proxy of one's own in front of the shared server, to see what is sent and to order
    /// faults. It stays for as long as the page, which may still be loading something when the
    /// journey is at its end.
    pub fn proxy(&self) -> Rc<Proxy> {
        self.proxy_before(super::stage().synapse.config().port)
    }

    /// The same in front of another server.
    pub fn proxy_before(&self, port: u16) -> Rc<Proxy> {
        let proxy = match Proxy::start(port) {
            Ok(proxy) => Rc::new(proxy),
            Err(error) => fail(format!("No proxy: {error:#}")),
        };
        self.proxies.borrow_mut().push(Rc::clone(&proxy));
        proxy
    }

    /// Fails if the page, or a dialog over it, can be scrolled sideways.
    pub async fn fits_sideways(&self) {
        let widths = self
            .script(
                "const all = [...document.querySelectorAll('dialog[open]'), document.documentElement];
                 const root = all.find((e) => e.scrollWidth > e.clientWidth) ?? all[0];
                 return [root.scrollWidth, root.clientWidth, [...document.querySelectorAll('body *')]
                    .filter((e) => e.getBoundingClientRect().right > root.getBoundingClientRect().left + root.clientWidth + 1 && e.checkVisibility())
                    .slice(0, 5).map((e) => e.outerHTML.slice(0, 120))]",
                vec![],
            )
            .await;
        if widths[0].as_i64() > widths[1].as_i64() {
            fail(format!(
                "{} is {} wide on a screen of {}: {}",
                self.route().await,
                widths[0],
                widths[1],
                widths[2]
            ));
        }
    }

    /// From here on the browser may complain once or more about what has all of these words in
    /// it, and has to. The rest of its complaints fail the journey.
    pub fn expects_complaint(&self, words: &[&str]) {
        self.watch.borrow_mut().expect(words);
    }

    /// The same, but the complaint may also not come.
    pub fn allows_complaint(&self, words: &[&str]) {
        self.watch.borrow_mut().allow(words);
    }

    /// A host that this journey names on purpose: requests to it are no offence, nor that nobody
    /// of that name is found.
    pub fn names_host(&self, host: &str) {
        self.watch.borrow_mut().know(host);
    }

    /// What the browser has requested so far: method and URL. Only Chromium tells.
    pub async fn requests(&self) -> Vec<(String, String)> {
        if !self.engine.is_chromium() {
            fail("Only Chromium tells what it requests.".to_owned());
        }
        self.watch_on().await;
        self.watch.borrow().requests.clone()
    }

    /// The requests so far with this method whose URL has this in it.
    pub async fn requested(&self, method: &str, part: &str) -> usize {
        self.requests()
            .await
            .iter()
            .filter(|(m, url)| m == method && url.contains(part))
            .count()
    }

    /// Reads what the browser has logged meanwhile.
    pub(super) async fn watch_on(&self) {
        if !self.engine.is_chromium() {
            return;
        }
        let performance = self
            .driver()
            .get_log("performance")
            .await
            .unwrap_or_default();
        let console = self.driver().get_log("browser").await.unwrap_or_default();
        self.watch.borrow_mut().take(&performance, console);
    }

    /// `is_fit`: whether another journey may have the browser.
    pub(super) async fn close(self, is_fit: bool) {
        let origin = self.app.split('/').take(3).collect::<Vec<_>>().join("/");
        self.browser.close(is_fit, &origin).await;
    }
}

/// A download that is complete. Browsers reserve the name with an empty file and write into another
/// one.
fn finished(folder: &Path) -> Option<PathBuf> {
    let files: Vec<PathBuf> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    let partial = ["crdownload", "part", "wkdownload"];
    let is_partial = |path: &PathBuf| {
        path.extension()
            .is_some_and(|end| partial.iter().any(|it| end == *it))
    };
    if files.iter().any(is_partial) {
        return None;
    }
    files.into_iter().find(|path| {
        let is_hidden = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with('.'));
        !is_hidden && path.metadata().is_ok_and(|data| data.len() > 0)
    })
}
