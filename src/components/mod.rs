//! The building blocks of the pages. They know nothing of Matrix.
//!
//! | module | what |
//! |---|---|
//! | [`avatar`] | the picture of a user or a room, or initials |
//! | [`badge`] | small marks for a state; ticks |
//! | [`bars`] | bar charts of which each bar is a link |
//! | [`beat`] | when what is looked at is asked for anew |
//! | [`button`] | buttons, icon buttons, links that look like buttons |
//! | [`clipboard`] | copying with one click |
//! | [`confirm`] | asking before something happens: one click, or a name to type |
//! | [`countdown`] | a wait that is shown as it passes |
//! | [`dialog`] | modal dialogs |
//! | [`empty`] | nothing to show, and why |
//! | [`failure`] | an error with what to do about it, its details and "Retry" |
//! | [`field`] | form fields |
//! | [`file_input`] | choosing or dropping a file |
//! | [`form`] | what is unsaved, and the question before it is left |
//! | [`form_dialog`] | a dialog with a form about one thing |
//! | [`icon`] | icons |
//! | [`identifier`] | identifiers in monospace, shortened in the middle |
//! | [`json`] | JSON that can be copied |
//! | [`link`] | links to pages of ours |
//! | [`long_table`] | any number of rows, of which those in sight are in the page |
//! | [`menu`] | a button that opens a panel |
//! | [`notice`] | a message that stays in the page |
//! | [`one_thing`] | a page about one thing: its head, and what stands below it |
//! | [`opened`] | a summary that can be opened |
//! | [`page`] | the head of a page, cards, numbers, facts, skeletons |
//! | [`part`] | a part of the app that is downloaded when it is needed |
//! | [`progress`] | progress bars |
//! | [`questions`] | numbers for questions, so that a late answer does not count |
//! | [`remote`] | what is asked of the server, while it is asked, and what came of it |
//! | [`tabs`] | tabs that are links |
//! | [`time`] | relative times with the exact one on hover |
//! | [`toast`] | short messages at the edge of the page |
//! | [`mod@window`] | of many rows those in sight, for lists and [`long_table`] |
//!
//! Words are passed as functions, `label=t::users_title`, so that they follow the language.
//! How things look is in `style/`, one file per component; there are no `style` attributes,
//! which the Content-Security-Policy refuses.

pub mod avatar;
pub mod badge;
pub mod bars;
pub mod beat;
pub mod button;
pub mod clipboard;
pub mod confirm;
pub mod countdown;
pub mod dialog;
pub mod empty;
pub mod failure;
pub mod field;
pub mod file_input;
pub mod form;
pub mod form_dialog;
pub mod icon;
pub mod identifier;
pub mod ids;
pub mod json;
pub mod link;
pub mod long_table;
pub mod menu;
pub mod notice;
pub mod one_thing;
pub mod opened;
pub mod page;
pub mod part;
pub mod progress;
pub mod questions;
pub mod remote;
pub mod tabs;
pub mod time;
pub mod toast;
pub mod typed;
pub mod window;

use crate::i18n::{self, t};
use crate::known::Why;
use crate::ui::{IntoNode, Node, view};

/// A dash where the value is not known; why not is said on hover and to screen readers.
pub fn unknown(why: Why) -> Node {
    let why = i18n::known::why(why);
    view! {
        <span class="nothing" title=why>
            <span aria-hidden="true">"–"</span>
            <span class="visually-hidden">{why}</span>
        </span>
    }
    .into_node()
}

/// A dash where there is no value.
pub fn nothing() -> Node {
    view! {
        <span class="nothing">
            <span aria-hidden="true">"–"</span>
            <span class="visually-hidden">{t::nothing}</span>
        </span>
    }
    .into_node()
}
