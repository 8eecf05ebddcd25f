//! Which files are looked at, as it stands in the address.

use super::class::{AGES, Class, SIZES, UNUSED};
use crate::api::UserId;
use crate::api::tolerant::Timestamp;
use crate::listing::ListQuery;
use std::collections::HashSet;
use std::rc::Rc;

/// A day in milliseconds.
pub const DAY_MS: i64 = 86_400_000;

/// The filters, as the address names them.
pub mod filter {
    pub const OWNER: &str = "owner";
    pub const CLASS: &str = "kind";
    /// The lower bound of a class of age, in days.
    pub const AGE: &str = "age";
    /// Not used for so many days, and neither quarantined nor protected.
    pub const UNUSED: &str = "unused";
    /// The lower bound of a class of size, in bytes.
    pub const SIZE: &str = "bytes";
    /// A month, `2026-11`, or [`super::EARLIER`].
    pub const MONTH: &str = "uploaded";
    /// Larger than a size as somebody types it, `10 MiB`.
    pub const LARGER: &str = "larger";
    /// Last used before a day, `2026-11-23`.
    pub const BEFORE: &str = "before";
    pub const QUARANTINED: &str = "quarantined";
    pub const PROTECTED: &str = "protected";
    /// A room ID: only what its messages have.
    pub const ROOM: &str = "room";
}

/// The value of the month filter for what was uploaded before the first of them.
pub const EARLIER: &str = "earlier";

/// The moments that ages and months are counted from.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    pub now: Timestamp,
    /// The last months, oldest first: their names, `2026-11`, and when they began.
    pub months: Vec<(String, Timestamp)>,
}

impl Moments {
    /// The place of the month that a moment is in, counting from 1; 0 for earlier ones.
    pub fn month(&self, at: Timestamp) -> usize {
        self.months.partition_point(|(_, start)| *start <= at)
    }

    /// The moment so many days ago.
    pub fn days_ago(&self, days: i64) -> Timestamp {
        Timestamp(self.now.0 - days * DAY_MS)
    }
}

/// A condition on the time of the last use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Age {
    /// In this class, by its place in [`AGES`].
    Class(usize),
    /// What a deletion of all that was not used for so many days would hit, profile images
    /// included.
    Unused(i64),
}

/// Which files are looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    /// What name, ID, type or owner contain, in lower case, as
    /// [`Search`](crate::listing::Search) describes.
    pub search: String,
    pub owner: Option<UserId>,
    pub class: Option<Class>,
    pub age: Option<Age>,
    /// The place of a class in [`SIZES`].
    pub size: Option<usize>,
    /// Only larger ones, in bytes.
    pub larger: Option<u64>,
    /// Only those last used before this.
    pub before: Option<Timestamp>,
    /// A month, or [`EARLIER`].
    pub month: Option<String>,
    pub quarantined: Option<bool>,
    pub protected: Option<bool>,
    /// Only these media IDs: those that a room has.
    pub only: Option<Rc<HashSet<String>>>,
}

impl Question {
    /// The question that stands in the address, but for what needs a language, a time zone or the
    /// server: [`Question::larger`], [`Question::before`], [`Question::only`]. What cannot be is left
    /// out.
    pub fn of(query: &ListQuery) -> Self {
        let place = |name, bounds: &[i64]| {
            let bound: i64 = query.get(name)?.parse().ok()?;
            bounds.iter().position(|found| *found == bound)
        };
        let unused = place(filter::UNUSED, &UNUSED).map(|place| Age::Unused(UNUSED[place]));
        let class = place(filter::AGE, &AGES).map(Age::Class);
        let sizes = SIZES.map(|size| size as i64);
        Question {
            search: query.search.trim().to_lowercase(),
            owner: query.get(filter::OWNER).and_then(UserId::parse),
            class: query.get(filter::CLASS).and_then(Class::of_key),
            age: unused.or(class),
            size: place(filter::SIZE, &sizes),
            larger: None,
            before: None,
            month: query.get(filter::MONTH).map(str::to_owned),
            quarantined: query.boolean(filter::QUARANTINED),
            protected: query.boolean(filter::PROTECTED),
            only: None,
        }
    }

    /// Whether it leaves anything out but by owner.
    pub fn is_open(&self) -> bool {
        let others = Question {
            owner: self.owner.clone(),
            ..Default::default()
        };
        *self == others
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listing::Defaults;

    fn of(query: &str) -> Question {
        Question::of(&ListQuery::parse(query, &Defaults::default()))
    }

    #[test]
    fn read_from_the_address() {
        let question =
            of("owner=@a:b.org&kind=video&unused=90&bytes=1048576&uploaded=2026-11&q=Cat");
        assert_eq!(question.owner, UserId::parse("@a:b.org"));
        assert_eq!(question.class, Some(Class::Video));
        assert_eq!(question.age, Some(Age::Unused(90)));
        assert_eq!(question.size, Some(2));
        assert_eq!(question.month.as_deref(), Some("2026-11"));
        assert_eq!(question.search, "cat");
        assert!(!question.is_open());
        assert_eq!(of("age=730").age, Some(Age::Class(6)));
        assert!(of("owner=@a:b.org&page=2").is_open());
    }

    #[test]
    fn nonsense_is_left_out() {
        assert_eq!(of("owner=a&kind=x&unused=17&age=x&bytes=5"), of(""));
    }

    #[test]
    fn months() {
        let moments = Moments {
            now: Timestamp(100),
            months: vec![("a".into(), Timestamp(10)), ("b".into(), Timestamp(20))],
        };
        assert_eq!(
            [9, 10, 19, 20, 99].map(|at| moments.month(Timestamp(at))),
            [0, 1, 1, 2, 2]
        );
    }
}
