//! The sample world: a small organisation's homeserver, worth administering.
//!
//! `cargo xtask demo` shows it and every test runs in a copy of it. It is the same every time
//! (all chance is seeded), but for what the server itself chooses: room IDs, media IDs and
//! event IDs are in [`World`]. Ages count back from [`World::now_ms`], the moment it was built.
//!
//! | what | where |
//! |---|---|
//! | users: about 310, most of them ordinary | [`people`]: names, kinds, who is who |
//! | files: about 330 of 14 owners, 1 byte to 8 MB, 0 to 5 years old | [`files`] |
//! | copies of other servers' files: 40 of 4 servers | [`files::REMOTE_SERVERS`] |
//! | rooms: 66, by a key such as `history` or `space` | [`rooms`] |
//! | devices, last access, guests, destinations | [`past`]: what only the database can say |
//! | reports: 50 of events, 50 of users where the server has them | [`reports`] |
//! | registration tokens: [`TOKENS`] | here |
//!
//! Nobody is logged in, and only these have a password: [`people::ADMIN`]
//! ([`ADMIN_PASSWORD`]) and, with [`PASSWORD`], [`people::CO_ADMIN`], [`people::ALICE`],
//! [`people::LOCKED`], [`people::GONE`] and [`people::SUSPENDED`].
//!
//! Tests must not rely on exact numbers of things that other tests make or delete in the same
//! server; for that they make their own with [`Maker`].

pub mod database;
pub mod files;
pub mod maker;
pub mod past;
pub mod people;
pub mod reports;
pub mod rooms;

pub use maker::Maker;

use crate::native::{Client, wall_ms};
use crate::postgres::Engine;
use crate::synapse::{self, Config, Synapse};
use crate::{process, tools};
use anyhow::{Context, Result, bail};
use files::SampleFile;
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use synapse_admin::api::{ApiError, Request, RoomId};

/// The password of [`people::ADMIN`].
pub const ADMIN_PASSWORD: &str = "admin-password";

/// The password of everybody else who has one.
pub const PASSWORD: &str = "alice-password";

/// The registration tokens, with how often each may be used: without limit, once, never used
/// up, expired, hostile in name only.
pub const TOKENS: [&str; 6] = [
    "welcome",
    "once",
    "spring-2024",
    "expired.token",
    "ten_times",
    "onerror~alert-1",
];

/// How many requests the builder has under way at once. Synapse has one core to answer with.
const AT_ONCE: usize = 6;

/// How long the server may take for what it does on the side. A few seconds, mostly.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(300);

/// One day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// What is in the world, as far as the server chose it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct World {
    /// Which builder made it, for which server.
    stamp: String,
    /// When it was built, in milliseconds since 1970. All ages count back from here.
    pub now_ms: i64,
    pub server_name: String,
    /// The version of Synapse that it was built with.
    pub synapse: String,
    /// Rooms by key, see [`rooms`].
    pub rooms: BTreeMap<String, RoomId>,
    /// The local files.
    pub files: Vec<SampleFile>,
}

impl World {
    /// A room by its key in [`rooms`]. Panics for a key that does not exist.
    pub fn room(&self, key: &str) -> &RoomId {
        &self.rooms[key]
    }

    /// The files of a user, by localpart.
    pub fn files_of(&self, owner: &str) -> impl Iterator<Item = &SampleFile> {
        self.files.iter().filter(move |file| file.owner == owner)
    }

    fn read(folder: &Path) -> Option<World> {
        let text = fs::read_to_string(folder.join(MARKER)).ok()?;
        serde_json::from_str(&text).ok()
    }
}

/// The file that says that a world is complete. Written last.
const MARKER: &str = "world.json";

/// What the builder is made of: a change here makes a new world.
const SOURCES: [&str; 7] = [
    include_str!("mod.rs"),
    include_str!("files.rs"),
    include_str!("maker.rs"),
    include_str!("past.rs"),
    include_str!("people.rs"),
    include_str!("reports.rs"),
    include_str!("rooms.rs"),
];

/// Identifies the world that this builder makes with this server.
fn stamp(config: &Config) -> String {
    let mut hash = Sha1::new();
    for source in SOURCES {
        hash.update(source);
    }
    hash.update(config.server_name.as_bytes());
    // The environment's folder is named after the version.
    hash.update(
        config
            .venv
            .file_name()
            .unwrap_or_default()
            .as_encoded_bytes(),
    );
    if config.engine == Engine::Postgres {
        // Another version does not read what this one has written.
        let programs = tools::postgres().unwrap_or_default();
        let mut program = process::command(programs.join("postgres"));
        hash.update(process::answer(program.arg("--version")).unwrap_or_default());
    }
    hash.finalize()[..6]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Starts the world in `config.folder`; builds it first if it is not there, was left half
/// built, or belongs to another builder, server name or version of Synapse. `say` is told what
/// takes time.
pub async fn open(config: Config, say: &dyn Fn(&str)) -> Result<(Synapse, World)> {
    if let Some(world) = World::read(&config.folder)
        && world.stamp == stamp(&config)
    {
        return Ok((start(config)?, world));
    }
    say("Filling Synapse with sample data. This takes about a minute, once.");
    wipe(&config.folder)?;
    let world = build(&config).await?;
    Ok((start(config)?, world))
}

/// Starts a fresh copy of the world in `config.folder`. What is copied is kept below
/// `templates` and built there first if need be. Whatever is in `config.folder` is lost.
///
/// Takes about two seconds when the template is there.
pub async fn open_copy(
    config: Config,
    templates: &Path,
    say: &dyn Fn(&str),
) -> Result<(Synapse, World)> {
    let template = template(&config, templates, say).await?;
    wipe(&config.folder)?;
    copy_folder(&template, &config.folder)
        .with_context(|| format!("Cannot copy the sample world from {}.", template.display()))?;
    let world = World::read(&config.folder).context("The copied sample world is not complete.")?;
    Ok((start(config)?, world))
}

/// Starts the server with what the world's configuration has besides: an application service
/// that reserves [`people::RESERVED_PREFIX`].
fn start(mut config: Config) -> Result<Synapse> {
    let path = config.folder.join("irc.appservice.yaml");
    let registration = json!({
        "id": people::APPSERVICE,
        "url": null,
        "as_token": synapse::secret(&config, "appservice")?,
        "hs_token": synapse::secret(&config, "homeserver")?,
        "sender_localpart": format!("{}bot", people::RESERVED_PREFIX),
        "rate_limited": false,
        "namespaces": {
            "users": [{"exclusive": true, "regex": format!("@{}.*", people::RESERVED_PREFIX)}],
            "aliases": [],
            "rooms": [],
        },
    });
    synapse::write_private(&path, &format!("{registration:#}"))?;
    config.extra.insert(
        "app_service_config_files".into(),
        json!([path.to_string_lossy()]),
    );
    synapse::start(config)
}

/// A client of the world's application service, which may act as its users.
pub fn bridge(server: &Synapse) -> Result<Client> {
    let token = synapse::secret(server.config(), "appservice")?;
    Ok(server.client().with_token(token))
}

/// Registers the users of the application service, who have no password.
async fn make_bridged(server: &Synapse) -> Result<()> {
    let bridge = bridge(server)?;
    for nick in people::BRIDGED {
        let localpart = format!("{}{nick}", people::RESERVED_PREFIX);
        let request = Request::<Value>::post("/_matrix/client/v3/register").json(&json!({
            "type": "m.login.application_service",
            "username": localpart,
            "inhibit_login": true,
        }));
        bridge.run(&request).await.map_err(failed(&localpart))?;
    }
    Ok(())
}

/// Makes sure that the template is there: built aside and renamed when complete. A second
/// program that wants it at the same time waits for the first.
async fn template(config: &Config, templates: &Path, say: &dyn Fn(&str)) -> Result<PathBuf> {
    let stamp = stamp(config);
    let template = templates.join(format!("world-{stamp}"));
    if is_of_today(&template) {
        return Ok(template);
    }
    fs::create_dir_all(templates)
        .with_context(|| format!("Cannot make {}.", templates.display()))?;
    // Released when dropped, however this ends.
    let lock = File::create(templates.join(".lock"))?;
    lock.lock()?;
    if is_of_today(&template) {
        return Ok(template);
    }
    say("Building the sample world. This takes about a minute, once.");
    // Left there when it fails, with its logs, until the next try.
    let aside = templates.join(format!("world-{stamp}.unfinished"));
    wipe(&aside)?;
    let building = Config {
        folder: aside.clone(),
        port: synapse::free_port()?,
        keep: true,
        ..config.clone()
    };
    build(&building).await?;
    wipe(&template)?;
    fs::rename(&aside, &template)
        .with_context(|| format!("Cannot make {}.", template.display()))?;
    Ok(template)
}

/// Whether a sample world is there in which "three days ago" is still about that.
fn is_of_today(template: &Path) -> bool {
    World::read(template).is_some_and(|world| wall_ms() - world.now_ms < 2 * DAY_MS)
}

/// Removes a folder of ours. Refuses what does not look like one.
fn wipe(folder: &Path) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let is_ours = folder.join("homeserver.yaml").exists() || fs::read_dir(folder)?.next().is_none();
    if !is_ours {
        bail!(
            "{} holds something else than a Synapse of ours. Remove it, or choose another folder.",
            folder.display()
        );
    }
    fs::remove_dir_all(folder).with_context(|| format!("Cannot remove {}.", folder.display()))
}

/// Copies a folder. Media files are linked where the disk can: Synapse never writes into one.
fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else if !entry
            .path()
            .components()
            .any(|c| c.as_os_str() == "media_store")
            || fs::hard_link(entry.path(), &target).is_err()
        {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}

/// Builds the world in an empty folder and leaves the server stopped.
async fn build(config: &Config) -> Result<World> {
    let now_ms = wall_ms();
    // The builder acts faster than any limit allows.
    let mut building = config.clone();
    building.default_limits = false;
    building.bcrypt_rounds = 4;
    let mut server = start(building)?;
    let admin_token = server.register_admin(people::ADMIN, ADMIN_PASSWORD).await?;
    let maker = Maker::new(&server, server.client().with_token(admin_token)).await?;

    let people = people::everyone();
    run_all(people.iter().map(|person| maker.make_person(person))).await?;
    make_bridged(&server).await?;
    let mut files = files::upload_all(&maker, now_ms).await?;
    let rooms = rooms::make_all(&maker, &mut files).await?;
    // Only now: the dead neither upload nor join.
    run_all(people.iter().map(|person| maker.seal_fate(person))).await?;
    files::judge(&maker, &files).await?;
    make_tokens(&maker, now_ms).await?;
    reports::make(&maker, &rooms, &files).await?;
    settle(&maker).await?;
    server.stop();

    past::write(config, &people, &files, &rooms, now_ms)?;
    let world = World {
        stamp: stamp(config),
        now_ms,
        server_name: config.server_name.clone(),
        synapse: maker.capabilities().version_text.clone(),
        rooms,
        files,
    };
    // What keeps the data stops with the last who uses it, and may write until then.
    drop((maker, server));
    let marker = config.folder.join(MARKER);
    fs::write(&marker, serde_json::to_vec(&world)?)
        .with_context(|| format!("Cannot write {}.", marker.display()))?;
    Ok(world)
}

/// Waits until the server has done what it does on the side: indexes of a new database, the
/// leaving of those who were deactivated, statistics, the user directory. What is left of it would
/// go on in every copy, beside the tests.
async fn settle(maker: &Maker) -> Result<()> {
    // What is left to do, each of it 0 at the end. The API tells nothing of most of it, and of
    // updates only the one that runs.
    let left = "SELECT (SELECT COUNT(*) FROM background_updates), \
                (SELECT COUNT(*) FROM users_pending_deactivation), \
                newest - (SELECT MIN(stream_id) FROM stats_incremental_position), \
                newest - (SELECT MIN(stream_id) FROM user_directory_stream_pos) \
                FROM (SELECT MAX(stream_ordering) AS newest FROM events) AS written";
    let begun = Instant::now();
    loop {
        let left = maker.database().query(left)?;
        let left = left[0].as_array().into_iter().flatten();
        if left
            .clone()
            .all(|count| count.as_i64().is_some_and(|count| count <= 0))
        {
            return Ok(());
        }
        if begun.elapsed() > SETTLE_TIMEOUT {
            bail!(
                "Synapse did not finish within {} s what it does on the side: {:?} are left.",
                SETTLE_TIMEOUT.as_secs(),
                left.collect::<Vec<_>>()
            );
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

/// Runs them all, some at once; stops at the first failure.
async fn run_all<T>(work: impl Iterator<Item = impl Future<Output = Result<T>>>) -> Result<Vec<T>> {
    stream::iter(work).buffered(AT_ONCE).try_collect().await
}

/// What an old server lacks is left out of its world.
fn optional<T>(outcome: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(ApiError::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An API error as one for people who build things.
fn failed(what: &str) -> impl Fn(ApiError) -> anyhow::Error + '_ {
    move |error| anyhow::anyhow!("{what}: {error:?}")
}

async fn make_tokens(maker: &Maker, now_ms: i64) -> Result<()> {
    let year = 365 * DAY_MS;
    let settings = [
        json!({}),
        json!({"uses_allowed": 1}),
        json!({"uses_allowed": 100, "expiry_time": now_ms + year}),
        // A token cannot be made expired; the past does it.
        json!({"expiry_time": now_ms + year}),
        json!({"uses_allowed": 10}),
        json!({"uses_allowed": 0}),
    ];
    for (token, mut body) in TOKENS.into_iter().zip(settings) {
        body["token"] = token.into();
        let request = Request::<Value>::post("/_synapse/admin/v1/registration_tokens/new");
        maker
            .admin()
            .run(&request.json(&body))
            .await
            .map_err(failed(token))?;
    }
    Ok(())
}

/// A client of the world's administrator, freshly logged in. Its token does not expire: it has
/// no refresh token, as the app's have.
pub async fn log_in_admin(server: &Synapse) -> Result<Client> {
    let user = synapse_admin::api::UserId::new(people::ADMIN, &server.server_name());
    let client = server.client();
    let request = Request::<Value>::post("/_matrix/client/v3/login")
        .anonymous()
        .json(&json!({
            "type": "m.login.password",
            "identifier": {"type": "m.id.user", "user": user.as_str()},
            "password": ADMIN_PASSWORD,
        }));
    let login = client
        .run(&request)
        .await
        .map_err(failed("The administrator cannot log in"))?;
    let token = login["access_token"]
        .as_str()
        .context("A log-in has no access token.")?;
    Ok(client.with_token(token))
}

/// Seeded chance (SplitMix64): the same numbers in every build.
#[derive(Debug)]
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Chance(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: i64) -> i64 {
        (self.next() % end.max(1).unsigned_abs()) as i64
    }
}
