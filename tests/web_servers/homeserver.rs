//! What reaches Synapse through the web server, and what does not.

use crate::{BRIDGED, started, synapse};
use journeys::web::ask::Question;
use journeys::web::{Kind, Place, WebServer};
use serde_json::{Value, json};
use std::fs;
use std::net::Ipv4Addr;
use synapse_admin::api::Request;
use synapse_admin::api::request::path;

/// An address of this machine where no administrator sits.
const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

#[tokio::test]
async fn behind_nginx() {
    forwarded(Kind::Nginx).await;
}

#[tokio::test]
async fn behind_caddy() {
    forwarded(Kind::Caddy).await;
}

#[tokio::test]
async fn behind_apache() {
    forwarded(Kind::Apache).await;
}

async fn forwarded(kind: Kind) {
    let server = started(kind, Place::OwnHost).await;
    the_well_known_file(&server).await;
    as_it_came(&server).await;
    for_other_origins(&server).await;
    administrators_only(&server).await;
}

/// With an administrator's token.
fn authorized<'a>(host: &'a str, path: &'a str) -> Question<'a> {
    let token = synapse().maker.admin().token().unwrap_or_default();
    Question::get(host, path).with("Authorization", format!("Bearer {token}"))
}

async fn the_well_known_file(server: &WebServer) {
    let names = server.names();
    let question = Question::get(&names.domain, "/.well-known/matrix/client");
    let answer = server.asker().ask(question).await;
    let known: Value = serde_json::from_slice(&answer.body).unwrap();
    let url = known["m.homeserver"]["base_url"].as_str().unwrap();
    assert_eq!(
        url.trim_end_matches('/'),
        format!("https://{}", names.homeserver)
    );
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    // What Synapse is told to tell besides, by the keys that the guide names.
    assert_eq!(
        known["cc.etke.ketesa"]["asManagedUsers"],
        json!([BRIDGED]),
        "{known}"
    );
    let guide = fs::read_to_string(xtask::root().join("docs/deploy.md")).unwrap();
    let yaml = format!(
        "extra_well_known_client_content:\n    cc.etke.ketesa:\n      asManagedUsers: ['{BRIDGED}']\n"
    );
    assert!(guide.contains(&yaml), "docs/deploy.md does not say: {yaml}");
}

/// Identifiers with slashes in them, files of some size, and from where.
async fn as_it_came(server: &WebServer) {
    let host = server.names().homeserver;
    let user = "/_synapse/admin/v2/users/%40a%2Fb%3Atest.localhost";
    let answer = server.asker().ask(authorized(&host, user)).await;
    assert_eq!(answer.status, 404, "{answer:?}");
    assert!(answer.text().contains("M_NOT_FOUND"), "{}", answer.text());

    let mut upload = authorized(&host, "/_matrix/media/v3/upload");
    upload.method = "POST";
    upload.body = vec![7; 3_000_000];
    let answer = server.asker().ask(upload).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("content_uri"));

    let address = Ipv4Addr::new(127, 0, 0, 77);
    let question = authorized(&host, "/_matrix/client/v3/account/whoami").from(address);
    let answer = server.asker().ask(question).await;
    let who: Value = serde_json::from_slice(&answer.body).unwrap();
    let whois = path(&["/_synapse/admin/v1/whois", who["user_id"].as_str().unwrap()]);
    let request: Request<Value> = Request::get(whois);
    let whois = synapse().maker.admin().run(&request).await.unwrap();
    assert!(
        whois.to_string().contains(&json!(address).to_string()),
        "{whois}"
    );
}

async fn for_other_origins(server: &WebServer) {
    let host = server.names().homeserver;
    for method in ["OPTIONS", "GET"] {
        let mut question = authorized(&host, "/_synapse/admin/v1/server_version")
            .with("Origin", "https://admin.test.localhost")
            .with("Access-Control-Request-Method", "PUT");
        question.method = method;
        let answer = server.asker().ask(question).await;
        assert!(answer.status < 300, "{method}: {answer:?}");
        assert_eq!(
            answer.header("access-control-allow-origin"),
            "*",
            "{method}"
        );
    }
}

/// The Admin API can be kept to some addresses, however it is spelt.
async fn administrators_only(server: &WebServer) {
    let host = server.names().homeserver;
    let asked = async |path: &str, from: Ipv4Addr| {
        server.asker().ask(authorized(&host, path).from(from)).await
    };
    let version = "/_synapse/admin/v1/server_version";
    let answer = asked(version, Ipv4Addr::LOCALHOST).await;
    assert!(
        answer.text().contains("server_version"),
        "{}",
        answer.text()
    );
    assert_eq!(asked(version, ELSEWHERE).await.status, 403);
    for spelling in [
        "/_synapse/%61dmin/v1/server_version",
        "/_synapse//admin/v1/server_version",
        "//_synapse/admin/v1/server_version",
        "/_synapse/./admin/v1/server_version",
        "/_synapse%2Fadmin/v1/server_version",
        "/_SYNAPSE/ADMIN/v1/server_version",
        "/_synapse/client/../admin/v1/server_version",
        "/_synapse/client/..%2Fadmin/v1/server_version",
        "/_matrix/../_synapse/admin/v1/server_version",
        "/_matrix/..%2F_synapse/admin/v1/server_version",
        "/_matrix/%2E%2E/_synapse/admin/v1/server_version",
    ] {
        let answer = asked(spelling, ELSEWHERE).await;
        assert!(
            !answer.text().contains("server_version\""),
            "{spelling}: {answer:?}"
        );
    }
    // Whoever is no administrator still reaches what Matrix clients need.
    let answer = asked("/_matrix/client/versions", ELSEWHERE).await;
    assert_eq!(answer.status, 200);
    // What is not named is not forwarded.
    let answer = asked("/_synapse/metrics", Ipv4Addr::LOCALHOST).await;
    assert!(!answer.text().contains("errcode"), "{answer:?}");
}
