//! A page about one thing: its head, and what stands below it while the thing is asked for, once it
//! is there, where there is none, and where it could not be asked for.

use super::button::ButtonLink;
use super::empty::Empty;
use super::failure::failure;
use super::identifier::identifier;
use super::page::{PageHeader, skeleton};
use crate::address::route::Route;
use crate::api::ApiError;
use crate::i18n::Words;
use crate::i18n::errors::explain;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;

/// What the server has answered about the one thing of a page; `None` until it has.
pub type OneThing<T> = RwSignal<Option<Result<T, ApiError>>>;

/// The head of the page: the thing's name, picture, ID and marks, with the way back to the list.
pub fn head(
    back: Route,
    id: String,
    title: impl Fn() -> String + Send + Sync + 'static,
    picture: impl Fn() -> Node + Send + Sync + 'static,
    marks: impl Fn() -> Vec<Node> + Send + Sync + 'static,
) -> Node {
    let below = move || {
        view! {
            <div class="marks">
                {identifier(&id)}
                {marks}
            </div>
        }
        .into_node()
    };
    view! {
        <PageHeader
            title=Signal::derive(title)
            back
            picture=move || view! { <span class="user-picture">{picture}</span> }
            below
        />
    }
    .into_node()
}

/// What stands below the head: `there` of the thing, or `missing` where the server has none. What
/// `there` has made stays while the thing is asked for anew with the same outcome. `again` asks once
/// more after a failure.
pub fn body<T: Send + Sync + 'static>(
    asked: OneThing<T>,
    there: impl Fn(&T) -> Node + 'static,
    missing: impl Fn() -> Node + 'static,
    again: impl Fn() + Clone + 'static,
) -> Node {
    let outcome = Memo::new(move |_| asked.with(|asked| asked.as_ref().map(Result::is_ok)));
    (move || {
        // A memo hears of changes only once it has been read.
        outcome.get();
        asked.with_untracked(|asked| match asked {
            None => skeleton(8),
            Some(Ok(thing)) => there(thing),
            Some(Err(error)) if error.is_not_found() => missing(),
            Some(Err(error)) => {
                let again = again.clone();
                failure(explain(error), Some(UnsyncCallback::new(move |()| again())))
            }
        })
    })
    .into_node()
}

/// That there is no such thing, with the way to the list of those that there are.
pub fn missing(
    picture: &'static str,
    title: Words,
    text: Signal<String>,
    list: Route,
    to_list: Words,
) -> Node {
    view! {
        <Empty picture title text>
            <ButtonLink to=list.to_string() label=to_list />
        </Empty>
    }
    .into_node()
}
