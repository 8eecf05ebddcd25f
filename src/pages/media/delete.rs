//! The dialog "Delete media": filters, what they hit, and the deletion.

use super::filter::{date_problem, presets};
use crate::api::media::{self, DeleteFilter};
use crate::api::tolerant::Timestamp;
use crate::api::{ApiError, MxcUri, ServerName};
use crate::cleanup::{self, Hit, Phase, Progress};
use crate::components::button::{Button, Kind};
use crate::components::confirm::TypeToConfirm;
use crate::components::dialog::Dialog;
use crate::components::failure::failure;
use crate::components::field::{Check, DateTimeField, SizeField};
use crate::components::page::Stat;
use crate::components::progress::Progress as ProgressBar;
use crate::components::time::time_or_never;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::operations::job::Report;
use crate::operations::{Target, TargetJob};
use crate::pages::files::{self, changes};
use crate::session::browser::now;
use crate::session::{Client, Session};
use crate::storage::{Change, StoredFile};
use crate::ui::view;
use futures_util::future::{AbortHandle, abortable};
use leptos::prelude::*;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// How many of the files are listed.
const LISTED: usize = 20;

/// The dialog.
#[component]
pub fn DeleteDialog(
    open: RwSignal<bool>,
    /// Called when files have been deleted.
    #[prop(into)]
    on_deleted: UnsyncCallback<()>,
) -> impl IntoView {
    view! {
        <Dialog open title=Signal::derive(t::media_delete) large=true>
            <DeleteForm open on_deleted />
        </Dialog>
    }
}

/// How far the preview is.
#[derive(Clone)]
enum Preview {
    None,
    Reading(Progress),
    Ready(DeleteFilter, Rc<Hit>),
    Failed(ApiError),
}

#[component]
fn DeleteForm(open: RwSignal<bool>, on_deleted: UnsyncCallback<()>) -> impl IntoView {
    let session = Session::get();
    let client = Client::get();
    let before: RwSignal<Option<Timestamp>> = RwSignal::new(None);
    let larger: RwSignal<Option<u64>> = RwSignal::new(None);
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
        keep_profiles.track();
        stop();
        before_error.set(None);
        preview.set(Preview::None);
    });

    let look = move || {
        let size_gt = larger.get_untracked().unwrap_or(0);
        let date = before.get_untracked();
        let problem = match date {
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
        preview.set(Preview::Reading(Progress {
            phase: Phase::Owners,
            done: 0,
            total: 0,
        }));
        let survey = async move {
            let capabilities = session.capabilities_now();
            let progress = |progress| preview.set(Preview::Reading(progress));
            let hit =
                cleanup::survey(client.patient(), &filter, &own, &capabilities, &progress).await;
            preview.set(match hit {
                Ok(hit) => Preview::Ready(filter, Rc::new(hit)),
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
        <div class="form-row">
            <DateTimeField
                id="delete-before"
                label=t::media_before
                hint=Signal::derive(t::media_before_hint)
                at=before
                error=Signal::derive(move || before_error.get())
                presets=presets()
            />
            <SizeField id="delete-larger" label=t::media_larger hint=Signal::derive(t::media_larger_hint) bytes=larger />
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
                        <Button label=t::media_preview kind=Kind::Primary on_press=look />
                    </div>
                }
                    .into_any()
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
                    .into_any()
            }
            Preview::Failed(error) => {
                view! {
                    {failure(explain(&error), Some(UnsyncCallback::new(move |()| look())))}
                    <div class="dialog-actions">
                        <Button label=t::cancel on_press=move || open.set(false) />
                    </div>
                }
                    .into_any()
            }
            Preview::Ready(filter, hit) => ready(open, filter, hit, on_deleted, cancel),
        }}
    }
}

fn progress_text(progress: Progress) -> String {
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
) -> AnyView {
    let count = hit.files.len() as u64;
    let kept = hit.kept_profiles as u64;
    let (ownerless, ownerless_bytes) = hit.ownerless;
    let notes = view! {
        {(kept > 0).then(|| view! { <p>{move || t::media_kept_profiles(kept)}</p> })}
        {hit.may_keep_more.then(|| view! { <p>{t::media_may_keep_more}</p> })}
        {(ownerless > 0)
            .then(|| {
                view! { <p>{move || t::media_ownerless(ownerless, &format::bytes(ownerless_bytes))}</p> }
            })}
    };
    if count == 0 {
        return view! {
            <div role="status" class="preview">
                <p><strong>{t::media_nothing}</strong></p>
                {notes}
            </div>
            <div class="dialog-actions">
                <Button label=t::close on_press=move || open.set(false) />
            </div>
        }
        .into_any();
    }
    let (bytes, owners) = (hit.bytes(), hit.owners() as u64);
    let confirmed = RwSignal::new(false);
    let rows = {
        let mut largest: Vec<&StoredFile> = hit.files.iter().collect();
        largest.sort_by_key(|file| std::cmp::Reverse(file.bytes));
        largest.into_iter().take(LISTED).map(row).collect_view()
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
        <details open>
            <summary>{t::media_largest}</summary>
            <div class="table-scroll" tabindex="0" role="region" aria-label=t::media_largest>
                <table class="table">
                    <thead>
                        <tr>
                            <th scope="col">{t::media_column_file}</th>
                            <th scope="col">{t::media_column_owner}</th>
                            <th scope="col" data-align="end">{t::media_column_size}</th>
                            <th scope="col">{t::media_column_last_use}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </details>
        <div class="dialog-actions">
            <TypeToConfirm expected=Signal::stored(count.to_string()) confirmed />
            <Button label=t::cancel on_press=cancel />
            <Button
                label=Signal::derive(move || t::media_delete_count(count))
                kind=Kind::Danger
                disabled=Signal::derive(move || !confirmed.get())
                on_press=delete
            />
        </div>
    }
    .into_any()
}

fn row(file: &StoredFile) -> AnyView {
    let bytes = file.bytes.unwrap_or(0);
    let owner = file.owner.as_ref().map(ToString::to_string);
    view! {
        <tr>
            <td>{file.label()}</td>
            <td>{owner}</td>
            <td data-align="end">{move || format::bytes(bytes)}</td>
            <td>{time_or_never(file.last_use())}</td>
        </tr>
    }
    .into_any()
}

/// Deletes in steps, oldest files first.
fn start(filter: &DeleteFilter, hit: Rc<Hit>, on_deleted: UnsyncCallback<()>) {
    let session = Session::get();
    let Some(own) = session.server_name() else {
        return;
    };
    let capabilities = session.capabilities_now();
    let steps = cleanup::slices(&hit.files, filter);
    let requests: Vec<_> = steps
        .iter()
        .map(|step| media::delete_by_date_or_size(step, &own, &capabilities))
        .collect();
    let targets = steps
        .iter()
        .zip(&requests)
        .map(|(step, request)| Target {
            name: t::media_step(&format::date_time(step.before)),
            call: request.call.clone(),
        })
        .collect();
    let deleted: Rc<RefCell<HashSet<String>>> = Rc::default();
    let title = t::media_delete_count(hit.files.len() as u64);
    TargetJob::new(title, targets)
        .one_by_one()
        .reading({
            let deleted = Rc::clone(&deleted);
            move |step, answer| {
                let ids = requests[step].read(answer)?.deleted_media;
                for id in &ids {
                    changes::record(Change::Gone(id.clone()));
                }
                deleted.borrow_mut().extend(ids);
                Ok(())
            }
        })
        .reporting({
            let (deleted, hit) = (Rc::clone(&deleted), Rc::clone(&hit));
            move || report_of(&hit, &deleted.borrow(), &own)
        })
        .kept()
        .on_end(move |job| {
            let deleted = deleted.borrow();
            let gone = |file: &&StoredFile| deleted.contains(&file.uri.media_id);
            let freed: u64 = hit
                .files
                .iter()
                .filter(gone)
                .filter_map(|file| file.bytes)
                .sum();
            let left = hit.files.iter().filter(|file| !gone(file)).count() as u64;
            let mut result = t::media_deleted_result(deleted.len() as u64, &format::bytes(freed));
            if left > 0 {
                result = format!("{result} {}", t::media_deleted_fewer(left));
            }
            job.set_result(result);
            on_deleted.run(());
        })
        .start();
}

/// Every file of the preview, and what else the server deleted.
fn report_of(hit: &Hit, deleted: &HashSet<String>, own: &ServerName) -> Report {
    let known: HashSet<&str> = hit
        .files
        .iter()
        .map(|file| file.uri.media_id.as_str())
        .collect();
    let outcome = |file: &StoredFile| match deleted.contains(&file.uri.media_id) {
        true => "deleted",
        false => "not reported as deleted",
    };
    let others: Vec<_> = deleted
        .iter()
        .filter(|id| !known.contains(id.as_str()))
        .map(|id| {
            let uri = MxcUri {
                server: own.clone(),
                media_id: id.clone(),
            };
            (uri, "deleted")
        })
        .collect();
    files::delete::report_of(&hit.files, outcome, &others)
}
