//! `#/import_users`: a CSV file becomes users.
//!
//! The state is data; steps write it and never call each other (a test of `crate::import` holds
//! that); [`flow`] says what follows what; views show it.
//!
//! | file | state |
//! |---|---|
//! | [`desk`] | all of it; it outlives the page |
//! | `checked`, `reading` | the file and what became of its rows; which file it is, and how it is read |
//! | `facts` | what the server has; how far the plan is |
//! | `results` | the run, its outcomes and its files |
//! | `kept` | what this browser keeps of imports: to go on, and as a history |
//! | `memory`, `decoders` | the columns of earlier files; the browser's encodings |
//!
//! | file | step |
//! |---|---|
//! | `flow` | what follows what |
//! | `checking` | the file is read and checked in slices, corrected in place |
//! | `planning` | the server is asked, and what will happen to each row is found out |
//! | `running` | the question, the job and its end |
//! | `undo` | what was created is deactivated again |
//!
//! | file | view |
//! |---|---|
//! | `choose` | the form: file and options |
//! | `encoding` | how the file is read: encoding, delimiter, header |
//! | `columns` | what its columns are taken for |
//! | `replacing` | another file, or another way to read it: asked about where a table has been corrected |
//! | `problems`, `corrections` | all problems as a table; many cells corrected at once |
//! | `filters` | a choice of rows, and the way to a line |
//! | `plan` | the plan in numbers |
//! | `progress` | the run while it runs, and its end |
//! | `rows` | rows of a plan or a run as a table |
//! | `sheets` | what is printed and handed out |

mod asking;
mod at_mas;
mod checked;
mod checking;
mod choose;
mod columns;
mod corrections;
mod decoders;
pub mod desk;
mod encoding;
mod facts;
mod filters;
mod flow;
mod kept;
mod memory;
mod passwords;
mod plan;
mod planning;
mod problems;
mod progress;
mod reading;
mod replacing;
mod results;
mod rows;
mod running;
mod sheets;
mod undo;

use crate::address::route::Route;
use crate::components::page::PageHeader;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use desk::Desk;
pub use kept::sweep;
use leptos::prelude::*;
use web_sys::DragEvent;

/// The page of the CSV import.
pub fn view() -> Node {
    memory::forget_names();
    let desk = flow::desk();
    desk.guard();
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
        // Not over a question: it is about the file that is there.
        let is_asked = document().query_selector("dialog[open]");
        let is_free = desk.run.with_untracked(Option::is_none) && !matches!(is_asked, Ok(Some(_)));
        if let Some(file) = file.filter(|_| is_free) {
            replacing::take(desk, file);
        }
    });
    on_cleanup(move || {
        over.remove();
        drop.remove();
    });
    view! {
        <PageHeader title=Signal::derive(t::import_title) lead=Signal::derive(t::import_lead) back=Route::Users />
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

fn form(desk: Desk) -> Node {
    view! {
        {kept::list::list(desk)}
        {choose::choose(desk)}
        {plan::plan(desk)}
        {choose::found(desk)}
        {encoding::encoding(desk)}
        {columns::columns(desk)}
        {problems::problems(desk)}
    }
    .into_node()
}
