//! One bundle, unchanged, at any path.

use journeys::browser::{Options, Page, journey, stage};
use xtask::serve::{Server, Site};

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
