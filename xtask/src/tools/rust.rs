//! What of Rust itself may be missing: targets, rustfmt and clippy.

use super::cache;
use super::installation::lock;
use crate::{process, root};
use anyhow::{Context, Result, bail};
use std::path::Path;

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

/// The compiler, as it names itself: `rustc 1.95.0 (59807616e 2026-04-14)`.
///
/// # Errors
/// When there is none.
pub fn rustc_version() -> Result<String> {
    let mut rustc = process::command("rustc");
    rustc.current_dir(root());
    process::answer(rustc.arg("--version"))
        .map(|version| version.trim().to_owned())
        .context("Rust is missing. Install it from https://rustup.rs and run this again.")
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

/// Has rustup add something to the Rust of the checkout.
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
