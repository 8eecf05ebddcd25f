//! What an error of the wire means to a person: one sentence, and what to do next.

use super::{format, t};
use crate::api::ApiError;
use crate::api::login::EXPIRED_AT_ONCE;
use crate::api::mas::users::{NOT_TOLD, PASSWORDS_OFF, WEAK_PASSWORD};
use crate::api::media::{NOT_DELETED, NOT_KEPT};

/// An error, explained.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// What happened.
    pub sentence: String,
    /// What to do about it; empty if there is nothing to advise.
    pub hint: String,
    /// What the server said, word for word, for those who want to know.
    pub details: String,
}

/// What Synapse says when nobody has set up server notices, which nothing tells before.
const NOTICES_OFF: &str = "Server notices are not enabled on this server";

/// What a proxy's own answer means, and what can be done.
fn not_matrix(status: u16) -> (String, String) {
    let number = status.to_string();
    match status {
        401 | 403 | 407 | 511 => (t::login_server_guarded(), t::login_server_guarded_hint()),
        404 | 405 => (
            t::error_proxy_no_route(&number),
            t::error_proxy_no_route_hint(),
        ),
        200..=399 => (t::error_web_page(&number), t::error_web_page_hint()),
        _ => (t::error_not_matrix(&number), t::error_not_matrix_hint()),
    }
}

/// Explains an error of the API in the current language.
pub fn explain(error: &ApiError) -> Explained {
    let explained = |sentence: String, hint: String, details: String| Explained {
        sentence,
        hint,
        details,
    };
    match error {
        ApiError::Unreachable { url, detail } if error.is_of_mas() => explained(
            t::error_mas_unreachable(),
            t::error_mas_unreachable_hint(),
            format!("{url}: {detail}"),
        ),
        ApiError::Unreachable { url, detail } => explained(
            t::error_unreachable(),
            t::error_unreachable_hint(),
            format!("{url}: {detail}"),
        ),
        ApiError::TimedOut { after_ms } => explained(
            t::error_timed_out(&format::duration(u64::from(*after_ms))),
            t::error_timed_out_hint(),
            String::new(),
        ),
        ApiError::Cancelled => explained(t::error_cancelled(), String::new(), String::new()),
        ApiError::NotMatrix {
            status,
            content_type,
            excerpt,
        } => {
            let (sentence, hint) = not_matrix(*status);
            explained(
                sentence,
                hint,
                format!("{status} {content_type}\n{excerpt}"),
            )
        }
        ApiError::Matrix { errcode, .. } if errcode == NOT_KEPT => {
            explained(t::error_not_kept(), t::error_not_kept_hint(), String::new())
        }
        ApiError::Matrix { errcode, .. } if errcode == NOT_TOLD => {
            explained(t::error_not_told(), t::error_not_told_hint(), String::new())
        }
        ApiError::Matrix {
            errcode, message, ..
        } if errcode == WEAK_PASSWORD => explained(
            t::error_weak(),
            t::error_weak_hint(),
            format!("400: {message}"),
        ),
        ApiError::Matrix {
            errcode, message, ..
        } if errcode == PASSWORDS_OFF => explained(
            t::act_password_off(),
            String::new(),
            format!("403: {message}"),
        ),
        ApiError::Matrix {
            errcode, message, ..
        } if errcode == EXPIRED_AT_ONCE => explained(
            t::error_expired_at_once(),
            t::error_expired_at_once_hint(),
            format!("401: {message}"),
        ),
        ApiError::Matrix { errcode, .. } if errcode == NOT_DELETED => explained(
            t::error_not_deleted(),
            t::error_not_deleted_hint(),
            String::new(),
        ),
        ApiError::Matrix {
            status, message, ..
        } if error.is_of_mas() => explained(
            t::error_mas(message),
            match *status >= 500 {
                true => t::error_mas_hint(),
                false => String::new(),
            },
            format!("{status}: {message}"),
        ),
        ApiError::Matrix {
            status,
            errcode,
            message,
        } => explained(
            if message.is_empty() {
                t::error_matrix_without_message(errcode, &status.to_string())
            } else {
                t::error_matrix(message)
            },
            if message == NOTICES_OFF {
                t::error_notices_off_hint()
            } else if *status >= 500 {
                t::error_server_hint()
            } else {
                String::new()
            },
            format!("{status} {errcode}: {message}"),
        ),
        ApiError::RateLimited {
            retry_after_ms,
            message,
        } => explained(
            match retry_after_ms {
                Some(ms) => t::error_rate_limited_for(&format::duration(*ms)),
                None => t::error_rate_limited(),
            },
            t::error_rate_limited_hint(),
            format!("429 {message}"),
        ),
        ApiError::TokenRefused {
            locked: true,
            message,
            ..
        } => explained(
            t::login_locked(),
            t::login_locked_hint(),
            format!("401 M_USER_LOCKED: {message}"),
        ),
        ApiError::TokenRefused { message, .. } => explained(
            t::error_token_refused(),
            t::error_token_refused_hint(),
            format!("401: {message}"),
        ),
        ApiError::TokenMissing { moved_to, message } => explained(
            t::error_token_missing(),
            match moved_to {
                Some(url) => t::error_token_missing_moved_hint(url),
                None => t::error_token_missing_hint(),
            },
            format!("401 M_MISSING_TOKEN: {message}"),
        ),
        ApiError::NotAdmin { message } if error.is_of_mas() => explained(
            t::error_mas_scope(),
            t::error_mas_scope_hint(),
            format!("401: {message}"),
        ),
        ApiError::NotAdmin { message } => explained(
            t::error_not_admin(),
            t::error_not_admin_hint(),
            format!("403 M_FORBIDDEN: {message}"),
        ),
        ApiError::Unsupported { status, message } => explained(
            t::error_unsupported(),
            t::error_unsupported_hint(),
            format!("{status} M_UNRECOGNIZED: {message}"),
        ),
        ApiError::Undecodable {
            json_path,
            message,
            excerpt,
        } => explained(
            t::error_undecodable(if json_path.is_empty() { "$" } else { json_path }),
            t::error_undecodable_hint(),
            format!("{message}\n{excerpt}"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Answer;

    fn told(status: u16, title: &str) -> Explained {
        let body = format!(r#"{{"errors":[{{"title":"{title}"}}]}}"#);
        let answer = Answer::new(status, "application/json", body);
        explain(&ApiError::from_answer(&answer))
    }

    #[test]
    fn nobody_waits_for_an_administrator_who_is_not_there() {
        let refused = explain(&ApiError::NotAdmin {
            message: String::new(),
        });
        for hint in [refused.hint, t::login_not_admin_hint("@a:b.org")] {
            assert!(
                hint.contains("the first one is made on the server"),
                "{hint}"
            );
        }
    }

    #[test]
    fn who_has_said_it() {
        let taken = told(409, "User already exists");
        assert_eq!(
            taken.sentence,
            "Matrix Authentication Service says: User already exists"
        );
        assert_eq!(taken.details, "409: User already exists");
        assert_eq!(taken.hint, "");
        assert!(told(500, "x").hint.contains("Its log says more"));
        let scope = told(401, "Missing urn:mas:admin scope");
        assert!(scope.sentence.contains("granted"), "{scope:?}");
        assert!(!scope.details.contains("M_FORBIDDEN"), "{scope:?}");
        let synapse = Answer::new(409, "", r#"{"errcode":"M_UNKNOWN","error":"no"}"#);
        let synapse = explain(&ApiError::from_answer(&synapse));
        assert_eq!(synapse.sentence, "The homeserver says: no");
        assert_eq!(synapse.details, "409 M_UNKNOWN: no");
        let unreachable = |url: &str| {
            explain(&ApiError::Unreachable {
                url: url.to_owned(),
                detail: String::new(),
            })
        };
        let nowhere = unreachable("https://m.example/api/admin/v1/users");
        assert!(nowhere.sentence.contains("Matrix Authentication Service"));
        assert!(
            unreachable("https://m.example/x")
                .sentence
                .contains("homeserver")
        );
    }
}
