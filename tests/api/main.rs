//! The contract with Synapse: every endpoint function of `synapse_admin::api`, run against a
//! real server in the sample world, and its answers as our types have them.
//!
//! `SYNAPSE_VERSION=1.98.0` runs the same against an older server; what it lacks is left out
//! where it says so.

mod accounts;
mod background;
mod directory;
mod errors;
mod federation;
mod guard;
mod in_rooms;
mod login;
mod meaning;
mod media;
mod moderation;
mod oauth;
mod registration_tokens;
mod reports;
mod rooms;
mod server;
mod statistics;
mod undone;
mod unread;
mod users;
