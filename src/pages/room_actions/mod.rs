//! What can be done to rooms, for one, for the selected, for all that match.
//!
//! | file | what |
//! |---|---|
//! | [`subject`] | which rooms it is about |
//! | `bulk` | the buttons for the selected |
//! | `one` | the cards for one room |
//! | `survey` | what else a deletion would hit: addresses, files, bytes in the database |
//! | `propose` | the question before it |
//! | `fields` | what is filled in there |
//! | `history` | what removing the history up to a moment would hit |
//! | `perform` | doing it |
//! | `removal` | what the server does in the background: deletions, removing history |
//! | `words` | what each action is called |
//!
//! What an action hits is decided in [`crate::room_actions`].

mod bulk;
mod fields;
mod history;
mod one;
mod perform;
mod propose;
mod removal;
pub mod subject;
mod survey;
mod words;

use crate::operations::followed;
use crate::ui::{IntoNode, Node};
use leptos::prelude::*;
use subject::Subject;

/// What the chunk shows: the buttons for what [`subject::set`] has named. What an earlier page
/// has begun is followed.
pub fn view() -> Node {
    removal::DELETIONS.go_on();
    removal::PURGES.go_on();
    match subject::get() {
        Some(Subject::Picked { picked, changed }) => bulk::bar(picked, changed).into_node(),
        Some(Subject::One { known, changed }) => one::cards(known, changed).into_node(),
        None => ().into_any().into_node(),
    }
}

/// Whether an earlier page has begun something that is not known to have ended.
pub fn is_kept() -> bool {
    removal::KEYS.into_iter().any(followed::is_kept)
}
