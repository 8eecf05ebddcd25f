//! What stands below the rows: where one is, and the way to other pages.

use super::state::ListState;
use super::toolbar::size_field;
use crate::browser::navigation::HistoryStep;
use crate::components::button::IconButton;
use crate::i18n::{format, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// The words for where one is, and how the answer was come by.
pub fn status(state: ListState) -> Node {
    let words = move || {
        let total = state.total.get()?;
        let (first, shown) = (
            state.rows_before(),
            state.rows.with(|rows| rows.len() as u64),
        );
        let number = |value: u64| format::number(value as f64);
        let (from, to) = (number(first + 1), number(first + shown));
        Some(match (shown, state.is_open.get()) {
            (0, true) => return None,
            (0, false) => t::list_found(total),
            (_, true) => t::list_range_only(&from, &to),
            (_, false) => t::list_range(&from, &to, &number(total)),
        })
    };
    view! {
        <p class="list-status" role="status">
            <span>{words}</span>
            {move || {
                state.note.get().map(|note| view! { <span>{note}</span> })
            }}
        </p>
    }
    .into_node()
}

/// The links to the pages of a list, and the choice of how long they are.
pub fn pager(state: ListState) -> Node {
    let page = move || state.query.with(|query| query.page);
    let pages = move || {
        let total = state.total.get();
        let known = state.query.with(|query| query.pages(total.unwrap_or(0)));
        // There is a next one, whichever is the last.
        known + u64::from(total.is_some() && state.is_open.get())
    };
    let at_start = Signal::derive(move || page() <= 1);
    let at_end = Signal::derive(move || page() >= pages());
    let last_unknown = Signal::derive(move || at_end.get() || state.is_open.get());
    let go = move |to: u64| state.change(HistoryStep::Push, |query| query.page = to);
    let untracked = move || state.query.with_untracked(|query| query.page);
    let several = Memo::new(move |_| pages() > 1);
    let enough = Memo::new(move |_| state.total.get().unwrap_or(0) > 10);
    let buttons = move || {
        view! {
            <nav class="pager" aria-label=t::list_pages>
                <IconButton label=t::list_first icon="chevrons-left" disabled=at_start on_press=move || go(1) />
                <IconButton
                    label=t::list_previous
                    icon="chevron-left"
                    disabled=at_start
                    on_press=move || go(untracked() - 1)
                />
                <span class="pager-page">
                    {move || {
                        let now = format::number(page() as f64);
                        match state.is_open.get() {
                            true => t::list_page_only(&now),
                            false => t::list_page(&now, &format::number(pages() as f64)),
                        }
                    }}
                </span>
                <IconButton
                    label=t::list_next
                    icon="chevron-right"
                    disabled=at_end
                    on_press=move || go(untracked() + 1)
                />
                <IconButton
                    label=t::list_last
                    icon="chevrons-right"
                    disabled=last_unknown
                    on_press=move || {
                        let last = state
                            .query
                            .with_untracked(|query| {
                                query.pages(state.total.get_untracked().unwrap_or(0))
                            });
                        go(last);
                    }
                />
            </nav>
        }
    };
    view! {
        <div class="list-footer">
            {status(state)} {move || enough.get().then(|| size_field(state, true))}
            {move || several.get().then(buttons)}
        </div>
    }
    .into_node()
}
