//! What the members of a room are called. Names are for people: where two are called the same,
//! or somebody is called like an ID, the ID stands behind.

use crate::api::events::MEMBER;
use crate::api::server::Version;
use crate::api::{RoomId, events, rooms};
use crate::rooms::names::{Person, people};
use crate::session::{Client, learn};
use leptos::prelude::*;
use std::collections::HashMap;
use wasm_bindgen_futures::spawn_local;

/// Names are read of so many members at most: their events come all at once.
const MOST: u64 = 1000;

/// The names and pictures of a room's members. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Names {
    room: StoredValue<RoomId>,
    known: RwSignal<HashMap<String, Person>>,
    asked: StoredValue<bool>,
}

impl Names {
    /// Those of this room; nothing is asked yet.
    pub fn of(room: RoomId) -> Self {
        Names {
            room: StoredValue::new(room),
            known: RwSignal::new(HashMap::new()),
            asked: StoredValue::new(false),
        }
    }

    /// Asks for them, unless they have been told or are being asked for; where that has failed, whoever
    /// wants them next asks again. Until they are there, and where there are too many, people are called
    /// by their ID.
    pub fn ask(self) {
        if self.asked.get_value() {
            return;
        }
        self.asked.set_value(true);
        let room = self.room.get_value();
        spawn_local(async move {
            // The page may have been left.
            match told(&room).await {
                Some(people) => {
                    let _ = self.known.try_set(people);
                }
                None => {
                    let _ = self.asked.try_set_value(false);
                }
            }
        });
    }

    /// What they are called, with the ID where the name alone would not do. Reactive.
    pub fn name(self, user: &str) -> String {
        self.known.with(|known| match known.get(user) {
            None => user.to_owned(),
            Some(person) if person.shared => format!("{} ({user})", person.name),
            Some(person) => person.name.clone(),
        })
    }

    /// Whether any have been told. Reactive.
    pub fn are_there(self) -> bool {
        self.known.with(|known| !known.is_empty())
    }

    /// What is known of all of them now, nothing once the page has been left. Not reactive.
    pub fn now(self) -> HashMap<String, Person> {
        self.known.try_get_untracked().unwrap_or_default()
    }

    /// What is known of them. Reactive.
    pub fn person(self, user: &str) -> Option<Person> {
        self.known.with(|known| known.get(user).cloned())
    }
}

/// The members of a room, nobody where that would be too much; `None` where the server has not said.
async fn told(room: &RoomId) -> Option<HashMap<String, Person>> {
    let server = learn::capabilities().await.ok()?;
    // Older servers answer with the whole state, whatever is asked for.
    let is_old = server
        .version
        .is_some_and(|version| version < Version(1, 123, 0));
    if is_old {
        return Some(HashMap::new());
    }
    let client = Client::get();
    let detail = client.send(rooms::get(room)).await.ok()?;
    if detail.room.joined_members? > MOST {
        return Some(HashMap::new());
    }
    let found = client.send(events::state(room, Some(MEMBER))).await.ok()?;
    Some(people(&found.state))
}
