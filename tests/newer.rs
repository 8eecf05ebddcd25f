//! A new version of the panel on the web server: noticed, offered where nothing is lost, loaded.

use journeys::browser::{Options, Page, copy_of_bundle, journey, stage};
use std::fs;
use std::path::Path;
use xtask::serve::{Server, Site};

/// So many minutes pass, and somebody looks at the page again.
async fn comes_back(page: &Page, minutes: u32) {
    page.script(
        "const [minutes] = arguments;
         const now = Date.now;
         Date.now = () => now() + minutes * 60 * 1000;
         document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))",
        vec![minutes.into()],
    )
    .await;
}

/// How often the page of the panel has been asked for.
async fn asked(page: &Page) -> usize {
    let requests = page.requests().await;
    let is_it = |(method, url): &&(String, String)| method == "GET" && url == page.app();
    requests.iter().filter(is_it).count()
}

/// Waits until the web server has been asked once more.
async fn asks_again(page: &Page, before: usize) {
    page.until("it has asked the web server", async || {
        asked(page).await > before
    })
    .await;
}

/// Another program, under another name, as a release has it.
fn release_another(folder: &Path) {
    let index = folder.join("index.html");
    let page = fs::read_to_string(&index).unwrap();
    let (before, _) = page.split_once(".wasm").unwrap();
    let begins = before
        .rfind(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'))
        .unwrap();
    let name = &before[begins + 1..];
    let other = format!("another-{name}");
    fs::copy(
        folder.join(format!("{name}.wasm")),
        folder.join(format!("{other}.wasm")),
    )
    .unwrap();
    let page = page.replace(&format!("{name}.wasm"), &format!("{other}.wasm"));
    fs::write(&index, page).unwrap();
}

/// A journey of an administrator in a panel of their own, of which another version can be released: with the
/// folder that it is in.
async fn in_a_copy(name: &str, walk: impl AsyncFnOnce(&Page, &Path)) {
    let folder = copy_of_bundle(name);
    let server = Server::start(Site::new(folder.clone(), "/synapse-admin/")).unwrap();
    let options = Options {
        app: Some(server.url()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        walk(page, &folder).await;
    })
    .await;
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_new_version_is_offered_and_loaded() {
    in_a_copy("newer", async |page: &Page, folder: &Path| {
        let before = asked(page).await;
        comes_back(page, 5).await;
        asks_again(page, before).await;
        let offer = page.button("Load it");
        assert_eq!(offer.count().await, 0, "nothing has changed");

        // Not while something is unsaved.
        let user = stage().maker.make_fresh_user("newer").await.unwrap();
        page.open(&format!("/users/{user}")).await;
        page.field("Display name").fill("Half a na").await;
        release_another(folder);
        let before = asked(page).await;
        comes_back(page, 5).await;
        asks_again(page, before).await;
        page.button("Save").appears().await;
        page.field("Display name").holds("Half a na").await;
        assert_eq!(offer.count().await, 0, "something is unsaved");
        page.button("Discard changes").click().await;
        page.status("A new version of this panel is there.")
            .appears()
            .await;
        page.is_accessible().await;
        offer.click().await;
        page.until("the other program is loaded", async || {
            page.requested("GET", "/another-").await > 0
        })
        .await;
        page.field("Display name").appears().await;
        assert_eq!(offer.count().await, 0);
    })
    .await;
}

#[tokio::test]
async fn later_is_not_never() {
    in_a_copy("newer-later", async |page: &Page, folder: &Path| {
        release_another(folder);
        comes_back(page, 5).await;
        let offer = page.status("A new version of this panel is there.");
        offer.appears().await;
        page.button("Later").click().await;
        offer.goes().await;
        comes_back(page, 60).await;
        assert_eq!(offer.count().await, 0, "it is put off");
        comes_back(page, 4 * 60).await;
        offer.appears().await;
        page.button("Load it").is_usable().await;
    })
    .await;
}

/// The words of the next version stand in other places than this one looks for them.
#[tokio::test]
async fn the_words_of_another_version_are_not_taken_for_ours() {
    in_a_copy("newer-words", async |page: &Page, folder: &Path| {
        let words = folder.join("i18n/de.json");
        let next = fs::read_to_string(&words).unwrap();
        fs::write(&words, next.replacen('{', "{\n  \"a_first\": \"Neu\",", 1)).unwrap();
        // What was made of the file before may lie beside it.
        for ending in ["br", "gz"] {
            let _ = fs::remove_file(folder.join(format!("i18n/de.json.{ending}")));
        }
        page.expects_complaint(&["de.json", "integrity"]);
        page.field("Language").choose("Deutsch").await;
        page.sees("This language could not be loaded.").await;
        page.link("Media").click().await;
        page.heading("Media").appears().await;
    })
    .await;
}
