//! Rooms: what there is to know of them without a browser.
//!
//! | file | what |
//! |---|---|
//! | [`query`] | the question of the list of rooms, answered by the server or by us |
//! | [`actions`] | the table of actions on rooms |
//! | [`directory`] | the question of a room directory's list |
//! | [`members`] | the table of actions on members, and by which right |
//! | [`message_filter`] | which messages of a room are shown |
//! | [`pasted`] | the rooms in a text that somebody has pasted |
//! | [`power_levels`] | who may do what in a room |
//! | [`purge_preview`] | what removing a room's history would hit |

pub mod actions;
pub mod directory;
pub mod members;
pub mod message_filter;
pub mod pasted;
pub mod power_levels;
pub mod purge_preview;
pub mod query;
