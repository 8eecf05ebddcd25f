//! A page about one thing: its head, and what stands below it while the thing is asked for, once it
//! is there, where there is none, and where it could not be asked for.

use super::button::ButtonLink;
use super::empty::Empty;
use super::failure::failure;
use super::identifier::identifier;
use super::page::{PageHeader, skeleton};
use super::toast::Toasts;
use crate::address::route::Route;
use crate::api::ApiError;
use crate::i18n::errors::{Explained, explain};
use crate::i18n::{Words, t};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use std::rc::Rc;

/// What the server has answered about the one thing of a page; `None` until it has.
pub type OneThing<T> = RwSignal<Option<Result<T, ApiError>>>;

/// Shows what came of reading the thing called `name` anew. Where it could not be read, what is shown
/// stays, and that it may be out of date is said.
pub fn take_anew<T: Send + Sync + 'static>(
    thing: OneThing<T>,
    came: Result<T, ApiError>,
    name: &str,
) {
    match came {
        Err(error) if !error.is_not_found() => tell_stale(&error, name),
        came => {
            // The page may have been left.
            let _ = thing.try_set(Some(came));
        }
    }
}

/// Says that the thing called `name` could not be read anew after a change, and why.
pub fn tell_stale(error: &ApiError, name: &str) {
    // The session is over, and the page with it.
    if *error == ApiError::Cancelled {
        return;
    }
    let why = explain(error);
    Toasts::get().bad(Explained {
        sentence: t::page_stale(name),
        hint: format!("{} {}", why.sentence, why.hint),
        details: why.details,
    });
}

/// Has a page read anew what it shows, if it is still there. All that a change has of the page: its end,
/// its undo and the answer to its question may come when the page has been left.
pub type Anew = Rc<dyn Fn()>;

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
