//! The addresses of pages that belong to one thing.

use crate::api::UserId;
use crate::api::encode::encoded;

/// The route of a user's page, as people write it: `/users/@jane:example.org`. `tab` is empty
/// for the first.
pub fn of_user(user: &UserId, tab: &str) -> String {
    let id = encoded(user.as_str())
        .replace("%40", "@")
        .replace("%3A", ":");
    match tab {
        "" => format!("/users/{id}"),
        tab => format!("/users/{id}?tab={tab}"),
    }
}
