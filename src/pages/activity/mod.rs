//! `#/activity`: every change made in this tab since the administrator has signed in, newest first.

use crate::browser::download::{dated, save_text};
use crate::components::button::Button;
use crate::components::clipboard::copy_button;
use crate::components::empty::Empty;
use crate::components::icon::icon;
use crate::components::page::{Card, PageHeader};
use crate::components::time::time;
use crate::i18n::t;
use crate::operations::activity::{KeptReport, LogEntry};
use crate::operations::{Activity, report};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// How many entries are shown; all of them are in the file.
const SHOWN: usize = 200;

/// The page of the activity log: every change made from this tab.
pub fn view() -> Node {
    let activity = Activity::get();
    let is_empty = Memo::new(move |_| activity.with(|entries| entries.is_empty()));
    let total = move || activity.with(|entries| entries.len());
    view! {
        <PageHeader title=Signal::derive(t::nav_activity) lead=Signal::derive(t::activity_lead)>
            <Button label=t::activity_export icon="download" disabled=is_empty on_press=move || export(activity) />
        </PageHeader>
        {move || kept(activity)}
        {move || {
            if is_empty.get() {
                return view! { <Empty title=t::activity_empty text=t::activity_empty_text /> }.into_node();
            }
            let rows = activity.with(|entries| entries.iter().rev().take(SHOWN).map(row).collect_view());
            view! {
                <p class="table-note" hidden=move || total() <= SHOWN>
                    {move || t::activity_shown(&SHOWN.to_string(), &total().to_string())}
                </p>
                <ol class="activity">{rows}</ol>
            }
                .into_node()
        }}
    }
    .into_node()
}

/// The lists of what jobs have hit.
fn kept(activity: Activity) -> Node {
    let kept = activity.kept();
    if kept.is_empty() {
        return ().into_node();
    }
    let rows: Vec<Node> = kept.into_iter().map(kept_row).collect();
    view! {
        <Card title=Signal::derive(t::activity_kept)>
            <p>{t::activity_kept_lead}</p>
            <ul class="kept-reports">{rows}</ul>
        </Card>
    }
    .into_node()
}

fn kept_row(kept: KeptReport) -> Node {
    let label = t::activity_kept_download(&kept.title);
    let report = kept.report;
    view! {
        <li class="kept-report">
            <span>
                <strong>{kept.title}</strong>
                " "
                {time(kept.started)}
                <br />
                {kept.result}
            </span>
            <button
                type="button"
                class="button"
                aria-label=label
                on:click=move |_| save_text(&report.file_name, "text/csv", &report.csv)
            >
                {icon("download")}
                {t::job_report}
            </button>
        </li>
    }
    .into_node()
}

fn row(entry: &LogEntry) -> Node {
    let failed = entry.outcome.as_ref().err().cloned();
    let good = failed.is_none();
    let curl = entry.curl.clone();
    view! {
        <li class="activity-entry" data-outcome=if good { "good" } else { "bad" }>
            <div class="activity-head">
                <strong>{entry.what.clone()}</strong>
                <code class="activity-target">{entry.target.clone()}</code>
                <span class="activity-outcome">
                    {move || if good { t::activity_done() } else { t::activity_failed() }}
                </span>
                {time(entry.at)}
            </div>
            {failed.map(|failed| view! { <p class="activity-error">{failed.sentence}</p> })}
            <details>
                <summary>{t::activity_request}</summary>
                <div class="activity-curl">
                    <pre tabindex="0">{curl.clone()}</pre>
                    {copy_button(curl, None)}
                </div>
            </details>
        </li>
    }
    .into_node()
}

fn export(activity: Activity) {
    let csv = activity.with(|entries| {
        let rows = entries.iter().map(|entry| {
            let (status, error) = match &entry.outcome {
                Ok(status) => (status.to_string(), String::new()),
                Err(error) => (
                    error
                        .status
                        .map(|status| status.to_string())
                        .unwrap_or_default(),
                    error.text.clone(),
                ),
            };
            let at = js_sys::Date::new(&(entry.at.0 as f64).into())
                .to_iso_string()
                .into();
            [
                at,
                entry.what.clone(),
                entry.target.clone(),
                status,
                error,
                entry.curl.clone(),
            ]
        });
        report::csv(
            &["time", "change", "target", "status", "error", "request"],
            rows,
        )
    });
    save_text(&dated("activity", "csv"), "text/csv", &csv);
}
