//! The stage `release`: makes what `cargo xtask dist` makes, and then takes nothing but the
//! artefacts: unpacks, installs, runs and opens them as people would.

mod docker;
mod images;
mod running;
mod snippets;
mod web;

use super::{against, front};
use crate::dist::image::{FILES, Machine};
use crate::dist::{self, About, NAME, Programs, SUMS, archive, debian, server};
use crate::serve::{Server, Site};
use crate::{bundle, demo, process, root, tools, web_servers};
use anyhow::{Context, Result, bail, ensure};
use docker::Docker;
use running::{Running, answers, keeps_to_itself, works_as_it_comes};
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs of the system with which the artefacts are taken apart, and their packages.
const PROGRAMS: [(&str, &str); 6] = [
    ("dockerd", "docker.io"),
    ("podman", "podman"),
    ("skopeo", "skopeo"),
    ("umoci", "umoci"),
    ("qemu-aarch64-static", "qemu-user-static"),
    ("unzip", "unzip"),
];

/// Installs what the stage needs.
pub fn prepare() -> Result<()> {
    let missing = || PROGRAMS.iter().filter(|it| process::find(it.0).is_none());
    let packages: Vec<&str> = missing().map(|(_, package)| *package).collect();
    tools::debian("what opens container images", &packages, || {
        missing().next().is_none()
    })?;
    ensure!(
        process::find("dpkg").is_some(),
        "This needs dpkg, to install the Debian package into a folder of its own."
    );
    for machine in Machine::ALL {
        tools::rust_target(machine.target())?;
    }
    web_servers::ready().map(drop)
}

/// Makes the release and checks it, with the panel before a Synapse of this version.
pub fn check(version: &str) -> Result<bool> {
    let dist = dist::make()?;
    // Below no home: the web servers run as somebody who may not look into one.
    let work = env::temp_dir().join(format!("synapse-admin-release-{}", std::process::id()));
    fs::create_dir_all(&work)?;
    let passed = check_in(&dist, &work, version);
    bundle::remove(&work)?;
    passed
}

fn check_in(dist: &Path, work: &Path, version: &str) -> Result<bool> {
    let about = About::checkout();
    let names = Names::of(&about);
    let programs = server::programs()?;
    said("checksums", checksums(dist))?;
    said(
        "the checksum of one alone",
        checksum_of_one(dist, work, &names),
    )?;
    let opens = |what: &str, url: &str| opens(what, url, version, &about);
    said("nothing of this machine", nothing_of_here(dist, &programs))?;
    said("archives", archives(dist, work, &names))?;
    let unpacked = Server::start(Site::new(work.join("tar").join(NAME), demo::PREFIX))?;
    opens("the archive", &unpacked.url())?;
    drop(unpacked);
    said("Debian package", package(dist, work, &names, &about))?;
    let served = snippets::check(&work.join("debian"), work, |url| {
        opens("the Debian package", url)
    });
    said("the package's snippets in nginx and Apache", served)?;
    let roots = said("container images", images::check(dist, work, &names))?;
    said("podman load", images::in_podman(dist, work, &names, &about))?;
    for (machine, folder) in &roots {
        let files = folder.join(FILES);
        let running = Running::start(*machine, folder)?;
        said(
            &format!("the server for {}", machine.name()),
            answers(&running, &files).and_then(|()| keeps_to_itself(&running, &files)),
        )?;
    }
    if let Some(docker) = engine(work)? {
        said(
            "docker load",
            images::in_docker(dist, &names, &about, &docker),
        )?;
        let files = dist.join(NAME);
        said(
            "docker run",
            works_as_it_comes(&docker, &about.image(), &files),
        )?;
        let running = Running::in_docker(&docker, &about.image(), work)?;
        said(
            "docker run with arguments",
            answers(&running, &files).and_then(|()| docker.is_healthy()),
        )?;
        opens("the container", &running.url())?;
    }
    Ok(true)
}

/// Docker's engine. A container in which the checks run often may not start one: there it is left
/// out, but not where everything is checked before it is taken.
fn engine(work: &Path) -> Result<Option<Docker>> {
    match Docker::start(work) {
        Ok(docker) => Ok(Some(docker)),
        Err(error) if env::var_os("CI").is_some() => Err(error),
        Err(error) => {
            eprintln!("  docker load and docker run: left out. {error:#}");
            Ok(None)
        }
    }
}

/// Has an administrator sign in to the panel at this address, in Chromium.
fn opens(what: &str, url: &str, version: &str, about: &About) -> Result<()> {
    eprintln!("The panel from {what}, in Chromium:");
    let mut journey = against(version, &["--test", "journeys"]);
    journey
        .env("JOURNEYS_PANEL", url)
        .env("JOURNEYS_VERSION", about.shown())
        .args(["--", "--ignored", "released::signs_in"]);
    ensure!(front(&mut journey)?, "The panel from {what} does not work.");
    Ok(())
}

/// Says that something was found right.
fn said<T>(what: &str, found: Result<T>) -> Result<T> {
    let found = found.with_context(|| format!("The release is not right: {what}."))?;
    eprintln!("  {what}: right");
    Ok(found)
}

/// The artefacts.
struct Names {
    tarball: String,
    zip: String,
    package: String,
    image: String,
    /// What its name begins with.
    image_of: String,
}

impl Names {
    fn of(about: &About) -> Names {
        let stem = format!("{NAME}-{}", about.version);
        Names {
            tarball: format!("{stem}.tar.gz"),
            zip: format!("{stem}.zip"),
            package: format!("{NAME}_{}_all.deb", about.version),
            image: format!("{stem}-image.tar"),
            image_of: format!("{stem}-image-"),
        }
    }

    /// The archive of the image for one machine.
    fn image_for(&self, dist: &Path, machine: Machine) -> PathBuf {
        dist.join(format!("{}{}.tar", self.image_of, machine.name()))
    }
}

/// Runs a program; what it printed.
pub(super) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command
        .output()
        .with_context(|| format!("Cannot run {name}."))?;
    if !output.status.success() {
        bail!(
            "{name} failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The files below a folder, by their paths in it. No links.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                files.insert(name, fs::read(&path)?);
            }
        }
    }
    Ok(files)
}

fn checksums(dist: &Path) -> Result<()> {
    let mut sum = process::command("sha256sum");
    output(
        sum.current_dir(dist)
            .args(["--check", "--strict", "--quiet", SUMS]),
    )?;
    let listed = fs::read_to_string(dist.join(SUMS))?.lines().count();
    ensure!(listed + 1 == read(dist)?.len(), "a file has no checksum");
    Ok(())
}

/// Who has one of the artefacts checks it by the line of `docs/install.md`.
fn checksum_of_one(dist: &Path, work: &Path, names: &Names) -> Result<()> {
    let guide = fs::read_to_string(root().join("docs/install.md"))?;
    let mut codes = guide.split('`').skip(1).step_by(2);
    let line = codes.find_map(|code| code.strip_prefix("sha256sum "));
    let line = line.context("docs/install.md does not say how to check them")?;
    let folder = work.join("one");
    fs::create_dir_all(&folder)?;
    let artefact = folder.join(&names.package);
    fs::copy(dist.join(SUMS), folder.join(SUMS))?;
    fs::copy(dist.join(&names.package), &artefact)?;
    let check = || {
        let mut sum = process::command("sha256sum");
        output(sum.current_dir(&folder).args(line.split(' ')))
    };
    let says = check()?;
    ensure!(
        says.contains(&names.package),
        "it says nothing of it: {says}"
    );
    fs::write(&artefact, "something else")?;
    ensure!(check().is_err(), "another file passes");
    Ok(())
}

/// Whether what is shipped names no folder of this machine: neither this checkout nor where crates,
/// compilers and tools lie.
fn nothing_of_here(dist: &Path, programs: &Programs) -> Result<()> {
    let set = |name: &str| env::var(name).unwrap_or_default();
    let home = set("HOME");
    let mut wanted = vec![
        root().to_string_lossy().into_owned(),
        tools::cache()?.to_string_lossy().into_owned(),
        format!("{home}/.cargo"),
        format!("{home}/.rustup"),
        set("CARGO_HOME"),
        set("CARGO_TARGET_DIR"),
        set("RUSTUP_HOME"),
    ];
    wanted.retain(|path| path.len() > 8);
    let mut files = read(dist)?;
    for (machine, program) in programs {
        files.insert(machine.name().to_owned(), program.clone());
    }
    for (name, content) in files {
        for path in &wanted {
            let found = content
                .windows(path.len())
                .any(|part| part == path.as_bytes());
            ensure!(!found, "{name} names {path}");
        }
    }
    Ok(())
}

fn archives(dist: &Path, work: &Path, names: &Names) -> Result<()> {
    let expected = read(&dist.join(NAME))?;
    for name in [
        "index.html",
        "index.html.br",
        "index.html.gz",
        "LICENSE.txt",
        "THIRD-PARTY.txt",
    ] {
        ensure!(expected.contains_key(name), "there is no {name}");
    }
    ensure!(expected.contains_key("config.sample.json"));
    let config = expected.keys().find(|name| name.starts_with("config.json"));
    ensure!(config.is_none(), "{config:?} would overwrite somebody's");
    let (tar, zip) = (work.join("tar"), work.join("zip"));
    fs::create_dir_all(&tar)?;
    output(
        process::command("tar")
            .current_dir(&tar)
            .arg("xzf")
            .arg(dist.join(&names.tarball)),
    )?;
    output(
        process::command("unzip")
            .arg("-q")
            .arg(dist.join(&names.zip))
            .arg("-d")
            .arg(&zip),
    )?;
    for folder in [tar, zip] {
        ensure!(
            read(&folder.join(NAME))? == expected,
            "{} differs",
            folder.display()
        );
    }
    Ok(())
}

/// Installs the package into a folder, edits the configuration, and installs a newer one.
fn package(dist: &Path, work: &Path, names: &Names, about: &About) -> Result<()> {
    let package = dist.join(&names.package);
    let says = output(process::command("dpkg-deb").arg("--info").arg(&package))?;
    for field in [
        "Package: synapse-admin",
        "Architecture: all",
        &about.version,
    ] {
        ensure!(says.contains(field), "it does not say {field}");
    }
    let lists = output(process::command("dpkg-deb").arg("--contents").arg(&package))?;
    ensure!(
        lists.contains("usr/share/synapse-admin/config.json -> /etc/synapse-admin/config.json")
    );
    let system = work.join("debian");
    fs::create_dir_all(system.join("var/lib/dpkg/info"))?;
    fs::create_dir_all(system.join("var/lib/dpkg/updates"))?;
    fs::write(system.join("var/lib/dpkg/status"), "")?;
    let dpkg = |arguments: &[&str]| {
        let mut dpkg = process::command("dpkg");
        dpkg.arg(format!("--root={}", system.display()))
            .args(["--force-not-root", "--force-bad-path"])
            // There is no shell in that folder.
            .arg("--force-script-chrootless")
            .args(arguments)
            .env("DEBIAN_FRONTEND", "noninteractive");
        output(&mut dpkg)
    };
    let install = |package: &Path| dpkg(&["--install", &package.to_string_lossy()]);
    // Whoever removes it keeps an Apache that starts.
    install(&package)?;
    let link = system.join("etc/apache2/conf-enabled/synapse-admin.conf");
    fs::create_dir_all(link.parent().unwrap_or(&link))?;
    symlink("../conf-available/synapse-admin.conf", &link)?;
    dpkg(&["--purge", "synapse-admin"])?;
    ensure!(!link.is_symlink(), "a link to nothing stays");
    install(&package)?;
    let page = system.join("usr/share/synapse-admin/index.html");
    let content = fs::read(&page)?;
    fs::write(&page, "another page")?;
    // It says so by its exit code as well.
    let found = dpkg(&["--verify", "synapse-admin"]);
    let found = found.unwrap_or_else(|error| format!("{error:#}"));
    ensure!(
        found.contains("index.html"),
        "a changed file is not found: {found}"
    );
    fs::write(&page, content)?;
    let installed = read(&system.join("usr/share/synapse-admin"))?;
    ensure!(
        installed == read(&dist.join(NAME))?,
        "other files are installed"
    );
    let config = system.join(debian::CONFIGURATION[0].0);
    ensure!(fs::read_to_string(&config)? == "{}\n");
    let edited = "{ \"restrictBaseUrl\": \"https://matrix.example.org\" }\n";
    fs::write(&config, edited)?;
    let newer = About {
        version: format!("{}+newer", about.version),
        ..about.clone()
    };
    let other = work.join("newer.deb");
    let panel = installed
        .into_iter()
        .map(|(name, content)| (name, archive::Entry::File(content)))
        .collect();
    fs::write(&other, debian::package(&panel, &newer)?)?;
    install(&other)?;
    ensure!(
        fs::read_to_string(&config)? == edited,
        "an update overwrote config.json"
    );
    let status = fs::read_to_string(system.join("var/lib/dpkg/status"))?;
    ensure!(status.contains(&format!("Version: {}", newer.version)));
    // Whoever opens the panel from it is to get in.
    fs::write(&config, "{}\n")?;
    Ok(())
}
