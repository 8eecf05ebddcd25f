//! The type and the rules of a room, in words. They are what somebody wrote into its state: what is not known
//! is shown as it stands.

use super::t;

/// What a room was made as, by its type; most have none.
pub fn room_type(kind: Option<&str>) -> String {
    match kind.map(str::trim) {
        None | Some("") => t::room_plain(),
        Some("m.space") => t::room_space(),
        Some(other) => other.to_owned(),
    }
}

/// Who may join a room, by its join rule.
pub fn join_rule(rule: &str) -> String {
    match rule {
        "public" => t::room_join_public(),
        "invite" => t::room_join_invite(),
        "knock" => t::room_join_knock(),
        "restricted" => t::room_join_restricted(),
        "knock_restricted" => t::room_join_knock_restricted(),
        "private" => t::room_join_private(),
        other => other.to_owned(),
    }
}

/// Whether guests may join.
pub fn guest_access(rule: &str) -> String {
    match rule {
        "can_join" => t::room_guests_can_join(),
        "forbidden" => t::room_guests_forbidden(),
        other => other.to_owned(),
    }
}

/// Who sees what was said before.
pub fn history_visibility(rule: &str) -> String {
    match rule {
        "invited" => t::room_history_invited(),
        "joined" => t::room_history_joined(),
        "shared" => t::room_history_shared(),
        "world_readable" => t::room_history_world(),
        other => other.to_owned(),
    }
}
