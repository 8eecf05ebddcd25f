//! Synapse Admin: administer a Matrix homeserver from the browser.
//!
//! The rooms of the house, from the ground up. A room uses those that stand above it in this list
//! and no other; `cargo xtask test` holds it to that.
//!
//! | room | what | browser |
//! |---|---|---|
//! | [`api`] | the wire: what Synapse understands, as plain Rust values | no |
//! | [`runner`] | works through many items as fast as the server allows, and accounts for each | no |
//! | [`listing`] | the question that a list asks, as it stands in the URL; CSV | no |
//! | [`known`] | a value, or that nobody knows it and why | no |
//! | [`config`] | what whoever deploys the panel or the homeserver decides | no |
//! | [`import`] | a CSV file becomes users: read, validate, plan, run, report | no |
//! | `browser` | what the browser has: clock, storage, downloads, navigation, things of which a tab has one | yes |
//! | [`i18n`] | every sentence a person reads, in every language | no |
//! | [`address`] | where a page is, and what a typed or pasted text names | no |
//! | [`actions`] | the row of an action; what a change may have touched | no |
//! | [`users`], [`rooms`], [`media`], [`registration_tokens`], [`reports`], [`federation`] | a subject each: the question of its list, its table of actions, what an action would hit | no |
//! | [`dashboard`] | what needs attention, what has changed since the last visit | no |
//! | `session` | who is signed in, to which homeserver, with which rights; the one network client | yes |
//! | [`ui`] | `view!`: markup as data of one type | yes, all but how two views are compared |
//! | `components` | building blocks that know nothing of Matrix | yes |
//! | `operations` | the one way to change something on the server; jobs; the activity log | yes |
//! | `lists` | where the rows of a list come from, selection, export; its table | yes |
//! | `widgets` | building blocks that know Matrix and the session | yes |
//! | `pages` | pages and nothing else, below their subject | yes |
//! | `app` | the table of pages, the frame around them, the router, the parts to download | yes |
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
