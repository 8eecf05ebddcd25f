//! What clients keep at the server for an account.

use super::request::path;
use super::tolerant::or_default;
use super::{Request, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// `GET /_synapse/admin/v1/users/{user_id}/accountdata`: may be megabytes, and holds the
/// (encrypted) secret storage. 404 if the user is unknown.
pub fn get(user: &UserId) -> Request<Answered> {
    Request::get(path(&[
        "/_synapse/admin/v1/users",
        user.as_str(),
        "accountdata",
    ]))
}

/// The answer of [`get`].
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct Answered {
    #[serde(deserialize_with = "or_default")]
    pub account_data: AccountData,
}

/// Content by event type.
pub type Contents = BTreeMap<String, Value>;

/// Account data, global and for each room.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
pub struct AccountData {
    #[serde(default, deserialize_with = "or_default")]
    pub global: Contents,
    /// By room ID.
    #[serde(default, deserialize_with = "or_default")]
    pub rooms: BTreeMap<String, Contents>,
}

fn view_path(administrator: &UserId) -> String {
    path(&[
        "/_matrix/client/v3/user",
        administrator.as_str(),
        "account_data",
        "io.element.synapse.admin_client_config",
    ])
}

/// What an administrator wants to see with any client that would not show it to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AdminView {
    /// Events that this server has accepted only to keep the room together, and shows to nobody.
    /// Since Synapse 1.135; older ones keep the switch and do nothing.
    #[serde(default, deserialize_with = "or_default")]
    pub return_soft_failed_events: bool,
    /// Of these the ones that a policy server has called spam. As the other, where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub return_policy_server_spammy_events: Option<bool>,
    /// What else is there, so that it stays.
    #[serde(flatten)]
    pub others: Contents,
}

impl AdminView {
    /// Whether events that a policy server has called spam are shown.
    pub fn shows_spam(&self) -> bool {
        self.return_policy_server_spammy_events
            .unwrap_or(self.return_soft_failed_events)
    }

    /// Whether a switch is on.
    pub fn is_on(&self, which: AdminSwitch) -> bool {
        match which {
            AdminSwitch::SoftFailed => self.return_soft_failed_events,
            AdminSwitch::Spam => self.shows_spam(),
        }
    }

    /// The switches with one of them turned. The other one stays as it is, also where it only
    /// followed.
    pub fn with(mut self, which: AdminSwitch, on: bool) -> AdminView {
        match which {
            AdminSwitch::SoftFailed => {
                self.return_policy_server_spammy_events = Some(self.shows_spam());
                self.return_soft_failed_events = on;
            }
            AdminSwitch::Spam => self.return_policy_server_spammy_events = Some(on),
        }
        self
    }
}

/// One of the switches of [`AdminView`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdminSwitch {
    /// [`AdminView::return_soft_failed_events`].
    SoftFailed,
    /// [`AdminView::return_policy_server_spammy_events`].
    Spam,
}

/// `GET /_matrix/client/v3/user/{user_id}/account_data/io.element.synapse.admin_client_config`:
/// one's own switches; 403 for somebody else's. 404 `M_NOT_FOUND` if there have never been any.
pub fn admin_view(administrator: &UserId) -> Request<AdminView> {
    Request::get(view_path(administrator))
}

/// `PUT /_matrix/client/v3/user/{user_id}/account_data/io.element.synapse.admin_client_config`:
/// sets one's own switches, all of them: what [`admin_view`] had otherwise has to come along. Has
/// an effect only while the account is a server administrator.
pub fn set_admin_view(administrator: &UserId, view: &AdminView) -> Request<Value> {
    Request::put(view_path(administrator), view)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_switch_is_turned_and_the_other_stays() {
        use AdminSwitch::{SoftFailed, Spam};
        let are = |view: &AdminView| (view.return_soft_failed_events, view.shows_spam());
        let none = AdminView::default();
        let soft_failed = none.clone().with(SoftFailed, true);
        assert_eq!(are(&soft_failed), (true, false));
        let both = none.with(Spam, true).with(SoftFailed, true);
        assert_eq!(are(&both), (true, true));
        // Taken back in any order, each takes back its own.
        assert_eq!(are(&both.clone().with(Spam, false)), (true, false));
        assert_eq!(are(&both.with(SoftFailed, false)), (false, true));
        // One that followed the other no longer does.
        let follows: AdminView =
            serde_json::from_str(r#"{"return_soft_failed_events":true,"more":1}"#).unwrap();
        assert_eq!(are(&follows), (true, true));
        let apart = follows.with(SoftFailed, false);
        assert_eq!(are(&apart), (false, true));
        assert_eq!(serde_json::to_value(&apart).unwrap()["more"], 1);
    }
}
