//! Links that fill in the form: `?username=…&server=…`, before or behind the `#`. Passwords and
//! tokens are taken from a link only on this very machine, where links do not travel.

use leptos::prelude::*;
use web_sys::UrlSearchParams;

/// What a link filled in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prefill {
    pub username: String,
    pub server: String,
    pub password: String,
    pub access_token: String,
}

/// Reads the link that opened the page.
pub fn read() -> Prefill {
    let location = window().location();
    let before = location.search().unwrap_or_default();
    let route = crate::router::current_route();
    let behind = route.split_once('?').map_or("", |(_, query)| query);
    let parameter = |name: &str| {
        [before.as_str(), behind]
            .into_iter()
            .filter_map(|query| UrlSearchParams::new_with_str(query).ok())
            .find_map(|parameters| parameters.get(name))
            .unwrap_or_default()
    };
    let host = location.hostname().unwrap_or_default();
    let local = host == "localhost" || host == "127.0.0.1" || host == "[::1]";
    let secret = |name: &str| {
        if local {
            parameter(name)
        } else {
            String::new()
        }
    };
    Prefill {
        username: parameter("username"),
        server: parameter("server"),
        password: secret("password"),
        access_token: secret("accessToken"),
    }
}
