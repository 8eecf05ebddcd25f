//! Asking for one thing after another, a few at a time.

use super::checked::Checked;
use super::desk::Desk;
use super::facts::{Asking, PlanPhase};
use crate::api::exchange::Patient;
use crate::api::{ApiError, Request, UserId};
use crate::browser::clock::Breath;
use crate::import::asking::MissingAnswers;
use futures_util::stream::{self, StreamExt};
use leptos::prelude::*;
use std::cell::Cell;

/// How many rows are looked at before looking at the clock.
pub const SLICE: usize = 200;

/// How many accounts are asked for at a time.
pub const AT_ONCE: usize = 6;

/// Looks at the accounts that the file names, each once, without holding up the page.
pub async fn each_user(checked: &Checked, look: &mut dyn FnMut(&UserId)) {
    let total = checked.table(|table| table.rows().len());
    let mut breath = Breath::begin();
    for from in (0..total).step_by(SLICE) {
        checked.with(|_, file| {
            let rows = from..total.min(from + SLICE);
            rows.filter_map(|row| file.first_user(row))
                .for_each(&mut *look);
        });
        breath.take().await;
    }
}

/// Asks about these, a few at a time, and once more about those that the server stumbles over or
/// does not answer in its time. `hear` says whether to go on; what it has heard it has, even if
/// the asking then fails. Gives those that have no answer even so; as many as that had none before are
/// no sign of a server in trouble.
pub async fn ask_twice<T: Clone + PartialEq, V>(
    desk: Desk,
    (what, mut silent_before): (Asking, usize),
    client: Patient<'_>,
    mut wanted: Vec<T>,
    ask: impl Fn(&T) -> Request<V>,
    mut hear: impl FnMut(T, Result<Option<V>, ApiError>) -> Result<bool, ApiError>,
) -> Result<Vec<T>, ApiError> {
    for is_last in [false, true] {
        let report = Report::new(desk, what, wanted.len());
        let mut unanswered = MissingAnswers::of(wanted.len()).besides(silent_before);
        let mut late = Vec::new();
        // What had no answer before, and has none so far.
        let mut open = if is_last { wanted.clone() } else { Vec::new() };
        let mut answers = stream::iter(wanted)
            .map(|thing| {
                let request = ask(&thing);
                async move { (thing, ApiError::if_there(client.send(request).await)) }
            })
            .buffer_unordered(AT_ONCE);
        while let Some((thing, answer)) = answers.next().await {
            match answer {
                Err(error) if is_slow(&error) && unanswered.bears() => {
                    if !is_last {
                        late.push(thing);
                    }
                }
                answer => {
                    unanswered.answered();
                    open.retain(|left| *left != thing);
                    if !hear(thing, answer)? {
                        open.append(&mut late);
                        return Ok(open);
                    }
                }
            }
            report.one_more();
        }
        drop(answers);
        if is_last {
            return Ok(open);
        }
        silent_before = late.len();
        wanted = late;
    }
    Ok(Vec::new())
}

/// Whether the server is there, and this one question was too much for it.
pub fn is_slow(error: &ApiError) -> bool {
    matches!(error, ApiError::TimedOut { .. }) || error.status() == Some(500)
}

/// How far the asking is, for the page.
struct Report {
    desk: Desk,
    what: Asking,
    done: Cell<usize>,
    total: usize,
}

impl Report {
    fn new(desk: Desk, what: Asking, total: usize) -> Self {
        let report = Report {
            desk,
            what,
            done: Cell::new(0),
            total,
        };
        report.show();
        report
    }

    fn one_more(&self) {
        self.done.set(self.done.get() + 1);
        // Not for each: the page is drawn anew for it.
        if self.done.get().is_multiple_of(AT_ONCE) {
            self.show();
        }
    }

    fn show(&self) {
        if self.total > 0 {
            self.desk.plan.set(PlanPhase::Asking {
                what: self.what,
                done: self.done.get() as u64,
                total: self.total as u64,
            });
        }
    }
}
