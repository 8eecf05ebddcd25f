//! What can be done with the selected rows.

use super::state::ListState;
use crate::components::button::{ButtonKind, IconButton};
use crate::i18n::{format, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The bar, as long as something is selected.
pub fn bulk_bar(state: ListState) -> Node {
    let picked = state.picked;
    let any = Memo::new(move |_| picked.count() != Some(0));
    // How many match, unless nobody says it.
    let matching = move || state.total.get().filter(|_| !state.is_open.get());
    // "All that match" is offered once the page is selected and there is more.
    let offer = move || {
        let spec = state.spec();
        let whole_page = state.rows.with(|rows| {
            !rows.is_empty() && rows.iter().all(|row| picked.contains(&(spec.key)(row)))
        });
        let all = picked.all.with(Option::is_some);
        let is_more = matching().is_none_or(|total| picked.count() < Some(total));
        whole_page && !all && !state.is_stale.get() && is_more
    };
    let select_all = move |_| {
        let all = untrack(|| (state.query.get(), matching()));
        picked.all.set(Some(all));
    };
    let words = move || {
        let is_all = picked.all.with(Option::is_some);
        match picked.count() {
            None => t::list_everything_selected(),
            Some(count) if is_all => t::list_all_selected(&format::number(count as f64)),
            Some(count) => t::list_selected(count),
        }
    };
    let select_words = move || match matching() {
        None => t::list_select_everything(),
        Some(total) => t::list_select_all(&format::number(total as f64)),
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
                                    .then(|| {
                                        view! {
                                            <button
                                                type="button"
                                                class="button"
                                                data-kind="quiet"
                                                on:click=select_all
                                            >
                                                {select_words}
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
