//! What each action is called.

use crate::i18n::{Words, t};
use crate::user_actions::Action;

/// The words of its button.
pub fn label(action: Action) -> Words {
    match action {
        Action::Lock => t::act_lock,
        Action::Unlock => t::act_unlock,
        Action::Suspend => t::act_suspend,
        Action::Unsuspend => t::act_unsuspend,
        Action::ShadowBan => t::act_shadow_ban,
        Action::LiftShadowBan => t::act_lift_shadow_ban,
        Action::MakeAdmin => t::act_make_admin,
        Action::TakeAdmin => t::act_take_admin,
        Action::Approve => t::act_approve,
        Action::Reactivate => t::act_reactivate,
        Action::Notice => t::act_notice,
        Action::Join => t::act_join,
        Action::QuarantineMedia => t::act_quarantine_media,
        Action::LogOut => t::act_log_out,
        Action::DeleteMedia => t::act_delete_media,
        Action::Redact => t::act_redact,
        Action::Deactivate => t::act_deactivate,
        Action::Erase => t::act_erase,
    }
}

/// What it does, in a sentence or two.
pub fn sentence(action: Action) -> Words {
    match action {
        Action::Lock => t::act_lock_text,
        Action::Unlock => t::act_unlock_text,
        Action::Suspend => t::act_suspend_text,
        Action::Unsuspend => t::act_unsuspend_text,
        Action::ShadowBan => t::act_shadow_ban_text,
        Action::LiftShadowBan => t::act_lift_shadow_ban_text,
        Action::MakeAdmin => t::act_make_admin_text,
        Action::TakeAdmin => t::act_take_admin_text,
        Action::Approve => t::act_approve_text,
        Action::Reactivate => t::act_reactivate_text,
        Action::Notice => t::act_notice_text,
        Action::Join => t::act_join_text,
        Action::QuarantineMedia => t::act_quarantine_media_text,
        Action::LogOut => t::act_log_out_text,
        Action::DeleteMedia => t::act_delete_media_text,
        Action::Redact => t::act_redact_text,
        Action::Deactivate => t::act_deactivate_text,
        Action::Erase => t::act_erase_text,
    }
}

/// The words of the button that does it, and the name of the job.
pub fn title(action: Action, count: u64) -> String {
    match action {
        Action::Lock => t::act_lock_count(count),
        Action::Unlock => t::act_unlock_count(count),
        Action::Suspend => t::act_suspend_count(count),
        Action::Unsuspend => t::act_unsuspend_count(count),
        Action::ShadowBan => t::act_shadow_ban_count(count),
        Action::LiftShadowBan => t::act_lift_shadow_ban_count(count),
        Action::MakeAdmin => t::act_make_admin_count(count),
        Action::TakeAdmin => t::act_take_admin_count(count),
        Action::Approve => t::act_approve_count(count),
        Action::Reactivate => t::act_reactivate_count(count),
        Action::Notice => t::act_notice_count(count),
        Action::Join => t::act_join_count(count),
        Action::QuarantineMedia => t::act_quarantine_media_count(count),
        Action::LogOut => t::act_log_out_count(count),
        Action::DeleteMedia => t::act_delete_media_count(count),
        Action::Redact => t::act_redact_count(count),
        Action::Deactivate => t::act_deactivate_count(count),
        Action::Erase => t::act_erase_count(count),
    }
}

/// A name in the sprite.
pub fn picture(action: Action) -> &'static str {
    match action {
        Action::Lock => "lock",
        Action::Unlock => "unlock",
        Action::Suspend => "pause",
        Action::Unsuspend => "play",
        Action::ShadowBan => "eye",
        Action::LiftShadowBan => "undo",
        Action::MakeAdmin => "shield-check",
        Action::TakeAdmin => "shield",
        Action::Approve => "check",
        Action::Reactivate => "refresh",
        Action::Notice => "send",
        Action::Join => "rooms",
        Action::QuarantineMedia => "quarantine",
        Action::LogOut => "log-out",
        Action::DeleteMedia => "media",
        Action::Redact => "broom",
        Action::Deactivate => "ban",
        Action::Erase => "trash",
    }
}
