//! Pages about rooms and what is in them.
//!
//! | folder | page |
//! |---|---|
//! | [`list`] | `#/rooms` |
//! | [`one`] | `#/rooms/!abc:example.org` |
//! | [`event`] | `#/events/$abc` |
//! | [`directory`] | `#/room_directory` |
//! | [`blocked`] | `#/blocked_rooms` |
//! | [`spaces`] | `#/spaces` |
//! | [`branch`] | a room in a tree of spaces |
//! | [`blocks`] | which rooms are blocked |
//! | [`account`] | an account of this server, as a person types it |
//! | [`leaving`] | leaving a room in the name of an account |
//! | [`actions`] | what can be done to rooms, on the list and on the page of one |

pub mod account;
pub mod actions;
pub mod blocked;
pub mod blocks;
pub mod branch;
pub mod directory;
pub mod event;
pub mod leaving;
pub mod list;
pub mod one;
pub mod spaces;
