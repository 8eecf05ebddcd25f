//! The pages: one folder each, named after its route.

pub mod actions;
pub mod activity;
pub mod address;
pub mod closed;
pub mod create_user;
pub mod event;
pub mod file;
pub mod files;
pub mod gather;
pub mod import_users;
pub mod login;
pub mod media;
pub mod palette;
pub mod pictures;
pub mod ready;
pub mod room;
pub mod room_actions;
pub mod room_field;
pub mod rooms;
pub mod shell;
pub mod unknown;
pub mod user;
pub mod user_actions;
pub mod users;
pub mod whole;
