//! Synapse Admin: administer a Matrix homeserver from the browser.
//!
//! The rooms of the house, from the ground up. Arrows only point down.
//!
//! - [`api`]: the wire. What Synapse understands, as plain Rust values. No browser, no UI.
//! - [`runner`]: works through many items, several at a time, as fast as the server allows,
//!   and accounts for every one of them. No browser, no UI.
//! - [`import`]: a CSV file becomes users: read, validate, plan, run, report. No browser, no UI.
//! - [`i18n`]: every sentence a person reads, in every language.
//! - `session`: who is logged in, to which homeserver; where the token lives; the one
//!   network client.
//! - `operations`: the one way to change something on the server: describe, preview, confirm,
//!   run, report, log.
//! - `components`: the building blocks of the pages. They know nothing of Matrix.
//! - `pages`: one folder per page, named after its route.
//! - `app`: providers and the route table.
//!
//! The first four compile natively and hold most of the tests; the others need a browser and
//! exist in the wasm build only.

pub mod api;
