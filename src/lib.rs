//! Synapse Admin: administer a Matrix homeserver from the browser.
//!
//! `docs/architecture.md` has the map: the rooms of the house from the ground up, what each is for, and
//! which may use which. `xtask/src/house.rs` holds the tree to it.
//!
//! What runs without a browser compiles natively and holds most of the tests; the rest exists in
//! the wasm build only.

pub mod actions;
pub mod address;
pub mod api;
#[cfg(target_arch = "wasm32")]
pub mod app;
pub mod authentication;
#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
pub mod components;
pub mod config;
#[cfg(test)]
mod conventions;
pub mod dashboard;
pub mod federation;
pub mod i18n;
pub mod import;
pub mod known;
pub mod listing;
#[cfg(target_arch = "wasm32")]
pub mod lists;
pub mod media;
#[cfg(target_arch = "wasm32")]
pub mod operations;
#[cfg(target_arch = "wasm32")]
pub mod pages;
pub mod registration_tokens;
pub mod reports;
pub mod rooms;
pub mod runner;
#[cfg(target_arch = "wasm32")]
pub mod session;
pub mod ui;
pub mod users;
#[cfg(target_arch = "wasm32")]
pub mod widgets;

/// The examples of the guide, compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/contributing.md")]
pub struct Guide;
