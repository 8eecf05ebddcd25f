//! As much of JSON schema as MAS describes requests with. What is not understood does not hold.

use crate::api::mas::{MasTime, Ulid};
use serde_json::Value;

/// Holds a value against a schema of the document `all`.
///
/// # Errors
/// Where it does not fit, and why.
pub(super) fn fits(all: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let rules = schema.as_object().ok_or("the schema is no object")?;
    for (rule, wants) in rules {
        let list = || wants.as_array().into_iter().flatten();
        let holds = match rule.as_str() {
            "$ref" => {
                let place = wants.as_str().and_then(|place| place.strip_prefix('#'));
                let schema = place.and_then(|place| all.pointer(place));
                let schema = schema.ok_or_else(|| format!("there is no {wants}"))?;
                fits(all, schema, value)?;
                true
            }
            "allOf" => list().all(|one| fits(all, one, value).is_ok()),
            "oneOf" => list().filter(|one| fits(all, one, value).is_ok()).count() == 1,
            "type" if wants.is_array() => list().any(|one| is_a(one, value)),
            "type" => is_a(wants, value),
            "enum" => list().any(|one| one == value),
            "required" => list().all(|name| value.get(name.as_str().unwrap()).is_some()),
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    let schema = wants.get(name);
                    let schema = schema.ok_or_else(|| format!("{name} is not described"))?;
                    fits(all, schema, value).map_err(|error| format!("{name}: {error}"))?;
                }
                true
            }
            "items" => {
                let mut items = value.as_array().into_iter().flatten();
                items.all(|one| fits(all, wants, one).is_ok())
            }
            "minimum" => value.is_null() || value.as_f64() >= wants.as_f64(),
            // There is one, that of IDs.
            "pattern" => value
                .as_str()
                .is_some_and(|text| Ulid::parse(text).is_some()),
            "format" => match (wants.as_str(), value.as_str()) {
                (Some("date-time"), Some(text)) => MasTime::parse(text).is_some(),
                _ => true,
            },
            "description" | "title" | "example" | "default" => true,
            _ => return Err(format!("nobody here knows the rule {rule}")),
        };
        if !holds {
            return Err(format!("{value} against “{rule}”: {wants}"));
        }
    }
    Ok(())
}

fn is_a(kind: &Value, value: &Value) -> bool {
    match kind.as_str() {
        Some("null") => value.is_null(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_u64() || value.is_i64(),
        Some("string") => value.is_string(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        _ => false,
    }
}

/// Holds the text of a query parameter against its schema.
///
/// # Errors
/// Where it does not fit, and why.
pub(super) fn text_fits(all: &Value, schema: &Value, text: &str) -> Result<(), String> {
    let value = match schema["type"].as_str() {
        Some("boolean" | "integer") => serde_json::from_str(text).unwrap_or(Value::Null),
        Some("array") => Value::Array(vec![text.into()]),
        _ => text.into(),
    };
    fits(all, schema, &value)
}

mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_said() {
        let all = json!({"id": {"type": "string", "pattern": "^…$"}});
        let schema = json!({
            "type": "object",
            "properties": {
                "id": {"allOf": [{"$ref": "#/id"}]},
                "limit": {"type": ["integer", "null"], "minimum": 1, "format": "uint32"},
                "ends": {"type": "string", "format": "date-time"},
                "kind": {"oneOf": [{"enum": ["a"]}, {"enum": ["b"]}]},
                "all": {"type": "array", "items": {"type": "boolean"}},
                "odd": {"multipleOf": 2},
            },
            "required": ["id"],
        });
        let id = "01JSTANDN00000000000000001";
        let good = json!({
            "id": id, "limit": 1, "ends": "2026-11-30T00:00:00Z", "kind": "b", "all": [true],
        });
        assert_eq!(fits(&all, &schema, &good), Ok(()));
        assert_eq!(
            fits(&all, &schema, &json!({"id": id, "limit": null})),
            Ok(())
        );
        for bad in [
            json!({}),
            json!("text"),
            json!({"id": "1"}),
            json!({"id": id, "limit": 0}),
            json!({"id": id, "limit": 1.5}),
            json!({"id": id, "ends": "tomorrow"}),
            json!({"id": id, "kind": "c"}),
            json!({"id": id, "all": [1]}),
            json!({"id": id, "odd": 2}),
            json!({"id": id, "more": 2}),
        ] {
            assert!(fits(&all, &schema, &bad).is_err(), "{bad}");
        }
        let boolean = json!({"type": "boolean"});
        assert!(text_fits(&all, &boolean, "true").is_ok());
        assert!(text_fits(&all, &boolean, "yes").is_err());
        let list = json!({"type": "array", "items": {"$ref": "#/id"}});
        assert!(text_fits(&all, &list, id).is_ok());
        assert!(text_fits(&all, &list, "1").is_err());
    }
}
