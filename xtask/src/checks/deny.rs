//! The stage `deny`: what `deny.toml` allows of the crates that others have written.

use crate::{process, root, tools};
use anyhow::Result;

/// Whether licences, sources and versions are as they may be. Known faults are told where the
/// database of them can be reached, and refuse nothing: they appear from one day to the next.
pub fn check() -> Result<bool> {
    let deny = |what: &[&str]| -> Result<bool> {
        let mut deny = process::command(tools::cargo_deny()?);
        deny.current_dir(root())
            .args(["--workspace", "--locked", "check", "--hide-inclusion-graph"])
            .args(what);
        process::run_in_front(&mut deny)
    };
    let passed = deny(&["bans", "licenses", "sources"])?;
    let mut database = process::command("git");
    database
        .env("GIT_TERMINAL_PROMPT", "0")
        .args([
            "-c",
            "http.lowSpeedLimit=1000",
            "-c",
            "http.lowSpeedTime=10",
        ])
        .args([
            "ls-remote",
            "--quiet",
            "https://github.com/RustSec/advisory-db",
            "HEAD",
        ]);
    if process::answer(&mut database).is_none() {
        eprintln!("Known faults were not looked for: the RustSec database cannot be reached.");
    } else if !deny(&["advisories"])? {
        eprintln!("WARNING: there are known faults, see above.");
    }
    Ok(passed)
}
