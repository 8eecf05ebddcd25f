//! JSON that is valid and still cannot be read: nested deeper than any reader goes, or with
//! numbers larger than any number here.
//!
//! Anybody in a room can send an event of 130 nested arrays, and it comes back in the middle of a
//! page of a thousand others. What is nested too deeply is cut off, everything around it stays.

/// What stands in the place of what was cut off.
pub const CUT: &str = "⋯ nested too deeply ⋯";

/// How deep the whole answer may be. serde_json reads 127 levels.
const DEEPEST: usize = 100;

/// A JSON document as far as it can be read. Makes no difference to what can be read anyhow.
pub fn tame(json: &[u8]) -> Vec<u8> {
    cut_below(json, DEEPEST)
}

fn cut_below(json: &[u8], deepest: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len());
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(&byte) = json.get(at) {
        let end = at + length_of_token(&json[at..]);
        let token = &json[at..end];
        at = end;
        let is_seen = depth <= deepest;
        match byte {
            b'[' | b'{' => {
                depth += 1;
                if depth == deepest + 1 {
                    out.extend_from_slice(quoted(CUT.as_bytes()).as_slice());
                }
                if depth <= deepest {
                    out.push(byte);
                }
            }
            b']' | b'}' => {
                if is_seen {
                    out.push(byte);
                }
                depth = depth.saturating_sub(1);
            }
            b'-' | b'0'..=b'9' if is_seen && is_too_large(token) => {
                out.extend_from_slice(quoted(token).as_slice());
            }
            _ if is_seen => out.extend_from_slice(token),
            _ => {}
        }
    }
    out
}

/// How many bytes belong together: those of a text or of a number, else one. Never 0.
fn length_of_token(json: &[u8]) -> usize {
    match json[0] {
        b'"' => {
            let mut at = 1;
            while let Some(byte) = json.get(at) {
                match byte {
                    b'"' => return at + 1,
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
            json.len()
        }
        b'-' | b'0'..=b'9' => {
            let is_number = |b: &&u8| matches!(b, b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9');
            json.iter().take_while(is_number).count()
        }
        _ => 1,
    }
}

/// Whether a number is larger than any that can be read, or within a hair of it. By its digits: to
/// parse it would bring a table of ten kilobytes into the log-in page.
fn is_too_large(number: &[u8]) -> bool {
    /// 1.8e308 is the first that is.
    const DIGITS: i64 = 308;
    let parts: Vec<&[u8]> = number.split(|b| matches!(b, b'e' | b'E')).collect();
    let whole = parts[0].split(|b| *b == b'.').next().unwrap_or_default();
    let digits = whole
        .iter()
        .skip_while(|b| matches!(b, b'-' | b'0'))
        .count() as i64;
    let exponent = match parts.get(1).and_then(|text| str::from_utf8(text).ok()) {
        None => 0,
        Some(text) => match text.trim_start_matches('+').parse::<i64>() {
            Ok(exponent) => exponent,
            Err(_) if text.starts_with('-') => 0,
            Err(_) => i64::MAX,
        },
    };
    digits.saturating_add(exponent) > DIGITS
}

fn quoted(text: &[u8]) -> Vec<u8> {
    [b"\"", text, b"\""].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn read(json: &str) -> Value {
        serde_json::from_slice(&tame(json.as_bytes())).expect("readable")
    }

    #[test]
    fn what_is_nested_too_deeply_is_cut_and_its_neighbours_stay() {
        for depth in [125, 130, 1_000, 100_000] {
            let json = format!(
                r#"{{"chunk":[{{"body":"a"}},{{"body":"b","deep":{}1{}}},{{"body":"c"}}],"end":"t7"}}"#,
                "[".repeat(depth),
                "]".repeat(depth)
            );
            let read = read(&json);
            assert_eq!(read["end"], "t7");
            assert_eq!(read["chunk"][1]["body"], "b");
            assert_eq!(read["chunk"][2], json!({"body": "c"}));
            assert!(read.to_string().contains(CUT));
        }
    }

    #[test]
    fn brackets_in_texts_are_none() {
        let json = format!(r#"{{"a":"{}\"[","b":"\\","c":[[1]]}}"#, "[".repeat(500));
        assert_eq!(tame(json.as_bytes()), json.as_bytes());
    }

    #[test]
    fn numbers_that_are_none_here_become_texts() {
        let large = "9".repeat(400);
        let read = read(&format!(r#"[1e999,-{large},12e3,123456789012345678901]"#));
        assert_eq!(read[0], "1e999");
        assert_eq!(read[1], format!("-{large}"));
        assert_eq!(read[2], 12e3);
        assert!(read[3].is_number());
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            // What is within a hair of being too large counts as too large.
            any::<f64>()
                .prop_map(|number| if number.abs() < 1e308 { number } else { 0.5 })
                .prop_map(Value::from),
            "[a-z\\[\\]{}\"\\\\é,:]{0,6}".prop_map(Value::from),
        ];
        leaf.prop_recursive(8, 64, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-z\"\\[]{0,3}", inner), 0..4)
                    .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
            ]
        })
    }

    /// The same, the simple way.
    fn pruned(value: &Value, left: usize) -> Value {
        match value {
            Value::Array(_) | Value::Object(_) if left == 0 => CUT.into(),
            Value::Array(list) => list.iter().map(|item| pruned(item, left - 1)).collect(),
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, item)| (key.clone(), pruned(item, left - 1)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    proptest! {
        #[test]
        fn it_is_the_document_down_to_a_depth(value in value(), deepest in 0_usize..9) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let cut = cut_below(text.as_bytes(), deepest);
                let read: Value = serde_json::from_slice(&cut).expect("readable");
                // Through text once more, as floats are.
                let whole: Value = serde_json::from_str(&text).expect("readable");
                prop_assert_eq!(read, pruned(&whole, deepest));
            }
        }

        #[test]
        fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = tame(&bytes);
        }

        #[test]
        fn what_can_be_read_stays_to_the_byte(value in value()) {
            let text = value.to_string();
            prop_assert_eq!(tame(text.as_bytes()), text.as_bytes());
        }
    }
}
