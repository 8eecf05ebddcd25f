//! The field for the homeserver's URL: found from the user ID, never overwritten once the
//! person has typed into it, and checked as soon as it is a URL.

use super::errors;
use crate::api::server::Version;
use crate::api::{ApiError, HomeserverUrl, UserId};
use crate::components::failure::failure;
use crate::components::field::Field;
use crate::i18n::t;
use crate::session::config::config_now;
use crate::session::discover::discover;
use crate::session::sign_in::{ServerInfo, look_at};
use crate::ui::view;
use leptos::leptos_dom::helpers::debounce;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen_futures::spawn_local;

/// How long to wait after a keystroke before anything is asked.
const PAUSE: Duration = Duration::from_millis(400);

/// What is known of the server that the field names.
#[derive(Clone, Debug, PartialEq)]
enum Look {
    Nothing,
    Looking,
    Seen(HomeserverUrl, Box<ServerInfo>),
    Failed(HomeserverUrl, ApiError),
}

/// What the search for the homeserver came to.
#[derive(Clone, Debug, PartialEq)]
enum Search {
    Idle,
    Searching(String),
    Failed(String),
}

/// The field with what it found out.
#[component]
pub fn HomeserverField(
    username: RwSignal<String>,
    url: RwSignal<String>,
    error: RwSignal<Option<String>>,
    /// What is known of the server, for the rest of the form.
    info: RwSignal<Option<ServerInfo>>,
) -> impl IntoView {
    let typed_by_person = RwSignal::new(!url.get_untracked().is_empty());
    let search = RwSignal::new(Search::Idle);
    let look = RwSignal::new(Look::Nothing);

    // An answer counts only while what was asked about is still what stands in the field.
    let find = debounce(PAUSE, move |text: String| {
        let Some(user) = UserId::parse(text.trim()) else {
            return;
        };
        // Meanwhile the page may have been left, here and after every wait.
        if typed_by_person.try_get_untracked() != Some(false) {
            return;
        }
        let server = user.server();
        search.set(Search::Searching(server.to_string()));
        spawn_local(async move {
            let found = discover(&server).await;
            let still_asked = username
                .try_get_untracked()
                .and_then(|text| UserId::parse(text.trim()))
                .is_some_and(|user| user.server() == server);
            if !still_asked || typed_by_person.try_get_untracked() != Some(false) {
                return;
            }
            match found {
                Ok(found) => {
                    search.set(Search::Idle);
                    url.set(found.to_string());
                }
                Err(problem) => {
                    search.set(Search::Failed(errors::discovery(server.as_str(), &problem)));
                }
            }
        });
    });
    Effect::new({
        let mut find = find;
        move |_| find(username.get())
    });

    let check = debounce(PAUSE, move |text: String| {
        let Ok(homeserver) = HomeserverUrl::parse(&text) else {
            return;
        };
        look.set(Look::Looking);
        spawn_local(async move {
            let seen = look_at(&homeserver).await;
            let elsewhere = match &seen {
                Err(_) => leads_to(&homeserver).await,
                Ok(_) => None,
            };
            let asked_now = url
                .try_get_untracked()
                .and_then(|text| HomeserverUrl::parse(&text).ok());
            if asked_now.as_ref() != Some(&homeserver) {
                return;
            }
            if let Some(elsewhere) = elsewhere {
                url.set(elsewhere.to_string());
                return;
            }
            look.set(match seen {
                Ok(seen) => {
                    info.set(Some(seen.clone()));
                    Look::Seen(homeserver, Box::new(seen))
                }
                Err(error) => Look::Failed(homeserver, error),
            });
        });
    });
    Effect::new({
        let mut check = check;
        move |_| {
            let text = url.get();
            look.set(Look::Nothing);
            info.set(None);
            error.set(None);
            check(text);
        }
    });

    let only = config_now().homeservers.clone();
    view! {
        <Field
            id="homeserver"
            suggestions=only.iter().map(|url| url.to_string()).collect()
            label=t::login_homeserver
            hint=t::login_homeserver_hint
            value=url
            error
            autocomplete="url"
            on_input=Callback::new(move |()| {
                typed_by_person.set(true);
                search.set(Search::Idle);
            })
        />
        <div class="server-info" aria-live="polite">
            {move || match search.get() {
                Search::Idle => None,
                Search::Searching(server) => Some(view! { <p>{t::discovery_searching(&server)}</p> }.into_any()),
                Search::Failed(why) => Some(view! { <p class="field-warning">{why}</p> }.into_any()),
            }}
            {move || match look.get() {
                Look::Nothing => ().into_any(),
                Look::Looking => view! { <p>{t::login_server_looking}</p> }.into_any(),
                Look::Failed(url, error) => {
                    failure(errors::server(url.as_str(), &error), None)
                }
                Look::Seen(url, info) => seen(&url, &info).into_any(),
            }}
        </div>
    }
}

/// Where the homeserver of a domain is, if the deployment gives the domain's address for it.
async fn leads_to(domain: &HomeserverUrl) -> Option<HomeserverUrl> {
    if !domain.is_https() || !config_now().homeservers.contains(domain) {
        return None;
    }
    let found = discover(&domain.host()).await.ok();
    found.filter(|found| found != domain)
}

/// What the server says of itself.
fn seen(url: &HomeserverUrl, info: &ServerInfo) -> impl IntoView + use<> {
    let capabilities = &info.capabilities;
    let spec = capabilities.spec.newest().unwrap_or("?").to_owned();
    let trouble = info
        .admin_api
        .as_ref()
        .err()
        .map(|error| errors::admin_api(url.as_str(), error));
    let version = info
        .admin_api
        .is_ok()
        .then(|| capabilities.version_text.clone());
    let old = capabilities
        .version
        .is_some_and(|version| version < Version::OLDEST_SUPPORTED);
    let unknown = version.is_some() && capabilities.version.is_none();
    view! {
        {version
            .map(|version| {
                view! { <p class="server-version">{move || t::synapse_version(&version)}</p> }
            })}
        <p class="server-spec">{move || t::login_spec_version(&spec)}</p>
        {old
            .then(|| {
                let oldest = Version::OLDEST_SUPPORTED.to_string();
                view! { <p class="field-warning">{move || t::login_server_old(&oldest)}</p> }
            })}
        {unknown.then(|| view! { <p class="field-warning">{t::login_server_unknown_version}</p> })}
        {capabilities
            .delegated_auth
            .then(|| view! { <p class="field-warning">{t::login_server_delegated}</p> })}
        {trouble.map(|explained| failure(explained, None))}
    }
}
