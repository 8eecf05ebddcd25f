//! One page of many rows.

use crate::components::button::IconButton;
use crate::i18n::import as words;
use crate::i18n::t;
use crate::ui::view;
use leptos::prelude::*;
use std::ops::Range;

/// How many rows one page has.
pub const PAGE: usize = 50;

/// The rows of a page, counted from 0, of so many.
pub fn range(page: usize, count: usize) -> Range<usize> {
    let from = (page * PAGE).min(count);
    from..(from + PAGE).min(count)
}

/// The way to other pages, if there are any.
pub fn pager(page: RwSignal<usize>, count: usize) -> AnyView {
    let last = count.saturating_sub(1) / PAGE;
    let shown = range(page.get().min(last), count);
    let status = t::list_range(
        &words::count(shown.start + 1),
        &words::count(shown.end),
        &words::count(count),
    );
    let buttons = (last > 0).then(|| {
        let at = move || page.get().min(last);
        view! {
            <nav class="pager" aria-label=t::list_pages>
                <IconButton
                    label=t::list_previous
                    icon="chevron-left"
                    disabled=Signal::derive(move || at() == 0)
                    on_press=move || page.update(|page| *page = (*page).min(last).saturating_sub(1))
                />
                <span class="pager-page">
                    {move || t::list_page(&words::count(at() + 1), &words::count(last + 1))}
                </span>
                <IconButton
                    label=t::list_next
                    icon="chevron-right"
                    disabled=Signal::derive(move || at() == last)
                    on_press=move || page.update(|page| *page = (*page + 1).min(last))
                />
            </nav>
        }
    });
    view! {
        <div class="list-footer">
            <p class="list-status">{status}</p>
            {buttons}
        </div>
    }
    .into_any()
}
