//! Whoever comes back from signing in elsewhere.

use super::beside::hand_over;
use crate::address::brought::Brought;
use crate::address::route::Route;
use crate::api::HomeserverUrl;
use crate::browser::navigation::replace;
use crate::components::failure::failure;
use crate::components::progress::waiting;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::pages::login::work::{LoginWork, begin};
use crate::session::Session;
use crate::session::away::{Away, Return};
use crate::ui::{IntoNode, Node, view};
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

#[derive(Clone, PartialEq)]
enum State {
    Working,
    /// Another tab goes on with it.
    HandedOver,
    /// Nothing has come of it; somebody is signed in all the same.
    Failed(Explained),
}

/// What is shown until it is known what becomes of it.
pub(super) fn view() -> Node {
    let state = RwSignal::new(State::Working);
    let back = Return::get();
    let text = back.brought.get_untracked().unwrap_or_default();
    spawn_local(async move {
        let Brought { key, answer } = Brought::parse(&text);
        let Some(away) = Away::take(&key) else {
            if !key.is_empty() && hand_over(&key, &text).await {
                state.set(State::HandedOver);
                // Browsers close only what was opened for it.
                let _ = window().close();
                return;
            }
            fail(state, begin(LoginWork::Unasked).await.explained, None);
            return;
        };
        let homeserver = away.homeserver.clone();
        replace(&match Route::parse(&away.route) {
            Route::Login => Route::Users.to_string(),
            _ => away.route.clone(),
        });
        match begin(LoginWork::Redeem(away, answer)).await.explained {
            None => back.brought.set(None),
            failed => fail(state, failed, Some(homeserver)),
        }
    });
    let go_on = move |_| back.brought.set(None);
    view! {
        <main class="alone">
            {move || match state.get() {
                State::Working => waiting(),
                State::HandedOver => view! {
                    <h1>{t::back_handed_over}</h1>
                    <p role="status">{t::back_handed_over_text}</p>
                }
                .into_node(),
                State::Failed(why) => view! {
                    {failure(why, None)}
                    <button type="button" class="button" on:click=go_on>{t::back_go_on}</button>
                }
                .into_node(),
            }}
        </main>
    }
    .into_node()
}

/// Says why nothing has come of it: in the form, or here if somebody is signed in.
fn fail(state: RwSignal<State>, why: Option<Explained>, homeserver: Option<HomeserverUrl>) {
    let back = Return::get();
    let why = why.map(|why| (why, homeserver));
    if Session::get().account_now().is_some()
        && let Some((why, _)) = why
    {
        state.set(State::Failed(why));
    } else {
        back.failed.set(why);
        back.brought.set(None);
    }
}
