//! What other servers cost that cannot be reached: the rooms that are shared with them, and their people
//! in them, for whom whatever happens there is kept until they can be reached, or given up. The homeserver
//! names every room from which it ever sent something there: who is in a room says whether it is shared
//! still.

use crate::api::{RoomId, ServerName, UserId};
use std::collections::{HashMap, HashSet};

/// What one server costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    pub server: ServerName,
    /// Rooms in which people of it are, or of which that is not known.
    pub rooms: u64,
    /// Its people who are in rooms of which the members are known, each once.
    pub members: u64,
}

/// What they cost together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Each of them, those with the most people first, then by rooms.
    pub each: Vec<Cost>,
    /// Rooms in which people of any of them are, or of which that is not known.
    pub rooms: u64,
    /// Their people in these rooms, each once.
    pub members: u64,
    /// Rooms of which nobody said who is in them.
    pub silent: u64,
}

/// The rooms of which the homeserver knows with each server, and who is in each room; `None` if that is
/// not known.
pub fn bill(
    servers: &[(ServerName, Vec<RoomId>)],
    members: &HashMap<RoomId, Option<Vec<UserId>>>,
) -> Bill {
    let rooms: HashSet<&RoomId> = servers.iter().flat_map(|(_, rooms)| rooms).collect();
    let known = |room: &RoomId| members.get(room).and_then(Option::as_ref);
    let silent = rooms.iter().filter(|room| known(room).is_none()).count() as u64;
    // Whom of which server the rooms have: each room is gone through once.
    let mut people: HashMap<ServerName, HashSet<&UserId>> = HashMap::new();
    let mut populated: HashMap<&RoomId, HashSet<ServerName>> = HashMap::new();
    for room in &rooms {
        let Some(users) = known(room) else { continue };
        let there = populated.entry(room).or_default();
        for user in users {
            let server = user.server();
            there.insert(server.clone());
            people.entry(server).or_default().insert(user);
        }
    }
    let is_shared = |room: &RoomId, server: &ServerName| {
        let servers = populated.get(room);
        servers.is_none_or(|servers| servers.contains(server))
    };
    let mut shared: HashSet<&RoomId> = HashSet::new();
    let mut each: Vec<Cost> = servers
        .iter()
        .map(|(server, rooms)| Cost {
            server: server.clone(),
            rooms: rooms
                .iter()
                .filter(|room| is_shared(room, server))
                .map(|room| shared.insert(room))
                .count() as u64,
            members: people.get(server).map_or(0, |people| people.len() as u64),
        })
        .collect();
    each.sort_by(|a, b| {
        let by_most = (b.members, b.rooms).cmp(&(a.members, a.rooms));
        by_most.then_with(|| a.server.cmp(&b.server))
    });
    Bill {
        rooms: shared.len() as u64,
        members: each.iter().map(|cost| cost.members).sum(),
        silent,
        each,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rooms_and_people_are_counted_once() {
        let server = |name: &str| ServerName::parse(name).unwrap();
        let room = |name: &str| RoomId::parse(&format!("!{name}:b.org")).unwrap();
        let users = |ids: &[&str]| -> Option<Vec<UserId>> {
            Some(ids.iter().map(|id| UserId::parse(id).unwrap()).collect())
        };
        let servers = [
            (server("a.org"), vec![room("r"), room("s")]),
            (server("c.org"), vec![room("r"), room("t")]),
            // Its people have left.
            (server("d.org"), vec![room("r"), room("u")]),
        ];
        let members = HashMap::from([
            (room("r"), users(&["@x:a.org", "@y:c.org", "@own:b.org"])),
            (room("s"), users(&["@x:a.org", "@z:a.org"])),
            (room("t"), None),
            (room("u"), users(&["@own:b.org"])),
        ]);
        let bill = bill(&servers, &members);
        assert_eq!((bill.rooms, bill.members, bill.silent), (3, 3, 1));
        let each: Vec<(&str, u64, u64)> = bill
            .each
            .iter()
            .map(|cost| (cost.server.as_str(), cost.rooms, cost.members))
            .collect();
        assert_eq!(each, [("a.org", 2, 2), ("c.org", 2, 1), ("d.org", 0, 0)]);
    }
}
