//! The dialog that opens over the page when the server no longer accepts the token. What was
//! typed and what is running stays, and goes on afterwards.

use crate::api::ApiError;
use crate::components::countdown::Countdown;
use crate::components::dialog::Dialog;
use crate::components::failure::Failure;
use crate::components::field::PasswordField;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::pages::login::errors;
use crate::session::Session;
use crate::session::sign_in::{SignInError, Way, sign_in};
use crate::ui::view;
use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

/// Opens by itself when needed.
#[component]
pub fn SignInAgain() -> impl IntoView {
    let session = Session::get();
    let open = RwSignal::new(false);
    Effect::new(move |_| open.set(session.is_refused()));
    let by_token = RwSignal::new(false);
    let secret = RwSignal::new(String::new());
    let secret_error: RwSignal<Option<String>> = RwSignal::new(None);
    let failure: RwSignal<Option<Explained>> = RwSignal::new(None);
    let busy = RwSignal::new(false);
    let countdown = Countdown::new();

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
        if typed.is_empty() || busy.get_untracked() {
            return;
        }
        failure.set(None);
        busy.set(true);
        let way = if by_token.get_untracked() {
            Way::AccessToken(typed.trim().to_owned())
        } else {
            Way::Password {
                user: account.user_id.clone(),
                password: typed,
            }
        };
        spawn_local(async move {
            let (homeserver, stay) = (account.homeserver, account.stay_signed_in);
            let outcome = sign_in(session, homeserver, way, stay, Some(account.user_id)).await;
            busy.set(false);
            match outcome {
                Ok(()) => secret.set(String::new()),
                Err(error) => {
                    if let SignInError::Other(ApiError::RateLimited {
                        retry_after_ms: Some(ms),
                        ..
                    }) = &error
                    {
                        countdown.start(*ms);
                    }
                    failure.set(Some(errors::sign_in(&error)));
                }
            }
        });
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
                    view! {
                        <PasswordField
                            id="sign-in-again-secret"
                            label=if by_token.get() { t::login_access_token } else { t::login_password }
                            value=secret
                            error=secret_error
                            autocomplete=if by_token.get() { "off" } else { "current-password" }
                        />
                    }
                }}
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=by_token
                        on:change=move |event| by_token.set(event_target_checked(&event))
                    />
                    <span>{t::sign_in_again_by_token}</span>
                </label>
                {move || failure.get().map(|explained| view! { <Failure explained /> })}
                <div class="dialog-actions">
                    <button type="button" class="button" on:click=move |_| session.end()>
                        {t::sign_in_again_give_up}
                    </button>
                    <button
                        type="submit"
                        class="button"
                        data-kind="primary"
                        disabled=move || busy.get() || countdown.is_running()
                    >
                        {move || match countdown.left() {
                            Some(left) => t::login_wait(&left),
                            None if busy.get() => t::login_busy(),
                            None => t::login_submit(),
                        }}
                    </button>
                </div>
            </form>
        </Dialog>
    }
}
