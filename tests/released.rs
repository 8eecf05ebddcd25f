//! A release as people get it, served by what it is shipped with. The stage `release` of the checks
//! starts it and says where it is.

use journeys::browser::{Options, Page, journey, stage};

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
