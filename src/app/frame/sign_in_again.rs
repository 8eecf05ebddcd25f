//! The dialog that opens over the page when the server no longer accepts the token. What was
//! typed and what is running stays, and goes on afterwards.

use super::log_out::{end_session, losses};
use crate::api::login::Offers;
use crate::components::dialog::Dialog;
use crate::components::field::PasswordField;
use crate::i18n::t;
use crate::pages::login::attempt::Attempt;
use crate::pages::login::elsewhere::{ELSEWHERE, Elsewhere, WantedSignIn, Ways};
use crate::session::Session;
use crate::session::sign_in::{SignInWith, look_at};
use crate::ui::view;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen_futures::spawn_local;

/// Opens by itself when needed.
#[component]
pub fn SignInAgain() -> impl IntoView {
    let session = Session::get();
    let open = RwSignal::new(false);
    let offers = RwSignal::new(Offers {
        password: true,
        ..Offers::default()
    });
    // Whatever is refused after the first changes nothing for who is about to sign in.
    let is_refused = Memo::new(move |_| session.is_refused());
    Effect::new(move |_| {
        let refused = is_refused.get();
        open.set(refused);
        let Some(account) = session.account_now().filter(|_| refused) else {
            return;
        };
        spawn_local(async move {
            // If nobody answers, nothing better is known than what most offer.
            if let Ok(info) = look_at(&account.homeserver).await {
                offers.try_set(info.offers);
            }
        });
    });
    let by_token = RwSignal::new(false);
    let is_typed = Memo::new(move |_| by_token.get() || offers.with(|offers| offers.password));
    let secret = RwSignal::new(String::new());
    let secret_error: RwSignal<Option<String>> = RwSignal::new(None);
    let attempt = Attempt::default();

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(account) = session.account_now() else {
            return;
        };
        let typed = secret.get_untracked();
        secret_error.set(typed.is_empty().then(|| {
            if by_token.get_untracked() {
                t::login_token_empty()
            } else {
                t::login_password_empty()
            }
        }));
        if typed.is_empty() || untrack(move || attempt.is_blocked()) {
            return;
        }
        let way = if by_token.get_untracked() {
            SignInWith::AccessToken(typed.trim().to_owned())
        } else {
            SignInWith::Password {
                user: account.user_id.clone(),
                password: typed,
            }
        };
        let (homeserver, stay) = (account.homeserver, account.stay_signed_in);
        let done = Box::new(move || secret.set(String::new()));
        attempt.begin(homeserver, way, stay, Some(account.user_id), done);
    };
    let user = move || {
        session
            .account()
            .map(|account| account.user_id.to_string())
            .unwrap_or_default()
    };

    view! {
        <Dialog open title=t::sign_in_again_title dismissable=false>
            <form class="stack" on:submit=submit novalidate>
                <p>{move || t::sign_in_again_text(&user())}</p>
                {move || {
                    let by_token = by_token.get();
                    is_typed.get().then(|| view! {
                        <PasswordField
                            id="sign-in-again-secret"
                            label=if by_token { t::login_access_token } else { t::login_password }
                            value=secret
                            error=secret_error
                            autocomplete=if by_token { "off" } else { "current-password" }
                        />
                    })
                }}
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=by_token
                        on:change=move |event| by_token.set(event_target_checked(&event))
                    />
                    <span>{t::sign_in_again_by_token}</span>
                </label>
                {attempt.failure()}
                {move || {
                    let offers = offers.get();
                    let is_there = !offers.providers.is_empty() || offers.oauth;
                    let wanted = move || {
                        let account = session.account_now()?;
                        Some(WantedSignIn {
                            homeserver: account.homeserver,
                            stay_signed_in: account.stay_signed_in,
                            only: Some(account.user_id),
                        })
                    };
                    let ways = Ways {
                        offers,
                        attempt,
                        wanted: Rc::new(wanted),
                        beside: true,
                    };
                    is_there.then(|| ELSEWHERE.part().view(Elsewhere::Ways(ways)))
                }}
                {move || {
                    let losses = losses();
                    (!losses.is_empty())
                        .then(|| view! { <p>{t::sign_in_again_lost(&losses.join(" "))}</p> })
                }}
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=|_| end_session()>
                        {t::sign_in_again_give_up}
                    </button>
                    {move || is_typed.get().then(|| attempt.button())}
                </div>
            </form>
        </Dialog>
    }
}
