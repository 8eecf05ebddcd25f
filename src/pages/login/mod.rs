//! `#/login`: from a user ID and a password, or a token, to a session.

pub mod attempt;
pub mod elsewhere;
pub mod errors;
pub mod homeserver;
pub mod oauth;
mod prefill;
pub mod work;

use crate::address::route::{HOME, leads_home};
use crate::address::typed;
use crate::api::ids::UrlProblem;
use crate::browser::navigation::{HistoryStep, current_route, navigate};
use crate::components::field::{Field, PasswordField};
use crate::components::part::Slot;
use crate::i18n::config::explain;
use crate::i18n::t;
use crate::session::account::is_anybody_kept;
use crate::session::away::Return;
use crate::session::config::{config, config_now};
use crate::session::recent;
use crate::session::sign_in::SignInWith;
use crate::ui::view;
use crate::widgets::preferences::Preferences;
use attempt::Attempt;
use elsewhere::{ELSEWHERE, Elsewhere, WantedSignIn, Ways};
use homeserver::{Homeserver, HomeserverField, UrlOrigin};
use leptos::prelude::*;
use std::rc::Rc;

/// Who is signed in already; with the form's field, where people were.
pub static KNOWN: Slot<Option<Homeserver>> = Slot::new();

/// The log-in page.
#[component]
pub fn LoginPage() -> impl IntoView {
    let given = prefill::read();
    // Whether somebody wants to sign in with an access token.
    let token_wanted = RwSignal::new(!given.access_token.is_empty());
    let username = RwSignal::new(given.username);
    let password = RwSignal::new(given.password);
    let token = RwSignal::new(given.access_token);
    let homeserver = named_at_first(&given.server);
    let offers = Memo::new(move |_| {
        homeserver
            .info
            .with(|info| Some(info.as_ref()?.offers.clone()))
    });
    // Where nothing else leads in, nobody needs to want it.
    let only_token = Memo::new(move |_| {
        offers.with(|offers| offers.as_ref().is_some_and(|offers| offers.are_none()))
    });
    let by_token = move || token_wanted.get() || only_token.get();
    // A memo, so that what follows it has one source: `only_token` follows the offers as well.
    let by_password = Memo::new(move |_| {
        !by_token() && offers.with(|offers| offers.as_ref().is_none_or(|offers| offers.password))
    });
    let is_typed = Memo::new(move |_| by_password.get() || by_token());
    let stay = RwSignal::new(false);
    let attempt = Attempt::default();
    let username_error: RwSignal<Option<String>> = RwSignal::new(None);
    let secret_error: RwSignal<Option<String>> = RwSignal::new(None);
    Effect::new(move |_| document().set_title(&t::app_name()));

    let form = LoginForm {
        username,
        username_error,
        secret_error,
        stay,
        homeserver,
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if untrack(move || attempt.is_blocked()) {
            return;
        }
        attempt.clear();
        let (by_password, by_token) = untrack(move || (by_password.get(), by_token()));
        let secret = if by_password { password } else { token }.get_untracked();
        sign_in(form, attempt, (by_password, by_token), secret);
    };

    view! {
        <main class="login">
            {is_anybody_kept().then(|| KNOWN.part().view(None))}
            <form class="login-card" on:submit=submit novalidate>
                <h1>
                    <img class="login-logo" src="./logo.svg" alt="" width="36" height="36" />
                    {t::app_name}
                </h1>
                <p class="login-lead">{t::login_lead}</p>
                {move || {
                    config()
                        .problems
                        .iter()
                        .map(|problem| view! { <p class="field-warning">{explain(problem)}</p> })
                        .collect_view()
                }}
                <div hidden=token_wanted>
                    <Field
                        id="username"
                        label=t::login_username
                        hint=t::login_username_hint
                        value=username
                        error=username_error
                        autocomplete="username"
                    />
                </div>
                <div hidden=move || !by_password.get()>
                    <PasswordField
                        id="password"
                        label=t::login_password
                        value=password
                        error=secret_error
                        autocomplete="current-password"
                    />
                </div>
                <div hidden=move || !by_token()>
                    <PasswordField
                        id="access-token"
                        label=t::login_access_token
                        hint=t::login_access_token_hint
                        value=token
                        error=secret_error
                        autocomplete="off"
                    />
                </div>
                <HomeserverField username homeserver attempt />
                <label class="check">
                    <input type="checkbox" prop:checked=stay on:change=move |event| stay.set(event_target_checked(&event)) />
                    <span>{t::login_stay}</span>
                </label>
                {attempt.failure()}
                {move || is_typed.get().then(|| attempt.button())}
                {move || {
                    let offers = offers.get().filter(|_| !token_wanted.get())?;
                    let is_there = !offers.providers.is_empty() || offers.oauth;
                    let wanted = move || {
                        Some(WantedSignIn {
                            homeserver: typed::homeserver(&homeserver.url.get_untracked()).ok()?,
                            stay_signed_in: stay.get_untracked(),
                            only: None,
                        })
                    };
                    let ways = Ways {
                        offers,
                        attempt,
                        wanted: Rc::new(wanted),
                        beside: false,
                    };
                    is_there.then(|| ELSEWHERE.part().view(Elsewhere::Ways(ways)))
                }}
                <button
                    type="button"
                    class="button"
                    data-kind="quiet"
                    hidden=move || only_token.get()
                    on:click=move |_| token_wanted.update(|wanted| *wanted = !*wanted)
                >
                    {move || match token_wanted.get() {
                        true => t::login_other_way(),
                        false => t::login_by_token(),
                    }}
                </button>
            </form>
            {recent::are_any().then(|| KNOWN.part().view(Some(homeserver)))}
            <footer class="login-footer">
                <Preferences />
            </footer>
        </main>
    }
}

/// What the form says, and what is wrong with it. A handle: copies are the same.
#[derive(Clone, Copy)]
struct LoginForm {
    username: RwSignal<String>,
    username_error: RwSignal<Option<String>>,
    secret_error: RwSignal<Option<String>>,
    stay: RwSignal<bool>,
    homeserver: Homeserver,
}

/// Signs in with what is typed, or says at its fields what is wrong with it. Which of password and token is asked for
/// is known by `by_password` and `by_token`: neither, where the server offers nothing of the kind.
fn sign_in(
    form: LoginForm,
    attempt: Attempt,
    (by_password, by_token): (bool, bool),
    secret: String,
) {
    let LoginForm {
        username,
        username_error,
        secret_error,
        stay,
        homeserver,
    } = form;
    let text = username.get_untracked();
    let user = typed::user_id(&text);
    let url = typed::homeserver(&homeserver.url.get_untracked());
    let no_user = user.as_ref().err().filter(|_| by_password);
    username_error.set(no_user.map(|problem| errors::no_user(text.trim(), problem)));
    let is_missing = secret.is_empty() && (by_password || by_token);
    secret_error.set(is_missing.then(|| {
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
    if !by_password && !by_token {
        return;
    }
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
        if leads_home(&current_route()) {
            navigate(HOME, HistoryStep::Replace);
        }
    });
    attempt.begin(url, way, stay.get_untracked(), None, done);
}

/// What stands in the field of the homeserver when the page is opened, and what `server` of the link proposes for it.
fn named_at_first(server: &str) -> Homeserver {
    let came_back_from = Return::get()
        .failed
        .get_untracked()
        .and_then(|(_, from)| from);
    let proposed = typed::homeserver(server).ok();
    let (url, origin, proposed) = match (proposed, config_now().homeservers.as_slice()) {
        // They have chosen it themselves.
        _ if came_back_from.is_some() => {
            let from = came_back_from.map_or_else(String::new, |from| from.to_string());
            (from, UrlOrigin::Person, None)
        }
        (Some(given), _) if prefill::is_trusted(&given) => {
            (given.to_string(), UrlOrigin::Link, None)
        }
        // Where there is only one homeserver, nobody needs to name it.
        (None, [only]) => (only.to_string(), UrlOrigin::Person, None),
        (proposed, _) => (String::new(), UrlOrigin::Person, proposed),
    };
    Homeserver {
        by_person: RwSignal::new(!url.is_empty()),
        url: RwSignal::new(url),
        origin: RwSignal::new(origin),
        error: RwSignal::new(None),
        proposed: RwSignal::new(proposed),
        info: RwSignal::new(None),
    }
}
