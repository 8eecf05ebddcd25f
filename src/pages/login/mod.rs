//! `#/login`: from a user ID and a password, or a token, to a session.

pub mod attempt;
pub mod errors;
mod homeserver;
mod prefill;

use crate::api::{HomeserverUrl, UserId};
use crate::components::field::{Field, PasswordField};
use crate::i18n::config::explain;
use crate::i18n::t;
use crate::pages::shell::preferences::Preferences;
use crate::router::{Step, current_route, navigate};
use crate::session::config::{config, config_now};
use crate::session::sign_in::{ServerInfo, Way};
use crate::ui::view;
use attempt::Attempt;
use homeserver::HomeserverField;
use leptos::prelude::*;

/// The ways in that the form knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Password,
    AccessToken,
}

/// The log-in page.
#[component]
pub fn LoginPage() -> impl IntoView {
    let given = prefill::read();
    let mode = RwSignal::new(if given.access_token.is_empty() {
        Mode::Password
    } else {
        Mode::AccessToken
    });
    let username = RwSignal::new(given.username);
    let password = RwSignal::new(given.password);
    let token = RwSignal::new(given.access_token);
    // Where there is only one homeserver, nobody needs to name it.
    let only = match config_now().homeservers.as_slice() {
        [only] if given.server.is_empty() => only.to_string(),
        _ => given.server,
    };
    let url = RwSignal::new(only);
    let stay = RwSignal::new(false);
    let attempt = Attempt::default();
    let username_error: RwSignal<Option<String>> = RwSignal::new(None);
    let secret_error: RwSignal<Option<String>> = RwSignal::new(None);
    let url_error: RwSignal<Option<String>> = RwSignal::new(None);
    let info = RwSignal::new(None);
    Effect::new(move |_| document().set_title(&t::app_name()));

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if untrack(move || attempt.is_blocked()) {
            return;
        }
        attempt.clear();
        let user = UserId::parse(username.get_untracked().trim());
        let homeserver = HomeserverUrl::parse(&url.get_untracked());
        let by_password = mode.get_untracked() == Mode::Password;
        let secret = if by_password { password } else { token }.get_untracked();
        username_error
            .set((by_password && user.is_none()).then(|| wrong_user_id(&username.get_untracked())));
        secret_error.set(secret.is_empty().then(|| {
            if by_password {
                t::login_password_empty()
            } else {
                t::login_token_empty()
            }
        }));
        url_error.set(
            homeserver
                .as_ref()
                .err()
                .map(|problem| errors::url(*problem)),
        );
        let Ok(homeserver) = homeserver else { return };
        let way = match (by_password, user) {
            _ if secret.is_empty() => return,
            (true, Some(user)) => Way::Password {
                user,
                password: secret,
            },
            (true, None) => return,
            (false, _) => Way::AccessToken(secret.trim().to_owned()),
        };
        let done = Box::new(|| {
            if current_route().starts_with("/login") {
                navigate("/users", Step::Replace);
            }
        });
        attempt.begin(homeserver, way, stay.get_untracked(), None, done);
    };

    view! {
        <main class="login">
            <form class="login-card" on:submit=submit novalidate>
                <img class="login-logo" src="./logo.svg" alt="" width="48" height="48" />
                <h1>{t::app_name}</h1>
                <p class="login-lead">{t::login_lead}</p>
                {move || {
                    config()
                        .problems
                        .iter()
                        .map(|problem| view! { <p class="field-warning">{explain(problem)}</p> })
                        .collect_view()
                }}
                <ModeChoice mode info />
                <div hidden=move || mode.get() != Mode::Password>
                    <Field
                        id="username"
                        label=t::login_username
                        hint=t::login_username_hint
                        value=username
                        error=username_error
                        autocomplete="username"
                    />
                    <PasswordField
                        id="password"
                        label=t::login_password
                        value=password
                        error=secret_error
                        autocomplete="current-password"
                    />
                </div>
                <div hidden=move || mode.get() != Mode::AccessToken>
                    <PasswordField
                        id="access-token"
                        label=t::login_access_token
                        hint=t::login_access_token_hint
                        value=token
                        error=secret_error
                        autocomplete="off"
                    />
                </div>
                <HomeserverField username url error=url_error info />
                <label class="check">
                    <input type="checkbox" prop:checked=stay on:change=move |event| stay.set(event_target_checked(&event)) />
                    <span>{t::login_stay}</span>
                </label>
                {attempt.failure()}
                {attempt.button()}
            </form>
            <footer class="login-footer">
                <Preferences />
            </footer>
        </main>
    }
}

/// What is wrong with a text that should be a user ID.
fn wrong_user_id(text: &str) -> String {
    let text = text.trim();
    match text {
        "" => t::login_username_empty(),
        _ if !text.starts_with('@') || !text.contains(':') => t::login_username_incomplete(text),
        _ => t::login_username_invalid(),
    }
}

/// The choice between password and access token; only what the server offers.
#[component]
fn ModeChoice(mode: RwSignal<Mode>, info: RwSignal<Option<ServerInfo>>) -> impl IntoView {
    // A server that says how to sign in, and does not name passwords.
    let no_password = move || {
        info.with(|info| {
            info.as_ref().is_some_and(|info| {
                info.capabilities.delegated_auth
                    || (!info.flows.flows.is_empty() && !info.flows.offers("m.login.password"))
            })
        })
    };
    Effect::new(move |_| {
        if no_password() {
            mode.set(Mode::AccessToken);
        }
    });
    let choice = move |value: Mode, name: fn() -> String| {
        view! {
            <label class="segment">
                <input
                    type="radio"
                    name="way"
                    prop:checked=move || mode.get() == value
                    disabled=move || value == Mode::Password && no_password()
                    on:change=move |_| mode.set(value)
                />
                <span>{name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="segmented">
            <legend class="visually-hidden">{t::login_mode}</legend>
            {choice(Mode::Password, t::login_password)}
            {choice(Mode::AccessToken, t::login_access_token)}
        </fieldset>
        <p class="field-hint" hidden=move || !no_password()>{t::login_no_password}</p>
    }
}
