//! The question before an action: what it hits, what it leaves out, what has to be filled in.

use super::fields::fields;
use super::{perform, survey, words};
use crate::api::RoomId;
use crate::api::rooms::Room;
use crate::components::toast::Toasts;
use crate::i18n::{format, t};
use crate::operations::{Confirmation, Operations, Proposal};
use crate::pages::gather::Gatherer;
use crate::room_actions::{self, Action, Hit};
use crate::weight::Weight;
use std::rc::Rc;

/// How many of the rooms are named.
const NAMED: usize = 5;

/// Asks, and does it once confirmed. `blocked` says whether the one room is, where that is
/// known. `on_change` is called when something may have changed; `on_start` when it begins.
pub fn propose(
    gatherer: Gatherer,
    action: Action,
    rooms: &[Room],
    blocked: Option<bool>,
    on_start: Rc<dyn Fn()>,
    on_change: Rc<dyn Fn()>,
) {
    let hit = room_actions::hit(action, rooms, blocked);
    if hit.rooms.is_empty() {
        return Toasts::get().info(t::room_act_nothing());
    }
    if !survey::is_due(action) {
        return ask(action, &hit, Vec::new(), on_start, on_change);
    }
    let rooms: Rc<[Room]> = hit.rooms.clone().into();
    gatherer.wait(
        move |reading| async move { survey::facts(action, &rooms, &reading).await },
        move |facts| ask(action, &hit, facts, on_start, on_change),
    );
}

/// A room's name with its ID, which alone is unique.
fn named(room: &Room) -> String {
    let id = room.room_id.as_str();
    match room.title() {
        title if title == id => id.to_owned(),
        title => format!("{title} ({id})"),
    }
}

fn facts(action: Action, hit: &Hit) -> Vec<(String, String)> {
    let number = |count: u64| format::number(count as f64);
    let shown = match &hit.rooms[..] {
        [room] => named(room),
        rooms => {
            let mut titles: Vec<&str> = rooms.iter().take(NAMED).map(Room::title).collect();
            if rooms.len() > NAMED {
                titles.push("…");
            }
            format!("{}: {}", number(rooms.len() as u64), titles.join(", "))
        }
    };
    let mut facts = vec![(t::room_fact_rooms(), shown)];
    if hit.spaces > 0 && hit.rooms.len() > 1 {
        facts.push((t::room_fact_spaces(), number(hit.spaces as u64)));
    }
    if action.weight() == Weight::Irreversible {
        facts.push((t::room_members(), number(hit.members)));
        facts.push((t::room_local_members(), number(hit.local_members)));
    }
    if action == Action::Delete {
        facts.push((t::room_fact_state_events(), number(hit.state_events)));
    }
    if hit.unchanged > 0 {
        facts.push((t::act_fact_unchanged(), number(hit.unchanged as u64)));
    }
    facts
}

fn ask(
    action: Action,
    hit: &Hit,
    surveyed: Vec<(String, String)>,
    on_start: Rc<dyn Fn()>,
    on_change: Rc<dyn Fn()>,
) {
    let rooms: Rc<[RoomId]> = hit.rooms.iter().map(|room| room.room_id.clone()).collect();
    let count = rooms.len() as u64;
    let mut facts = facts(action, hit);
    facts.extend(surveyed);
    let (fields, input) = fields(action, &rooms);
    let confirmation = match (action.weight(), &hit.rooms[..]) {
        (Weight::Irreversible, [room]) => Confirmation::Type(typed(room)),
        (Weight::Irreversible, _) => Confirmation::Type(count.to_string()),
        _ => Confirmation::Click,
    };
    let title = words::title(action, count);
    Operations::get().propose(Proposal {
        title: t::act_question(&title),
        sentence: words::sentence(action)(),
        facts,
        action: title,
        danger: action.weight() == Weight::Irreversible,
        confirmation,
        fields,
        run: Rc::new(move || {
            on_start();
            perform::start(action, &rooms, input(), Rc::clone(&on_change));
        }),
    });
}

/// What is typed to confirm: an alias or a name, if it is one that can be typed, else the ID.
fn typed(room: &Room) -> String {
    let can_be_typed = |text: &&str| {
        let plain = |c: char| c.is_alphanumeric() || "#:._-()&' ".contains(c);
        text.len() <= 60 && !text.contains("  ") && text.chars().all(plain)
    };
    let name = room.name.as_deref().map(str::trim);
    name.filter(|name| !name.is_empty())
        .filter(can_be_typed)
        .unwrap_or(room.room_id.as_str())
        .to_owned()
}
