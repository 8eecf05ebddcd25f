//! A static web server for the panel: what any web server in front of the folder would do, and what
//! `docs/deploy.md` asks of one. The container image runs it; the demo and the tests use it with
//! what they need beside (`xtask/src/serve.rs`).

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use percent_encoding::percent_decode_str;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};
use std::{fs, io};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_io_timeout::TimeoutStream;

/// Where the server says that it works, whatever the panel's path is.
pub const HEALTH: &str = "/health";

/// What the panel's configuration is called beside `index.html`.
const CONFIG: &str = "config.json";

/// The page brings the rest of its Content-Security-Policy itself; `frame-ancestors` works as a
/// header only.
const FRAMES: &str = "frame-ancestors 'none'";

const SECURITY: [(&str, &str); 4] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

/// What is served, and where.
#[derive(Clone, Debug)]
pub struct Panel {
    /// The real path of the folder with the files.
    folder: PathBuf,
    /// The path in front of every file, with a slash at both ends.
    prefix: String,
    /// The file that is served as `config.json`, if not the one in the folder.
    config: Option<PathBuf>,
    /// The Content-Security-Policy.
    policy: HeaderValue,
}

impl Panel {
    /// A folder under a path: `/`, or `/synapse-admin/` with a slash at both ends.
    ///
    /// # Errors
    /// In words, when there is no such folder or the path lacks a slash.
    pub fn new(folder: &Path, prefix: &str) -> Result<Panel, String> {
        if !prefix.starts_with('/') || !prefix.ends_with('/') {
            return Err(format!(
                "The path {prefix} must begin and end with a slash."
            ));
        }
        let folder = folder
            .canonicalize()
            .map_err(|_| format!("There is no folder {} to serve.", folder.display()))?;
        Ok(Panel {
            folder,
            prefix: prefix.to_owned(),
            config: None,
            policy: HeaderValue::from_static(FRAMES),
        })
    }

    /// Serves this file as `config.json`. While it is not there, there is none.
    pub fn with_config(self, file: PathBuf) -> Panel {
        let config = Some(file);
        Panel { config, ..self }
    }

    /// Lets the page talk to these homeservers only, beside the origin that it came from: URLs with
    /// spaces between them.
    ///
    /// # Errors
    /// In words, for what is no URL of a server.
    pub fn with_homeservers(self, servers: &str) -> Result<Panel, String> {
        let mut policy = format!("{FRAMES}; connect-src 'self'");
        for server in servers.split_whitespace() {
            let host = ["https://", "http://"]
                .iter()
                .find_map(|scheme| server.strip_prefix(scheme))
                .unwrap_or_default();
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte);
            if host.is_empty() || !host.bytes().all(plain) {
                return Err(format!(
                    "“{server}” is no address of a homeserver. They look like \
                     https://matrix.example.org, without a path."
                ));
            }
            policy.push(' ');
            policy.push_str(server);
        }
        let policy = HeaderValue::from_str(&policy).map_err(|error| error.to_string())?;
        Ok(Panel { policy, ..self })
    }

    /// Adds the headers that `docs/deploy.md` asks for.
    pub fn guard(&self, answer: &mut Answer) {
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        for (name, value) in SECURITY {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

/// What is answered.
pub type Answer = Response<Full<Bytes>>;

/// How much anybody may ask of the server.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a browser may take to say what it wants, to ask for more, or to take a part of the answer.
    pub patience: Duration,
    /// How many connections there are at once. The next waits until one of them ends.
    pub connections: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            patience: Duration::from_secs(60),
            connections: 500,
        }
    }
}

/// How long a server that is to stop waits for answers that are under way: less than the ten seconds that
/// Docker waits for it.
const LAST_ANSWERS: Duration = Duration::from_secs(8);

/// Answers whoever connects, until it is told to stop: then nobody new, and what is being answered has
/// some seconds to arrive.
pub async fn serve<F>(
    listener: TcpListener,
    answer: F,
    limits: Limits,
    stop: impl Future<Output = ()>,
) where
    F: Fn(&Request<Incoming>) -> Answer + Send + Sync + 'static,
{
    let answer = Arc::new(answer);
    let places = Arc::new(Semaphore::new(limits.connections));
    let graceful = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, stream) = tokio::select! {
            () = &mut stop => break,
            (place, accepted) = next => match accepted {
                Ok((stream, _)) => (place, stream),
                // The one connection failed, or there are too many open files for now.
                Err(_) => {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let answer = answer.clone();
        let service = service_fn(move |request: Request<Incoming>| {
            let answer = answer.clone();
            async move { Ok::<_, Infallible>(answer(&request)) }
        });
        let mut stream = TimeoutStream::new(stream);
        stream.set_write_timeout(Some(limits.patience));
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.patience)
            .serve_connection(TokioIo::new(Box::pin(stream)), service);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A browser that goes away in the middle is no news.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    let _ = tokio::time::timeout(LAST_ANSWERS, graceful.shutdown()).await;
}

/// What the panel answers to a request.
pub fn answer<B>(panel: &Panel, request: &Request<B>) -> Answer {
    let mut answer = if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut answer = plain(StatusCode::METHOD_NOT_ALLOWED);
        answer
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        answer
    } else if request.uri().path() == HEALTH {
        plain(StatusCode::OK)
    } else {
        match resolve(&panel.prefix, request.uri().path()) {
            Place::File(relative) => file(panel, &relative, request.headers()),
            Place::Moved(path) => moved(&path, request.uri().query()),
            Place::Nowhere => plain(StatusCode::NOT_FOUND),
        }
    };
    panel.guard(&mut answer);
    answer
}

/// Where a path of a URL leads.
#[derive(Debug, PartialEq)]
pub enum Place {
    /// A file below the folder, decoded and free of anything that leads out of it.
    File(PathBuf),
    /// The prefix without its slash.
    Moved(String),
    Nowhere,
}

/// Where a path of a URL leads, with the panel at `prefix`.
pub fn resolve(prefix: &str, path: &str) -> Place {
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

fn file(panel: &Panel, relative: &Path, asked: &HeaderMap) -> Answer {
    if let Some(config) = panel.config.as_deref()
        && relative == Path::new(CONFIG)
    {
        return configuration(config);
    }
    let path = panel.folder.join(relative);
    // A symbolic link must not lead out of the folder either.
    let inside = path
        .canonicalize()
        .is_ok_and(|real| real.starts_with(&panel.folder) && real.is_file());
    if !inside {
        return plain(StatusCode::NOT_FOUND);
    }
    let (path, encoding) = variant(path, asked);
    let (Ok(content), Some(tag)) = (fs::read(&path), tag(&path)) else {
        return plain(StatusCode::NOT_FOUND);
    };
    let known = asked
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|value| value.trim().trim_start_matches("W/") == tag);
    let mut answer = fresh(content, relative);
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

/// The configuration from elsewhere. One that is there and cannot be read is not a missing one: the
/// panel lets nobody in then, since it may be meant to keep people out.
fn configuration(file: &Path) -> Answer {
    match fs::read(file) {
        Ok(content) => fresh(content, Path::new(CONFIG)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => plain(StatusCode::NOT_FOUND),
        Err(error) => {
            eprintln!("Cannot read {}: {error}", file.display());
            plain(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

/// A file's content, with what its name says about it.
pub fn fresh(content: Vec<u8>, name: &Path) -> Answer {
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
        let accepted = accepted.split(',').any(|item| accepts(item, encoding));
        let mut compressed = path.clone().into_os_string();
        compressed.push(ending);
        let compressed = PathBuf::from(compressed);
        if accepted && compressed.is_file() {
            return (compressed, Some(encoding));
        }
    }
    (path, None)
}

/// Whether an item of `Accept-Encoding` allows an encoding; `br;q=0` refuses it.
fn accepts(item: &str, encoding: &str) -> bool {
    let (name, weight) = item.split_once(';').unwrap_or((item, ""));
    let weight = weight.trim().strip_prefix("q=").unwrap_or("1");
    name.trim() == encoding && weight.trim().parse() != Ok(0.0)
}

/// A file's ETag: size and time of change, as most web servers do it. `None` if it is not there.
pub fn tag(path: &Path) -> Option<String> {
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
    let mut answer = fresh(format!("{status}\n").into_bytes(), Path::new("status.txt"));
    *answer.status_mut() = status;
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::BodyExt;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;
    use tokio::sync::oneshot;
    use tokio::task::JoinHandle;

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

    fn ask(panel: &Panel, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        answer(panel, &request.body(()).unwrap())
    }

    #[test]
    fn files_are_served_compressed_and_revalidated() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), "<p>").unwrap();
        fs::write(folder.path().join("index.html.br"), "b").unwrap();
        let panel = Panel::new(folder.path(), "/x/").unwrap();
        let plain = ask(&panel, "/x/", &[]);
        assert_eq!(plain.status(), StatusCode::OK);
        assert_eq!(plain.headers()["content-type"], "text/html; charset=utf-8");
        assert_eq!(plain.headers()["x-frame-options"], "DENY");
        assert!(!plain.headers().contains_key("content-encoding"));
        let refused = ask(&panel, "/x/", &[("accept-encoding", "br;q=0, gzip")]);
        assert!(!refused.headers().contains_key("content-encoding"));
        let compressed = ask(&panel, "/x/", &[("accept-encoding", "gzip, br;q=1")]);
        assert_eq!(compressed.headers()["content-encoding"], "br");
        let tag = compressed.headers()["etag"].to_str().unwrap().to_owned();
        assert_ne!(plain.headers()["etag"], *tag);
        let again = ask(
            &panel,
            "/x/",
            &[("accept-encoding", "br"), ("if-none-match", &tag)],
        );
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(ask(&panel, "/x/no", &[]).status(), StatusCode::NOT_FOUND);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_folder_is_not_followed() {
        let outside = tempfile::NamedTempFile::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(outside.path(), folder.path().join("link")).unwrap();
        let panel = Panel::new(folder.path(), "/").unwrap();
        assert_eq!(ask(&panel, "/link", &[]).status(), StatusCode::NOT_FOUND);
    }

    #[tokio::test]
    async fn a_configuration_that_cannot_be_read_is_not_a_missing_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.json"), "{}").unwrap();
        let elsewhere = folder.path().join("elsewhere");
        let panel = Panel::new(folder.path(), "/").unwrap();
        let own = ask(&panel, "/config.json", &[]);
        assert_eq!(own.status(), StatusCode::OK);
        let panel = panel.with_config(elsewhere.clone());
        let status = || ask(&panel, "/config.json", &[]).status();
        assert_eq!(status(), StatusCode::NOT_FOUND);
        // What a container engine makes of a mount whose source is missing.
        fs::create_dir(&elsewhere).unwrap();
        assert_eq!(status(), StatusCode::INTERNAL_SERVER_ERROR);
        fs::remove_dir(&elsewhere).unwrap();
        for edited in ["{\"menu\":[]}", "{}"] {
            fs::write(&elsewhere, edited).unwrap();
            let answer = ask(&panel, "/config.json", &[("accept-encoding", "br")]);
            assert_eq!(answer.headers()["cache-control"], "no-cache");
            let body = answer.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(body, edited);
        }
    }

    #[test]
    fn the_page_talks_to_the_homeservers_that_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let panel = Panel::new(folder.path(), "/").unwrap();
        let policy = |panel: &Panel| {
            let answer = ask(panel, "/health", &[]);
            assert_eq!(answer.status(), StatusCode::OK);
            answer.headers()["content-security-policy"].clone()
        };
        assert_eq!(policy(&panel), "frame-ancestors 'none'");
        let pinned = panel
            .clone()
            .with_homeservers("https://matrix.a.org  https://a.org:8448")
            .unwrap();
        assert_eq!(
            policy(&pinned),
            "frame-ancestors 'none'; connect-src 'self' https://matrix.a.org https://a.org:8448"
        );
        for wrong in [
            "a.org",
            "https://",
            "https://a.org/path",
            "https://a.org;script-src",
            "https://*",
            "*",
        ] {
            assert!(panel.clone().with_homeservers(wrong).is_err(), "{wrong}");
        }
    }

    /// A server that answers everything with so many bytes, where it is, and what stops it.
    async fn big(size: usize, limits: Limits) -> (SocketAddr, oneshot::Sender<()>, JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let answer = move |_: &Request<Incoming>| fresh(vec![0; size], Path::new("a.wasm"));
        let until = async { stopped.await.unwrap_or_default() };
        let server = tokio::spawn(serve(listener, answer, limits, until));
        (address, stop, server)
    }

    /// Asks, and reads so much of the answer.
    async fn asks(address: SocketAddr, read: usize) -> TcpStream {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .await
            .unwrap();
        stream.read_exact(&mut vec![0; read]).await.unwrap();
        stream
    }

    /// Reads to the end, or to where the connection breaks.
    async fn rest(mut stream: TcpStream) -> usize {
        let (mut all, mut some) = (0, vec![0; 1 << 16]);
        while let Ok(count @ 1..) = stream.read(&mut some).await {
            all += count;
        }
        all
    }

    /// More than the machine takes on behalf of a browser that reads nothing.
    const BIG: usize = 64 << 20;

    #[tokio::test]
    async fn whoever_takes_no_answer_is_given_up() {
        let impatient = Limits {
            patience: Duration::from_millis(100),
            ..Limits::default()
        };
        let (address, _stop, _server) = big(BIG, impatient).await;
        let stream = asks(address, 1000).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(rest(stream).await < BIG);
    }

    #[tokio::test]
    async fn there_are_so_many_connections_and_no_more() {
        let limits = Limits {
            connections: 1,
            ..Limits::default()
        };
        let (address, _stop, _server) = big(1000, limits).await;
        let first = asks(address, 1000).await;
        let mut next = TcpStream::connect(address).await.unwrap();
        let question = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        next.write_all(question).await.unwrap();
        let mut some = [0; 1];
        let waits = tokio::time::timeout(Duration::from_millis(200), next.read(&mut some));
        assert!(waits.await.is_err());
        drop(first);
        assert_eq!(next.read(&mut some).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_server_that_stops_ends_what_it_has_begun() {
        let (address, stop, server) = big(BIG, Limits::default()).await;
        let stream = asks(address, 1000).await;
        stop.send(()).unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(TcpStream::connect(address).await.is_err());
        assert!(rest(stream).await + 1000 >= BIG);
        server.await.unwrap();
    }

    #[test]
    fn nothing_can_be_sent() {
        let folder = tempfile::tempdir().unwrap();
        let panel = Panel::new(folder.path(), "/").unwrap();
        let request = Request::post("/health").body(()).unwrap();
        assert_eq!(
            answer(&panel, &request).status(),
            StatusCode::METHOD_NOT_ALLOWED
        );
        assert!(Panel::new(folder.path(), "/x").is_err());
        assert!(Panel::new(&folder.path().join("none"), "/").is_err());
    }
}
