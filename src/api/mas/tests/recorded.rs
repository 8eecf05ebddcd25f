//! Against what a real MAS has answered.

use super::{beside_the_repository, cases, is_so_already};
use crate::api::{Answer, ApiError};
use serde_json::Value;

/// What was asked, and what was answered.
struct Recorded {
    name: String,
    method: String,
    path: String,
    answer: Answer,
    /// The body as JSON, if it is that.
    told: Value,
    /// Whether parts of the body are left out.
    is_cut: bool,
}

/// What a real MAS has answered to requests for its admin API. Synapse's answers beside it are left out.
fn recorded() -> Option<Vec<Recorded>> {
    let all = beside_the_repository("mas-answers.json")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let read = |told: &Value| {
        let content_type = match told.get("content_type") {
            None => "application/json".to_owned(),
            Some(other) => text(other),
        };
        let body = match &told["body"] {
            Value::Null => text(&told["html_text"]),
            Value::String(plain) => plain.clone(),
            json => json.to_string(),
        };
        let status = u16::try_from(told["status"].as_u64()?).ok()?;
        Some(Recorded {
            name: text(&told["name"]),
            method: text(&told["method"]),
            path: text(&told["path"]),
            answer: Answer::new(status, &content_type, body),
            told: told["body"].clone(),
            is_cut: ["body_cut", "data_cut"]
                .iter()
                .any(|mark| told.get(mark).is_some()),
        })
    };
    let of_the_admin_api =
        |one: &Recorded| one.path.starts_with("/api/admin/v1/") && one.method != "OPTIONS";
    let all = all.as_array().unwrap().iter().filter_map(read);
    Some(all.filter(of_the_admin_api).collect())
}

/// A path with the places of IDs and names taken out, without its query.
fn shape(path: &str) -> String {
    let path = path.split('?').next().unwrap();
    let mut segments: Vec<&str> = path.split('/').collect();
    for at in 0..segments.len() {
        let is_id = segments[at].len() == 26;
        if is_id || (at > 0 && segments[at - 1] == "by-username") {
            segments[at] = "*";
        }
    }
    segments.join("/")
}

#[test]
fn each_answer_is_read() {
    let Some(all) = recorded() else { return };
    let cases = cases::all();
    let mut read = 0;
    for one in &all {
        if one.answer.status >= 300 || one.is_cut {
            continue;
        }
        let fitting = cases.iter().find(|case| {
            case.call.method.as_str() == one.method && shape(&case.call.path) == shape(&one.path)
        });
        let Some(case) = fitting else {
            let name = &one.name;
            let is_one = name.ends_with(" one") || name == "one" || name.contains("ID");
            assert!(is_one, "nobody asks for {} {}", one.method, one.path);
            continue;
        };
        let things = one.told["data"].as_array();
        let things = match one.path.contains("count=only") {
            true => 0,
            false => things.map_or(1, Vec::len),
        };
        assert_eq!(case.read(&one.answer), Ok(things), "{}", one.name);
        read += 1;
    }
    assert!(read > 40, "only {read} read");
}

/// What is to be made of an answer that is no success: who or what it is about.
fn what(error: &ApiError) -> &'static str {
    match error {
        ApiError::NotAdmin { .. } => "scope",
        ApiError::TokenRefused {
            soft_logout: false,
            locked: false,
            ..
        } => "token",
        ApiError::NotMatrix { .. } => "not MAS' JSON",
        ApiError::Matrix { errcode, .. } if errcode.is_empty() => "said by MAS",
        _ => "else",
    }
}

#[test]
fn each_error_is_what_it_is() {
    let Some(all) = recorded() else { return };
    let mut read = 0;
    for one in all.iter().filter(|one| one.answer.status >= 300) {
        let (status, is_json) = (one.answer.status, one.told.is_object());
        let error = ApiError::from_answer(&one.answer);
        let expected = match status {
            401 if one.name.contains("no urn:mas:admin scope") => "scope",
            401 => "token",
            // The browser shows none of them but the plain texts, which are about requests that we do not
            // send.
            404 | 405 if !is_json => "not MAS' JSON",
            400 | 415 | 422 if !is_json => "not MAS' JSON",
            _ => "said by MAS",
        };
        assert_eq!(what(&error), expected, "{}: {error:?}", one.name);
        // Whatever MAS has said is told to people.
        let said = match &one.told {
            Value::String(plain) => plain.clone(),
            json => json["errors"][0]["title"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        };
        assert!(error.to_string().contains(&said), "{error}");
        let again = ["again", "is already"];
        let again = again.iter().any(|word| one.name.contains(word));
        if again && one.method == "POST" && one.path.split('/').count() == 7 {
            assert!(is_so_already(&error), "{}: {error}", one.name);
        }
        if matches!(status, 403 | 404 | 410 | 422 | 500) {
            assert!(!is_so_already(&error), "{}: {error}", one.name);
        }
        assert_eq!(error.is_not_found(), status == 404 && is_json, "{error}");
        read += 1;
    }
    assert!(read > 60, "only {read} read");
}
