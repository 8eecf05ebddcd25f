//! `#/tasks`: what the server does in the background.
//!
//! | file | what |
//! |---|---|
//! | `scheduled` | tasks by name: deletions, removing history or messages |
//! | `updates` | updates of the database |
//! | `start` | starting one of them by hand |

mod scheduled;
mod start;
mod updates;

use crate::address::route::Route;
use crate::components::page::PageHeader;
use crate::components::tabs::{Tab, tabbed};
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::time::Duration;

/// How often what is shown is asked for anew, while somebody looks at it.
const AGAIN: Duration = Duration::from_secs(10);

/// The page of what the server does in the background.
pub fn view() -> Node {
    let tabs = vec![
        Tab::new("", t::tasks_tab, || scheduled::tab(looked_at())),
        Tab::new(
            "updates",
            t::tasks_updates_tab,
            || updates::tab(looked_at()),
        ),
    ];
    view! {
        <PageHeader title=Signal::derive(t::nav_tasks) lead=Signal::derive(t::tasks_lead) />
        {tabbed(&Route::Tasks, t::tasks_tabs, tabs)}
    }
    .into_node()
}

/// A number that changes now and then while the page is looked at.
fn looked_at() -> RwSignal<u32> {
    let changed = RwSignal::new(0);
    let timer = set_interval_with_handle(
        move || {
            if !document().hidden() {
                changed.update(|changed| *changed += 1);
            }
        },
        AGAIN,
    );
    on_cleanup(move || {
        if let Ok(timer) = timer {
            timer.clear();
        }
    });
    changed
}
