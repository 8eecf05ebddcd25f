//! One bundle, unchanged, at any path of any web server; its parts, downloaded as they are needed.

use journeys::browser::{Options, Page, copy_of_bundle, journey, stage};
use std::fs;
use std::path::{Path, PathBuf};
use xtask::serve::{Server, Site};
use xtask::world::{ADMIN_PASSWORD, people};

#[tokio::test]
async fn at_the_root_and_far_below() {
    for prefix in ["/", "/some/where/else/"] {
        let folder = stage().bundle.clone();
        let server = Server::start(Site::new(folder, prefix)).unwrap();
        let origin = format!("http://127.0.0.1:{}", server.port());
        let options = Options {
            app: Some(format!("{origin}{prefix}")),
            ..Options::default()
        };
        journey(options, async |page: &Page| {
            page.sign_in(&stage().synapse.url()).await;
            page.row("@").first().appears().await;
            page.link("Media").click().await;
            page.heading("Media").appears().await;
            page.reload().await;
            page.heading("Media").appears().await;
            page.field("Language").choose("Deutsch").await;
            page.heading("Medien").appears().await;
            page.back().await;
            page.row("@").first().appears().await;
            // Everything of ours was found below the path, and nothing was missing.
            let below = format!("{origin}{prefix}");
            for (method, url) in page.requests().await {
                if url.starts_with(&origin) {
                    assert!(url.starts_with(&below), "{method} {url}");
                }
            }
        })
        .await;
    }
}

#[tokio::test]
async fn parts_are_downloaded_when_they_are_needed() {
    let options = Options {
        fresh: true,
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.open("/login").await;
        page.field("Username").appears().await;
        for part in ["/inside-", "/media-", "/user-", "/import_users-"] {
            assert_eq!(page.requested("GET", part).await, 0, "{part}");
        }
        // Whoever types is about to sign in.
        page.field("Username").fill("@a").await;
        page.until("the first part is asked for", async || {
            page.requested("GET", "/inside-").await == 1
        })
        .await;
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        assert_eq!(page.requested("GET", "/media-").await, 0);
        page.link("Media").click().await;
        page.heading("Media").appears().await;
        assert_eq!(page.requested("GET", "/media-").await, 1);
        // Whoever is signed in gets the first part loaded ahead, and once only.
        let before = page.requested("GET", "/inside-").await;
        page.reload().await;
        page.heading("Media").appears().await;
        assert_eq!(page.requested("GET", "/inside-").await, before + 1);
    })
    .await;
}

#[tokio::test]
async fn a_part_that_is_missing_is_asked_for_again() {
    let folder = copy_of_bundle("missing-part");
    let server = Server::start(Site::new(folder.clone(), "/synapse-admin/")).unwrap();
    let options = Options {
        app: Some(server.url()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        let alert = page.alert("A part of Synapse Admin could not be loaded.");
        // Signing in needs what it shares with the rest, and says so.
        let inside = Away::take(&folder, "inside-");
        page.expects_complaint(&["/inside-", "404"]);
        page.expects_complaint(&["Error", "/inside-"]);
        page.fill_in(
            &stage().user(people::ADMIN),
            ADMIN_PASSWORD,
            &stage().synapse.url(),
        )
        .await;
        page.button("Sign in").click().await;
        alert.appears().await;
        page.is_accessible().await;
        inside.put_back();
        page.button("Sign in").click().await;
        page.row("@").first().appears().await;

        // One page is missing, and the rest goes on.
        let media = Away::take(&folder, "media-");
        page.expects_complaint(&["/media-", "404"]);
        page.expects_complaint(&["Error", "/media-"]);
        page.link("Media").click().await;
        alert.appears().await;
        page.is_accessible().await;
        page.link("Activity").click().await;
        page.heading("Activity").appears().await;
        page.link("Media").click().await;
        alert.appears().await;
        media.put_back();
        page.button("Retry").click().await;
        page.heading("Media").appears().await;
    })
    .await;
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn an_edited_config_is_what_browsers_get() {
    // An update must not overwrite it, and nothing compressed may stand in front of it.
    for name in ["config.json", "config.json.br", "config.json.gz"] {
        assert!(!stage().bundle.join(name).exists(), "{name}");
    }
    let folder = copy_of_bundle("edited-config");
    let server = Server::start(Site::new(folder.clone(), "/synapse-admin/")).unwrap();
    let options = Options {
        app: Some(server.url()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        let field = page.field("Homeserver URL");
        page.open("/login").await;
        field.holds("").await;
        for url in ["https://one.test", "https://two.test"] {
            page.names_host(&url[8..]);
            let edited = format!("\u{feff}{{\"restrictBaseUrl\": \"{url}\"}}");
            fs::write(folder.join("config.json"), edited).unwrap();
            page.reload().await;
            field.holds(url).await;
        }
    })
    .await;
    fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn a_web_server_that_does_not_know_webassembly() {
    let server = Server::start(Site {
        knows_wasm: false,
        ..Site::new(stage().bundle.clone(), "/")
    })
    .unwrap();
    let options = Options {
        app: Some(server.url()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.expects_complaint(&["application/wasm"]);
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        page.link("Media").click().await;
        page.heading("Media").appears().await;
    })
    .await;
}

/// A part of the program that the web server does not have for a while.
struct Away {
    place: PathBuf,
    hidden: PathBuf,
}

impl Away {
    /// Takes the part away whose file's name begins like this.
    fn take(folder: &Path, begins: &str) -> Away {
        let place = fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with(begins) && name.ends_with(".wasm")
            })
            .unwrap_or_else(|| panic!("The bundle has no part {begins}."));
        let hidden = folder.join("away");
        fs::rename(&place, &hidden).unwrap();
        Away { place, hidden }
    }

    fn put_back(self) {
        fs::rename(self.hidden, self.place).unwrap();
    }
}
