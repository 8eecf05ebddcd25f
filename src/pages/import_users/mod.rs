//! `#/import_users`: a CSV file becomes users.
//!
//! | file | what |
//! |---|---|
//! | [`desk`] | the state, which outlives the page |
//! | `checking` | the file, read and checked in slices, corrected in place |
//! | `planning` | what the server has, and what will happen to each row |
//! | `running` | the job, its outcomes and its files |
//! | `kept` | what this browser keeps of imports: to go on, and as a history |
//! | `undo` | deactivating again what was created |
//! | `choose` | the form: file and options |
//! | `corrections` | many cells corrected at once |
//! | `encoding` | how the file is read: encoding, delimiter, header |
//! | `columns` | what its columns are taken for |
//! | `filters` | a choice of rows, and the way to a line |
//! | `problems` | all problems as a table |
//! | `plan` | the plan in numbers |
//! | `progress` | the run while it runs, and its end |
//! | `rows` | rows of a plan or a run as a table |
//! | `sheets` | what is printed and handed out |

mod checking;
mod choose;
mod columns;
mod corrections;
pub mod desk;
mod encoding;
mod filters;
mod kept;
mod plan;
mod planning;
mod problems;
mod progress;
mod rows;
mod running;
mod sheets;
mod undo;

use crate::components::page::PageHeader;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use desk::Desk;
pub use kept::sweep;
use leptos::prelude::*;
use web_sys::DragEvent;

/// The page of the CSV import.
pub fn view() -> Node {
    let desk = Desk::get();
    let back: (&'static str, Words) = ("/users", t::nav_users);
    // A file dropped beside the field would replace the page.
    let over = window_event_listener(leptos::ev::dragover, |event: DragEvent| {
        event.prevent_default();
    });
    let drop = window_event_listener(leptos::ev::drop, move |event: DragEvent| {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        let file = event
            .data_transfer()
            .and_then(|transfer| transfer.files())
            .and_then(|files| files.get(0));
        if let Some(file) = file.filter(|_| desk.run.with_untracked(Option::is_none)) {
            checking::choose(desk, file);
        }
    });
    on_cleanup(move || {
        over.remove();
        drop.remove();
    });
    view! {
        <PageHeader title=Signal::derive(t::import_title) lead=Signal::derive(t::import_lead) back />
        <div class="import">
            {move || match desk.run.get() {
                Some(run) => progress::progress(desk, run),
                None => form(desk),
            }}
        </div>
        {problems::bar(desk)}
    }
    .into_node()
}

fn form(desk: Desk) -> AnyView {
    view! {
        {kept::list::list(desk)}
        {choose::choose(desk)}
        {plan::plan(desk)}
        {choose::found(desk)}
        {encoding::encoding(desk)}
        {columns::columns(desk)}
        {problems::problems(desk)}
    }
    .into_any()
}
