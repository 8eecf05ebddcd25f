//! A real Synapse on this machine, for the demo and the tests.
//!
//! It listens on 127.0.0.1 only, keeps everything (data, media, keys, logs) in a folder of
//! its own, talks to no other server and takes no registrations. It never outlives the program
//! that started it: it holds the other end of its standard input, which closes however that
//! program ends.

use crate::native::Client;
use crate::postgres::{Engine, Postgres};
use crate::process;
use anyhow::{Context, Result, bail};
use hmac::{Hmac, Mac};
use serde_json::{Map, Value, json};
use sha1::Sha1;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use synapse_admin::api::request::{Body, Request};
use synapse_admin::api::{HomeserverUrl, ServerName};

/// The version that the demo and the tests use unless told otherwise.
pub const VERSION: &str = "1.163.2";

/// The older version that every check runs against as well.
pub const OLD_VERSION: &str = "1.98.0";

/// The oldest version that the panel answers for.
pub const OLDEST_VERSION: &str = "1.62.0";

/// How long a start may take. Seconds on a machine with nothing else to do.
const START_TIMEOUT: Duration = Duration::from_secs(120);

/// How often the state of the process is looked at.
const BEAT: Duration = Duration::from_millis(50);

/// Starts Synapse in a Python interpreter that stops when its standard input closes.
const LAUNCHER: &str = r#"
import os, signal, sys, threading

def stop_with_parent():
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=stop_with_parent, daemon=True).start()
from synapse.app.homeserver import main
main()
"#;

/// What kind of Synapse to run, and where.
#[derive(Clone, Debug)]
pub struct Config {
    /// The Python environment that has Synapse, see [`venv`].
    pub venv: PathBuf,
    /// Where everything is kept. Made if missing.
    pub folder: PathBuf,
    pub port: u16,
    /// The part of user IDs after the colon. Belongs to the data: never changes in a folder.
    pub server_name: String,
    /// What a password costs: 12 is Synapse's default and takes about a quarter of a second of
    /// a core, 4 is the least.
    pub bcrypt_rounds: u32,
    /// Whether the rate limits that Synapse has by default apply (five log-ins, then 429).
    /// Without them a test can log in and send as it likes.
    pub default_limits: bool,
    /// The address that `/.well-known/matrix/client` tells, if not the server's own.
    pub public_baseurl: Option<String>,
    /// What keeps its data. Belongs to the folder, too.
    pub engine: Engine,
    /// Whether somebody wants the data again after this program.
    pub keep: bool,
    /// More keys of `homeserver.yaml`; they win over ours.
    pub extra: Map<String, Value>,
}

impl Config {
    /// A server for tests: cheap passwords, no rate limits, a free port, `test.localhost`, SQLite,
    /// nothing kept.
    pub fn for_tests(venv: &Path, folder: &Path) -> Result<Self> {
        Ok(Config {
            venv: venv.to_owned(),
            folder: folder.to_owned(),
            port: free_port()?,
            server_name: "test.localhost".into(),
            bcrypt_rounds: 4,
            default_limits: false,
            public_baseurl: None,
            engine: Engine::Sqlite,
            keep: false,
            extra: Map::new(),
        })
    }

    /// Where clients reach it.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The file of an SQLite database.
    pub fn database(&self) -> PathBuf {
        self.folder.join("homeserver.db")
    }

    /// The folder of the media repository.
    pub fn media_store(&self) -> PathBuf {
        self.folder.join("media_store")
    }

    /// The Python that Synapse runs on.
    pub fn python(&self) -> PathBuf {
        self.venv.join("bin/python")
    }

    fn yaml(&self) -> PathBuf {
        self.folder.join("homeserver.yaml")
    }
}

/// Where the tools are kept that do not belong to a checkout: `$XDG_CACHE_HOME/synapse-admin`.
pub fn cache_folder() -> PathBuf {
    let base = std::env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .unwrap_or_else(|| {
            PathBuf::from(std::env::var_os("HOME").unwrap_or_else(|| "/tmp".into())).join(".cache")
        });
    base.join("synapse-admin")
}

/// Where the Python environment with this version of Synapse is installed.
pub fn venv(version: &str) -> PathBuf {
    cache_folder().join(format!("synapse-{version}"))
}

/// The version to run the tests against: `SYNAPSE_VERSION`, or [`VERSION`].
pub fn version_from_env() -> String {
    std::env::var("SYNAPSE_VERSION")
        .ok()
        .filter(|version| !version.is_empty())
        .unwrap_or_else(|| VERSION.to_owned())
}

/// Where free ports are looked for: below those that systems hand out to whoever asks for any, so
/// that nobody comes by one of ours before the program listens that it is for.
const PORTS: Range<u16> = 20_000..32_000;

/// A port of 127.0.0.1 that is free right now, and that this program has not got before.
pub fn free_port() -> Result<u16> {
    static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());
    let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
    for _ in 0..1000 {
        let chance = random_bytes(2);
        let chance = u16::from_be_bytes([chance[0], chance[1]]);
        let port = PORTS.start + chance % (PORTS.end - PORTS.start);
        if is_free(port) && given.insert(port) {
            return Ok(port);
        }
    }
    bail!("No free port on 127.0.0.1.")
}

/// Whether nothing listens on this port of 127.0.0.1.
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Writes the configuration, and the keys if they are missing. Data that is there stays.
fn prepare(config: &Config, postgres: Option<&Postgres>) -> Result<()> {
    let folder = &config.folder;
    fs::create_dir_all(folder).with_context(|| format!("Cannot make {}.", folder.display()))?;
    let signing_key = folder.join("signing.key");
    if !signing_key.exists() {
        // 32 bytes are 43 characters of base64, whose last one holds two bits that are none.
        let key = random_text(42);
        write_private(&signing_key, &format!("ed25519 a_demo {key}A\n"))?;
    }
    write_private(
        &config.folder.join("log.config"),
        &format!("{:#}", log_config(config)),
    )?;
    let mut yaml = settings(config, postgres)?;
    for (key, value) in &config.extra {
        yaml.insert(key.clone(), value.clone());
    }
    // JSON is YAML, and needs no thought about quoting.
    write_private(&config.yaml(), &format!("{:#}", Value::Object(yaml)))
}

fn settings(config: &Config, postgres: Option<&Postgres>) -> Result<Map<String, Value>> {
    let path = |name: &str| config.folder.join(name).to_string_lossy().into_owned();
    let database = match postgres {
        None => json!({"name": "sqlite3", "args": {"database": config.database()}}),
        Some(postgres) => json!({"name": "psycopg2", "args": {
            "host": postgres.socket(), "user": "synapse", "dbname": "synapse",
            "cp_min": 1, "cp_max": 5,
        }}),
    };
    let mut yaml = json!({
        "server_name": config.server_name,
        "public_baseurl": config.public_baseurl.clone().unwrap_or_else(|| config.url()),
        "pid_file": path("homeserver.pid"),
        "listeners": [{
            "port": config.port,
            "type": "http",
            "tls": false,
            "x_forwarded": true,
            "bind_addresses": ["127.0.0.1"],
            "resources": [{"names": ["client"], "compress": false}],
        }],
        "database": database,
        "log_config": path("log.config"),
        "media_store_path": path("media_store"),
        "signing_key_path": path("signing.key"),
        "registration_shared_secret": secret(config, "registration")?,
        "macaroon_secret_key": secret(config, "macaroon")?,
        "form_secret": secret(config, "form")?,
        "bcrypt_rounds": config.bcrypt_rounds,
        "enable_registration": false,
        "report_stats": false,
        "suppress_key_server_warning": true,
        "trusted_key_servers": [],
        "federation_domain_whitelist": [],
        "url_preview_enabled": false,
        "serve_server_wellknown": false,
        "max_upload_size": "50M",
        "presence": {"enabled": false},
        // Every five minutes Synapse would tidy up the rooms that tests have made untidy.
        "cleanup_extremities_with_dummy_events": false,
        "allow_guest_access": false,
        "room_list_publication_rules": [{"action": "allow"}],
        "server_notices": {
            "system_mxid_localpart": "notices",
            "system_mxid_display_name": "Server notices",
            "room_name": "Server notices",
        },
        // A new database has its indexes made after the start: be done with it.
        "background_updates": {"sleep_enabled": false},
    });
    if !config.default_limits {
        let none = json!({"per_second": 100_000, "burst_count": 100_000});
        for key in [
            "rc_message",
            "rc_registration",
            "rc_room_creation",
            "rc_reports",
            "rc_profile",
            "rc_admin_redaction",
            "rc_joins_per_room",
            "rc_media_create",
        ] {
            yaml[key] = none.clone();
        }
        yaml["rc_login"] = json!({"address": none, "account": none, "failed_attempts": none});
        yaml["rc_joins"] = json!({"local": none, "remote": none});
        yaml["rc_invites"] = json!({"per_room": none, "per_user": none, "per_issuer": none});
    }
    match yaml {
        Value::Object(map) => Ok(map),
        _ => bail!("The configuration is no object."),
    }
}

fn log_config(config: &Config) -> Value {
    json!({
        "version": 1,
        "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {"file": {
            "class": "logging.handlers.RotatingFileHandler",
            "formatter": "plain",
            "filename": config.folder.join("homeserver.log").to_string_lossy(),
            "maxBytes": 10_000_000,
            "backupCount": 1,
            "encoding": "utf8",
        }},
        "root": {"level": "WARNING", "handlers": ["file"]},
        "disable_existing_loggers": false,
    })
}

/// A secret that is made once per folder.
pub(crate) fn secret(config: &Config, name: &str) -> Result<String> {
    fs::create_dir_all(&config.folder)
        .with_context(|| format!("Cannot make {}.", config.folder.display()))?;
    let path = config.folder.join(format!("{name}.secret"));
    match fs::read_to_string(&path) {
        Ok(text) if !text.is_empty() => Ok(text),
        _ => {
            let text = random_text(40);
            write_private(&path, &text)?;
            Ok(text)
        }
    }
}

/// Writes a file that only we can read.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("Cannot write {}.", path.display()))?;
    file.write_all(text.as_bytes())
        .with_context(|| format!("Cannot write {}.", path.display()))
}

/// Random letters and digits.
fn random_text(length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789aB";
    random_bytes(length)
        .into_iter()
        .map(|byte| ALPHABET[usize::from(byte % 64)] as char)
        .collect()
}

pub(crate) fn random_bytes(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    // Every Unix that runs Synapse has it.
    File::open("/dev/urandom")
        .and_then(|mut file| file.read_exact(&mut bytes))
        .expect("/dev/urandom can be read");
    bytes
}

/// A running Synapse. Stops when dropped.
pub struct Synapse {
    config: Config,
    child: Child,
    /// What keeps its data, if that is a program of its own.
    _postgres: Option<Arc<Postgres>>,
}

/// Prepares the folder, starts Synapse and waits until it answers.
pub fn start(config: Config) -> Result<Synapse> {
    let python = config.python();
    if !python.exists() {
        bail!(
            "There is no Synapse in {}. `cargo xtask demo` installs it.",
            config.venv.display()
        );
    }
    if !is_free(config.port) {
        bail!(
            "Port {} of 127.0.0.1 is taken by another program. Stop it, or choose another port.",
            config.port
        );
    }
    let postgres = match config.engine {
        Engine::Sqlite => None,
        Engine::Postgres => Some(Postgres::of(&config)?),
    };
    prepare(&config, postgres.as_deref())?;
    let output = config.folder.join("output.log");
    let log =
        File::create(&output).with_context(|| format!("Cannot write {}.", output.display()))?;
    let child = Command::new(&python)
        .args(["-c", LAUNCHER, "-c"])
        .arg(config.yaml())
        .current_dir(&config.folder)
        .env_remove("PYTHONPATH")
        .env_remove("PYTHONHOME")
        .stdin(Stdio::piped())
        .stdout(log.try_clone()?)
        .stderr(log)
        // Ctrl-C at our terminal is for us: we stop it in good order.
        .process_group(0)
        .spawn()
        .with_context(|| format!("Cannot start {}.", python.display()))?;
    let mut synapse = Synapse {
        config,
        child,
        _postgres: postgres,
    };
    synapse.wait_until_up()?;
    Ok(synapse)
}

impl Synapse {
    fn wait_until_up(&mut self) -> Result<()> {
        let begun = Instant::now();
        loop {
            if is_healthy(self.config.port) {
                return Ok(());
            }
            if let Some(status) = self.child.try_wait()? {
                bail!(
                    "Synapse stopped while starting ({status}).{}",
                    self.last_words()
                );
            }
            if begun.elapsed() > START_TIMEOUT {
                bail!(
                    "Synapse did not answer within {} s.{}",
                    START_TIMEOUT.as_secs(),
                    self.last_words()
                );
            }
            thread::sleep(BEAT);
        }
    }

    /// The last lines of the logs, for an error message.
    fn last_words(&self) -> String {
        let mut out = String::new();
        for name in ["homeserver.log", "output.log"] {
            let path = self.config.folder.join(name);
            let text = fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let lines: Vec<&str> = text.lines().filter(|l| !l.trim().is_empty()).collect();
            if !lines.is_empty() {
                let last = lines[lines.len().saturating_sub(12)..].join("\n  ");
                out.push_str(&format!("\n{} ends with:\n  {last}", path.display()));
            }
        }
        out
    }

    /// How it was started.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where clients reach it: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.config.url()
    }

    /// The same as a value of the API.
    pub fn homeserver(&self) -> HomeserverUrl {
        HomeserverUrl::parse(&self.url()).expect("our own URL parses")
    }

    /// The part of its user IDs after the colon.
    pub fn server_name(&self) -> ServerName {
        ServerName::parse(&self.config.server_name).expect("a server with a bad name never starts")
    }

    /// A client without a token.
    pub fn client(&self) -> Client {
        Client::new(self.homeserver())
    }

    /// The process ID.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether the process is still there.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Registers an administrator with the shared secret, which needs no account. Answers with
    /// their access token. Fails when the name is taken.
    pub async fn register_admin(&self, localpart: &str, password: &str) -> Result<String> {
        self.register(localpart, password, true).await
    }

    /// Registers an account with the shared secret; answers with its access token.
    pub async fn register(&self, localpart: &str, password: &str, admin: bool) -> Result<String> {
        const ENDPOINT: &str = "/_synapse/admin/v1/register";
        let client = self.client();
        let nonce: Value = client
            .run(&Request::get(ENDPOINT).anonymous())
            .await
            .map_err(|error| anyhow::anyhow!("No registration nonce: {error:?}"))?;
        let nonce = nonce["nonce"].as_str().unwrap_or_default();
        let secret = secret(&self.config, "registration")?;
        let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes())
            .context("The shared secret is unusable.")?;
        let role = if admin { "admin" } else { "notadmin" };
        mac.update([nonce, localpart, password, role].join("\0").as_bytes());
        let mac: String = mac
            .finalize()
            .into_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let body = json!({
            "nonce": nonce, "username": localpart, "password": password, "admin": admin, "mac": mac,
        });
        let request = Request::<Value>::post(ENDPOINT)
            .anonymous()
            .with_body(Body::Json(body.to_string()));
        let answer = client
            .run(&request)
            .await
            .map_err(|error| anyhow::anyhow!("{localpart} cannot be registered: {error:?}"))?;
        answer["access_token"]
            .as_str()
            .map(str::to_owned)
            .context("The answer to a registration has no access token.")
    }

    /// Stops it and waits until it is gone.
    pub fn stop(&mut self) {
        process::stop(&mut self.child);
    }
}

impl Drop for Synapse {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whether `/health` answers with success.
fn is_healthy(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(b"GET /health HTTP/1.0\r\n\r\n")?;
        let mut start = [0; 12];
        stream.read_exact(&mut start)?;
        Ok(start.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use synapse_admin::api::server;

    fn folder(name: &str) -> PathBuf {
        let folder =
            std::env::temp_dir().join(format!("synapse-admin-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    #[tokio::test]
    async fn a_server_starts_registers_and_stops() {
        let folder = folder("start");
        let config = Config::for_tests(&venv(&version_from_env()), &folder).unwrap();
        if !config.python().exists() {
            eprintln!("Skipped: no Synapse is installed.");
            return;
        }
        let port = config.port;
        let mut synapse = start(config).unwrap();
        let token = synapse.register_admin("boss", "secret").await.unwrap();
        let client = synapse.client().with_token(token);
        let version = client.run(&server::version()).await.unwrap();
        assert_eq!(version.server_version, version_from_env());
        assert!(synapse.register_admin("boss", "secret").await.is_err());
        synapse.stop();
        assert!(is_free(port));
        let _ = fs::remove_dir_all(&folder);
    }

    #[test]
    fn a_free_port_is_given_once() {
        let ports: Vec<u16> = (0..50).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.iter().collect::<BTreeSet<_>>().len(), 50);
        assert!(ports.iter().all(|port| PORTS.contains(port)));
    }

    #[test]
    fn the_oldest_is_the_one_that_the_panel_names() {
        let oldest = server::Version::parse(OLDEST_VERSION);
        assert_eq!(oldest, Some(server::Version::OLDEST_SUPPORTED));
        let newest = server::Version::parse(VERSION);
        assert_eq!(newest, Some(server::Version::NEWEST_KNOWN));
    }

    #[test]
    fn what_stands_in_the_way_is_said() {
        let folder = folder("words");
        let nowhere = Config::for_tests(Path::new("/nonexistent"), &folder).unwrap();
        let error = start(nowhere).err().unwrap().to_string();
        assert!(
            error.contains("There is no Synapse in /nonexistent"),
            "{error}"
        );

        let mut broken = Config::for_tests(&venv(&version_from_env()), &folder).unwrap();
        if !broken.python().exists() {
            return;
        }
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, broken.port)).unwrap();
        let error = start(broken.clone()).err().unwrap().to_string();
        assert!(error.contains("is taken"), "{error}");
        drop(taken);

        broken.server_name = "no/name".into();
        let error = start(broken).err().unwrap().to_string();
        assert!(error.contains("stopped while starting"), "{error}");
        assert!(error.contains("invalid format"), "{error}");
        let _ = fs::remove_dir_all(&folder);
    }
}
