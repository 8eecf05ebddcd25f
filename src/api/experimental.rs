//! Experimental features that are switched on for one account.

use super::request::path;
use super::{Request, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The switches of an account by their name, such as `msc3881`. What the server has on for all
/// does not show here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Features {
    pub features: BTreeMap<String, bool>,
}

fn features_path(user: &UserId) -> String {
    path(&["/_synapse/admin/v1/experimental_features", user.as_str()])
}

/// The names that a server of this version (its minor number; `None` if unknown) takes.
pub fn known(minor: Option<u32>) -> Vec<&'static str> {
    // Name, first and last version.
    const KNOWN: [(&str, u32, u32); 5] = [
        ("msc3026", 83, 110),
        ("msc3575", 111, u32::MAX),
        ("msc3881", 83, u32::MAX),
        ("msc3967", 83, 109),
        ("msc4222", 119, u32::MAX),
    ];
    let minor = minor.unwrap_or(u32::MAX);
    KNOWN
        .into_iter()
        .filter(|(_, first, last)| (*first..=*last).contains(&minor))
        .map(|(name, ..)| name)
        .collect()
}

/// `GET /_synapse/admin/v1/experimental_features/{user_id}`. Since Synapse 1.83.
pub fn get(user: &UserId) -> Request<Features> {
    Request::get(features_path(user))
}

/// `PUT /_synapse/admin/v1/experimental_features/{user_id}`: switches these, and leaves the
/// others. 400 for a name that this version does not know. Since Synapse 1.83.
pub fn set(user: &UserId, features: &Features) -> Request<serde_json::Value> {
    Request::put(features_path(user), features)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_version_knows() {
        assert_eq!(known(Some(98)), ["msc3026", "msc3881", "msc3967"]);
        assert_eq!(known(None), ["msc3575", "msc3881", "msc4222"]);
        assert!(known(Some(70)).is_empty());
    }
}
