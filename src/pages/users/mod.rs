//! Pages about accounts.
//!
//! | folder | page |
//! |---|---|
//! | [`list`] | `#/users` |
//! | [`one`] | `#/users/@jane:example.org` |
//! | [`create`] | `#/create_user` |
//! | [`import`] | `#/import_users` |
//! | [`held`] | what Matrix Authentication Service keeps of an account, asked for |
//! | `kept_addresses` | the addresses that it keeps |
//! | [`identity`] | whose an identity of single sign-on is |
//! | [`at_mas`] | one account where Matrix Authentication Service keeps it |
//! | [`actions`] | what can be done to accounts, on the list and on the page of one |

pub mod actions;
pub mod at_mas;
pub mod create;
pub mod held;
pub mod identity;
pub mod import;
pub mod kept_addresses;
pub mod list;
pub mod one;
mod revoke;
