//! Why something is left out of a change, in words.

use super::t;
use crate::runner::Reason;

/// The reason, as part of a sentence: "nothing would change".
pub fn words(reason: Reason) -> String {
    match reason {
        Reason::Own => t::reason_own(),
        Reason::System => t::reason_system(),
        Reason::ApplicationService => t::reason_application_service(),
        Reason::Unchanged => t::reason_unchanged(),
        Reason::ChangedSince => t::reason_changed_since(),
        Reason::Gone => t::reason_gone(),
        Reason::NotMatching => t::reason_not_matching(),
        Reason::InUse => t::reason_in_use(),
        Reason::Guest => t::reason_guest(),
        Reason::NoRooms => t::reason_no_rooms(),
        Reason::LocalMembers => t::reason_local_members(),
        Reason::Protected => t::reason_protected(),
        Reason::Elsewhere => t::reason_elsewhere(),
        Reason::NotLocal => t::reason_not_local(),
        Reason::NotInRoom => t::reason_not_in_room(),
        Reason::NoRight => t::reason_no_right(),
        Reason::NothingSoOld => t::reason_nothing_so_old(),
        Reason::UnknownToMas => t::reason_unknown_to_mas(),
        Reason::Replaced => t::reason_replaced(),
        Reason::NotAsked => t::reason_not_asked(),
    }
}

/// How many were left out, and why: "2 left out: nothing would change".
pub fn counted(reason: Reason, count: usize) -> String {
    t::left_out_count(count as u64, &words(reason))
}
