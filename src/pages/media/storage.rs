//! Where the space goes: figures, charts, and the files themselves.

use super::charts::{OWNERS, charts, filters};
use super::question::{self, DEFAULTS};
use super::scan::{Scan, State, moments};
use crate::api::ApiError;
use crate::components::button::Button;
use crate::components::failure::failure;
use crate::components::list::{List, ListPage, ListQuery, ListSpec, Reading, Source};
use crate::components::notice::Notice;
use crate::components::page::Stat;
use crate::components::progress::Progress;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::pages::files::{Beyond, Shelf, bulk, columns};
use crate::session::browser::{Breath, now};
use crate::storage::{Question, StoredFile, Summary, Summing};
use crate::ui::view;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use wasm_bindgen_futures::spawn_local;

/// The place among [`crate::storage::class::UNUSED`] of what the figure tells: 90 days.
const FIGURE: usize = 1;

/// So many files are summed up at a time.
const PART: usize = 10_000;

/// The tab. `changed` counts what was deleted from this page.
pub fn tab(changed: RwSignal<u32>) -> AnyView {
    let scan = Scan::get();
    let shelf = Shelf::new(changed).keeping_profiles().with_few_pictures();
    let search = use_location().search;
    let query =
        Memo::new(move |_| ListQuery::parse(search.get().trim_start_matches('?'), &DEFAULTS));
    let summary = RwSignal::new(Summary::default());
    // A room's files are there only once they have been asked for.
    let answered = RwSignal::new(0_u32);
    let asked = StoredValue::new(0_u32);
    Effect::new(move |_| {
        changed.track();
        scan.changed();
    });
    Effect::new(move |_| {
        scan.version();
        answered.track();
        let question = query.with(question::of_known);
        asked.update_value(|asked| *asked += 1);
        let mine = asked.get_value();
        spawn_local(async move {
            let sums = sum_up(scan, question, || asked.try_get_value() == Some(mine)).await;
            if let Some(sums) = sums {
                let _ = summary.try_set(sums);
            }
        });
    });
    let mut spec = ListSpec::new(
        "media-files",
        t::storage_files,
        |file: &StoredFile| file.uri.media_id.clone(),
        Source::here(move |query, reading| load(query, reading, answered)),
    )
    .defaults(DEFAULTS)
    .search(t::storage_search)
    .empty("media", t::media_usage_empty, None)
    .bulk(move |picked| bulk(shelf, picked))
    .reload(scan.versions());
    let beyond = Beyond {
        owners: true,
        servers: false,
        sorted: true,
    };
    for column in columns(shelf, beyond) {
        spec = spec.column(column);
    }
    for filter in filters() {
        spec = spec.filter(filter);
    }
    view! {
        {figures(scan, summary)}
        {progress(scan)}
        {charts(query, summary)}
        {found(query, summary)}
        {shelf.options()}
        <List spec />
        {shelf.dialogs()}
    }
    .into_any()
}

/// Sums up in parts, as long as that is wanted.
async fn sum_up(scan: Scan, question: Question, is_wanted: impl Fn() -> bool) -> Option<Summary> {
    let moments = moments();
    let mut breath = Breath::begin();
    let mut summing = scan.look(|index| Summing::begin(index, &question, &moments))?;
    while scan.look(|index| summing.go_on(index, &question, &moments, PART))? {
        if breath.take().await && !is_wanted() {
            return None;
        }
    }
    is_wanted().then_some(())?;
    scan.look(|index| summing.end(index, OWNERS))
}

fn figures(scan: Scan, summary: RwSignal<Summary>) -> AnyView {
    let is_known = move || !matches!(scan.state(), State::Beginning) || scan.lists().all > 0;
    let shown = move |value: fn(Scan, RwSignal<Summary>) -> String| {
        Signal::derive(move || match is_known() {
            true => value(scan, summary),
            false => "…".to_owned(),
        })
    };
    let bytes = shown(|scan, _| format::bytes(scan.sums().0.bytes));
    let files = shown(|scan, _| format::number(scan.sums().0.files as f64));
    let users = shown(|scan, _| format::number(scan.lists().all as f64));
    let unused = shown(|_, summary| format::bytes(summary.with(|all| all.unused[FIGURE].bytes)));
    view! {
        <div class="stats">
            <Stat label=t::user_bytes value=bytes />
            <Stat label=t::user_files value=files />
            <Stat label=t::media_usage_users value=users />
            <Stat label=t::storage_unused_90 value=unused />
        </div>
    }
    .into_any()
}

/// How much has been read, and what can be done about it.
fn progress(scan: Scan) -> AnyView {
    // Not rebuilt with every list that is read.
    let state = Memo::new(move |_| scan.state());
    let part = move || {
        let (all, read) = scan.sums();
        (all.bytes > 0).then(|| read.bytes as f64 / all.bytes as f64)
    };
    let told = move |words: fn(&str, &str, &str) -> String| {
        move || {
            let lists = scan.lists();
            let number = |value: u64| format::number(value as f64);
            let percent = format::number((part().unwrap_or(0.0) * 100.0).floor());
            words(&number(lists.read), &percent, &number(lists.all))
        }
    };
    let (words, so_far) = (told(t::storage_reading), told(t::storage_read_part));
    let more = move |label| {
        view! {
            <div>
                <Button label icon="refresh" on_press=move || scan.go_on() />
            </div>
        }
        .into_any()
    };
    let body = move || match state.get() {
        State::Beginning => view! {
            <Progress done=Signal::stored(None) text=t::media_survey_owners />
        }
        .into_any(),
        State::Reading => view! {
            <div class="list-reading">
                <Progress done=Signal::derive(part) text=words />
                <Button label=t::storage_stop on_press=move || scan.stop() />
            </div>
        }
        .into_any(),
        State::Enough => view! {
            <Notice>
                <p>{so_far} " " {t::storage_enough}</p>
                {more(t::storage_go_on)}
            </Notice>
        }
        .into_any(),
        State::Stopped => view! {
            <Notice>
                <p>{so_far} " " {t::storage_stopped}</p>
                {more(t::storage_go_on)}
            </Notice>
        }
        .into_any(),
        State::Failed(error) => failure(
            explain(&error),
            Some(UnsyncCallback::new(move |()| scan.go_on())),
        ),
        State::Done(_) => {
            let out = scan.with(crate::storage::Index::out_of_reach);
            (out.files > 0)
                .then(|| {
                    let bytes = format::bytes(out.bytes);
                    view! { <p class="tab-lead">{t::storage_out_of_reach(out.files, &bytes)}</p> }
                })
                .into_any()
        }
    };
    view! { <div class="storage-progress">{body}</div> }.into_any()
}

/// What the list below holds.
fn found(query: Memo<ListQuery>, summary: RwSignal<Summary>) -> AnyView {
    let words = move || {
        let found = summary.with(|summary| summary.found);
        t::storage_found(found.files, &format::bytes(found.bytes))
    };
    let is_narrowed = move || query.with(|query| *query != ListQuery::new(&DEFAULTS));
    view! {
        <div class="storage-found">
            <h2>{t::storage_files}</h2>
            <p role="status">{words}</p>
            {move || {
                is_narrowed()
                    .then(|| {
                        view! {
                            <a class="button" data-kind="quiet" href="#/media" target="_self">
                                {t::list_clear_filters}
                            </a>
                        }
                    })
            }}
        </div>
    }
    .into_any()
}

async fn load(
    query: ListQuery,
    reading: Reading,
    answered: RwSignal<u32>,
) -> Result<ListPage, ApiError> {
    let scan = Scan::get();
    if reading.is_refresh() {
        scan.anew();
    }
    let question = question::of(&query, reading.is_refresh()).await?;
    if question.only.is_some() {
        let _ = answered.try_update(|answered| *answered += 1);
    }
    let moments = moments();
    let (files, sum) = scan.with(|index| index.page(&question, &moments, &query));
    let lists = scan.lists_now();
    let number = |value: u64| format::number(value as f64);
    let note = match scan.state_now() {
        State::Done(at) => t::storage_note(lists.all, &format::relative(at, now())),
        _ => t::storage_note_part(&number(lists.read), &number(lists.all)),
    };
    Ok(ListPage::new(files, sum.files).with_note(note))
}
