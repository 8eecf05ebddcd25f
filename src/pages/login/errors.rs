//! What stands in the way of signing in, in words.

use crate::address::typed::NoUserId;
use crate::api::ids::UrlProblem;
use crate::api::{ApiError, HomeserverUrl};
use crate::i18n::errors::{Explained, explain};
use crate::i18n::t;
use crate::session::discover::DiscoveryProblem;
use crate::session::sign_in::{Afterwards, SignInError, SignInFailure};

fn advice(sentence: String, hint: String) -> Explained {
    Explained {
        sentence,
        hint,
        details: String::new(),
    }
}

/// Why nobody was signed in, and whether a session is left of it; `answers` as for [`server`].
pub fn sign_in(failure: &SignInFailure, answers: bool) -> Explained {
    let explained = why(&failure.why, answers);
    let left = match (&failure.afterwards, &failure.why) {
        (Afterwards::Unsure(server), _) => t::login_unsure(server.as_str()),
        // Of the others it goes without saying.
        (Afterwards::Ended, SignInError::NotAdmin { .. }) => t::login_ended(),
        (Afterwards::Ended | Afterwards::NoSession, _) => return explained,
    };
    let hint = format!("{left} {}", explained.hint);
    Explained {
        hint: hint.trim_end().to_owned(),
        ..explained
    }
}

fn why(error: &SignInError, answers: bool) -> Explained {
    match error {
        SignInError::MixedContent => {
            advice(t::login_mixed_content(), t::login_mixed_content_hint())
        }
        SignInError::Unencrypted(url) => advice(
            t::login_unencrypted(url.as_str()),
            t::login_unencrypted_hint(),
        ),
        SignInError::NoHomeserver(url, error) => {
            let explained = no_homeserver(error, answers);
            Explained {
                sentence: t::login_not_sent(url.as_str()),
                hint: format!("{} {}", explained.sentence, explained.hint),
                ..explained
            }
        }
        SignInError::WrongPassword => {
            advice(t::login_wrong_password(), t::login_wrong_password_hint())
        }
        SignInError::Deactivated => advice(t::login_deactivated(), t::login_deactivated_hint()),
        SignInError::Locked => advice(t::login_locked(), t::login_locked_hint()),
        SignInError::WrongToken => advice(t::login_wrong_token(), t::login_wrong_token_hint()),
        SignInError::SpentLoginToken => advice(t::back_spent(), t::back_spent_hint()),
        SignInError::NotAdmin { user } => advice(
            t::login_not_admin(user.as_str()),
            t::login_not_admin_hint(user.as_str()),
        ),
        SignInError::NotGranted { user } => {
            advice(t::login_not_granted(user.as_str()), t::oauth_denied_hint())
        }
        SignInError::NoAdminApi(error) if error.is_turned_away() => explain(error),
        SignInError::NoAdminApi(error) => Explained {
            sentence: t::login_no_admin_api(),
            hint: t::login_no_admin_api_hint(),
            details: explain(error).details,
        },
        SignInError::OtherUser { user } => advice(
            t::login_other_user(user.as_str()),
            t::login_other_user_hint(),
        ),
        SignInError::Restricted(only) => restricted(only),
        SignInError::RestrictedUnasked(only) => Explained {
            hint: t::login_restricted_unasked(),
            ..restricted(only)
        },
        SignInError::Other(error) => explain(error),
    }
}

/// The panel is for these homeservers.
pub fn restricted(only: &[HomeserverUrl]) -> Explained {
    let only: Vec<&str> = only.iter().map(HomeserverUrl::as_str).collect();
    advice(t::login_restricted(&only.join(", ")), String::new())
}

/// Somebody brings a sign-in that this tab has not asked for, or has used already.
pub fn unasked() -> Explained {
    advice(t::back_unasked(), t::back_unasked_hint())
}

/// Somebody comes back after a long time.
pub fn late() -> Explained {
    advice(t::back_late(), String::new())
}

/// Somebody comes back with nothing.
pub fn without_answer() -> Explained {
    advice(t::back_without(), t::back_without_hint())
}

/// The browser keeps nothing, so that nobody could be recognised who comes back.
pub fn nothing_kept() -> Explained {
    advice(t::away_not_kept(), t::away_not_kept_hint())
}

/// What is wrong with a text that should be a Matrix ID.
pub fn no_user(text: &str, problem: &NoUserId) -> String {
    match problem {
        NoUserId::Empty => t::login_username_empty(),
        NoUserId::Incomplete => t::login_username_incomplete(text),
        NoUserId::Email(id) => t::login_username_email(id, text),
        NoUserId::Invalid => t::login_username_invalid(),
    }
}

/// What is wrong with the homeserver URL as typed.
pub fn url(problem: UrlProblem) -> String {
    match problem {
        UrlProblem::Empty => t::login_url_empty(),
        UrlProblem::Scheme => t::login_url_scheme(),
        UrlProblem::Host => t::login_url_host(),
        UrlProblem::Extra => t::login_url_extra(),
        UrlProblem::Client => t::login_url_client(),
    }
}

/// Why the homeserver's URL was not found; `answers` as for [`server`].
pub fn discovery(server: &str, problem: &DiscoveryProblem, answers: bool) -> String {
    match problem {
        DiscoveryProblem::Unreachable if answers => t::discovery_unread(server),
        DiscoveryProblem::Unreachable => t::discovery_unreachable(server),
        DiscoveryProblem::Status(status) => t::discovery_status(server, &status.to_string()),
        DiscoveryProblem::NotJson => t::discovery_not_json(server),
        DiscoveryProblem::NoBaseUrl => t::discovery_no_base_url(server),
        DiscoveryProblem::BadBaseUrl(url) => t::discovery_bad_base_url(server, url),
    }
}

/// Why the server behind the URL is of no use; `answers`: something does where nothing could be read.
pub fn server(url: &HomeserverUrl, error: &ApiError, answers: bool) -> Explained {
    let explained = no_homeserver(error, answers);
    Explained {
        sentence: format!(
            "{} {}",
            explained.sentence,
            t::login_server_tried(url.as_str())
        ),
        ..explained
    }
}

fn no_homeserver(error: &ApiError, answers: bool) -> Explained {
    let explained = explain(error);
    let (sentence, hint) = match error {
        ApiError::Unreachable { .. } if answers => {
            (t::login_server_unread(), t::login_server_unread_hint())
        }
        ApiError::Unreachable { .. } | ApiError::TimedOut { .. } => {
            (t::login_server_silent(), t::login_server_silent_hint())
        }
        // A proxy with a password of its own in front.
        ApiError::NotMatrix {
            status: 401 | 403 | 407,
            ..
        } => (t::login_server_guarded(), t::login_server_guarded_hint()),
        ApiError::NotMatrix { status, .. } => (
            t::login_server_not_matrix(&status.to_string()),
            t::login_server_not_matrix_hint(),
        ),
        // Matrix, but nothing for clients.
        ApiError::Unsupported { .. } => (
            t::login_server_federation(),
            t::login_server_federation_hint(),
        ),
        _ => return explained,
    };
    Explained {
        sentence,
        hint,
        details: explained.details,
    }
}

/// A Matrix homeserver whose Admin API does not answer.
pub fn admin_api(url: &str, error: &ApiError) -> Explained {
    if error.is_turned_away() {
        return explain(error);
    }
    Explained {
        sentence: format!("{} {}", t::login_no_admin_api(), t::login_server_tried(url)),
        hint: t::login_no_admin_api_hint(),
        details: explain(error).details,
    }
}
