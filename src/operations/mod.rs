//! The one way to change something on the server: describe, preview, confirm, run, report, log.
//!
//! | file | what |
//! |---|---|
//! | [`activity`] | the log of every change of this session, and the network that writes it |
//! | [`acts`] | carrying out an action of a table: asked again right before, and undone |
//! | [`carried`] | jobs of actions over signing in again in the same tab |
//! | [`diary`] | that log over a reload |
//! | [`errands`] | what is kept of that in the browser |
//! | [`followed`] | what the server carries out in the background, followed across reloads |
//! | [`given`] | passwords that a change has given, shown wherever the person is |
//! | [`job`] | something that runs in the background: progress, pause, cancel, retry, report |
//! | [`mod@joining`] | having users join rooms |
//! | [`proposal`] | what is about to be done, shown before it is: the confirmation |
//! | [`report`] | reports as CSV |
//! | [`unfinished`] | whether an earlier tab left something unfinished |
//! | [`words`] | what a job is doing and what it has done, in words |
//! | [`targets`] | a job that does the same to many targets, the form of nearly every change |
//! | [`value`] | changing a value, undone by what stood there right before |
//!
//! The same code runs one change or ten thousand. A page makes a [`Proposal`] and gives it to
//! [`Operations::propose`]; everything else happens here and in `app::frame`.

pub mod activity;
pub mod acts;
pub mod background;
pub mod carried;
mod diary;
mod errands;
pub mod followed;
pub mod given;
pub mod job;
pub mod joining;
pub mod proposal;
pub mod report;
pub mod targets;
pub mod unfinished;
pub mod value;
pub mod words;

pub use activity::{Activity, Recorded};
pub use job::{Job, Jobs};
pub use joining::joining;
pub use proposal::{Confirmation, Fields, Operations, Proposal};
pub use targets::{OnTarget, Target, TargetJob};
