//! What can be done to accounts, one or ten thousand: whom a change would hit, whom it must not
//! hit, what undoes it. No browser, no requests; [`crate::pages::user_actions`] carries it out.

use crate::api::server::Feature;
use crate::api::users::{User, UserChange};
use crate::api::{Request, UserId, users};
use crate::weight::Weight;
use serde_json::Value;

/// A change of accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    Lock,
    Unlock,
    Suspend,
    Unsuspend,
    ShadowBan,
    LiftShadowBan,
    MakeAdmin,
    TakeAdmin,
    Approve,
    Reactivate,
    Notice,
    Join,
    QuarantineMedia,
    LogOut,
    DeleteMedia,
    Redact,
    Deactivate,
    Erase,
}

impl Action {
    /// All of them: first what can be undone, last what ends an account.
    pub const ALL: [Action; 18] = [
        Action::Lock,
        Action::Unlock,
        Action::Suspend,
        Action::Unsuspend,
        Action::ShadowBan,
        Action::LiftShadowBan,
        Action::MakeAdmin,
        Action::TakeAdmin,
        Action::Approve,
        Action::Reactivate,
        Action::Notice,
        Action::Join,
        Action::QuarantineMedia,
        Action::LogOut,
        Action::DeleteMedia,
        Action::Redact,
        Action::Deactivate,
        Action::Erase,
    ];

    /// What puts it back.
    pub fn inverse(self) -> Option<Action> {
        Some(match self {
            Action::Lock => Action::Unlock,
            Action::Unlock => Action::Lock,
            Action::Suspend => Action::Unsuspend,
            Action::Unsuspend => Action::Suspend,
            Action::ShadowBan => Action::LiftShadowBan,
            Action::LiftShadowBan => Action::ShadowBan,
            Action::MakeAdmin => Action::TakeAdmin,
            Action::TakeAdmin => Action::MakeAdmin,
            _ => return None,
        })
    }

    /// How much it takes with it.
    pub fn weight(self) -> Weight {
        match self {
            Action::Approve | Action::Reactivate | Action::Notice | Action::Join => Weight::Adding,
            // The server tells nobody which files were quarantined before.
            Action::QuarantineMedia => Weight::Adding,
            Action::LogOut
            | Action::DeleteMedia
            | Action::Redact
            | Action::Deactivate
            | Action::Erase => Weight::Irreversible,
            _ => Weight::Reversible,
        }
    }

    /// What the server must be able to do.
    pub fn feature(self) -> Option<Feature> {
        Some(match self {
            Action::Lock | Action::Unlock => Feature::Locking,
            Action::Suspend | Action::Unsuspend => Feature::Suspending,
            Action::MakeAdmin | Action::TakeAdmin => Feature::AdminRight,
            Action::Redact => Feature::RedactMessages,
            Action::Deactivate | Action::Erase => Feature::DeactivateUsers,
            _ => return None,
        })
    }

    /// Whether it changes anything about this account, as far as is known.
    pub fn changes(self, user: &User) -> bool {
        match self {
            Action::Lock => !user.locked && !user.deactivated,
            Action::Unlock => user.locked,
            // The list does not tell who is suspended.
            Action::Suspend => user.suspended != Some(true) && !user.deactivated,
            Action::Unsuspend => user.suspended != Some(false),
            Action::ShadowBan => !user.shadow_banned,
            Action::LiftShadowBan => user.shadow_banned,
            Action::MakeAdmin => !user.admin && !user.deactivated,
            Action::TakeAdmin => user.admin,
            Action::Approve => user.approved == Some(false),
            Action::Reactivate => user.deactivated,
            Action::Deactivate => !user.deactivated,
            Action::Erase => !user.deactivated || !user.erased,
            Action::Notice | Action::Join | Action::LogOut => !user.deactivated,
            Action::QuarantineMedia | Action::DeleteMedia | Action::Redact => true,
        }
    }

    /// Whether it could lock administrators out, or break what a bridge or bot does, if it hit
    /// them.
    pub fn endangers(self) -> bool {
        matches!(
            self,
            Action::Lock
                | Action::Suspend
                | Action::ShadowBan
                | Action::TakeAdmin
                | Action::Deactivate
                | Action::Erase
                | Action::LogOut
        )
    }

    /// Whether users of bridges and bots are left out.
    fn spares_system(self) -> bool {
        self.endangers()
            || matches!(
                self,
                Action::DeleteMedia | Action::Redact | Action::Notice | Action::MakeAdmin
            )
    }

    /// The request that does it, where one that depends on nothing else does.
    pub fn request(self, user: &UserId) -> Option<Request<Value>> {
        let put = |change: UserChange| erased(users::put(user, &change));
        let lock = |locked| {
            put(UserChange {
                locked: Some(locked),
                ..Default::default()
            })
        };
        Some(match self {
            Action::Lock => lock(true),
            Action::Unlock => lock(false),
            Action::Suspend => users::suspend(user, true),
            Action::Unsuspend => users::suspend(user, false),
            Action::ShadowBan => users::shadow_ban(user),
            Action::LiftShadowBan => users::lift_shadow_ban(user),
            Action::MakeAdmin => users::set_admin(user, true),
            Action::TakeAdmin => users::set_admin(user, false),
            Action::Approve => put(UserChange {
                approved: Some(true),
                ..Default::default()
            }),
            Action::Deactivate => users::deactivate(user, false),
            Action::Erase => users::deactivate(user, true),
            _ => return None,
        })
    }
}

/// The same request, whose answer does not matter.
fn erased<T>(request: Request<T>) -> Request<Value> {
    Request::from_call(request.call)
}

/// Why an account is left out of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spared {
    /// One's own.
    Own,
    /// It belongs to a bridge or bot, as `asManagedUsers` says.
    System,
    /// The change would change nothing.
    Unchanged,
}

/// Why this change must not, or need not, be made to this account.
pub fn spared(
    action: Action,
    user: &User,
    own: &UserId,
    is_system: &dyn Fn(&UserId) -> bool,
) -> Option<Spared> {
    if action.endangers() && user.name == *own {
        Some(Spared::Own)
    } else if action.spares_system() && is_system(&user.name) {
        Some(Spared::System)
    } else if !action.changes(user) {
        Some(Spared::Unchanged)
    } else {
        None
    }
}

/// Whom a change hits, and whom it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hit {
    pub users: Vec<UserId>,
    /// How many of them are administrators.
    pub admins: usize,
    /// Whether one's own account is left out.
    pub own: bool,
    /// How many that belong to bridges and bots are left out.
    pub system: usize,
    /// How many are left out because nothing would change.
    pub unchanged: usize,
}

/// Sorts the accounts into those that a change hits and those that it leaves out.
pub fn hit(
    action: Action,
    accounts: &[User],
    own: &UserId,
    is_system: &dyn Fn(&UserId) -> bool,
) -> Hit {
    let mut hit = Hit::default();
    for user in accounts {
        match spared(action, user, own, is_system) {
            Some(Spared::Own) => hit.own = true,
            Some(Spared::System) => hit.system += 1,
            Some(Spared::Unchanged) => hit.unchanged += 1,
            None => {
                hit.admins += usize::from(user.admin);
                hit.users.push(user.name.clone());
            }
        }
    }
    hit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(localpart: &str, change: impl Fn(&mut User)) -> User {
        let mut user: User =
            serde_json::from_str(&format!(r#"{{"name":"@{localpart}:b.org"}}"#)).unwrap();
        change(&mut user);
        user
    }

    fn people() -> Vec<User> {
        vec![
            user("me", |u| u.admin = true),
            user("boss", |u| u.admin = true),
            user("jane", |_| ()),
            user("gone", |u| u.deactivated = true),
            user("bot1", |_| ()),
            user("caged", |u| u.locked = true),
        ]
    }

    fn hits(action: Action) -> Hit {
        let own = UserId::parse("@me:b.org").unwrap();
        hit(action, &people(), &own, &|user| {
            user.localpart().starts_with("bot")
        })
    }

    fn names(hit: &Hit) -> Vec<&str> {
        hit.users.iter().map(UserId::localpart).collect()
    }

    #[test]
    fn nobody_locks_themselves_out() {
        for action in Action::ALL {
            let hit = hits(action);
            if action.endangers() {
                assert!(hit.own, "{action:?}");
                assert!(!names(&hit).contains(&"me"), "{action:?}");
                assert!(!names(&hit).contains(&"bot1"), "{action:?}");
            }
        }
    }

    #[test]
    fn what_is_so_already_is_left_alone() {
        let lock = hits(Action::Lock);
        assert_eq!(names(&lock), ["boss", "jane"]);
        assert_eq!((lock.admins, lock.system, lock.unchanged), (1, 1, 2));
        assert_eq!(names(&hits(Action::Unlock)), ["caged"]);
        assert_eq!(names(&hits(Action::Reactivate)), ["gone"]);
        assert_eq!(names(&hits(Action::TakeAdmin)), ["boss"]);
        // Who is deactivated can still be erased.
        assert!(names(&hits(Action::Erase)).contains(&"gone"));
    }

    #[test]
    fn everyone_is_accounted_for() {
        for action in Action::ALL {
            let hit = hits(action);
            let all = hit.users.len() + usize::from(hit.own) + hit.system + hit.unchanged;
            assert_eq!(all, people().len(), "{action:?}");
        }
    }

    #[test]
    fn undoing_twice_is_doing() {
        for action in Action::ALL {
            match action.inverse() {
                Some(inverse) => {
                    assert_eq!(inverse.inverse(), Some(action));
                    assert_eq!(action.weight(), Weight::Reversible);
                    assert!(action.request(&UserId::parse("@a:b").unwrap()).is_some());
                }
                None => assert_ne!(action.weight(), Weight::Reversible, "{action:?}"),
            }
        }
    }
}
