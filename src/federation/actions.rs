//! What can be done to other servers.

use super::health::is_failing;
use crate::actions::{About, Group, Reversibility, Spares, Verdict};
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
    // The server refuses where there is nothing to forget.
    asks: true,
};

/// What is to be done with a server, as it is told right before; `None` if it is not known any more.
pub fn verdict(now: Option<&Destination>) -> Verdict {
    match now.map(spared) {
        None => Verdict::Leave(Reason::Gone),
        Some(Some(reason)) => Verdict::Leave(reason),
        Some(None) => Verdict::Go { undoable: false },
    }
}

/// Why a server is left alone: to those that are reached everything is sent at once anyway.
pub fn spared(server: &Destination) -> Option<Reason> {
    (!is_failing(server)).then_some(Reason::Unchanged)
}
