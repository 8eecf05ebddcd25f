//! `#/`: how it goes, all at a glance; the first page.
//!
//! | file | what |
//! |---|---|
//! | [`questions`] | what the server is asked, a row each |
//! | [`board`] | asks them, each by itself, and remembers what they cost |
//! | [`cards`] | a card for each |
//! | [`attention`] | what needs attention, and what has changed since the last visit |

mod attention;
mod board;
mod cards;
mod questions;

use crate::components::button::{ButtonKind, IconButton};
use crate::components::page::PageHeader;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use board::Board;
use leptos::prelude::*;

/// The page with the dashboard.
pub fn view() -> Node {
    let board = Board::new();
    board.ask_all();
    view! {
        <PageHeader title=Signal::derive(t::nav_dashboard) lead=Signal::derive(t::dash_lead)>
            <IconButton label=t::list_refresh icon="refresh" kind=ButtonKind::Secondary busy=Signal::derive(move || board.is_busy()) on_press=move || board.ask_all() />
        </PageHeader>
        {cards::cards(board)}
        <div class="dash-below">
            {attention::attention(board)}
            {attention::changes(board)}
        </div>
    }
    .into_node()
}
