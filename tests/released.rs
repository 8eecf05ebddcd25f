//! What people get or start, opened from outside: a release served by what it is shipped with, and the
//! demo. The stages `release` and `postgres` of the checks start them and say where they are.

use journeys::browser::{Options, Page, journey, stage};
use serde_json::Value;

#[tokio::test]
#[ignore = "the stage `release` starts what it needs"]
async fn signs_in_and_says_its_version() {
    let app = std::env::var("JOURNEYS_PANEL").expect("JOURNEYS_PANEL: where the panel is");
    let version = std::env::var("JOURNEYS_VERSION").expect("JOURNEYS_VERSION: which one it is");
    let options = Options {
        app: Some(app.clone()),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        // There have never been any switches in the settings.
        page.allows_complaint(&["admin_client_config", "status of 404"]);
        page.sign_in(&stage().synapse.url()).await;
        page.row("@").first().appears().await;
        page.link("Media").click().await;
        page.heading("Media").appears().await;
        page.field("Language").choose("Deutsch").await;
        page.heading("Medien").appears().await;
        page.reload().await;
        page.open("/settings").await;
        page.sees(&format!("Synapse Admin {version}")).await;
        let below = app.trim_end_matches('/');
        assert!(page.requested("GET", below).await > 5, "{below}");
    })
    .await;
}

/// Whoever types what the demo says is in, and the server behind it keeps its data in PostgreSQL: no
/// other says how large its rooms are.
#[tokio::test]
#[ignore = "the stage `postgres` starts what it needs"]
async fn the_demo_opens_with_what_it_says() {
    let said = std::env::var("JOURNEYS_DEMO").expect("JOURNEYS_DEMO: what the demo says of itself");
    let said: Value = serde_json::from_str(&said).expect("JOURNEYS_DEMO is JSON");
    let of = |name: &str| said[name].as_str().expect("the demo says it").to_owned();
    let options = Options {
        app: Some(of("url")),
        ..Options::default()
    };
    journey(options, async |page: &Page| {
        page.names_host("demo.localhost");
        page.open("/login").await;
        page.field("Username").fill(&of("user")).await;
        page.field("Password").fill(&of("password")).await;
        page.field("Homeserver URL").fill(&of("homeserver")).await;
        page.button("Sign in").click().await;
        page.heading("Dashboard").appears().await;
        page.open("/users").await;
        page.row("Alice").first().appears().await;
        page.open("/statistics?tab=rooms").await;
        let largest = page.css("ul[aria-label='Largest in the database'] .bar");
        largest.first().says("iB").await;
    })
    .await;
}
