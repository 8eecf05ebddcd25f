//! What each action is called.

use crate::i18n::{Words, t};
use crate::room_actions::Action;

/// The words of its button.
pub fn label(action: Action) -> Words {
    match action {
        Action::Block => t::room_act_block,
        Action::Unblock => t::room_act_unblock,
        Action::Publish => t::room_act_publish,
        Action::Unpublish => t::room_act_unpublish,
        Action::MakeMeAdmin => t::room_act_admin,
        Action::Join => t::room_act_join,
        Action::QuarantineMedia => t::room_act_quarantine,
        Action::PurgeHistory => t::room_act_purge,
        Action::Delete => t::room_act_delete,
    }
}

/// What it does, in a sentence or two.
pub fn sentence(action: Action) -> Words {
    match action {
        Action::Block => t::room_act_block_text,
        Action::Unblock => t::room_act_unblock_text,
        Action::Publish => t::room_act_publish_text,
        Action::Unpublish => t::room_act_unpublish_text,
        Action::MakeMeAdmin => t::room_act_admin_text,
        Action::Join => t::room_act_join_text,
        Action::QuarantineMedia => t::room_act_quarantine_text,
        Action::PurgeHistory => t::room_act_purge_text,
        Action::Delete => t::room_act_delete_text,
    }
}

/// The words of the button that does it, and the name of the job.
pub fn title(action: Action, count: u64) -> String {
    match action {
        Action::Block => t::room_act_block_count(count),
        Action::Unblock => t::room_act_unblock_count(count),
        Action::Publish => t::room_act_publish_count(count),
        Action::Unpublish => t::room_act_unpublish_count(count),
        Action::MakeMeAdmin => t::room_act_admin_count(count),
        Action::Join => t::room_act_join_count(count),
        Action::QuarantineMedia => t::room_act_quarantine_count(count),
        Action::PurgeHistory => t::room_act_purge_count(count),
        Action::Delete => t::room_act_delete_count(count),
    }
}

/// A name in the sprite.
pub fn picture(action: Action) -> &'static str {
    match action {
        Action::Block => "ban",
        Action::Unblock => "unlock",
        Action::Publish => "globe",
        Action::Unpublish => "minus",
        Action::MakeMeAdmin => "shield-check",
        Action::Join => "plus",
        Action::QuarantineMedia => "quarantine",
        Action::PurgeHistory => "broom",
        Action::Delete => "trash",
    }
}
