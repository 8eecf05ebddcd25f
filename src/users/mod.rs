//! Accounts: what there is to know of them without a browser.
//!
//! | file | what |
//! |---|---|
//! | [`query`] | the question of the list of users, answered by the server or by us |
//! | [`actions`] | the table of actions on accounts |
//! | [`census`] | how many there are of each kind, and since when |
//! | [`bridges`] | accounts of bridges and bots, recognised by their IDs |

pub mod actions;
pub mod bridges;
pub mod census;
pub mod query;
