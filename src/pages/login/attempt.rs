//! Signing in, again and again until it works: what the log-in page shares with the dialog that
//! opens over a page.

use super::work::{Done, LoginWork, begin};
use crate::api::{HomeserverUrl, UserId};
use crate::components::countdown::Countdown;
use crate::components::failure::failure;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::session::away::Return;
use crate::session::sign_in::SignInWith;
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// One attempt after another. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Attempt {
    busy: RwSignal<bool>,
    failed: RwSignal<Option<Explained>>,
    /// Whether it says, or is about to say, what is wrong with the server.
    speaks: RwSignal<bool>,
    /// Runs while the server wants to be left alone.
    countdown: Countdown,
    /// The homeserver that would get the secret over plain `http`, once that was refused.
    refused: RwSignal<Option<HomeserverUrl>>,
    /// The homeserver for which the person has said that this is meant.
    plain: RwSignal<Option<HomeserverUrl>>,
}

impl Default for Attempt {
    fn default() -> Self {
        let came_back = Return::get().failed.get_untracked().map(|(why, _)| why);
        Attempt {
            busy: RwSignal::new(false),
            failed: RwSignal::new(came_back),
            speaks: RwSignal::new(false),
            countdown: Countdown::new(),
            refused: RwSignal::new(None),
            plain: RwSignal::new(None),
        }
    }
}

impl Attempt {
    /// Whether this is no time for another one. Reactive.
    pub fn is_blocked(self) -> bool {
        self.busy.get() || self.countdown.is_running()
    }

    /// Whether it says, or is about to say, what is wrong with the server. Reactive.
    pub fn speaks(self) -> bool {
        self.speaks.get()
    }

    /// Forgets how the last one failed.
    pub fn clear(self) {
        self.failed.set(None);
        self.speaks.set(false);
        self.refused.set(None);
        Return::get().failed.set(None);
    }

    /// Tries. `expected`: only as this user. `done` is called when it worked.
    pub fn begin(
        self,
        homeserver: HomeserverUrl,
        way: SignInWith,
        stay: bool,
        expected: Option<UserId>,
        done: Box<dyn FnOnce()>,
    ) {
        let work = LoginWork::SignIn {
            homeserver,
            way,
            stay,
            only: expected,
            plain: self.plain.get_untracked(),
        };
        spawn_local(async move {
            if self.work(work).await.is_some() {
                done();
            }
        });
    }

    /// Does something of it. What went wrong is shown, and there is nothing then.
    pub async fn work(self, work: LoginWork) -> Option<Done> {
        self.clear();
        self.busy.set(true);
        self.speaks.set(true);
        let mut outcome = begin(work).await;
        self.busy.set(false);
        if let Some(ms) = outcome.wait_ms {
            self.countdown.start(ms);
        }
        self.refused.set(outcome.unencrypted.take());
        let failed = outcome.explained.take();
        let went_well = failed.is_none();
        self.failed.set(failed);
        self.speaks.set(outcome.of_server);
        went_well.then_some(outcome)
    }

    /// Shows why it came to nothing.
    pub fn fail(self, why: Explained) {
        self.failed.set(Some(why));
    }

    /// The homeserver for which the person has said that plain `http` is meant. Not reactive.
    pub fn plain(self) -> Option<HomeserverUrl> {
        self.plain.get_untracked()
    }

    /// How the last one failed.
    pub fn failure(self) -> Node {
        let Attempt {
            failed,
            refused,
            plain,
            ..
        } = self;
        view! {
            {move || failed.get().map(|explained| failure(explained, None))}
            {move || {
                refused.get().map(|homeserver| {
                    view! {
                        // Sends the form, for which it is said by then.
                        <button
                            class="button"
                            type="submit"
                            on:click=move |_| plain.set(Some(homeserver.clone()))
                        >
                            {t::login_unencrypted_anyway}
                        </button>
                    }
                })
            }}
        }
        .into_node()
    }

    /// The button that submits the form.
    pub fn button(self) -> Node {
        view! {
            <button
                class="button"
                data-kind="primary"
                type="submit"
                disabled=move || self.is_blocked()
            >
                {move || match self.countdown.left() {
                    Some(left) => t::login_wait(&left),
                    None if self.busy.get() => t::login_busy(),
                    None => t::login_submit(),
                }}
            </button>
        }
        .into_node()
    }
}
