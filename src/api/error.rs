//! What can go wrong with a request, told apart by what an administrator can do about it.
//!
//! Sentences and hints for people are made from these in [`crate::i18n`]; nothing that the
//! server said is lost on the way.

use super::authorization::MAS_ADMIN;
use super::request::Answer;
use serde::{Deserialize, Serialize};
use std::error::Error;
use std::fmt;

/// How many characters of an answer that nobody understands are kept for the details.
const EXCERPT_CHARS: usize = 300;

/// Why a request has no answer of the expected kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ApiError {
    /// No connection: wrong address, server down, or the answer lacks CORS headers. A browser
    /// does not tell which.
    Unreachable { url: String, detail: String },
    /// No answer in time. The server may still be working on it.
    TimedOut { after_ms: u32 },
    /// The page that asked was left, or the person cancelled.
    Cancelled,
    /// The answer is no Matrix JSON: a proxy's error page, a web site.
    NotMatrix {
        status: u16,
        content_type: String,
        excerpt: String,
    },
    /// The homeserver said no, in Matrix terms; or Matrix Authentication Service, which has no codes:
    /// `errcode` is empty then.
    Matrix {
        status: u16,
        errcode: String,
        message: String,
    },
    /// `M_LIMIT_EXCEEDED`, or a proxy's own 429, with the wait that is asked for, if one is.
    RateLimited {
        retry_after_ms: Option<u64>,
        message: String,
    },
    /// The access token is unknown, expired or revoked, or its owner is locked. With
    /// `soft_logout` the session still exists and can be continued.
    TokenRefused {
        soft_logout: bool,
        /// `M_USER_LOCKED`: no other token would be better.
        locked: bool,
        message: String,
    },
    /// `M_MISSING_TOKEN`: the homeserver has not seen the access token. Something between it and
    /// us has taken the `Authorization` header away: a proxy, or the browser on a redirect, which
    /// then has led to `moved_to`.
    TokenMissing {
        moved_to: Option<String>,
        message: String,
    },
    /// The token is good, but its owner is no server administrator, or it was not granted what
    /// Matrix Authentication Service wants.
    NotAdmin { message: String },
    /// This server has no such endpoint: too old, moved to MAS, or on another worker.
    Unsupported { status: u16, message: String },
    /// A success whose body is not what was expected.
    Undecodable {
        json_path: String,
        message: String,
        excerpt: String,
    },
}

/// What the addresses of Matrix Authentication Service's admin API have in them, and those of no homeserver.
pub(super) const ADMIN_API_OF_MAS: &str = "/api/admin/v1";

/// The fields of a Matrix error. `retry_after_ms` may be missing or null.
#[derive(Deserialize)]
struct MatrixError {
    errcode: String,
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    retry_after_ms: Option<serde_json::Number>,
    #[serde(default)]
    soft_logout: Option<bool>,
}

/// What Matrix Authentication Service has said, if it is who has answered: its error and the causes of that,
/// `{"errors":[{"title":…}]}`, without codes.
pub(super) fn titles_of_mas(body: &[u8]) -> Option<String> {
    // Types of its own would be in the download of the log-in page, which reads errors as well.
    let told: serde_json::Value = serde_json::from_slice(body).ok()?;
    let errors = told.get("errors")?.as_array()?.iter();
    let titles = errors.filter_map(|error| error.get("title")?.as_str());
    let titles = titles.filter(|title| !title.is_empty());
    let titles: Vec<String> = titles.map(str::to_owned).collect();
    (!titles.is_empty()).then(|| titles.join(": "))
}

/// An error of Matrix Authentication Service. A 401 is about the token, or about its scope: then another token of
/// the same session is no better. It does not say which with a code, so the one title that tells is looked for.
fn of_mas(status: u16, message: String) -> ApiError {
    match status {
        401 if message.contains(MAS_ADMIN) => ApiError::NotAdmin { message },
        401 => ApiError::TokenRefused {
            soft_logout: false,
            locked: false,
            message,
        },
        _ => ApiError::Matrix {
            status,
            errcode: String::new(),
            message,
        },
    }
}

impl ApiError {
    /// Reads the error out of an answer that is no success.
    pub fn from_answer(answer: &Answer) -> Self {
        let status = answer.status;
        let Ok(error) = serde_json::from_slice::<MatrixError>(&answer.body) else {
            if let Some(message) = titles_of_mas(&answer.body) {
                return of_mas(status, message);
            }
            return match status {
                // A proxy's limit is a limit: the request was not carried out.
                429 => ApiError::RateLimited {
                    retry_after_ms: answer.retry_after_ms,
                    message: excerpt(&answer.body),
                },
                _ => ApiError::not_matrix(answer),
            };
        };
        let message = error.error.unwrap_or_default();
        match (status, error.errcode.as_str()) {
            (_, "M_UNRECOGNIZED") => ApiError::Unsupported { status, message },
            (_, "M_LIMIT_EXCEEDED") => ApiError::RateLimited {
                retry_after_ms: error
                    .retry_after_ms
                    .and_then(|n| {
                        n.as_u64()
                            .or_else(|| n.as_f64().map(|f| f.max(0.0).ceil() as u64))
                    })
                    .or(answer.retry_after_ms),
                message,
            },
            (401, "M_MISSING_TOKEN") => ApiError::TokenMissing {
                moved_to: answer.moved_to.clone(),
                message,
            },
            (401, errcode) => ApiError::TokenRefused {
                soft_logout: error.soft_logout.unwrap_or(false),
                // The second before Synapse 1.109.
                locked: matches!(errcode, "M_USER_LOCKED" | "ORG_MATRIX_MSC3939_USER_LOCKED"),
                message,
            },
            (403, "M_FORBIDDEN") if message.contains("not a server admin") => {
                ApiError::NotAdmin { message }
            }
            _ => ApiError::Matrix {
                status,
                errcode: error.errcode,
                message,
            },
        }
    }

    /// What an answer has against the request; `None` for a success in JSON, or one that says by its status
    /// that there is nothing to say, as Matrix Authentication Service answers a deletion. A web page is none,
    /// whatever its status says.
    pub fn of(answer: &Answer) -> Option<Self> {
        match answer.status {
            204 if answer.body.is_empty() => None,
            200..=299 if looks_like_json(&answer.body) => None,
            200..=299 => Some(ApiError::not_matrix(answer)),
            _ => Some(ApiError::from_answer(answer)),
        }
    }

    /// What is there, or `None` for what the server does not have.
    ///
    /// # Errors
    ///
    /// Everything else that went wrong.
    pub fn if_there<T>(answer: Result<T, ApiError>) -> Result<Option<T>, ApiError> {
        match answer {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A success whose body does not decode. HTML is no Matrix server; other text is kept with
    /// the place where decoding stopped.
    pub fn from_undecodable(answer: &Answer, error: &serde_json::Error) -> Self {
        if !looks_like_json(&answer.body) {
            return ApiError::not_matrix(answer);
        }
        let text = String::from_utf8_lossy(&answer.body);
        ApiError::Undecodable {
            json_path: json_path_at(&text, error.line(), error.column()),
            message: error.to_string(),
            excerpt: excerpt(&answer.body),
        }
    }

    fn not_matrix(answer: &Answer) -> Self {
        ApiError::NotMatrix {
            status: answer.status,
            content_type: answer.content_type.clone(),
            excerpt: excerpt(&answer.body),
        }
    }

    /// Whether the same request may succeed a little later, without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            ApiError::RateLimited { .. }
            | ApiError::NotMatrix { status: 500, .. }
            | ApiError::Matrix { status: 500, .. } => true,
            error => error.is_no_answer(),
        }
    }

    /// Whether nobody who could have said something about the request has answered: no
    /// connection, or a proxy that for now knows no server behind it. While Synapse restarts,
    /// some say so with 404 "page not found"; Synapse itself says 404 in Matrix terms.
    pub fn is_no_answer(&self) -> bool {
        match self {
            ApiError::Unreachable { .. } | ApiError::TimedOut { .. } => true,
            ApiError::NotMatrix { status, .. } => {
                matches!(status, 404 | 405 | 408 | 421 | 425 | 502..=504 | 520..=530)
            }
            ApiError::Matrix { status, .. } => matches!(status, 502..=504 | 520..=530),
            _ => false,
        }
    }

    /// Whether whoever waited has given up, the browser or a proxy: it may be this one request that takes the
    /// server too long. 522 and 524 are Cloudflare's.
    pub fn is_too_slow(&self) -> bool {
        matches!(self, ApiError::TimedOut { .. })
            || matches!(self.status(), Some(408 | 504 | 522 | 524))
    }

    /// Whether the server may still be at the request, or may have done it: nobody has answered,
    /// or somebody in its place.
    pub fn may_be_under_way(&self) -> bool {
        match self {
            ApiError::Unreachable { .. } | ApiError::TimedOut { .. } | ApiError::Cancelled => true,
            ApiError::Matrix { status, .. } => *status > 500,
            // A page with a success may come from behind the server as well.
            ApiError::NotMatrix { status, .. } => *status >= 500 || *status < 400 || *status == 408,
            _ => false,
        }
    }

    /// Whether the error is about who is asking, or about what stands in between, and only a
    /// person can put it right.
    pub fn needs_a_person(&self) -> bool {
        match self {
            ApiError::TokenRefused { .. }
            | ApiError::TokenMissing { .. }
            | ApiError::NotAdmin { .. }
            | ApiError::Cancelled => true,
            error => error.is_turned_away(),
        }
    }

    /// Whether a proxy lets nobody through before they have signed in with it, or are
    /// somewhere else: its log-in page, or its own refusal.
    pub fn is_turned_away(&self) -> bool {
        matches!(
            self,
            ApiError::NotMatrix {
                status: 200..=399 | 401 | 403 | 407 | 511,
                ..
            }
        )
    }

    /// The HTTP status, where there is one.
    pub fn status(&self) -> Option<u16> {
        match self {
            ApiError::NotMatrix { status, .. }
            | ApiError::Matrix { status, .. }
            | ApiError::Unsupported { status, .. } => Some(*status),
            ApiError::RateLimited { .. } => Some(429),
            ApiError::TokenRefused { .. } | ApiError::TokenMissing { .. } => Some(401),
            ApiError::NotAdmin { .. } => Some(403),
            _ => None,
        }
    }

    /// Whether the server says that the thing asked for does not exist. Synapse says it with
    /// `M_NOT_FOUND` or, from its storage layer, with `M_UNKNOWN`.
    pub fn is_not_found(&self) -> bool {
        matches!(self, ApiError::Matrix { status: 404, .. })
    }

    /// Whether Matrix Authentication Service has said it, or is who has not answered.
    pub fn is_of_mas(&self) -> bool {
        match self {
            ApiError::Matrix { errcode, .. } => errcode.is_empty(),
            ApiError::NotAdmin { message } => message.contains(MAS_ADMIN),
            ApiError::Unreachable { url, .. } => url.contains(ADMIN_API_OF_MAS),
            _ => false,
        }
    }

    /// Whether the Matrix error code is this one.
    pub fn is_errcode(&self, code: &str) -> bool {
        matches!(self, ApiError::Matrix { errcode, .. } if errcode == code)
    }
}

/// For logs and for developers; people read `i18n::errors::explain`.
impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ApiError::Unreachable { url, detail } => write!(f, "{url} cannot be reached: {detail}"),
            ApiError::TimedOut { after_ms } => write!(f, "no answer within {after_ms} ms"),
            ApiError::Cancelled => f.write_str("cancelled"),
            ApiError::NotMatrix {
                status,
                content_type,
                excerpt,
            } => write!(f, "{status} with {content_type:?}, not Matrix: {excerpt}"),
            ApiError::Matrix {
                status,
                errcode,
                message,
            } if errcode.is_empty() => write!(f, "{status} of MAS: {message}"),
            ApiError::Matrix {
                status,
                errcode,
                message,
            } => write!(f, "{status} {errcode}: {message}"),
            ApiError::RateLimited {
                retry_after_ms: Some(wait),
                message,
            } => write!(f, "rate limited for {wait} ms: {message}"),
            ApiError::RateLimited { message, .. } => write!(f, "rate limited: {message}"),
            ApiError::TokenRefused { message, .. } => {
                write!(f, "the access token is refused: {message}")
            }
            ApiError::TokenMissing {
                moved_to: Some(url),
                message,
            } => write!(
                f,
                "the access token was lost on the way to {url}: {message}"
            ),
            ApiError::TokenMissing { message, .. } => {
                write!(f, "the access token was lost on the way: {message}")
            }
            ApiError::NotAdmin { message } => write!(f, "not a server administrator: {message}"),
            ApiError::Unsupported { status, message } => {
                write!(f, "{status}, no such endpoint: {message}")
            }
            ApiError::Undecodable {
                json_path, message, ..
            } => write!(
                f,
                "the answer is not as expected at {json_path:?}: {message}"
            ),
        }
    }
}

impl Error for ApiError {}

fn looks_like_json(body: &[u8]) -> bool {
    let first = body.iter().find(|b| !b.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'['))
}

fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(body)
        .trim()
        .chars()
        .take(EXCERPT_CHARS)
        .collect()
}

/// The path to the value at a position of a JSON text, as `users[3].name`. Positions are those
/// of serde_json: lines from 1, columns in bytes.
fn json_path_at(text: &str, line: usize, column: usize) -> String {
    enum Step {
        Key(String),
        Index(usize),
    }
    let line_start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let end = (line_start + column).min(text.len());
    let bytes = text.as_bytes();
    let mut steps: Vec<Step> = Vec::new();
    let mut last_string = String::new();
    let mut at = 0;
    while at < end {
        match bytes[at] {
            b'"' => {
                let start = at + 1;
                at = start;
                while at < end && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                last_string =
                    String::from_utf8_lossy(&bytes[start..at.min(bytes.len())]).into_owned();
            }
            b'{' => steps.push(Step::Key(String::new())),
            b'[' => steps.push(Step::Index(0)),
            // A container that ends right here is the value that did not fit.
            b'}' | b']' if at + 1 < end => {
                steps.pop();
            }
            b':' => {
                if let Some(Step::Key(key)) = steps.last_mut() {
                    key.clone_from(&last_string);
                }
            }
            b',' if at + 1 < end => {
                if let Some(Step::Index(index)) = steps.last_mut() {
                    *index += 1;
                }
            }
            _ => {}
        }
        at += 1;
    }
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Key(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(&key);
            }
            Step::Index(index) => out.push_str(&format!("[{index}]")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer::new(status, "", body)
    }

    fn error(status: u16, body: &str) -> ApiError {
        ApiError::from_answer(&answer(status, body))
    }

    #[test]
    fn errors_are_told_apart() {
        let unknown = r#"{"errcode":"M_UNRECOGNIZED","error":"Unrecognized request"}"#;
        for status in [400, 404, 405] {
            assert!(matches!(
                error(status, unknown),
                ApiError::Unsupported { .. }
            ));
        }
        assert!(matches!(
            error(
                403,
                r#"{"errcode":"M_FORBIDDEN","error":"You are not a server admin"}"#
            ),
            ApiError::NotAdmin { .. }
        ));
        assert!(matches!(
            error(
                403,
                r#"{"errcode":"M_FORBIDDEN","error":"Invalid username or password"}"#
            ),
            ApiError::Matrix { .. }
        ));
        assert!(matches!(
            error(
                401,
                r#"{"errcode":"M_UNKNOWN_TOKEN","error":"x","soft_logout":true}"#
            ),
            ApiError::TokenRefused {
                soft_logout: true,
                ..
            }
        ));
        assert!(matches!(
            error(502, "<html>Bad gateway"),
            ApiError::NotMatrix { status: 502, .. }
        ));
        assert!(matches!(error(500, ""), ApiError::NotMatrix { .. }));
    }

    /// What a job does after an answer: go on with the next item, wait for the server, wait for
    /// as long as it is asked to, try again a few times, or wait for a person.
    fn then(status: u16, body: &str) -> &'static str {
        let error = if (200..300).contains(&status) {
            let answer = answer(status, body);
            match serde_json::from_slice::<Vec<u8>>(&answer.body) {
                Ok(_) => return "done",
                Err(wrong) => ApiError::from_undecodable(&answer, &wrong),
            }
        } else {
            error(status, body)
        };
        match &error {
            ApiError::RateLimited { .. } => "limit",
            error if error.needs_a_person() => "person",
            error if error.is_no_answer() => "server",
            error if error.is_passing() => "again",
            _ => "item",
        }
    }

    #[test]
    fn every_status_and_who_said_it() {
        let matrix = |code: &str| format!(r#"{{"errcode":"{code}","error":"x"}}"#);
        // Synapse's own words; a web page or a plain text; a proxy's JSON.
        let bodies = [
            matrix("M_UNKNOWN"),
            "<html><body>nginx</body></html>".to_owned(),
            "page not found".to_owned(),
            String::new(),
            r#"{"message":"no route"}"#.to_owned(),
        ];
        let table = [
            (200, "item", "person"),
            (204, "item", "person"),
            (301, "item", "person"),
            (302, "item", "person"),
            (400, "item", "item"),
            (401, "person", "person"),
            (403, "item", "person"),
            (404, "item", "server"),
            (405, "item", "server"),
            (407, "item", "person"),
            (408, "item", "server"),
            (409, "item", "item"),
            (413, "item", "item"),
            // Synapse's 429 M_UNKNOWN is a spam checker's, and must not be waited for.
            (429, "item", "limit"),
            (500, "again", "again"),
            (501, "item", "item"),
            (502, "server", "server"),
            (503, "server", "server"),
            (504, "server", "server"),
            (511, "item", "person"),
            (522, "server", "server"),
            (530, "server", "server"),
        ];
        for (status, synapse, proxy) in table {
            assert_eq!(then(status, &bodies[0]), synapse, "{status} of Synapse");
            for body in &bodies[1..] {
                // A success in JSON is an answer that nobody understands.
                let json = body.starts_with('{') && status < 300;
                let expected = if json { "item" } else { proxy };
                assert_eq!(then(status, body), expected, "{status} {body}");
            }
        }
        for (status, code, expected) in [
            (401, "M_UNKNOWN_TOKEN", "person"),
            (401, "M_MISSING_TOKEN", "person"),
            (401, "M_USER_LOCKED", "person"),
            (401, "ORG_MATRIX_MSC3939_USER_LOCKED", "person"),
            (403, "M_FORBIDDEN", "item"),
            (404, "M_NOT_FOUND", "item"),
            (404, "M_UNRECOGNIZED", "item"),
            (429, "M_LIMIT_EXCEEDED", "limit"),
        ] {
            assert_eq!(then(status, &matrix(code)), expected, "{status} {code}");
        }
    }

    #[test]
    fn what_became_of_the_token() {
        let refused = |code: &str| error(401, &format!(r#"{{"errcode":"{code}","error":"x"}}"#));
        for code in ["M_USER_LOCKED", "ORG_MATRIX_MSC3939_USER_LOCKED"] {
            assert!(matches!(
                refused(code),
                ApiError::TokenRefused { locked: true, .. }
            ));
        }
        assert!(matches!(
            refused("M_UNKNOWN_TOKEN"),
            ApiError::TokenRefused { locked: false, .. }
        ));
        let missing = Answer {
            moved_to: Some("https://m.example.org".into()),
            ..answer(
                401,
                r#"{"errcode":"M_MISSING_TOKEN","error":"Missing access token"}"#,
            )
        };
        assert_eq!(
            ApiError::from_answer(&missing),
            ApiError::TokenMissing {
                moved_to: Some("https://m.example.org".into()),
                message: "Missing access token".into()
            }
        );
    }

    #[test]
    fn a_header_asks_for_a_wait_as_well() {
        let wait = |body: &str| {
            let answer = Answer {
                retry_after_ms: Some(7000),
                ..answer(429, body)
            };
            match ApiError::from_answer(&answer) {
                ApiError::RateLimited { retry_after_ms, .. } => retry_after_ms,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(wait("<html>slow down"), Some(7000));
        assert_eq!(wait(r#"{"errcode":"M_LIMIT_EXCEEDED"}"#), Some(7000));
        let told = r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":5}"#;
        assert_eq!(wait(told), Some(5));
    }

    #[test]
    fn what_mas_says() {
        let titles = |all: &[&str]| {
            let all: Vec<String> = all
                .iter()
                .map(|t| format!(r#"{{"title":"{t}"}}"#))
                .collect();
            format!(r#"{{"errors":[{}]}}"#, all.join(","))
        };
        let told = error(400, &titles(&["Email is not valid", "Missing domain"]));
        let said = ApiError::Matrix {
            status: 400,
            errcode: String::new(),
            message: "Email is not valid: Missing domain".into(),
        };
        assert_eq!(told, said);
        assert!(told.is_of_mas());
        // Only one of its refusals is about what was granted; the others about the token.
        let scope = error(401, &titles(&["Missing urn:mas:admin scope"]));
        assert!(matches!(scope, ApiError::NotAdmin { .. }), "{scope:?}");
        assert!(scope.is_of_mas());
        for title in [
            "Access token expired",
            "Access token revoked",
            "Invalid type of access token",
        ] {
            let refused = error(401, &titles(&[title]));
            assert!(
                matches!(refused, ApiError::TokenRefused { .. }),
                "{refused:?}"
            );
        }
        // Nobody else says it like that.
        for other in [
            error(401, r#"{"errcode":"M_UNKNOWN_TOKEN","error":"x"}"#),
            error(403, r#"{"errcode":"M_FORBIDDEN","error":"x"}"#),
            error(
                403,
                r#"{"errcode":"M_FORBIDDEN","error":"You are not a server admin"}"#,
            ),
            error(400, r#"{"errors":[]}"#),
            error(400, r#"{"errors":[{"title":""}]}"#),
            error(400, r#"{"errors":["x"]}"#),
            error(404, "<html>"),
        ] {
            assert!(!other.is_of_mas(), "{other:?}");
        }
        // A browser sees an endpoint that MAS does not have as nothing at all.
        let unreachable = |url: &str| ApiError::Unreachable {
            url: url.to_owned(),
            detail: String::new(),
        };
        assert!(unreachable("https://mas.example/x/api/admin/v1/users").is_of_mas());
        assert!(!unreachable("https://m.example/_synapse/admin/v1/x").is_of_mas());
    }

    /// What a job does after an answer of MAS: what is about the account fails, and is not tried again.
    #[test]
    fn then_after_what_mas_says() {
        let body = r#"{"errors":[{"title":"x"}]}"#;
        for (status, expected) in [
            (400, "item"),
            (401, "person"),
            (403, "item"),
            (404, "item"),
            (409, "item"),
            (410, "item"),
            (422, "item"),
            (500, "again"),
            (503, "server"),
        ] {
            assert_eq!(then(status, body), expected, "{status}");
        }
        let scope = r#"{"errors":[{"title":"Missing urn:mas:admin scope"}]}"#;
        assert_eq!(then(401, scope), "person");
        assert!(!error(500, body).may_be_under_way(), "it has said no");
        assert!(!error(403, body).is_turned_away());
    }

    #[test]
    fn rate_limits_with_and_without_a_wait() {
        let wait = |body: &str| match error(429, body) {
            ApiError::RateLimited { retry_after_ms, .. } => retry_after_ms,
            other => panic!("{other:?}"),
        };
        assert_eq!(
            wait(r#"{"errcode":"M_LIMIT_EXCEEDED","error":"x","retry_after_ms":1234}"#),
            Some(1234)
        );
        assert_eq!(
            wait(r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":1.5}"#),
            Some(2)
        );
        assert_eq!(
            wait(r#"{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":null}"#),
            None
        );
        assert_eq!(wait(r#"{"errcode":"M_LIMIT_EXCEEDED"}"#), None);
        // A spam checker's refusal looks alike and must not be waited for.
        let spam = error(429, r#"{"errcode":"M_UNKNOWN","error":"Rate limited"}"#);
        assert!(!spam.is_passing(), "{spam:?}");
    }

    #[test]
    fn undecodable_answers_say_where() {
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct Page {
            users: Vec<User>,
        }
        #[derive(Debug, Deserialize)]
        #[allow(dead_code)]
        struct User {
            name: String,
        }
        let at = |body: &str| {
            let answer = answer(200, body);
            let wrong = serde_json::from_slice::<Page>(&answer.body).unwrap_err();
            match ApiError::from_undecodable(&answer, &wrong) {
                ApiError::Undecodable { json_path, .. } => json_path,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(
            at(r#"{"users":[{"name":"a"},{"name":"b,]"},{"name":7}]}"#),
            "users[2].name"
        );
        assert_eq!(
            at("{\"total\":1,\n\"users\":[{\"name\":\n null}]}"),
            "users[0].name"
        );
        assert_eq!(at(r#"{"users":"none"}"#), "users");
    }

    #[test]
    fn a_success_may_have_nothing_to_say() {
        assert_eq!(ApiError::of(&answer(204, "")), None);
        assert_eq!(ApiError::of(&answer(200, "{}")), None);
        for (status, body) in [(200, ""), (204, "<p>Welcome</p>"), (200, "<p>Welcome</p>")] {
            let error = ApiError::of(&answer(status, body));
            assert!(
                matches!(error, Some(ApiError::NotMatrix { .. })),
                "{status} {body}"
            );
        }
    }

    #[test]
    fn html_with_status_200_is_no_matrix_server() {
        let answer = answer(200, "  <!doctype html><title>Welcome</title>");
        let wrong = serde_json::from_slice::<u8>(&answer.body).unwrap_err();
        assert!(matches!(
            ApiError::from_undecodable(&answer, &wrong),
            ApiError::NotMatrix { status: 200, .. }
        ));
    }
}
