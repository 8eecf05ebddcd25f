//! The web server of the image, compiled for each machine without anything of this one: the linker
//! comes with the compiler, and the C library is linked in.

use super::image::Machine;
use crate::{bundle, process, root, tools};
use anyhow::{Context, Result};
use std::fs;

/// The package of the web server.
pub const PACKAGE: &str = "synapse-admin-server";

/// The program for each machine. Compiles what has changed.
pub fn programs() -> Result<Vec<(Machine, Vec<u8>)>> {
    for machine in Machine::ALL {
        tools::rust_target(machine.target())?;
    }
    let mut flags = bundle::remapped()?;
    flags.extend(["-Clinker=rust-lld", "-Clink-self-contained=yes"].map(str::to_owned));
    let mut cargo = process::cargo();
    cargo
        .current_dir(root())
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("CARGO_TARGET_DIR", root().join("target"))
        .args(["build", "--locked", "--profile", "image"])
        .args(["--package", PACKAGE]);
    for machine in Machine::ALL {
        cargo.args(["--target", machine.target()]);
    }
    eprintln!("Building the web server of the image …");
    process::run(&mut cargo).context("Cannot build the web server of the image.")?;
    let read = |machine: Machine| {
        let file = format!("target/{}/image/{PACKAGE}", machine.target());
        let program = fs::read(root().join(&file));
        Ok((
            machine,
            program.with_context(|| format!("There is no {file}."))?,
        ))
    };
    Machine::ALL.into_iter().map(read).collect()
}
