//! Accounts: what there is to know of them without a browser.
//!
//! | file | what |
//! |---|---|
//! | [`query`] | the question of the list of users, answered by the server or by us |
//! | [`address`] | that question as it stands in the address |
//! | [`actions`] | the table of actions on accounts |
//! | [`census`] | how many there are of each kind, and since when |
//! | [`bridges`] | accounts of bridges and bots, recognised by their IDs |
//! | [`creation`] | a new account at MAS, piece by piece |
//! | [`standing`] | how an account stands where Matrix Authentication Service keeps it |
//! | [`idle`] | sessions that nobody has used for a while |
//! | [`picked`] | what accounts were picked by, kept with what is to be done to them |
//! | [`sessions`] | the sessions that MAS keeps of an account |
//! | [`markup`] | what is typed into a server notice, as apps show it |

pub mod actions;
pub mod address;
pub mod bridges;
pub mod census;
pub mod creation;
pub mod idle;
pub mod markup;
pub mod picked;
pub mod query;
pub mod sessions;
pub mod standing;
