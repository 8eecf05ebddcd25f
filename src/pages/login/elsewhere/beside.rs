//! Signing in in a tab beside the page. What is brought back there is handed over to the page, which
//! alone knows what it has asked for: the tabs find each other by the random value, over a channel of
//! the browser, since one that is opened for another address forgets who has opened it.

use crate::address::brought::Brought;
use crate::api::exchange::Clock;
use crate::browser::clock::BrowserClock;
use crate::i18n::t;
use crate::pages::login::attempt::Attempt;
use crate::pages::login::work::LoginWork;
use crate::session::away::Away;
use crate::session::leave;
use crate::ui::{IntoNode, Node, view};
use futures_util::FutureExt;
use futures_util::future::{Either, select};
use js_sys::Promise;
use leptos::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{BroadcastChannel, MessageEvent, Window};

/// What the page answers that has waited.
const TAKEN: &str = "taken";

/// How long it may take for that, in milliseconds: the browser may have put its tab to sleep.
const PATIENCE_MS: u64 = 5_000;

/// A channel between the tabs of this browser that know the random value.
struct Channel(BroadcastChannel);

impl Channel {
    fn open(key: &str) -> Option<Self> {
        let name = format!("synapse-admin.away.{key}");
        BroadcastChannel::new(&name).ok().map(Channel)
    }

    fn say(&self, text: &str) {
        // Refused only for what cannot be copied.
        let _ = self.0.post_message(&text.into());
    }

    /// The next thing that is said.
    async fn hear(&self) -> Option<String> {
        let said = Promise::new(&mut |hear, _| self.0.set_onmessage(Some(&hear)));
        let event: MessageEvent = JsFuture::from(said).await.ok()?.dyn_into().ok()?;
        event.data().as_string()
    }
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// Hands over what was brought back to the tab that waits for it; whether one does.
pub(super) async fn hand_over(key: &str, text: &str) -> bool {
    let Some(channel) = Channel::open(key) else {
        return false;
    };
    let answer = channel.hear().boxed_local();
    channel.say(text);
    match select(answer, BrowserClock.sleep(PATIENCE_MS)).await {
        Either::Left((answer, _)) => answer.as_deref() == Some(TAKEN),
        Either::Right(_) => false,
    }
}

/// Sends a tab to an address.
pub(super) fn go(window: &Window, address: &str) {
    // Refused only for what is no address.
    let _ = window.location().set_href(address);
}

/// How it stands.
#[derive(Clone, PartialEq)]
enum State {
    Idle,
    /// The tab is open. With what was wanted, for those who would rather do it here.
    Waiting(Away),
    /// The browser has opened none; with the address to open.
    Blocked(Away, String),
}

/// Signing in beside the page. A handle: copies are the same.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    state: RwSignal<State>,
    attempt: Attempt,
}

impl Beside {
    pub fn new(attempt: Attempt) -> Self {
        Beside {
            state: RwSignal::new(State::Idle),
            attempt,
        }
    }

    /// Opens the tab and waits for what comes back. Where the browser opens none, the person is given a
    /// link, which no browser holds back.
    pub fn begin(self, away: Away) {
        // At once, or browsers take it for a window that nobody wants.
        let tab = window().open_with_url_and_target("", "_blank");
        let tab = tab.ok().flatten();
        // It has begun with a copy of all that this tab keeps. Sessions are not for where it goes, nor
        // to be had twice once it comes back.
        if let Some(Ok(Some(storage))) = tab.as_ref().map(Window::session_storage) {
            let _ = storage.clear();
        }
        if tab.is_some() {
            self.state.set(State::Waiting(away.clone()));
        }
        spawn_local(async move {
            let work = LoginWork::SetOut {
                away: away.clone(),
                beside: true,
            };
            let set_out = self.attempt.work(work).await.and_then(|done| done.set_out);
            let found = set_out.and_then(|out| Some((Channel::open(&out.key)?, out)));
            let Some((channel, set_out)) = found else {
                if let Some(tab) = tab {
                    let _ = tab.close();
                }
                self.state.try_set(State::Idle);
                return;
            };
            match tab {
                Some(tab) => {
                    // What is shown there needs not know who has opened it.
                    let _ = tab.set_opener(&JsValue::NULL);
                    go(&tab, &set_out.address);
                }
                None => {
                    self.state.try_set(State::Blocked(away, set_out.address));
                }
            }
            let Some(text) = channel.hear().await else {
                return;
            };
            channel.say(TAKEN);
            // Meanwhile it may be settled, by a password or by another tab.
            if self.state.try_set(State::Idle).is_some() {
                return;
            }
            let brought = Brought::parse(&text);
            self.attempt
                .work(LoginWork::Redeem(set_out.away, brought.answer))
                .await;
        });
    }

    /// What the person has to know.
    pub fn view(self) -> Node {
        let here = move |away: Away| {
            let start = move |_| {
                let work = LoginWork::SetOut {
                    away: away.clone(),
                    beside: false,
                };
                spawn_local(async move {
                    let set_out = self.attempt.work(work).await.and_then(|done| done.set_out);
                    if let Some(set_out) = set_out {
                        leave::keep().await;
                        go(&window(), &set_out.address);
                    }
                });
            };
            let lost = leave::lost();
            let lost = (!lost.is_empty()).then(|| {
                let titles = lost.join(", ");
                view! { <p class="field-warning">{move || t::beside_here_lost(&titles)}</p> }
            });
            view! {
                <button type="button" class="button" data-kind="quiet" on:click=start>
                    {t::beside_here}
                </button>
                <p class="field-hint">{t::beside_here_hint}</p>
                {lost}
            }
        };
        (move || match self.state.get() {
            State::Idle => view! { <p class="field-hint">{t::beside_hint}</p> }.into_node(),
            State::Waiting(away) => view! {
                <p role="status">{t::beside_waiting}</p>
                {here(away)}
            }
            .into_node(),
            State::Blocked(away, address) => view! {
                <p class="field-warning" role="alert">{t::beside_blocked}</p>
                <a class="button" data-kind="primary" href=address target="_blank" rel="noopener noreferrer">
                    {t::beside_open}
                </a>
                {here(away)}
            }
            .into_node(),
        })
        .into_node()
    }
}
