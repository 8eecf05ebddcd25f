//! A part of a page whose content comes from the server: grey lines until it is there, and the
//! reason with another try if it does not come.

use super::failure::failure;
use super::page::skeleton;
use super::questions::Questions;
use crate::api::ApiError;
use crate::i18n::errors::explain;
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::future::Future;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// What shows the answer.
type Show = Rc<dyn Fn() -> Node>;

/// Shows what `ask` answers, and asks again whenever `changed` does; until the new answer is
/// there, the old one stays.
pub fn remote<T: 'static, F>(
    changed: RwSignal<u32>,
    ask: impl Fn() -> F + 'static,
    show: impl Fn(&T) -> Node + 'static,
) -> Node
where
    F: Future<Output = Result<T, ApiError>> + 'static,
{
    let show = Rc::new(show);
    erased(
        changed,
        Rc::new(move || {
            let (answer, show) = (ask(), Rc::clone(&show));
            async move {
                let answer = answer.await?;
                Ok(Rc::new(move || show(&answer)) as Show)
            }
            .boxed_local()
        }),
    )
}

/// Asks the server something, and says how the answer is shown.
type Ask = Rc<dyn Fn() -> LocalBoxFuture<'static, Result<Show, ApiError>>>;

fn erased(changed: RwSignal<u32>, ask: Ask) -> Node {
    let answer: RwSignal<Option<Result<Show, ApiError>>, LocalStorage> = RwSignal::new_local(None);
    let questions = Questions::new();
    let load = move || {
        let (mine, coming) = (questions.ask(), ask());
        spawn_local(async move {
            let came = coming.await;
            // A later question has been asked, or the page was left.
            if questions.is_answered(mine) {
                answer.set(Some(came));
            }
        });
    };
    Effect::new({
        let load = load.clone();
        move |_| {
            changed.track();
            untrack(&load);
        }
    });
    view! {
        {move || match answer.get() {
            None => skeleton(4),
            Some(Ok(show)) => show(),
            Some(Err(error)) => {
                let load = load.clone();
                failure(
                    explain(&error),
                    Some(
                        UnsyncCallback::new(move |()| {
                            answer.set(None);
                            load();
                        }),
                    ),
                )
            }
        }}
    }
    .into_node()
}
