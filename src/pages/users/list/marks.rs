//! The state of an account in badges.

use crate::api::users::User;
use crate::components::badge::{Tone, badge};
use crate::i18n::{Words, t};
use crate::known::Known;
use crate::ui::Node;
use crate::users::query::Told;

/// What is out of the ordinary about an account; usually nothing.
pub fn state_marks(user: &User, told: &Told) -> Vec<Node> {
    let marks: [(bool, Tone, Words); 7] = [
        (user.is_guest, Tone::Neutral, t::users_guest),
        (user.deactivated, Tone::Bad, t::users_deactivated),
        (user.erased, Tone::Bad, t::users_erased),
        (
            told.locked(user) == Known::Is(true),
            Tone::Warning,
            t::users_locked,
        ),
        (
            user.suspended == Some(true),
            Tone::Warning,
            t::user_suspended,
        ),
        (user.shadow_banned, Tone::Warning, t::users_shadow_banned),
        (user.approved == Some(false), Tone::Warning, t::user_waiting),
    ];
    marks
        .into_iter()
        .filter(|(is, ..)| *is)
        .map(|(_, tone, label)| badge(tone, label))
        .collect()
}
