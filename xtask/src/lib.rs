//! Everything around the product: what `cargo xtask` does, and what the tests use of it.
//!
//! - [`tools`]: installs what is missing, once per version, outside the checkout.
//! - [`bundle`]: makes the release bundle with Trunk; [`finish`] is what Trunk leaves to do.
//! - [`serve`]: the static web server of the demo and the tests.
//! - [`synapse`]: a real Synapse on this machine.
//! - [`postgres`]: a real PostgreSQL below it.
//! - [`native`]: runs the requests of [`synapse_admin::api`] without a browser.
//! - [`demo`], [`dist`], [`size`], [`fuzz`], [`calc`], [`checks`] (`cargo xtask test`): the commands.
//! - [`calendar`]: dates of seconds since 1970, and back.
//! - [`process`]: running other programs, and stopping them when we are stopped.
//! - [`world`]: the sample world that the demo shows and the tests run in.
//! - [`mas`]: a stand-in for Matrix Authentication Service.
//! - [`sso`]: identity providers for single sign-on.
//! - [`web_servers`]: nginx, Caddy and Apache of the system.
//! - [`proxy`]: makes bad weather between a client and a Synapse, for tests.

pub mod bench;
pub mod bundle;
pub mod calc;
pub mod calendar;
pub mod checks;
pub mod crowd;
pub mod demo;
pub mod dist;
#[cfg(test)]
mod documents;
pub mod finish;
pub mod fuzz;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod house;
pub mod mas;
pub mod native;
pub mod postgres;
pub mod process;
#[cfg(test)]
mod promises;
pub mod proxy;
pub mod serve;
pub mod size;
pub mod split;
pub mod sso;
pub mod synapse;
pub mod tools;
pub mod translations;
pub mod web_servers;
pub mod world;

use std::path::{Path, PathBuf};

/// Names another checkout than [`root`] would.
pub const ROOT: &str = "XTASK_ROOT";

/// The checkout that this program was built from, unless [`ROOT`] is set: how the checks have the
/// release made from a second one.
pub fn root() -> PathBuf {
    if let Some(other) = std::env::var_os(ROOT) {
        return PathBuf::from(other);
    }
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// Prints an error with its reasons: each is a sentence, what failed first.
pub fn explain(error: &anyhow::Error) {
    for (depth, cause) in error.chain().enumerate() {
        eprintln!("{}{cause}", "  ".repeat(depth));
    }
}
