//! `cargo xtask bench`: how fast it is. Numbers for people to compare, never a verdict.

use crate::{bundle, process, root, synapse, tools};
use anyhow::{Result, bail};

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {
    /// Users per second of an import beside a plain client.
    Import,
}

impl Bench {
    /// The one of that name.
    pub fn named(name: &str) -> Result<Bench> {
        match name {
            "import" => Ok(Bench::Import),
            _ => bail!("There is no benchmark “{name}”. There is: import."),
        }
    }
}

/// Measures, with the release bundle, and prints what came out.
pub fn run(bench: Bench, users: u32) -> Result<()> {
    bundle::ready()?;
    tools::synapse(&synapse::version_from_env())?;
    tools::browser()?;
    let Bench::Import = bench;
    let mut cargo = process::cargo();
    cargo
        .current_dir(root())
        // What is measured is in the browser and on the server; building the rest for speed
        // would only take long.
        .args(["bench", "--quiet", "--locked", "--profile", "dev"])
        .args(["--package", "journeys", "--bench", "import"])
        .env("BENCH_USERS", users.to_string());
    if !process::run_in_front(&mut cargo)? {
        bail!("The benchmark did not come to its end. The reason is above.");
    }
    Ok(())
}
