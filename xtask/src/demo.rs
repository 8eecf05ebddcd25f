//! `cargo xtask demo` and `cargo xtask dev`: the app beside a real Synapse with sample data.

use crate::mas::Mas;
use crate::postgres::Engine;
use crate::serve::{Server, Site, listen};
use crate::sso::Providers;
use crate::synapse::{self, Synapse};
use crate::world::{self, people};
use crate::{bundle, crowd, process, root, tools};
use anyhow::{Context, Result, bail};
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

/// The path that the app is served under.
pub const PREFIX: &str = "/synapse-admin/";

/// The part of the user IDs after the colon.
const SERVER_NAME: &str = "demo.localhost";

/// How often it is looked whether everything still runs.
const BEAT: Duration = Duration::from_millis(100);

/// What the person asked for.
#[derive(Clone)]
pub struct Options {
    /// The version of Synapse.
    pub synapse: String,
    /// The port of the app; 0 takes a free one.
    pub port: u16,
    /// The port of Synapse; 0 takes a free one.
    pub homeserver_port: u16,
    /// Throw away what earlier demos left.
    pub fresh: bool,
    /// At least so many made-up users beside the sample data.
    pub users: u32,
    /// At least so many made-up rooms beside the sample data.
    pub rooms: u32,
    /// At least so many made-up files beside the sample data, most of them of the made-up users.
    pub files: u32,
    /// Print one line of JSON instead of text.
    pub json: bool,
    /// Let the accounts be kept by a stand-in for Matrix Authentication Service.
    pub mas: bool,
    /// Sign in at identity providers as well.
    pub sso: bool,
    /// What keeps the server's data.
    pub engine: Engine,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            synapse: synapse::VERSION.to_owned(),
            port: 8080,
            homeserver_port: 8008,
            fresh: false,
            users: 0,
            rooms: 0,
            files: 0,
            json: false,
            mas: false,
            sso: false,
            engine: Engine::Sqlite,
        }
    }
}

/// The environment of the demo's Synapse.
fn venv(options: &Options) -> Result<PathBuf> {
    if options.sso {
        tools::synapse_with_oidc(&options.synapse)?;
    }
    if options.engine == Engine::Postgres {
        tools::postgres()?;
        tools::synapse_with_postgres(&options.synapse)?;
    }
    tools::synapse(&options.synapse)
}

/// Shows the release bundle until we are told to stop.
pub fn demo(options: &Options) -> Result<()> {
    check_ports(options)?;
    let server = Server::start(Site {
        port: options.port,
        ..Site::new(bundle::folder()?, PREFIX)
    })?;
    let url = server.url();
    // Neither needs the other, and each leaves a processor to it at times.
    let (bundle, house) = thread::scope(|scope| {
        let house = scope.spawn(|| House::open(options, &url));
        let bundle = bundle::ready();
        (bundle, house.join().expect("it does not panic"))
    });
    bundle?;
    let mut house = house?;
    say_where(options, &server, &house);
    house.keep(None)
}

/// Shows the development build, built again and loaded again on every change, until we are told
/// to stop.
pub fn dev(options: &Options) -> Result<()> {
    check_ports(options)?;
    tools::wasm_target()?;
    let programs = [tools::trunk()?, tools::wasm_bindgen()?];
    let folder = root().join("target/dev");
    std::fs::create_dir_all(&folder)?;
    // Ours and not Trunk's server: that one needs an inline script to load the page again,
    // which our Content-Security-Policy rightly refuses.
    let server = Server::start(Site {
        port: options.port,
        live_reload: true,
        ..Site::new(folder.clone(), PREFIX)
    })?;
    let mut house = House::open(options, &server.url())?;
    let mut trunk = process::command("trunk");
    trunk
        .current_dir(root())
        .env("PATH", process::path_with(&programs)?)
        .env_remove("NO_COLOR")
        .args(["watch", "--dist"])
        .arg(folder);
    let trunk = Stopped(spawn(&mut trunk)?);
    say_where(options, &server, &house);
    house.keep(Some(trunk))
}

/// The running Synapse and what belongs to it. Stops it when dropped.
struct House {
    synapse: Synapse,
    /// Who keeps its accounts, if it does not itself.
    mas: Option<Mas>,
    /// Where one can sign in by single sign-on.
    providers: Option<Providers>,
    /// Nobody else may use the folder.
    _lock: File,
}

impl House {
    /// `panel` is where the app is: single sign-on leads back there without a question.
    fn open(options: &Options, panel: &str) -> Result<House> {
        process::check_stopping()?;
        let venv = venv(options)?;
        let name = format!("demo-{}{}", options.synapse, options.engine.suffix());
        let folder = tools::cache()?.join(&name);
        let lock = lock(
            &tools::cache()?.join(format!("{name}.lock")),
            &options.synapse,
        )?;
        if options.fresh {
            bundle::remove(&folder)?;
        }
        let port = match options.homeserver_port {
            0 => synapse::free_port()?,
            port => port,
        };
        let (providers, extra) = match options.sso {
            false => (None, serde_json::Map::new()),
            true => {
                let providers = Providers::start(&format!("http://127.0.0.1:{port}"))?;
                let settings = providers.settings(&[panel.to_owned()], &options.synapse)?;
                (Some(providers), settings)
            }
        };
        let config = synapse::Config {
            venv,
            folder,
            port,
            server_name: SERVER_NAME.to_owned(),
            // What a real server has: an import with passwords takes the time it really takes.
            bcrypt_rounds: 12,
            // A demo is logged in to often.
            default_limits: false,
            public_baseurl: None,
            engine: options.engine,
            keep: true,
            extra,
        };
        eprintln!("Starting Synapse {} …", options.synapse);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let synapse = runtime.block_on(async {
            let told_to_stop = async {
                while !process::stopping() {
                    tokio::time::sleep(BEAT).await;
                }
            };
            let open = std::pin::pin!(world::open(config, &|text| eprintln!("{text}")));
            match futures_util::future::select(open, std::pin::pin!(told_to_stop)).await {
                futures_util::future::Either::Left((opened, _)) => Ok(opened?.0),
                // Dropping the builder stops its server.
                futures_util::future::Either::Right(_) => Err(anyhow::anyhow!("Stopped.")),
            }
        })?;
        let synapse = crowd::gather(synapse, options.users)?;
        let synapse = crowd::rooms::gather(synapse, options.rooms)?;
        let synapse = crowd::files::gather(synapse, options.users, options.files)?;
        let (synapse, mas) = match options.mas {
            false => (synapse, None),
            true => {
                eprintln!("Starting a stand-in for Matrix Authentication Service …");
                let mas = Mas::start(0)?;
                let synapse = mas.take_over(synapse)?;
                runtime.block_on(mas.settle(&synapse))?;
                (synapse, Some(mas))
            }
        };
        Ok(House {
            synapse,
            mas,
            providers,
            _lock: lock,
        })
    }

    /// Waits until we are told to stop, or something stops by itself.
    fn keep(&mut self, mut beside: Option<Stopped>) -> Result<()> {
        while !process::stopping() {
            if !self.synapse.is_running() {
                bail!(
                    "Synapse stopped by itself. Its logs are in {}.",
                    self.synapse.config().folder.display()
                );
            }
            if let Some(Stopped(child)) = &mut beside
                && child.try_wait()?.is_some()
            {
                bail!("Trunk stopped by itself, see above.");
            }
            thread::sleep(BEAT);
        }
        eprintln!("Stopping …");
        Ok(())
    }
}

/// A program that is stopped when dropped.
struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        process::stop(&mut self.0);
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    use std::os::unix::process::CommandExt;
    command
        .process_group(0)
        // Standard output is for our own answer.
        .stdout(std::io::stderr())
        .spawn()
        .context("Cannot start Trunk.")
}

/// Finds out early, before anything is built.
fn check_ports(options: &Options) -> Result<()> {
    if options.mas && options.sso {
        bail!(
            "Where Matrix Authentication Service keeps the accounts, Synapse has no identity \
               providers: take one of --mas and --sso."
        );
    }
    for (port, option) in [
        (options.port, "--port"),
        (options.homeserver_port, "--homeserver-port"),
    ] {
        if port != 0
            && let Err(error) = listen(port)
        {
            bail!("{error} {option} NUMBER does that.");
        }
    }
    if options.port == options.homeserver_port && options.port != 0 {
        bail!("The app and Synapse need different ports.");
    }
    Ok(())
}

fn lock(path: &PathBuf, version: &str) -> Result<File> {
    let file = File::create(path).with_context(|| format!("Cannot write {}.", path.display()))?;
    if file.try_lock().is_err() {
        bail!(
            "A demo with Synapse {version} is running already. Stop it, or take another version \
             with --synapse."
        );
    }
    Ok(file)
}

fn say_where(options: &Options, server: &Server, house: &House) {
    let user = format!("@{}:{SERVER_NAME}", people::ADMIN);
    let (url, homeserver) = (server.url(), house.synapse.url());
    // Where a stand-in keeps the accounts, nobody has a password.
    let password = house.mas.is_none().then_some(world::ADMIN_PASSWORD);
    let mas = house.mas.as_ref().map(Mas::url);
    if options.json {
        let line = serde_json::json!({
            "url": url,
            "homeserver": homeserver,
            "user": user,
            "password": password,
            "mas": mas,
            "providers": house.providers.as_ref().map(Providers::url),
        });
        println!("{line}");
        return;
    }
    let how = match (password, mas) {
        (Some(password), _) => format!("Password    {password}"),
        (None, mas) => format!(
            "Accounts    press “Continue to sign-in”: a stand-in for Matrix Authentication Service at\n              \
             {} has them, without passwords. Sign in as {}, or as {}, who may not administer",
            mas.unwrap_or_default(),
            people::ADMIN,
            people::ALICE
        ),
    };
    println!("\n  Open        {url}\n  User        {user}\n  {how}\n  Homeserver  {homeserver}");
    if house.providers.is_some() {
        println!(
            "  Providers   press “Continue with First” or “Second” below the form. They have no\n              \
             passwords: the name {} signs in as {user}, any other as\n              \
             somebody who may not administer; “Out of order” does not answer",
            people::ADMIN
        );
    }
    println!("\nCtrl-C stops everything.");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_said_with_the_option_that_helps() {
        let held = listen(0).unwrap();
        let options = Options {
            port: 0,
            homeserver_port: held.local_addr().unwrap().port(),
            ..Options::default()
        };
        let error = format!("{:#}", check_ports(&options).unwrap_err());
        assert!(error.contains("--homeserver-port"), "{error}");
        assert!(error.contains("taken by another program"), "{error}");
    }

    #[test]
    fn two_demos_do_not_share_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.lock");
        let first = lock(&path, "1.0.0").unwrap();
        assert!(lock(&path, "1.0.0").is_err());
        drop(first);
        assert!(lock(&path, "1.0.0").is_ok());
    }
}
