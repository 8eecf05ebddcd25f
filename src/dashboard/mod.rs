//! The dashboard: what needs attention, what has changed since the last visit, what a question
//! costs the server. No browser.
//!
//! | file | what |
//! |---|---|
//! | [`destinations`] | how many other servers cannot be reached, in a few small questions |
//! | [`matter`] | what needs attention, worst first, and where it is dealt with |
//! | [`visit`] | the figures of the last visit, and how long each question took |

pub mod destinations;
pub mod matter;
pub mod visit;
