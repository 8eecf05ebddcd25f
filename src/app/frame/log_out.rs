//! Logging out, and what is said where the server has not heard it: the session is forgotten here,
//! and may live on there.

use crate::address::route::Route;
use crate::api::HomeserverUrl;
use crate::browser::navigation::{HistoryStep, navigate};
use crate::components::toast::Toasts;
use crate::i18n::errors::Explained;
use crate::i18n::t;
use crate::session::Session;
use crate::session::sign_in::sign_out;
use wasm_bindgen_futures::spawn_local;

/// Ends the session of this tab and leads to the log-in page.
pub fn log_out() {
    end_session();
    navigate(&Route::Login.to_string(), HistoryStep::Replace);
}

/// Ends the session of this tab. The address stays: whoever signs in next is there again.
pub fn end_session() {
    let session = Session::get();
    let Some(account) = session.account_now() else {
        return;
    };
    spawn_local(async move {
        if !sign_out(session).await {
            tell_unsure(&account.homeserver);
        }
    });
}

/// Says that the session may live on at this server, until it is closed: on the log-in page, or
/// wherever the person is by now.
pub fn tell_unsure(server: &HomeserverUrl) {
    let toasts = match Session::get().account_now() {
        Some(_) => Toasts::get(),
        None => Toasts::outside(),
    };
    toasts.bad(Explained {
        sentence: t::servers_unsure(server.as_str()),
        hint: String::new(),
        details: String::new(),
    });
}
