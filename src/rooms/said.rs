//! What can be done about what was said in a room.

use crate::actions::{About, Group, Reversibility, Spares};
use crate::i18n::t;

/// Removing the content of an event for everybody.
pub const REMOVE: About = About {
    label: t::ev_remove,
    sentence: t::report_remove_text,
    more: None,
    one: t::report_remove_one,
    many: |_| t::ev_remove(),
    icon: "trash",
    group: Group::Content,
    reversibility: Reversibility::Irreversible,
    question: true,
    feature: None,
    spares: Spares::Nobody,
    looks_up: false,
    asks: true,
};
