//! MAS' own description of its admin API, which judges the stand-in's answers while it gives them, and
//! what the panel asks: a path, a query or a body that MAS does not describe fails whoever asked.
//!
//! The document is MAS' own text and not ours to hand on: it lies beside the repository, where there
//! is one. Where it is missing nothing is judged; the tests say so.

use super::front::{Asked, pairs};
use crate::root;
use anyhow::{Context, Result};
use serde_json::Value;
use std::path::Path;

/// Where it lies, seen from the repository.
const DOCUMENT: &str = "../shared/reference/mas-openapi.json";

/// What MAS answers without describing it, as was seen of a real one: to requests without a token, and
/// with one that is no good. The body is the one that all errors have.
const NOT_DESCRIBED: [u16; 2] = [400, 401];

/// What it answers without describing it at single places: the method, the end of the path's template,
/// the status.
const NOT_DESCRIBED_THERE: [(&str, &str, u16); 7] = [
    // Synapse is asked, and does not answer.
    ("post", "/users", 500),
    ("post", "/users/{id}/reactivate", 500),
    // The token is there already, or its limit is not one that a database keeps.
    ("post", "/user-registration-tokens", 409),
    ("post", "/user-registration-tokens", 500),
    // Who is to act is deactivated.
    ("post", "/personal-sessions", 410),
    // It belongs to somebody else, or is revoked.
    ("post", "/personal-sessions/{id}/regenerate", 403),
    ("post", "/personal-sessions/{id}/regenerate", 422),
];

/// The document.
pub struct Described(Value);

impl Described {
    /// The document beside the repository, if it is there.
    ///
    /// # Errors
    /// When it is there and cannot be read.
    pub fn beside_the_repository() -> Result<Option<Described>> {
        Described::at(&root().join(DOCUMENT))
    }

    fn at(path: &Path) -> Result<Option<Described>> {
        let Ok(text) = std::fs::read_to_string(path) else {
            return Ok(None);
        };
        let document = serde_json::from_str(&text)
            .with_context(|| format!("{} is no JSON.", path.display()))?;
        Ok(Some(Described(document)))
    }

    /// Holds a request and its answer against the document.
    ///
    /// # Errors
    /// What MAS would not have asked or answered like that.
    pub(super) fn judge(
        &self,
        asked: &Asked,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) -> Result<(), String> {
        let method = asked.head.method.as_str();
        let what = format!("{method} {}", asked.path());
        self.compare(asked, status, content_type, body)
            .map_err(|why| format!("{what} → {status}: {why}"))
    }

    /// Holds a request alone against the document.
    ///
    /// # Errors
    /// What MAS would not understand.
    pub(super) fn judge_request(&self, asked: &Asked) -> Result<(), String> {
        let why = self.request(asked).err();
        let method = asked.head.method.as_str();
        match why {
            Some(why) => Err(format!("{method} {}: {why}", asked.path())),
            None => Ok(()),
        }
    }

    /// The template of the path, and what can be done there by this request.
    fn request(&self, asked: &Asked) -> Result<(&str, &Value), String> {
        let method = asked.head.method.as_str().to_ascii_lowercase();
        let Some((template, operation)) = self.operation(&method, asked.path()) else {
            return Err("MAS describes no such path.".into());
        };
        let asks = pairs(asked.head.uri.query().unwrap_or_default());
        for (name, _) in &asks {
            if !parameters(operation).any(|known| known == name) {
                return Err(format!(
                    "MAS describes no parameter {name}, and ignores it."
                ));
            }
        }
        let taken = &operation["requestBody"]["content"]["application/json"]["schema"];
        if !taken.is_null() && !asked.body.is_empty() {
            let sent = serde_json::from_slice(&asked.body)
                .map_err(|error| format!("what is sent is no JSON: {error}"))?;
            self.fits(taken, &sent, "what is sent")?;
        }
        Ok((template, operation))
    }

    fn compare(
        &self,
        asked: &Asked,
        status: u16,
        content_type: &str,
        body: &[u8],
    ) -> Result<(), String> {
        let method = asked.head.method.as_str().to_ascii_lowercase();
        let (template, operation) = self.request(asked)?;
        let described = &operation["responses"][status.to_string()];
        let mut places = NOT_DESCRIBED_THERE.iter();
        let there =
            places.any(|(of, end, is)| *of == method && template.ends_with(end) && *is == status);
        let schema = match described {
            Value::Null if there || NOT_DESCRIBED.contains(&status) => {
                &self.0["components"]["schemas"]["ErrorResponse"]
            }
            Value::Null => return Err("MAS describes no such status there.".into()),
            described if described["content"].is_null() => {
                return match body.is_empty() {
                    true => Ok(()),
                    false => Err("MAS sends no body there.".into()),
                };
            }
            described => &described["content"]["application/json"]["schema"],
        };
        if content_type != "application/json" {
            return Err(format!("MAS answers JSON there, and no {content_type}."));
        }
        let told = serde_json::from_slice(body).map_err(|error| format!("no JSON: {error}"))?;
        self.fits(schema, &told, "the answer")
    }

    /// What can be done at a path; the one without placeholders goes first.
    fn operation(&self, method: &str, path: &str) -> Option<(&str, &Value)> {
        let paths = self.0["paths"].as_object()?;
        let fitting = paths.iter().filter(|(template, _)| is_of(template, path));
        let (template, at) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
        Some((template.as_str(), at.get(method)?))
    }

    /// Holds a value against a schema. `at` names the value.
    fn fits(&self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        let Some(rules) = schema.as_object() else {
            return Err(format!("{at}: the schema is no object"));
        };
        for (rule, wants) in rules {
            self.keeps(rule, wants, value, at)?;
        }
        Ok(())
    }

    fn keeps(&self, rule: &str, wants: &Value, value: &Value, at: &str) -> Result<(), String> {
        let all = || wants.as_array().into_iter().flatten();
        let fitting = || {
            all()
                .filter(|one| self.fits(one, value, at).is_ok())
                .count()
        };
        let kept = match rule {
            "$ref" => {
                let place = wants.as_str().and_then(|place| place.strip_prefix('#'));
                let schema = place.and_then(|place| self.0.pointer(place));
                return match schema {
                    Some(schema) => self.fits(schema, value, at),
                    None => Err(format!("{at}: there is no {wants}")),
                };
            }
            "allOf" => return all().try_for_each(|one| self.fits(one, value, at)),
            "anyOf" => fitting() > 0,
            "oneOf" => fitting() == 1,
            "type" => match wants {
                Value::Array(_) => all().any(|one| is_a(one, value)),
                one => is_a(one, value),
            },
            "enum" => all().any(|one| one == value),
            "required" => match value {
                Value::Object(fields) => {
                    let missing = all().find(|name| !fields.contains_key(text(name)));
                    return match missing {
                        Some(name) => Err(format!("{at} lacks {name}")),
                        None => Ok(()),
                    };
                }
                _ => true,
            },
            "properties" => {
                let known = wants.as_object().into_iter().flatten();
                for (name, schema) in known {
                    if let Some(value) = value.get(name) {
                        self.fits(schema, value, &format!("{at}.{name}"))?;
                    }
                }
                // MAS sends no field that it does not describe.
                let unknown = |name: &&String| wants.get(name.as_str()).is_none();
                let fields = value.as_object().into_iter().flat_map(|all| all.keys());
                return match fields.into_iter().find(unknown) {
                    Some(name) => Err(format!("{at}.{name} is not described")),
                    None => Ok(()),
                };
            }
            "items" => {
                let mut items = value.as_array().into_iter().flatten();
                return items.try_for_each(|item| self.fits(wants, item, &format!("{at}[]")));
            }
            "minimum" => value.as_f64() >= wants.as_f64() || !value.is_number(),
            "maximum" => value.as_f64() <= wants.as_f64() || !value.is_number(),
            "pattern" => value
                .as_str()
                .is_none_or(|value| is_like(text(wants), value)),
            "format" => value
                .as_str()
                .is_none_or(|value| is_written_as(text(wants), value)),
            "description" | "title" | "example" | "default" | "deprecated" => true,
            // What is not understood must not look as if it held.
            _ => return Err(format!("{at}: nobody here knows the rule {rule}")),
        };
        match kept {
            true => Ok(()),
            false => Err(format!("{at} is {value}, against “{rule}”: {wants}")),
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The names of an operation's query parameters.
fn parameters(operation: &Value) -> impl Iterator<Item = &str> {
    let all = operation["parameters"].as_array().into_iter().flatten();
    all.filter(|one| one["in"] == "query")
        .map(|one| text(&one["name"]))
}

/// Whether an address is one of a path with placeholders.
fn is_of(template: &str, path: &str) -> bool {
    let (mut wants, mut has) = (template.split('/'), path.split('/'));
    loop {
        match (wants.next(), has.next()) {
            (None, None) => return true,
            (Some(want), Some(has)) if want == has => {}
            (Some(want), Some(has)) if want.starts_with('{') && !has.is_empty() => {}
            _ => return false,
        }
    }
}

fn is_a(kind: &Value, value: &Value) -> bool {
    match text(kind) {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => false,
    }
}

/// The patterns of the document are of one shape: `^[…]+$` or `^[…]{n}$`.
fn is_like(pattern: &str, value: &str) -> bool {
    let parts = pattern
        .strip_prefix("^[")
        .and_then(|rest| rest.strip_suffix('$')?.rsplit_once(']'));
    let Some((class, count)) = parts else {
        return false;
    };
    let length = value.chars().count();
    let long_enough = match count
        .strip_prefix('{')
        .and_then(|rest| rest.strip_suffix('}'))
    {
        Some(number) => number.parse() == Ok(length),
        None => count == "+" && length > 0,
    };
    long_enough && value.chars().all(|letter| is_in(class, letter))
}

/// Whether a letter is in a class of letters and ranges.
fn is_in(class: &str, letter: char) -> bool {
    let all: Vec<char> = class.chars().collect();
    let mut at = 0;
    while at < all.len() {
        let (first, last, next) = match all.get(at + 1..at + 3) {
            Some(['-', last]) => (all[at], *last, at + 3),
            _ => (all[at], all[at], at + 1),
        };
        if (first..=last).contains(&letter) {
            return true;
        }
        at = next;
    }
    false
}

/// The formats that are more than a hint to readers.
fn is_written_as(format: &str, value: &str) -> bool {
    match format {
        // RFC 3339 in UTC: 2026-01-01T00:00:00Z, perhaps with a fraction.
        "date-time" => {
            let shape: String = value
                .chars()
                .map(|letter| if letter.is_ascii_digit() { '0' } else { letter })
                .collect();
            let fraction = shape
                .strip_prefix("0000-00-00T00:00:00")
                .and_then(|rest| rest.strip_suffix('Z'));
            fraction.is_some_and(|rest| rest.is_empty() || rest.starts_with(".0"))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;
    use hyper::body::Bytes;
    use serde_json::json;

    fn asked(method: &str, target: &str, body: &str) -> Asked {
        let request = Request::builder().method(method).uri(target).body(());
        let (head, ()) = request.unwrap().into_parts();
        Asked {
            head,
            body: Bytes::from(body.to_owned()),
        }
    }

    /// A document with one of each kind of rule.
    fn small() -> Described {
        let user = json!({
            "type": "object",
            "properties": {
                "id": {"type": "string", "pattern": "^[0123456789ABC]{4}$"},
                "made_at": {"type": ["string", "null"], "format": "date-time"},
                "admin": {"type": "boolean"},
                "score": {"type": "integer", "minimum": 0, "maximum": 4},
                "state": {"enum": ["on", "off"]},
            },
            "required": ["id", "admin"],
        });
        let error = json!({
            "type": "object",
            "properties": {"errors": {"type": "array", "items": {"type": "object"}}},
            "required": ["errors"],
        });
        let of = |schema: &str| json!({"$ref": format!("#/components/schemas/{schema}")});
        let told = json!({"content": {"application/json": {"schema": {"allOf": [of("User")]}}}});
        Described(json!({
            "components": {"schemas": {"User": user, "ErrorResponse": error}},
            "paths": {
                "/users/{id}": {
                    "get": {
                        "parameters": [{"in": "query", "name": "count", "schema": {}}],
                        "responses": {"200": told},
                    },
                    "post": {
                        "requestBody": {"content": {"application/json": {"schema": of("User")}}},
                        "responses": {"204": {}},
                    },
                },
            },
        }))
    }

    fn judged(method: &str, target: &str, sent: &str, status: u16, told: &str) -> String {
        let asked = asked(method, target, sent);
        let judged = small().judge(&asked, status, "application/json", told.as_bytes());
        judged.err().unwrap_or_default()
    }

    #[test]
    fn what_is_not_described_is_said() {
        let good = r#"{"id":"0AB1","made_at":"2026-01-01T00:00:00.5Z","admin":true,"score":4}"#;
        let get = |told: &str| judged("GET", "/users/1", "", 200, told);
        assert_eq!(get(good), "");
        assert_eq!(get(r#"{"id":"0AB1","made_at":null,"admin":false}"#), "");
        for (from, to) in [
            ("0AB1", "0ab1"),
            ("0AB1", "0AB"),
            ("00.5Z", "00.5"),
            ("true", "\"true\""),
            (":4", ":5"),
            (":4", ":0.5"),
            ("\"admin\"", "\"is_admin\""),
            ("\"score\":4", "\"state\":\"gone\""),
            ("{", "{\"more\":1,"),
            ("{", "["),
        ] {
            let told = good.replacen(from, to, 1);
            assert_ne!(get(&told), "", "{told}");
        }
        for (method, target, sent, status, told) in [
            ("GET", "/users", "", 200, good),
            ("GET", "/users/1/x", "", 200, good),
            ("PUT", "/users/1", "", 200, good),
            ("GET", "/users/1?first=1", "", 200, good),
            ("GET", "/users/1", "", 201, good),
            ("GET", "/users/1", "", 401, good),
            ("POST", "/users/1", "{}", 204, ""),
            ("POST", "/users/1", good, 204, "{}"),
        ] {
            let said = judged(method, target, sent, status, told);
            assert!(said.contains(" → "), "{method} {target} {status}: {said}");
        }
        for (method, target, sent, status, told) in [
            ("GET", "/users/1?count=only", "", 200, good),
            ("GET", "/users/1", "", 401, r#"{"errors":[{"title":"x"}]}"#),
            ("POST", "/users/1", good, 204, ""),
        ] {
            assert_eq!(judged(method, target, sent, status, told), "");
        }
        let html = small().judge(&asked("GET", "/users/1", ""), 404, "text/html", b"<p>");
        assert!(html.is_err());
    }

    #[test]
    fn rules_that_nobody_knows_do_not_hold() {
        let unknown = small().fits(&json!({"multipleOf": 2}), &json!(3), "it");
        assert!(unknown.unwrap_err().contains("multipleOf"));
    }

    /// All 97 example answers of MAS' own document fit its schemas, as this reads them.
    #[test]
    fn the_examples_of_mas_itself_fit() {
        let Some(described) = Described::beside_the_repository().unwrap() else {
            eprintln!("Left out: MAS' description of its admin API is not beside the repository.");
            return;
        };
        let mut compared = 0;
        let paths = described.0["paths"].as_object().unwrap();
        let operations = paths.values().flat_map(|at| at.as_object().unwrap());
        for (name, operation) in operations {
            let answers = operation["responses"].as_object().into_iter().flatten();
            for (status, answer) in answers {
                let told = &answer["content"]["application/json"];
                if told["example"].is_null() {
                    continue;
                }
                let at = format!("{name} {} {status}", operation["operationId"]);
                let fits = described.fits(&told["schema"], &told["example"], &at);
                assert_eq!(fits, Ok(()));
                compared += 1;
            }
        }
        assert!(compared > 80, "only {compared} compared");
    }
}
