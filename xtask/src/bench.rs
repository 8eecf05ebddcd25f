//! `cargo xtask bench`: how fast it is. Numbers for people to compare, never a verdict.

use crate::{bundle, process, root, synapse, tools, web_servers};
use anyhow::{Result, bail};

/// What can be measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bench {
    /// Users per second of an import beside a plain client.
    Import,
    /// An import over HTTP/2 beside HTTP/1.1, through nginx.
    Http2,
    /// How long pages of a long list of users take.
    List,
    /// How long a large file keeps the page of the import busy.
    Read,
}

impl Bench {
    /// The one of that name.
    pub fn named(name: &str) -> Result<Bench> {
        match name {
            "import" => Ok(Bench::Import),
            "http2" => Ok(Bench::Http2),
            "list" => Ok(Bench::List),
            "read" => Ok(Bench::Read),
            _ => bail!("There is no benchmark “{name}”. There are: import, http2, list, read."),
        }
    }

    /// How many users or rows there are if nobody says.
    pub fn usual_size(self) -> u32 {
        match self {
            Bench::Import | Bench::Http2 => 500,
            Bench::List | Bench::Read => 100_000,
        }
    }
}

/// Measures, with the release bundle, and prints what came out.
pub fn run(bench: Bench, size: u32) -> Result<()> {
    bundle::ready()?;
    tools::synapse(&synapse::version_from_env())?;
    tools::browser()?;
    if bench == Bench::Http2 {
        web_servers::ready()?;
    }
    let (name, variable) = match bench {
        Bench::Import => ("import", "BENCH_USERS"),
        Bench::Http2 => ("http2", "BENCH_USERS"),
        Bench::List => ("list", "BENCH_USERS"),
        Bench::Read => ("read", "BENCH_ROWS"),
    };
    let mut cargo = process::cargo();
    cargo
        .current_dir(root())
        // What is measured is in the browser and on the server; building the rest for speed
        // would only take long.
        .args(["bench", "--quiet", "--locked", "--profile", "dev"])
        .args(["--package", "journeys", "--bench", name])
        .env(variable, size.to_string());
    if !process::run_in_front(&mut cargo)? {
        bail!("The benchmark did not come to its end. The reason is above.");
    }
    Ok(())
}
