//! The examples of `docs/deploy.md`, as administrators meet them: run by Debian's nginx, Caddy and
//! Apache in front of a real Synapse, asked over HTTP, and used in a real browser.

mod files;
mod homeserver;
mod work;

use journeys::server::{self, Server, server};
use journeys::web::{Kind, Place, Site, WebServer};
use serde_json::{Map, json};

/// The Synapse of all tests. It tells by which address it is reached, as in production, and what panels
/// are told of the homeserver.
fn synapse() -> &'static Server {
    let address = json!("https://matrix.test.localhost");
    let told = json!({"cc.etke.ketesa": {"asManagedUsers": [BRIDGED]}});
    server::with(Map::from_iter([
        ("public_baseurl".to_owned(), address),
        ("extra_well_known_client_content".to_owned(), told),
    ]));
    server()
}

/// The accounts of a bridge, as `docs/deploy.md` has them where it says what Synapse can be told to tell.
const BRIDGED: &str = r"^@slack_.*:example\.org$";

/// A web server in front of it.
async fn started(kind: Kind, place: Place) -> WebServer {
    started_as(kind, place, false).await
}

/// A web server in front of it, with or without nginx' module for Brotli.
async fn started_as(kind: Kind, place: Place, brotli: bool) -> WebServer {
    let synapse = synapse();
    let site = Site {
        kind,
        place,
        domain: synapse.maker.server().clone(),
        synapse: synapse.synapse.config().port,
        is_old: false,
        brotli,
    };
    WebServer::start(site)
        .await
        .unwrap_or_else(|error| panic!("{error:#}"))
}
