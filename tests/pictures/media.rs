//! The pictures of `docs/media.md`.

use super::picture;
use crate::storage::open_media;
use journeys::browser::{Options, Page, journey};
use journeys::server::own_server;

async fn walk(ending: &str, options: Options) {
    let server = own_server(&format!("pictures{ending}"));
    journey(options, async |page: &Page| {
        open_media(page, &server, &server.synapse.url()).await;
        let name = |name: &str| format!("{name}{ending}");
        picture(page, &name("media")).await;
        page.css(".charts")
            .link_like("Not used for a year")
            .click()
            .await;
        page.css(".chart-chosen").appears().await;
        let script = "document.querySelector('.chart-chosen').scrollIntoView({ block: 'center' })";
        page.script(script, vec![]).await;
        picture(page, &name("media-bar")).await;
        page.css(".chart-chosen")
            .button("Delete these files …")
            .click()
            .await;
        page.css("dialog[open] .dialog-actions input")
            .appears()
            .await;
        picture(page, &name("media-question")).await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.button("Delete media").click().await;
        page.button("Preview").click().await;
        page.css("dialog[open] .dialog-actions input")
            .appears()
            .await;
        picture(page, &name("media-preview")).await;
        page.press(thirtyfour::Key::Escape + "").await;
        page.open("/media?kind=video").await;
        page.css(".clean-ups summary").click().await;
        page.field("Name of the rule").fill("Old films").await;
        page.button("Keep what the page shows").click().await;
        page.link("Old films").appears().await;
        let script = "document.querySelector('.clean-ups').scrollIntoView()";
        page.script(script, vec![]).await;
        picture(page, &name("media-rules")).await;
    })
    .await;
}

#[tokio::test]
#[ignore = "makes the pictures of the guides"]
async fn both() {
    walk("", Options::default()).await;
    walk("-phone", Options::phone()).await;
}
