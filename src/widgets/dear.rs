//! What costs the server something: what it costs is said, and it is read when somebody wants it.

use crate::api::ApiError;
use crate::components::button::{Button, ButtonKind};
use crate::components::failure::failure;
use crate::components::notice::Notice;
use crate::components::page::skeleton;
use crate::components::progress::Progress;
use crate::i18n::errors::explain;
use crate::i18n::{format, t};
use crate::lists::Reading;
use crate::ui::{IntoNode, Node, view};
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What reading costs, in a sentence, and the button that begins it.
#[derive(Clone)]
pub struct Price {
    pub text: String,
    pub label: String,
}

/// How something dear is had.
pub struct Dear<T: 'static> {
    /// What it costs; `None` if it may be read unasked.
    pub offer: fn() -> LocalBoxFuture<'static, Result<Option<Price>, ApiError>>,
    /// Reads it.
    pub read: fn(Reading) -> LocalBoxFuture<'static, Result<T, ApiError>>,
    /// How far the reading is: so many of so many.
    pub progress: fn(&str, &str) -> String,
}

/// How far it is.
enum Stage<T> {
    Looking,
    Offered(Price),
    Reading(Reading),
    Failed(ApiError),
    Here(Rc<T>),
}

impl<T> Clone for Stage<T> {
    fn clone(&self) -> Self {
        match self {
            Stage::Looking => Stage::Looking,
            Stage::Offered(cost) => Stage::Offered(cost.clone()),
            Stage::Reading(reading) => Stage::Reading(reading.clone()),
            Stage::Failed(error) => Stage::Failed(error.clone()),
            Stage::Here(found) => Stage::Here(Rc::clone(found)),
        }
    }
}

/// Shows what is read, once that is wanted, below a word on where it comes from; "Refresh" beside
/// that reads it anew.
pub fn dear<T: 'static>(dear: Dear<T>, show: impl Fn(&T) -> (String, Node) + 'static) -> Node {
    let Dear {
        offer,
        read,
        progress,
    } = dear;
    let stage: RwSignal<Stage<T>, LocalStorage> = RwSignal::new_local(Stage::Looking);
    let begin = move |reading: Reading| {
        stage.set(Stage::Reading(reading.clone()));
        spawn_local(async move {
            let next = match read(reading.clone()).await {
                Ok(found) => Stage::Here(Rc::new(found)),
                Err(ApiError::Cancelled) => return,
                Err(error) => Stage::Failed(error),
            };
            if !reading.is_cancelled() {
                // The page may have been left.
                let _ = stage.try_set(next);
            }
        });
    };
    let look = move || {
        stage.set(Stage::Looking);
        spawn_local(async move {
            match offer().await {
                Ok(None) if !stage.is_disposed() => begin(Reading::alone()),
                Ok(Some(cost)) => drop(stage.try_set(Stage::Offered(cost))),
                Err(error) => drop(stage.try_set(Stage::Failed(error))),
                Ok(None) => {}
            }
        });
    };
    let end = move |how: fn(&Reading)| {
        let _ = stage.try_with_untracked(|stage| {
            if let Stage::Reading(reading) = stage {
                how(reading);
            }
        });
    };
    on_cleanup(move || end(Reading::leave));
    Effect::new(move |_| look());
    let body = move || match stage.get() {
        Stage::Looking => skeleton(4),
        Stage::Offered(Price { text, label }) => view! {
            <Notice>
                <p>{text}</p>
                <div class="notice-actions">
                    <Button
                        label=Signal::stored(label)
                        icon="chart"
                        kind=ButtonKind::Primary
                        on_press=move || begin(Reading::alone())
                    />
                </div>
            </Notice>
        }
        .into_node(),
        Stage::Reading(reading) => reading_view(reading, progress, move || {
            end(Reading::cancel);
            look();
        }),
        Stage::Failed(error) => {
            failure(explain(&error), Some(UnsyncCallback::new(move |()| look())))
        }
        Stage::Here(found) => {
            let (note, shown) = show(&found);
            view! {
                <div class="dear-head">
                    <p class="tab-lead">{note}</p>
                    <Button
                        label=t::list_refresh
                        icon="refresh"
                        kind=ButtonKind::Quiet
                        on_press=move || begin(Reading::anew())
                    />
                </div>
                {shown}
            }
            .into_node()
        }
    };
    view! { <div class="dear">{body}</div> }.into_node()
}

fn reading_view(
    reading: Reading,
    progress: fn(&str, &str) -> String,
    stop: impl Fn() + 'static,
) -> Node {
    let reading = StoredValue::new_local(reading);
    let so_far = move || reading.try_with_value(Reading::so_far).flatten();
    let part = move || {
        let (done, of) = so_far()?;
        Some(done as f64 / of.filter(|of| *of > 0)? as f64)
    };
    let words = move || match so_far() {
        Some((done, Some(of))) => {
            let number = |value: u64| format::number(value as f64);
            progress(&number(done), &number(of))
        }
        _ => t::loading(),
    };
    view! {
        <div class="list-reading">
            <Progress done=Signal::derive(part) text=words />
            <Button label=t::storage_stop on_press=stop />
        </div>
    }
    .into_node()
}
