//! What can be done to rooms, for one, for the selected, for all that match.
//!
//! | file | what |
//! |---|---|
//! | `targets` | rooms as the engine of actions sees them |
//! | `survey` | what else a deletion would hit: addresses, files, bytes in the database |
//! | `fields` | what is filled in |
//! | `history` | what removing the history up to a moment would hit |
//! | `media` | the files of rooms, and deleting them |
//! | `perform` | how each action is carried out |
//! | `removal` | what the server does in the background: deletions, removing history |
//!
//! The table of actions is in [`crate::rooms::actions`]; menu, cards, question, job and undo are
//! made from it by [`crate::widgets::actions`].

mod fields;
mod history;
mod media;
mod perform;
mod removal;
mod survey;
mod targets;

use crate::api::rooms::Room;
use crate::i18n::t;
use crate::lists::Picked;
use crate::operations::{carried, followed};
use crate::ui::{IntoNode, Node};
use crate::widgets::actions::{Targets, cards, menu};
use crate::widgets::subjects::rooms::{KnownRoom, Subject};
use leptos::prelude::*;
use std::rc::Rc;
use targets::Rooms;

/// The buttons for these; nothing if there are none. What an earlier page has begun is followed.
pub fn view(subject: Option<Subject>) -> Node {
    removal::DELETIONS.go_on();
    removal::PURGES.go_on();
    carried::go_on(perform::MAKER, perform::make);
    match subject {
        Some(Subject::Listed { picked, changed }) => listed(picked, changed),
        Some(Subject::Picked {
            picked,
            changed,
            see,
        }) => menu::bar_as(picked, changed, see, |rows, _| {
            Rc::new(Rooms {
                rows: rows.into(),
                origins: None,
                files: Default::default(),
            })
        }),
        Some(Subject::One { known, changed }) => {
            let target = Signal::derive_local(move || {
                let known = known.get()?;
                Some(Rc::new(Rooms {
                    rows: Rc::new([known]),
                    origins: None,
                    files: Default::default(),
                }) as Rc<dyn Targets>)
            });
            let on_change = Rc::new(move || changed.try_run(()).unwrap_or(()));
            cards::cards(t::room_card_state, target, on_change).into_node()
        }
        None => ().into_node().into_node(),
    }
}

/// Whether an earlier page has begun something that is not known to have ended.
pub fn is_kept() -> bool {
    removal::KEYS.into_iter().any(followed::is_kept) || carried::is_kept(perform::MAKER)
}

/// The menu for the selected of the list of rooms.
fn listed(picked: Picked, changed: RwSignal<u32>) -> Node {
    menu::bar(picked, changed, |rooms: Vec<Room>, origins| {
        Rc::new(Rooms {
            rows: rooms.into_iter().map(KnownRoom::of).collect(),
            origins: Some(Rc::new(origins)),
            files: Default::default(),
        })
    })
}
