//! `#/login`: from a user ID and a password, or a token, to a session.

pub mod attempt;
pub mod errors;
mod homeserver;
mod prefill;
pub mod work;

use crate::address::route::Route;
use crate::address::typed;
use crate::api::ids::UrlProblem;
use crate::browser::navigation::{HistoryStep, current_route, navigate};
use crate::components::field::{Field, PasswordField};
use crate::i18n::config::explain;
use crate::i18n::t;
use crate::session::config::{config, config_now};
use crate::session::sign_in::{ServerInfo, SignInWith};
use crate::ui::view;
use crate::widgets::preferences::Preferences;
use attempt::Attempt;
use homeserver::{Homeserver, HomeserverField, Origin};
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
    let proposed = typed::homeserver(&given.server).ok();
    let (url, origin, proposed) = match (proposed, config_now().homeservers.as_slice()) {
        (Some(given), _) if prefill::is_trusted(&given) => (given.to_string(), Origin::Link, None),
        // Where there is only one homeserver, nobody needs to name it.
        (None, [only]) => (only.to_string(), Origin::Person, None),
        (proposed, _) => (String::new(), Origin::Person, proposed),
    };
    let homeserver = Homeserver {
        url: RwSignal::new(url),
        origin: RwSignal::new(origin),
        error: RwSignal::new(None),
        proposed: RwSignal::new(proposed),
        info: RwSignal::new(None),
    };
    let stay = RwSignal::new(false);
    let attempt = Attempt::default();
    let username_error: RwSignal<Option<String>> = RwSignal::new(None);
    let secret_error: RwSignal<Option<String>> = RwSignal::new(None);
    Effect::new(move |_| document().set_title(&t::app_name()));

    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if untrack(move || attempt.is_blocked()) {
            return;
        }
        attempt.clear();
        let text = username.get_untracked();
        let user = typed::user_id(&text);
        let url = typed::homeserver(&homeserver.url.get_untracked());
        let by_password = mode.get_untracked() == Mode::Password;
        let secret = if by_password { password } else { token }.get_untracked();
        let no_user = user.as_ref().err().filter(|_| by_password);
        username_error.set(no_user.map(|problem| errors::no_user(text.trim(), problem)));
        secret_error.set(secret.is_empty().then(|| {
            if by_password {
                t::login_password_empty()
            } else {
                t::login_token_empty()
            }
        }));
        homeserver.error.set(match &url {
            Err(UrlProblem::Empty) if homeserver.proposed.with_untracked(Option::is_some) => {
                Some(t::login_link_choose())
            }
            url => url.as_ref().err().map(|problem| errors::url(*problem)),
        });
        let Ok(url) = url else { return };
        // What is sent is what stands there.
        if let (Ok(user), true) = (&user, by_password)
            && user.as_str() != text
        {
            username.set(user.to_string());
        }
        let is_typed_so = |typed: &String| typed.as_str() == url.as_str();
        if !homeserver.url.with_untracked(is_typed_so) {
            homeserver.url.set(url.to_string());
        }
        let way = match (by_password, user) {
            _ if secret.is_empty() => return,
            (true, Ok(user)) => SignInWith::Password {
                user,
                password: secret,
            },
            (true, Err(_)) => return,
            (false, _) => SignInWith::AccessToken(secret.trim().to_owned()),
        };
        let done = Box::new(|| {
            if Route::parse(&current_route()) == Route::Login {
                navigate(&Route::Dashboard.to_string(), HistoryStep::Replace);
            }
        });
        attempt.begin(url, way, stay.get_untracked(), None, done);
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
                <ModeChoice mode info=homeserver.info />
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
                <HomeserverField username homeserver />
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
