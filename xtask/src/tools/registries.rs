//! How packages of crates.io, npm and PyPI get into a folder.

use super::installation::{Tool, install};
use crate::process;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// `cargo install` into a folder; what is to be installed is added by the caller.
pub fn cargo_install(folder: &Path) -> Command {
    let mut cargo = process::cargo();
    // What is installed beside it waits for the app's compilation in the end, never the other way.
    if let Some(nice) = process::find("nice") {
        let mut behind = process::command(nice);
        behind.args(["-n", "10"]).arg(cargo.get_program());
        cargo = behind;
    }
    // Their own release profiles optimise for minutes what runs for seconds.
    cargo
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1")
        .current_dir(folder)
        .args(["install", "--root"])
        .arg(folder);
    cargo
}

/// A tool that comes from npm.
pub struct NpmTool<'a> {
    pub name: &'a str,
    pub package: &'a str,
    pub version: &'a str,
    pub folder: &'a str,
    /// Given the folder of the package's programs.
    pub check: &'a dyn Fn(&Path) -> Option<()>,
}

/// The folder with the package's programs.
pub fn npm_tool(tool: &NpmTool) -> Result<PathBuf> {
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

/// Makes an empty Python environment in a folder.
pub fn python_environment(folder: &Path, log: &Path) -> Result<()> {
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
pub fn pip(folder: &Path) -> Command {
    let mut pip = process::command(folder.join("bin/python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(["--progress-bar", "off", "--prefer-binary"]);
    pip
}
