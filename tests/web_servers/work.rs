//! A day's work in the browser, through each web server: signing in by nothing but the Matrix ID, an
//! update while somebody works, an edited `config.json`, and an import.

use crate::{started, synapse};
use journeys::browser::{Options, Page, importing, journey};
use journeys::web::{Kind, Place, WebServer, release};
use std::fs;
use std::time::Duration;
use synapse_admin::api::users;
use xtask::world::{ADMIN_PASSWORD, people};

#[tokio::test]
async fn through_nginx() {
    let server = started(Kind::Nginx, Place::BelowPath).await;
    works(server, async |page, _| imports(page, "nginx").await).await;
}

#[tokio::test]
async fn through_caddy() {
    let server = started(Kind::Caddy, Place::OwnHost).await;
    works(server, async |page, server| is_updated(page, server).await).await;
}

#[tokio::test]
async fn through_apache() {
    let server = started(Kind::Apache, Place::OwnHost).await;
    works(server, async |page, server| is_updated(page, server).await).await;
}

async fn works(server: WebServer, then: impl AsyncFnOnce(&Page, &WebServer)) {
    let options = Options {
        app: Some(server.url()),
        hosts: server.hosts(),
        limit: Duration::from_secs(240),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        let admin = synapse().maker.user(people::ADMIN);
        page.open("/login").await;
        page.field("Username").fill(admin.as_str()).await;
        page.field("Password").fill(ADMIN_PASSWORD).await;
        let homeserver = format!("https://{}", server.names().homeserver);
        page.field("Homeserver URL").holds(&homeserver).await;
        page.button("Sign in").click().await;
        page.heading("Dashboard").appears().await;
        page.link("Users").first().click().await;
        page.row("@").first().appears().await;
        all_over_http2(page).await;
        then(page, &server).await;
    })
    .await;
}

/// Everything that the page has loaded and asked, the panel's files and the homeserver's answers.
async fn all_over_http2(page: &Page) {
    let others = page
        .script(
            "return [...performance.getEntriesByType('navigation'),
                     ...performance.getEntriesByType('resource')]
                .filter((entry) => entry.nextHopProtocol && entry.nextHopProtocol !== 'h2')
                .map((entry) => `${entry.nextHopProtocol} ${entry.name}`)",
            vec![],
        )
        .await;
    assert_eq!(others.as_array().map(Vec::len), Some(0), "{others}");
}

async fn imports(page: &Page, prefix: &str) {
    const USERS: usize = 20;
    page.link("CSV Import").click().await;
    importing::choose(page, importing::rows(prefix, USERS)).await;
    page.sees("All rows can be imported.").await;
    importing::run(page).await;
    let synapse = synapse();
    for number in [0, USERS - 1] {
        let user = synapse.maker.user(&format!("{prefix}.{number}"));
        let made = synapse.maker.admin().run(&users::get(&user)).await.unwrap();
        let name = format!("Person {number} of {prefix}");
        assert_eq!(made.user.displayname.as_deref(), Some(&*name));
    }
}

/// The files are replaced while somebody works: what is asked for next is gone, the new version is
/// offered at once, and leads to where it was asked for.
async fn is_updated(page: &Page, server: &WebServer) {
    release::update(&server.panel()).unwrap();
    page.expects_complaint(&["/media-", "404"]);
    // What the page of media shares with others is gone as well; which is missed first is chance.
    page.allows_complaint(&["/of_", "404"]);
    page.expects_complaint(&["Error", ".wasm: 404"]);
    page.link("Media").click().await;
    page.alert("A part of Synapse Admin could not be loaded.")
        .appears()
        .await;
    page.status("A new version of this panel is there.")
        .appears()
        .await;
    page.is_accessible().await;
    page.button("Load it").click().await;
    page.heading("Media").appears().await;
    page.link("Rooms").first().click().await;
    page.heading("Rooms").appears().await;

    // What an administrator changes is what counts from then on.
    let handbook = r#"{"menu": [{"label": "Handbook", "url": "https://handbook.example/"}]}"#;
    fs::write(server.panel().join("config.json"), handbook).unwrap();
    page.reload().await;
    page.link("Handbook (opens in a new tab)").appears().await;
}
