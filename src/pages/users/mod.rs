//! Pages about accounts.
//!
//! | folder | page |
//! |---|---|
//! | [`list`] | `#/users` |
//! | [`one`] | `#/users/@jane:example.org` |
//! | [`create`] | `#/create_user` |
//! | [`import`] | `#/import_users` |
//! | [`subject`] | whom these actions are about |
//! | [`at_mas`] | one account where Matrix Authentication Service keeps it |
//! | [`actions`] | what can be done to accounts, on the list and on the page of one |

pub mod actions;
pub mod at_mas;
pub mod create;
pub mod import;
pub mod list;
pub mod one;
mod revoke;
pub mod subject;
