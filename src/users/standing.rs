//! How an account stands where Matrix Authentication Service keeps it: what the homeserver says of it, put right
//! by what MAS says.

use super::actions::Action;
use super::query::{Marks, Told};
use crate::api::mas::users::MasUser;
use crate::api::users::User;

/// What is known of how one account stands.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountStanding {
    /// What its row tells.
    pub told: Told,
    /// MAS keeps the accounts, and does not know this one: only the homeserver does.
    pub is_unknown_to_mas: bool,
}

/// Makes of what the homeserver says of an account what holds: `mas` is how MAS has it, `None` if it does not
/// know it. Then nobody can log in to it, nor administer by it, and its locks are those of nobody.
pub fn settle(user: &mut User, mas: Option<&MasUser>) {
    user.admin = mas.is_some_and(|mas| mas.admin);
    user.locked = mas.is_some_and(|mas| mas.locked_at.is_some());
    user.deactivated |= mas.is_some_and(is_deactivated);
}

/// Makes of what the homeserver says of an account what holds for an action that is about to be done. MAS ends an
/// account at once, and has the homeserver do so later: it is to be ended until both have, and to be given back as
/// long as one has.
pub fn settle_for(action: Action, user: &mut User, mas: Option<&MasUser>) {
    let at_homeserver = user.deactivated;
    settle(user, mas);
    if matches!(
        action,
        Action::Deactivate | Action::Erase | Action::EraseAll
    ) {
        user.deactivated = at_homeserver && mas.is_none_or(is_deactivated);
    }
}

fn is_deactivated(mas: &MasUser) -> bool {
    mas.deactivated_at.is_some()
}

impl Told {
    /// What the row of an account tells that [`settle`] has put right.
    pub fn settled(self) -> Self {
        Told {
            admin: Marks::Rows,
            locked: Marks::Rows,
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::known::Known;
    use serde_json::json;

    fn user(change: serde_json::Value) -> User {
        let mut user = json!({ "name": "@jane:b.org" });
        user.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        serde_json::from_value(user).unwrap()
    }

    fn mas(change: serde_json::Value) -> MasUser {
        let mut user = json!({ "username": "jane", "admin": false });
        user.as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        serde_json::from_value(user).unwrap()
    }

    const WHEN: &str = "2026-11-30T16:09:11Z";

    #[test]
    fn what_mas_says_holds() {
        // The homeserver's marks are leftovers.
        let mut jane = user(json!({ "admin": true, "locked": true }));
        settle(&mut jane, Some(&mas(json!({}))));
        assert_eq!((jane.admin, jane.locked), (false, false));
        settle(
            &mut jane,
            Some(&mas(json!({ "admin": true, "locked_at": WHEN }))),
        );
        assert_eq!((jane.admin, jane.locked), (true, true));
        assert!(!jane.deactivated);
        settle(&mut jane, Some(&mas(json!({ "deactivated_at": WHEN }))));
        assert!(jane.deactivated);
        // Nobody administers by an account that MAS does not know.
        let mut old = user(json!({ "admin": true, "deactivated": true }));
        settle(&mut old, None);
        assert!(!old.admin && old.deactivated);
        let told = Told {
            admin: Marks::Unknown(crate::known::Why::NotAsked),
            ..Told::default()
        };
        assert_eq!(told.settled().admin(&jane), Known::Is(false));
    }

    #[test]
    fn an_account_has_ended_once_both_say_so() {
        let ended = |action, homeserver: bool, at_mas: Option<bool>| {
            let mut jane = user(json!({ "deactivated": homeserver }));
            let when = |ended: bool| ended.then_some(WHEN);
            let mas = at_mas.map(|ended| mas(json!({ "deactivated_at": when(ended) })));
            settle_for(action, &mut jane, mas.as_ref());
            jane.deactivated
        };
        for action in [Action::Deactivate, Action::Erase, Action::EraseAll] {
            assert!(!ended(action, false, Some(true)), "{action:?}");
            assert!(!ended(action, true, Some(false)), "{action:?}");
            assert!(ended(action, true, Some(true)), "{action:?}");
            // Only the homeserver has it, so it alone says.
            assert!(ended(action, true, None) && !ended(action, false, None));
        }
        for action in [Action::Reactivate, Action::Lock, Action::LogOut] {
            assert!(ended(action, false, Some(true)), "{action:?}");
            assert!(ended(action, true, Some(false)), "{action:?}");
        }
    }
}
