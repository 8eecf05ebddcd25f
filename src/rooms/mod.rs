//! Rooms: what there is to know of them without a browser.
//!
//! | file | what |
//! |---|---|
//! | [`query`] | the question of the list of rooms, answered by the server or by us |
//! | [`actions`] | the table of actions on rooms |
//! | [`blocked`] | the rooms that a browser remembers to have blocked |
//! | [`mod@deletion_so_far`] | what the server has done of a deletion, while it is at it |
//! | [`directory`] | the question of a room directory's list |
//! | [`hierarchy`] | what is in a space, page by page |
//! | [`joining`] | having somebody join a room |
//! | [`leaving`] | leaving a room in the name of an account that Matrix Authentication Service keeps |
//! | [`meant`] | what rooms were picked by, kept with what is to be done to them |
//! | [`members`] | the table of actions on members, and by which right |
//! | [`message_filter`] | which messages of a room are shown |
//! | [`names`] | what members are called, where names are shared or pass for others |
//! | [`pasted`] | the rooms in a text that somebody has pasted |
//! | [`power_levels`] | who may do what in a room |
//! | [`said`] | the row of what can be done about an event |
//! | [`spaces`] | the tree of all spaces |
//! | [`purge_preview`] | what removing a room's history would hit |
//! | [`unread`] | counts over rooms of which some could not be read |

pub mod actions;
pub mod blocked;
pub mod deletion_so_far;
pub mod directory;
pub mod hierarchy;
pub mod joining;
pub mod leaving;
pub mod meant;
pub mod members;
pub mod message_filter;
pub mod names;
pub mod pasted;
pub mod power_levels;
pub mod purge_preview;
pub mod query;
pub mod said;
pub mod spaces;
pub mod unread;
