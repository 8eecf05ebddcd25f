//! The pages, below their subject. What several of them share stands in `widgets`.

pub mod activity;
pub mod authentication;
pub mod closed;
pub mod dashboard;
pub mod federation;
pub mod login;
pub mod media;
pub mod registration_tokens;
pub mod reports;
pub mod rooms;
pub mod settings;
pub mod statistics;
pub mod tasks;
pub mod users;
