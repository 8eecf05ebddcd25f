//! `cargo xtask fuzz`: files of every kind against the reader, the validator and the plan of an
//! import, many more than the tests try.

use crate::{process, root};
use anyhow::{Result, bail};

/// Tries so many random files for each property of `src/import/fuzz.rs`. Other ones each time.
pub fn run(cases: u32) -> Result<()> {
    let mut cargo = process::cargo();
    cargo
        .current_dir(root())
        .args(["test", "--quiet", "--locked", "--profile", "fuzz"])
        .args(["--package", "synapse-admin", "--lib", "import::fuzz::"])
        .env("PROPTEST_CASES", cases.to_string());
    if !process::run_in_front(&mut cargo)? {
        bail!("There is a file for which a property does not hold. The smallest one is above.");
    }
    println!("{cases} files for each property, and all hold.");
    Ok(())
}
