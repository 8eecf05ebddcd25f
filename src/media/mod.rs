//! Where the space of the media repository goes: all files, as small as they can be kept, and how
//! much they are by user, type, age, size and month.
//!
//! | file | what |
//! |---|---|
//! | [`mod@file`] | one file, as lists and pages know it |
//! | [`actions`] | the table of actions on files |
//! | [`deletion`] | what a deletion of old media will hit, before it does |
//! | [`changes`] | what has happened to files since they were read |
//! | [`class`] | what a file is, and the bounds of the charts |
//! | [`index`] | all files that have been read |
//! | `kept_page` | one page of what a question finds, while lists are read |
//! | [`of_rooms`] | which files rooms have, and how much they are |
//! | [`question`] | which of them are looked at, as it stands in the address |
//! | [`reach`] | how far lists have been read, and how what was counted in them is told |
//! | [`rules`] | clean-ups that are kept under a name |
//! | [`summary`] | how much they are, by each question an administrator has |
//! | [`uploads`] | how much accounts have uploaded |
//!
//! The server tells how much each user has, at once; of the files themselves it tells user by
//! user. An [`Index`] holds both, so that what is not read yet is known at least by its size.

pub mod actions;
pub mod changes;
pub mod class;
pub mod deletion;
pub mod file;
pub mod index;
mod kept_page;
pub mod of_rooms;
pub mod question;
pub mod reach;
pub mod rules;
pub mod summary;
pub mod uploads;

pub use changes::{FileChange, GoneFile};
pub use class::Class;
pub use file::{FileOrder, Fingerprint, StoredFile};
pub use index::Index;
pub use question::{Moments, Question};
pub use summary::{Passes, Sum, Summary, Summing, TotalSize};
