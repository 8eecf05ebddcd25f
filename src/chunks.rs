//! The parts of the app that come in files of their own, downloaded when they are first needed.
//!
//! A release is split by `xtask/src/split.rs`: what only the function of a chunk reaches moves
//! into the chunk's file, what several chunks share into files that they have in common, and
//! whoever opens the log-in page downloads none of it. Without the feature `split` (a
//! development build, clippy) everything is in one file and a chunk is there at once.

use crate::components::failure::failure;
use crate::components::progress::waiting;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::pages::login::work::{Done, Work};
use crate::ui::{IntoNode, Node, view};
use crate::{inside, pages};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use leptos::prelude::*;
use leptos::wasm_split::SplitLoaderError;
use wasm_bindgen_futures::spawn_local;

/// A part of the app in a file of its own.
#[derive(Clone, Copy)]
pub struct Chunk {
    load: fn() -> LocalBoxFuture<'static, Result<(), SplitLoaderError>>,
    /// `None` before it is loaded.
    make: fn() -> Option<Node>,
}

/// What this tab knows of a chunk.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Loading,
    Ready,
    Failed,
}

impl Chunk {
    /// Downloads it, so that it is there when it is needed. Failing means no more than that it
    /// is not: [`Chunk::view`] tries again.
    pub fn fetch(self) {
        spawn_local((self.load)().map(drop));
    }

    /// Has it do what it does, once it is there; for one that shows nothing.
    pub fn run(self) {
        spawn_local(async move {
            if (self.load)().await.is_ok() {
                (self.make)();
            }
        });
    }

    /// What it shows, as a part of a page. Until it is there, that it is being loaded; if it
    /// cannot be, why, and another try.
    pub fn view(self) -> Node {
        self.show(|meanwhile| meanwhile)
    }

    /// What it shows, as a page of its own: for a chunk without which there is not even a frame.
    pub fn view_alone(self) -> Node {
        self.show(|meanwhile| view! { <main class="alone">{meanwhile}</main> }.into_node())
    }

    fn show(self, frame: fn(Node) -> Node) -> Node {
        let state = RwSignal::new(State::Loading);
        let load = move || {
            spawn_local(async move {
                let loaded = (self.load)().await;
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
            State::Ready => untrack(self.make).into_node(),
            State::Failed => frame(missing(retry)),
        })
        .into_node()
    }
}

fn why_missing() -> Explained {
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

/// `name, file, make`: a chunk, the name of its file, and the function that makes what it shows.
macro_rules! chunks {
    ($($(#[$doc:meta])* $name:ident, $file:ident, $make:path;)*) => {$(
        $(#[$doc])*
        pub const $name: Chunk = {
            #[cfg(feature = "split")]
            #[leptos::wasm_split::wasm_split(
                $file,
                wasm_split_path = leptos::wasm_split,
                fallible,
                preload(load)
            )]
            fn $file() -> Result<Node, SplitLoaderError> {
                Ok($make())
            }

            #[cfg(not(feature = "split"))]
            async fn load() -> Result<(), SplitLoaderError> {
                Ok(())
            }
            #[cfg(not(feature = "split"))]
            async fn $file() -> Result<Node, SplitLoaderError> {
                Ok($make())
            }

            Chunk {
                load: || load().boxed_local(),
                make: || $file().now_or_never()?.ok(),
            }
        };
    )*};
}

#[cfg(feature = "split")]
#[leptos::wasm_split::wasm_split(
    login_work,
    wasm_split_path = leptos::wasm_split,
    fallible,
    preload(load_login_work)
)]
fn begin_login_work(work: Box<Work>) -> Result<LocalBoxFuture<'static, Done>, SplitLoaderError> {
    Ok(pages::login::work::work(*work))
}

#[cfg(not(feature = "split"))]
async fn load_login_work() -> Result<(), SplitLoaderError> {
    Ok(())
}
#[cfg(not(feature = "split"))]
async fn begin_login_work(
    work: Box<Work>,
) -> Result<LocalBoxFuture<'static, Done>, SplitLoaderError> {
    Ok(pages::login::work::work(*work))
}

/// What the log-in form does once it is used. Without its file it says that this is missing.
pub async fn login_work(work: Work) -> Done {
    match begin_login_work(Box::new(work)).await {
        Ok(doing) => doing.await,
        Err(_) => Done {
            explained: Some(why_missing()),
            ..Done::default()
        },
    }
}

/// Downloads what somebody needs who types into the log-in form, and is about to sign in.
pub fn fetch_for_login() {
    spawn_local(load_login_work().map(drop));
    INSIDE.fetch();
}

chunks! {
    /// Why nobody can sign in.
    CLOSED, closed, pages::closed::view;
    /// Whatever a signed-in administrator needs on every page.
    INSIDE, inside, inside::view;
    /// One user.
    USER, user, pages::user::view;
    /// What can be done to accounts.
    USER_ACTIONS, user_actions, pages::user_actions::view;
    /// One room.
    ROOM, room, pages::room::view;
    /// What can be done to rooms.
    ROOM_ACTIONS, room_actions, pages::room_actions::view;
    /// One event.
    EVENT, event, pages::event::view;
    /// The list of rooms.
    ROOMS, rooms, pages::rooms::view;
    /// A new user.
    CREATE_USER, create_user, pages::create_user::view;
    /// The CSV import.
    IMPORT_USERS, import_users, pages::import_users::view;
    /// Kept imports that are too old.
    OLD_IMPORTS, old_imports, pages::import_users::sweep;
    /// What an address shows that leads to no page.
    UNKNOWN, unknown, pages::unknown::view;
    /// The palette.
    PALETTE, palette, pages::palette::view;
    /// One file.
    FILE, file, pages::file::view;
    /// The media page.
    MEDIA, media, pages::media::view;
}
