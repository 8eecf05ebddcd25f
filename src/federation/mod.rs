//! Other servers: how it goes with them, without a browser.
//!
//! | file | what |
//! |---|---|
//! | [`actions`] | the table of what can be done to them |
//! | [`cost`] | what servers cost that cannot be reached |
//! | [`health`] | whether a server can be reached, since when not, and when it is tried again |
//! | [`query`] | the question of the list of servers, answered by the server or by us |
//! | [`retried`] | those that are being tried again, until it is known how that ended |

pub mod actions;
pub mod cost;
pub mod health;
pub mod query;
pub mod retried;

pub use health::Health;
pub use query::Question;
pub use retried::Retried;
