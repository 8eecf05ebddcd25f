//! The container image, made without a container engine: a file system of a few files, described as
//! the Open Container Initiative wants it, and beside that as `docker save` does, so that `podman
//! load` and every `docker load` take it.

use super::About;
use super::archive::{self, Entries, Entry};
use crate::calendar;
use anyhow::Result;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Where the server looks for the panel's files: its own default.
pub const FILES: &str = "usr/share/synapse-admin";

/// Where its program is.
pub const PROGRAM: &str = "usr/bin/synapse-admin-server";

/// The user whom nothing belongs to.
const NOBODY: &str = "65534:65534";

/// The port that it listens on: the server's default.
const PORT: &str = "8080/tcp";

/// What the server is compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    Amd64,
    Arm64,
}

impl Machine {
    /// All of them.
    pub const ALL: [Machine; 2] = [Machine::Amd64, Machine::Arm64];

    /// As images name it.
    pub fn name(self) -> &'static str {
        match self {
            Machine::Amd64 => "amd64",
            Machine::Arm64 => "arm64",
        }
    }

    /// As the compiler names it: with a C library that is linked in.
    pub fn target(self) -> &'static str {
        match self {
            Machine::Amd64 => "x86_64-unknown-linux-musl",
            Machine::Arm64 => "aarch64-unknown-linux-musl",
        }
    }
}

/// The archive of an image for these machines. For one machine it is what `docker load` and `podman
/// load` take; for several it is for registries (`skopeo copy --all`).
pub fn archive(panel: &Entries, programs: &[(Machine, Vec<u8>)], about: &About) -> Result<Vec<u8>> {
    let mut blobs = Blobs::default();
    let files = panel
        .iter()
        .map(|(path, entry)| (format!("{FILES}/{path}"), entry.clone()))
        .collect();
    let files = Layer::new(&files, about.when)?;
    let mut manifests = Vec::new();
    let mut loaded = Vec::new();
    for (machine, program) in programs {
        let program = Layer::new(
            &Entries::from([
                (PROGRAM.to_owned(), Entry::Program(program.clone())),
                // To mount the folder with config.json at.
                ("etc/synapse-admin".to_owned(), Entry::Folder),
            ]),
            about.when,
        )?;
        let layers = [&program, &files];
        let config = serde_json::to_vec(&configuration(*machine, &layers, about))?;
        let config = blobs.add(config, "application/vnd.oci.image.config.v1+json");
        let mut described = Vec::new();
        for layer in layers {
            described.push(blobs.add(layer.packed.clone(), LAYER));
        }
        let paths: Vec<String> = described.iter().map(path_of).collect();
        loaded.push(json!({
            "Config": path_of(&config),
            "RepoTags": [match programs {
                [_] => about.image(),
                _ => format!("{}-{}", about.image(), machine.name()),
            }],
            "Layers": paths,
        }));
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": config,
            "layers": described,
        });
        let mut manifest = blobs.add(serde_json::to_vec(&manifest)?, MANIFEST);
        manifest["platform"] = json!({ "architecture": machine.name(), "os": "linux" });
        manifests.push(manifest);
    }
    let mut named = match manifests.as_slice() {
        [one] => one.clone(),
        several => {
            let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": several });
            blobs.add(serde_json::to_vec(&index)?, INDEX)
        }
    };
    named["annotations"] = json!({
        "io.containerd.image.name": about.image(),
        "org.opencontainers.image.ref.name": about.version,
    });
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [named] });
    let mut entries = blobs.files;
    for (name, content) in [
        ("index.json", index),
        ("manifest.json", Value::Array(loaded)),
        ("oci-layout", json!({ "imageLayoutVersion": "1.0.0" })),
    ] {
        entries.insert(name.to_owned(), Entry::File(serde_json::to_vec(&content)?));
    }
    archive::tar(&archive::with_folders(&entries), about.when)
}

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// A part of the file system.
struct Layer {
    packed: Vec<u8>,
    /// The hash of what is packed.
    content: String,
}

impl Layer {
    fn new(entries: &Entries, when: u64) -> Result<Layer> {
        let tar = archive::tar(&archive::with_folders(entries), when)?;
        Ok(Layer {
            content: format!("sha256:{:x}", Sha256::digest(&tar)),
            packed: archive::gzip(&tar)?,
        })
    }
}

/// What goes by the hash of its content.
#[derive(Default)]
struct Blobs {
    files: Entries,
}

impl Blobs {
    /// Keeps some content: what others describe it with.
    fn add(&mut self, content: Vec<u8>, media_type: &str) -> Value {
        let digest = format!("sha256:{:x}", Sha256::digest(&content));
        let described = json!({ "mediaType": media_type, "digest": digest, "size": content.len() });
        self.files.insert(path_of(&described), Entry::File(content));
        described
    }
}

/// Where what is described so stands in the archive.
fn path_of(described: &Value) -> String {
    let digest = described["digest"].as_str().unwrap_or_default();
    format!("blobs/{}", digest.replace(':', "/"))
}

/// How the image is run, and what it is.
fn configuration(machine: Machine, layers: &[&Layer], about: &About) -> Value {
    let contents: Vec<&str> = layers.iter().map(|layer| layer.content.as_str()).collect();
    let created = calendar::rfc3339(about.when.cast_signed(), "");
    let program = format!("/{PROGRAM}");
    let second: u64 = 1_000_000_000;
    json!({
        "created": created,
        "architecture": machine.name(),
        "os": "linux",
        "config": {
            "User": NOBODY,
            "ExposedPorts": { PORT: {} },
            "Entrypoint": [program],
            "WorkingDir": "/",
            "Labels": {
                "org.opencontainers.image.title": "Synapse Admin",
                "org.opencontainers.image.description": "Administer a Matrix homeserver (Synapse) from the browser",
                "org.opencontainers.image.licenses": "Apache-2.0",
                "org.opencontainers.image.version": about.version,
                "org.opencontainers.image.revision": about.commit.as_deref().unwrap_or_default(),
            },
            // Of Docker's own; others leave it alone.
            "Healthcheck": {
                "Test": ["CMD", program, "--check"],
                "Interval": 30 * second,
                "Timeout": 5 * second,
            },
        },
        "rootfs": { "type": "layers", "diff_ids": contents },
        "history": [
            { "created": created, "comment": "the web server" },
            { "created": created, "comment": "the panel" },
        ],
    })
}
