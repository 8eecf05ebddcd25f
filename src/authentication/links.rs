//! Accounts at providers of single sign-on, as Matrix Authentication Service has them, and whose they are here.

use crate::actions::{About, Group, Reversibility, Spares};
use crate::api::mas::addresses::MasAddress;
use crate::api::mas::upstream::{self, Link};
use crate::api::mas::{Resource, Ulid};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{Call, UserId};
use crate::i18n::t;
use crate::listing::needs::{Need, Needs};
use crate::runner::Reason;
use serde::{Deserialize, Serialize};

/// A link as a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Linked {
    /// Where MAS stands.
    pub base: String,
    pub id: Ulid,
    pub provider: Ulid,
    /// What the provider calls the account.
    pub subject: String,
    /// What people call it there.
    pub account: Option<String>,
    /// Whose it is here; `None`: nobody's.
    pub user: Option<Ulid>,
    pub created: Timestamp,
    /// The localpart of whose it is, once that has been looked up.
    pub whose: Option<String>,
    /// Whether it is somebody's, and nobody has said whose: it may be this administrator's.
    pub is_unasked: bool,
    /// Whether it is this administrator's.
    pub is_own: bool,
    /// Whether it is of an account of a bridge or bot, as the deployment names them.
    pub is_system: bool,
}

impl Linked {
    /// One that the MAS at `base` has, of which nothing has been looked up.
    pub fn new(base: &str, found: Resource<Link>) -> Self {
        let told = found.attributes;
        Linked {
            base: base.to_owned(),
            id: found.id,
            provider: told.provider_id,
            subject: told.subject,
            account: told.human_account_name,
            user: told.user_id,
            created: told.created_at.0,
            whose: None,
            is_unasked: false,
            is_own: false,
            is_system: false,
        }
    }

    /// It has been looked up whose it is: whether that is `own`, and whether it is of the deployment's own.
    /// `whose` is nothing where there was no answer.
    pub fn is_of(
        &mut self,
        whose: Option<(String, Option<UserId>)>,
        own: Option<&UserId>,
        is_system: impl Fn(&UserId) -> bool,
    ) {
        let (name, user) = whose.unzip();
        let user = user.flatten();
        self.whose = name;
        self.is_unasked = self.user.is_some() && user.is_none();
        self.is_own = user.is_some() && user.as_ref() == own;
        self.is_system = user.as_ref().is_some_and(is_system);
    }

    /// What it is called in a question and in a report.
    pub fn title(&self) -> String {
        let name = self.account.as_deref().map(str::trim);
        let name = name.filter(|name| !name.is_empty());
        name.unwrap_or(&self.subject).to_owned()
    }

    /// As something by which MAS knows a person.
    pub fn address(&self) -> MasAddress {
        MasAddress::Identity {
            provider: self.provider.clone(),
            subject: self.subject.clone(),
        }
    }

    /// What removes it.
    pub fn removal(&self) -> Call {
        upstream::unlink(&self.base, &self.id).call
    }
}

/// Removing links.
pub const REMOVE: About = About {
    label: t::auth_link_remove,
    sentence: t::auth_link_remove_text,
    more: Some(t::auth_link_remove_more),
    one: t::auth_link_remove_one,
    many: t::auth_link_remove_count,
    icon: "trash",
    group: Group::End,
    reversibility: Reversibility::Irreversible,
    question: true,
    feature: None,
    spares: Spares::OwnAndBridges,
    looks_up: false,
    asks: true,
};

/// Why a link is left out where it is to be removed.
pub fn spared(link: &Linked) -> Option<Reason> {
    if link.is_unasked {
        Some(Reason::NotAsked)
    } else if link.is_own {
        Some(Reason::Own)
    } else {
        link.is_system.then_some(Reason::System)
    }
}

/// The filters of the list, as the address names them.
pub mod filter {
    pub const SUBJECT: &str = "subject";
    pub const ACCOUNT: &str = "account";
}

/// What not every MAS can answer.
pub const NEEDS: Needs = Needs(&[Need {
    feature: Feature::LinkNames,
    filters: &[filter::ACCOUNT],
    orders: &[],
    columns: &[],
}]);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn link(user: Option<&str>, account: Option<&str>) -> Linked {
        let found = serde_json::from_value(json!({
            "id": "01JSTANDN00000000000000001",
            "attributes": {
                "created_at": "2026-11-30T16:09:11Z",
                "provider_id": "01JSTANDN00000000000000002",
                "subject": "4711",
                "user_id": user,
                "human_account_name": account,
            },
        }));
        Linked::new("https://mas.example", found.unwrap())
    }

    #[test]
    fn which_are_left_out() {
        let jane = UserId::parse("@jane:b.org").unwrap();
        let bot = UserId::parse("@bot:b.org").unwrap();
        let left_out = |user: Option<&UserId>| {
            let mut one = link(Some("01JSTANDN00000000000000003"), None);
            let whose = user.map(|user| (user.localpart().to_owned(), Some(user.clone())));
            one.is_of(whose, Some(&jane), |user| *user == bot);
            spared(&one)
        };
        assert_eq!(left_out(UserId::parse("@joe:b.org").as_ref()), None);
        assert_eq!(left_out(Some(&jane)), Some(Reason::Own));
        assert_eq!(left_out(Some(&bot)), Some(Reason::System));
        // It could not be asked.
        assert_eq!(left_out(None), Some(Reason::NotAsked));
        let mut nobodys = link(None, None);
        nobodys.is_of(None, Some(&jane), |_| true);
        assert_eq!(spared(&nobodys), None);
    }

    #[test]
    fn what_it_is_called() {
        assert_eq!(link(None, Some("jane-codes")).title(), "jane-codes");
        assert_eq!(link(None, Some(" ")).title(), "4711");
        assert_eq!(link(None, None).title(), "4711");
    }
}
