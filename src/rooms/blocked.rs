//! The rooms that have been blocked from a browser, as it remembers them: Synapse has no list of them.

use crate::api::RoomId;
use crate::api::tolerant::Timestamp;

/// So many are remembered; the oldest are forgotten first.
const MOST: usize = 5_000;

/// What stands behind a room that is about to be blocked.
const DUE: &str = " due";

/// A room that is remembered.
#[derive(Clone, Debug, PartialEq)]
struct Remembered {
    room: RoomId,
    /// When it was blocked, or was to be.
    at: Timestamp,
    /// Whether the server blocks it with something that it carries out in the background.
    due: bool,
}

/// Rooms that have been blocked or are about to be, the newest first, and when each was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockedRooms(Vec<Remembered>);

impl BlockedRooms {
    /// Reads what [`BlockedRooms::text`] has written, and lines that are the ID of a room alone.
    pub fn parse(text: &str) -> Self {
        let line = |line: &str| {
            let (line, due) = match line.strip_suffix(DUE) {
                Some(line) => (line, true),
                None => (line, false),
            };
            let (room, at) = line.rsplit_once(' ').unwrap_or((line, "0"));
            Some(Remembered {
                room: RoomId::parse(room)?,
                at: Timestamp(at.parse().ok()?),
                due,
            })
        };
        BlockedRooms(text.lines().filter_map(line).collect())
    }

    /// A line for each.
    pub fn text(&self) -> String {
        let line = |of: &Remembered| {
            let due = if of.due { DUE } else { "" };
            format!("{} {}{due}", of.room, of.at.0)
        };
        let lines: Vec<String> = self.0.iter().map(line).collect();
        lines.join("\n")
    }

    /// All of them.
    pub fn rooms(&self) -> Vec<RoomId> {
        self.0.iter().map(|of| of.room.clone()).collect()
    }

    /// Whether a room is about to be blocked, as far as is remembered.
    pub fn is_due(&self, room: &RoomId) -> bool {
        self.0.iter().any(|of| of.due && of.room == *room)
    }

    /// Remembers rooms that have been blocked at this moment. Those that are due stay so.
    pub fn remember(&mut self, rooms: &[RoomId], at: Timestamp) {
        let new = rooms.iter().map(|room| Remembered {
            room: room.clone(),
            at,
            due: self.is_due(room),
        });
        let new: Vec<Remembered> = new.collect();
        self.0.retain(|of| !rooms.contains(&of.room));
        self.0.splice(..0, new);
        self.0.truncate(MOST);
    }

    /// Remembers a room that the server blocks with what it has begun at this moment.
    pub fn await_block(&mut self, room: &RoomId, at: Timestamp) {
        self.remember(std::slice::from_ref(room), at);
        if let Some(first) = self.0.first_mut() {
            first.due = true;
        }
    }

    /// What was to block a room is over: whether it is blocked is known by what is asked from this
    /// moment on.
    pub fn settle(&mut self, room: &RoomId, at: Timestamp) {
        for of in &mut self.0 {
            if of.due && of.room == *room {
                (of.at, of.due) = (at, false);
            }
        }
    }

    /// Forgets rooms that are blocked no more: `open_at` says when it was asked of a room that turned
    /// out not to be. What was asked before the room was blocked says nothing, nor does what was asked
    /// while that is still to come: of those that are due, `is_under_way` says so.
    pub fn forget(
        &mut self,
        open_at: impl Fn(&RoomId) -> Option<Timestamp>,
        is_under_way: impl Fn(&RoomId) -> bool,
    ) {
        self.0.retain(|of| {
            let is_open = open_at(&of.room).is_some_and(|asked| asked > of.at);
            !is_open || of.due && is_under_way(&of.room)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str) -> RoomId {
        RoomId::parse(&format!("!{name}:b.org")).unwrap()
    }

    #[test]
    fn an_answer_from_before_makes_nothing_forgotten() {
        let mut kept = BlockedRooms::default();
        kept.remember(&[room("a"), room("b")], Timestamp(10));
        let open = |asked| move |of: &RoomId| (*of == room("a")).then_some(Timestamp(asked));
        // The list was read while the job was under way.
        kept.forget(open(9), |_| false);
        kept.forget(open(10), |_| false);
        assert_eq!(kept.rooms(), [room("a"), room("b")]);
        kept.forget(open(11), |_| true);
        assert_eq!(kept.rooms(), [room("b")]);
    }

    #[test]
    fn what_is_blocked_again_is_the_newest() {
        let mut kept = BlockedRooms::default();
        kept.remember(&[room("a"), room("b")], Timestamp(10));
        kept.remember(&[room("b")], Timestamp(20));
        assert_eq!(kept.text(), "!b:b.org 20\n!a:b.org 10");
        kept.forget(|_| Some(Timestamp(15)), |_| false);
        assert_eq!(kept.rooms(), [room("b")]);
        let many: Vec<RoomId> = (0..MOST)
            .map(|number| room(&format!("r{number}")))
            .collect();
        kept.remember(&many, Timestamp(30));
        assert_eq!(kept.rooms(), many);
    }

    #[test]
    fn it_is_read_as_it_was_written_and_as_it_used_to_be() {
        let mut kept = BlockedRooms::default();
        kept.remember(&[room("a"), room("b")], Timestamp(10));
        kept.await_block(&room("c"), Timestamp(20));
        assert_eq!(kept.text(), "!c:b.org 20 due\n!a:b.org 10\n!b:b.org 10");
        assert_eq!(BlockedRooms::parse(&kept.text()), kept);
        let mut before = BlockedRooms::parse("!a:b.org\nnothing\n!b:b.org\n");
        assert_eq!(before.rooms(), [room("a"), room("b")]);
        before.forget(|_| Some(Timestamp(1)), |_| false);
        assert_eq!(before, BlockedRooms::default());
    }

    #[test]
    fn what_is_about_to_be_blocked_is_kept_until_that_is_over() {
        let mut kept = BlockedRooms::default();
        kept.await_block(&room("a"), Timestamp(10));
        let open = |asked| move |_: &RoomId| Some(Timestamp(asked));
        // It waits in the queue of the server, which says that the room is not blocked.
        kept.forget(open(20), |_| true);
        // The job of a left page says the same of it as one that has ended.
        kept.remember(&[room("a")], Timestamp(30));
        kept.forget(open(40), |_| true);
        assert!(kept.is_due(&room("a")));
        kept.settle(&room("a"), Timestamp(50));
        assert!(!kept.is_due(&room("a")));
        // Another tab was told so before.
        kept.forget(open(45), |_| false);
        assert_eq!(kept.rooms(), [room("a")]);
        // It failed.
        kept.forget(open(60), |_| true);
        assert_eq!(kept.rooms(), []);
        // Nobody knows any more how it ended.
        kept.await_block(&room("b"), Timestamp(70));
        kept.forget(open(80), |_| false);
        assert_eq!(kept.rooms(), []);
        // What is due to nothing is not settled.
        kept.remember(&[room("c")], Timestamp(90));
        kept.settle(&room("c"), Timestamp(100));
        assert_eq!(kept.text(), "!c:b.org 90");
    }
}
