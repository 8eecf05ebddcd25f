//! Synapse in a Python environment, and what it needs beside it.

use super::installation::{STAMP, Tool, install, lock};
use super::registries::{pip, python_environment};
use super::{AUTHLIB, PSYCOPG, cache};
use crate::process;
use anyhow::Result;
use std::path::{Path, PathBuf};

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

#[cfg(test)]
mod tests {
    use super::*;

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
}
