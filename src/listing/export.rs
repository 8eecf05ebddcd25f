//! Rows as JSON files.

use serde_json::{Map, Value};

/// Rows as one JSON array of objects.
pub fn json(header: &[&str], rows: &[Vec<String>]) -> String {
    let array = rows
        .iter()
        .map(|row| {
            let object: Map<String, Value> = header
                .iter()
                .zip(row)
                .map(|(name, value)| ((*name).to_owned(), Value::from(value.as_str())))
                .collect();
            Value::Object(object)
        })
        .collect();
    // An array of texts always serialises.
    serde_json::to_string_pretty(&Value::Array(array)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_an_object_per_row() {
        let text = json(&["id", "name"], &[vec!["1".into(), "\"x\"".into()]]);
        let back: Value = serde_json::from_str(&text).expect("valid");
        assert_eq!(back[0]["name"], "\"x\"");
    }
}
