//! The wire: what Synapse understands, as plain Rust values.
//!
//! One endpoint is one documented function that returns a [`Request`] and does no I/O. The
//! browser client and the native client of the tests run the same values.
//!
//! | file | chapter |
//! |---|---|
//! | [`request`] | what a request and an answer are; the `curl` form of a request |
//! | [`error`] | what can go wrong, told apart by what an administrator can do about it |
//! | [`exchange`] | sending with patience: retries, backoff, 429 |
//! | [`pages`] | lists that come page by page, read to their end |
//! | [`ids`] | user IDs, server names, media URIs, homeserver URLs |
//! | [`origin`] | which addresses are of one server |
//! | [`tolerant`] | reading answers of old and new Synapse versions |
//! | [`tame`] | reading what is nested too deeply |
//! | [`server`] | version, spec versions, what this server can do |
//! | [`discovery`], [`login`] | finding the homeserver, getting and giving back a token |
//! | [`oauth`], [`authorization`], [`mas`] | the same where Matrix Authentication Service keeps the accounts |
//! | [`users`], [`media`], [`statistics`], [`rooms`] | the Admin API by chapter |
//! | [`registration_tokens`] | who may register |
//! | [`reports`] | what people have reported |
//! | [`federation`] | other servers, and how it goes with them |
//! | [`quarantine`] | what was put into quarantine, and taken out |
//! | [`tasks`], [`background_updates`] | what the server does in the background |
//! | [`events`], [`room_removal`], [`extremities`], [`directory`] | what else belongs to a room |
//! | [`devices`], [`whois`], [`pushers`], [`rate_limit`], [`experimental`], [`account_data`], [`account_validity`], [`redact`], [`notices`] | what else belongs to an account |

pub mod account_data;
pub mod account_validity;
pub mod authorization;
pub mod background_updates;
pub mod devices;
pub mod directory;
pub mod discovery;
pub mod encode;
pub mod error;
pub mod events;
pub mod exchange;
pub mod experimental;
pub mod extremities;
pub mod federation;
pub mod ids;
pub mod login;
pub mod mas;
pub mod media;
pub mod notices;
pub mod oauth;
pub mod origin;
pub mod pages;
pub mod pushers;
pub mod quarantine;
pub mod rate_limit;
pub mod redact;
pub mod registration_tokens;
pub mod reports;
pub mod request;
pub mod room_removal;
pub mod rooms;
pub mod server;
pub mod statistics;
pub mod tame;
pub mod tasks;
pub mod tolerant;
pub mod users;
pub mod whois;

pub use error::ApiError;
pub use ids::{EventId, HomeserverUrl, MxcUri, RoomAlias, RoomId, ServerName, UserId};
pub use request::{Answer, Call, Method, Request};
