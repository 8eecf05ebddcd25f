//! The field for the homeserver's URL: found from the user ID, never overwritten once the
//! person has typed into it, and checked as soon as it is a URL. What a link proposes gets into it
//! only if the user's domain says the same, or the person does.

use super::attempt::Attempt;
use super::work::{Done, LoginWork, begin};
use crate::address::typed::{self, user_id};
use crate::api::HomeserverUrl;
use crate::api::server::Version;
use crate::components::failure::failure;
use crate::components::field::Field;
use crate::components::icon::icon;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::session::config::config_now;
use crate::session::discover::discover;
use crate::session::sign_in::{ServerInfo, answers, look_at};
use crate::ui::{IntoNode, Node, view};
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
    /// With what is wrong with its Admin API, if anything.
    Seen(Box<ServerInfo>, Option<Explained>),
    /// With the address at which a homeserver does answer, if one was found.
    Failed(Explained, Option<HomeserverUrl>),
}

/// What the search for the homeserver came to.
#[derive(Clone, Debug, PartialEq)]
enum Search {
    Idle,
    Searching(String),
    Failed(String),
}

/// Where the text in the field comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlOrigin {
    /// The person, the configuration of the panel, or nowhere: it is empty.
    Person,
    /// The domain of the user ID named it.
    Domain,
    /// The link that opened the page.
    Link,
}

/// What the field is made of. A handle: copies are the same.
#[derive(Clone, Copy)]
pub struct Homeserver {
    /// The text of the field.
    pub url: RwSignal<String>,
    pub origin: RwSignal<UrlOrigin>,
    /// Whether a person has typed or chosen it: then nothing that is found out replaces it.
    pub by_person: RwSignal<bool>,
    pub error: RwSignal<Option<String>>,
    /// What a link has named and nobody has confirmed.
    pub proposed: RwSignal<Option<HomeserverUrl>>,
    /// What is known of the server, for the rest of the form.
    pub info: RwSignal<Option<ServerInfo>>,
}

impl Homeserver {
    /// Takes an address that a person has chosen among those that were signed in to.
    pub fn take(self, homeserver: &HomeserverUrl) {
        self.by_person.set(true);
        self.choose(homeserver, UrlOrigin::Person);
    }

    /// Takes an address that a person has chosen, or that was found.
    fn choose(self, homeserver: &HomeserverUrl, origin: UrlOrigin) {
        self.proposed.set(None);
        self.origin.set(origin);
        self.url.set(homeserver.to_string());
    }
}

/// The field with what it found out. What is wrong with the server is said once: by `attempt`, where that
/// has failed or is about to.
#[component]
pub fn HomeserverField(
    username: RwSignal<String>,
    homeserver: Homeserver,
    attempt: Attempt,
) -> impl IntoView {
    let proposed = homeserver.proposed;
    let asked_at_once = proposed
        .get_untracked()
        .and_then(|_| user_id(&username.get_untracked()).ok());
    let search = RwSignal::new(match asked_at_once {
        Some(user) => Search::Searching(user.server().to_string()),
        None => Search::Idle,
    });
    let typed_by_person = homeserver.by_person;
    Effect::new(move |_| {
        if typed_by_person.get() {
            search.set(Search::Idle);
        }
    });
    let look = RwSignal::new(Look::Nothing);
    // What the domain names in the place of what the link has proposed.
    let rival: RwSignal<Option<HomeserverUrl>> = RwSignal::new(None);
    goes_with_its_domain(username, homeserver, search, rival);
    searched_for(username, homeserver, search, rival);
    looked_at(homeserver, look, attempt);

    let only = config_now().homeservers.clone();
    let origin = homeserver.origin;
    view! {
        <Field
            id="homeserver"
            suggestions=only.iter().map(|url| url.to_string()).collect()
            label=t::login_homeserver
            hint=Signal::derive(move || match origin.get() {
                UrlOrigin::Person => t::login_homeserver_hint(),
                UrlOrigin::Domain => t::login_homeserver_found(),
                UrlOrigin::Link => t::login_homeserver_of_link(),
            })
            value=homeserver.url
            error=homeserver.error
            autocomplete="url"
            on_input=Callback::new(move |()| {
                typed_by_person.set(true);
                origin.set(UrlOrigin::Person);
                proposed.set(None);
            })
        />
        {move || unconfirmed(homeserver, search, rival)}
        <div class="server-info" aria-live="polite">
            {move || match search.get() {
                Search::Idle => None,
                Search::Searching(server) => Some(view! { <p>{t::discovery_searching(&server)}</p> }.into_node()),
                Search::Failed(why) => Some(view! { <p class="field-warning">{why}</p> }.into_node()),
            }}
            {move || found_out(homeserver, look, attempt)}
        </div>
    }
}

/// What one domain has named is not for the password of another domain's user: it goes with the domain, before
/// anything is asked about the next one.
fn goes_with_its_domain(
    username: RwSignal<String>,
    Homeserver { url, origin, .. }: Homeserver,
    search: RwSignal<Search>,
    rival: RwSignal<Option<HomeserverUrl>>,
) {
    let named = move || username.with(|text| user_id(text).ok().map(|user| user.server()));
    let mut domain = untrack(named);
    Effect::new(move |_| {
        let now = named();
        if domain == now {
            return;
        }
        domain = now;
        search.set(Search::Idle);
        rival.set(None);
        if origin.get_untracked() == UrlOrigin::Domain {
            origin.set(UrlOrigin::Person);
            url.set(String::new());
        }
    });
}

/// Finds the homeserver by the user's domain, unless a person has named one. An answer counts only while what was
/// asked about is still what stands in the field.
fn searched_for(
    username: RwSignal<String>,
    homeserver: Homeserver,
    search: RwSignal<Search>,
    rival: RwSignal<Option<HomeserverUrl>>,
) {
    let (typed_by_person, proposed) = (homeserver.by_person, homeserver.proposed);
    let find = debounce(PAUSE, move |text: String| {
        // Meanwhile the page may have been left, here and after every wait.
        if typed_by_person.try_get_untracked() != Some(false) {
            return;
        }
        let Ok(user) = user_id(&text) else {
            return;
        };
        let server = user.server();
        search.set(Search::Searching(server.to_string()));
        spawn_local(async move {
            let found = discover(&server).await;
            let is_asked = || {
                let text = username.try_get_untracked();
                typed_by_person.try_get_untracked() == Some(false)
                    && text
                        .and_then(|text| user_id(&text).ok())
                        .is_some_and(|user| user.server() == server)
            };
            if !is_asked() {
                return;
            }
            match found {
                Ok(found) => {
                    search.set(Search::Idle);
                    let other = |proposed: HomeserverUrl| proposed != found;
                    if proposed.get_untracked().is_some_and(other) {
                        rival.set(Some(found));
                    } else {
                        homeserver.choose(&found, UrlOrigin::Domain);
                    }
                }
                Err(problem) => {
                    let failed = begin(LoginWork::Discovery(server.clone(), problem)).await;
                    if is_asked() {
                        search.set(Search::Failed(sentence(failed)));
                    }
                }
            }
        });
    });
    Effect::new({
        let mut find = find;
        move |_| find(username.get())
    });
}

/// Asks the server that the field names what it is.
fn looked_at(
    Homeserver {
        url, error, info, ..
    }: Homeserver,
    look: RwSignal<Look>,
    attempt: Attempt,
) {
    let check = debounce(PAUSE, move |text: String| {
        let Ok(asked) = typed::homeserver(&text) else {
            return;
        };
        look.set(Look::Looking);
        spawn_local(async move {
            let seen = look_at(&asked).await;
            let still_asked = || {
                let text = url.try_get_untracked();
                text.and_then(|text| typed::homeserver(&text).ok()) == Some(asked.clone())
            };
            if !still_asked() {
                return;
            }
            let error = match seen {
                Ok(seen) => {
                    info.set(Some(seen.clone()));
                    look.set(Look::Seen(Box::new(seen.clone()), None));
                    if let Err(error) = seen.admin_api.clone() {
                        let trouble = begin(LoginWork::AdminApi(asked.clone(), error)).await;
                        if still_asked() {
                            look.set(Look::Seen(Box::new(seen), trouble.explained));
                        }
                    }
                    return;
                }
                Err(error) => error,
            };
            let failed = begin(LoginWork::Server(asked.clone(), error)).await;
            let (true, Some(failed)) = (still_asked(), failed.explained) else {
                return;
            };
            let is_configured = config_now().homeservers.contains(&asked);
            if !is_configured {
                look.set(Look::Failed(failed.clone(), None));
            }
            let elsewhere = leads_to(&asked).await;
            if !still_asked() {
                return;
            }
            match elsewhere {
                // Whoever runs the panel has given the domain's address for it.
                Some(elsewhere) if is_configured => url.set(elsewhere.to_string()),
                None if !is_configured => {}
                elsewhere => look.set(Look::Failed(failed, elsewhere)),
            }
        });
    });
    Effect::new({
        let mut check = check;
        move |before: Option<()>| {
            let text = url.get();
            // How it went with another server is over; not so with what somebody has come back with.
            if before.is_some() {
                attempt.clear();
            }
            look.set(Look::Nothing);
            info.set(None);
            error.set(None);
            check(text);
        }
    });
}

/// What a link has named and nobody has confirmed, to choose.
fn unconfirmed(
    homeserver: Homeserver,
    search: RwSignal<Search>,
    rival: RwSignal<Option<HomeserverUrl>>,
) -> Option<Node> {
    let link = homeserver.proposed.get()?;
    // As long as the domain may still confirm it, there is nothing to ask.
    if matches!(search.get(), Search::Searching(_)) {
        return None;
    }
    let choice = move |address: &HomeserverUrl, origin| {
        let address = address.clone();
        let label = t::login_use(address.as_str());
        button(label, move || {
            homeserver.by_person.set(origin == UrlOrigin::Link);
            search.set(Search::Idle);
            homeserver.choose(&address, origin);
        })
    };
    let text = match rival.get() {
        Some(rival) => t::login_link_other(rival.as_str(), link.as_str()),
        None => t::login_link_unconfirmed(link.as_str()),
    };
    Some(view! {
        <div class="notice" data-tone="warning" role="alert">
            {icon("alert")}
            <div class="notice-body">
                <p>{text}</p>
                <div class="notice-actions">
                    {rival.get().map(|rival| choice(&rival, UrlOrigin::Domain))}
                    {choice(&link, UrlOrigin::Link)}
                </div>
            </div>
        </div>
    })
}

/// What is known of the server that the field names.
fn found_out(homeserver: Homeserver, look: RwSignal<Look>, attempt: Attempt) -> Node {
    let speaks = attempt.speaks();
    match look.get() {
        Look::Nothing => ().into_node(),
        Look::Looking => view! { <p>{t::login_server_looking}</p> }.into_node(),
        Look::Failed(explained, elsewhere) => {
            let elsewhere = elsewhere.map(|found| {
                let label = t::login_use(found.as_str());
                button(label, move || homeserver.choose(&found, UrlOrigin::Person))
            });
            view! {
                {(!speaks).then(|| failure(explained, None))}
                {elsewhere}
            }
            .into_node()
        }
        Look::Seen(info, trouble) => seen(&info, trouble.filter(|_| !speaks)),
    }
}

fn sentence(done: Done) -> String {
    done.explained
        .map(|explained| explained.sentence)
        .unwrap_or_default()
}

/// A button that does not send the form.
fn button(label: String, run: impl Fn() + 'static) -> Node {
    view! {
        <button type="button" class="button" on:click=move |_| run()>
            {label}
        </button>
    }
    .into_node()
}

/// Where a homeserver answers, if none does at this address: near it, or where its domain says.
async fn leads_to(asked: &HomeserverUrl) -> Option<HomeserverUrl> {
    for other in typed::elsewhere(asked) {
        if answers(&other).await {
            return Some(other);
        }
    }
    if !asked.is_https() {
        return None;
    }
    let found = discover(&asked.host()).await.ok()?;
    (found != *asked && answers(&found).await).then_some(found)
}

/// What the server says of itself.
fn seen(info: &ServerInfo, trouble: Option<Explained>) -> Node {
    let capabilities = &info.capabilities;
    let spec = capabilities.spec.newest().unwrap_or("?").to_owned();
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
        {info
            .offers
            .oauth
            .then(|| view! { <p>{t::login_server_delegated}</p> })}
        {info
            .offers
            .are_none()
            .then(|| {
                let others = info.offers.others.join(", ");
                view! { <p class="field-warning">{move || t::login_no_way(&others)}</p> }
            })}
        {trouble.map(|explained| failure(explained, None))}
    }
    .into_node()
}
