//! The list: one table for every page that shows many things.
//!
//! | file | what |
//! |---|---|
//! | [`source`] | where the rows come from: a page of them, or all that match |
//! | [`spec`] | what a page says about its list: columns, filters, source |
//! | `state` | what the parts share: the question, the rows, the selection |
//! | `table` | the rows, cards on a phone |
//! | `toolbar` | search, filters, view |
//! | `pager` | where one is, other pages |
//! | `bulk` | what can be done with the selected rows |
//! | `export` | CSV and JSON |
//! | `keyboard` | moving between rows without a mouse |
//!
//! A page describes its list and gives it to [`List`]:
//!
//! ```ignore
//! let client = Client::get();
//! let changed = RwSignal::new(0);
//! let spec = ListSpec::new(
//!     "tokens",
//!     t::tokens_title,
//!     |token: &Token| token.token.clone(),
//!     move |query, _reading| {
//!         let client = client.clone();
//!         async move {
//!             let all = client.run(&registration_tokens::list(query.boolean("valid"))).await?;
//!             let (page, total) = arrange(all, &query, |t| t.token.clone(), by_key);
//!             Ok(ListPage::new(page, total))
//!         }
//!     },
//! )
//! .search(t::tokens_search)
//! .filter(Filter::new("valid", t::tokens_valid, FilterKind::YesNo))
//! .column(Column::new("token", t::tokens_token, |t: &Token| t.token.clone()).main().copyable())
//! .column(Column::new("uses", t::tokens_uses, |t: &Token| t.uses.to_string()).number().sorted("uses"))
//! .link(|t: &Token| format!("/registration_tokens/{}", encoded(&t.token)))
//! .bulk(move |picked| view! { <Button label=t::delete on_press=move || delete(picked) /> }.into_any())
//! .reload(changed);
//! view! { <PageHeader title=t::tokens_title /> <List spec /> }
//! ```

mod bulk;
mod export;
mod keyboard;
mod pager;
pub mod source;
pub mod spec;
mod state;
mod table;
mod toolbar;

pub use crate::listing::{Defaults, ListQuery, arrange};
pub use source::{ListPage, Reading, Row, Source};
pub use spec::{Align, Column, Filter, FilterKind, ListSpec};
pub use state::Picked;

use super::empty::Empty;
use super::failure::failure;
use super::progress::Progress;
use crate::api::ApiError;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::ui::view;
use leptos::prelude::*;
use state::State;

/// A list with everything around it.
#[component]
pub fn List(spec: ListSpec) -> impl IntoView {
    let reload = spec.reload;
    let selectable = spec.bulk.is_some();
    let state = State::new(spec);
    Effect::new(move |_| {
        state.query.track();
        if let Some(reload) = reload {
            reload.track();
        }
        // What the loader looks at while it builds its request is no reason to ask again.
        untrack(|| state.load());
    });
    Effect::new(move |_| state.forget_others());
    on_cleanup(move || state.cancel());
    let refused = move || {
        state.error.get().map(|error| {
            let retry = UnsyncCallback::new(move |()| state.load());
            let explained = match &error {
                ApiError::Cancelled => crate::i18n::errors::Explained {
                    sentence: t::list_cancelled(),
                    hint: String::new(),
                    details: String::new(),
                },
                error => explain(error),
            };
            failure(explained, Some(retry))
        })
    };
    let no_rows = Memo::new(move |_| !state.loading.get() && state.rows.with(Vec::is_empty));
    let nothing_found = Memo::new(move |_| no_rows.get() && state.error.with(Option::is_none));
    view! {
        <section
            class="list"
            data-density=move || state.density.get().name()
            data-loading=move || state.loading.get().then_some("true")
            data-empty=move || no_rows.get().then_some("true")
            on:keydown=move |event| keyboard::keys(state, event)
        >
            {toolbar::toolbar(state)}
            {reading(state)}
            {refused}
            {table::table(state)}
            {move || nothing_found.get().then(|| empty(state))}
            {selectable.then(|| bulk::bulk_bar(state))}
            {pager::pager(state)}
        </section>
    }
}

/// The progress of a loader that reads more than a page.
fn reading(state: State) -> AnyView {
    let any = Memo::new(move |_| state.progress.with(Option::is_some));
    let part = move || {
        let (done, of) = state.progress.get()?;
        Some(done as f64 / of.filter(|of| *of > 0)? as f64)
    };
    let words = move || {
        let (done, of) = state.progress.get().unwrap_or_default();
        let done = format::number(done as f64);
        match of {
            Some(of) => t::list_reading_of(&done, &format::number(of as f64)),
            None => t::list_reading(&done),
        }
    };
    view! {
        {move || {
            any.get()
                .then(|| {
                    view! {
                        <div class="list-reading">
                            <Progress done=Signal::derive(part) text=words announce=true />
                            <button
                                type="button"
                                class="button"
                                on:click=move |_| {
                                    state.cancel();
                                }
                            >
                                {t::cancel}
                            </button>
                        </div>
                    }
                })
        }}
    }
    .into_any()
}

/// Why there is nothing.
fn empty(state: State) -> AnyView {
    if state.is_narrowed() {
        return view! {
            <Empty picture="search" title=t::list_no_match text=t::list_no_match_text>
                <button type="button" class="button" on:click=move |_| state.show_all()>
                    {t::list_clear_filters}
                </button>
            </Empty>
        }
        .into_any();
    }
    let (picture, title, text) = state.spec().empty;
    match text {
        Some(text) => view! { <Empty picture title text /> }.into_any(),
        None => view! { <Empty picture title /> }.into_any(),
    }
}
