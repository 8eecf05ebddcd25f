//! Pages about rooms and what is in them.
//!
//! | folder | page |
//! |---|---|
//! | [`list`] | `#/rooms` |
//! | [`one`] | `#/rooms/!abc:example.org` |
//! | [`event`] | `#/events/$abc` |
//! | [`subject`] | which rooms these actions are about |
//! | [`actions`] | what can be done to rooms, on the list and on the page of one |

pub mod actions;
pub mod event;
pub mod list;
pub mod one;
pub mod subject;
