//! What can go wrong with a request, told apart by what an administrator can do about it.
//!
//! Sentences and hints for people are made from these in [`crate::i18n`]; nothing that the
//! server said is lost on the way.

use super::request::Answer;
use serde::{Deserialize, Serialize};

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
    /// The homeserver said no, in Matrix terms.
    Matrix {
        status: u16,
        errcode: String,
        message: String,
    },
    /// `M_LIMIT_EXCEEDED`, with the wait that the server asks for, if it does.
    RateLimited {
        retry_after_ms: Option<u64>,
        message: String,
    },
    /// The access token is unknown, expired or revoked, or its owner is locked. With
    /// `soft_logout` the session still exists and can be continued.
    TokenRefused { soft_logout: bool, message: String },
    /// The token is good, but its owner is no server administrator.
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

impl ApiError {
    /// Reads the error out of an answer that is no success.
    pub fn from_answer(answer: &Answer) -> Self {
        let status = answer.status;
        let Ok(error) = serde_json::from_slice::<MatrixError>(&answer.body) else {
            return ApiError::NotMatrix {
                status,
                content_type: answer.content_type.clone(),
                excerpt: excerpt(&answer.body),
            };
        };
        let message = error.error.unwrap_or_default();
        match (status, error.errcode.as_str()) {
            (_, "M_UNRECOGNIZED") => ApiError::Unsupported { status, message },
            (_, "M_LIMIT_EXCEEDED") => ApiError::RateLimited {
                retry_after_ms: error.retry_after_ms.and_then(|n| {
                    n.as_u64()
                        .or_else(|| n.as_f64().map(|f| f.max(0.0).ceil() as u64))
                }),
                message,
            },
            (401, _) => ApiError::TokenRefused {
                soft_logout: error.soft_logout.unwrap_or(false),
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

    /// A success whose body does not decode. HTML is no Matrix server; other text is kept with
    /// the place where decoding stopped.
    pub fn from_undecodable(answer: &Answer, error: &serde_json::Error) -> Self {
        let looks_like_json = matches!(
            answer.body.iter().find(|b| !b.is_ascii_whitespace()),
            Some(b'{' | b'[')
        );
        if !looks_like_json {
            return ApiError::NotMatrix {
                status: answer.status,
                content_type: answer.content_type.clone(),
                excerpt: excerpt(&answer.body),
            };
        }
        let text = String::from_utf8_lossy(&answer.body);
        ApiError::Undecodable {
            json_path: json_path_at(&text, error.line(), error.column()),
            message: error.to_string(),
            excerpt: excerpt(&answer.body),
        }
    }

    /// Whether the same request may succeed a little later, without anybody doing anything.
    pub fn is_passing(&self) -> bool {
        match self {
            ApiError::Unreachable { .. }
            | ApiError::TimedOut { .. }
            | ApiError::RateLimited { .. } => true,
            ApiError::NotMatrix { status, .. } => matches!(status, 500 | 502..=504 | 520..=530),
            ApiError::Matrix { status, .. } => matches!(status, 500 | 502..=504),
            _ => false,
        }
    }

    /// The HTTP status, where there is one.
    pub fn status(&self) -> Option<u16> {
        match self {
            ApiError::NotMatrix { status, .. }
            | ApiError::Matrix { status, .. }
            | ApiError::Unsupported { status, .. } => Some(*status),
            ApiError::RateLimited { .. } => Some(429),
            ApiError::TokenRefused { .. } => Some(401),
            ApiError::NotAdmin { .. } => Some(403),
            _ => None,
        }
    }

    /// Whether the server says that the thing asked for does not exist. Synapse says it with
    /// `M_NOT_FOUND` or, from its storage layer, with `M_UNKNOWN`.
    pub fn is_not_found(&self) -> bool {
        matches!(self, ApiError::Matrix { status: 404, .. })
    }

    /// Whether the Matrix error code is this one.
    pub fn is_errcode(&self, code: &str) -> bool {
        matches!(self, ApiError::Matrix { errcode, .. } if errcode == code)
    }
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
        Answer {
            status,
            content_type: String::new(),
            body: body.as_bytes().to_vec(),
        }
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
    fn html_with_status_200_is_no_matrix_server() {
        let answer = answer(200, "  <!doctype html><title>Welcome</title>");
        let wrong = serde_json::from_slice::<u8>(&answer.body).unwrap_err();
        assert!(matches!(
            ApiError::from_undecodable(&answer, &wrong),
            ApiError::NotMatrix { status: 200, .. }
        ));
    }
}
