//! What the server has done of a deletion, in words, while it is at it. How many members it has to remove
//! in all it does not tell.

use crate::api::room_removal::Shutdown;
use crate::i18n::t;

/// How many members have been removed and not removed so far, and how many addresses lead to the new room;
/// `None` while the server has told of nothing.
pub fn deletion_so_far(did: &Shutdown) -> Option<String> {
    let parts: Vec<String> = [
        (
            did.kicked_users.len(),
            t::room_delete_removed as fn(u64) -> String,
        ),
        (did.failed_to_kick_users.len(), t::room_delete_not_removed),
        (did.local_aliases.len(), t::room_delete_addresses),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, words)| words(count as u64))
    .collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_told_is_not_said() {
        let of = |removed: usize, not_removed: usize, addresses: usize| {
            let names = |count| vec!["@a:b.org".to_owned(); count];
            deletion_so_far(&Shutdown {
                kicked_users: names(removed),
                failed_to_kick_users: names(not_removed),
                local_aliases: names(addresses),
                new_room_id: None,
            })
        };
        assert_eq!(of(0, 0, 0), None);
        assert_eq!(of(412, 0, 0).unwrap(), "412 members removed");
        assert_eq!(
            of(412, 2, 1).unwrap(),
            "412 members removed · 2 not removed · 1 address moved to the new room"
        );
    }
}
