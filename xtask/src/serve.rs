//! The web server of the demo and the tests: the one of the container image, and what only they
//! need.

use anyhow::{Error, Result};
use futures_util::future::select;
use hyper::header::{self, HeaderValue};
use hyper::{Request, StatusCode};
use std::collections::BTreeMap;
use std::future::pending;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::thread::{self, JoinHandle};
use std::{fs, io};
use synapse_admin_server::{Answer, Limits, Panel, Place, fresh, resolve, serve, tag};
use tokio::sync::oneshot;

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

/// A site whose folder has been found: what answers.
pub(crate) struct Settled {
    site: Site,
    panel: Panel,
}

impl Site {
    /// The site as it is served.
    ///
    /// # Errors
    /// When the folder is missing or the prefix lacks a slash.
    pub(crate) fn settled(mut self) -> Result<Settled> {
        let script = RELOAD_SCRIPT.as_bytes().to_owned();
        if self.live_reload {
            self.instead.insert(RELOAD.to_owned(), script);
        }
        let panel = Panel::new(&self.folder, &self.prefix).map_err(Error::msg)?;
        Ok(Settled { site: self, panel })
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
        let (port, prefix) = (site.port, site.prefix.clone());
        let site = site.settled()?;
        let listener = listen(port)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let thread = thread::Builder::new()
            .name("web server".to_owned())
            .spawn(move || {
                runtime.block_on(async {
                    if let Ok(listener) = tokio::net::TcpListener::from_std(listener) {
                        let served = serve(
                            listener,
                            move |request| site.answer(request),
                            Limits::default(),
                            pending(),
                        );
                        select(pin!(served), stopped).await;
                    }
                });
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

impl Settled {
    /// The path in front of every file, with a slash at both ends.
    pub(crate) fn prefix(&self) -> &str {
        &self.site.prefix
    }

    /// What it answers to a request.
    pub(crate) fn answer<B>(&self, request: &Request<B>) -> Answer {
        let Settled { site, panel } = self;
        let mut answer = match resolve(&site.prefix, request.uri().path()) {
            Place::File(path) => own(site, &path),
            Place::Moved(_) | Place::Nowhere => None,
        }
        .unwrap_or_else(|| synapse_admin_server::answer(panel, request));
        panel.guard(&mut answer);
        let wasm = HeaderValue::from_static("application/wasm");
        let headers = answer.headers_mut();
        if !site.knows_wasm && headers.get(header::CONTENT_TYPE) == Some(&wasm) {
            headers.insert(
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/octet-stream"),
            );
        }
        answer
    }
}

/// What is not in the folder as it is.
fn own(site: &Site, relative: &Path) -> Option<Answer> {
    if let Some(content) = relative.to_str().and_then(|name| site.instead.get(name)) {
        return Some(fresh(content.clone(), relative));
    }
    if !site.live_reload || relative != Path::new("index.html") {
        return None;
    }
    let script = format!("<script type=\"module\" src=\"./{RELOAD}\"></script>");
    let path = site.folder.join(relative);
    let (Ok(mut page), Some(tag)) = (fs::read(&path), tag(&path)) else {
        let page = format!("<p>The first build is under way.</p>{script}");
        let mut answer = fresh(page.into_bytes(), relative);
        *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
        return Some(answer);
    };
    page.extend_from_slice(script.as_bytes());
    let mut answer = fresh(page, relative);
    answer
        .headers_mut()
        .insert(header::ETAG, HeaderValue::from_str(&tag).ok()?);
    Some(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(site: &Settled, path: &str) -> Answer {
        site.answer(&Request::get(path).body(()).unwrap())
    }

    #[test]
    fn a_file_can_be_served_in_place_of_another() {
        let folder = tempfile::tempdir().unwrap();
        let mut site = Site::new(folder.path().to_owned(), "/");
        site.instead
            .insert("config.json".to_owned(), b"{}".to_vec());
        let answer = ask(&site.settled().unwrap(), "/config.json");
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(answer.headers()["content-type"], "application/json");
    }

    #[test]
    fn a_page_that_reloads_waits_for_the_first_build() {
        let folder = tempfile::tempdir().unwrap();
        let mut site = Site::new(folder.path().to_owned(), "/");
        site.live_reload = true;
        let site = site.settled().unwrap();
        let answer = ask(&site, "/");
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(!answer.headers().contains_key("etag"));
        assert_eq!(ask(&site, "/x").status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn what_cannot_be_served_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let problem = |folder: &Path, prefix: &str| {
            let settled = Site::new(folder.to_owned(), prefix).settled();
            settled.err().map(|error| error.to_string())
        };
        let none = folder.path().join("none");
        let says = format!("There is no folder {} to serve.", none.display());
        assert_eq!(problem(&none, "/"), Some(says));
        let says = problem(folder.path(), "/x").unwrap();
        assert!(says.contains("with a slash"), "{says}");
        assert_eq!(problem(folder.path(), "/x/"), None);
    }

    #[test]
    fn a_folder_may_go_and_come_back_while_it_is_served() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("dist");
        let made = || {
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("index.html"), "a page").unwrap();
        };
        made();
        let site = Site::new(folder.clone(), "/").settled().unwrap();
        assert_eq!(ask(&site, "/").status(), StatusCode::OK);
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(ask(&site, "/").status(), StatusCode::NOT_FOUND);
        made();
        assert_eq!(ask(&site, "/").status(), StatusCode::OK);
    }

    #[test]
    fn a_server_stops_when_dropped() {
        let folder = tempfile::tempdir().unwrap();
        // One that nobody else takes when it is given back.
        let port = crate::synapse::free_port().unwrap();
        let site = Site {
            port,
            ..Site::new(folder.path().to_owned(), "/x/")
        };
        let server = Server::start(site).unwrap();
        assert_eq!(server.port(), port);
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
