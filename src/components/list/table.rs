//! The rows.

use super::spec::{Align, Column, ListSpec, Row};
use super::state::State;
use crate::components::clipboard::copy_button;
use crate::components::icon::icon;
use crate::i18n::t;
use crate::listing::ListQuery;
use crate::router::Step;
use crate::ui::view;
use leptos::prelude::*;
use std::rc::Rc;

/// The room for check boxes, in rem.
const CHECK_REM: f64 = 2.75;
/// How many grey rows stand for those to come, at most.
const SKELETONS: u64 = 12;

/// The table. It is laid out as a grid, not by the browser's table layout: rows out of sight
/// cost nothing then, and 1,000 of them stay fluid. Roles say what the layout takes away.
pub fn table(state: State) -> AnyView {
    let label = state.spec().label;
    let shown = Memo::new(move |_| {
        state.shown.with(|shown| {
            let spec = state.spec();
            let indices = 0..spec.columns.len();
            indices
                .filter(|index| shown.contains(spec.columns[*index].id))
                .collect::<Vec<usize>>()
        })
    });
    let tracks = move || {
        let spec = state.spec();
        shown.with(|shown| tracks(&spec, shown))
    };
    let min_size = move || {
        let spec = state.spec();
        let columns: f64 = shown.with(|shown| {
            shown
                .iter()
                .map(|index| spec.columns[*index].min_rem())
                .sum()
        });
        let check = if spec.bulk.is_some() { CHECK_REM } else { 0.0 };
        format!("{}rem", columns + check)
    };
    view! {
        <div class="table-scroll">
            <table
                class="list-table"
                role="table"
                aria-label=label
                aria-busy=move || state.loading.get().to_string()
                style=("--columns", tracks)
                style=("--table-min", min_size)
            >
                <thead role="rowgroup">
                    <tr role="row">
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
                <tbody role="rowgroup">
                    {move || {
                        let spec = state.spec();
                        let shown = shown.get();
                        if state.loading.get() && state.rows.with(Vec::is_empty) {
                            return skeletons(state, shown.len());
                        }
                        // In the language of now; rows are written anew when it changes.
                        let labels: Vec<String> = shown
                            .iter()
                            .map(|index| (spec.columns[*index].label)())
                            .collect();
                        state
                            .rows
                            .get()
                            .into_iter()
                            .map(|row| one(state, &spec, &shown, &labels, row))
                            .collect_view()
                            .into_any()
                    }}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

fn tracks(spec: &ListSpec, shown: &[usize]) -> String {
    let mut tracks = String::new();
    if spec.bulk.is_some() {
        tracks.push_str(&format!("{CHECK_REM}rem "));
    }
    for index in shown {
        tracks.push_str(&spec.columns[*index].track());
        tracks.push(' ');
    }
    tracks
}

/// Grey rows in place of the first answer.
fn skeletons(state: State, columns: usize) -> AnyView {
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
                <tr role="row" aria-hidden="true" class="skeleton-row">
                    {cells}
                </tr>
            }
        })
        .collect_view()
        .into_any()
}

/// The check box that selects the page.
fn select_page(state: State) -> AnyView {
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
        let spec = spec.get_value();
        picked.rows.update(|picked| {
            state.rows.with_untracked(|rows| {
                for row in rows {
                    let key = (spec.key)(row);
                    if select {
                        picked.insert(key, Rc::clone(row));
                    } else {
                        picked.remove(&key);
                    }
                }
            });
        });
    };
    view! {
        <th role="columnheader" class="cell-check">
            <input
                type="checkbox"
                aria-label=t::list_select_page
                title=t::list_select_page
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
    .into_any()
}

/// The next order after a press on a column: ascending, descending, the list's own.
fn next_order(query: &ListQuery, key: &'static str) -> bool {
    query.sort == key && !query.descending
}

fn heading(state: State, column: &Column) -> AnyView {
    let label = column.label;
    let align = align(column.align);
    let Some(key) = column.sort_key else {
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
        .into_any();
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
                            Step::Push,
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
    .into_any()
}

fn align(align: Align) -> &'static str {
    match align {
        Align::Start => "start",
        Align::End => "end",
    }
}

fn one(state: State, spec: &Rc<ListSpec>, shown: &[usize], labels: &[String], row: Row) -> AnyView {
    let picked = state.picked;
    let key = (spec.key)(&row);
    let route = spec.link.as_ref().map(|link| format!("#{}", link(&row)));
    let cells = shown
        .iter()
        .zip(labels)
        .map(|(index, label)| cell(&spec.columns[*index], label, &row, route.as_deref()))
        .collect_view();
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
    .into_any()
}

/// Selects or leaves out one row. Where everything was selected, the rest of the page stays so.
fn toggle(state: State, key: &str, row: &Row, select: bool) {
    let picked = state.picked;
    if picked.all.get_untracked().is_some() {
        let spec = state.spec();
        let page = state.rows.with_untracked(|rows| {
            rows.iter()
                .map(|row| ((spec.key)(row), Rc::clone(row)))
                .collect()
        });
        picked.rows.set(page);
        picked.all.set(None);
    }
    picked.rows.update(|rows| {
        if select {
            rows.insert(key.to_owned(), Rc::clone(row));
        } else {
            rows.remove(key);
        }
    });
}

fn cell(column: &Column, label: &str, row: &Row, route: Option<&str>) -> AnyView {
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
            .into_any(),
            None => content,
        };
        view! {
            <th role="rowheader" scope="row" class="cell-main" data-align=align>
                {content}
                {copy}
            </th>
        }
        .into_any()
    } else {
        let label = (!column.hidden_label).then(|| label.to_owned());
        view! {
            <td role="cell" data-align=align data-label=label>
                {content}
                {copy}
            </td>
        }
        .into_any()
    }
}
