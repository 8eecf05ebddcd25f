//! A part of the app that comes in a file of its own, when it is needed.
//!
//! What a part is made of stands in the room that it belongs to; which file it is in, in
//! `app::parts`. A page that shows a part of another page's names its [`Slot`], and `app::parts`
//! fills the slot when the app starts: naming the function itself would bring the part into the
//! file of whoever names it.

use super::failure::failure;
use super::progress::waiting;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use std::error::Error;
use std::fmt;
use std::rc::Rc;
use std::sync::OnceLock;
use wasm_bindgen_futures::spawn_local;

/// A file of a part cannot be had. The browser's console says why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartMissing;

impl fmt::Display for PartMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a file of this part of the program cannot be had")
    }
}

impl Error for PartMissing {}

/// Downloads a part.
pub type Load = fn() -> LocalBoxFuture<'static, Result<(), PartMissing>>;

/// A part of the app in a file of its own: a function of an `A`, which shows something unless `R`
/// says otherwise.
pub struct Part<A: 'static, R: 'static = Node> {
    pub load: Load,
    /// `None` before it is loaded.
    pub make: fn(A) -> Option<R>,
}

impl<A, R> Clone for Part<A, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A, R> Copy for Part<A, R> {}

impl<A: 'static, R: 'static> Part<A, R> {
    /// Downloads it, so that it is there when it is needed. If that fails it is downloaded when it
    /// is.
    pub fn fetch(self) {
        spawn_local((self.load)().map(drop));
    }

    /// What it makes of `about`; `None` if its file cannot be had.
    pub async fn call(self, about: A) -> Option<R> {
        (self.load)().await.ok()?;
        (self.make)(about)
    }
}

impl<A: Clone + 'static> Part<A> {
    /// What it shows of `about`, within a page. Until its file is there, that it is being loaded; if
    /// it cannot be had, why, and another try.
    pub fn view(self, about: A) -> Node {
        self.show(about, |meanwhile| meanwhile)
    }

    /// What it shows of `about`, where there is not even the frame of a page without it.
    pub fn view_alone(self, about: A) -> Node {
        self.show(about, |meanwhile| {
            view! { <main class="alone">{meanwhile}</main> }.into_node()
        })
    }

    fn show(self, about: A, frame: fn(Node) -> Node) -> Node {
        let make = self.make;
        shown(self.load, Rc::new(move || make(about.clone())), frame)
    }
}

/// What this tab knows of a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Loading,
    Ready,
    Failed,
}

fn shown(load: Load, make: Rc<dyn Fn() -> Option<Node>>, frame: fn(Node) -> Node) -> Node {
    let state = RwSignal::new(State::Loading);
    let load = move || {
        spawn_local(async move {
            let loaded = load().await;
            // The person may have gone elsewhere meanwhile.
            state.try_set(if loaded.is_ok() {
                State::Ready
            } else {
                State::Failed
            });
        });
    };
    load();
    let retry = UnsyncCallback::new(move |()| {
        state.set(State::Loading);
        load();
    });
    (move || match state.get() {
        State::Loading => frame(waiting()),
        State::Ready => untrack(|| make()).into_node(),
        State::Failed => frame(missing(retry)),
    })
    .into_node()
}

/// Why a part is not there.
pub fn why_missing() -> Explained {
    Explained {
        sentence: t::chunk_missing(),
        hint: t::chunk_missing_hint(),
        details: String::new(),
    }
}

fn missing(retry: UnsyncCallback<()>) -> Node {
    view! {
        <div class="missing-part">
            <h1>{t::chunk_missing_title}</h1>
            {failure(why_missing(), Some(retry))}
        </div>
    }
    .into_node()
}

/// The place of a part that is named where its file is not known.
pub struct Slot<A: 'static, R: 'static = Node>(OnceLock<Part<A, R>>);

impl<A: 'static, R: 'static> Slot<A, R> {
    /// One that `app::parts` has to fill.
    #[allow(clippy::new_without_default)]
    pub const fn new() -> Self {
        Slot(OnceLock::new())
    }

    /// Puts the part there, once and for all.
    pub fn fill(&self, part: Part<A, R>) {
        let _ = self.0.set(part);
    }

    /// The part.
    ///
    /// # Panics
    /// Before [`Slot::fill`], which the app does before anything else.
    pub fn part(&self) -> Part<A, R> {
        *self.0.get().expect("every slot is filled at the start")
    }
}
