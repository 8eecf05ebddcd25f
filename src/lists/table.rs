//! The rows.

use super::layout::Layout;
use super::source::Row;
use super::spec::{Align, Column, ListSpec, lacking};
use super::state::ListState;
use crate::browser::navigation::HistoryStep;
use crate::components::clipboard::copy_button;
use crate::components::icon::icon;
use crate::components::window::{Keys, Sight};
use crate::i18n::t;
use crate::listing::ListQuery;
use crate::ui::{IntoNode, Node, view};
use leptos::html;
use leptos::prelude::*;
use std::rc::Rc;

/// How many grey rows stand for those to come, at most.
const SKELETONS: u64 = 12;
/// Pages of up to so many rows are whole, for the browser's own search; of longer ones only the
/// rows in sight are there, so that 1,000 of them are as fluid as 25.
const WHOLE: usize = 25;

/// The table. It is laid out as a grid, not by the browser's table layout: rows have one height
/// then, whatever others say. Roles say what the layout takes away.
pub fn table(state: ListState) -> Node {
    let label = state.spec().label;
    let shown = Memo::new(move |_| {
        state.shown.with(|shown| {
            let spec = state.spec();
            let indices = state.columns().into_iter();
            indices
                .filter(|index| shown.contains(spec.columns[*index].id))
                .collect::<Vec<usize>>()
        })
    });
    let frame: NodeRef<html::Div> = NodeRef::new();
    let body: NodeRef<html::Tbody> = NodeRef::new();
    let sight = follow(state, shown, frame, body);
    view! {
        <div
            class="table-scroll"
            tabindex="-1"
            node_ref=frame
            on:scroll=move |_| sight.with_value(|sight| sight.look())
        >
            <table
                class="list-table"
                role="table"
                aria-label=label
                aria-rowcount=move || (state.rows.with(Vec::len) + 1).to_string()
                aria-busy=move || state.loading.get().to_string()
            >
                <thead role="rowgroup">
                    <tr role="row" aria-rowindex="1">
                        {state.spec().bulk.is_some().then(|| select_page(state))}
                        {move || {
                            let spec = state.spec();
                            shown
                                .get()
                                .into_iter()
                                .map(|index| heading(state, &spec.columns[index]))
                                .collect_view()
                        }}
                    </tr>
                </thead>
                {move || {
                    let waits = state.loading.get() && state.rows.with(Vec::is_empty);
                    waits
                        .then(|| {
                            let rows = skeletons(state, shown.with(Vec::len));
                            view! { <tbody role="rowgroup">{rows}</tbody> }
                        })
                }}
                <tbody role="rowgroup" node_ref=body></tbody>
            </table>
        </div>
    }
    .into_node()
}

/// Keeps the rows in sight in the page.
fn follow(
    state: ListState,
    shown: Memo<Vec<usize>>,
    frame: NodeRef<html::Div>,
    body: NodeRef<html::Tbody>,
) -> StoredValue<Rc<Sight>, LocalStorage> {
    let layout = Layout::new(state, shown, body);
    let row = move |key: u64| {
        let spec = state.spec();
        let row = state.rows.with(|rows| rows.get(key as usize).cloned());
        row.map_or_else(
            || ().into_node(),
            |row| one(state, &spec, &shown.get(), row),
        )
    };
    let sight = Sight::new(frame, body, Rc::new(row)).in_page();
    sight.whole_up_to(WHOLE);
    let sight = StoredValue::new_local(Rc::new(sight));
    let look = move || {
        sight.try_with_value(|sight| sight.look());
    };
    let look_anew = move || {
        layout.lay_out();
        look();
    };
    Effect::new(move |_| {
        shown.track();
        layout.forget();
    });
    Effect::new(move |_| {
        // In the language of now; rows are written anew when it changes.
        for index in shown.get() {
            (state.spec().columns[index].label)();
        }
        let keys: Keys = (0..state.rows.with(Vec::len) as u64).collect();
        sight.with_value(|sight| untrack(|| sight.renew(keys)));
        request_animation_frame(look_anew);
    });
    Effect::new(move |_| {
        state.density.track();
        request_animation_frame(move || {
            sight.try_with_value(|sight| sight.again());
        });
    });
    Effect::new(move |_| {
        if let Some(row) = state.goal.get() {
            sight.with_value(|sight| untrack(|| sight.go(row, false)));
        }
    });
    let print = move |whole: usize| {
        sight.try_with_value(|sight| {
            sight.whole_up_to(whole);
            sight.again();
        });
    };
    let listeners = [
        window_event_listener_untyped("resize", move |_| look_anew()),
        window_event_listener_untyped("scroll", move |_| look()),
        window_event_listener_untyped("beforeprint", move |_| print(usize::MAX)),
        window_event_listener_untyped("afterprint", move |_| print(WHOLE)),
    ];
    on_cleanup(move || listeners.into_iter().for_each(|listener| listener.remove()));
    sight
}

/// Grey rows in place of the first answer.
fn skeletons(state: ListState, columns: usize) -> Node {
    let columns = columns + usize::from(state.spec().bulk.is_some());
    let count = state
        .query
        .with_untracked(|query| query.size)
        .min(SKELETONS);
    (0..count)
        .map(|_| {
            let cells = (0..columns)
                .map(|_| {
                    view! {
                        <td role="cell">
                            <span class="skeleton-line"></span>
                        </td>
                    }
                })
                .collect_view();
            view! {
                <tr role="row" aria-hidden="true">
                    {cells}
                </tr>
            }
        })
        .collect_view()
        .into_node()
}

/// The check box that selects the page.
fn select_page(state: ListState) -> Node {
    let picked = state.picked;
    let spec = state.spec;
    // How many rows of the page are selected, of how many.
    let counts = Memo::new(move |_| {
        let key = Rc::clone(&spec.get_value().key);
        state.rows.with(|rows| {
            let selected = rows.iter().filter(|row| picked.contains(&key(row)));
            (selected.count(), rows.len())
        })
    });
    let toggle = move |event: leptos::ev::Event| {
        let select = event_target_checked(&event);
        picked.all.set(None);
        picked.pick(page(state), &state.found_by(), select);
    };
    view! {
        <th role="columnheader" class="cell-check">
            <input
                type="checkbox"
                aria-label=t::list_select_page
                title=t::list_select_page
                disabled=move || state.is_before.get()
                prop:checked=move || {
                    let (selected, rows) = counts.get();
                    rows > 0 && selected == rows
                }
                prop:indeterminate=move || {
                    let (selected, rows) = counts.get();
                    selected > 0 && selected < rows
                }
                on:change=toggle
            />
        </th>
    }
    .into_node()
}

/// The rows of the page with their keys.
fn page(state: ListState) -> Vec<(String, Row)> {
    let spec = state.spec();
    let with_key = |row: &Row| ((spec.key)(row), Rc::clone(row));
    state
        .rows
        .with_untracked(|rows| rows.iter().map(with_key).collect())
}

/// The next order after a press on a column: ascending, descending, the list's own.
fn next_order(query: &ListQuery, key: &'static str) -> bool {
    query.sort == key && !query.descending
}

fn heading(state: ListState, column: &Column) -> Node {
    let label = column.label;
    let align = align(column.align);
    let needs = state.spec().needs;
    let sorted = |key: &&str| lacking(needs.of_order(key)).is_none();
    let Some(key) = column.sort_key.filter(sorted) else {
        let class = if column.hidden_label {
            "visually-hidden"
        } else {
            "heading"
        };
        return view! {
            <th role="columnheader" data-align=align>
                <span class=class>{label}</span>
            </th>
        }
        .into_node();
    };
    let order = move || {
        state.query.with(|query| {
            (query.sort == key).then_some(if query.descending {
                "descending"
            } else {
                "ascending"
            })
        })
    };
    view! {
        <th role="columnheader" data-align=align aria-sort=order>
            <button
                type="button"
                class="heading-button"
                on:click=move |_| {
                    state
                        .change(
                            HistoryStep::Push,
                            |query| {
                                query.descending = next_order(query, key);
                                query.sort = key.to_owned();
                                query.page = 1;
                            },
                        );
                }
            >
                <span>{label}</span>
                {move || icon(match order() {
                    Some("ascending") => "arrow-up",
                    Some(_) => "arrow-down",
                    None => "sort",
                })}
            </button>
        </th>
    }
    .into_node()
}

fn align(align: Align) -> &'static str {
    match align {
        Align::Start => "start",
        Align::End => "end",
    }
}

fn one(state: ListState, spec: &Rc<ListSpec>, shown: &[usize], row: Row) -> Node {
    let picked = state.picked;
    let key = (spec.key)(&row);
    let route = spec.link.as_ref().map(|link| link(&row));
    let route = route.filter(|route| !route.is_empty());
    let route = route.map(|route| format!("#{route}"));
    let cells: Vec<Node> = shown
        .iter()
        .map(|index| cell(&spec.columns[*index], &row, route.as_deref()))
        .collect();
    let check = spec.bulk.is_some().then(|| {
        let name = spec
            .columns
            .iter()
            .find(|column| column.main)
            .map_or_else(|| key.clone(), |column| (column.text)(&row));
        let name = t::list_select_row(&name);
        let (mine, row) = (key.clone(), Rc::clone(&row));
        let for_check = key.clone();
        view! {
            <td role="cell" class="cell-check">
                <input
                    type="checkbox"
                    aria-label=name
                    disabled=move || state.is_stale.get()
                    prop:checked=move || picked.contains(&for_check)
                    on:change=move |event| {
                        toggle(state, &mine, &row, event_target_checked(&event));
                    }
                />
            </td>
        }
    });
    let selected = spec
        .bulk
        .is_some()
        .then_some(move || picked.contains(&key).then_some("true"));
    view! {
        <tr role="row" tabindex="-1" data-linked=route.is_some().then_some("true") data-selected=selected>
            {check}
            {cells}
        </tr>
    }
    .into_node()
}

/// Selects or leaves out one row. Where everything was selected, the rest of the page stays so.
fn toggle(state: ListState, key: &str, row: &Row, select: bool) {
    let (picked, by) = (state.picked, state.found_by());
    if picked.all.get_untracked().is_some() {
        picked.clear();
        picked.pick(page(state), &by, true);
    }
    picked.pick(vec![(key.to_owned(), Rc::clone(row))], &by, select);
}

fn cell(column: &Column, row: &Row, route: Option<&str>) -> Node {
    let content = column.render(row);
    let copy = column
        .copy
        .then(|| (column.text)(row))
        .filter(|text| !text.is_empty())
        .map(|text| copy_button(text, Some(column.label)));
    let align = align(column.align);
    if column.main {
        let content = match route {
            Some(route) => view! {
                <a class="row-link" href=route.to_owned() target="_self">
                    {content}
                </a>
            }
            .into_node(),
            None => content,
        };
        view! {
            <th role="rowheader" scope="row" class="cell-main" data-align=align>
                {content}
                {copy}
            </th>
        }
        .into_node()
    } else {
        let label = (!column.hidden_label).then(|| (column.label)());
        view! {
            <td role="cell" data-align=align data-label=label>
                {content}
                {copy}
            </td>
        }
        .into_node()
    }
}
