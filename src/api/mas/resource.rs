//! What all of MAS' admin API has in common: things by their ID, pages of them, times.

use crate::api::Request;
use crate::api::request::{Body, Method};
use crate::api::tolerant::Timestamp;
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The ID that MAS gives: 26 characters that begin with the time, so that IDs are in the order in which
/// things were made.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ulid(String);

impl Ulid {
    /// Reads an ID; `None` if it is none. MAS refuses others with 400.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = |char: char| {
            char.is_ascii_digit() || (char.is_ascii_uppercase() && !"ILOU".contains(char))
        };
        (text.len() == 26 && text.chars().all(is_one)).then(|| Ulid(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ulid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A time as MAS says it, RFC 3339 in UTC with up to nine digits of a second, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MasTime(pub Timestamp);

impl MasTime {
    /// Reads `2026-11-30T16:09:11.123456Z`; `None` if it is none, or in another zone.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |range: std::ops::Range<usize>| -> Option<i64> {
            let digits = text.get(range)?;
            digits
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then_some(())?;
            digits.parse().ok()
        };
        let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
        let fits = separators
            .iter()
            .all(|(place, byte)| text.as_bytes().get(*place) == Some(byte));
        fits.then_some(())?;
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some(())?;
        let fraction = text.get(19..)?.strip_suffix('Z')?;
        let millis = match fraction.strip_prefix('.') {
            Some(digits) if !digits.is_empty() => {
                digits
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
                    .then_some(())?;
                format!("{digits:0<3}").get(..3)?.parse().ok()?
            }
            Some(_) => return None,
            None if fraction.is_empty() => 0,
            None => return None,
        };
        let seconds = ((days(year, month, day) * 24 + hour) * 60 + minute) * 60 + second;
        Some(MasTime(Timestamp(seconds * 1_000 + millis)))
    }
}

/// Days from 1970-01-01 to a day of the Gregorian calendar (the algorithm is Howard Hinnant's).
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

impl<'de> Deserialize<'de> for MasTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        MasTime::parse(&text).ok_or_else(|| D::Error::custom(format!("{text:?} is no time in UTC")))
    }
}

/// Something that MAS keeps, by its ID.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Resource<T> {
    pub id: Ulid,
    pub attributes: T,
}

/// One of what MAS keeps, as a request for it answers.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct One<T> {
    pub data: Resource<T>,
}

/// A page of a list, in the order in which things were made, oldest first.
///
/// Pages are asked for by the ID of what stands beside them. The cursors that MAS tells since 1.4 are those
/// IDs, but for sessions of browsers: there it tells the user's, with which a page would be passed over.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct MasPage<T> {
    #[serde(default = "Vec::new")]
    pub data: Vec<Resource<T>>,
    #[serde(default)]
    meta: PageMeta,
    #[serde(default)]
    links: PageLinks,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct PageMeta {
    #[serde(default)]
    count: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
struct PageLinks {
    #[serde(default)]
    next: Option<String>,
    #[serde(default)]
    prev: Option<String>,
}

impl<T> MasPage<T> {
    /// How many there are in all, with these filters; `None` if it was not asked for, or if MAS is older
    /// than 1.4.
    pub fn count(&self) -> Option<u64> {
        self.meta.count
    }

    /// What the next newer ones are asked for with ([`Slice::After`]); `None` if these are the newest. Of a
    /// page that was asked for from the oldest on.
    pub fn after(&self) -> Option<String> {
        self.links.next.as_ref()?;
        self.data.last().map(|one| one.id.to_string())
    }

    /// What the next older ones are asked for with ([`Slice::Before`]); `None` if these are the oldest. Of a
    /// page that was asked for from the newest on.
    pub fn before(&self) -> Option<String> {
        self.links.prev.as_ref()?;
        self.data.first().map(|one| one.id.to_string())
    }
}

/// A `DELETE` whose answer is empty.
pub(super) fn deletion(at: String) -> Request<Vec<u8>> {
    let mut request = Request::send_form(at, Body::None).idempotent();
    request.call.method = Method::Delete;
    request
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Slice {
    /// The oldest.
    First,
    /// Those made right after this cursor.
    After(String),
    /// The newest; oldest first, all the same.
    Last,
    /// Those made right before this cursor.
    Before(String),
}

/// Whether the number of all is asked for: a second query of the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    No,
    Yes,
    /// The number alone.
    Only,
}

/// A page of a list: how many, from where, and whether the number of all is told with it (since MAS 1.4;
/// an older one passes over it).
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    pub slice: Slice,
    /// MAS has no maximum.
    pub size: u32,
    pub count: Count,
}

impl Want {
    /// So many of the oldest.
    pub fn first(size: u32) -> Self {
        Want {
            slice: Slice::First,
            size,
            count: Count::No,
        }
    }

    /// So many of the newest.
    pub fn last(size: u32) -> Self {
        Want {
            slice: Slice::Last,
            size,
            count: Count::No,
        }
    }

    /// How many there are, and nothing else.
    pub fn count_only() -> Self {
        Want {
            slice: Slice::First,
            size: 1,
            count: Count::Only,
        }
    }

    /// This part of a list, with the number of all.
    pub fn counted(self) -> Self {
        Want {
            count: Count::Yes,
            ..self
        }
    }

    /// Adds it to a request.
    pub(super) fn of<T>(&self, request: Request<T>) -> Request<T> {
        let request = match &self.slice {
            Slice::First => request.query("page[first]", self.size),
            Slice::After(cursor) => request
                .query("page[first]", self.size)
                .query("page[after]", cursor),
            Slice::Last => request.query("page[last]", self.size),
            Slice::Before(cursor) => request
                .query("page[last]", self.size)
                .query("page[before]", cursor),
        };
        request.query(
            "count",
            match self.count {
                Count::No => "false",
                Count::Yes => "true",
                Count::Only => "only",
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_to_the_millisecond() {
        let at = |text| MasTime::parse(text).map(|moment| moment.0.0);
        assert_eq!(at("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(at("2026-11-30T16:09:11Z"), Some(1_796_054_951_000));
        assert_eq!(at("2026-11-30T16:09:11.1Z"), Some(1_796_054_951_100));
        assert_eq!(
            at("2024-02-29T23:59:59.999999999Z"),
            Some(1_709_251_199_999)
        );
        assert_eq!(at("1969-12-31T23:59:59.5Z"), Some(-500));
        for no in [
            "",
            "2026-11-30",
            "2026-11-30T16:09:11",
            "2026-11-30T16:09:11.Z",
            "2026-11-30T16:09:11+01:00",
            "2026-13-30T16:09:11Z",
            "2026-11-30 16:09:11Z",
            "2026-11-30T16:09:1é",
        ] {
            assert_eq!(at(no), None, "{no}");
        }
    }

    #[test]
    fn an_id_is_26_characters_of_its_alphabet() {
        assert!(Ulid::parse("01JSTANDN00000000000000001").is_some());
        assert!(Ulid::parse("01JSTANDN0000000000000001").is_none());
        assert!(Ulid::parse("01JSTANDI00000000000000001").is_none());
        assert!(Ulid::parse("01jstandn00000000000000001").is_none());
    }

    #[test]
    fn a_page_tells_where_the_next_begins() {
        let page = |json: &str| serde_json::from_str::<MasPage<()>>(json).unwrap();
        // The cursor is told, and is wrong for some: see above.
        let forwards = page(
            r#"{"meta":{"count":3},"data":[{"id":"a","attributes":null,"meta":{"page":{"cursor":"u"}}},
            {"id":"b","attributes":null,"meta":{"page":{"cursor":"u"}}}],"links":{"next":"/x"}}"#,
        );
        assert_eq!(forwards.count(), Some(3));
        assert_eq!(forwards.after().as_deref(), Some("b"));
        assert_eq!(forwards.before(), None);
        let backwards = page(r#"{"data":[{"id":"a","attributes":null}],"links":{"prev":"/x"}}"#);
        assert_eq!(backwards.before().as_deref(), Some("a"));
        assert_eq!(backwards.after(), None);
        // The number alone comes without things.
        let number = page(r#"{"meta":{"count":7},"links":{"self":"/x"}}"#);
        assert_eq!((number.count(), number.data.len()), (Some(7), 0));
    }
}
