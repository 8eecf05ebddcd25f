//! Reading answers of old and new Synapse versions: the differences that a decoder must bear.

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize};
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
