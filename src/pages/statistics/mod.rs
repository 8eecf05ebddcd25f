//! `#/statistics`: accounts, uploads and rooms, counted.
//!
//! | file | what |
//! |---|---|
//! | `accounts` | the first tab: when accounts came, when they were last used, what they are |
//! | `uploads` | the second tab: who has most media, and when files came |
//! | `rooms` | the third tab: the largest rooms |
//! | `chart` | charts that can be saved as a file |
//! | `dear` | what costs the server something is read when somebody wants it |

mod accounts;
mod chart;
mod dear;
mod rooms;
mod uploads;

use crate::address::route::Route;
use crate::components::page::PageHeader;
use crate::components::tabs::{Tab, tabbed};
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The page of statistics.
pub fn view() -> Node {
    let tabs = vec![
        Tab::new("", t::statistics_accounts, accounts::tab),
        Tab::new("media", t::statistics_uploads, uploads::tab),
        Tab::new("rooms", t::nav_rooms, rooms::tab),
    ];
    view! {
        <PageHeader
            title=Signal::derive(t::nav_statistics)
            lead=Signal::derive(t::statistics_lead)
        />
        <div class="statistics">{tabbed(&Route::Statistics, t::nav_statistics, tabs)}</div>
    }
    .into_node()
}
