//! The list: one table for every page that shows many things.
//!
//! | file | what |
//! |---|---|
//! | [`source`] | where the rows come from: a page of them, or all that match |
//! | [`newest`] | lists of Matrix Authentication Service, newest first |
//! | [`blank`] | where the server has rows that have nothing to be ordered by |
//! | [`spec`] | what a page says about its list: columns, filters, source |
//! | `state` | what the parts share: the question, the rows |
//! | `picked` | the selection, and by which question each row was picked |
//! | `table` | the rows, cards on a phone |
//! | `layout` | how wide its columns are |
//! | `toolbar` | search, filters, view |
//! | `chooser` | which columns, in which order |
//! | `pager` | where one is, other pages |
//! | `bulk` | what can be done with the selected rows |
//! | `export` | CSV and JSON |
//! | `keyboard` | moving between rows without a mouse |
//!
//! A page describes its list and gives it to [`List`]. `pages/users/one/pushers.rs` is the smallest one;
//! with rows that can be selected it is like this (`tests/` cannot compile it: it needs a browser):
//!
//! ```ignore
//! let gatherer = Gatherer::new();
//! let source = Source::here(move |query, _reading| {
//!     let user = user.clone();
//!     async move {
//!         let found = Client::get().send(pushers::list(&user)).await?;
//!         let (page, total) = arrange(found.pushers, &query, Pusher::text, Pusher::compare);
//!         Ok(ListPage::new(page, total))
//!     }
//! });
//! let spec = ListSpec::new("user-pushers", t::user_pushers, Pusher::key, source)
//!     .search(t::pushers_search)
//!     .filter(Filter::new("enabled", t::pushers_enabled, FilterKind::YesNo))
//!     .column(Column::new("app", t::pushers_app, |row: &Pusher| row.app_id.clone()).main())
//!     .column(Column::new("key", t::pushers_key, |row: &Pusher| row.pushkey.clone()).copyable())
//!     .empty("bell", t::pushers_empty, None)
//!     .reload(changed)
//!     .bulk(move |picked| {
//!         let delete = move |rows: Vec<Pusher>| propose_deletion(rows, picked);
//!         let press = move || gatherer.gather(picked, Rc::new(delete));
//!         view! { <Button label=t::delete icon="trash" on_press=press /> }.into_node()
//!     });
//! view! {
//!     <List spec />
//!     {gatherer.view()}
//! }
//! ```
//!
//! What [`Source::here`] answers is asked for pages of any size: all that match is one page with
//! everything on it. Where the server answers page by page, [`Source::paged`] says how to get a page
//! and how to get all; where it answers some questions and we the others, [`Source::server_or_here`]
//! says of each who does. Whoever acts on the selection gets it from [`Picked::resolve`] (through
//! `widgets/gather.rs`, with progress and "Cancel") and from nowhere else: it is what the search and
//! the filters find under which it was selected.

pub mod blank;
mod bulk;
pub mod cached;
mod chooser;
mod export;
mod keyboard;
mod layout;
pub mod newest;
mod pager;
mod picked;
pub mod presets;
pub mod source;
pub mod spec;
mod state;
mod table;
mod toolbar;

pub use crate::listing::{Defaults, Each, ListQuery, Origins, arrange, arrange_known};
pub use picked::Picked;
pub use source::{AnsweredBy, ListPage, Reading, Row, Source, typed};
pub use spec::{Align, Column, Filter, FilterKind, ListSpec, Own};
pub use state::Density;

use crate::api::ApiError;
use crate::components::empty::Empty;
use crate::components::failure::failure;
use crate::components::progress::Progress;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use state::ListState;

/// A list with everything around it.
#[component]
pub fn List(spec: ListSpec) -> impl IntoView {
    let reload = spec.reload;
    let selectable = spec.bulk.is_some();
    let state = ListState::new(spec);
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
fn reading(state: ListState) -> Node {
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
    .into_node()
}

/// Why there is nothing.
fn empty(state: ListState) -> Node {
    if state.is_narrowed() {
        return view! {
            <Empty picture="search" title=t::list_no_match text=t::list_no_match_text>
                <button type="button" class="button" on:click=move |_| state.show_all()>
                    {t::list_clear_filters}
                </button>
            </Empty>
        }
        .into_node();
    }
    let (picture, title, text) = state.spec().empty;
    match text {
        Some(text) => view! { <Empty picture title text /> }.into_node(),
        None => view! { <Empty picture title /> }.into_node(),
    }
}
