//! The run while it runs, and its end.

use super::desk::Desk;
use super::kept::list::propose_to_finish;
use super::plan::stats;
use super::results::ImportRun;
use super::rows::{RowSource, rows};
use super::sheets;
use crate::browser::download::{dated, save_text};
use crate::components::badge::Tone;
use crate::components::button::{Button, ButtonKind};
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::components::progress::Progress as ProgressBar;
use crate::i18n::import as words;
use crate::i18n::{Words, t};
use crate::import::record::KeptState;
use crate::import::save_error::SaveError;
use crate::operations::words::{counts_text, state_text};
use crate::operations::{Confirmation, Operations, Proposal};
use crate::runner::Progress;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What is shown of an import that runs or has ended.
pub fn progress(desk: Desk, run: ImportRun) -> Node {
    let kept = StoredValue::new_local(run);
    let part = move || {
        let progress = kept.with_value(whole);
        let open = progress.waiting + progress.in_flight;
        Some((progress.total - open) as f64 / progress.total.max(1) as f64)
    };
    let counts = move || kept.with_value(|run| counts_text(&whole(run)));
    let state = move || kept.with_value(|run| state_text(&run.job.progress()));
    view! {
        <Card title=Signal::derive(t::import_running)>
            <ProgressBar done=Signal::derive(part) text=Signal::derive(counts) />
            <p class="import-note" role="status">{state}</p>
            {move || numbers(desk, &kept.get_value())}
            {move || kept_where(desk, &kept.get_value())}
            <div class="import-actions">{move || buttons(desk, &kept.get_value())}</div>
        </Card>
        {move || {
            desk.changed.track();
            let run = kept.get_value();
            run.job.is_over().then(|| over(&run))
        }}
    }
    .into_node()
}

/// How far it is, with what was done before it was interrupted.
fn whole(run: &ImportRun) -> Progress {
    let mut progress = run.job.progress();
    let all = run.results.import.tasks().len();
    progress.done += all.saturating_sub(progress.total);
    progress.total = all;
    progress
}

fn numbers(desk: Desk, run: &ImportRun) -> Node {
    desk.changed.track();
    let progress = run.job.progress();
    let tally = run.results.import.tally();
    let totals = run.results.plan.totals;
    let open = progress.waiting + progress.in_flight;
    let all: [(Words, usize); 7] = [
        (t::import_done_created, tally.created),
        (t::import_done_updated, tally.updated),
        (
            t::import_done_skipped,
            tally.skipped + tally.unchanged + totals.skip + totals.unchanged,
        ),
        (t::import_done_failed, tally.failed),
        (
            t::import_word_not_done,
            tally.not_done + totals.not_looked_up,
        ),
        (t::import_total_blocked, totals.blocked),
        (t::import_done_open, open),
    ];
    let keep = |(place, (_, count)): &(usize, (Words, usize))| *place < 4 || *count > 0;
    stats(
        all.into_iter()
            .enumerate()
            .filter(keep)
            .map(|(_, stat)| stat)
            .collect(),
    )
}

fn buttons(desk: Desk, run: &ImportRun) -> Node {
    let job = run.job.clone();
    let kept = StoredValue::new_local(run.clone());
    if !job.is_over() {
        let pause = match job.is_paused() {
            true => view! {
                <Button label=t::job_resume icon="play" on_press=move || kept.with_value(|run| run.job.resume()) />
            }
            .into_node(),
            false => view! {
                <Button label=t::job_pause icon="pause" on_press=move || kept.with_value(|run| run.job.pause()) />
            }
            .into_node(),
        };
        return view! {
            {pause}
            <Button label=t::cancel icon="x" on_press=move || kept.with_value(|run| run.job.cancel()) />
        }
        .into_node();
    }
    desk.changed.track();
    let failures = run.results.failures();
    let has_trouble = run.keeping.trouble().is_some();
    let is_finished = run.keeping.state() == KeptState::Finished;
    let is_kept = !has_trouble && !is_finished;
    let can_retry = job.may_retry() && !run.results.left().is_empty();
    let can_undo = run.results.import.tally().created > 0;
    let has_cards = sheets::any(&run.results);
    view! {
        <Button
            label=t::import_download_report
            icon="download"
            kind=ButtonKind::Primary
            on_press=move || save(desk, &kept.get_value(), false)
        />
        {(failures > 0).then(|| view! {
            <Button
                label=t::import_download_failed
                icon="download"
                on_press=move || save(desk, &kept.get_value(), true)
            />
        })}
        {has_cards.then(|| view! {
            <Button
                label=t::import_print
                icon="file"
                on_press=move || sheets::print(&kept.with_value(|run| Rc::clone(&run.results)))
            />
        })}
        {can_retry.then(|| view! {
            <Button
                label=t::job_retry
                icon="refresh"
                on_press=move || kept.with_value(|run| run.job.retry_items(run.results.left()))
            />
        })}
        {is_kept.then(|| view! {
            <Button
                label=t::import_finish
                icon="trash"
                on_press=move || finish(desk, kept.get_value())
            />
        })}
        {can_undo.then(|| view! {
            <Button label=t::import_undo icon="refresh" on_press=move || undo(&kept.get_value()) />
        })}
        <Button label=t::import_again icon="plus" on_press=move || again(desk, &kept.get_value()) />
    }
    .into_node()
}

/// Whether the import could go on if this tab were closed.
fn kept_where(desk: Desk, run: &ImportRun) -> Node {
    desk.changed.track();
    let is_over = run.job.is_over();
    let (tone, text) = match (run.keeping.trouble(), run.keeping.state()) {
        _ if run.keeping.is_lost() && is_over => (Tone::Warning, t::import_journal_lost()),
        (_, KeptState::Finished) => (Tone::Neutral, t::import_journal_finished()),
        (Some(SaveError::Insecure), _) => (Tone::Warning, t::import_journal_insecure()),
        (Some(error), _) => (
            Tone::Warning,
            t::import_journal_broken(&words::save_error(&error)),
        ),
        (None, _) if is_over => (Tone::Neutral, t::import_journal_ended()),
        (None, _) => (Tone::Neutral, t::import_journal_on()),
    };
    match tone {
        Tone::Warning => view! { <Notice tone><p>{text}</p></Notice> }.into_node(),
        _ => view! { <p class="import-note">{text}</p> }.into_node(),
    }
}

/// Saves the report, or the rows that failed.
fn save(desk: Desk, run: &ImportRun, failed: bool) {
    let results = Rc::clone(&run.results);
    spawn_local(async move {
        let (name, csv) = match failed {
            true => ("import-failed", results.failed().await),
            false => ("import-report", results.report_in_slices().await),
        };
        save_text(&dated(name, "csv"), "text/csv", &csv);
        desk.changed.update(|changed| *changed += 1);
    });
}

/// Clears the desk for another import. If passwords are lost with it, that is asked first.
fn again(desk: Desk, run: &ImportRun) {
    let is_lost = untrack(|| run.job.is_only_here());
    Operations::get().propose(Proposal {
        title: t::act_question(&t::import_again()),
        sentence: t::log_out_reports(1),
        facts: Vec::new(),
        action: t::import_again(),
        danger: true,
        confirmation: match is_lost {
            true => Confirmation::Click,
            false => Confirmation::None,
        },
        fields: None,
        run: Rc::new(move || desk.clear()),
    });
}

fn finish(desk: Desk, run: ImportRun) {
    propose_to_finish(move || {
        let run = run.clone();
        if !run.job.progress_now().is_over() {
            return;
        }
        spawn_local(async move {
            run.keeping.finish(&run.results).await;
            desk.changed.update(|changed| *changed += 1);
        });
    });
}

fn undo(run: &ImportRun) {
    let rows = 0..run.results.plan.rows.len();
    let created = rows.filter_map(|row| run.results.created(row)).collect();
    let keeping = run.keeping.clone();
    let on_end = move |count: usize| {
        let keeping = keeping.clone();
        spawn_local(async move {
            // The list only tells less if this fails.
            let _ = keeping.was_undone(count).await;
        });
    };
    super::undo::propose(&run.results.file_name, created, Rc::new(on_end));
}

fn over(run: &ImportRun) -> Node {
    let results = run.results.clone();
    let generated = results.has_made_up();
    let source = RowSource {
        plan: results.plan.clone(),
        table: results.rows.clone(),
        results: Some(results),
    };
    let rows = rows(source);
    view! {
        <Card title=Signal::derive(t::import_done_title)>
            {generated.then(|| view! {
                <Notice tone=Tone::Warning>
                    <p>{t::import_report_keep}</p>
                </Notice>
            })}
            {rows}
        </Card>
    }
    .into_node()
}
