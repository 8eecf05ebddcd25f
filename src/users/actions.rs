//! What can be done to accounts, one or ten thousand: the table of actions, whom each must not
//! hit, what undoes it. No browser, no requests; `pages::users::actions` carries it out.

use super::query::Told;
use super::standing::{AccountStanding, settle_for};
use crate::actions::{About, Group, Reversibility, Spares, Verdict, actions};
use crate::api::mas::users::MasUser;
use crate::api::mas::{self, Ulid};
use crate::api::server::{Capabilities, Feature};
use crate::api::users::{User, UserChange, UserDetail};
use crate::api::{Request, UserId, users};
use crate::i18n::{Words, t};
use crate::known::{Known, Why};
use crate::runner::Reason;
use serde_json::Value;

actions! {
    /// A change of accounts.
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
    DeleteMedia,
    Redact,
    LogOutIdle,
    LogOut,
    Deactivate,
    Erase,
    EraseAll,
}

/// What becomes of encrypted messages where a server removes what somebody has said, unless they certainly go with
/// the others.
pub fn encrypted_left(server: &Capabilities) -> Option<String> {
    match server.version {
        None => Some(t::act_redact_encrypted_may_stay()),
        Some(_) => (!server.has(Feature::RedactEncrypted)).then(t::act_redact_encrypted_stay),
    }
}

impl Action {
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
            Action::Approve
            | Action::Reactivate
            | Action::Notice
            | Action::Join
            | Action::QuarantineMedia
            | Action::DeleteMedia
            | Action::Redact
            | Action::LogOutIdle
            | Action::LogOut
            | Action::Deactivate
            | Action::Erase
            | Action::EraseAll => return None,
        })
    }

    /// The row of this action in the table of actions on users.
    pub fn about(self) -> &'static About {
        match self {
            Action::Lock => &About {
                label: t::act_lock,
                sentence: t::act_lock_text,
                more: Some(t::act_lock_more),
                one: t::act_lock_one,
                many: t::act_lock_count,
                icon: "lock",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: Some(Feature::Locking),
                spares: Spares::OwnAndBridges,
                looks_up: false,
                asks: true,
            },
            Action::Unlock => &About {
                label: t::act_unlock,
                sentence: t::act_unlock_text,
                more: None,
                one: t::act_unlock_one,
                many: t::act_unlock_count,
                icon: "unlock",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: Some(Feature::Locking),
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Suspend => &About {
                label: t::act_suspend,
                sentence: t::act_suspend_text,
                more: Some(t::act_suspend_more),
                one: t::act_suspend_one,
                many: t::act_suspend_count,
                icon: "pause",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: Some(Feature::Suspending),
                spares: Spares::OwnAndBridges,
                looks_up: false,
                asks: true,
            },
            Action::Unsuspend => &About {
                label: t::act_unsuspend,
                sentence: t::act_unsuspend_text,
                more: None,
                one: t::act_unsuspend_one,
                many: t::act_unsuspend_count,
                icon: "play",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: Some(Feature::Suspending),
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::ShadowBan => &About {
                label: t::act_shadow_ban,
                sentence: t::act_shadow_ban_text,
                more: Some(t::act_shadow_ban_more),
                one: t::act_shadow_ban_one,
                many: t::act_shadow_ban_count,
                icon: "eye",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: Some(Feature::ShadowBanning),
                spares: Spares::OwnAndBridges,
                looks_up: false,
                asks: true,
            },
            Action::LiftShadowBan => &About {
                label: t::act_lift_shadow_ban,
                sentence: t::act_lift_shadow_ban_text,
                more: None,
                one: t::act_lift_shadow_ban_one,
                many: t::act_lift_shadow_ban_count,
                icon: "undo",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: Some(Feature::ShadowBanning),
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::MakeAdmin => &About {
                label: t::act_make_admin,
                sentence: t::act_make_admin_text,
                more: None,
                one: t::act_make_admin_one,
                many: t::act_make_admin_count,
                icon: "shield-check",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: Some(Feature::AdminRight),
                spares: Spares::Bridges,
                looks_up: false,
                asks: true,
            },
            Action::TakeAdmin => &About {
                label: t::act_take_admin,
                sentence: t::act_take_admin_text,
                more: None,
                one: t::act_take_admin_one,
                many: t::act_take_admin_count,
                icon: "shield",
                group: Group::Access,
                reversibility: Reversibility::Reversible,
                question: true,
                feature: Some(Feature::AdminRight),
                spares: Spares::OwnAndBridges,
                looks_up: false,
                asks: true,
            },
            Action::Approve => &About {
                label: t::act_approve,
                sentence: t::act_approve_text,
                more: None,
                one: t::act_approve_one,
                many: t::act_approve_count,
                icon: "check",
                group: Group::Access,
                reversibility: Reversibility::Harmless,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: false,
            },
            Action::Reactivate => &About {
                label: t::act_reactivate,
                sentence: t::act_reactivate_text,
                more: Some(t::act_reactivate_more),
                one: t::act_reactivate_one,
                many: t::act_reactivate_count,
                icon: "refresh",
                group: Group::Access,
                reversibility: Reversibility::Harmless,
                question: true,
                feature: Some(Feature::DeactivateUsers),
                spares: Spares::Nobody,
                looks_up: false,
                asks: true,
            },
            Action::Notice => &About {
                label: t::act_notice,
                sentence: t::act_notice_text,
                more: None,
                one: t::act_notice_one,
                many: t::act_notice_count,
                icon: "send",
                group: Group::People,
                reversibility: Reversibility::Harmless,
                question: true,
                feature: None,
                spares: Spares::NamedBridges,
                looks_up: false,
                asks: false,
            },
            Action::Join => &About {
                label: t::act_join,
                sentence: t::act_join_text,
                more: None,
                one: t::act_join_one,
                many: t::act_join_count,
                icon: "rooms",
                group: Group::People,
                reversibility: Reversibility::Harmless,
                question: true,
                feature: None,
                spares: Spares::Nobody,
                looks_up: false,
                asks: false,
            },
            Action::QuarantineMedia => &About {
                label: t::act_quarantine_media,
                sentence: t::act_quarantine_media_text,
                more: Some(t::act_quarantine_media_more),
                one: t::act_quarantine_media_one,
                many: t::act_quarantine_media_count,
                icon: "quarantine",
                group: Group::Content,
                reversibility: Reversibility::ByHand,
                question: true,
                feature: None,
                spares: Spares::OwnAndBridges,
                looks_up: true,
                asks: true,
            },
            Action::DeleteMedia => &About {
                label: t::act_delete_media,
                sentence: t::act_delete_media_text,
                more: Some(t::act_delete_media_more),
                one: t::act_delete_media_one,
                many: t::act_delete_media_count,
                icon: "media",
                group: Group::Content,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: None,
                spares: Spares::NamedBridges,
                looks_up: true,
                asks: true,
            },
            Action::Redact => &About {
                label: t::act_redact,
                sentence: t::act_redact_text,
                more: Some(t::act_redact_more),
                one: t::act_redact_one,
                many: t::act_redact_count,
                icon: "broom",
                group: Group::Content,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: Some(Feature::RedactMessages),
                spares: Spares::Bridges,
                looks_up: false,
                asks: true,
            },
            Action::LogOutIdle => &About {
                label: t::act_idle,
                sentence: t::act_idle_text,
                more: Some(t::act_idle_more),
                one: t::act_idle_one,
                many: t::act_idle_count,
                icon: "device",
                group: Group::End,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: Some(Feature::EndSessions),
                spares: Spares::OwnAndBridges,
                looks_up: false,
                asks: true,
            },
            Action::LogOut => &About {
                label: t::act_log_out,
                sentence: t::act_log_out_text,
                more: Some(t::act_log_out_more),
                one: t::act_log_out_one,
                many: t::act_log_out_count,
                icon: "log-out",
                group: Group::End,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: Some(Feature::EndSessions),
                spares: Spares::OwnAndBridges,
                looks_up: true,
                asks: true,
            },
            Action::Deactivate => &About {
                label: t::act_deactivate,
                sentence: t::act_deactivate_text,
                more: Some(t::act_deactivate_more),
                one: t::act_deactivate_one,
                many: t::act_deactivate_count,
                icon: "ban",
                group: Group::End,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: Some(Feature::DeactivateUsers),
                spares: Spares::OwnAndBridges,
                looks_up: false,
                asks: true,
            },
            Action::Erase => &About {
                label: t::act_erase,
                sentence: t::act_erase_text,
                more: Some(t::act_erase_more),
                one: t::act_erase_one,
                many: t::act_erase_count,
                icon: "trash",
                group: Group::End,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: Some(Feature::DeactivateUsers),
                spares: Spares::OwnAndBridges,
                looks_up: false,
                asks: true,
            },
            Action::EraseAll => &About {
                label: t::act_everything,
                sentence: t::act_everything_text,
                more: Some(t::act_everything_more),
                one: t::act_everything_one,
                many: t::act_everything_count,
                icon: "trash",
                group: Group::End,
                reversibility: Reversibility::Irreversible,
                question: true,
                feature: Some(Feature::DeactivateUsers),
                spares: Spares::OwnAndBridges,
                looks_up: true,
                asks: true,
            },
        }
    }

    /// Whether it would end sessions. Those of guests it does not: their tokens are in no table,
    /// and are good for as long as the account is not locked.
    fn ends_sessions(self) -> bool {
        matches!(
            self,
            Action::LogOutIdle
                | Action::LogOut
                | Action::Deactivate
                | Action::Erase
                | Action::EraseAll
        )
    }

    /// Whether Matrix Authentication Service does it, where that keeps the accounts.
    pub fn is_at_mas(self) -> bool {
        match self {
            Action::Lock
            | Action::Unlock
            | Action::MakeAdmin
            | Action::TakeAdmin
            | Action::Reactivate
            | Action::LogOutIdle
            | Action::LogOut
            | Action::Deactivate
            | Action::Erase
            | Action::EraseAll => true,
            Action::Suspend
            | Action::Unsuspend
            | Action::ShadowBan
            | Action::LiftShadowBan
            | Action::Approve
            | Action::Notice
            | Action::Join
            | Action::QuarantineMedia
            | Action::DeleteMedia
            | Action::Redact => false,
        }
    }

    /// Whether the homeserver does it to an account that Matrix Authentication Service does not know: nobody can
    /// log in to one, so that it has no more than what the homeserver has of it.
    pub fn is_for_unknown_to_mas(self) -> bool {
        !self.is_at_mas() || matches!(self, Action::Deactivate | Action::Erase | Action::EraseAll)
    }

    /// What it says where this server does it: the sentence, and the rest.
    pub fn words_by(self, server: &Capabilities) -> (Words, Option<Words>) {
        let about = self.about();
        let removes_unencrypted =
            server.has(Feature::RedactMessages) && !server.has(Feature::RedactEncrypted);
        match self {
            Action::Redact if removes_unencrypted => (t::act_redact_text_unencrypted, about.more),
            Action::EraseAll if removes_unencrypted => {
                (t::act_everything_text_unencrypted, about.more)
            }
            _ => {
                let at_mas = server.mas().and_then(|_| self.words_at_mas());
                at_mas.unwrap_or((about.sentence, about.more))
            }
        }
    }

    /// What it says where Matrix Authentication Service does it, if that is something else: the sentence, and the
    /// rest.
    fn words_at_mas(self) -> Option<(Words, Option<Words>)> {
        Some(match self {
            Action::Lock => (t::act_lock_text, Some(t::act_lock_more_mas)),
            Action::MakeAdmin => (t::act_make_admin_text_mas, Some(t::act_make_admin_more_mas)),
            Action::TakeAdmin => (t::act_take_admin_text_mas, Some(t::act_take_admin_more_mas)),
            Action::Reactivate => (t::act_reactivate_text_mas, Some(t::act_reactivate_more_mas)),
            Action::LogOutIdle => (t::act_idle_text, Some(t::act_idle_more_mas)),
            Action::LogOut => (t::act_log_out_text, Some(t::act_log_out_more_mas)),
            Action::Deactivate => (t::act_deactivate_text, Some(t::act_deactivate_more_mas)),
            Action::Erase => (t::act_erase_text, Some(t::act_erase_more_mas)),
            _ => return None,
        })
    }

    /// Whether it changes anything about this account, as far as its row tells.
    pub fn changes(self, user: &User, told: &Told) -> bool {
        // What MAS may know, it is asked right before; what nobody tells is taken as the row has it.
        let is_set = |known: Known<bool>, marked: bool| match known {
            Known::Is(is) => Some(is),
            Known::Unknown(Why::Elsewhere | Why::TooOld) => Some(marked),
            Known::Unknown(_) => None,
        };
        let locked = || is_set(told.locked(user), user.locked);
        let admin = || is_set(told.admin(user), user.admin);
        match self {
            Action::Lock => locked() != Some(true) && !user.deactivated,
            Action::Unlock => locked() != Some(false),
            // The list does not tell who is suspended.
            Action::Suspend => user.suspended != Some(true) && !user.deactivated,
            Action::Unsuspend => user.suspended != Some(false),
            Action::ShadowBan => !user.shadow_banned,
            Action::LiftShadowBan => user.shadow_banned,
            Action::MakeAdmin => admin() != Some(true) && !user.deactivated,
            Action::TakeAdmin => admin() != Some(false),
            Action::Approve => user.approved == Some(false),
            Action::Reactivate => user.deactivated,
            Action::Deactivate => !user.deactivated,
            Action::Erase => !user.deactivated || !user.erased,
            Action::Notice | Action::Join | Action::LogOutIdle | Action::LogOut => {
                !user.deactivated
            }
            // What is left of those who are erased already can still go.
            Action::QuarantineMedia | Action::DeleteMedia | Action::Redact | Action::EraseAll => {
                true
            }
        }
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
            // More than one request, or something is filled in: `pages::users::actions::perform` has
            // an arm for each of these.
            Action::Reactivate
            | Action::Notice
            | Action::Join
            | Action::QuarantineMedia
            | Action::DeleteMedia
            | Action::Redact
            | Action::LogOutIdle
            | Action::LogOut
            | Action::EraseAll => return None,
        })
    }
}

impl Action {
    /// The request that does it at Matrix Authentication Service, to the account of this ID there, where one that
    /// depends on nothing else does. All of them may be sent twice.
    pub fn request_at_mas(self, base: &str, id: &Ulid) -> Option<Request<Value>> {
        use mas::users;
        Some(erased(match self {
            Action::Lock => users::lock(base, id),
            Action::Unlock => users::unlock(base, id),
            Action::MakeAdmin => users::set_admin(base, id, true),
            Action::TakeAdmin => users::set_admin(base, id, false),
            Action::Reactivate => users::reactivate(base, id),
            Action::Deactivate => users::deactivate(base, id, false),
            Action::Erase | Action::EraseAll => users::deactivate(base, id, true),
            _ => return None,
        }))
    }
}

/// A request whose answer does not matter.
fn erased<T>(request: Request<T>) -> Request<Value> {
    Request::from_call(request.call)
}

/// Why this change must not, or need not, be made to this account, as far as the list tells.
pub fn spared(
    action: Action,
    (user, standing): (&User, &AccountStanding),
    own: &UserId,
    is_system: &dyn Fn(&UserId) -> bool,
) -> Option<Reason> {
    let spares = action.about().spares;
    if spares.own() && user.name == *own {
        Some(Reason::Own)
    } else if spares.named() && is_system(&user.name) {
        Some(Reason::System)
    } else if user.is_guest && action.ends_sessions() {
        Some(Reason::Guest)
    } else if standing.is_unknown_to_mas && !action.is_for_unknown_to_mas() {
        Some(Reason::UnknownToMas)
    } else if !action.changes(user, &standing.told) {
        Some(Reason::Unchanged)
    } else {
        None
    }
}

/// An account as the server has it right before an action, put right by what Matrix Authentication Service says of
/// it, where that was asked.
pub fn as_kept(action: Action, user: &User, mas: Option<Option<&MasUser>>) -> User {
    let mut user = user.clone();
    if let Some(mas) = mas {
        settle_for(action, &mut user, mas);
    }
    user
}

/// What is to become of this account, as the homeserver has it right before, and as Matrix Authentication Service
/// has it where that keeps the accounts: `None` within if it does not know this one.
pub fn verdict(
    action: Action,
    detail: &UserDetail,
    mas: Option<Option<&MasUser>>,
    own: &UserId,
    is_system: &dyn Fn(&UserId) -> bool,
) -> Verdict {
    let user = &as_kept(action, &detail.user, mas);
    let standing = AccountStanding {
        told: Told::default(),
        is_unknown_to_mas: mas == Some(None),
    };
    match spared(action, (user, &standing), own, is_system) {
        Some(reason @ (Reason::Own | Reason::System)) => return Verdict::Leave(reason),
        _ if action.about().spares.application_services() && detail.appservice_id.is_some() => {
            return Verdict::Leave(Reason::ApplicationService);
        }
        Some(reason) => return Verdict::Leave(reason),
        None => {}
    }
    // Servers before 1.121 do not tell who is suspended.
    let is_known = match action {
        Action::Suspend | Action::Unsuspend => user.suspended.is_some(),
        Action::Lock
        | Action::Unlock
        | Action::ShadowBan
        | Action::LiftShadowBan
        | Action::MakeAdmin
        | Action::TakeAdmin
        | Action::Approve
        | Action::Reactivate
        | Action::Notice
        | Action::Join
        | Action::QuarantineMedia
        | Action::DeleteMedia
        | Action::Redact
        | Action::LogOutIdle
        | Action::LogOut
        | Action::Deactivate
        | Action::Erase
        | Action::EraseAll => true,
    };
    Verdict::Go {
        undoable: is_known && action.inverse().is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::request::Body;
    use crate::api::server::Version;
    use crate::users::query::Marks;
    use std::sync::Arc;

    fn detail(localpart: &str, more: &str) -> UserDetail {
        serde_json::from_str(&format!(r#"{{"name":"@{localpart}:b.org"{more}}}"#)).unwrap()
    }

    fn people() -> Vec<UserDetail> {
        vec![
            detail("me", r#","admin":true"#),
            detail("boss", r#","admin":1"#),
            detail("jane", r#","suspended":false"#),
            detail("gone", r#","deactivated":true"#),
            detail("bot1", ""),
            detail("ghost", r#","appservice_id":"irc""#),
            detail("caged", r#","locked":true,"suspended":true"#),
        ]
    }

    fn is_bot(user: &UserId) -> bool {
        user.localpart().starts_with("bot")
    }

    fn own() -> UserId {
        UserId::parse("@me:b.org").unwrap()
    }

    /// Whom the list lets through, and whom the server's word lets through.
    fn hits(action: Action) -> (Vec<String>, Vec<String>) {
        let names = |found: &dyn Fn(&UserDetail) -> bool| {
            let people = people();
            let hit = people.iter().filter(|detail| found(detail));
            hit.map(|detail| detail.user.name.localpart().to_owned())
                .collect::<Vec<_>>()
        };
        (
            names(&|detail| {
                let listed = (&detail.user, &AccountStanding::default());
                spared(action, listed, &own(), &is_bot).is_none()
            }),
            names(&|detail| {
                let verdict = verdict(action, detail, None, &own(), &is_bot);
                matches!(verdict, Verdict::Go { .. })
            }),
        )
    }

    #[test]
    fn whom_each_action_spares() {
        for action in Action::ALL {
            // Exhaustive: whoever adds an action says here, once more, whom it may hit.
            let expected = match action {
                Action::Lock
                | Action::Suspend
                | Action::ShadowBan
                | Action::TakeAdmin
                | Action::QuarantineMedia
                | Action::LogOutIdle
                | Action::LogOut
                | Action::Deactivate
                | Action::Erase
                | Action::EraseAll => Spares::OwnAndBridges,
                Action::MakeAdmin | Action::Redact => Spares::Bridges,
                Action::Notice | Action::DeleteMedia => Spares::NamedBridges,
                Action::Unlock
                | Action::Unsuspend
                | Action::LiftShadowBan
                | Action::Approve
                | Action::Reactivate
                | Action::Join => Spares::Nobody,
            };
            assert_eq!(action.about().spares, expected, "{action:?}");
            let (listed, asked) = hits(action);
            let has = |all: &[String], name: &str| all.iter().any(|other| other == name);
            if expected.own() {
                assert!(!has(&listed, "me") && !has(&asked, "me"), "{action:?}");
            }
            if expected.named() {
                assert!(!has(&listed, "bot1") && !has(&asked, "bot1"), "{action:?}");
            }
            if expected.application_services() {
                assert!(!has(&asked, "ghost"), "{action:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_given_back_is_asked_about_right_before() {
        for action in Action::ALL {
            let about = action.about();
            // Reactivating gives, but a new password takes the old one and every session with it.
            let takes =
                about.reversibility != Reversibility::Harmless || action == Action::Reactivate;
            assert_eq!(about.asks, takes, "{action:?}");
            assert_eq!(
                about.is_grave(),
                about.group == Group::End || matches!(action, Action::DeleteMedia | Action::Redact),
                "{action:?}"
            );
        }
    }

    #[test]
    fn what_is_so_already_is_left_alone() {
        let lock = hits(Action::Lock);
        assert_eq!(lock.0, ["boss", "jane", "ghost"]);
        assert_eq!(lock.1, ["boss", "jane"]);
        assert_eq!(hits(Action::Unlock).1, ["caged"]);
        assert_eq!(hits(Action::Reactivate).1, ["gone"]);
        assert_eq!(hits(Action::TakeAdmin).1, ["boss"]);
        // The list does not know who is suspended, the server does.
        let jane = detail("jane", r#","suspended":false"#);
        let verdict = verdict(Action::Unsuspend, &jane, None, &own(), &is_bot);
        assert_eq!(verdict, Verdict::Leave(Reason::Unchanged));
        // Who is deactivated can still be erased.
        assert!(hits(Action::Erase).1.iter().any(|name| name == "gone"));
    }

    fn at_mas(admin: bool, locked: bool, ended: bool) -> MasUser {
        let when = |is: bool| is.then_some("2026-11-30T16:09:11Z");
        serde_json::from_value(serde_json::json!({
            "username": "jane",
            "admin": admin,
            "locked_at": when(locked),
            "deactivated_at": when(ended),
        }))
        .unwrap()
    }

    #[test]
    fn nobody_locks_themselves_out_at_mas_either() {
        // MAS itself would let administrators do so.
        let (me, bot, ghost) = (
            detail("me", ""),
            detail("bot1", ""),
            detail("ghost", r#","appservice_id":"irc""#),
        );
        for action in Action::ALL.into_iter().filter(|action| action.is_at_mas()) {
            let spares = action.about().spares;
            for flags in 0..8_u8 {
                let mas = at_mas(flags & 1 > 0, flags & 2 > 0, flags & 4 > 0);
                for mas in [Some(&mas), None] {
                    let left = |detail| {
                        let verdict = verdict(action, detail, Some(mas), &own(), &is_bot);
                        matches!(verdict, Verdict::Leave(_))
                    };
                    assert!(!spares.own() || left(&me), "{action:?} {mas:?}");
                    assert!(!spares.named() || left(&bot), "{action:?} {mas:?}");
                    let spared = spares.application_services();
                    assert!(!spared || left(&ghost), "{action:?} {mas:?}");
                }
            }
        }
    }

    #[test]
    fn mas_says_what_is_so_already() {
        // What the homeserver says of locks and rights is nothing.
        let stale = detail("jane", r#","admin":true,"locked":true"#);
        let goes = |action, detail: &UserDetail, mas: Option<&MasUser>| match verdict(
            action,
            detail,
            Some(mas),
            &own(),
            &is_bot,
        ) {
            Verdict::Go { undoable } => {
                assert_eq!(undoable, action.inverse().is_some(), "{action:?}");
                Ok(())
            }
            Verdict::Leave(reason) => Err(reason),
        };
        let so_already = Err(Reason::Unchanged);
        let free = at_mas(false, false, false);
        assert_eq!(goes(Action::Lock, &stale, Some(&free)), Ok(()));
        assert_eq!(goes(Action::Unlock, &stale, Some(&free)), so_already);
        assert_eq!(goes(Action::TakeAdmin, &stale, Some(&free)), so_already);
        assert_eq!(goes(Action::MakeAdmin, &stale, Some(&free)), Ok(()));
        assert_eq!(goes(Action::Reactivate, &stale, Some(&free)), so_already);
        let held = at_mas(true, true, false);
        let jane = detail("jane", "");
        assert_eq!(goes(Action::Lock, &jane, Some(&held)), so_already);
        assert_eq!(goes(Action::Unlock, &jane, Some(&held)), Ok(()));
        assert_eq!(goes(Action::MakeAdmin, &jane, Some(&held)), so_already);
        assert_eq!(goes(Action::TakeAdmin, &jane, Some(&held)), Ok(()));
        // MAS has ended it, and the homeserver has not been told.
        let ended = at_mas(false, false, true);
        assert_eq!(goes(Action::Deactivate, &jane, Some(&ended)), Ok(()));
        assert_eq!(goes(Action::Reactivate, &jane, Some(&ended)), Ok(()));
        assert_eq!(goes(Action::LogOut, &jane, Some(&ended)), so_already);
        let gone = detail("jane", r#","deactivated":true"#);
        assert_eq!(goes(Action::Deactivate, &gone, Some(&ended)), so_already);
    }

    #[test]
    fn what_mas_does_not_know_is_ended_at_the_homeserver_and_else_left_alone() {
        let old = detail("old-bot", r#","admin":true"#);
        for action in Action::ALL.into_iter().filter(|action| action.is_at_mas()) {
            let verdict = verdict(action, &old, Some(None), &own(), &is_bot);
            let ends = matches!(
                action,
                Action::Deactivate | Action::Erase | Action::EraseAll
            );
            assert_eq!(
                verdict,
                match ends {
                    true => Verdict::Go { undoable: false },
                    false => Verdict::Leave(Reason::UnknownToMas),
                },
                "{action:?}"
            );
            assert_eq!(action.is_for_unknown_to_mas(), ends);
        }
    }

    #[test]
    fn a_list_that_does_not_know_who_administers_leaves_nobody_out() {
        let jane = detail("jane", "").user;
        let hits = |action, admin| {
            let told = Told {
                admin,
                ..Told::default()
            };
            let standing = AccountStanding {
                told,
                ..AccountStanding::default()
            };
            spared(action, (&jane, &standing), &own(), &is_bot).is_none()
        };
        let hits = |admin: Marks| {
            [Action::MakeAdmin, Action::TakeAdmin].map(|action| hits(action, admin.clone()))
        };
        assert_eq!(hits(Marks::Unknown(Why::Silent)), [true, true]);
        assert_eq!(hits(Marks::Rows), [true, false]);
        let she = Arc::new([jane.name.clone()].into());
        assert_eq!(hits(Marks::These(she)), [false, true]);
        // Nobody may ask, as before.
        assert_eq!(hits(Marks::Unknown(Why::Elsewhere)), [true, false]);
    }

    #[test]
    fn what_mas_is_sent() {
        let id = Ulid::parse("01JSTANDN00000000000000001").unwrap();
        let sent = |action: Action| {
            let call = action.request_at_mas("https://h.example/mas", &id)?.call;
            assert!(call.idempotent, "{action:?} may be sent twice");
            let users = "https://h.example/mas/api/admin/v1/users/";
            let end = call.path.strip_prefix(users).unwrap().to_owned();
            let end = end.strip_prefix(id.as_str()).unwrap().to_owned();
            let body = match call.body {
                Body::Json(json) => json,
                _ => String::new(),
            };
            Some(format!("{end} {body}"))
        };
        let told = |action| sent(action).unwrap();
        assert_eq!(told(Action::Lock), "/lock ");
        assert_eq!(told(Action::Unlock), "/unlock ");
        assert_eq!(told(Action::MakeAdmin), r#"/set-admin {"admin":true}"#);
        assert_eq!(told(Action::TakeAdmin), r#"/set-admin {"admin":false}"#);
        assert_eq!(told(Action::Reactivate), "/reactivate ");
        // By itself it erases.
        let kept = r#"/deactivate {"skip_erase":true}"#;
        assert_eq!(told(Action::Deactivate), kept);
        let erased = r#"/deactivate {"skip_erase":false}"#;
        assert_eq!(told(Action::Erase), erased);
        assert_eq!(told(Action::EraseAll), erased);
        for action in Action::ALL {
            let by_itself = matches!(action, Action::LogOut | Action::LogOutIdle);
            assert_eq!(sent(action).is_some(), action.is_at_mas() && !by_itself);
            // Whoever takes something back takes it back there.
            if let Some(inverse) = action.inverse() {
                assert_eq!(inverse.is_at_mas(), action.is_at_mas());
            }
        }
    }

    #[test]
    fn undo_needs_a_former_state_that_is_known() {
        let of = |action, more| verdict(action, &detail("jane", more), None, &own(), &is_bot);
        let undoable = |undoable| Verdict::Go { undoable };
        assert_eq!(of(Action::Lock, ""), undoable(true));
        assert_eq!(of(Action::Suspend, ""), undoable(false));
        let free = r#","suspended":false"#;
        assert_eq!(of(Action::Suspend, free), undoable(true));
        assert_eq!(of(Action::Deactivate, free), undoable(false));
    }

    #[test]
    fn what_an_old_server_leaves_is_not_promised() {
        let sentence = |action: Action, version: &str| {
            let server = Capabilities {
                version: Version::parse(version),
                ..Default::default()
            };
            action.words_by(&server).0()
        };
        for action in [Action::Redact, Action::EraseAll] {
            for version in ["1.116.0", "1.130.0"] {
                let told = sentence(action, version);
                assert!(told.contains("encrypted"), "{action:?} {version}: {told}");
            }
            for version in ["1.131.0", "1.163.2", "nightly"] {
                assert_eq!(sentence(action, version), (action.about().sentence)());
            }
        }
        let lock = (Action::Lock.about().sentence)();
        assert_eq!(sentence(Action::Lock, "1.116.0"), lock);
        let left = |version| {
            encrypted_left(&Capabilities {
                version: Version::parse(version),
                ..Default::default()
            })
        };
        assert_eq!(left("1.131.0"), None);
        for (version, words) in [
            ("1.130.0", "Encrypted messages stay"),
            // Nobody knows how old it is.
            ("nightly", "Encrypted messages may stay"),
        ] {
            let told = left(version).unwrap();
            assert!(told.starts_with(words), "{version}: {told}");
        }
    }

    #[test]
    fn undoing_twice_is_doing() {
        for action in Action::ALL {
            let reversibility = action.about().reversibility;
            match action.inverse() {
                Some(inverse) => {
                    assert_eq!(inverse.inverse(), Some(action));
                    assert_eq!(reversibility, Reversibility::Reversible);
                    assert!(action.request(&own()).is_some());
                }
                None => assert_ne!(reversibility, Reversibility::Reversible, "{action:?}"),
            }
        }
    }

    #[test]
    fn the_menu_is_in_groups() {
        let groups = Action::ALL.map(|action| action.about().group as usize);
        assert!(groups.is_sorted());
    }
}
