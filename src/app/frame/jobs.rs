//! The jobs: everything that runs or ran in the background, on every page.

use crate::browser::download::save_text;
use crate::components::button::{Button, ButtonKind, IconButton};
use crate::components::icon::icon;
use crate::components::link::link;
use crate::components::progress::Progress as ProgressBar;
use crate::i18n::{format, t};
use crate::operations::words::{counts_text, is_incomplete, state_text};
use crate::operations::{Confirmation, Job, Jobs, Operations, Proposal};
use crate::runner::{Progress, RunState};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// The list of jobs in the background. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Tray {
    jobs: Jobs,
    open: RwSignal<bool>,
}

impl Tray {
    /// The list of jobs, closed at first.
    pub fn closed() -> Self {
        Tray {
            jobs: Jobs::get(),
            open: RwSignal::new(false),
        }
    }

    fn running(self) -> usize {
        self.jobs.running()
    }

    /// How many are over and have left something undone.
    fn incomplete(self) -> usize {
        let all = self.jobs.all();
        all.iter()
            .filter(|job| is_incomplete(&job.progress()))
            .count()
    }

    fn picture(self) -> &'static str {
        match (self.running(), self.incomplete()) {
            (0, 0) => "check-circle",
            (0, _) => "alert",
            _ => "activity",
        }
    }

    fn summary(self) -> String {
        let all = self.jobs.all().len() as u64;
        match (self.running() as u64, self.incomplete() as u64) {
            (0, 0) => t::jobs_all_over(all),
            (0, incomplete) => format!(
                "{} · {}",
                t::jobs_all_over(all),
                t::jobs_incomplete(incomplete)
            ),
            (running, _) => t::jobs_running(running),
        }
    }
}

/// The button that opens the list of jobs; there as soon as there is a job. It stands in the
/// frame, where it covers nothing: in the side navigation, and on a phone (`small`) in the bar.
#[component]
pub fn JobButton(tray: Tray, #[prop(optional)] small: bool) -> impl IntoView {
    let Tray { jobs, open } = tray;
    // All running jobs together.
    let overall = Memo::new(move |_| {
        let (mut done, mut total) = (0, 0);
        for job in jobs.all() {
            let progress = job.progress();
            if !progress.is_over() {
                done += progress.done + progress.failed + progress.left_out + progress.unknown;
                total += progress.total;
            }
        }
        (total > 0).then(|| done as f64 / total as f64)
    });
    let part = move || {
        let percent = overall
            .get()
            .map(|part| t::percent(&format::number((part * 100.0).floor())));
        match small {
            true => percent.unwrap_or_else(|| format::number(jobs.all().len() as f64)),
            false => percent.unwrap_or_default(),
        }
    };
    view! {
        <button
            type="button"
            class="job-pill"
            hidden=move || jobs.all().is_empty()
            data-small=small.then_some("true")
            data-incomplete=move || (tray.incomplete() > 0).then_some("true")
            title=move || small.then(|| tray.summary())
            aria-expanded=move || open.get().to_string()
            aria-controls="job-panel"
            on:click=move |_| open.update(|open| *open = !*open)
        >
            {move || icon(tray.picture())}
            <span class=if small { "visually-hidden" } else { "job-pill-text" }>
                {move || tray.summary()}
            </span>
            <span class="job-pill-part">{part}</span>
        </button>
    }
}

/// The list of jobs, while it is open.
#[component]
pub fn JobTray(tray: Tray) -> impl IntoView {
    let Tray { jobs, open } = tray;
    let close = move || open.set(false);
    // Wherever the focus is: the list may lie over what a person wants next.
    let escape = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && open.get_untracked() {
            close();
        }
    });
    on_cleanup(move || escape.remove());
    view! {
        <aside
            class="job-tray"
            id="job-panel"
            aria-label=t::jobs_label
            hidden=move || !open.get() || jobs.all().is_empty()
            on:keydown=move |event| {
                if event.key() == "Escape" {
                    close();
                }
            }
        >
            <div class="job-tray-head">
                <h2>{t::jobs_label}</h2>
                <IconButton label=t::jobs_close icon="x" on_press=close />
            </div>
            <ul class="job-panel">
                <For each=move || jobs.ids() key=|id| *id let:id>
                    {jobs.find(id).map(|job| one(jobs, job))}
                </For>
            </ul>
        </aside>
    }
}

/// Takes a job out of the list; asks first if something is lost with its report.
fn remove(jobs: Jobs, job: &Job) {
    let is_only_here = untrack(|| job.is_only_here());
    let id = job.id;
    Operations::get().propose(Proposal {
        title: t::act_question(&t::job_remove()),
        sentence: t::log_out_reports(1),
        facts: Vec::new(),
        action: t::job_remove(),
        danger: true,
        confirmation: match is_only_here {
            true => Confirmation::Click,
            false => Confirmation::None,
        },
        fields: None,
        run: Rc::new(move || jobs.remove(id)),
    });
}

fn one(jobs: Jobs, job: Job) -> Node {
    let handle = StoredValue::new_local(job.clone());
    let with = move |act: fn(&Job)| handle.with_value(act);
    let progress = Signal::derive_local(move || handle.with_value(Job::progress));
    let part = Signal::derive_local(move || {
        let progress = progress.get();
        // One request that takes its time has no half.
        (progress.total > 1 || progress.is_over()).then(|| {
            (progress.total - progress.in_flight - progress.waiting) as f64
                / progress.total.max(1) as f64
        })
    });
    let part = Signal::derive(move || part.get());
    let is_over = move || progress.with(Progress::is_over);
    let is_paused =
        move || progress.with(|progress| matches!(progress.state, RunState::Paused { .. }));
    let is_ending = move || {
        progress.with(|progress| matches!(progress.state, RunState::Cancelled | RunState::Stopped))
    };
    let has_left = move || progress.with(|progress| progress.failed + progress.not_done > 0);
    let title = job.title.to_string();
    let download = move || {
        let report = handle.with_value(Job::report);
        save_text(&report.file_name, "text/csv", &report.csv);
    };
    view! {
        <li class="job" data-incomplete=move || progress.with(is_incomplete).then_some("true")>
            <div class="job-head">
                <strong class="job-title">
                    {match job.route.clone() {
                        Some(route) => link(&route, "", title).into_node(),
                        None => title.into_node(),
                    }}
                </strong>
                {move || {
                    is_over()
                        .then(|| {
                            view! {
                                <IconButton label=t::job_remove icon="x" on_press=move || handle.with_value(|job| remove(jobs, job)) />
                            }
                        })
                }}
            </div>
            <ProgressBar done=part text=move || counts_text(&progress.get()) />
            <p class="job-state">
                {move || progress.with(is_incomplete).then(|| icon("alert"))}
                <span>{move || state_text(&progress.get())}</span>
            </p>
            {move || {
                handle
                    .with_value(Job::result)
                    .map(|result| view! { <p class="job-result">{result}</p> })
            }}
            <div class="job-actions">
                {move || {
                    (!is_over() && !is_ending())
                        .then(|| {
                            view! {
                                {move || {
                                    if is_paused() {
                                        view! {
                                            <Button label=t::job_resume icon="play" kind=ButtonKind::Quiet on_press=move || with(Job::resume) />
                                        }
                                            .into_node()
                                    } else {
                                        view! {
                                            <Button label=t::job_pause icon="pause" kind=ButtonKind::Quiet on_press=move || with(Job::pause) />
                                        }
                                            .into_node()
                                    }
                                }}
                                <Button label=t::job_cancel icon="x" kind=ButtonKind::Quiet on_press=move || with(Job::cancel) />
                            }
                        })
                }}
                {move || {
                    is_over()
                        .then(|| {
                            view! {
                                {(has_left() && handle.with_value(Job::may_retry))
                                    .then(|| {
                                        view! {
                                            <Button label=t::job_retry icon="refresh" kind=ButtonKind::Quiet on_press=move || with(Job::retry) />
                                        }
                                    })}
                                {(!handle.with_value(Job::lost_items).is_empty() && handle.with_value(Job::may_retry))
                                    .then(|| {
                                        view! {
                                            <Button label=t::job_retry_lost icon="refresh" kind=ButtonKind::Quiet on_press=move || with(Job::retry_lost) />
                                        }
                                    })}
                                {handle
                                    .with_value(Job::can_undo)
                                    .then(|| {
                                        view! {
                                            <Button label=t::undo icon="undo" kind=ButtonKind::Quiet on_press=move || with(Job::undo) />
                                        }
                                    })}
                                <Button label=t::job_report icon="download" kind=ButtonKind::Quiet on_press=download />
                            }
                        })
                }}
            </div>
        </li>
    }
    .into_node()
}
