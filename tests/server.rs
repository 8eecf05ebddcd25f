//! One Synapse with the sample world for all tests of a program.
//!
//! It is a fresh copy each time, started by the first test that asks and gone with the program.
//! Tests run in parallel in it: each makes what it changes, with [`Server::maker`], and leaves
//! what others made alone.

use serde_json::{Map, Value};
use std::sync::OnceLock;
use std::thread;
use synapse_admin::api::request::path;
use synapse_admin::api::users::UserChange;
use synapse_admin::api::{Request, UserId, login};
use xtask::postgres::Engine;
use xtask::sso::Providers;
use xtask::synapse::{self, Config, Synapse};
use xtask::tools;
use xtask::world::{self, ADMIN_PASSWORD, Maker, World};

/// A running Synapse with its world and an administrator's hands.
pub struct Server {
    pub synapse: Synapse,
    pub world: World,
    pub maker: Maker,
}

impl Server {
    /// The IDs of the devices, that is sessions, of a user.
    pub async fn devices(&self, user: &UserId) -> Vec<String> {
        let devices = self.run(&Request::get(devices_path(user, "devices"))).await;
        let devices = devices["devices"].as_array().into_iter().flatten();
        let id = |device: &Value| device["device_id"].as_str().map(str::to_owned);
        devices.filter_map(id).collect()
    }

    /// A fresh administrator with [`ADMIN_PASSWORD`], for journeys that end sessions.
    pub async fn fresh_admin(&self, prefix: &str) -> UserId {
        self.admin(&self.maker.fresh_localpart(prefix)).await
    }

    /// An administrator of this name, whose password is [`ADMIN_PASSWORD`].
    pub async fn admin(&self, localpart: &str) -> UserId {
        let change = UserChange {
            password: Some(ADMIN_PASSWORD.to_owned()),
            admin: Some(true),
            ..Default::default()
        };
        match self.maker.make_user(localpart, &change).await {
            Ok(user) => user,
            Err(error) => panic!("{localpart}: {error:#}"),
        }
    }

    /// An access token of an administrator whose password is [`ADMIN_PASSWORD`], as another program has it.
    pub async fn access_token(&self, admin: &UserId) -> String {
        let request = login::with_password(admin, ADMIN_PASSWORD);
        match self.synapse.client().run(&request).await {
            Ok(login) => login.access_token,
            Err(error) => panic!("{admin}: {error:?}"),
        }
    }

    /// Whether an access token is still good.
    pub async fn accepts(&self, token: &str) -> bool {
        let client = self.synapse.client().with_token(token);
        client.run(&login::who_am_i()).await.is_ok()
    }

    /// Ends all sessions of a user, as another administrator would.
    pub async fn revoke_sessions(&self, user: &UserId) {
        let body = serde_json::json!({ "devices": self.devices(user).await });
        let path = devices_path(user, "delete_devices");
        self.run(&Request::post(path).json(&body)).await;
    }

    async fn run(&self, request: &Request<Value>) -> Value {
        match self.maker.admin().run(request).await {
            Ok(value) => value,
            Err(error) => panic!("{}: {error:?}", request.call.target()),
        }
    }
}

fn devices_path(user: &UserId, end: &str) -> String {
    path(&["/_synapse/admin/v2/users", user.as_str(), end])
}

/// How often a server is started until it has a port of its own.
const ATTEMPTS: u32 = 3;

/// What [`with`] has set.
static MORE: OnceLock<Map<String, Value>> = OnceLock::new();

/// Gives [`server`] more keys of `homeserver.yaml`, before anything has asked for it.
pub fn with(more: Map<String, Value>) {
    // Every test of such a program says this, and the same.
    let _ = MORE.set(more);
}

/// The server of this test program.
///
/// `SYNAPSE_VERSION` chooses another version than the usual one, `SYNAPSE_DATABASE=postgres` another
/// database.
pub fn server() -> &'static Server {
    // A failure is kept as well: all tests fail at once, instead of one after another.
    static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();
    let more = || MORE.get().cloned().unwrap_or_default();
    match SERVER.get_or_init(|| apart(program(), more())) {
        Ok(server) => server,
        Err(error) => panic!("The tests need a Synapse. {error}"),
    }
}

/// A server of one's own, for a test that changes what all others see. It stops when dropped.
/// The name must be the caller's own.
pub fn own_server(name: &str) -> Server {
    own_server_with(name, Map::new())
}

/// The same with more keys of `homeserver.yaml`.
pub fn own_server_with(name: &str, extra: Map<String, Value>) -> Server {
    apart(format!("{}-{name}", program()), extra)
        .unwrap_or_else(|error| panic!("The test needs a Synapse. {error}"))
}

/// Where a sorted answer has what has no value: SQLite takes it for the smallest, PostgreSQL for the
/// largest. As the first part of what is compared.
pub fn rank(has_value: bool) -> bool {
    has_value != (Engine::from_env() == Engine::Postgres)
}

/// One of its own with identity providers, which signs people in there and leads them back to these
/// panels without a question. Both stop when dropped.
pub fn own_server_with_sso(name: &str, panels: &[String]) -> (Server, Providers) {
    let (name, panels) = (format!("{}-{name}", program()), panels.to_owned());
    let started = thread::spawn(move || {
        let version = synapse::version_from_env();
        tools::synapse_with_oidc(&version)?;
        let port = synapse::free_port()?;
        let providers = Providers::start(&format!("http://127.0.0.1:{port}"))?;
        let settings = providers.settings(&panels, &version)?;
        anyhow::Ok((start_on(&name, Some(port), settings)?, providers))
    });
    match started.join() {
        Ok(Ok(both)) => both,
        Ok(Err(error)) => panic!("The test needs a Synapse. {error:#}"),
        Err(_) => panic!("Starting the server panicked."),
    }
}

/// Starts it on a thread of its own: a test may have a runtime under way, which must not be
/// blocked on.
fn apart(name: String, extra: Map<String, Value>) -> Result<Server, String> {
    match thread::spawn(move || start(&name, extra)).join() {
        Ok(started) => started.map_err(|error| format!("{error:#}")),
        Err(_) => Err("Starting the server panicked.".into()),
    }
}

/// The name of this test program.
fn program() -> String {
    let name = std::env::current_exe()
        .ok()
        .and_then(|path| Some(path.file_stem()?.to_string_lossy().into_owned()))
        .unwrap_or_default();
    // The name ends with a hash of the build.
    name.rsplit_once('-')
        .map_or(name.as_str(), |(name, _)| name)
        .to_owned()
}

fn start(name: &str, extra: Map<String, Value>) -> anyhow::Result<Server> {
    start_on(name, None, extra)
}

fn start_on(name: &str, port: Option<u16>, extra: Map<String, Value>) -> anyhow::Result<Server> {
    let version = synapse::version_from_env();
    let engine = Engine::from_env();
    let venv = match engine {
        Engine::Sqlite => tools::synapse(&version)?,
        Engine::Postgres => tools::synapse_with_postgres(&version)?,
    };
    let templates = tools::cache()?.join("worlds");
    let folder = xtask::root().join(format!(
        "target/servers/{name}-{version}{}",
        engine.suffix()
    ));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut attempt = 1;
        let (synapse, world) = loop {
            let mut config = Config {
                engine,
                extra: extra.clone(),
                ..Config::for_tests(&venv, &folder)?
            };
            config.port = port.unwrap_or(config.port);
            let at = config.port;
            let opened = world::open_copy(config, &templates, &|text| eprintln!("{text}"));
            match opened.await {
                Ok(opened) => break opened,
                // The port that was free was somebody else's before Synapse was up.
                Err(_) if attempt < ATTEMPTS && port.is_none() && !synapse::is_free(at) => {
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        };
        let admin = world::log_in_admin(&synapse).await?;
        let maker = Maker::new(&synapse, admin).await?;
        Ok(Server {
            synapse,
            world,
            maker,
        })
    })
}
