//! The stage `web-servers`: Debian's nginx, Caddy and Apache run the examples of `docs/deploy.md`.

use super::{journeys, tools};
use crate::{bundle, web_servers};
use anyhow::Result;

/// Installs what it needs.
pub fn prepare(synapse: &str) -> Result<()> {
    tools::synapse(synapse)?;
    tools::browser()?;
    tools::axe_core()?;
    web_servers::ready().map(drop)
}

/// Runs it against this version of Synapse.
pub fn check(synapse: &str, filters: &[String]) -> Result<bool> {
    bundle::ready()?;
    journeys(synapse, &["--test", "web_servers"], filters)
}
