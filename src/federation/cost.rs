//! What other servers cost that cannot be reached: the rooms that are shared with them, and their people
//! in them, for whom whatever happens there is kept until they can be reached, or given up.

use crate::api::{RoomId, ServerName, UserId};
use std::collections::{HashMap, HashSet};

/// What one server costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cost {
    pub server: ServerName,
    /// Rooms that are shared with it.
    pub rooms: u64,
    /// Its people who are in rooms of which the members are known, each once.
    pub members: u64,
}

/// What they cost together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// Each of them, those with the most people first, then by rooms.
    pub each: Vec<Cost>,
    /// Rooms that are shared with any of them.
    pub rooms: u64,
    /// Their people in these rooms, each once.
    pub members: u64,
    /// Rooms of which nobody said who is in them.
    pub silent: u64,
}

/// The rooms of each server, and who is in each room; `None` if that is not known.
pub fn bill(
    servers: &[(ServerName, Vec<RoomId>)],
    members: &HashMap<RoomId, Option<Vec<UserId>>>,
) -> Bill {
    let rooms: HashSet<&RoomId> = servers.iter().flat_map(|(_, rooms)| rooms).collect();
    let known = |room: &RoomId| members.get(room).and_then(Option::as_ref);
    let silent = rooms.iter().filter(|room| known(room).is_none()).count() as u64;
    // Whom of which server the rooms have: each room is gone through once.
    let mut people: HashMap<ServerName, HashSet<&UserId>> = HashMap::new();
    for user in rooms.iter().filter_map(|room| known(room)).flatten() {
        people.entry(user.server()).or_default().insert(user);
    }
    let mut each: Vec<Cost> = servers
        .iter()
        .map(|(server, rooms)| Cost {
            server: server.clone(),
            rooms: rooms.len() as u64,
            members: people.get(server).map_or(0, |people| people.len() as u64),
        })
        .collect();
    each.sort_by(|a, b| {
        let by_most = (b.members, b.rooms).cmp(&(a.members, a.rooms));
        by_most.then_with(|| a.server.cmp(&b.server))
    });
    Bill {
        rooms: rooms.len() as u64,
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
            (server("d.org"), vec![]),
        ];
        let members = HashMap::from([
            (room("r"), users(&["@x:a.org", "@y:c.org", "@own:b.org"])),
            (room("s"), users(&["@x:a.org", "@z:a.org"])),
            (room("t"), None),
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
