//! A static web server for the demo and the tests: what any web server in front of the bundle
//! would do, and nothing of this app in particular.

use anyhow::{Context, Result, bail};
use futures_util::future::select;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::UNIX_EPOCH;
use std::{fs, io};
use tokio::sync::oneshot;

/// What `docs/` recommends to set on a real web server. The page brings the rest of its
/// Content-Security-Policy itself; `frame-ancestors` works as a header only.
const SECURITY: [(&str, &str); 5] = [
    ("content-security-policy", "frame-ancestors 'none'"),
    ("cross-origin-opener-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// The script that live reload adds to the page.
const RELOAD: &str = "reload.js";
const RELOAD_SCRIPT: &str = r#"
const state = async () =>
  (await fetch("./index.html", { method: "HEAD", cache: "no-store" })).headers.get("etag");
let known;
setInterval(async () => {
  // Until the first build is done, and while a new one is put into place, there is no page.
  const now = await state().catch(() => null);
  if (known === undefined) known = now;
  if (now && now !== known) location.reload();
}, 500);
"#;

/// What to serve, and where.
pub struct Site {
    /// The folder with the files.
    pub folder: PathBuf,
    /// The path in front of every file, with a slash at both ends: `/` or `/synapse-admin/`.
    pub prefix: String,
    /// The port on 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// Files that are served in place of those in the folder, by their path in it: a
    /// `config.json`, say.
    pub instead: BTreeMap<String, Vec<u8>>,
    /// Whether the page loads itself again when `index.html` changes. For development.
    pub live_reload: bool,
    /// Whether it knows the media type of WebAssembly. Old web servers do not.
    pub knows_wasm: bool,
}

impl Site {
    /// The site with its folder's real path, which [`answer`] compares files with.
    pub(crate) fn settled(self) -> Result<Site> {
        if !self.prefix.starts_with('/') || !self.prefix.ends_with('/') {
            bail!("The path {} must begin and end with a slash.", self.prefix);
        }
        let folder = self
            .folder
            .canonicalize()
            .with_context(|| format!("There is no folder {} to serve.", self.folder.display()))?;
        Ok(Site { folder, ..self })
    }

    /// A folder under a path, on a free port.
    pub fn new(folder: PathBuf, prefix: &str) -> Site {
        Site {
            folder,
            prefix: prefix.to_owned(),
            port: 0,
            instead: BTreeMap::new(),
            live_reload: false,
            knows_wasm: true,
        }
    }
}

/// A running server. It stops when dropped.
pub struct Server {
    address: SocketAddr,
    prefix: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts serving on 127.0.0.1.
    ///
    /// # Errors
    /// When the port is taken, the folder is missing or the prefix lacks a slash.
    pub fn start(site: Site) -> Result<Server> {
        let mut site = site.settled()?;
        let listener = listen(site.port)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let prefix = site.prefix.clone();
        if site.live_reload {
            site.instead
                .insert(RELOAD.to_owned(), RELOAD_SCRIPT.as_bytes().to_owned());
        }
        let site = Arc::new(site);
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()?;
        let thread = thread::Builder::new()
            .name("web server".to_owned())
            .spawn(move || {
                runtime.block_on(select(pin!(accept(listener, site)), stopped));
            })?;
        Ok(Server {
            address,
            prefix,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The port it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Where the app is: `http://127.0.0.1:8080/synapse-admin/`.
    pub fn url(&self) -> String {
        format!("http://{}{}", self.address, self.prefix)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Takes a port on 127.0.0.1, or says that it is taken.
pub fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|e| match e.kind() {
        io::ErrorKind::AddrInUse => anyhow::anyhow!(
            "Port {port} on 127.0.0.1 is taken by another program. Stop that program, or choose \
             another port."
        ),
        _ => anyhow::anyhow!("Cannot listen on port {port} of 127.0.0.1: {e}"),
    })
}

async fn accept(listener: TcpListener, site: Arc<Site>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else {
        return;
    };
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // The one connection failed, or there are too many open files for now.
            tokio::task::yield_now().await;
            continue;
        };
        let site = site.clone();
        tokio::spawn(async move {
            let service = service_fn(|request: Request<Incoming>| {
                let site = site.clone();
                async move { Ok::<_, Infallible>(answer(&site, &request)) }
            });
            // A browser that goes away in the middle is no news.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

pub(crate) type Answer = Response<Full<Bytes>>;

/// What a site answers to a request.
pub(crate) fn answer<B>(site: &Site, request: &Request<B>) -> Answer {
    let mut answer = if matches!(*request.method(), Method::GET | Method::HEAD) {
        match resolve(&site.prefix, request.uri().path()) {
            Place::File(relative) => file(site, &relative, request.headers()),
            Place::Moved(path) => moved(&path, request.uri().query()),
            Place::Nowhere => plain(StatusCode::NOT_FOUND),
        }
    } else {
        let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED);
        answer
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        answer
    };
    for (name, value) in SECURITY {
        answer
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    answer
}

/// Where a path of a URL leads.
#[derive(Debug, PartialEq)]
enum Place {
    /// A file below the folder, decoded and free of anything that leads out of it.
    File(PathBuf),
    /// The prefix without its slash.
    Moved(String),
    Nowhere,
}

fn resolve(prefix: &str, path: &str) -> Place {
    if format!("{path}/") == prefix {
        return Place::Moved(prefix.to_owned());
    }
    let Some(rest) = path.strip_prefix(prefix) else {
        return Place::Nowhere;
    };
    let mut relative = PathBuf::new();
    for segment in rest.split('/') {
        let Ok(name) = percent_decode_str(segment).decode_utf8() else {
            return Place::Nowhere;
        };
        if name.starts_with('.') || name.contains(['/', '\\', '\0']) {
            return Place::Nowhere;
        }
        relative.push(&*name);
    }
    if rest.is_empty() || rest.ends_with('/') {
        relative.push("index.html");
    }
    Place::File(relative)
}

fn file(site: &Site, relative: &Path, asked: &HeaderMap) -> Answer {
    if let Some(content) = relative.to_str().and_then(|name| site.instead.get(name)) {
        return fresh(content.clone(), relative);
    }
    let path = site.folder.join(relative);
    // A symbolic link must not lead out of the folder either.
    let inside = path
        .canonicalize()
        .is_ok_and(|real| real.starts_with(&site.folder) && real.is_file());
    if !inside && site.live_reload && relative == Path::new("index.html") {
        let page = format!("<p>The first build is under way.</p>{}", reload_tag());
        let mut answer = fresh(page.into_bytes(), relative);
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        return answer;
    }
    if !inside {
        return plain(StatusCode::NOT_FOUND);
    }
    let (path, encoding) = variant(path, asked);
    let (Ok(mut content), Some(tag)) = (fs::read(&path), tag(&path)) else {
        return plain(StatusCode::NOT_FOUND);
    };
    if site.live_reload && relative == Path::new("index.html") {
        content.extend_from_slice(reload_tag().as_bytes());
    }
    let known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().trim_start_matches("W/") == tag);
    let mut answer = fresh(content, relative);
    if !site.knows_wasm && relative.extension().is_some_and(|ending| ending == "wasm") {
        answer.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
    }
    if known {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        *answer.body_mut() = Full::default();
    }
    let headers = answer.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    answer
}

fn reload_tag() -> String {
    format!("<script type=\"module\" src=\"./{RELOAD}\"></script>")
}

/// A file's content, with what its name says about it.
fn fresh(content: Vec<u8>, name: &Path) -> Answer {
    let mut answer = Response::new(Full::from(content));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime(name)));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static(if hashed(name) {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        }),
    );
    answer
}

/// The compressed form beside a file that the browser takes, else the file itself.
fn variant(path: PathBuf, asked: &HeaderMap) -> (PathBuf, Option<&'static str>) {
    let accepted = asked
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    for (encoding, ending) in [("br", ".br"), ("gzip", ".gz")] {
        let accepted = accepted
            .split(',')
            .any(|item| item.split(';').next().unwrap_or_default().trim() == encoding);
        let mut compressed = path.clone().into_os_string();
        compressed.push(ending);
        let compressed = PathBuf::from(compressed);
        if accepted && compressed.is_file() {
            return (compressed, Some(encoding));
        }
    }
    (path, None)
}

/// Size and time of change, as most web servers do it.
fn tag(path: &Path) -> Option<String> {
    let data = path.metadata().ok()?;
    let changed = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("\"{:x}-{:x}\"", changed.as_nanos(), data.len()))
}

/// Whether a file's name carries the hash of its content, so that it never changes.
fn hashed(path: &Path) -> bool {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    name.split(['-', '.', '_'])
        .any(|part| part.len() >= 15 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some("csv") => "text/csv; charset=utf-8",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn moved(path: &str, query: Option<&str>) -> Answer {
    let target = query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"));
    let mut answer = plain(StatusCode::PERMANENT_REDIRECT);
    if let Ok(target) = HeaderValue::from_str(&target) {
        answer.headers_mut().insert(header::LOCATION, target);
    }
    answer
}

fn plain(status: StatusCode) -> Answer {
    let mut answer = Response::new(Full::from(format!("{status}\n")));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str) -> Place {
        resolve("/synapse-admin/", path)
    }

    #[test]
    fn paths_lead_to_files_below_the_prefix() {
        let file = |name: &str| Place::File(PathBuf::from(name));
        assert_eq!(place("/synapse-admin/"), file("index.html"));
        assert_eq!(place("/synapse-admin/app-1.js"), file("app-1.js"));
        assert_eq!(place("/synapse-admin/i18n/de.json"), file("i18n/de.json"));
        assert_eq!(place("/synapse-admin/a%20b"), file("a b"));
        assert_eq!(
            place("/synapse-admin"),
            Place::Moved("/synapse-admin/".to_owned())
        );
        assert_eq!(place("/"), Place::Nowhere);
        assert_eq!(place("/synapse-administration/"), Place::Nowhere);
        assert_eq!(resolve("/", "/"), file("index.html"));
        assert_eq!(resolve("/", "/app.js"), file("app.js"));
    }

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for path in [
            "/synapse-admin/../secret",
            "/synapse-admin/%2e%2e/secret",
            "/synapse-admin/..%2fsecret",
            "/synapse-admin/a/..%5csecret",
            "/synapse-admin/%00",
            "/synapse-admin/.git/config",
            "/synapse-admin/%ff",
        ] {
            assert_eq!(place(path), Place::Nowhere, "{path}");
        }
        // An empty name adds nothing; in particular it does not make the path absolute.
        assert_eq!(
            place("/synapse-admin//etc/passwd"),
            Place::File(PathBuf::from("etc/passwd"))
        );
    }

    #[test]
    fn only_names_with_a_hash_are_kept_for_ever() {
        assert!(hashed(Path::new("synapse-admin-3f2a9c81d07b6e54.js")));
        assert!(hashed(Path::new("synapse-admin-3f2a9c81d07b6e54_bg.wasm")));
        assert!(!hashed(Path::new("index.html")));
        assert!(!hashed(Path::new("i18n/de.json")));
    }

    fn ask(site: &Site, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(site, &request.body(()).unwrap())
    }

    #[test]
    fn files_are_served_compressed_and_revalidated() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), "<p>").unwrap();
        fs::write(folder.path().join("index.html.br"), "b").unwrap();
        let site = Site::new(folder.path().canonicalize().unwrap(), "/x/");
        let plain = ask(&site, "/x/", &[]);
        assert_eq!(plain.status(), StatusCode::OK);
        assert_eq!(plain.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(plain.headers()["x-frame-options"], "DENY");
        assert!(!plain.headers().contains_key("content-encoding"));
        let compressed = ask(&site, "/x/", &[("accept-encoding", "gzip, br;q=1")]);
        assert_eq!(compressed.headers()["content-encoding"], "br");
        let tag = compressed.headers()["etag"].to_str().unwrap().to_owned();
        assert_ne!(plain.headers()["etag"], *tag);
        let again = ask(
            &site,
            "/x/",
            &[("accept-encoding", "br"), ("if-none-match", &tag)],
        );
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(ask(&site, "/x/no", &[]).status(), StatusCode::NOT_FOUND);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
        let site = Site::new(folder.path().canonicalize().unwrap(), "/");
        assert_eq!(ask(&site, "/link", &[]).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_file_can_be_served_in_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let mut site = Site::new(folder.path().canonicalize().unwrap(), "/");
        site.instead
            .insert("config.json".to_owned(), b"{}".to_vec());
        let answer = ask(&site, "/config.json", &[]);
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "application/json");
    }

    #[test]
    fn a_page_that_reloads_waits_for_the_first_build() {
        let folder = tempfile::tempdir().unwrap();
        let mut site = Site::new(folder.path().canonicalize().unwrap(), "/");
        site.live_reload = true;
        let answer = ask(&site, "/", &[]);
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.headers().contains_key("etag"));
        assert_eq!(ask(&site, "/x", &[]).status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn a_server_stops_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::start(Site::new(folder.path().to_owned(), "/x/")).unwrap();
        let port = server.port();
        assert_eq!(server.url(), format!("http://127.0.0.1:{port}/x/"));
        drop(server);
        assert!(listen(port).is_ok());
    }

    #[test]
    fn a_taken_port_is_named() {
        let held = listen(0).unwrap();
        let port = held.local_addr().unwrap().port();
        let error = listen(port).unwrap_err().to_string();
        assert!(error.contains(&format!("Port {port}")), "{error}");
    }
}
