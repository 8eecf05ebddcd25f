//! What makes the bundle: Trunk, and what splits and shrinks its files.

use super::installation::{Tool, install, says};
use super::registries::{NpmTool, cargo_install, npm_tool};
use super::{BINARYEN, ESBUILD, TRUNK, WASM_SPLIT};
use crate::{process, root};
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::PathBuf;

/// Trunk, which builds the bundle: the folder with the program.
pub fn trunk() -> Result<PathBuf> {
    let folder = install(&Tool {
        name: "Trunk",
        version: TRUNK,
        folder: &format!("trunk-{TRUNK}"),
        pins: &[],
        effort: "5 minutes on two processors",
        check: &|folder| says(folder.join("bin/trunk"), &["--version"], TRUNK),
        install: &|folder, log| {
            let mut cargo = cargo_install(folder);
            cargo.args(["trunk", "--version", TRUNK]);
            // It is never to reach the network: no TLS, which takes a third of the time. And what it
            // does itself takes a second: the compiler's work is spared rather than its own.
            cargo.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
            process::run_logged(cargo.args(["--locked", "--no-default-features"]), log)
        },
    })?;
    Ok(folder.join("bin"))
}

/// The wasm-bindgen command of exactly the version in `Cargo.lock`: the folder with the
/// program. It is the library of that version with a command of our own, see
/// `xtask/wasm-bindgen/main.rs`.
pub fn wasm_bindgen() -> Result<PathBuf> {
    let lock = fs::read_to_string(root().join("Cargo.lock")).context("Cannot read Cargo.lock.")?;
    let version = locked(&lock, "wasm-bindgen")
        .context("Cargo.lock has no wasm-bindgen. Take it from the repository again.")?;
    let folder = install(&Tool {
        name: "the wasm-bindgen command",
        version: &version,
        folder: &wasm_bindgen_folder(&version),
        pins: &[WASM_BINDGEN, WASM_BINDGEN_LOCK],
        effort: "up to 4 minutes",
        check: &|folder| says(folder.join("bin/wasm-bindgen"), &["--version"], &version),
        install: &|folder, log| {
            let source = folder.join("source");
            fs::create_dir(&source)?;
            fs::write(source.join("Cargo.toml"), manifest(&version))?;
            fs::write(source.join("main.rs"), WASM_BINDGEN)?;
            fs::write(source.join("Cargo.lock"), WASM_BINDGEN_LOCK)?;
            let mut cargo = cargo_install(folder);
            cargo.arg("--locked").arg("--path").arg(&source);
            process::run_logged(&mut cargo, log)?;
            fs::remove_dir_all(&source).context("Cannot remove what it was compiled from.")
        },
    })?;
    Ok(folder.join("bin"))
}

/// The folder of the wasm-bindgen command, below the cache. It is named after the command's source
/// as well: two checkouts of which each has its own would otherwise install it over and over.
fn wasm_bindgen_folder(version: &str) -> String {
    let source = Sha256::new()
        .chain_update(WASM_BINDGEN)
        .chain_update(WASM_BINDGEN_LOCK)
        .finalize();
    let mut name = format!("wasm-bindgen-{version}-");
    name.extend(source.iter().take(4).map(|byte| format!("{byte:02x}")));
    name
}

/// The source of the wasm-bindgen command.
const WASM_BINDGEN: &str = include_str!("../../wasm-bindgen/main.rs");

/// With which versions of others it is compiled: what it writes is shipped, and is to be the same
/// whenever it is made.
const WASM_BINDGEN_LOCK: &str = include_str!("../../wasm-bindgen/Cargo.lock");

/// The `Cargo.toml` of the wasm-bindgen command.
fn manifest(version: &str) -> String {
    format!(
        "[package]\nname = \"wasm-bindgen\"\nversion = \"{version}\"\nedition = \"2024\"\n\n\
         [[bin]]\nname = \"wasm-bindgen\"\npath = \"main.rs\"\n\n\
         [dependencies]\nwasm-bindgen-cli-support = \"={version}\"\n\n[workspace]\n"
    )
}

/// wasm-split-cli, which cuts the program into files: the folder with the program.
pub fn wasm_split() -> Result<PathBuf> {
    const PACKAGE: &str = "wasm_split_cli_support";
    let folder = install(&Tool {
        name: "wasm-split-cli",
        version: WASM_SPLIT,
        folder: &format!("wasm-split-{WASM_SPLIT}"),
        pins: &[],
        effort: "up to 4 minutes",
        check: &|folder| {
            // It does not tell its version, but cargo remembers what it installed.
            let installed = fs::read_to_string(folder.join(".crates.toml")).ok()?;
            process::answer(process::command(folder.join("bin/wasm-split-cli")).arg("--help"))?;
            installed
                .contains(&format!("\"{PACKAGE} {WASM_SPLIT} "))
                .then_some(())
        },
        install: &|folder, log| {
            let mut cargo = cargo_install(folder);
            cargo.args([PACKAGE, "--version", WASM_SPLIT]);
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

/// The version of a package in a `Cargo.lock`.
fn locked(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locked_version_is_that_of_the_very_package() {
        let lock = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked(lock, "wasm"), None);
    }

    #[test]
    fn the_folder_of_the_wasm_bindgen_command_tells_its_version_and_its_source() {
        let folder = wasm_bindgen_folder("0.2.130");
        let source = folder.strip_prefix("wasm-bindgen-0.2.130-").unwrap();
        assert_eq!(source.len(), 8, "{folder}");
    }

    #[test]
    fn the_command_of_wasm_bindgen_has_the_version_of_its_library() {
        let manifest = manifest("0.2.130");
        assert!(manifest.contains("\nversion = \"0.2.130\"\n"), "{manifest}");
        let library = "\nwasm-bindgen-cli-support = \"=0.2.130\"\n";
        assert!(manifest.contains(library), "{manifest}");
    }

    /// Whoever takes another wasm-bindgen makes the command's lock file anew: `cargo
    /// generate-lockfile` in a folder with what [`manifest`] says and an empty `main.rs`.
    #[test]
    fn the_command_of_wasm_bindgen_is_locked_to_its_library() {
        let ours = fs::read_to_string(root().join("Cargo.lock")).unwrap();
        let version = locked(&ours, "wasm-bindgen").unwrap();
        for package in ["wasm-bindgen", "wasm-bindgen-cli-support"] {
            assert_eq!(locked(WASM_BINDGEN_LOCK, package).as_ref(), Some(&version));
        }
    }
}
