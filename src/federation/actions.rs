//! What can be done to other servers.

use super::health::is_failing;
use crate::actions::{About, Group, Reversibility, Spares};
use crate::api::federation::Destination;
use crate::i18n::t;
use crate::runner::Reason;

/// Having servers tried again at once.
pub const RESET: About = About {
    label: t::federation_reset,
    sentence: t::federation_reset_text,
    more: None,
    one: t::federation_reset_one,
    many: t::federation_reset_count,
    icon: "refresh",
    group: Group::Access,
    reversibility: Reversibility::Harmless,
    question: true,
    feature: None,
    spares: Spares::Nobody,
    looks_up: false,
    asks: false,
};

/// Why a server is left alone: to those that are reached everything is sent at once anyway.
pub fn spared(server: &Destination) -> Option<Reason> {
    (!is_failing(server)).then_some(Reason::Unchanged)
}
