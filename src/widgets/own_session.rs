//! Which of the sessions at Matrix Authentication Service is the one in which the administrator works.

use crate::api::UserId;
use crate::components::badge::{Tone, badge};
use crate::i18n::t;
use crate::session::Session;
use crate::ui::Node;
use crate::users::sessions::{IsOwn, WorksBy};

/// What the session of this tab is known by, if it is this user's.
pub fn works_by(user: &UserId) -> Option<WorksBy> {
    let account = Session::get().account_now()?;
    (account.user_id == *user).then_some(WorksBy {
        personal: account.is_personal(),
        client: account.oauth.map(|oauth| oauth.client_id),
        device: account.device_id,
    })
}

/// Says of a session that it is one's own, or may be.
pub fn own_badge(own: IsOwn) -> Option<Node> {
    match own {
        IsOwn::Yes => Some(badge(Tone::Accent, t::devices_own)),
        IsOwn::Perhaps => Some(badge(Tone::Warning, t::held_perhaps_own)),
        IsOwn::No => None,
    }
}
