//! How much files are, by each question an administrator has.

use super::class::{self, AGES, Class, SIZES, UNUSED};
use super::index::{Dimension, Index, Matcher};
use super::question::{Moments, Question};
use crate::api::UserId;
use crate::media::StoredFile;
use std::ops::AddAssign;

/// How many files, and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    pub files: u64,
    pub bytes: u64,
}

impl Sum {
    /// Counts one file more.
    pub fn add(&mut self, bytes: Option<u64>) {
        self.files += 1;
        self.bytes += bytes.unwrap_or(0);
    }

    /// Counts one file less.
    pub(super) fn take(&mut self, bytes: Option<u64>) {
        self.files = self.files.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes.unwrap_or(0));
    }
}

/// How large files are together. Of those of which only the address is known the size is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotalSize {
    Is(u64),
    AtLeast(u64),
    Unknown,
}

impl TotalSize {
    /// That of these files.
    pub fn of(files: &[StoredFile]) -> Self {
        let untold = files.iter().filter(|file| file.untold.is_some()).count();
        let bytes = files.iter().filter_map(|file| file.bytes).sum();
        match untold {
            0 => TotalSize::Is(bytes),
            all if all == files.len() => TotalSize::Unknown,
            _ => TotalSize::AtLeast(bytes),
        }
    }
}

impl AddAssign for Sum {
    fn add_assign(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
    }
}

/// How much the files that a question finds are. Each part leaves out the condition that it is
/// about itself, so that the other values of it can be seen.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// What the question finds.
    pub found: Sum,
    /// By owner, those with most bytes first; as many as were asked for.
    pub owners: Vec<(Option<UserId>, Sum)>,
    /// All owners beyond those, and how many they are.
    pub other_owners: (u64, Sum),
    /// By [`Class`].
    pub classes: [Sum; Class::ALL.len()],
    /// By [`AGES`].
    pub ages: [Sum; AGES.len()],
    /// What deleting what was not used for so many days would free: [`UNUSED`].
    pub unused: [Sum; UNUSED.len()],
    /// By [`SIZES`].
    pub sizes: [Sum; SIZES.len()],
    /// By month: what is earlier, then each of [`Moments::months`].
    pub months: Vec<Sum>,
}

/// A summary under way: of a million files it takes long enough to be noticed, so it can be done in
/// parts.
pub struct Summing {
    summary: Summary,
    by_owner: Vec<Sum>,
    done: usize,
    /// [`Index::forgotten`] as it was when this began.
    forgotten: u64,
}

impl Summing {
    /// Begins to sum up the files that a question finds.
    pub fn begin(index: &Index, question: &Question, moments: &Moments) -> Self {
        let mut by_owner = Vec::new();
        // What has not been read is known by its owner only.
        if question.is_open() {
            by_owner.extend(index.owners().iter().map(|owner| owner.sum));
        }
        Summing {
            summary: Summary {
                months: vec![Sum::default(); moments.months.len() + 1],
                ..Default::default()
            },
            by_owner,
            done: 0,
            forgotten: index.forgotten(),
        }
    }

    /// Goes on with so many files; says whether there are more.
    pub fn go_on(
        &mut self,
        index: &Index,
        question: &Question,
        moments: &Moments,
        files: usize,
    ) -> bool {
        if self.forgotten != index.forgotten() {
            // What was counted of those lists comes again, behind all others.
            *self = Summing::begin(index, question, moments);
        }
        let matcher = Matcher::new(index, question, moments);
        let (summary, by_owner) = (&mut self.summary, &mut self.by_owner);
        by_owner.resize(index.owners().len(), Sum::default());
        let is_open = question.is_open();
        let all = index.entries();
        let until = all.len().min(self.done.saturating_add(files));
        for file in all.get(self.done..until).unwrap_or_default() {
            let Some(misses) = matcher.misses(file) else {
                continue;
            };
            if misses == 0 {
                summary.found.add(file.bytes);
            }
            let counts = |dimension: Dimension| misses & !(dimension as u8) == 0;
            if counts(Dimension::Owner) && !is_open {
                by_owner[file.owner as usize].add(file.bytes);
            }
            if counts(Dimension::Class) {
                summary.classes[file.class as usize].add(file.bytes);
            }
            if counts(Dimension::Age) {
                summary.ages[matcher.age_of(file)].add(file.bytes);
                for (place, days) in UNUSED.into_iter().enumerate() {
                    if matcher.is_unused(file, days) {
                        summary.unused[place].add(file.bytes);
                    }
                }
            }
            if counts(Dimension::Size) {
                summary.sizes[class::size(file.bytes.unwrap_or(0))].add(file.bytes);
            }
            if counts(Dimension::Month) {
                summary.months[moments.month(file.created)].add(file.bytes);
            }
        }
        self.done = until;
        until < all.len()
    }

    /// Ends, with the first `owners` by name.
    pub fn end(self, index: &Index, owners: usize) -> Summary {
        let mut summary = self.summary;
        summary.rank(index, self.by_owner, owners);
        summary
    }
}

/// Which pass over the files is under way. On a large server one takes longer than it takes until more is
/// known: one of the same question ends before the next begins, or none ever would.
#[derive(Default)]
pub struct Passes {
    number: u32,
    under_way: Option<Question>,
    /// Whether something has changed since it began.
    is_due: bool,
}

impl Passes {
    /// This is asked, or more is known than was. The number of the pass to begin with; nothing if one of the
    /// same question is under way, after which comes the next.
    pub fn ask(&mut self, question: &Question) -> Option<u32> {
        self.is_due = self.under_way.as_ref() == Some(question);
        (!self.is_due).then(|| {
            self.number += 1;
            self.under_way = Some(question.clone());
            self.number
        })
    }

    /// Whether nothing else has been asked since this pass began.
    pub fn is_wanted(&self, number: u32) -> bool {
        self.number == number
    }

    /// A pass that is still wanted has ended. Whether the same is to be summed up once more.
    pub fn end(&mut self) -> bool {
        let is_due = std::mem::take(&mut self.is_due);
        if !is_due {
            self.under_way = None;
        }
        is_due
    }
}

impl Summary {
    /// Sums up at once, with the first `owners` of them by name.
    pub fn of(index: &Index, question: &Question, moments: &Moments, owners: usize) -> Self {
        let mut summing = Summing::begin(index, question, moments);
        summing.go_on(index, question, moments, usize::MAX);
        summing.end(index, owners)
    }

    fn rank(&mut self, index: &Index, by_owner: Vec<Sum>, owners: usize) {
        let mut ranked: Vec<(usize, Sum)> = by_owner
            .into_iter()
            .enumerate()
            .filter(|(_, sum)| sum.files > 0)
            .collect();
        ranked.sort_by_key(|(place, sum)| (std::cmp::Reverse(sum.bytes), *place));
        for (_, sum) in ranked.iter().skip(owners) {
            self.other_owners.0 += 1;
            self.other_owners.1 += *sum;
        }
        self.owners = ranked
            .into_iter()
            .take(owners)
            .map(|(place, sum)| (index.owners()[place].user.clone(), sum))
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::super::question::{Age, DAY_MS};
    use super::*;
    use crate::api::media::MediaFile;
    use crate::api::statistics::MediaUser;
    use crate::api::tolerant::Timestamp;
    use crate::api::{MxcUri, ServerName};
    use crate::known::Why;
    use crate::listing::{Defaults, ListQuery};
    use crate::media::{FileChange, GoneFile};
    use proptest::prelude::*;

    const NOW: i64 = 1_790_000_000_000;
    #[test]
    fn a_size_that_is_not_known_is_not_nothing() {
        let uri = || MxcUri::parse("mxc://b.org/id").unwrap();
        let untold = || StoredFile::unknown(uri(), true, Why::TooOld);
        let told = |bytes| StoredFile {
            untold: None,
            bytes,
            ..untold()
        };
        assert_eq!(
            TotalSize::of(&[told(Some(3)), told(Some(4))]),
            TotalSize::Is(7)
        );
        // An upload that has not come takes no room.
        assert_eq!(
            TotalSize::of(&[told(Some(3)), told(None)]),
            TotalSize::Is(3)
        );
        assert_eq!(
            TotalSize::of(&[told(Some(3)), untold()]),
            TotalSize::AtLeast(3)
        );
        assert_eq!(TotalSize::of(&[untold(), untold()]), TotalSize::Unknown);
    }

    const KINDS: [&str; 5] = [
        "image/png",
        "video/mp4",
        "text/plain",
        "application/octet-stream",
        "application/zip",
    ];

    fn moments() -> Moments {
        Moments {
            now: Timestamp(NOW),
            months: (0..12)
                .map(|month| {
                    let start = Timestamp(NOW - (12 - month) * 30 * DAY_MS);
                    (format!("month {month}"), start)
                })
                .collect(),
        }
    }

    fn user(number: usize) -> UserId {
        UserId::parse(&format!("@u{number}:b.org")).unwrap()
    }

    prop_compose! {
        fn file()(
            id in 0_u64..u64::MAX,
            kind in 0..KINDS.len(),
            bytes in prop_oneof![
                Just(None), Just(Some(0)), (1_u64..300_000_000).prop_map(Some),
                Just(Some(1024 * 1024)), Just(Some(1024 * 1024 - 1)),
            ],
            age in 0..1500 * DAY_MS,
            used in proptest::option::of(0.0..1.0_f64),
            quarantined: bool,
            protected: bool,
        ) -> MediaFile {
            MediaFile {
                media_id: format!("m{id}"),
                media_type: Some(KINDS[kind].to_owned()),
                media_length: bytes,
                upload_name: (id % 3 == 0).then(|| format!("name {}", id % 7)),
                created_ts: Timestamp(NOW - age),
                last_access_ts: used.map(|part| Timestamp(NOW - (age as f64 * part) as i64)),
                quarantined_by: (quarantined && protected).then(|| user(0)),
                safe_from_quarantine: protected,
                url_cache: None,
                authenticated: (id % 4 > 0).then_some(id % 4 == 1),
                sha256: None,
            }
        }
    }

    fn index(lists: &[Vec<MediaFile>]) -> Index {
        let mut index = Index::new(ServerName::parse("b.org").unwrap());
        index.know(
            (0..lists.len())
                .map(|number| MediaUser {
                    user_id: Some(user(number)),
                    displayname: None,
                    media_count: 99,
                    media_length: Some(99),
                })
                .collect(),
        );
        for (number, list) in lists.iter().enumerate() {
            index.add(&user(number), list.clone());
        }
        index
    }

    fn question() -> impl Strategy<Value = Question> {
        let age = prop_oneof![
            (0..AGES.len()).prop_map(Age::Class),
            prop::sample::select(UNUSED.to_vec()).prop_map(Age::Unused),
            (0..AGES.len(), prop::sample::select(UNUSED.to_vec()))
                .prop_map(|(class, days)| Age::ClassUnused(class, days)),
        ];
        let without = prop::sample::subsequence(Class::ALL.to_vec(), 0..3);
        (
            proptest::option::of(0..3_usize),
            proptest::option::of(prop::sample::select(Class::ALL.to_vec())),
            proptest::option::of(age),
            proptest::option::of(0..SIZES.len()),
            proptest::option::of(0..12_usize),
            prop_oneof![Just(""), Just("name 3"), Just("!name 3"), Just("@u1")],
            proptest::option::of(any::<bool>()),
            proptest::option::of(any::<bool>()),
            without,
        )
            .prop_map(
                |(owner, class, age, size, month, search, protected, open, without)| Question {
                    search: search.to_owned(),
                    owner: owner.map(user),
                    class,
                    age,
                    size,
                    month: month.map(|month| format!("month {month}")),
                    protected,
                    open,
                    without,
                    ..Default::default()
                },
            )
    }

    #[test]
    fn a_pass_of_the_same_question_ends_before_the_next_begins() {
        let (mut passes, all) = (Passes::default(), Question::default());
        let other = Question {
            search: "cat".to_owned(),
            ..Default::default()
        };
        assert_eq!(passes.ask(&all), Some(1));
        // More has been read, twice.
        assert_eq!((passes.ask(&all), passes.ask(&all)), (None, None));
        assert!(passes.is_wanted(1));
        assert!(passes.end(), "once more, with what came meanwhile");
        assert!(!passes.end());
        assert_eq!(passes.ask(&all), Some(2));
        // Another question does not wait.
        assert_eq!(passes.ask(&other), Some(3));
        assert!(!passes.is_wanted(2));
        assert!(!passes.end(), "of that nothing has changed");
    }

    #[test]
    fn a_list_that_comes_again_in_the_midst_of_a_pass_counts_once() {
        let file = |id: &str| MediaFile {
            media_id: id.to_owned(),
            media_type: None,
            media_length: Some(1),
            upload_name: None,
            created_ts: Timestamp(NOW),
            last_access_ts: None,
            quarantined_by: None,
            safe_from_quarantine: false,
            url_cache: None,
            authenticated: None,
            sha256: None,
        };
        let first = vec![file("a"), file("b")];
        let mut index = index(&[first.clone(), vec![file("c")]]);
        let (question, moments) = (Question::default(), moments());
        let mut summing = Summing::begin(&index, &question, &moments);
        assert!(summing.go_on(&index, &question, &moments, 2));
        index.add(&user(0), first);
        summing.go_on(&index, &question, &moments, usize::MAX);
        assert_eq!(summing.end(&index, 1).found, Sum { files: 3, bytes: 3 });
    }

    #[test]
    fn what_is_left_out_is_in_no_sum() {
        let file = |id: &str, kind: &str| MediaFile {
            media_id: id.to_owned(),
            media_type: Some(kind.to_owned()),
            media_length: Some(10),
            upload_name: None,
            created_ts: Timestamp(NOW - DAY_MS),
            last_access_ts: None,
            quarantined_by: None,
            safe_from_quarantine: false,
            url_cache: None,
            authenticated: Some(id == "b"),
            sha256: None,
        };
        let files = vec![
            file("a", "image/png"),
            file("b", "video/mp4"),
            file("c", "video/mp4"),
        ];
        let index = index(&[files]);
        let found = |question: Question| -> Vec<String> {
            let found = index.matching(&question, &moments());
            let summary = Summary::of(&index, &question, &moments(), 1);
            assert_eq!(summary.found, sum(&found));
            found.into_iter().map(|file| file.uri.media_id).collect()
        };
        let all = Question::default;
        let without = vec![Class::Image];
        assert_eq!(found(Question { without, ..all() }), ["b", "c"]);
        let without_ids = vec![std::rc::Rc::new(["c".to_owned()].into())];
        let without = vec![Class::Image];
        let both = Question {
            without,
            without_ids,
            ..all()
        };
        assert_eq!(found(both), ["b"]);
        // A file of two rooms counts in both; what is not there any more in none.
        let groups =
            [["a", "c"], ["c", "gone"]].map(|ids| std::rc::Rc::new(ids.map(str::to_owned).into()));
        let of = |files| Sum {
            files,
            bytes: 10 * files,
        };
        assert_eq!(index.sums_by(&groups), [of(2), of(1)]);
        let open = Some(true);
        assert_eq!(found(Question { open, ..all() }), ["a", "c"]);
        let is_unclear = true;
        assert!(
            found(Question {
                is_unclear,
                ..all()
            })
            .is_empty()
        );
    }

    fn sum<'a>(files: impl IntoIterator<Item = &'a crate::media::StoredFile>) -> Sum {
        let mut sum = Sum::default();
        for file in files {
            sum.add(file.bytes);
        }
        sum
    }

    proptest! {
        /// Whatever bar is clicked: the list below has as much as the bar said.
        #[test]
        fn bars_are_what_the_list_then_shows(
            lists in proptest::collection::vec(proptest::collection::vec(file(), 0..30), 1..4),
            question in question(),
        ) {
            let (index, moments) = (index(&lists), moments());
            let summary = Summary::of(&index, &question, &moments, 2);
            let with = |change: &dyn Fn(&mut Question)| {
                let mut changed = question.clone();
                change(&mut changed);
                sum(&index.matching(&changed, &moments))
            };
            prop_assert_eq!(summary.found, with(&|_| ()));
            let mut summing = Summing::begin(&index, &question, &moments);
            while summing.go_on(&index, &question, &moments, 7) {}
            prop_assert_eq!(&summing.end(&index, 2), &summary);
            for (place, class) in Class::ALL.into_iter().enumerate() {
                prop_assert_eq!(summary.classes[place], with(&|q| q.class = Some(class)));
            }
            for place in 0..AGES.len() {
                prop_assert_eq!(summary.ages[place], with(&|q| q.age = Some(Age::Class(place))));
            }
            for (place, days) in UNUSED.into_iter().enumerate() {
                prop_assert_eq!(summary.unused[place], with(&|q| q.age = Some(Age::Unused(days))));
            }
            for place in 0..SIZES.len() {
                prop_assert_eq!(summary.sizes[place], with(&|q| q.size = Some(place)));
            }
            for (place, (name, _)) in moments.months.iter().enumerate() {
                let month = with(&|q| q.month = Some(name.clone()));
                prop_assert_eq!(summary.months[place + 1], month);
            }
            let mut all_owners = summary.other_owners.1;
            for (owner, bar) in &summary.owners {
                prop_assert_eq!(*bar, with(&|q| q.owner = owner.clone()));
                all_owners += *bar;
            }
            prop_assert_eq!(all_owners, with(&|q| q.owner = None));
        }

        #[test]
        fn pages_are_the_whole_in_order(
            lists in proptest::collection::vec(proptest::collection::vec(file(), 0..40), 1..4),
            question in question(),
            sort in prop::sample::select(vec!["media_length", "upload_name", "last_access_ts", "owner"]),
            descending: bool,
        ) {
            let (index, moments) = (index(&lists), moments());
            let mut query = ListQuery::new(&Defaults::default());
            query.sort = sort.to_owned();
            query.descending = descending;
            query.size = u64::MAX;
            let (whole, found) = index.page(&question, &moments, &query);
            prop_assert_eq!(found, sum(&whole));
            prop_assert_eq!(found, sum(&index.matching(&question, &moments)));
            query.size = 10;
            let mut pages = Vec::new();
            for page in 1..=query.pages(found.files) {
                query.page = page;
                pages.extend(index.page(&question, &moments, &query).0);
            }
            prop_assert_eq!(pages, whole);
        }

        #[test]
        fn what_is_gone_is_in_no_sum(
            lists in proptest::collection::vec(proptest::collection::vec(file(), 0..20), 1..4),
            every in 1_usize..4,
        ) {
            let (mut index, moments) = (index(&lists), moments());
            let all = index.matching(&Question::default(), &moments);
            let gone: Vec<_> = all.iter().step_by(every).map(|file| file.uri.media_id.clone()).collect();
            index.change(gone.iter().cloned().map(|id| FileChange::Gone(GoneFile::id(id))).collect());
            let left = index.matching(&Question::default(), &moments);
            prop_assert!(left.iter().all(|file| !gone.contains(&file.uri.media_id)));
            prop_assert_eq!(index.total(), sum(&left));
            prop_assert_eq!(index.read(), sum(&left));
        }
    }

    #[test]
    fn what_is_not_read_is_known_by_its_owner() {
        let told = |user_id: Option<UserId>, bytes| MediaUser {
            user_id,
            displayname: None,
            media_count: 2,
            media_length: Some(bytes),
        };
        let mut index = Index::new(ServerName::parse("b.org").unwrap());
        index.know(vec![told(Some(user(1)), 10), told(Some(user(2)), 30)]);
        index.know(vec![told(None, 5), told(Some(user(2)), 20)]);
        assert_eq!(
            index.total(),
            Sum {
                files: 6,
                bytes: 35
            }
        );
        assert_eq!(index.read(), Sum::default());
        assert_eq!(index.unread(), [user(2), user(1)]);
        let summary = Summary::of(&index, &Question::default(), &moments(), 1);
        assert_eq!(summary.owners[0].0, Some(user(2)));
        assert_eq!(
            summary.other_owners,
            (
                2,
                Sum {
                    files: 4,
                    bytes: 15
                }
            )
        );

        index.add(&user(2), Vec::new());
        // What the statistics say later is older than the list.
        index.know(vec![told(Some(user(2)), 20)]);
        assert_eq!(
            index.total(),
            Sum {
                files: 4,
                bytes: 15
            }
        );
        assert_eq!(index.unread(), [user(1)]);
    }
}
