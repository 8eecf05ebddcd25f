//! Accounts: what there is to know of them without a browser.
//!
//! | file | what |
//! |---|---|
//! | [`query`] | the question of the list of users, answered by the server or by us |
//! | [`actions`] | the table of actions on accounts |
//! | [`bridges`] | accounts of bridges and bots, recognised by their IDs |
//! | [`idle`] | sessions that nobody has used for a while |
//! | [`markup`] | what is typed into a server notice, as apps show it |

pub mod actions;
pub mod bridges;
pub mod idle;
pub mod markup;
pub mod query;
