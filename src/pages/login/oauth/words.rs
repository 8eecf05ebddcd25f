//! What stands in the way of signing in with Matrix Authentication Service, in words.

use super::details;
use crate::api::ApiError;
use crate::api::oauth::{OAuthRefusal, Unfit};
use crate::i18n::errors::{Explained, explain};
use crate::i18n::t;
use crate::session::away::page_address;
use crate::session::config::config_now;

fn advice(sentence: String, hint: String) -> Explained {
    Explained {
        sentence,
        hint,
        details: String::new(),
    }
}

/// What the server said, word for word.
fn said(refusal: &OAuthRefusal) -> String {
    refusal.to_string()
}

/// The homeserver does not say where to sign in.
pub fn homeserver(error: &ApiError) -> Explained {
    explain(error)
}

/// The homeserver names no authorization server any more.
pub fn not_found() -> Explained {
    advice(t::oauth_not_found(), t::oauth_not_found_hint())
}

/// What the browser was to send there can be read by everybody on the way.
pub fn unencrypted(address: &str) -> Explained {
    advice(t::oauth_unencrypted(address), t::oauth_unencrypted_hint())
}

/// Nobody can register, and `config.json` gives no ID.
pub fn no_registration() -> Explained {
    advice(t::oauth_no_registration(), t::oauth_no_registration_hint())
}

/// No panel at this address can register.
pub fn unfit(unfit: Unfit) -> Explained {
    let address = page_address();
    match unfit {
        Unfit::Plain => advice(t::oauth_unfit_plain(&address), t::oauth_by_hand(&address)),
        Unfit::Path => advice(t::oauth_unfit_path(&address), t::oauth_by_hand(&address)),
    }
}

/// The server's policy does not let the panel register.
pub fn not_registered(refusal: &OAuthRefusal) -> Explained {
    Explained {
        sentence: t::oauth_not_registered(),
        hint: t::oauth_by_hand(&page_address()),
        details: said(refusal),
    }
}

/// Nothing that can be read comes from there.
pub fn no_answer(endpoint: &str, error: &ApiError) -> Explained {
    Explained {
        sentence: t::oauth_silent(endpoint),
        hint: t::oauth_silent_hint(),
        details: details(error),
    }
}

/// The browser has lost what it needs to make sense of the answer.
pub fn nothing_kept() -> Explained {
    advice(t::back_unasked(), t::back_unasked_hint())
}

/// The server says no: to the person, to the code, or to the panel.
pub fn refused(refusal: &OAuthRefusal) -> Explained {
    let (sentence, hint) = match refusal.error.as_str() {
        "access_denied" => (t::oauth_denied(), t::oauth_denied_hint()),
        "invalid_grant" => (t::oauth_spent(), t::oauth_spent_hint()),
        "invalid_scope" => (t::oauth_scope(), t::oauth_scope_hint()),
        "invalid_client" | "unauthorized_client" if config_now().oauth_client_id.is_some() => {
            (t::oauth_client_fixed(), t::oauth_by_hand(&page_address()))
        }
        "invalid_client" | "unauthorized_client" => (t::oauth_client(), t::oauth_begin_again()),
        "server_error" | "temporarily_unavailable" => (t::oauth_trouble(), t::oauth_trouble_hint()),
        _ => (t::oauth_refused(), t::oauth_begin_again()),
    };
    Explained {
        sentence,
        hint,
        details: said(refusal),
    }
}
