//! The run while it runs, and its end.

use super::desk::Desk;
use super::plan::stats;
use super::rows::{Source, rows};
use super::running::Run;
use super::sheets;
use crate::components::badge::Tone;
use crate::components::button::{Button, Kind};
use crate::components::download::{dated, save_text};
use crate::components::notice::Notice;
use crate::components::page::Card;
use crate::components::progress::Progress as ProgressBar;
use crate::i18n::{Words, t};
use crate::pages::shell::jobs::{counts_text, state_text};
use crate::ui::view;
use leptos::prelude::*;

/// The run.
pub fn progress(desk: Desk, run: Run) -> AnyView {
    let kept = StoredValue::new_local(run);
    let part = move || {
        let progress = kept.with_value(|run| run.job.progress());
        Some(
            (progress.total - progress.waiting - progress.in_flight) as f64
                / progress.total.max(1) as f64,
        )
    };
    let counts = move || kept.with_value(|run| counts_text(&run.job.progress()));
    let state = move || kept.with_value(|run| state_text(&run.job.progress()));
    view! {
        <Card title=Signal::derive(t::import_running)>
            <ProgressBar done=Signal::derive(part) text=Signal::derive(counts) />
            <p class="import-note" role="status">{state}</p>
            {move || numbers(desk, &kept.get_value())}
            <div class="import-actions">{move || buttons(desk, &kept.get_value())}</div>
        </Card>
        {move || {
            desk.changed.track();
            let run = kept.get_value();
            run.job.is_over().then(|| over(&run))
        }}
    }
    .into_any()
}

fn numbers(desk: Desk, run: &Run) -> AnyView {
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
        (t::import_word_not_done, tally.not_done),
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

fn buttons(desk: Desk, run: &Run) -> AnyView {
    let job = run.job.clone();
    let kept = StoredValue::new_local(run.clone());
    if !job.is_over() {
        let pause = match job.is_paused() {
            true => view! {
                <Button label=t::job_resume icon="play" on_press=move || kept.with_value(|run| run.job.resume()) />
            }
            .into_any(),
            false => view! {
                <Button label=t::job_pause icon="pause" on_press=move || kept.with_value(|run| run.job.pause()) />
            }
            .into_any(),
        };
        return view! {
            {pause}
            <Button label=t::cancel icon="x" on_press=move || kept.with_value(|run| run.job.cancel()) />
        }
        .into_any();
    }
    desk.changed.track();
    let progress = job.progress();
    let failures = run.results.failures();
    let can_retry = progress.failed + progress.not_done > 0;
    let has_cards = sheets::any(&run.results);
    view! {
        <Button
            label=t::import_download_report
            icon="download"
            kind=Kind::Primary
            on_press=move || kept.with_value(|run| {
                save_text(&dated("import-report", "csv"), "text/csv", &run.results.report());
            })
        />
        {(failures > 0).then(|| view! {
            <Button
                label=t::import_download_failed
                icon="download"
                on_press=move || kept.with_value(|run| {
                    save_text(&dated("import-failed", "csv"), "text/csv", &run.results.failed());
                })
            />
        })}
        {has_cards.then(|| view! {
            <Button
                label=t::import_print
                icon="file"
                on_press=move || kept.with_value(|run| sheets::print(&run.results))
            />
        })}
        {can_retry.then(|| view! {
            <Button
                label=t::job_retry
                icon="refresh"
                on_press=move || kept.with_value(|run| run.job.retry())
            />
        })}
        <Button label=t::import_again icon="plus" on_press=move || desk.clear() />
    }
    .into_any()
}

fn over(run: &Run) -> AnyView {
    let results = run.results.clone();
    let generated = (0..results.plan.rows.len()).any(|row| results.made_up(row).is_some());
    let source = Source {
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
    .into_any()
}
