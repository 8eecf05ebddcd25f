//! What was selected: where all that match were, they are read first, with progress and a way to
//! stop. The same dialog waits for what else has to be looked up before a question.

use crate::api::ApiError;
use crate::components::dialog::Dialog;
use crate::components::progress::Progress;
use crate::components::toast::Toasts;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::lists::{Picked, Reading, Row, typed};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Looks up what is meant. A handle: copies are the same.
#[derive(Clone, Copy, Default)]
pub struct Gatherer {
    open: RwSignal<bool>,
    reading: RwSignal<Option<Reading>, LocalStorage>,
}

impl Gatherer {
    /// Nothing is being looked up.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `then` with what is selected, unless reading it fails or the person stops it.
    pub fn gather<T: Clone + 'static>(self, picked: Picked, then: Rc<dyn Fn(Vec<T>)>) {
        self.gather_as(picked, |row| typed::<T>(row).clone(), then);
    }

    /// [`Gatherer::gather`] of rows that are seen as something else.
    pub fn gather_as<T: 'static>(
        self,
        picked: Picked,
        see: fn(&Row) -> T,
        then: Rc<dyn Fn(Vec<T>)>,
    ) {
        match picked.at_hand_as(see) {
            Some(rows) => then(rows),
            None => self.wait(
                move |reading| picked.resolve_as(reading, see),
                move |found| then(found),
            ),
        }
    }

    /// Shows the dialog as long as `work` takes, then calls `then` with what it found.
    pub fn wait<T: 'static, F>(
        self,
        work: impl FnOnce(Reading) -> F + 'static,
        then: impl FnOnce(T) + 'static,
    ) where
        F: Future<Output = Result<T, ApiError>> + 'static,
    {
        let reading = Reading::alone();
        self.reading.set(Some(reading.clone()));
        self.open.set(true);
        spawn_local(async move {
            let found = work(reading.clone()).await;
            // The page may have been left, or the dialog closed.
            if reading.is_cancelled() || self.open.try_set(false).is_some() {
                return;
            }
            match found {
                Ok(found) => then(found),
                Err(ApiError::Cancelled) => {}
                Err(error) => Toasts::get().bad(explain(&error)),
            }
        });
    }

    /// The dialog that shows how far the reading is, and cancels it.
    pub fn view(self) -> Node {
        Effect::new(move |_| {
            if !self.open.get() {
                self.reading.with_untracked(|reading| {
                    if let Some(reading) = reading {
                        reading.cancel();
                    }
                });
            }
        });
        let so_far = move || self.reading.get().and_then(|reading| reading.so_far());
        let part = move || {
            let (done, of) = so_far()?;
            Some(done as f64 / of.filter(|of| *of > 0)? as f64)
        };
        let words = move || match so_far() {
            Some((done, Some(of))) => {
                t::act_gathered(&format::number(done as f64), &format::number(of as f64))
            }
            _ => t::loading(),
        };
        view! {
            <Dialog open=self.open title=Signal::derive(t::act_gathering)>
                <Progress done=Signal::derive(part) text=Signal::derive(words) announce=true />
                <div class="dialog-actions">
                    <button
                        type="button"
                        class="button"
                        on:click=move |_| self.open.set(false)
                    >
                        {t::cancel}
                    </button>
                </div>
            </Dialog>
        }
        .into_node()
    }
}
