//! What whoever deploys the panel or the homeserver decides, as it is now in force.
//!
//! `config.json` is read before the app starts. The homeserver's well-known file is read once
//! somebody is signed in; what it says holds for that homeserver, and over a reload of the page
//! as well. Before, anybody's domain may stand in the log-in form, and is not listened to.

use super::Session;
use super::wire::Wire;
use crate::api::exchange::{Clock, Network};
use crate::api::{Answer, ApiError, HomeserverUrl, ServerName, UserId, discovery};
use crate::browser::clock::BrowserClock;
use crate::browser::only_one;
use crate::browser::storage::Keep;
pub use crate::config::{Closed, Credentials, MenuItem};
use crate::config::{
    ConfigProblem, DecidedIn, Decisions, Wrong, heard, key, read_file, read_well_known,
};
use futures_util::future::{Either, select};
use gloo_net::http::Request;
use js_sys::RegExp;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::pin::pin;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::RequestCache;

/// Where the well-known file is kept over a reload: the server's name, a line break, the text.
const KEPT: &str = "synapse-admin.well-known";

/// How long the web server that has just served the page may take for `config.json`.
const PATIENCE_MS: u64 = 20_000;

/// The decisions in force.
pub struct Config {
    /// Why nobody can sign in, if so.
    pub closed: Option<Closed>,
    /// The only homeservers that may be signed in to; empty for all.
    pub homeservers: Vec<HomeserverUrl>,
    /// Whether the deployment says that accounts have their passwords elsewhere.
    pub external_auth: bool,
    /// Whether a homeserver's address is looked up at its domain.
    pub discovery: bool,
    pub credentials: Credentials,
    /// Links to be added to the navigation.
    pub menu: Vec<MenuItem>,
    /// As whom the panel is known to Matrix Authentication Service.
    pub oauth_client_id: Option<String>,
    /// The address by which the panel makes itself known there.
    pub oauth_client_uri: Option<String>,
    /// What is wrong with the configuration, and is not followed.
    pub problems: Vec<ConfigProblem>,
    /// Whether the homeserver's domain was asked, and nobody knows what it decides.
    pub is_unheard: bool,
    system_users: Vec<RegExp>,
}

/// Decisions of one source, with what is wrong there.
type Words = (Decisions, Vec<ConfigProblem>);

thread_local! {
    // Wasm in a page has one thread; regular expressions of the browser are not `Send`.
    static CONFIG: Cell<Option<RwSignal<Rc<Config>, LocalStorage>>> = const { Cell::new(None) };
    static FILE: RefCell<Result<Words, Closed>> = RefCell::new(Ok(Words::default()));
    /// Whose well-known file it is, and its text; empty if there is none, `None` if nobody knows.
    static HOMESERVER: RefCell<(String, Option<Vec<u8>>)> = RefCell::default();
}

fn signal() -> RwSignal<Rc<Config>, LocalStorage> {
    only_one::get(&CONFIG, || RwSignal::new_local(Rc::new(Config::now())))
}

/// The decisions in force. Reactive: they change when the homeserver's own become known.
pub fn config() -> Rc<Config> {
    signal().get()
}

/// The decisions in force now, without following them.
pub fn config_now() -> Rc<Config> {
    signal().get_untracked()
}

/// Whether this user belongs to a bridge or bot, as the deployment or the homeserver says. Reactive.
pub fn is_system(user: &UserId) -> bool {
    config().is_system_user(user)
}

/// Reads `config.json`. Without one everything is as it comes.
pub async fn load() {
    let file = pin!(fetch());
    let late = BrowserClock.sleep(PATIENCE_MS);
    FILE.set(match select(file, late).await {
        Either::Left((Some((status, text)), _)) => read_file(status, &text),
        _ => Err(Closed::NoAnswer),
    });
    signal().set(Rc::new(Config::now()));
}

/// The answer of the web server: status and body.
async fn fetch() -> Option<(u16, Vec<u8>)> {
    let request = Request::get("./config.json").cache(RequestCache::NoCache);
    let response = request.send().await.ok()?;
    Some((response.status(), response.binary().await.ok()?))
}

/// Takes up what this homeserver has said before the page was loaded anew.
pub fn take_up(server: &ServerName) {
    let kept = Keep::ThisTab.get(KEPT);
    let kept = kept.as_deref().and_then(|kept| kept.split_once('\n'));
    if let Some((of, text)) = kept
        && of == server.as_str()
    {
        set_homeserver(server, Some(text.as_bytes()));
    }
}

/// Asks this homeserver's domain what is decided there. That there is nobody, or nothing, is no
/// problem.
pub async fn learn(server: ServerName) {
    let Ok(homeserver) = HomeserverUrl::parse(&format!("https://{server}")) else {
        return;
    };
    let wire = Wire {
        homeserver,
        token: None,
    };
    let answer = wire.exchange(&discovery::well_known(&server).call).await;
    // Meanwhile they may have left.
    if Session::get().server_name().as_ref() != Some(&server) {
        return;
    }
    hear(&server, &answer);
    HOMESERVER.with_borrow(|(server, text)| {
        if let Some(text) = text {
            let text = String::from_utf8_lossy(text);
            Keep::ThisTab.set(KEPT, &format!("{server}\n{text}"));
        }
    });
}

/// Hears what a homeserver's domain answers when it is asked for the well-known file.
fn hear(server: &ServerName, answer: &Result<Answer, ApiError>) {
    let text = match answer {
        Ok(answer) => heard(answer.status, &answer.body),
        Err(_) => None,
    };
    let is_known = |(of, text): &(String, Option<_>)| of == server.as_str() && text.is_some();
    match (text, answer) {
        (Some(_), _) => set_homeserver(server, text),
        // It is taken to say still what it said.
        _ if HOMESERVER.with_borrow(is_known) => {}
        // What is wrong with the file can be told.
        (None, Ok(answer)) if answer.status == 200 => set_homeserver(server, Some(&answer.body)),
        // Most domains that nobody answers for have nothing to say.
        (None, Err(ApiError::Unreachable { .. })) => {}
        _ => set_homeserver(server, None),
    }
}

/// The homeserver that the well-known file of a domain names, as far as that has been heard.
pub fn named_by(domain: &ServerName) -> Option<HomeserverUrl> {
    let known: discovery::WellKnown = HOMESERVER.with_borrow(|(of, text)| {
        let text = text.as_deref().filter(|_| of == domain.as_str())?;
        serde_json::from_slice(text).ok()
    })?;
    known.base_url().ok()
}

/// Forgets what the homeserver has said: its administrator is no longer here.
pub fn forget() {
    Keep::ThisTab.remove(KEPT);
    HOMESERVER.take();
    signal().set(Rc::new(Config::now()));
}

fn set_homeserver(server: &ServerName, text: Option<&[u8]>) {
    let now = (server.to_string(), text.map(<[u8]>::to_vec));
    // Whoever reads the configuration is woken by changes alone.
    if HOMESERVER.with_borrow(|known| *known != now) {
        HOMESERVER.set(now);
        signal().set(Rc::new(Config::now()));
    }
}

/// Compiles in the browser, whose rules the panels that defined this key follow.
fn regular_expression(pattern: &str) -> Option<RegExp> {
    let constructor: js_sys::Function = js_sys::Reflect::get(&js_sys::global(), &"RegExp".into())
        .and_then(|value| value.dyn_into())
        .ok()?;
    // `RegExp::new` would end the program on a bad pattern.
    js_sys::Reflect::construct(&constructor, &js_sys::Array::of1(&pattern.into()))
        .map(|value| value.unchecked_into())
        .ok()
}

impl Config {
    /// What both sources say now.
    fn now() -> Self {
        let (file, closed) = match FILE.with_borrow(Clone::clone) {
            Ok(words) => (words, None),
            Err(closed) => (Words::default(), Some(closed)),
        };
        let (of, text) = HOMESERVER.with_borrow(Clone::clone);
        let homeserver = match text.as_deref() {
            None | Some([]) => Words::default(),
            Some(text) => read_well_known(text),
        };
        let mut problems = file.1;
        problems.extend(homeserver.1);
        let of_file = file.0.system_users.as_ref().map_or(0, Vec::len);
        let both = file.0.with(homeserver.0);
        let mut system_users = Vec::new();
        for (at, pattern) in both.system_users.into_iter().flatten().enumerate() {
            match regular_expression(&pattern) {
                Some(pattern) => system_users.push(pattern),
                None => {
                    let source = if at < of_file {
                        DecidedIn::File
                    } else {
                        DecidedIn::WellKnown
                    };
                    let key = key::AS_MANAGED_USERS;
                    problems.push(ConfigProblem::new(source, key, Wrong::Pattern, &pattern));
                }
            }
        }
        Config {
            closed,
            homeservers: both.homeservers.unwrap_or_default(),
            external_auth: both.external_auth.unwrap_or(false),
            discovery: both.discovery.unwrap_or(true),
            credentials: both.credentials.unwrap_or_default(),
            menu: both.menu.unwrap_or_default(),
            oauth_client_id: both.oauth_client_id,
            oauth_client_uri: both.oauth_client_uri,
            problems,
            is_unheard: text.is_none() && !of.is_empty(),
            system_users,
        }
    }

    /// Whether this user belongs to a bridge or bot, as `asManagedUsers` says.
    pub fn is_system_user(&self, user: &UserId) -> bool {
        self.system_users
            .iter()
            .any(|pattern| pattern.test(user.as_str()))
    }
}

/// Whether this homeserver may be signed in to: `restrictBaseUrl` may name the domain that leads
/// to it. `None` if nobody can say, because a domain did not answer.
pub async fn verdict(homeserver: &HomeserverUrl) -> Option<bool> {
    let config = config_now();
    if config.homeservers.is_empty() || config.homeservers.contains(homeserver) {
        return Some(true);
    }
    let mut all_answered = true;
    for domain in config.homeservers.iter().filter(|url| url.is_https()) {
        match super::discover::discover(&domain.host()).await {
            Ok(found) if found == *homeserver => return Some(true),
            // A domain whose file is missing is the homeserver itself, or the file is missed.
            Ok(found) if found == *domain && !super::sign_in::answers(&found).await => {
                all_answered = false;
            }
            Ok(_) => {}
            Err(_) => all_answered = false,
        }
    }
    all_answered.then_some(false)
}
