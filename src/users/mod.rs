//! What there is to know of accounts. Native, no requests.
//!
//! | file | what |
//! |---|---|
//! | [`bridges`] | accounts of bridges and bots, recognised by their IDs |

pub mod bridges;
