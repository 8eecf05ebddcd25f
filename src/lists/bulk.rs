//! What can be done with the selected rows.

use super::state::ListState;
use crate::components::button::{ButtonKind, IconButton};
use crate::i18n::{format, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The bar, as long as something is selected.
pub fn bulk_bar(state: ListState) -> Node {
    let picked = state.picked;
    let any = Memo::new(move |_| picked.count() > 0);
    // "All that match" is offered once the page is selected and there is more.
    let offer = move || {
        let total = state.total.get().unwrap_or(0);
        let spec = state.spec();
        let whole_page = state.rows.with(|rows| {
            !rows.is_empty() && rows.iter().all(|row| picked.contains(&(spec.key)(row)))
        });
        let all = picked.all.with(Option::is_some);
        (whole_page && !all && !state.is_stale.get() && picked.count() < total).then_some(total)
    };
    let select_all = move |_| {
        let total = state.total.get_untracked().unwrap_or(0);
        picked.all.set(Some((state.query.get_untracked(), total)));
    };
    let words = move || {
        if picked.all.with(Option::is_some) {
            t::list_all_selected(&format::number(picked.count() as f64))
        } else {
            t::list_selected(picked.count())
        }
    };
    let actions = move || state.spec().bulk.as_ref().map(|actions| actions(picked));
    view! {
        {move || {
            any.get()
                .then(|| {
                    view! {
                        <div class="bulk-bar" role="region" aria-label=t::list_bulk>
                            <span class="bulk-count" role="status">
                                {words}
                            </span>
                            {move || {
                                offer()
                                    .map(|total| {
                                        view! {
                                            <button
                                                type="button"
                                                class="button"
                                                data-kind="quiet"
                                                on:click=select_all
                                            >
                                                {t::list_select_all(&format::number(total as f64))}
                                            </button>
                                        }
                                    })
                            }}
                            <div class="bulk-actions">{actions()}</div>
                            <IconButton
                                label=t::list_select_none
                                icon="x"
                                kind=ButtonKind::Quiet
                                on_press=move || picked.clear()
                            />
                        </div>
                    }
                })
        }}
    }
    .into_node()
}
