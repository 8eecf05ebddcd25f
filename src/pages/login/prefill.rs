//! Links that fill in the form: `?username=…&server=…`, before or behind the `#`. Passwords and
//! tokens are taken from a link only on this very machine, where links do not travel. A server is
//! only proposed: anybody can send a link, and whoever is named in it would get the password.

use crate::api::HomeserverUrl;
use crate::api::origin::is_same_origin;
use crate::session::config::config_now;
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
    let route = crate::browser::navigation::current_route();
    let behind = route.split_once('?').map_or("", |(_, query)| query);
    let parameter = |name: &str| {
        [before.as_str(), behind]
            .into_iter()
            .filter_map(|query| UrlSearchParams::new_with_str(query).ok())
            .find_map(|parameters| parameters.get(name))
            .unwrap_or_default()
    };
    let local = is_local();
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

/// Whether the page itself is served on this very machine.
fn is_local() -> bool {
    let host = window().location().hostname().unwrap_or_default();
    host == "localhost" || host == "127.0.0.1" || host == "[::1]"
}

/// Whether a homeserver is taken from a link without a question: the deployment names it, or it
/// is where the page comes from, as this very machine is for a page that is served on it.
pub fn is_trusted(homeserver: &HomeserverUrl) -> bool {
    let origin = window().location().origin().unwrap_or_default();
    config_now().homeservers.contains(homeserver)
        || is_same_origin(homeserver.as_str(), &origin)
        || is_local() && homeserver.is_this_machine()
}
