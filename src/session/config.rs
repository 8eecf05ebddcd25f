//! `config.json` beside the page: what whoever deploys the panel decides. Its keys are those of
//! synapse-admin and Ketesa; keys that we do not know are left alone.

use crate::api::{HomeserverUrl, UserId};
use gloo_net::http::Request;
use js_sys::RegExp;
use serde::Deserialize;
use std::cell::OnceCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::RequestCache;

/// One value or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct File {
    restrict_base_url: Option<OneOrMany>,
    as_managed_users: Vec<String>,
}

/// The decisions.
#[derive(Default)]
pub struct Config {
    /// The only homeservers that may be signed in to; empty for all.
    pub homeservers: Vec<HomeserverUrl>,
    system_users: Vec<RegExp>,
    /// What is wrong with the file, if anything: it is then not followed.
    pub problem: Option<String>,
}

thread_local! {
    // Wasm in a page has one thread; regular expressions of the browser are not `Send`.
    static CONFIG: OnceCell<Rc<Config>> = const { OnceCell::new() };
}

/// The configuration; empty until [`load`] is done.
pub fn config() -> Rc<Config> {
    CONFIG.with(|config| config.get().cloned().unwrap_or_default())
}

/// Reads `config.json`. Without one everything is as it comes.
pub async fn load() {
    let config = Rc::new(fetch().await.unwrap_or_else(|problem| Config {
        problem: Some(problem),
        ..Default::default()
    }));
    // Loaded once, before the app starts.
    CONFIG.with(|slot| slot.set(config).ok());
}

async fn fetch() -> Result<Config, String> {
    let response = match Request::get("./config.json")
        .cache(RequestCache::NoCache)
        .send()
        .await
    {
        Ok(response) if response.ok() => response,
        // No file, no decisions.
        _ => return Ok(Config::default()),
    };
    let text = response.text().await.map_err(|error| error.to_string())?;
    let file: File = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let urls = match file.restrict_base_url {
        None => Vec::new(),
        Some(OneOrMany::One(url)) if url.is_empty() => Vec::new(),
        Some(OneOrMany::One(url)) => vec![url],
        Some(OneOrMany::Many(urls)) => urls,
    };
    let homeservers = urls
        .iter()
        .map(|url| HomeserverUrl::parse(url).map_err(|_| format!("restrictBaseUrl: {url}")))
        .collect::<Result<_, _>>()?;
    let system_users = file
        .as_managed_users
        .iter()
        .map(|pattern| regular_expression(pattern))
        .collect::<Result<_, _>>()?;
    Ok(Config {
        homeservers,
        system_users,
        problem: None,
    })
}

/// Compiles in the browser, whose rules the panels that defined this key follow.
fn regular_expression(pattern: &str) -> Result<RegExp, String> {
    let constructor: js_sys::Function = js_sys::Reflect::get(&js_sys::global(), &"RegExp".into())
        .and_then(|value| value.dyn_into())
        .map_err(|_| pattern.to_owned())?;
    // `RegExp::new` would end the program on a bad pattern.
    js_sys::Reflect::construct(&constructor, &js_sys::Array::of1(&pattern.into()))
        .map(|value| value.unchecked_into())
        .map_err(|_| format!("asManagedUsers: {pattern}"))
}

impl Config {
    /// Whether the deployment says which users belong to bridges and bots.
    pub fn knows_system_users(&self) -> bool {
        !self.system_users.is_empty()
    }

    /// Whether this user belongs to a bridge or bot, as `asManagedUsers` says.
    pub fn is_system_user(&self, user: &UserId) -> bool {
        self.system_users
            .iter()
            .any(|pattern| pattern.test(user.as_str()))
    }
}
