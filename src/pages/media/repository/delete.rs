//! The dialog "Delete media": filters, what they hit, and the deletion.

use super::filter::{date_problem, presets};
use super::scan::moments;
use crate::api::exchange::Patient;
use crate::api::media::{self, DeleteFilter};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, MxcUri, ServerName};
use crate::browser::clock::{BrowserClock, BrowserRandom, now};
use crate::browser::navigation::current_query;
use crate::components::button::{Button, ButtonKind};
use crate::components::confirm::TypeToConfirm;
use crate::components::dialog::Dialog;
use crate::components::failure::failure;
use crate::components::field::{Check, DateTimeField, SizeField, from_datetime_local};
use crate::components::notice::Notice;
use crate::components::page::Stat;
use crate::components::progress::Progress as ProgressBar;
use crate::components::time::day_or_never;
use crate::i18n::errors::explain;
use crate::i18n::language::current;
use crate::i18n::number::size as size_of;
use crate::i18n::{format, t};
use crate::listing::sort::sort_by;
use crate::media::deletion::{self, Hit, Phase, Stepwise, SurveyProgress, Unlisted};
use crate::media::question::filter;
use crate::media::{Question, StoredFile};
use crate::operations::job::JobReport;
use crate::operations::{OnTarget, TargetJob};
use crate::pages::media::files::{self, changes};
use crate::session::{Client, Session};
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How many of the files are listed.
const LISTED: usize = 20;

/// The dialog that deletes local media by last access and size.
#[component]
pub fn DeleteDialog(
    open: RwSignal<bool>,
    /// Called when files have been deleted.
    #[prop(into)]
    on_deleted: UnsyncCallback<()>,
) -> impl IntoView {
    // Hours of reading are not lost by a click beside it.
    let busy = RwSignal::new(false);
    view! {
        <Dialog open title=Signal::derive(t::media_delete) large=true busy>
            <DeleteForm open busy on_deleted />
        </Dialog>
    }
}

/// How far the preview is.
#[derive(Clone)]
enum Preview {
    None,
    Reading(SurveyProgress),
    Ready(DeleteFilter, Rc<Hit>),
    Failed(ApiError),
}

#[component]
fn DeleteForm(
    open: RwSignal<bool>,
    busy: RwSignal<bool>,
    on_deleted: UnsyncCallback<()>,
) -> impl IntoView {
    let session = Session::get();
    // What the page is narrowed to, as far as the server can delete by it.
    let (date, size, has_more) = of_page();
    let before: RwSignal<Option<Timestamp>> = RwSignal::new(date);
    let larger: RwSignal<Option<u64>> = RwSignal::new(size);
    // What cannot be read is no limit that was left out.
    let (date_is_wrong, size_is_wrong) = (RwSignal::new(false), RwSignal::new(false));
    let keep_profiles = RwSignal::new(true);
    let before_error: RwSignal<Option<String>> = RwSignal::new(None);
    let preview: RwSignal<Preview, LocalStorage> = RwSignal::new_local(Preview::None);
    let reading: StoredValue<Option<AbortHandle>, LocalStorage> = StoredValue::new_local(None);
    let stop = move || {
        if let Some(handle) = reading.try_update_value(Option::take).flatten() {
            handle.abort();
        }
    };
    on_cleanup(stop);
    // A preview is of these filters, not of others.
    Effect::new(move |_| {
        before.track();
        larger.track();
        date_is_wrong.track();
        size_is_wrong.track();
        keep_profiles.track();
        stop();
        before_error.set(None);
        preview.set(Preview::None);
    });

    Effect::new(move |_| busy.set(preview.with(|preview| matches!(preview, Preview::Reading(_)))));
    on_cleanup(move || busy.set(false));

    let look = move || {
        let size_gt = larger.get_untracked().unwrap_or(0);
        let date = before.get_untracked();
        if size_is_wrong.get_untracked() {
            return;
        }
        let problem = match date {
            _ if date_is_wrong.get_untracked() => Some(t::media_before_unfinished()),
            Some(date) => date_problem(date),
            None if size_gt == 0 => Some(t::media_filter_missing()),
            None => None,
        };
        if problem.is_some() {
            before_error.set(problem);
            return;
        }
        let filter = DeleteFilter {
            before: date.unwrap_or_else(now),
            size_gt,
            keep_profiles: keep_profiles.get_untracked(),
        };
        let Some(own) = session.server_name() else {
            return;
        };
        stop();
        preview.set(Preview::Reading(SurveyProgress {
            phase: Phase::Owners,
            done: 0,
            total: 0,
        }));
        let survey = async move {
            let client = Client::get().enduring();
            let capabilities = session.capabilities_now();
            let progress = |progress| preview.set(Preview::Reading(progress));
            let (server, known) = (client.patient(), files::delete::room_images());
            let hit =
                deletion::survey(server, &filter, &own, &capabilities, &known, &progress).await;
            let hit = match hit {
                Ok(mut hit) => {
                    let services = files::delete::services(client.patient(), &hit.files).await;
                    services.map(|services| {
                        hit.services = services;
                        hit
                    })
                }
                failed => failed,
            };
            preview.set(match hit {
                Ok(hit) => {
                    let before = hit.until(filter.before, date.is_none());
                    Preview::Ready(DeleteFilter { before, ..filter }, Rc::new(hit))
                }
                Err(error) => Preview::Failed(error),
            });
        };
        let (survey, handle) = abortable(survey);
        reading.set_value(Some(handle));
        spawn_local(async move {
            // Aborted means that nobody wants to know any more.
            let _ = survey.await;
        });
    };
    let cancel = move || {
        stop();
        preview.set(Preview::None);
    };

    view! {
        <p>{t::media_delete_lead}</p>
        {has_more.then(|| view! { <Notice>{t::media_delete_of_all}</Notice> })}
        <div class="form-row">
            <DateTimeField
                id="delete-before"
                label=t::media_before
                hint=Signal::derive(t::media_before_hint)
                at=before
                wrong=date_is_wrong
                error=Signal::derive(move || before_error.get())
                presets=presets()
            />
            <SizeField id="delete-larger" label=t::media_larger hint=Signal::derive(t::media_larger_hint) bytes=larger wrong=size_is_wrong />
        </div>
        <Check
            label=t::media_keep_profiles
            hint=Signal::derive(t::media_keep_profiles_hint)
            value=keep_profiles
        />
        <details class="rules">
            <summary>{t::media_rules}</summary>
            <ul>
                <li>{t::media_rule_time}</li>
                <li>{t::media_rule_limits}</li>
                <li>{t::media_rule_spared}</li>
                <li>{t::media_rule_profiles}</li>
                <li>{t::media_rule_elsewhere}</li>
            </ul>
        </details>
        {move || match preview.get() {
            Preview::None => {
                view! {
                    <div class="dialog-actions">
                        <Button label=t::cancel on_press=move || open.set(false) />
                        <Button label=t::media_preview kind=ButtonKind::Primary on_press=look />
                    </div>
                }
                    .into_node()
            }
            Preview::Reading(progress) => {
                let part = (progress.total > 0).then(|| progress.done as f64 / progress.total as f64);
                view! {
                    <ProgressBar
                        done=Signal::stored(part)
                        text=Signal::derive(move || progress_text(progress))
                    />
                    <div class="dialog-actions">
                        <Button label=t::cancel on_press=cancel />
                    </div>
                }
                    .into_node()
            }
            Preview::Failed(error) => {
                view! {
                    {failure(explain(&error), Some(UnsyncCallback::new(move |()| look())))}
                    <div class="dialog-actions">
                        <Button label=t::cancel on_press=move || open.set(false) />
                    </div>
                }
                    .into_node()
            }
            Preview::Ready(filter, hit) => ready(open, filter, hit, on_deleted, cancel),
        }}
    }
}

/// The date and the size that the page is narrowed to, and whether it is narrowed to something else
/// as well, by which the server cannot delete, or to what cannot be read, so that the page shows nothing.
fn of_page() -> (Option<Timestamp>, Option<u64>, bool) {
    current_query().with_untracked(|query| {
        let number = |name| query.get(name).and_then(|value| value.parse().ok());
        let date = number(filter::UNUSED).map(|days: i64| moments().days_ago(days));
        let day = query
            .get(filter::BEFORE)
            .and_then(|day| from_datetime_local(&day));
        let has_lost_day = day.is_none() && query.get(filter::BEFORE).is_some();
        let date = date.into_iter().chain(day).min();
        // The server deletes what is larger, a class begins with what is as large.
        let size = number(filter::SIZE).filter(|bytes| *bytes > 0);
        let size = size.map(|bytes: i64| bytes as u64 - 1);
        let larger = query.get(filter::LARGER);
        let larger = larger.and_then(|text| size_of(&text, &untrack(current)));
        let has_lost_size = larger.is_none() && query.get(filter::LARGER).is_some();
        let size = size.into_iter().chain(larger).max();
        let has_more = Question::is_narrower(|name| query.get(name));
        let has_more = has_more || has_lost_day || has_lost_size;
        (date, size, has_more)
    })
}

fn progress_text(progress: SurveyProgress) -> String {
    let number = |n: u64| format::number(n as f64);
    let (done, total) = (number(progress.done), number(progress.total));
    match progress.phase {
        Phase::Owners => t::media_survey_owners(),
        Phase::Files => t::media_survey_files(&done, &total),
        Phase::Users => t::media_survey_users(&done, &total),
        Phase::Rooms => t::media_survey_rooms(&done, &total),
    }
}

/// What the filters hit, and the button.
fn ready(
    open: RwSignal<bool>,
    filter: DeleteFilter,
    hit: Rc<Hit>,
    on_deleted: UnsyncCallback<()>,
    cancel: impl Fn() + Copy + 'static,
) -> Node {
    let count = hit.files.len() as u64;
    if hit.is_empty() {
        return view! {
            <div role="status" class="preview">
                <p><strong>{t::media_nothing}</strong></p>
                {notes(&hit)}
            </div>
            <div class="dialog-actions">
                <Button label=t::close on_press=move || open.set(false) />
            </div>
        }
        .into_node();
    }
    let (bytes, owners) = (hit.bytes(), hit.owners() as u64);
    let confirmed = RwSignal::new(false);
    let rows = {
        let mut largest: Vec<&StoredFile> = hit.files.iter().collect();
        sort_by(&mut largest, |a, b| b.bytes.cmp(&a.bytes));
        largest.into_iter().take(LISTED).map(row).collect_view()
    };
    let notes = notes(&hit);
    // Where nothing but what no list shows may go, there is no number of files to type.
    let action = move || match count {
        0 => t::media_delete_unlisted(),
        count => t::media_delete_count(count),
    };
    let expected = match count {
        0 => t::media_delete_word(),
        count => count.to_string(),
    };
    let delete = move || {
        open.set(false);
        start(&filter, Rc::clone(&hit), on_deleted);
    };
    view! {
        <div role="status" class="preview">
            <div class="stats">
                <Stat label=t::media_hit_files value=move || format::number(count as f64) />
                <Stat label=t::media_hit_bytes value=move || format::bytes(bytes) />
                <Stat label=t::media_hit_owners value=move || format::number(owners as f64) />
            </div>
            {notes}
        </div>
        {(count > 0)
            .then(|| {
                view! {
                    <details open>
                        <summary>{t::media_largest}</summary>
                        <div
                            class="table-scroll"
                            tabindex="0"
                            role="region"
                            aria-label=t::media_largest
                        >
                            <table class="table">
                                <thead>
                                    <tr>
                                        <th scope="col">{t::media_column_file}</th>
                                        <th scope="col">{t::media_column_owner}</th>
                                        <th scope="col" data-align="end">
                                            {t::media_column_size}
                                        </th>
                                        <th scope="col">{t::media_column_last_use}</th>
                                    </tr>
                                </thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                    </details>
                }
            })}
        <div class="dialog-actions">
            <TypeToConfirm expected=Signal::stored(expected) confirmed />
            <Button label=t::cancel on_press=cancel />
            <Button
                label=Signal::derive(action)
                kind=ButtonKind::Danger
                disabled=Signal::derive(move || !confirmed.get())
                on_press=delete
            />
        </div>
    }
    .into_node()
}

/// What is kept, and what the numbers cannot tell.
fn notes(hit: &Hit) -> Node {
    let (kept, rooms) = (hit.kept_profiles as u64, hit.unread_rooms.len());
    let unlisted = |is_silent, words: fn(u64, &str) -> String| {
        let all = hit.unlisted.iter();
        let owners: Vec<&Unlisted> = all.filter(|owner| owner.is_silent == is_silent).collect();
        let (count, bytes) = (owners.len(), owners.iter().map(|owner| owner.bytes).sum());
        let whose = owners.iter().filter_map(|owner| owner.owner.as_ref());
        let whose: Vec<String> = whose.map(ToString::to_string).collect();
        (count > 0).then(|| {
            let whose = files::delete::some_of(&whose);
            view! {
                <p>
                    {move || words(count as u64, &format::bytes(bytes))} " " <bdi>{whose}</bdi>
                </p>
            }
        })
    };
    let previews = hit.previews();
    let services = files::delete::of_services(&hit.services).into_iter();
    let services = services.map(|(name, value)| view! { <p>{name} ": " {value}</p> }.into_node());
    let services: Vec<Node> = services.collect();
    view! {
        {services}
        {(kept > 0).then(|| view! { <p>{move || t::media_kept_profiles(kept)}</p> })}
        {hit.may_keep_more.then(|| view! { <p>{t::media_may_keep_more}</p> })}
        {hit.profiles_since.map(|since| {
            let (name, value) = files::delete::profiles_since(since);
            view! { <p>{name} ": " {value}</p> }.into_node()
        })}
        {hit.profiles_unread.then(|| view! { <p>{t::media_profiles_unread}</p> })}
        {(rooms > 0)
            .then(|| {
                let names = files::delete::some_of(&hit.unread_rooms);
                view! {
                    <p>{move || t::media_rooms_unread_kept(rooms as u64)} " " <bdi>{names}</bdi></p>
                }
            })}
        {(previews.files > 0)
            .then(|| {
                view! {
                    <p>
                        {move || t::media_hit_previews(
                            previews.files,
                            &format::bytes(previews.bytes),
                        )}
                    </p>
                }
            })}
        {unlisted(false, t::media_unlisted)}
        {unlisted(true, t::media_unlisted_silent)}
    }
    .into_node()
}

fn row(file: &StoredFile) -> Node {
    let bytes = file.bytes.unwrap_or(0);
    let owner = file.owner.as_ref().map(ToString::to_string);
    view! {
        <tr>
            <td>{file.label()}</td>
            <td>{owner}</td>
            <td data-align="end">{move || format::bytes(bytes)}</td>
            <td>{day_or_never(file.last_use())}</td>
        </tr>
    }
    .into_node()
}

/// Deletes in steps, oldest files first, and looks at the end whether all are gone.
fn start(filter: &DeleteFilter, hit: Rc<Hit>, on_deleted: UnsyncCallback<()>) {
    let session = Session::get();
    let Some(own) = session.server_name() else {
        return;
    };
    let capabilities = session.capabilities_now();
    let steps = deletion::slices(&hit.files, filter);
    let mut names: Vec<String> = steps
        .iter()
        .map(|step| t::media_step(&format::date_time(step.before)))
        .collect();
    names.push(t::media_step_check());
    let requests = steps
        .iter()
        .map(|step| media::delete_by_date_or_size(step, &own, &capabilities))
        .collect();
    let deletion = Rc::new(Stepwise::new(Rc::clone(&hit), requests));
    let deed: OnTarget = {
        let deletion = Rc::clone(&deletion);
        Rc::new(move |item, network, turn| {
            let deletion = Rc::clone(&deletion);
            async move {
                let server = Patient {
                    network,
                    clock: &BrowserClock,
                    random: &BrowserRandom,
                };
                let attempt = deletion.attempt(item, server, &turn, &changes::record);
                attempt.await
            }
            .boxed_local()
        })
    };
    let title = match hit.files.len() {
        0 => t::media_delete_unlisted(),
        count => t::media_delete_count(count as u64),
    };
    TargetJob::doing(title, names, deed)
        .one_by_one()
        .reporting({
            let deletion = Rc::clone(&deletion);
            let hit = Rc::clone(&hit);
            move |_| report_of(&hit, &deletion, &own)
        })
        .kept()
        .on_end(move |job| {
            job.set_result(result(&hit, &deletion));
            deletion.unsure().into_iter().for_each(changes::record);
            on_deleted.run(());
        })
        .start();
}

/// What has come of it, in a sentence or two.
fn result(hit: &Hit, deletion: &Stepwise) -> String {
    let came = deletion.came();
    let freed = files::delete::what_is_freed(came.files, came.bytes, came.unknown);
    let mut said = vec![match came.is_at_least {
        true => t::at_least(&freed),
        false => freed,
    }];
    if came.previews > 0 {
        said.push(t::media_deleted_previews(came.previews));
    }
    match (came.left, came.is_left_known) {
        (0, _) => {}
        (left, true) => {
            said.push(t::media_deleted_left(left));
            if hit.may_keep_more || hit.profiles_unread || !hit.unread_rooms.is_empty() {
                said.push(t::media_deleted_perhaps_profiles());
            }
        }
        (left, false) => said.push(t::media_deleted_fewer(left)),
    }
    let told = deletion.told();
    let (silent, _) = told.silent();
    if !silent.is_empty() {
        said.push(t::media_deleted_silent(&files::delete::some_of(&silent)));
    }
    said.join(" ")
}

/// Every file of the preview, and what else the server deleted.
fn report_of(hit: &Hit, deletion: &Stepwise, own: &ServerName) -> JobReport {
    let others = deletion.others().into_iter().map(|media_id| {
        let server = own.clone();
        (MxcUri { server, media_id }, "deleted")
    });
    let others: Vec<_> = others.collect();
    let told = deletion.told();
    let outcome = |_, file: &StoredFile| (told.outcome(file), String::new());
    files::delete::report_of(&hit.files, outcome, &others)
}
