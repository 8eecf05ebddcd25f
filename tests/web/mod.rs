//! Debian's nginx, Caddy and Apache, run with the examples of `docs/deploy.md` as they stand there.
//!
//! Each runs from a folder of its own, on 127.0.0.1, with no rights (as `nobody`, if the tests run
//! as root), and without the configuration that its package brings. It ends with the test.

pub mod ask;
mod configured;
pub mod release;
mod snippets;

use anyhow::{Context, Result, bail};
use ask::Asker;
use snippets::Filling;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use synapse_admin::api::ServerName;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use xtask::{process, synapse, web_servers};

/// How long a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// How often it is looked whether it has started.
const BEAT: Duration = Duration::from_millis(50);

/// `nobody`, as Debian numbers it.
const NOBODY: u32 = 65_534;

/// Runs a program until our end of its standard input closes, which it does however this program
/// ends.
const KEEPER: &str = r#""$@" </dev/null & server=$!; read -r _; kill $server; wait $server"#;

/// A web server that the document has an example for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Caddy,
    Apache,
}

impl Kind {
    pub const ALL: [Kind; 3] = [Kind::Nginx, Kind::Caddy, Kind::Apache];

    /// As the document names its example.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Nginx => "nginx",
            Kind::Caddy => "caddy",
            Kind::Apache => "apache",
        }
    }

    /// How the block of a host ends.
    fn end_of_block(self) -> &'static str {
        match self {
            Kind::Nginx | Kind::Caddy => "}",
            Kind::Apache => "</VirtualHost>",
        }
    }
}

/// Where the panel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// At the root of a host of its own.
    OwnHost,
    /// At `/synapse-admin/` of the homeserver's host.
    BelowPath,
}

/// What is to run.
pub struct Site {
    pub kind: Kind,
    pub place: Place,
    /// The domain in the Matrix IDs.
    pub domain: ServerName,
    /// The port of Synapse.
    pub synapse: u16,
    /// Whether browsers are spoken to in HTTP/1.1 only.
    pub is_old: bool,
    /// Whether nginx serves what is compressed with Brotli, by a module of its own.
    pub brotli: bool,
}

/// A running web server. It stops when dropped.
pub struct WebServer {
    site: Site,
    port: u16,
    folder: PathBuf,
    child: Child,
    asker: Asker,
}

impl WebServer {
    /// Starts it with the release in a folder of its own.
    ///
    /// # Errors
    /// When a program is missing, or does not take the example.
    pub async fn start(site: Site) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("web-server-{}-{number}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let www = folder.join("www");
        release::copy(release::packed()?, &www.join("synapse-admin"))?;
        // Nobody is to find it by way of the panel.
        fs::write(www.join("secret"), "a secret")?;
        let names = Names::of(&site.domain);
        let made = certificates(&names.all(), &folder)?;
        let port = synapse::free_port()?;
        let filling = Filling {
            www: &www,
            certificate: &folder.join("cert.pem"),
            key: &folder.join("key.pem"),
            domain: &site.domain,
            synapse: site.synapse,
            port,
        };
        let mut example = filling.example(site.kind, site.place)?;
        if site.is_old {
            example = configured::without_http2(site.kind, &example)?;
        }
        if site.brotli {
            example = configured::with_brotli(&example);
        }
        let programs = web_servers::ready()?;
        let mut command = configured::command(site.kind, &programs, &example, &folder, port)?;
        let mut child = kept(&mut command, &folder)?;
        // Caddy is its own authority.
        let authority = folder.join("data/caddy/pki/authorities/local/root.crt");
        let begun = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                bail!(
                    "{:?} does not start ({status}): {}",
                    site.kind,
                    log(&folder)
                );
            }
            let trusted = match site.kind {
                Kind::Caddy => CertificateDer::from_pem_file(&authority).ok(),
                Kind::Nginx | Kind::Apache => Some(made.clone()),
            };
            if let Some(trusted) = trusted {
                let asker = Asker::new(port, trusted)?;
                if all_answer(&asker, &names).await {
                    return Ok(WebServer {
                        site,
                        port,
                        folder,
                        child,
                        asker,
                    });
                }
            }
            if begun.elapsed() > START_TIMEOUT {
                process::stop(&mut child);
                bail!("{:?} does not answer: {}", site.kind, log(&folder));
            }
            tokio::time::sleep(BEAT).await;
        }
    }

    /// The compressed forms that it serves, best first: their names, and how their files end.
    pub fn encodings(&self) -> &'static [(&'static str, &'static str)] {
        match self.site.kind {
            Kind::Nginx if !self.site.brotli => &[("gzip", ".gz")],
            _ => &[("br", ".br"), ("gzip", ".gz")],
        }
    }

    /// Asks it past any browser.
    pub fn asker(&self) -> &Asker {
        &self.asker
    }

    /// The folder that it serves, to be changed.
    pub fn panel(&self) -> PathBuf {
        self.folder.join("www/synapse-admin")
    }

    /// The hosts.
    pub fn names(&self) -> Names {
        Names::of(&self.site.domain)
    }

    /// The host of the panel.
    pub fn host(&self) -> String {
        match self.site.place {
            Place::OwnHost => self.names().panel,
            Place::BelowPath => self.names().homeserver,
        }
    }

    /// The path of the panel, with a slash at both ends.
    pub fn path(&self) -> &'static str {
        match self.site.place {
            Place::OwnHost => "/",
            Place::BelowPath => "/synapse-admin/",
        }
    }

    /// Where a browser finds the panel that knows [`WebServer::hosts`].
    pub fn url(&self) -> String {
        format!("https://{}{}", self.host(), self.path())
    }

    /// For the browser: the hosts, and the port that they lead to.
    pub fn hosts(&self) -> Vec<(String, u16)> {
        let all = self.names().all();
        all.into_iter().map(|name| (name, self.port)).collect()
    }
}

impl Drop for WebServer {
    fn drop(&mut self) {
        process::stop(&mut self.child);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The hosts of a site.
#[derive(Clone, Debug)]
pub struct Names {
    pub domain: String,
    pub homeserver: String,
    pub panel: String,
}

impl Names {
    fn of(domain: &ServerName) -> Self {
        Names {
            domain: domain.to_string(),
            homeserver: format!("matrix.{domain}"),
            panel: format!("admin.{domain}"),
        }
    }

    fn all(&self) -> Vec<String> {
        vec![
            self.domain.clone(),
            self.homeserver.clone(),
            self.panel.clone(),
        ]
    }
}

/// Whether there is a certificate for each host.
async fn all_answer(asker: &Asker, names: &Names) -> bool {
    for name in names.all() {
        if asker.protocol(&name).await.is_err() {
            return false;
        }
    }
    true
}

/// What a server has written so far.
fn log(folder: &Path) -> String {
    fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// Makes an authority and a certificate of it for these names: the authority's own.
fn certificates(names: &[String], folder: &Path) -> Result<CertificateDer<'static>> {
    let mut authority = rcgen::CertificateParams::new(Vec::new())?;
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate()?;
    let root = authority.self_signed(&key)?.der().clone();
    let issuer = rcgen::Issuer::new(authority, key);
    let key = rcgen::KeyPair::generate()?;
    let leaf = rcgen::CertificateParams::new(names)?.signed_by(&key, &issuer)?;
    fs::write(folder.join("cert.pem"), pem("CERTIFICATE", leaf.der()))?;
    fs::write(
        folder.join("key.pem"),
        pem("PRIVATE KEY", &key.serialize_der()),
    )?;
    Ok(root)
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let lines: Vec<String> = text
        .as_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        lines.join("\n")
    )
}

/// Starts a program so that it ends when we do, with its output in the folder's log.
fn kept(command: &mut Command, folder: &Path) -> Result<Child> {
    let log = File::create(folder.join("log"))?;
    let copy = log.try_clone()?;
    let mut keeper = Command::new("/bin/sh");
    keeper
        .args(["-c", KEEPER, "sh"])
        .arg(command.get_program())
        .args(command.get_args())
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder.join("data"))
        .env("XDG_CONFIG_HOME", folder.join("config"))
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(log)
        .stderr(copy)
        .process_group(0);
    fs::set_permissions(folder, Permissions::from_mode(0o755))?;
    if process::is_root() {
        own(folder)?;
        keeper.uid(NOBODY).gid(NOBODY);
    }
    keeper
        .spawn()
        .with_context(|| format!("Cannot start {}.", command.get_program().display()))
}

/// Gives a folder and all in it to `nobody`.
fn own(path: &Path) -> Result<()> {
    chown(path, Some(NOBODY), Some(NOBODY))?;
    if path.is_dir() {
        for entry in fs::read_dir(path)? {
            own(&entry?.path())?;
        }
    }
    Ok(())
}
