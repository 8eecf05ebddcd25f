//! `#/tasks`: what the server does in the background.
//!
//! | file | what |
//! |---|---|
//! | `scheduled` | tasks by name: deletions, removing history or messages |
//! | `updates` | updates of the database |
//! | `seen` | whether they come any further |
//! | `start` | starting one of them by hand |

mod scheduled;
pub mod seen;
mod start;
mod updates;

use crate::address::route::Route;
use crate::components::beat::Beat;
use crate::components::page::PageHeader;
use crate::components::tabs::{Tab, tabbed};
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The page of what the server does in the background.
pub fn view() -> Node {
    let tabs = vec![
        Tab::new("", t::tasks_tab, || scheduled::tab(Beat::new(|| true))),
        Tab::new("updates", t::tasks_updates_tab, || {
            updates::tab(Beat::new(|| true))
        }),
    ];
    view! {
        <PageHeader title=Signal::derive(t::nav_tasks) lead=Signal::derive(t::tasks_lead) />
        {tabbed(&Route::Tasks, t::tasks_tabs, tabs)}
    }
    .into_node()
}
