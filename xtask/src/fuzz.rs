//! `cargo xtask fuzz`: files of every kind against the reader, the validator and the plan of an
//! import, and histories of jobs, many more than the tests try.

use crate::{process, root};
use anyhow::{Result, bail};

/// What whole jobs come to, whatever the network, the server and others do meanwhile.
const HISTORIES: [&str; 2] = ["import::run::tests::", "media::deletion::histories::"];

/// So many files are tried for each history: that takes as much longer.
const FILES_PER_HISTORY: u32 = 10;

/// Tries so many random files for each property of `src/import/fuzz.rs`, and histories of imports and of removals
/// of media. Other ones each time.
pub fn run(cases: u32) -> Result<()> {
    tries(&["import::fuzz::"], cases)?;
    println!("{cases} files for each property, and all hold.");
    let histories = cases.div_ceil(FILES_PER_HISTORY);
    tries(&HISTORIES, histories)?;
    println!("{histories} histories of each kind, and all outcomes are true.");
    Ok(())
}

fn tries(properties: &[&str], cases: u32) -> Result<()> {
    let mut cargo = process::cargo();
    cargo
        .current_dir(root())
        .args(["test", "--quiet", "--locked", "--profile", "fuzz"])
        .args(["--package", "synapse-admin", "--lib", "--"])
        .args(properties)
        .env("PROPTEST_CASES", cases.to_string());
    if !process::run_in_front(&mut cargo)? {
        bail!("There is a case for which a property does not hold. The smallest one is above.");
    }
    Ok(())
}
