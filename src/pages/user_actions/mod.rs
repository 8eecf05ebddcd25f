//! What can be done to accounts, for one, for the selected, for all that match.
//!
//! | file | what |
//! |---|---|
//! | [`subject`] | whom it is about |
//! | `bulk` | the buttons for the selected |
//! | `one` | the cards for one account |
//! | `survey` | what else a deletion would hit: files, sessions |
//! | `propose` | the question before it, with its fields |
//! | `perform` | doing it |
//! | `redactions` | removing messages, which the server does in the background |
//! | `words` | what each action is called |
//!
//! Whom an action hits is decided in [`crate::user_actions`].

mod bulk;
mod one;
mod perform;
mod propose;
mod redactions;
pub mod subject;
mod survey;
mod words;

use crate::operations::followed;
use crate::ui::{IntoNode, Node};
use leptos::prelude::*;
use subject::Subject;

/// What the chunk shows: the buttons for whom [`subject::set`] has named. What an earlier page
/// has begun is followed.
pub fn view() -> Node {
    redactions::REDACTIONS.go_on();
    match subject::get() {
        Some(Subject::Picked { picked, changed }) => bulk::bar(picked, changed).into_node(),
        Some(Subject::One { user, changed }) => one::cards(user, changed).into_node(),
        None => ().into_any().into_node(),
    }
}

/// Whether an earlier page has begun something that is not known to have ended.
pub fn is_kept() -> bool {
    followed::is_kept(redactions::KEY)
}
