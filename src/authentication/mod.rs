//! Matrix Authentication Service (MAS), where it keeps the accounts. Native, no requests.
//!
//! | file | what |
//! |---|---|
//! | [`sessions`] | a session of any kind, what is asked of their list, ending them |
//! | [`links`] | accounts at providers of single sign-on, and removing these links |
//! | [`personal`] | personal sessions: their state, the rights that they are given, revoking them |
//! | [`policy`] | what is typed as the data of the policy |

pub mod links;
pub mod personal;
pub mod policy;
pub mod sessions;

use crate::api::tolerant::Timestamp;

/// The name of the filter by the one whose it is.
pub const USER: &str = "user";

const DAY_MS: i64 = 86_400_000;

/// The moment so many days ago.
pub fn days_before(now: Timestamp, days: u32) -> Timestamp {
    Timestamp(now.0.saturating_sub(i64::from(days) * DAY_MS))
}

/// The localpart that is meant by what was typed as a user: an ID of this server, or its localpart alone.
/// `None`: somebody of another server.
pub fn localpart<'a>(typed: &'a str, server: &str) -> Option<&'a str> {
    let typed = typed.trim();
    let Some(id) = typed.strip_prefix('@') else {
        return Some(typed).filter(|typed| !typed.is_empty() && !typed.contains(':'));
    };
    match id.split_once(':') {
        Some((localpart, of)) => (of == server && !localpart.is_empty()).then_some(localpart),
        None => Some(id).filter(|id| !id.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_meant() {
        let meant = |typed| localpart(typed, "b.org:8448");
        assert_eq!(meant(" @jane:b.org:8448 "), Some("jane"));
        assert_eq!(meant("jane"), Some("jane"));
        assert_eq!(meant("@jane"), Some("jane"));
        for nobody in ["", "@", "@:b.org:8448", "@jane:b.org", "jane:c.org"] {
            assert_eq!(meant(nobody), None, "{nobody}");
        }
    }
}
