//! The files of `locales/`, compared: what a language lacks, and what is wrong with it.
//!
//! Used by `build.rs`, which makes the functions of `t`, and by `cargo xtask translations`.

use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// The language that is always complete: its keys are the catalogue.
pub const REFERENCE: &str = "en";

/// Why a sentence is said in English in another language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InEnglish {
    /// Its file does not have the key.
    Missing,
    /// Its file has the key, but not as the English sentence needs it: what is wrong.
    Unusable(String),
}

/// A sentence that a language does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The place of the key in the catalogue.
    pub index: usize,
    pub key: String,
    pub lack: InEnglish,
}

/// The sentences of the catalogue that a language does not say, in the order of the catalogue.
pub fn gaps(language: &Map<String, Value>, reference: &Map<String, Value>) -> Vec<Gap> {
    let lacks = reference.iter().enumerate().map(|(index, (key, text))| {
        let lack = match language.get(key) {
            None => InEnglish::Missing,
            Some(translated) => InEnglish::Unusable(problem(text, translated)?),
        };
        Some(Gap {
            index,
            key: key.clone(),
            lack,
        })
    });
    lacks.flatten().collect()
}

/// Why a translation cannot be taken for a text, if so.
fn problem(text: &Value, translated: &Value) -> Option<String> {
    let is_complete = |(form, _): &(String, String)| form.is_empty() || form == "other";
    if !forms(translated).iter().any(is_complete) {
        return Some("is neither a text nor plural forms with \"other\"".to_owned());
    }
    if text.is_object() != translated.is_object() {
        return Some(format!(
            "has plural forms only in one of it and {REFERENCE}"
        ));
    }
    let (wanted, found) = (placeholders(text), placeholders(translated));
    (wanted != found).then(|| format!("has the placeholders {found:?}, not {wanted:?}"))
}

/// What must not be in a file of a language at all, because the app reads it by position: keys
/// that are not in alphabetical order, or not in the catalogue.
pub fn disorder(
    name: &str,
    language: &Map<String, Value>,
    reference: &Map<String, Value>,
) -> Vec<String> {
    let mut problems = Vec::new();
    for pair in language.keys().collect::<Vec<_>>().windows(2) {
        if pair[0] >= pair[1] {
            problems.push(format!(
                "{name}.json: \"{}\" must stand before \"{}\"",
                pair[1], pair[0]
            ));
        }
    }
    for key in language.keys().filter(|key| !reference.contains_key(*key)) {
        problems.push(format!("{name}.json: \"{key}\" is not in {REFERENCE}.json"));
    }
    problems
}

/// The plural forms of a text by their names in CLDR; a plain text is one form without a name.
pub fn forms(text: &Value) -> Vec<(String, String)> {
    match text {
        Value::String(text) => vec![(String::new(), text.clone())],
        Value::Object(forms) => forms
            .iter()
            .filter_map(|(form, text)| Some((form.clone(), text.as_str()?.to_owned())))
            .collect(),
        _ => Vec::new(),
    }
}

/// The names in braces, over all plural forms; `count` always belongs to plural forms.
pub fn placeholders(text: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in forms(text) {
        let mut rest = text.as_str();
        while let Some((_, after)) = rest.split_once('{') {
            let Some((name, after)) = after.split_once('}') else {
                break;
            };
            names.insert(name.to_owned());
            rest = after;
        }
    }
    if text.is_object() {
        names.insert("count".to_owned());
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn what_a_language_lacks_is_listed_with_its_reason() {
        let english = map(json!({
            "a": "A", "b": "B {x}", "c": {"one": "{count} c", "other": "{count} cs"}, "d": "D",
        }));
        let complete = map(json!({
            "a": "Ä", "b": "{x} B", "c": {"other": "{count} C"}, "d": "D",
        }));
        assert_eq!(gaps(&complete, &english), []);
        let partly = map(json!({"a": "Ä", "b": "B {y}", "c": "C"}));
        let found = gaps(&partly, &english);
        let places: Vec<(usize, &str)> = found.iter().map(|gap| (gap.index, &*gap.key)).collect();
        assert_eq!(places, [(1, "b"), (2, "c"), (3, "d")]);
        assert!(matches!(&found[0].lack, InEnglish::Unusable(why) if why.contains("\"y\"")));
        assert!(matches!(&found[1].lack, InEnglish::Unusable(why) if why.contains("plural")));
        assert_eq!(found[2].lack, InEnglish::Missing);
        let wrong = map(json!({"a": 1, "b": "{x}", "c": {"one": "x"}, "d": "D"}));
        assert_eq!(gaps(&wrong, &english).len(), 2);
    }

    #[test]
    fn what_english_does_not_have_is_refused() {
        let english = map(json!({"a": "A"}));
        let more = map(json!({"a": "A", "z": "Z"}));
        assert_eq!(
            disorder("de", &more, &english),
            ["de.json: \"z\" is not in en.json"]
        );
    }
}
