//! What the panel's files are served as.

use crate::{started, started_as};
use journeys::web::ask::{Answer, Question};
use journeys::web::release::{files, is_hashed};
use journeys::web::{Kind, Place, WebServer};
use std::fs;
use std::path::Path;

const FOR_EVER: &str = "public, max-age=31536000, immutable";

#[tokio::test]
async fn by_nginx() {
    served(Kind::Nginx).await;
}

#[tokio::test]
async fn by_caddy() {
    served(Kind::Caddy).await;
}

#[tokio::test]
async fn by_apache() {
    served(Kind::Apache).await;
}

#[tokio::test]
async fn by_nginx_with_brotli() {
    let server = started_as(Kind::Nginx, Place::OwnHost, true).await;
    every_file(&server).await;
}

async fn served(kind: Kind) {
    for place in [Place::OwnHost, Place::BelowPath] {
        let server = started(kind, place).await;
        let protocol = server.asker().protocol(&server.host()).await.unwrap();
        assert_eq!(protocol, "h2");
        every_file(&server).await;
        what_is_not_there(&server).await;
        an_edited_config(&server).await;
        without_the_slash(&server).await;
    }
}

/// Asks for a file of the panel.
async fn get(server: &WebServer, file: &str, headers: &[(&str, &str)]) -> Answer {
    let (host, path) = (server.host(), format!("{}{file}", server.path()));
    let mut question = Question::get(&host, &path);
    for (name, value) in headers {
        question = question.with(name, *value);
    }
    server.asker().ask(question).await
}

/// Each file of the release: its content in the form that the browser takes, its media type, for
/// how long it is kept, and the headers that protect it.
async fn every_file(server: &WebServer) {
    let encodings = server.encodings();
    let folder = server.panel();
    let mut seen = 0;
    for file in files(&folder).unwrap() {
        if ["br", "gz"]
            .iter()
            .any(|ending| file.extension().is_some_and(|e| e == *ending))
        {
            continue;
        }
        seen += 1;
        let name = file.display().to_string();
        let content = fs::read(folder.join(&file)).unwrap();
        let plain = get(server, &name, &[]).await;
        is_right(&file, &plain);
        assert_eq!(plain.header("content-encoding"), "", "{name}");
        assert!(plain.body == content, "{name}");
        let tag = plain.header("etag");
        let again = get(server, &name, &[("If-None-Match", tag)]).await;
        assert_eq!(again.status, 304, "{name}");
        // Best first, whatever else is taken.
        for (index, (encoding, ending)) in encodings.iter().enumerate() {
            let Ok(compressed) = fs::read(folder.join(format!("{name}{ending}"))) else {
                continue;
            };
            // And nothing that it refuses.
            let refused = encodings[..index].iter();
            let refused = refused.map(|(name, _)| format!("{name};q=0"));
            let taken = encodings[index..]
                .iter()
                .map(|(name, _)| (*name).to_owned());
            let taken: Vec<String> = refused.chain(taken).collect();
            let taken = format!("deflate, {}", taken.join(", "));
            let answer = get(server, &name, &[("Accept-Encoding", &taken)]).await;
            is_right(&file, &answer);
            assert_eq!(answer.header("content-encoding"), *encoding, "{name}");
            assert!(answer.body == compressed, "{name}");
            let vary = answer.header("vary").to_lowercase();
            assert!(vary.contains("accept-encoding"), "{name}: {vary}");
        }
    }
    assert!(seen > 20);
    let index = get(server, "", &[]).await;
    is_right(Path::new("index.html"), &index);
    assert!(index.text().contains("<title>Synapse Admin"));
}

fn is_right(file: &Path, answer: &Answer) {
    let name = file.display();
    assert_eq!(answer.status, 200, "{name}");
    let types: &[&str] = match file.extension().and_then(|ending| ending.to_str()) {
        Some("wasm") => &["application/wasm"],
        Some("js") => &["text/javascript", "application/javascript"],
        Some("css") => &["text/css"],
        Some("html") => &["text/html"],
        Some("json") => &["application/json"],
        Some("svg") => &["image/svg+xml"],
        _ => &[],
    };
    let media_type = answer.header("content-type");
    let media_type = media_type.split(';').next().unwrap_or_default();
    assert!(
        types.is_empty() || types.contains(&media_type),
        "{name}: {media_type}"
    );
    assert_eq!(answer.header("content-language"), "", "{name}");
    let kept = if is_hashed(file) {
        FOR_EVER
    } else {
        "no-cache"
    };
    assert_eq!(answer.header("cache-control"), kept, "{name}");
    let policy = answer.header("content-security-policy");
    assert!(
        policy.starts_with("frame-ancestors 'none'; connect-src 'self' "),
        "{name}: {policy}"
    );
    for (header, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("referrer-policy", "no-referrer"),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(header), value, "{name}: {header}");
    }
}

/// No page in the place of a file, no list of files, nothing from beside the folder; and a browser
/// does not keep for long that a file of the next release is not there yet.
async fn what_is_not_there(server: &WebServer) {
    for missing in ["nothing", "config.json", "media-0123456789abcdef.wasm"] {
        let answer = get(server, missing, &[("Accept-Encoding", "br, gzip")]).await;
        assert_eq!(answer.status, 404, "{missing}");
        assert!(
            !answer.header("cache-control").contains("max-age"),
            "{missing}"
        );
    }
    for folder in ["i18n", "i18n/"] {
        let answer = get(server, folder, &[]).await;
        assert_ne!(answer.status, 200, "{folder}");
        assert!(!answer.text().contains("de.json"), "{folder}");
    }
    let (host, path) = (server.host(), server.path());
    let bare = path.trim_end_matches('/');
    let mut ways = vec![
        format!("{path}../secret"),
        format!("{path}..%2fsecret"),
        format!("{path}i18n/..%2f..%2fsecret"),
        format!("{path}%2e%2e/secret"),
    ];
    if !bare.is_empty() {
        ways.push(format!("{bare}../secret"));
    }
    for way in ways {
        let answer = server.asker().ask(Question::get(&host, &way)).await;
        assert!(!answer.text().contains("a secret"), "{way}: {answer:?}");
    }
}

/// What is written into `config.json` is what the next browser gets.
async fn an_edited_config(server: &WebServer) {
    let path = server.panel().join("config.json");
    let mut tag = String::new();
    for content in [r#"{"menu": []}"#, r#"{"wellKnownDiscovery": false}"#] {
        fs::write(&path, content).unwrap();
        let headers = [("Accept-Encoding", "br, gzip"), ("If-None-Match", &*tag)];
        let answer = get(server, "config.json", &headers).await;
        assert_eq!(answer.text(), content);
        is_right(Path::new("config.json"), &answer);
        tag = answer.header("etag").to_owned();
    }
    fs::remove_file(path).unwrap();
    assert_eq!(get(server, "config.json", &[]).await.status, 404);
}

/// `/synapse-admin` leads to `/synapse-admin/`, with what a link has filled in.
async fn without_the_slash(server: &WebServer) {
    let Some(bare) = server
        .path()
        .strip_suffix('/')
        .filter(|bare| !bare.is_empty())
    else {
        return;
    };
    let host = server.host();
    for query in ["", "?server=https://example.net"] {
        let path = format!("{bare}{query}");
        let answer = server.asker().ask(Question::get(&host, &path)).await;
        assert!(matches!(answer.status, 301 | 302 | 307 | 308), "{answer:?}");
        let target = answer.header("location").trim_end_matches('?');
        assert!(target.ends_with(&format!("{bare}/{query}")), "{target}");
        let here = target.starts_with('/') || target.starts_with(&format!("https://{host}"));
        assert!(here, "{target}");
    }
}
