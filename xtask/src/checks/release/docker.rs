//! Docker's own engine, for the check alone: everything of it lies in a folder of the check, and
//! what people have of Docker on the machine is neither asked nor touched.

use crate::process;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// How long it may take to start.
const START: Duration = Duration::from_secs(60);

/// How often it is looked whether it has started, or a container is healthy.
const BEAT: Duration = Duration::from_millis(100);

/// The network of its containers, and a name of it that the system has for no other.
const NETWORK: &str = "synapse-admin";
const BRIDGE: &str = "com.docker.network.bridge.name=sa-release0";

/// A running engine. It stops when dropped.
pub struct Docker {
    engine: Child,
    folder: PathBuf,
}

impl Docker {
    /// Starts it with its things in a folder below `work`. It changes no rule of the firewall and no
    /// route; the one network that it makes goes with it.
    ///
    /// # Errors
    /// When it does not start: it needs root, and what containers are not given.
    pub fn start(work: &Path) -> Result<Docker> {
        let folder = work.join("docker");
        fs::create_dir_all(&folder)?;
        let settings = folder.join("daemon.json");
        fs::write(&settings, "{}")?;
        let log = folder.join("log");
        let written = fs::File::create(&log)?;
        let mut engine = process::command("dockerd");
        for (option, file) in [
            ("--data-root", "data"),
            ("--exec-root", "run"),
            ("--pidfile", "pid"),
        ] {
            engine.arg(option).arg(folder.join(file));
        }
        engine
            .arg("--host")
            .arg(socket(&folder))
            .arg("--config-file")
            .arg(settings)
            // If a containerd of the system runs, it is that one, by other names.
            .args(["--containerd-namespace", NETWORK])
            .args([
                "--containerd-plugins-namespace",
                &format!("{NETWORK}-plugins"),
            ])
            .args(["--storage-driver", "vfs", "--bridge", "none"])
            .args(["--iptables=false", "--ip6tables=false"])
            .args(["--ip-forward=false", "--ip-masq=false"])
            .stdout(written.try_clone()?)
            .stderr(written)
            .process_group(0);
        let engine = engine.spawn().context("dockerd cannot run.")?;
        let mut docker = Docker { engine, folder };
        let begun = Instant::now();
        while process::answer(docker.command().args(["version", "--format", "ready"])).is_none() {
            process::check_stopping()?;
            let ended = docker.engine.try_wait()?;
            let is_late = begun.elapsed() > START;
            if ended.is_some() || is_late {
                let said = fs::read_to_string(&log).unwrap_or_default();
                let last: Vec<&str> = said.lines().rev().take(5).collect();
                anyhow::bail!("Docker's engine does not start:\n{}", last.join("\n"));
            }
            thread::sleep(BEAT);
        }
        let mut network = docker.command();
        network.args(["network", "create", "--driver", "bridge", "--opt", BRIDGE]);
        super::output(network.arg(NETWORK))?;
        Ok(docker)
    }

    /// Its command, with a configuration that nobody has written.
    pub fn command(&self) -> Command {
        let mut docker = process::command("docker");
        docker
            .env_remove("DOCKER_CONTEXT")
            .env("DOCKER_CONFIG", self.folder.join("config"))
            .env("DOCKER_HOST", socket(&self.folder));
        docker
    }

    /// What runs an image as the documents say, with the port `inside` at `port` of this machine, and
    /// with what stands before and after the image's name. It ends with the container, which is then
    /// gone.
    pub fn run(&self, (port, inside): (u16, u16), before: &[String], image: &[&str]) -> Command {
        let mut run = self.command();
        run.args(["run", "--rm", "--name", NETWORK, "--network", NETWORK])
            .args(["--read-only", "--cap-drop", "ALL"])
            .args(["--publish", &format!("127.0.0.1:{port}:{inside}")])
            // The image says how, and asks every half minute.
            .args(["--health-interval", "1s"])
            .args(before)
            .args(image);
        run
    }

    /// Waits until Docker itself calls the container healthy.
    pub fn is_healthy(&self) -> Result<()> {
        let begun = Instant::now();
        loop {
            let mut inspect = self.command();
            inspect.args(["inspect", "--format", "{{.State.Health.Status}}", NETWORK]);
            let says = super::output(&mut inspect)?;
            if says.trim() == "healthy" {
                return Ok(());
            }
            ensure!(begun.elapsed() < START, "it is {}", says.trim());
            thread::sleep(BEAT);
        }
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        // Neither is there where nothing was run.
        let _ = self.command().args(["rm", "--force", NETWORK]).output();
        let _ = self.command().args(["network", "rm", NETWORK]).output();
        process::stop(&mut self.engine);
    }
}

fn socket(folder: &Path) -> String {
    format!("unix://{}", folder.join("socket").display())
}
