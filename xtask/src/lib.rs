//! Everything around the product: what `cargo xtask` does, and what the tests use of it.
//!
//! - [`synapse`]: a real Synapse on this machine.
//! - [`native`]: runs the requests of [`synapse_admin::api`] without a browser.

pub mod native;
pub mod synapse;
