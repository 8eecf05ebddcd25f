//! A real PostgreSQL below a Synapse of ours, as most real homeservers have it: a cluster in the
//! server's own folder, which runs for as long as anybody here uses it and is reached by a socket
//! that nobody else can open.
//!
//! It needs no account and no service of the system. Root, as whom PostgreSQL does not run, lends
//! it the account that Debian's package has made; see `keeper.py`.

use crate::synapse::Config;
use crate::{process, tools};
use anyhow::{Context, Result, bail};
use nix::unistd::{User, geteuid};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread;
use std::time::{Duration, Instant};

const KEEPER: &str = include_str!("keeper.py");

/// How long it may take to stop: everything is written to the disk.
const GRACE: Duration = Duration::from_secs(30);

/// How often it is looked whether it has stopped.
const BEAT: Duration = Duration::from_millis(20);

/// Where a Synapse keeps its data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// A file beside the server, which is what Synapse starts with.
    #[default]
    Sqlite,
    Postgres,
}

impl Engine {
    /// What the tests are to use: `SYNAPSE_DATABASE=postgres`, otherwise SQLite.
    pub fn from_env() -> Self {
        match std::env::var("SYNAPSE_DATABASE").as_deref() {
            Ok("postgres") => Engine::Postgres,
            _ => Engine::Sqlite,
        }
    }

    /// The end of the names of folders with such a database.
    pub fn suffix(self) -> &'static str {
        match self {
            Engine::Sqlite => "",
            Engine::Postgres => "-postgres",
        }
    }
}

/// A running PostgreSQL with the database `synapse` of the user `synapse`. Stops when dropped, or
/// when this program ends.
#[derive(Debug)]
pub struct Postgres {
    keeper: Child,
    socket: PathBuf,
}

/// Those that run in this program, by the folders of their clusters.
static RUNNING: Mutex<BTreeMap<PathBuf, Weak<Postgres>>> = Mutex::new(BTreeMap::new());

impl Postgres {
    /// The one of this server: starts it unless it runs, and makes it if it is not there.
    ///
    /// # Errors
    /// When PostgreSQL or the driver for it is missing, or it does not start.
    pub fn of(config: &Config) -> Result<Arc<Self>> {
        let cluster = config.folder.join("postgres");
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(found) = running.get(&cluster).and_then(Weak::upgrade) {
            return Ok(found);
        }
        let started = Arc::new(start(config, &cluster)?);
        running.insert(cluster, Arc::downgrade(&started));
        Ok(started)
    }

    /// The folder of its socket: what clients take for the host.
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let asked = Instant::now();
        while asked.elapsed() < GRACE {
            if matches!(self.keeper.try_wait(), Ok(Some(_)) | Err(_)) {
                return;
            }
            thread::sleep(BEAT);
        }
        process::stop(&mut self.keeper);
    }
}

fn start(config: &Config, cluster: &Path) -> Result<Postgres> {
    let python = config.python();
    if let Some(folder) = cluster.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("Cannot make {}.", folder.display()))?;
    }
    let mut keeper = process::command(&python)
        .args(["-c", KEEPER])
        .arg(tools::postgres()?)
        .arg(cluster)
        .arg(account()?)
        .arg(if config.keep { "keep" } else { "" })
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C at our terminal is for us.
        .process_group(0)
        .spawn()
        .with_context(|| format!("Cannot start {}.", python.display()))?;
    let mut line = String::new();
    if let Some(said) = keeper.stdout.take() {
        BufReader::new(said).read_line(&mut line)?;
    }
    if line.trim().is_empty() {
        let mut why = String::new();
        if let Some(mut said) = keeper.stderr.take() {
            let _ = said.read_to_string(&mut why);
        }
        process::stop(&mut keeper);
        bail!("There is no PostgreSQL to keep the data. {}", why.trim());
    }
    Ok(Postgres {
        keeper,
        socket: PathBuf::from(line.trim()),
    })
}

/// As whom it runs, if not as us.
fn account() -> Result<&'static str> {
    if !geteuid().is_root() {
        return Ok("");
    }
    for name in ["postgres", "nobody"] {
        if User::from_name(name)?.is_some() {
            return Ok(name);
        }
    }
    bail!(
        "PostgreSQL does not run as root, and there is no account to lend it. Run this as another \
         user."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_tell_what_is_in_them() {
        assert_eq!(Engine::default().suffix(), "");
        assert_eq!(Engine::Postgres.suffix(), "-postgres");
    }
}
