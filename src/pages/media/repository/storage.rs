//! Where the space goes: figures, charts, and the files themselves.

use super::charts::{charts, filters, to_list};
use super::kept;
use super::question::{self, DEFAULTS, is_narrowed};
use super::scan::{Scan, moments};
use super::summed::Summed;
use super::target;
use crate::address::route::Route;
use crate::api::ApiError;
use crate::browser::clock::now;
use crate::components::button::ButtonLink;
use crate::components::button::{Button, ButtonKind};
use crate::components::failure::failure;
use crate::components::notice::Notice;
use crate::components::page::Stat;
use crate::components::progress::Progress;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::lists::{List, ListPage, ListQuery, ListSpec, Reading, Source};
use crate::media::question::{NEEDS, filter};
use crate::media::reach::{ScanState, found_in_lists, sum_in_words};
use crate::media::{StoredFile, Summary};
use crate::pages::media::files::delete::{forget_room_images, some_of};
use crate::pages::media::files::{Beyond, Shelf, bulk, columns};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The place among [`crate::media::class::UNUSED`] of what the figure tells: 90 days.
const FIGURE: usize = 1;

/// The tab. `changed` counts what was deleted from this page, `deleting` opens the deletion by date and size.
pub fn tab(changed: RwSignal<u32>, deleting: RwSignal<bool>) -> Node {
    let scan = Scan::get();
    let shelf = Shelf::new(changed)
        .keeping_profiles()
        .of_all()
        .leading_to(deleting);
    let search = use_location().search;
    let query =
        Memo::new(move |_| ListQuery::parse(search.get().trim_start_matches('?'), &DEFAULTS));
    // A room's files are there only once they have been asked for.
    let answered = RwSignal::new(0_u32);
    Effect::new(move |_| {
        changed.track();
        scan.changed();
    });
    scan.follow();
    let summed = Summed::follow(scan, query, answered);
    // Nobody has uploaded anything: the list says so, and there is nothing to show by charts.
    let is_empty = Memo::new(move |_| {
        let is_read = matches!(scan.state(), ScanState::Done(_));
        is_read && scan.sums().0.files == 0
    });
    let mut spec = ListSpec::new(
        "media-files",
        t::storage_files,
        |file: &StoredFile| file.uri.media_id.clone(),
        Source::here(move |query, reading| load(query, reading, answered)),
    )
    .defaults(DEFAULTS)
    .search(t::storage_search)
    .empty(
        "media",
        t::media_usage_empty,
        Some(t::media_usage_empty_text),
    )
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
    spec = spec.filters(filters()).needs(NEEDS);
    view! {
        {figures(scan, query, summed)}
        {progress(scan)}
        {move || (!is_empty.get()).then(|| view! {
            {charts(query, summed, scan, move || chosen(query, summed, scan, shelf))}
            {kept::kept(query, shelf)}
            {found(query, summed, scan, shelf, answered)}
            {shelf.all_options()}
        })}
        <List spec />
        {shelf.dialogs()}
    }
    .into_node()
}

fn figures(scan: Scan, query: Memo<ListQuery>, summed: Summed) -> Node {
    // The others are of everything, whatever the filters say.
    let narrowed = Signal::derive(move || match query.with(is_narrowed) {
        true => t::storage_of_filtered(),
        false => String::new(),
    });
    // What is not known is no number: neither before the first answer nor after a failure.
    let unknown = move || match scan.state() {
        ScanState::Failed(_) | ScanState::Stopped => t::unknown_number(),
        _ => "…".to_owned(),
    };
    let told = move |value: fn(Scan) -> String| {
        Signal::derive(move || match scan.knows_sums() {
            true => value(scan),
            false => unknown(),
        })
    };
    let bytes = told(|scan| scan.so_far(format::bytes(scan.sums().0.bytes)));
    let files = told(|scan| scan.so_far(format::number(scan.sums().0.files as f64)));
    let users = told(|scan| format::number(scan.lists().all as f64));
    // This is known file by file: of what has been read so far it is at least so much.
    let unused = Signal::derive(move || {
        let told = |words: fn(&str) -> String| {
            summed.told(|all| words(&format::bytes(all.unused[FIGURE].bytes)))
        };
        match (scan.state(), scan.lists()) {
            (ScanState::Done(_), _) => told(str::to_owned),
            (_, lists) if lists.read > 0 => told(t::at_least),
            _ => unknown(),
        }
    });
    view! {
        <div class="stats">
            <Stat label=t::user_bytes value=bytes />
            <Stat label=t::user_files value=files />
            <Stat label=t::media_usage_users value=users />
            <Stat label=t::storage_unused_90 value=unused note=narrowed />
        </div>
    }
    .into_node()
}

/// How much has been read, and what can be done about it.
fn progress(scan: Scan) -> Node {
    // Not rebuilt with every list that is read.
    let state = Memo::new(move |_| scan.state());
    // Of how much is known only once everybody has been named.
    let part = move || {
        let (all, read) = scan.sums();
        let is_known = scan.lists().is_whole && all.bytes > 0;
        is_known.then(|| read.bytes as f64 / all.bytes as f64)
    };
    let told = move |whole: fn(&str, &str, &str) -> String, first: fn(&str, &str) -> String| {
        move || {
            let lists = scan.lists();
            let number = |value: u64| format::number(value as f64);
            let (read, all) = (number(lists.read), number(lists.all));
            if !lists.is_whole {
                return first(&read, &all);
            }
            let percent = format::number((part().unwrap_or(0.0) * 100.0).floor());
            whole(&read, &percent, &all)
        }
    };
    let words = told(t::storage_reading, t::storage_reading_first);
    let so_far = told(t::storage_read_part, t::storage_read_first);
    let more = move |label| {
        view! {
            <div>
                <Button label icon="refresh" on_press=move || scan.go_on() />
            </div>
        }
        .into_node()
    };
    let body = move || match state.get() {
        ScanState::Beginning => view! {
            <Progress done=Signal::stored(None) text=t::media_survey_owners />
        }
        .into_node(),
        ScanState::Reading => view! {
            <div class="list-reading">
                <Progress done=Signal::derive(part) text=words />
                <Button label=t::storage_stop on_press=move || scan.stop() />
            </div>
        }
        .into_node(),
        ScanState::Enough => view! {
            <Notice>
                <p>{so_far} " " {t::storage_enough}</p>
                {silent(scan)}
                {more(t::storage_go_on)}
            </Notice>
        }
        .into_node(),
        ScanState::Stopped => view! {
            <Notice>
                <p>{so_far} " " {t::storage_stopped}</p>
                {silent(scan)}
                {more(t::storage_go_on)}
            </Notice>
        }
        .into_node(),
        ScanState::Failed(error) => {
            let mut why = explain(&error);
            if matches!(error, ApiError::Unsupported { .. }) {
                why.sentence = t::storage_no_repository();
                why.hint = t::storage_no_repository_hint();
            }
            failure(why, Some(UnsyncCallback::new(move |()| scan.go_on())))
        }
        ScanState::Done(_) => {
            let out = scan.with(crate::media::Index::out_of_reach);
            (out.files > 0)
                .then(|| {
                    let bytes = format::bytes(out.bytes);
                    view! { <p class="tab-lead">{t::storage_out_of_reach(out.files, &bytes)}</p> }
                })
                .into_node()
        }
    };
    view! { <div class="storage-progress">{body}</div> }.into_node()
}

/// Whose lists did not answer.
fn silent(scan: Scan) -> Option<Node> {
    let (names, sum) = scan.silent();
    let (count, names) = (names.len() as u64, some_of(&names));
    (count > 0).then(|| {
        view! {
            <p>{move || t::storage_silent(count, &format::bytes(sum.bytes))} " " <bdi>{names}</bdi></p>
        }
        .into_node()
    })
}

/// What a bar counts, right below it: how much, whose, up to when, and deleting exactly that.
fn chosen(query: Memo<ListQuery>, summed: Summed, scan: Scan, shelf: Shelf) -> Node {
    let words = move || found_words(summed, scan);
    let whose = move || {
        let owners = |summary: &Summary| summary.owners.len() as u64 + summary.other_owners.0;
        let named = query.with(|query| query.get(filter::OWNER).map(str::to_owned));
        named.unwrap_or_else(|| summed.told(|summary| t::storage_of_users(owners(summary))))
    };
    let until = move || {
        let days = query.with(|query| query.get(filter::UNUSED)?.parse().ok())?;
        let before = moments().days_ago(days);
        Some(view! { <p>{t::storage_last_use_before(&format::date_time(before))}</p> })
    };
    view! {
        <div class="chart-chosen">
            <p>
                <strong>{words}</strong>
                " · "
                <bdi>{whose}</bdi>
            </p>
            {until}
            <div class="button-row">
                {delete_button(query, summed, shelf)}
                <Button label=t::storage_to_list on_press=to_list />
            </div>
        </div>
    }
    .into_node()
}

/// Deletes what the question finds.
fn delete_button(query: Memo<ListQuery>, summed: Summed, shelf: Shelf) -> Node {
    // What has not been counted yet is not offered.
    let is_empty = Signal::derive(move || {
        !summed.is_current.get() || summed.summary.with(|summary| summary.found.files == 0)
    });
    let find = move || {
        let query = query.get_untracked();
        shelf.delete_found(move |reading| target::of(query, reading));
    };
    view! {
        <Button
            label=t::storage_delete_found
            icon="trash"
            kind=ButtonKind::Danger
            disabled=is_empty
            on_press=find
        />
    }
    .into_node()
}

/// How much the question finds. Reactive.
fn found_words(summed: Summed, scan: Scan) -> String {
    scan.version();
    let (state, silent) = (scan.state(), scan.silent().0.len() as u64);
    let found = summed.summary.with(|summary| summary.found);
    match found_in_lists(found, &state, scan.lists(), silent) {
        Some(_) if !summed.is_current.get() => t::loading(),
        Some(words) => words,
        // Of nothing that has been read yet that would be nothing.
        None if matches!(state, ScanState::Failed(_) | ScanState::Stopped) => t::unknown_number(),
        None => t::loading(),
    }
}

/// What the list below holds.
fn found(
    query: Memo<ListQuery>,
    summed: Summed,
    scan: Scan,
    shelf: Shelf,
    answered: RwSignal<u32>,
) -> Node {
    let words = move || found_words(summed, scan);
    // Of encrypted rooms the server knows no files: what is left out has to be seen.
    let left_out = move || {
        answered.track();
        scan.version();
        let question = query.with(question::of_known);
        let unknown = question::unknown_rooms(&question);
        let left = (!question.without_ids.is_empty()).then(|| {
            let left = scan.with(|index| question::left_out(&question, index));
            view! { <p class="field-hint">{t::storage_left_out(&sum_in_words(left))}</p> }
        });
        view! {
            {left}
            {unknown.map(|words| view! { <p class="field-hint">{words}</p> })}
        }
        .into_node()
    };
    let narrowed = move || query.with(is_narrowed);
    view! {
        <div class="storage-found">
            <h2>{t::storage_files}</h2>
            <p role="status">{words}</p>
            {left_out}
            {move || {
                narrowed()
                    .then(|| {
                        view! {
                            {delete_button(query, summed, shelf)}
                            <ButtonLink
                                to=Route::Media.to_string()
                                label=t::list_clear_filters
                                kind=ButtonKind::Quiet
                            />
                        }
                    })
            }}
        </div>
    }
    .into_node()
}

async fn load(
    query: ListQuery,
    reading: Reading,
    answered: RwSignal<u32>,
) -> Result<ListPage, ApiError> {
    let scan = Scan::get();
    if reading.is_refresh() {
        question::forget();
        forget_room_images();
        scan.anew();
    }
    let question = question::of(&query, false).await?;
    let has_rooms = !question.without_ids.is_empty() || !question.unknown_rooms.is_empty();
    if question.only.is_some() || has_rooms {
        let _ = answered.try_update(|answered| *answered += 1);
    }
    let moments = moments();
    let (files, sum) = scan.with(|index| index.page(&question, &moments, &query));
    let lists = scan.lists_now();
    let number = |value: u64| format::number(value as f64);
    let note = match scan.state_now() {
        ScanState::Done(at) => t::storage_note(lists.all, &format::relative(at, now())),
        _ => t::storage_note_part(&number(lists.read), &number(lists.all)),
    };
    Ok(ListPage::new(files, sum.files).with_note(note))
}
