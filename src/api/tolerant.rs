//! Reading answers of old and new Synapse versions: the differences that a decoder must bear.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// A boolean that older versions (or SQLite) write as `0`/`1`, and that may be null.
pub fn boolean<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    struct Loose;
    impl Visitor<'_> for Loose {
        type Value = bool;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a boolean, 0 or 1, or null")
        }
        fn visit_bool<E>(self, value: bool) -> Result<bool, E> {
            Ok(value)
        }
        fn visit_u64<E: Error>(self, value: u64) -> Result<bool, E> {
            match value {
                0 => Ok(false),
                1 => Ok(true),
                other => Err(E::invalid_value(Unexpected::Unsigned(other), &self)),
            }
        }
        fn visit_i64<E: Error>(self, value: i64) -> Result<bool, E> {
            Err(E::invalid_value(Unexpected::Signed(value), &self))
        }
        fn visit_unit<E>(self) -> Result<bool, E> {
            Ok(false)
        }
    }
    from.deserialize_any(Loose)
}

/// A boolean in all these ways; `None` if it is missing or something else.
pub fn maybe<'de, D: Deserializer<'de>>(from: D) -> Result<Option<bool>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_bool().or_else(|| Some(value.as_u64()? != 0)))
}

/// A position in a list: some lists say it as a number, some as a numeric string.
pub fn position<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    struct Loose;
    impl Visitor<'_> for Loose {
        type Value = Option<u64>;
        fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
            f.write_str("a number, a numeric string or null")
        }
        fn visit_u64<E>(self, value: u64) -> Result<Option<u64>, E> {
            Ok(Some(value))
        }
        fn visit_str<E: Error>(self, value: &str) -> Result<Option<u64>, E> {
            value
                .parse()
                .map(Some)
                .map_err(|_| E::invalid_value(Unexpected::Str(value), &self))
        }
        fn visit_unit<E>(self) -> Result<Option<u64>, E> {
            Ok(None)
        }
    }
    from.deserialize_any(Loose)
}

/// A count that statistics have got wrong, a negative one for instance, is not known.
pub fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(Value::deserialize(from)?.as_u64())
}

/// A point in time that some server wrote. As text it is read; anything else counts as 1970.
pub fn moment<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text.trim().parse().map(Timestamp).unwrap_or_default(),
        value => Timestamp::deserialize(value).unwrap_or_default(),
    })
}

/// Names with yes or no. What is neither is passed over.
pub fn flags<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, bool>, D::Error> {
    let Value::Object(map) = Value::deserialize(from)? else {
        return Ok(BTreeMap::new());
    };
    let flag = |(name, value): (String, Value)| Some((name, value.as_bool()?));
    Ok(map.into_iter().filter_map(flag).collect())
}

/// Words of strangers, who may have put anything there: `None` for what is no text.
pub fn strangers_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let found = Option::<Value>::deserialize(from)?;
    Ok(found.and_then(|value| value.as_str().map(str::to_owned)))
}

/// A missing or null value becomes the default.
pub fn or_default<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// A point in time: milliseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Timestamp(pub i64);

/// Below this a timestamp can only be seconds: as milliseconds it would lie before 1974, when
/// nobody ran Matrix.
const SECONDS_BELOW: i64 = 100_000_000_000;

impl<'de> Deserialize<'de> for Timestamp {
    /// The list of users has milliseconds where the detail of a user has seconds.
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Loose;
        impl Visitor<'_> for Loose {
            type Value = Timestamp;
            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a time in milliseconds or seconds")
            }
            fn visit_i64<E>(self, value: i64) -> Result<Timestamp, E> {
                Ok(Timestamp(if (1..SECONDS_BELOW).contains(&value) {
                    value * 1000
                } else {
                    value
                }))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Timestamp, E> {
                self.visit_i64(i64::try_from(value).unwrap_or(i64::MAX))
            }
            fn visit_f64<E: Error>(self, value: f64) -> Result<Timestamp, E> {
                self.visit_i64(value as i64)
            }
        }
        from.deserialize_any(Loose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Sample {
        #[serde(default, deserialize_with = "boolean")]
        flag: bool,
        #[serde(default, deserialize_with = "position")]
        next: Option<u64>,
        #[serde(default)]
        at: Option<Timestamp>,
    }

    fn read(json: &str) -> Sample {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn booleans() {
        for (json, expected) in [("true", true), ("1", true), ("0", false), ("null", false)] {
            assert_eq!(read(&format!(r#"{{"flag":{json}}}"#)).flag, expected);
        }
        assert!(!read("{}").flag);
        assert!(serde_json::from_str::<Sample>(r#"{"flag":2}"#).is_err());
        assert!(serde_json::from_str::<Sample>(r#"{"flag":"yes"}"#).is_err());
    }

    #[test]
    fn positions() {
        assert_eq!(read(r#"{"next":"100"}"#).next, Some(100));
        assert_eq!(read(r#"{"next":100}"#).next, Some(100));
        assert_eq!(read(r#"{"next":null}"#).next, None);
        assert_eq!(read("{}").next, None);
    }

    #[test]
    fn what_others_wrote() {
        #[derive(Debug, Deserialize, PartialEq)]
        struct Written {
            #[serde(default, deserialize_with = "count")]
            members: Option<u64>,
            #[serde(default, deserialize_with = "moment")]
            at: Timestamp,
        }
        let read = |json: &str| -> Written { serde_json::from_str(json).unwrap() };
        let members = |json: &str| read(&format!(r#"{{"members":{json}}}"#)).members;
        assert_eq!(members("7"), Some(7));
        for unknown in ["-1", "1.5", "null", r#""7""#] {
            assert_eq!(members(unknown), None, "{unknown}");
        }
        let at = |json: &str| read(&format!(r#"{{"at":{json}}}"#)).at.0;
        assert_eq!(at("1700000000000"), 1_700_000_000_000);
        assert_eq!(at(r#""1700000000000""#), 1_700_000_000_000);
        for unknown in ["null", "{}", r#""soon""#, "true"] {
            assert_eq!(at(unknown), 0, "{unknown}");
        }
        assert_eq!(read("{}").at, Timestamp::default());
    }

    #[test]
    fn seconds_and_milliseconds() {
        assert_eq!(
            read(r#"{"at":1700000000}"#).at,
            Some(Timestamp(1_700_000_000_000))
        );
        assert_eq!(
            read(r#"{"at":1700000000000}"#).at,
            Some(Timestamp(1_700_000_000_000))
        );
        assert_eq!(read(r#"{"at":0}"#).at, Some(Timestamp(0)));
        assert_eq!(read(r#"{"at":null}"#).at, None);
    }
}
