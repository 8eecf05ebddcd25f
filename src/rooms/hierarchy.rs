//! What is in a space, as the pages of the server's hierarchy tell it: which rooms it lists, which of
//! them have been shown, and whether there is more to ask for.

use crate::api::RoomId;
use crate::api::rooms::{Child, Hierarchy, HierarchyRoom};
use std::collections::HashSet;

/// How far the rooms of a space have been read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reached {
    /// All that the space lists, as its first page says.
    listed: Vec<RoomId>,
    /// Those that have been taken out of the pages.
    seen: HashSet<RoomId>,
    /// How many pages have been read since the first.
    pub pages: usize,
    /// Where the next page begins; `None` at the beginning and at the end.
    pub next: Option<String>,
}

impl Reached {
    /// Takes in a page. What of it has not been there is answered.
    pub fn take(&mut self, space: &RoomId, page: Hierarchy) -> Vec<HierarchyRoom> {
        self.pages += 1;
        self.next = page.next_batch;
        let mut new = Vec::new();
        for room in page.rooms {
            if room.room_id == *space {
                self.listed
                    .extend(room.children_state.iter().filter_map(Child::room));
            } else if self.seen.insert(room.room_id.clone()) {
                new.push(room);
            }
        }
        new
    }

    /// Goes to the beginning; what has been there is not new then.
    pub fn restart(&mut self) {
        self.pages = 0;
        self.next = None;
        self.listed.clear();
    }

    /// Those that the space lists and no page has shown. They are hidden only where there is no page
    /// left that could show them.
    pub fn missing(&self) -> Vec<RoomId> {
        let mut named = HashSet::new();
        let missing = self
            .listed
            .iter()
            .filter(|room| !self.seen.contains(*room) && named.insert(*room));
        missing.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn room(name: &str) -> RoomId {
        RoomId::parse(&format!("!{name}:b.org")).unwrap()
    }

    fn page(rooms: &[&str], next: Option<&str>) -> Hierarchy {
        let children: Vec<_> = ["a", "b", "c", "b"]
            .iter()
            .map(|name| json!({"state_key": room(name), "type": "m.space.child", "content": {"via": ["b.org"]}}))
            .collect();
        let of = |name: &&str| match *name {
            "space" => json!({"room_id": room(name), "children_state": children}),
            name => json!({"room_id": room(name)}),
        };
        let rooms: Vec<_> = rooms.iter().map(of).collect();
        serde_json::from_value(json!({"rooms": rooms, "next_batch": next})).unwrap()
    }

    fn names(rooms: &[HierarchyRoom]) -> String {
        rooms
            .iter()
            .map(|room| &room.room_id.as_str()[1..2])
            .collect()
    }

    #[test]
    fn what_no_page_has_shown_is_missing() {
        let mut reached = Reached::default();
        let space = room("space");
        let first = reached.take(&space, page(&["space", "a"], Some("x")));
        assert_eq!(names(&first), "a");
        // There is more to ask for: nothing of this is hidden.
        assert_eq!(reached.missing(), [room("b"), room("c")]);
        assert_eq!((reached.pages, reached.next.as_deref()), (1, Some("x")));
        // Some servers repeat entries.
        let second = reached.take(&space, page(&["a", "c"], None));
        assert_eq!(names(&second), "c");
        assert_eq!(reached.missing(), [room("b")]);
        assert_eq!(reached.next, None);
    }

    #[test]
    fn what_has_been_there_is_not_new_from_the_beginning() {
        let mut reached = Reached::default();
        let space = room("space");
        reached.take(&space, page(&["space", "a"], Some("x")));
        reached.restart();
        assert_eq!((reached.pages, &reached.next), (0, &None));
        let again = reached.take(&space, page(&["space", "a", "b"], None));
        assert_eq!(names(&again), "b");
        assert_eq!(reached.missing(), [room("c")]);
    }
}
