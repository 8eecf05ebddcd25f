//! The pages: one folder each, named after its route.

pub mod activity;
pub mod login;
pub mod media;
pub mod shell;
