//! What was counted room by room, in words: of rooms that could not be read nothing was counted, and
//! that is no 0.

use crate::i18n::t;

/// What was found in so many rooms, of which so many could not be read.
pub fn of_rooms(found: String, rooms: usize, unread: usize) -> String {
    match unread {
        0 => found,
        _ if unread >= rooms => t::room_fact_unknown(),
        _ => format!("{found}, {}", t::room_fact_unread(unread as u64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_no_0() {
        let of = |rooms, unread| of_rooms("0".to_owned(), rooms, unread);
        assert_eq!(of(3, 0), "0");
        assert_eq!(of(3, 1), "0, not known for 1 room");
        assert_eq!(of(3, 2), "0, not known for 2 rooms");
        assert_eq!(of(3, 3), "unknown");
        assert_eq!(of(1, 1), "unknown");
    }
}
