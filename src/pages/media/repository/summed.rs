//! What the files that the page is about are summed up to: in parts, so that the page stays alive.

use super::question;
use super::scan::{Scan, moments};
use crate::browser::clock::Breath;
use crate::lists::ListQuery;
use crate::media::{Passes, Question, Summary, Summing};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// How many users are shown by name.
const OWNERS: usize = 8;

/// So many files are summed up at a time.
const PART: usize = 10_000;

/// What the files that the question finds are summed up to. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Summed {
    pub summary: RwSignal<Summary>,
    /// Whether it is of what the address asks now: on a large server it takes a while, and the files of a
    /// room have to be asked for first.
    pub is_current: Memo<bool>,
}

impl Summed {
    /// Sums up what the address asks, and again whenever more is known.
    pub fn follow(scan: Scan, query: Memo<ListQuery>, answered: RwSignal<u32>) -> Self {
        let summary = RwSignal::new(Summary::default());
        let of: RwSignal<Option<Question>, LocalStorage> = RwSignal::new_local(None);
        let passes = StoredValue::new_local(Passes::default());
        Effect::new(move |_| {
            scan.version();
            answered.track();
            let question = query.with(question::of_known);
            let pass = passes.try_update_value(|passes| passes.ask(&question));
            let Some(pass) = pass.flatten() else { return };
            let is_wanted = move || {
                let is_wanted = passes.try_with_value(|passes| passes.is_wanted(pass));
                is_wanted.unwrap_or_default()
            };
            spawn_local(async move {
                loop {
                    let sums = sum_up(scan, question.clone(), is_wanted).await;
                    if !is_wanted() {
                        return;
                    }
                    if let Some(sums) = sums {
                        let _ = of.try_set(Some(question.clone()));
                        let _ = summary.try_set(sums);
                    }
                    if passes.try_update_value(Passes::end) != Some(true) {
                        return;
                    }
                }
            });
        });
        let is_current = Memo::new(move |_| {
            answered.track();
            let question = query.with(question::of_known);
            !question.is_waiting && of.with(|of| of.as_ref() == Some(&question))
        });
        Summed {
            summary,
            is_current,
        }
    }

    /// A value of the summary in words; "…" while it is of another question. Reactive.
    pub fn told(self, words: impl FnOnce(&Summary) -> String) -> String {
        match self.is_current.get() {
            true => self.summary.with(words),
            false => "…".to_owned(),
        }
    }
}

/// Sums up in parts, as long as that is wanted.
pub async fn sum_up(
    scan: Scan,
    question: Question,
    is_wanted: impl Fn() -> bool,
) -> Option<Summary> {
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
