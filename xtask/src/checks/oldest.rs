//! `cargo xtask test --only oldest`: the oldest Synapse that the panel answers for. On request,
//! because it installs one more Synapse and seldom finds what the old one does not.

use super::{against, front, with_filters};
use crate::synapse::OLDEST_VERSION;
use anyhow::Result;

/// Every endpoint: what pages make of an answer is tried with the old one.
pub(super) fn run(filters: &[String]) -> Result<bool> {
    let mut endpoints = against(OLDEST_VERSION, &["--test", "api"]);
    front(with_filters(&mut endpoints, filters))
}
