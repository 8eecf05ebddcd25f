//! Which columns a list shows, and in which order: a part of the menu "View".

use super::spec::lacking;
use super::state::ListState;
use crate::components::button::{Button, ButtonKind};
use crate::components::icon::icon;
use crate::components::ids::fresh;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// The columns, each to be shown or not and to be moved. What has been moved keeps the focus.
pub fn columns(state: ListState) -> Node {
    let prefix = fresh("column");
    let rows = move || {
        let spec = state.spec();
        let columns = state.columns().into_iter();
        let others: Vec<usize> = columns.filter(|at| !spec.columns[*at].main).collect();
        let movable = |at: &&usize| spec.columns[**at].is_movable();
        let ends = (others.iter().find(movable), others.iter().rfind(movable));
        let is_end = |at| (ends.0 == Some(at), ends.1 == Some(at));
        others
            .iter()
            .map(|at| one(state, &prefix, *at, is_end(at)))
            .collect::<Vec<Node>>()
    };
    view! {
        <fieldset class="menu-field">
            <legend>{t::list_columns}</legend>
            {rows}
            {move || {
                state
                    .has_own_columns()
                    .then(|| {
                        view! {
                            <Button
                                label=t::list_columns_reset
                                kind=ButtonKind::Quiet
                                icon="undo"
                                on_press=move || state.reset_columns()
                            />
                        }
                            .into_node()
                    })
            }}
        </fieldset>
    }
    .into_node()
}

/// A column; `ends` says whether it is the first and whether it is the last of those that can be moved.
fn one(state: ListState, prefix: &str, at: usize, ends: (bool, bool)) -> Node {
    let spec = state.spec();
    let column = &spec.columns[at];
    let (id, label) = (column.id, column.label);
    let step = move |prefix: String, back: bool| {
        let (name, end): (fn(&str) -> String, bool) = match back {
            true => (t::list_column_forward, ends.0),
            false => (t::list_column_back, ends.1),
        };
        let own = format!("{prefix}-{id}-{back}");
        let target = own.clone();
        let press = move |_| {
            if state.move_column(id, back) {
                let target = target.clone();
                spawn_local(async move {
                    // Before the next key is: the rows are others by then.
                    leptos::task::tick().await;
                    focus(&target);
                });
            }
        };
        let name = name(&label());
        view! {
            <button
                type="button"
                class="icon-button"
                id=own
                aria-label=name.clone()
                title=name
                aria-disabled=end.to_string()
                on:click=press
            >
                {icon(if back { "arrow-up" } else { "arrow-down" })}
            </button>
        }
        .into_node()
    };
    let steps = column
        .is_movable()
        .then(|| view! { {step(prefix.to_owned(), true)} {step(prefix.to_owned(), false)} });
    let why = lacking(spec.needs.of_column(id));
    view! {
        <div class="menu-column">
            <label class="check">
                <input
                    type="checkbox"
                    prop:checked=move || state.shown.with(|shown| shown.contains(id))
                    on:change=move |event| {
                        state.show_column(id, event_target_checked(&event));
                    }
                />
                <span>{label} {why.map(|why| view! { <span class="check-hint">{why}</span> })}</span>
            </label>
            {steps}
        </div>
    }
    .into_node()
}

/// Gives the focus to what has this name.
fn focus(id: &str) {
    use wasm_bindgen::JsCast;
    let element = document().get_element_by_id(id);
    if let Some(element) = element.and_then(|it| it.dyn_into::<web_sys::HtmlElement>().ok()) {
        // Cannot fail for a button that is in the page.
        let _ = element.focus();
    }
}
