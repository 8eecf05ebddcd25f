//! The tree of all spaces: which room is in which, as the spaces themselves say. Anybody with the
//! power for it has written that, so a space may be in itself, in several, or in nothing.

use crate::api::RoomId;
use crate::api::rooms::Child;
use crate::listing::sort::sort_by;
use std::collections::{HashMap, HashSet};

/// What is in each space.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Spaces {
    children: HashMap<RoomId, Vec<RoomId>>,
    parents: HashMap<RoomId, Vec<RoomId>>,
    /// Spaces that are in no other, and one of each circle that nothing else leads to.
    pub roots: Vec<RoomId>,
}

impl Spaces {
    /// The tree of these spaces, with what each lists. Where a space does not say in which order,
    /// rooms stand by what they are called.
    pub fn of(spaces: &[(RoomId, Vec<Child>)], title: impl Fn(&RoomId) -> String) -> Self {
        let mut tree = Spaces::default();
        for (space, listed) in spaces {
            let mut rooms: Vec<(Option<&str>, String, RoomId)> = Vec::new();
            for child in listed {
                let Some(room) = child.room() else {
                    continue;
                };
                // Itself is nothing that is in it.
                if room != *space && !rooms.iter().any(|(_, _, other)| *other == room) {
                    rooms.push((child.order(), title(&room).to_lowercase(), room));
                }
            }
            // Whatever has an order stands before what has none.
            sort_by(&mut rooms, |a, b| {
                (a.0.is_none(), a.0, &a.1, &a.2).cmp(&(b.0.is_none(), b.0, &b.1, &b.2))
            });
            let rooms: Vec<RoomId> = rooms.into_iter().map(|(_, _, room)| room).collect();
            for room in &rooms {
                let parents = tree.parents.entry(room.clone()).or_default();
                parents.push(space.clone());
            }
            tree.children.insert(space.clone(), rooms);
        }
        let all = spaces.iter().map(|(space, _)| space);
        tree.roots = tree.roots_of(all, title);
        tree
    }

    /// Those of these spaces that are in no other of them, and one of each circle.
    pub fn roots_of<'a>(
        &self,
        spaces: impl Iterator<Item = &'a RoomId>,
        title: impl Fn(&RoomId) -> String,
    ) -> Vec<RoomId> {
        let mut all: Vec<(String, &RoomId)> = spaces
            .map(|space| (title(space).to_lowercase(), space))
            .collect();
        sort_by(&mut all, |a, b| a.cmp(b));
        let wanted: HashSet<&RoomId> = all.iter().map(|(_, space)| *space).collect();
        let is_below = |space: &RoomId| {
            let parents = self.parents.get(space).into_iter().flatten();
            parents.into_iter().any(|parent| wanted.contains(parent))
        };
        let (mut roots, mut reached) = (Vec::new(), HashSet::new());
        // First what nothing leads to, then whatever is left in circles.
        for circles in [false, true] {
            for (_, space) in &all {
                if reached.contains(*space) || !circles && is_below(space) {
                    continue;
                }
                roots.push((*space).clone());
                self.walk((*space).clone(), &self.children, &mut reached);
            }
        }
        roots
    }

    /// Notes a room, and all to which `on` leads from it.
    fn walk(&self, room: RoomId, on: &HashMap<RoomId, Vec<RoomId>>, reached: &mut HashSet<RoomId>) {
        let mut open = vec![room];
        while let Some(room) = open.pop() {
            if reached.insert(room.clone()) {
                open.extend(on.get(&room).into_iter().flatten().cloned());
            }
        }
    }

    /// What is in a space, in its order; nothing for what is none.
    pub fn children(&self, space: &RoomId) -> &[RoomId] {
        self.children.get(space).map_or(&[], Vec::as_slice)
    }

    /// In how many of the spaces a room is.
    pub fn parents(&self, room: &RoomId) -> usize {
        self.parents.get(room).map_or(0, Vec::len)
    }

    /// How many spaces there are.
    pub fn count(&self) -> usize {
        self.children.len()
    }

    /// All rooms and spaces that are in a space.
    pub fn contained(&self) -> impl Iterator<Item = &RoomId> {
        self.parents.keys()
    }

    /// All of the tree that leads to these, and these.
    pub fn ways_to(&self, rooms: impl Iterator<Item = RoomId>) -> HashSet<RoomId> {
        let mut reached = HashSet::new();
        for room in rooms {
            self.walk(room, &self.parents, &mut reached);
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn room(name: &str) -> RoomId {
        RoomId::parse(&format!("!{name}:b.org")).unwrap()
    }

    fn child(name: &str, content: serde_json::Value) -> Child {
        Child {
            state_key: room(name).to_string(),
            content,
        }
    }

    fn listed(spaces: &[(&str, &[&str])]) -> Spaces {
        let child = |name: &&str| child(name, json!({"via": ["b.org"]}));
        let spaces: Vec<(RoomId, Vec<Child>)> = spaces
            .iter()
            .map(|(name, of)| (room(name), of.iter().map(child).collect()))
            .collect();
        Spaces::of(&spaces, RoomId::to_string)
    }

    fn names(rooms: &[RoomId]) -> String {
        let names = rooms.iter().map(|room| &room.as_str()[1..2]);
        names.collect()
    }

    #[test]
    fn a_space_in_none_is_a_root() {
        let tree = listed(&[("b", &["x", "c"]), ("c", &["x", "y"]), ("a", &[])]);
        assert_eq!(names(&tree.roots), "ab");
        assert_eq!(names(tree.children(&room("b"))), "cx");
        assert_eq!(tree.parents(&room("x")), 2);
        assert_eq!(tree.children(&room("x")), []);
        assert_eq!((tree.count(), tree.contained().count()), (3, 3));
    }

    #[test]
    fn of_each_circle_one_is_a_root() {
        let tree = listed(&[
            ("a", &["a", "b"]),
            ("b", &["c"]),
            ("c", &["b"]),
            ("e", &["d"]),
            ("d", &["e", "x"]),
        ]);
        // To b and c leads a, to d and e nothing.
        assert_eq!(names(&tree.roots), "ad");
        assert_eq!(names(tree.children(&room("a"))), "b");
    }

    #[test]
    fn what_has_been_removed_is_not_in_it_and_orders_are_kept() {
        let via = json!({"via": ["b.org"]});
        let ordered = |order: serde_json::Value| json!({"via": ["b.org"], "order": order});
        let space = (
            room("s"),
            vec![
                child("a", via.clone()),
                child("b", ordered(json!("2"))),
                child("c", ordered(json!("1"))),
                child("d", json!({})),
                child("e", ordered(json!(7))),
                child("a", via),
            ],
        );
        let tree = Spaces::of(&[space], RoomId::to_string);
        assert_eq!(names(tree.children(&room("s"))), "cbae");
    }

    #[test]
    fn a_search_keeps_the_ways_to_what_it_finds() {
        let tree = listed(&[("a", &["b", "z"]), ("b", &["x", "a"]), ("c", &["y"])]);
        let ways = tree.ways_to([room("x")].into_iter());
        let mut ways: Vec<RoomId> = ways.into_iter().collect();
        ways.sort();
        assert_eq!(names(&ways), "abx");
    }

    proptest! {
        #[test]
        fn every_space_is_reached_from_a_root(
            edges in proptest::collection::vec((0_u8..12, 0_u8..16), 0..60),
        ) {
            let name = |number: u8| format!("r{number}");
            let spaces: Vec<(RoomId, Vec<Child>)> = (0..12)
                .map(|space| {
                    let of = edges.iter().filter(|(from, _)| *from == space);
                    let of = of.map(|(_, to)| child(&name(*to), json!({"via": []})));
                    (room(&name(space)), of.collect())
                })
                .collect();
            let tree = Spaces::of(&spaces, RoomId::to_string);
            let mut reached = HashSet::new();
            for root in &tree.roots {
                tree.walk(root.clone(), &tree.children, &mut reached);
            }
            for (space, _) in &spaces {
                prop_assert!(reached.contains(space));
            }
            // None of the roots is below another, unless they are of one circle.
            let below: HashSet<&RoomId> = tree.contained().collect();
            let outside = tree.roots.iter().filter(|root| !below.contains(root)).count();
            let free = spaces.iter().filter(|(space, _)| !below.contains(space)).count();
            prop_assert_eq!(outside, free);
        }
    }
}
