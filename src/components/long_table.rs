//! A table of any number of rows, of which only those in sight are in the page.

pub use super::window::Keys;
use super::window::Sight;
use crate::i18n::import::count;
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use leptos::html;
use leptos::prelude::*;
use std::rc::Rc;

/// A column of a long table.
pub struct LongColumn {
    pub name: Words,
    /// A class for its cells, besides their common one.
    pub class: &'static str,
}

/// What a table shows.
pub struct LongTable {
    /// What it is called.
    pub label: Words,
    /// A class that says in `--columns` how wide the columns are.
    pub class: &'static str,
    pub columns: Vec<LongColumn>,
    pub keys: RwSignal<Keys, LocalStorage>,
    /// Makes the cells of a row.
    pub cells: Rc<dyn Fn(u64) -> Vec<Node>>,
    /// Reads the signals with which rows change.
    pub follow: Rc<dyn Fn()>,
    /// The row to show and to mark, or the next after it.
    pub goal: RwSignal<Option<u64>>,
}

/// A table of any number of rows, of which those in sight are in the page.
pub fn long_table(table: LongTable) -> Node {
    let LongTable {
        label,
        class,
        columns,
        keys,
        cells,
        follow,
        goal,
    } = table;
    let frame: NodeRef<html::Div> = NodeRef::new();
    let body: NodeRef<html::Tbody> = NodeRef::new();
    let names: Vec<Node> = columns
        .iter()
        .map(|column| {
            let (name, class) = (column.name, column.class);
            view! { <th role="columnheader" scope="col" class=class>{name}</th> }.into_node()
        })
        .collect();
    let row = move |key: u64| {
        let cells: Vec<Node> = cells(key)
            .into_iter()
            .zip(&columns)
            .map(|(cell, column)| {
                let (class, name) = (column.class, (column.name)());
                view! { <td role="cell" class=class data-label=name>{cell}</td> }.into_node()
            })
            .collect();
        view! { <tr role="row" tabindex="-1">{cells}</tr> }.into_node()
    };
    let sight = Rc::new(Sight::new(frame, body, Rc::new(row)));
    let seen = sight.seen;
    let sight = StoredValue::new_local(sight);
    Effect::new(move |_| {
        // The words of the rows follow the language as their heading does.
        label();
        follow();
        let keys = keys.get();
        sight.with_value(|sight| untrack(|| sight.renew(keys)));
        // If it has not been in its place yet.
        request_animation_frame(move || {
            sight.try_with_value(|sight| sight.look());
        });
    });
    Effect::new(move |_| {
        if let Some(key) = goal.get() {
            sight.with_value(|sight| untrack(|| sight.go(key, true)));
        }
    });
    let resized = window_event_listener_untyped("resize", move |_| {
        sight.with_value(|sight| sight.look());
    });
    on_cleanup(move || {
        resized.remove();
    });
    let range = move || {
        let (from, to) = seen.get();
        keys.with(|keys| t::list_range(&count(from), &count(to), &count(keys.len())))
    };
    view! {
        <div
            class="table-scroll long-scroll"
            tabindex="0"
            role="group"
            aria-label=label
            node_ref=frame
            on:scroll=move |_| sight.with_value(|sight| sight.look())
        >
            <table
                class=format!("long-table {class}")
                role="table"
                aria-label=label
                aria-rowcount=move || (keys.with(|keys| keys.len()) + 1).to_string()
            >
                <thead role="rowgroup">
                    <tr role="row" aria-rowindex="1">{names}</tr>
                </thead>
                <tbody role="rowgroup" node_ref=body></tbody>
            </table>
        </div>
        <p class="long-status">{range}</p>
    }
    .into_node()
}
