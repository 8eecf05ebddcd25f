//! What a job is doing and what it has done, in words.

use crate::api::exchange::Clock;
use crate::browser::clock::BrowserClock;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::runner::{Progress, RunState};

/// What a job is doing, in words.
pub fn state_text(progress: &Progress) -> String {
    let wait = |until_ms: u64| format::duration(until_ms.saturating_sub(BrowserClock.now_ms()));
    match &progress.state {
        RunState::Running if progress.at_server > 0 => t::job_at_server(progress.at_server as u64),
        RunState::Running => match progress.left_ms {
            Some(ms) => t::job_left(&format::duration(ms)),
            None => t::job_running(),
        },
        RunState::Paused { because: None } => t::job_paused(),
        RunState::Paused {
            because: Some(error),
        } => t::job_paused_because(&explain(error).sentence),
        RunState::WaitingRateLimit { until_ms } => t::job_rate_limited(&wait(*until_ms)),
        RunState::WaitingServer { until_ms, error } => {
            t::job_server_away(&wait(*until_ms), &explain(error).sentence)
        }
        RunState::Cancelled if progress.is_over() => t::job_cancelled(),
        RunState::Stopped if progress.is_over() => t::job_stopped(),
        RunState::Cancelled | RunState::Stopped => t::job_finishing(progress.in_flight as u64),
        RunState::Finished if is_incomplete(progress) => t::job_finished_incomplete(),
        RunState::Finished => t::job_finished(),
    }
}

/// What has been done so far, in words.
pub fn counts_text(progress: &Progress) -> String {
    let number = |n: usize| format::number(n as f64);
    let mut text = t::job_counts(&number(progress.done), &number(progress.total));
    if progress.failed > 0 {
        text = format!("{text} · {}", t::job_failed(progress.failed as u64));
    }
    if progress.left_out > 0 {
        text = format!("{text} · {}", t::job_left_out(progress.left_out as u64));
    }
    if progress.unknown > 0 {
        text = format!("{text} · {}", t::job_unknown(progress.unknown as u64));
    }
    if progress.not_done > 0 {
        text = format!("{text} · {}", t::job_not_done(progress.not_done as u64));
    }
    if let Some(rate) = progress.per_second.filter(|_| !progress.is_over()) {
        text = format!(
            "{text} · {}",
            t::job_rate(&format::number((rate * 10.0).round() / 10.0))
        );
    }
    text
}

/// Whether it is over and has left something undone.
pub fn is_incomplete(progress: &Progress) -> bool {
    progress.is_over() && progress.failed + progress.unknown + progress.not_done > 0
}
