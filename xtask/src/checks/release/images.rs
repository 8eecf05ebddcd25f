//! The container images, taken apart and loaded.

use super::docker::Docker;
use super::{Names, output, read};
use crate::dist::image::{FILES, Machine, PROGRAM};
use crate::dist::{About, NAME};
use crate::{bundle, process};
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Unpacks the images: the file system of each machine.
pub fn check(dist: &Path, work: &Path, names: &Names) -> Result<Vec<(Machine, PathBuf)>> {
    let layout = work.join("images");
    let all = format!("oci-archive:{}", dist.join(&names.image).display());
    let mut roots = Vec::new();
    for machine in Machine::ALL {
        let name = machine.name();
        let alone = names.image_for(dist, machine);
        let ways = [
            format!("docker-archive:{}", alone.display()),
            format!("oci-archive:{}", alone.display()),
            all.clone(),
        ];
        for way in &ways {
            let says = output(
                skopeo()
                    .args(["--override-arch", name, "inspect", "--config"])
                    .arg(way),
            )?;
            let says: serde_json::Value = serde_json::from_str(&says)?;
            ensure!(
                says["architecture"] == name,
                "{way}: {}",
                says["architecture"]
            );
            ensure!(says["config"]["User"] == "65534:65534", "{way}");
            ensure!(
                says["config"]["Entrypoint"][0] == format!("/{PROGRAM}"),
                "{way}"
            );
        }
        // As `docker load` reads it, and then with the tool of the Open Container Initiative.
        output(
            skopeo()
                .args(["--override-arch", name, "copy", "--quiet", &ways[0]])
                .arg(format!("oci:{}:{name}", layout.display())),
        )?;
        let bundle = work.join(format!("image-{name}"));
        let mut umoci = process::command("umoci");
        umoci.args(["unpack", "--image"]);
        umoci.arg(format!("{}:{name}", layout.display()));
        if !process::is_root() {
            umoci.arg("--rootless");
        }
        output(umoci.arg(&bundle))?;
        let folder = bundle.join("rootfs");
        let files = read(&folder.join(FILES))?;
        ensure!(files == read(&dist.join(NAME))?, "{name}: other files");
        ensure!(folder.join("etc/synapse-admin").is_dir());
        roots.push((machine, folder));
    }
    Ok(roots)
}

fn skopeo() -> Command {
    let mut skopeo = process::command("skopeo");
    // What says which signatures are wanted is not on every machine, and there are none here.
    skopeo.arg("--insecure-policy");
    skopeo
}

/// Has Podman load each archive into a store of its own.
pub fn in_podman(dist: &Path, work: &Path, names: &Names, about: &About) -> Result<()> {
    let store = work.join("podman");
    for machine in Machine::ALL {
        let alone = names.image_for(dist, machine);
        let id = id(&alone, machine)?;
        let all = dist.join(&names.image);
        // Of several machines it takes its own.
        let own = machine == Machine::Amd64 && cfg!(target_arch = "x86_64");
        for archive in [Some(&alone), own.then_some(&all)].into_iter().flatten() {
            is_loaded(|| podman(&store), archive, about, &id)?;
            output(podman(&store).args(["image", "rm", "--all", "--force"]))?;
        }
    }
    bundle::remove(&store)
}

/// Has Docker load the archive of each machine, the one that it can run as the last.
pub fn in_docker(dist: &Path, names: &Names, about: &About, docker: &Docker) -> Result<()> {
    for machine in [Machine::Arm64, Machine::Amd64] {
        let archive = names.image_for(dist, machine);
        let id = id(&archive, machine)?;
        is_loaded(|| docker.command(), &archive, about, &id)?;
    }
    Ok(())
}

/// Has an engine load an archive: it then has the image under the name that the documents say, and the
/// very one of the archive, since its ID is the hash of all that is in it.
fn is_loaded(engine: impl Fn() -> Command, archive: &Path, about: &About, id: &str) -> Result<()> {
    output(engine().args(["load", "--quiet", "--input"]).arg(archive))?;
    let says = output(
        engine()
            .args(["image", "inspect", "--format", "{{.Id}}"])
            .arg(about.image()),
    )?;
    ensure!(
        says.trim().trim_start_matches("sha256:") == id,
        "{} is loaded as {says}",
        archive.display()
    );
    Ok(())
}

/// The ID of an image in an archive: the hash of its configuration, which has those of its layers.
fn id(archive: &Path, machine: Machine) -> Result<String> {
    let mut skopeo = skopeo();
    let archive = format!("docker-archive:{}", archive.display());
    skopeo.args([
        "--override-arch",
        machine.name(),
        "inspect",
        "--config",
        "--raw",
        &archive,
    ]);
    let answer = skopeo.output().context("Cannot run skopeo.")?;
    ensure!(answer.status.success(), "skopeo cannot read {archive}");
    Ok(format!("{:x}", Sha256::digest(answer.stdout)))
}

/// Podman with everything of it in a folder, in the way that needs nothing of the system's kernel.
fn podman(store: &Path) -> Command {
    let mut podman = process::command("podman");
    for (option, folder) in [
        ("--root", "root"),
        ("--runroot", "run"),
        ("--tmpdir", "tmp"),
    ] {
        podman.arg(option).arg(store.join(folder));
    }
    podman.args(["--storage-driver", "vfs", "--cgroup-manager", "cgroupfs"]);
    podman.args(["--events-backend", "none"]);
    podman
}
