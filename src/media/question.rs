//! Which files are looked at, as it stands in the address.

use super::class::{AGES, Class, SIZE_KEYS, SIZES, UNUSED};
use super::of_rooms::{FilesOfRoom, MediaIds};
use crate::api::server::Feature;
use crate::api::tolerant::Timestamp;
use crate::api::{RoomId, UserId};
use crate::listing::ListQuery;
use crate::listing::needs::{Need, Needs};

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
    /// Types that are left out, with commas between them: `image,encrypted`.
    pub const WITHOUT_CLASSES: &str = "without";
    /// IDs of rooms of which the messages' files are left out, with spaces between them.
    pub const WITHOUT_ROOMS: &str = "without_rooms";
    /// Whether it is handed out to whoever is not signed in.
    pub const OPEN: &str = "anonymous";
}

/// What the list of files can be asked of servers only that tell it: older ones know no files that
/// need a token.
pub const NEEDS: Needs = Needs(&[Need {
    feature: Feature::AuthenticatedMedia,
    filters: &[filter::OPEN],
    orders: &[],
    columns: &[],
}]);

/// How many months are told apart.
pub const MONTHS: i32 = 12;

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
    /// Both.
    ClassUnused(usize, i64),
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
    /// Whether whoever is not signed in gets it.
    pub open: Option<bool>,
    /// Only these media IDs: those that a room has.
    pub only: Option<MediaIds>,
    /// Not those of these classes.
    pub without: Vec<Class>,
    /// Not these media IDs: those that some rooms have, room by room.
    pub without_ids: Vec<MediaIds>,
    /// Rooms that are to be left out and that the server does not know: what they had nobody can tell.
    pub unknown_rooms: Vec<RoomId>,
    /// Whether it has a condition that is not understood, or not known yet. It finds nothing, rather
    /// than what that condition was to leave out.
    pub is_unclear: bool,
    /// Whether the files of a room that it names have not been asked for yet: how much it finds nobody knows.
    pub is_waiting: bool,
}

impl Question {
    /// The question that stands in the address, but for what needs a language, a time zone or the
    /// server: [`Question::larger`], [`Question::before`], [`Question::only`],
    /// [`Question::without_ids`].
    pub fn of(query: &ListQuery) -> Self {
        let mut question = Question {
            search: query.search.trim().to_lowercase(),
            month: query.get(filter::MONTH).map(str::to_owned),
            ..Default::default()
        };
        let is_understood = question.read(query).is_some();
        question.is_unclear = !is_understood;
        question
    }

    /// Takes in the conditions; `None` at the first that cannot be.
    fn read(&mut self, query: &ListQuery) -> Option<()> {
        let place = |name, bounds: &[i64]| {
            understood(query.get(name), |text| {
                let bound: i64 = text.parse().ok()?;
                bounds.iter().position(|found| *found == bound)
            })
        };
        let flag = |name| understood(query.get(name), |_| query.boolean(name));
        let unused = place(filter::UNUSED, &UNUSED)?.map(|place| UNUSED[place]);
        self.age = match (place(filter::AGE, &AGES)?, unused) {
            (Some(class), Some(days)) => Some(Age::ClassUnused(class, days)),
            (class, days) => class.map(Age::Class).or(days.map(Age::Unused)),
        };
        self.owner = understood(query.get(filter::OWNER), UserId::parse)?;
        self.class = understood(query.get(filter::CLASS), Class::of_key)?;
        self.size = place(filter::SIZE, &SIZES.map(|size| size as i64))?;
        self.quarantined = flag(filter::QUARANTINED)?;
        self.protected = flag(filter::PROTECTED)?;
        self.open = flag(filter::OPEN)?;
        let without = query.get(filter::WITHOUT_CLASSES).unwrap_or_default();
        let keys = without.split(',').filter(|key| !key.is_empty());
        self.without = keys.map(Class::of_key).collect::<Option<_>>()?;
        rooms_left_out(query)?;
        Some(())
    }

    /// Since when what it finds has not been used, if it asks for that. What is used from then on is
    /// not meant.
    pub fn unused_since(&self, now: Timestamp) -> Option<Timestamp> {
        let days_ago = |days: i64| now.0.saturating_sub(days * DAY_MS);
        // As old as the bound belongs to the class.
        let of_class = |place: usize| (place > 0).then(|| days_ago(AGES[place]) + 1);
        let (class, days) = match self.age {
            None => (None, None),
            Some(Age::Class(class)) => (of_class(class), None),
            Some(Age::Unused(days)) => (None, Some(days_ago(days))),
            Some(Age::ClassUnused(class, days)) => (of_class(class), Some(days_ago(days))),
        };
        let before = self.before.map(|before| before.0);
        let limits = [class, days, before].into_iter().flatten();
        limits.min().map(Timestamp)
    }

    /// Whether it has a condition by which the server does not delete by itself, so that what it
    /// deletes by last use and size alone is more. `get` tells what the address has.
    pub fn is_narrower(get: impl Fn(&str) -> Option<String>) -> bool {
        let others = [
            filter::OWNER,
            filter::CLASS,
            filter::AGE,
            filter::MONTH,
            filter::ROOM,
            filter::WITHOUT_CLASSES,
            filter::WITHOUT_ROOMS,
            filter::QUARANTINED,
            filter::PROTECTED,
            filter::OPEN,
            "q",
        ];
        // The server knows no files that are too large; every class but the topmost does.
        let is_bounded = |size: String| SIZE_KEYS.last() != Some(&size.as_str());
        get(filter::SIZE).is_some_and(is_bounded) || others.iter().any(|name| get(name).is_some())
    }

    /// Whether last use and size are all that is asked for, so that the server deletes by it itself.
    pub fn is_of_server(query: &ListQuery) -> bool {
        let get = |name: &str| match name {
            "q" => Some(query.search.clone()).filter(|search| !search.is_empty()),
            name => query.get(name).map(str::to_owned),
        };
        let by_server = [filter::UNUSED, filter::BEFORE, filter::LARGER, filter::SIZE];
        by_server.iter().any(|name| get(name).is_some()) && !Question::is_narrower(get)
    }

    /// Narrows it to the files of a room; `None` if what stands there is no room ID.
    pub fn narrow_to(&mut self, files: Option<FilesOfRoom>) {
        self.is_waiting |= files == Some(FilesOfRoom::NotAsked);
        self.only = Some(match files {
            Some(FilesOfRoom::Has(ids)) => ids,
            _ => MediaIds::default(),
        });
    }

    /// Leaves out the files of a room. Of what is not known it finds nothing, rather than what was to stay.
    pub fn leave_out(&mut self, room: RoomId, files: FilesOfRoom) {
        match files {
            FilesOfRoom::Has(ids) => return self.without_ids.push(ids),
            FilesOfRoom::NoSuchRoom => self.unknown_rooms.push(room),
            FilesOfRoom::NotAsked => self.is_waiting = true,
        }
        self.is_unclear = true;
    }

    /// Whether it asks for everything, or everything of somebody.
    pub fn is_open(&self) -> bool {
        let others = Question {
            owner: self.owner.clone(),
            ..Default::default()
        };
        *self == others
    }
}

/// The value of a condition that may not be there; `None` if it is there and means nothing.
fn understood<T>(text: Option<&str>, read: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    match text {
        None => Some(None),
        Some(text) => read(text).map(Some),
    }
}

/// The rooms of which the files are left out; `None` if one of them is no room ID.
pub fn rooms_left_out(query: &ListQuery) -> Option<Vec<RoomId>> {
    let rooms = query.get(filter::WITHOUT_ROOMS).unwrap_or_default();
    rooms.split_whitespace().map(RoomId::parse).collect()
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
    fn what_is_not_understood_is_no_condition_that_was_left_out() {
        for nonsense in [
            "owner=a",
            "kind=x",
            "unused=17",
            "age=x",
            "bytes=5",
            "quarantined=perhaps",
            "without=image,x",
            "without_rooms=%21a:b.org+c",
        ] {
            assert!(of(nonsense).is_unclear, "{nonsense}");
        }
        let question =
            of("without=image,encrypted&without_rooms=%21a:b.org+%21c:b.org&anonymous=true");
        assert!(!question.is_unclear && !question.is_open());
        assert_eq!(question.without, [Class::Image, Class::Encrypted]);
        assert_eq!(question.open, Some(true));
        assert!(!of("").is_unclear);
    }

    #[test]
    fn a_room_that_protects_nothing_is_named_and_nothing_found() {
        let room = |id: &str| RoomId::parse(id).unwrap();
        let mut question = of("");
        question.leave_out(room("!a:b.org"), FilesOfRoom::Has(MediaIds::default()));
        assert!(!question.is_unclear);
        question.leave_out(room("!b:b.org"), FilesOfRoom::NoSuchRoom);
        assert!(question.is_unclear);
        assert_eq!(question.unknown_rooms, [room("!b:b.org")]);
        let mut question = of("");
        question.leave_out(room("!c:b.org"), FilesOfRoom::NotAsked);
        assert!(question.is_unclear && question.unknown_rooms.is_empty());
    }

    #[test]
    fn nothing_is_found_of_a_room_only_once_it_was_asked() {
        let is_waiting = |files: Option<FilesOfRoom>| {
            let mut narrow = of("");
            narrow.narrow_to(files.clone());
            let mut without = of("");
            if let Some(files) = files {
                without.leave_out(RoomId::parse("!a:b.org").unwrap(), files);
            }
            assert_eq!(narrow.only, Some(MediaIds::default()));
            (narrow.is_waiting, without.is_waiting)
        };
        assert_eq!(is_waiting(Some(FilesOfRoom::NotAsked)), (true, true));
        assert_eq!(is_waiting(Some(FilesOfRoom::NoSuchRoom)), (false, false));
        let none = FilesOfRoom::Has(MediaIds::default());
        assert_eq!(is_waiting(Some(none)), (false, false));
        assert_eq!(is_waiting(None), (false, false), "no room ID");
    }

    #[test]
    fn two_conditions_on_the_last_use_are_both_kept() {
        assert_eq!(of("age=30&unused=90").age, Some(Age::ClassUnused(2, 90)));
    }

    #[test]
    fn since_when_what_is_found_has_not_been_used() {
        let now = Timestamp(2_000 * DAY_MS);
        let since = |query| of(query).unused_since(now).map(|since| since.0);
        assert_eq!(since("owner=%40a:b.org&bytes=1048576"), None);
        // What was used this week is no condition on how long ago.
        assert_eq!(since("age=0"), None);
        assert_eq!(since("unused=365"), Some(1_635 * DAY_MS));
        assert_eq!(since("age=365"), Some(1_635 * DAY_MS + 1));
        assert_eq!(since("age=730&unused=90"), Some(1_270 * DAY_MS + 1));
        let mut question = of("unused=365");
        question.before = Some(Timestamp(5));
        assert_eq!(question.unused_since(now), Some(Timestamp(5)));
    }

    #[test]
    fn the_server_deletes_by_last_use_and_what_is_larger_alone() {
        let is_narrower = |query: &str| {
            let has = |name: &str| {
                query
                    .split('&')
                    .find_map(|one| one.strip_prefix(name)?.strip_prefix('='))
            };
            Question::is_narrower(|name| has(name).map(str::to_owned))
        };
        let is_of_server =
            |query: &str| Question::is_of_server(&ListQuery::parse(query, &Defaults::default()));
        for exact in [
            "",
            "unused=365",
            "larger=4%20KiB",
            "before=2016-12-31",
            "sort=size",
        ] {
            assert!(!is_narrower(exact), "{exact}");
            let asks_nothing = exact.is_empty() || exact == "sort=size";
            assert_eq!(is_of_server(exact), !asks_nothing, "{exact}");
        }
        let (topmost, bounded) = SIZE_KEYS.split_last().unwrap();
        assert!(!is_narrower(&format!("bytes={topmost}&unused=30")));
        assert!(is_of_server(&format!("bytes={topmost}")));
        for bound in bounded {
            assert!(is_narrower(&format!("bytes={bound}")), "{bound}");
        }
        for more in [
            "owner=x",
            "kind=image",
            "age=365",
            "uploaded=earlier",
            "q=a",
        ] {
            assert!(is_narrower(more), "{more}");
            // Less than what the server would delete.
            assert!(!is_of_server(&format!("unused=365&{more}")), "{more}");
        }
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
