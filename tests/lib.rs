//! What the tests share.

pub mod browser;
pub mod mas;
pub mod server;
pub mod web;
